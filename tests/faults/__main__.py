"""``make test-faults``: ten thousand power losses, a fault of each kind at every call, and every page tampered with."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from tests.faults.rig import settings, sharing, start, tampering, working
from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import HOW, SEED
from tests.faults.rig.sweeps import Tally

LOSSES = 10_000
LOST = "power losses"
KILLS = 1_000
KILLED = "killed"
KILLED_IN = ("rotation", "restore", "restore in place")
"""What is killed at moments that chance draws, beside the kill at every call: what puts a store in another's place."""
PIECE = 250
"""Faults tried by one piece of work, which is one run of a scenario; pieces are what the processes share out."""


def main() -> int:
    """Run everything and print counts, seed and failures; the exit code is 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="make test-faults ARGS=...", description=__doc__)
    parser.add_argument("--losses", type=int, default=LOSSES, help="power losses, over all scenarios (default: 10,000)")
    parser.add_argument("--kills", type=int, default=KILLS, help="kills at any moment of " + ", ".join(KILLED_IN))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="let only every N-th call fail")
    parser.add_argument(
        "--thinned",
        action="store_true",
        help="of the same calls on one file from one place in the program, the first and last two and every sixteenth",
    )
    parser.add_argument("--only", choices=sorted(SCENARIOS), action="append", help="this scenario (may be repeated)")
    parser.add_argument("--how", choices=[*sorted(HOW), "none"], action="append", help="this fault (may be repeated)")
    parser.add_argument(
        "--every-retry", action="store_true", help="try again after every fault, not once for each way things were left"
    )
    parser.add_argument("--tampering", action="store_true", help="nothing but the tampering, which --only leaves out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=Path("faults-kept"), help="where what failed is kept")
    args = parser.parse_args()
    names = [] if args.tampering else args.only or list(SCENARIOS)
    scratch = working.scratch()
    began = time.monotonic()
    _say(f"Seed {args.seed}; {len(names)} scenarios; what fails is kept in {args.kept}/")
    failures: list[str] = []
    sums = {what: Tally() for what in (LOST, KILLED, *HOW)}
    all_points: Counter[str] = Counter()
    try:
        with settings.settled():
            start.make(scratch / "starts")
            if not args.only:
                failures += _tamperings(scratch, args.seed)
        with ProcessPoolExecutor(
            args.jobs,
            # Not forked: DuckDB's threads, which linking the starts began, do not come along.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=sharing.begin,
            initargs=(scratch / "starts", scratch, args.kept.resolve(), args.every_retry),
        ) as pool:
            for name, what, there_are, tally in _work(pool, args, names):
                all_points[what] += there_are
                sums[what] += tally
                failures += tally.failures
                _say(_told(name, what, there_are, tally))
                for failure in tally.failures[:5]:
                    _say(f"  FAILED {failure}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for what, tally in sums.items():
        _say(_told("all", what, all_points[what], tally))
    faults = sum(all_points[how] for how in HOW), sum(sums[how].tried for how in HOW)
    _say(
        f"{sums[LOST].tried:,} power losses; {sums[KILLED].killed:,} kills at any moment; "
        f"{faults[1]:,} of {faults[0]:,} points; {len(failures)} failures; "
        f"seed {args.seed}; {time.monotonic() - began:.0f} s"
    )
    return int(bool(failures))


def _tamperings(scratch: Path, seed: int) -> list[str]:
    """Tamper with every page and frame; print by what each kind was found, and return what was not."""
    (scratch / "tampering").mkdir()
    begun = time.monotonic()
    stores = tampering.make(scratch / "starts", scratch / "tampering")
    kinds: dict[str, Counter[str]] = {}
    failures = []
    for done in tampering.tried(stores, tampering.all_of(stores, random.Random(seed)), scratch / "tampering"):
        kinds.setdefault(done.tampering.kind, Counter())[done.found_by or done.changed or "meant nothing"] += 1
        if not done.right:
            failures.append(str(done))
            _say(f"  FAILED {done}")
    for kind, found in kinds.items():
        _say(f"{kind:<44}{found.total():>5}: " + "; ".join(f"{count} {what}" for what, count in found.most_common()))
    tried, meant = (
        sum(of) for of in zip(*((each.total(), each["meant nothing"]) for each in kinds.values()), strict=True)
    )
    _say(
        f"{tried:,} changes to the files: {tried - meant - len(failures):,} found, {meant:,} meant nothing, "
        f"{len(failures)} not found; {time.monotonic() - begun:.0f} s"
    )
    return failures


def _told(name: str, what: str, there_are: int, tally: Tally) -> str:
    """Return a line about one kind of fault: how many there are, how many were tried, and how."""
    told = f"{name:<22}{what:<13}{tally.tried:>6,}" + (f" of {there_are:>6,}" if what in HOW else " " * 10)
    if what == KILLED:
        told += f"  ({tally.killed:,} before the end)"
    if tally.replayed:
        told += f"  ({tally.tried - tally.replayed:,} by a kill, {tally.replayed:,} by replay)"
    if tally.alone:
        told += f"  ({tally.alone:,} from the start)"
    told += f"  refused {tally.refused:,}  retried {tally.retried:,}"
    return f"{told}  failures {len(tally.failures)}  {tally.seconds:.0f} s"


def _work(
    pool: ProcessPoolExecutor, args: argparse.Namespace, names: Sequence[str]
) -> Iterator[tuple[str, str, int, Tally]]:
    """Yield for each scenario and kind of fault how many points there are, and what became of those that were tried."""
    share = -(-args.losses // max(len(names), 1))
    for name in names:
        half = -(-share // args.jobs)
        waiting: dict[str, list[Future[Tally]]] = {}
        if share:
            waiting[LOST] = [pool.submit(sharing.losses, name, half, args.seed + job) for job in range(args.jobs)]
        if args.kills and name in KILLED_IN:
            count = -(-args.kills // (args.jobs * len(KILLED_IN)))
            waiting[KILLED] = [pool.submit(sharing.kills, name, count, args.seed + job) for job in range(args.jobs)]
        points = pool.submit(sharing.points, name, args.thinned).result()
        hows = [] if args.how == ["none"] else args.how or list(HOW)
        wanted = sorted((call, how) for how in hows for call in points[how][1][:: args.every])
        pieces = [wanted[first : first + PIECE] for first in range(0, len(wanted), PIECE)]
        faults = [pool.submit(sharing.faults, name, piece) for piece in pieces]
        for what, futures in waiting.items():
            tally = Tally()
            for future in futures:
                tally += future.result()
            yield name, what, 0, tally
        found = {how: Tally() for how in hows}
        for each in faults:
            for how, tally in each.result().items():
                found[how] += tally
        for how, tally in found.items():
            yield name, how, points[how][0], tally


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
