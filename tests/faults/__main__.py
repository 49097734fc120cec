"""``make test-faults``: at least ten thousand power losses, and a fault of each kind at every call that can have it."""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.faults.rig import settings, sharing, start, working
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
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=Path("faults-kept"), help="where what failed is kept")
    args = parser.parse_args()
    names = args.only or list(SCENARIOS)
    scratch = working.scratch()
    began = time.monotonic()
    _say(f"Seed {args.seed}; {len(names)} scenarios; what fails is kept in {args.kept}/")
    failures: list[str] = []
    sums = dict.fromkeys(("power losses", *HOW), 0)
    try:
        with settings.settled():
            start.make(scratch / "starts")
        with ProcessPoolExecutor(
            args.jobs,
            # Not forked: DuckDB's threads, which linking the starts began, do not come along.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=sharing.begin,
            initargs=(scratch / "starts", scratch, args.kept.resolve()),
        ) as pool:
            for name, tallies in _work(pool, args, names):
                _say(f"{name:<22}" + "  ".join(f"{what} {tally.tried}" for what, tally in tallies.items()))
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


def _work(
    pool: ProcessPoolExecutor, args: argparse.Namespace, names: Sequence[str]
) -> Iterator[tuple[str, dict[str, Tally]]]:
    share = -(-args.losses // len(names))
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
