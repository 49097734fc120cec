"""How long does each act hold the turn at writing, on a store of some hundred thousand contacts?

Everybody else waits that long at worst. Each act is done once on a copy of the store, by one session, and every hold of
the turnstile is timed from the lock to its release, the commit and what the log writes back included.

usage: python -m benchmarks.turns [--people N] [--rows N] [--only WORD ...]
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.extracts import AGREEMENT
from benchmarks.flags import large_town
from benchmarks.measure import spell
from benchmarks.stores import KEPT, Town
from db.turnstile import Turnstile

SHORT = 0.02
"""Seconds that nobody should hold the turn longer than: what an interactive write may wait at the 99th percentile."""

Holds = dict[str, list[float]]


def watch(holds: Holds) -> None:
    """Time every hold from here on, by the function that took it."""
    plain = Turnstile.hold

    @contextmanager
    def timed(self: Turnstile, **given: Any) -> Iterator[Any]:
        whose = _whose()
        with plain(self, **given) as held:
            begun = time.perf_counter()
            try:
                yield held
            finally:
                holds[whose].append(time.perf_counter() - begun)

    Turnstile.hold = timed  # type: ignore[method-assign]


def _whose() -> str:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("kingshurst_tui.") and not name.endswith((".session", ".vaults")):
            return f"{name.removeprefix('kingshurst_tui.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "session"


def acts(town: Town, extract: Path) -> dict[str, Callable[[], Any]]:
    """Return what is measured, by name, in the order in which it is done."""
    from kingshurst_tui import vaults
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import flagging, rulebook
    from kingshurst_tui.intake import imports, recall
    from kingshurst_tui.linkage import run as linkage
    from kingshurst_tui.oversight import erasure
    from kingshurst_tui.vocabulary import ReasonCode

    sessions: dict[str, Any] = {}

    def by(user: str) -> Any:
        if user not in sessions:
            sessions[user] = vaults.open_session(town.store, user, town.passphrase(user))
        return sessions[user]

    reason = Reason(ReasonCode.INTAKE)
    small, again = extract.with_name("turns-small.csv"), extract.with_name("turns-again.csv")
    _head(extract, small, 2_000)
    _head(extract, again, 1_000_000)
    kept: dict[str, int] = {}

    def bring(path: Path) -> None:
        kept["batch"] = imports.import_file(by("coordinator"), path, AGREEMENT, reason=reason).batch or 0

    def edit() -> None:
        import json

        document = json.loads(rulebook.show(by("governance"), "repeat-contact").document)
        rulebook.edit(by("governance"), {**document, "tell": f"{document['tell']} Look again."})

    def wipe() -> None:
        number = erasure.ask(by("governance"), "data-set", AGREEMENT, Reason(ReasonCode.RIGHTS))
        erasure.confirm(by("supervisor"), number, Reason(ReasonCode.RIGHTS), also=())

    return {
        "import of 2,000 rows of people who are linked": lambda: bring(small),
        "import of the whole extract again, restated": lambda: bring(again),
        "linking": lambda: linkage.run(by("coordinator"), reason),
        "flags of everybody": lambda: flagging.run_rules(by("coordinator")),
        "a rule edited": edit,
        "a rule approved": lambda: rulebook.approve(by("supervisor")),
        "recall of what was restated": lambda: recall.recall(by("coordinator"), kept["batch"], reason=reason),
        "erasure of the data set": wipe,
    }


def _head(extract: Path, to: Path, rows: int) -> None:
    """Write the first rows of an extract with something else to say, so that the rows replace what stands."""
    with extract.open(encoding="utf-8-sig", newline="") as file, to.open("w", encoding="utf-8", newline="") as out:
        reader = csv.DictReader(file)
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        for number, row in enumerate(reader):
            if number >= rows:
                break
            writer.writerow({**row, "Outcome": f"Reviewed, {rows:,}"})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--town", type=Path, help="a town made before")
    parser.add_argument("--extract", type=Path, help="the extract that was brought into it")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD")
    options = parser.parse_args()
    base = Town(options.town) if options.town else large_town(options.people, options.rows)
    extract = options.extract or KEPT / f"extract-{options.rows}.csv"
    work = (options.town.parent if options.town else KEPT) / "turns-here"
    town = base.copied_to(work)
    copied = Path(shutil.copy(extract, work / "extract.csv"))
    holds: Holds = defaultdict(list)
    watch(holds)
    for name, act in acts(town, copied).items():
        if options.only and not any(word in name for word in options.only):
            continue
        holds.clear()
        begun = time.perf_counter()
        act()
        took = time.perf_counter() - begun
        every = sorted(seconds for each in holds.values() for seconds in each)
        over = sum(seconds > SHORT for seconds in every)
        print(
            f"{name}: {spell(took)}, {len(every):,} holds, {over} over {spell(SHORT)}, "
            f"median {spell(every[len(every) // 2])}, 99 % {spell(every[int(len(every) * 0.99)])}, "
            f"longest {spell(every[-1])}",
            flush=True,
        )
        for whose, each in sorted(holds.items(), key=lambda pair: -max(pair[1]))[:4]:
            if max(each) > SHORT:
                print(f"    {whose}: {len(each):,} holds, longest {spell(max(each))}", flush=True)


if __name__ == "__main__":
    main()
