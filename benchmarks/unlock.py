"""What does one guess at a passphrase cost, and how soon after starting does the first screen stand?

A guess is Argon2id at the cost of every slot; opening a slot adds the seals and the header's MAC. The first screen is
home, from starting the process in a terminal of 80x24, with the passphrase from a file and typed; the first paint up to
the question for it is first_paint.py. Asked: at most 1 s, Argon2id within it.

usage: python -m benchmarks.unlock [--runs N] [--people N]
"""

from __future__ import annotations

import argparse
import os
import resource
import time

from benchmarks.measure import Times, bound, spell, timed
from benchmarks.stores import PROGRAM, Town, town
from benchmarks.terminal import seconds_to

SALT = bytes(16)


def guesses(place: Town, runs: int) -> None:
    from db.keys import FLOOR, stretch
    from db.vault import open_slot, read_header

    header, words = read_header(place.store), place.passphrase("coordinator")
    stretch("unmeasured", SALT, FLOOR)
    start = time.process_time()
    guess = [timed(lambda: stretch("lantern wet ferry hill", SALT, FLOOR)) for _ in range(runs)]
    worked = (time.process_time() - start) / runs
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = f"{FLOOR.time} passes over {FLOOR.memory_kib // 1024} MiB, {FLOOR.parallelism} lanes"
    print(f"{Times(f'one guess ({cost}; {os.cpu_count()} cores)', tuple(guess))}")
    print(f"one guess: {spell(worked)} of work; the process at its largest {largest:.0f} MiB")
    opened = [timed(lambda: open_slot(header, "coordinator", words)) for _ in range(runs)]
    print(Times("opening a slot: a guess, two seals, the MAC", tuple(opened)))


def first_screen(place: Town, runs: int) -> None:
    with_file = [PROGRAM, "open", str(place.store), *place.signed_in("coordinator")]
    asking = [PROGRAM, "open", str(place.store), "--user", "coordinator"]
    typed = [("Passphrase", place.passphrase("coordinator").encode() + b"\r")]
    seconds_to("Home", with_file)  # once unmeasured: the first start compiles and fills the page cache
    taken = [seconds_to("Home", with_file) for _ in range(runs)]
    bound(Times("from starting to home, passphrase from a file", tuple(taken)), 1.0)
    taken = [seconds_to("Home", asking, first=typed) for _ in range(runs)]
    bound(Times("from starting to home, passphrase typed as soon as it is asked for", tuple(taken)), 1.0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--people", type=int, default=2_000)
    options = parser.parse_args()
    place = town(options.people)
    guesses(place, options.runs)
    first_screen(place, options.runs)


if __name__ == "__main__":
    main()
