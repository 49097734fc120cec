"""How was the shipped linkage model made? Trains it anew, on invented towns by the demonstration's own path.

The same seeds, size and day give the same towns; a new version needs new ALGO-CARE answers before it links anything
(docs/linkage.md).

usage: python -m benchmarks.train_linkage VERSION FOLDER [--people N] [--seeds 1 2 3]
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from kingshurst_tui.clock import FixedClock, plain_date
from kingshurst_tui.demo.build import build
from kingshurst_tui.demo.labelled import labelled
from kingshurst_tui.linkage import prepare, training

DAY = datetime(2026, 5, 4, 11, tzinfo=UTC)
"""The last day of the towns."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("version")
    parser.add_argument("folder", type=Path, help="where VERSION.json goes")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    towns = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            found = labelled(build(Path(folder) / "demo", people=options.people, seed=seed, clock=FixedClock(DAY)))
        rows = [record for record in found.records if record.record_id in found.truth]
        person = {name: number for number, name in enumerate(sorted(set(found.truth.values())))}
        table = prepare.as_table(record[:12] for record in rows)
        towns.append((table, [person[found.truth[record.record_id]] for record in rows]))
        print(f"seed {seed}: {len(rows):,} records of {len({*found.truth.values()}):,} people")
    seeds = ", ".join(map(str, options.seeds))
    which = f"seeds {seeds}; {plain_date(DAY.date())}"
    document = training.train(
        towns,
        version=options.version,
        trained_on=f"{len(towns)} invented towns of {options.people:,} people ({which})",
        trained_at=datetime.now(UTC).date().isoformat(),
    )
    print(training.write(document, options.folder))


if __name__ == "__main__":
    main()
