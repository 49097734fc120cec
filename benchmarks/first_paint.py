"""How soon does the program stand on the screen, beside Harlequin?

Both from starting the process in a terminal of 80x24 to the first words of their own screen; then from
starting to a list of people that can be used, on a store of 100,000 profiles. Asked: first paint at most
half of Harlequin's.

usage: python -m benchmarks.first_paint [--runs N] [--people N]
"""

from __future__ import annotations

import argparse

from benchmarks.measure import Times, in_turn, ratio
from benchmarks.stores import KEPT, PROGRAM, town
from benchmarks.terminal import seconds_to

HARLEQUIN = str(KEPT / "venv" / "bin" / "harlequin")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--people", type=int, default=142_000, help="of whom agencies know about 100,000")
    options = parser.parse_args()
    small = town(200)
    ours = [PROGRAM, "open", str(small.store), "--user", "coordinator"]
    theirs = [HARLEQUIN]
    # Once each unmeasured: the first start compiles and fills the page cache.
    seconds_to("Passphrase", ours)
    seconds_to("Data Catalog", theirs)
    times = in_turn(
        options.runs,
        first_paint_of_kingshurst=lambda: seconds_to("Passphrase", ours),
        first_paint_of_Harlequin=lambda: seconds_to("Data Catalog", theirs),
    )
    ratio(times["first_paint_of_kingshurst"], times["first_paint_of_Harlequin"], at_most=0.5)
    large = town(options.people)
    command = [PROGRAM, "open", str(large.store), *large.signed_in("coordinator")]
    taken = [seconds_to("people: everybody", command, first=[("Home", b"3")]) for _ in range(options.runs)]
    print(Times("from starting, through unlocking and home, to the list of everybody", tuple(taken)))


if __name__ == "__main__":
    main()
