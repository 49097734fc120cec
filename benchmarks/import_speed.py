"""How long does an import take beside a bare loader of the same rows, and how much memory does it hold?

Whole commands, one after the other, from a cold interpreter to its end, by the wall clock and by the processor
time they took (which other work on the machine disturbs less). Asked: at most 2 times the bare loader, row by row,
into plain sqlite3; pandas with executemany is reported.

usage: python -m benchmarks.import_speed [--rows N] [--runs N]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.extracts import AGREEMENT, police_extract
from benchmarks.measure import Times, ratio
from benchmarks.stores import KEPT, PROGRAM, Ran, Town, run, town


def import_once(base: Town, extract: Path, rows: int) -> Ran:
    """Import into a fresh copy of the store."""
    fresh = base.copied_to(KEPT / "import-here")
    command = [PROGRAM, "import", str(fresh.store), str(extract), "--agreement", AGREEMENT, "--json"]
    done = run([*command, *fresh.signed_in("coordinator")])
    answer = json.loads(done.output)
    assert answer["ok"], answer
    assert str(rows) in json.dumps(answer), f"{rows} rows were not accepted: {done.output[:600]}"
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    base = town(200)
    extract = police_extract(KEPT / f"extract-{options.rows}.csv", options.rows)
    (terms,) = [
        path for path in (base.folder / "partners" / "agreements").glob("*.toml") if AGREEMENT in path.read_text()
    ]
    bare = [sys.executable, "-m", "benchmarks.bare_loader"]
    taken: dict[str, list[Ran]] = {"kingshurst import": [], "bare loader": [], "pandas and executemany": []}
    for _ in range(options.runs):
        taken["kingshurst import"].append(import_once(base, extract, options.rows))
        for name, how in (("bare loader", "rows"), ("pandas and executemany", "pandas")):
            loaded = run([*bare, how, str(extract), str(terms), str(KEPT / "bare.sqlite")])
            assert int(loaded.output) == options.rows, loaded.output
            taken[name].append(loaded)
    print(f"{options.rows:,} contacts of a police extract (CSV)")
    for clock in ("seconds", "work_seconds"):
        ours, rows, pandas = (
            Times(
                name + (" (processor time)" if clock == "work_seconds" else ""), tuple(getattr(r, clock) for r in runs)
            )
            for name, runs in taken.items()
        )
        ratio(ours, rows, at_most=2.0)
        ratio(ours, pandas)
    peak = max(done.peak_mib for done in taken["kingshurst import"])
    print(f"most memory held by kingshurst import: {peak:.0f} MiB; asked at most 1,536 MiB for 5,000,000 rows")


if __name__ == "__main__":
    main()
