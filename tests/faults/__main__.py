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
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.faults.rig import settings, sharing, start, tampering, working
from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import HOW, SEED
from tests.faults.rig.sweeps import Tally

LOSSES = 10_000
PIECE = 60
"""Faults tried by one piece of work; pieces are what the processes share out."""


def main() -> int:
    """Run everything and print counts, seed and failures; the exit code is 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="make test-faults ARGS=...", description=__doc__)
    parser.add_argument("--losses", type=int, default=LOSSES, help="power losses, over all scenarios (default: 10,000)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="let only every N-th call fail")
    parser.add_argument("--only", choices=sorted(SCENARIOS), action="append", help="this scenario (may be repeated)")
    parser.add_argument("--how", choices=sorted(HOW), action="append", help="this fault (may be repeated)")
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
    sums = dict.fromkeys(("power losses", *HOW), 0)
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
            for name, tallies in _work(pool, args, names):
                retried = sum(tally.retried for tally in tallies.values())
                seconds = sum(tally.seconds for tally in tallies.values())
                wrong = sum(len(each.failures) for each in tallies.values())
                tried = "  ".join(f"{what} {tally.tried}" for what, tally in tallies.items())
                _say(f"{name:<22}{tried}  retried {retried}  failures {wrong}  {seconds:.0f} s")
                for what, tally in tallies.items():
                    sums[what] += tally.tried
                    failures += tally.failures
                    for failure in tally.failures[:5]:
                        _say(f"  FAILED {failure}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    told = ", ".join(f"{count:,} {what}" for what, count in sums.items())
    _say(f"{told}; {len(failures)} failures; seed {args.seed}; {time.monotonic() - began:.0f} s")
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


def _work(
    pool: ProcessPoolExecutor, args: argparse.Namespace, names: Sequence[str]
) -> Iterator[tuple[str, dict[str, Tally]]]:
    share = -(-args.losses // max(len(names), 1))
    hows = args.how or list(HOW)
    for name in names:
        half = -(-share // args.jobs)
        waiting = [
            ("power losses", pool.submit(sharing.losses, name, half, args.seed + job))
            for job in range(args.jobs)
            if share
        ]
        points = pool.submit(sharing.points, name).result()
        for how in hows:
            calls = points[how][:: args.every]
            for first in range(0, len(calls), PIECE):
                waiting.append((how, pool.submit(sharing.faults, name, how, calls[first : first + PIECE])))
        tallies: dict[str, Tally] = {}
        for what, future in waiting:
            tally = tallies.setdefault(what, Tally())
            tally += future.result()
        yield name, tallies


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
