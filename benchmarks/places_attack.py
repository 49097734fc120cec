"""What can a solver tell of the hidden counts of real recorded crime?

police.uk's counts for Solihull by LSOA, month and category, with the ONS's look-up of LSOAs to wards, as published
under the usual terms; then linear programs over every published cell, until each hidden cell may be any of as many
numbers as the base of the rounding has. Takes an hour on one core. With --towns, the tables of overlap of so many drawn
towns instead, all agencies and priority areas together: some seconds each, half a minute for the largest.

usage: python -m benchmarks.places_attack [--months N] [--shared DIR] [--towns N]
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from pathlib import Path

import numpy as np

from kingshurst_tui.places.coverage import coverage
from kingshurst_tui.places.protecting import Side, protected, summed
from kingshurst_tui.places.sides import category_side, period_side
from kingshurst_tui.places.vocabulary import HIDDEN
from tests.places.attacking import attack
from tests.places.attacking_overlap import tables, told_of, town

UNDER, BASE = 10, 5
POLICE = "police/policeuk_solihull_lsoa_month_category_2023-05_2024-08.csv"
WARDS = "geography/lookup_lsoa21_ward24_lad24_solihull.csv"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def real(shared: Path, last: int) -> tuple[np.ndarray, tuple[Side, Side, Side]]:
    """Return the exact cube of the last so many whole months, and its sides."""
    with (shared / WARDS).open(newline="", encoding="utf-8-sig") as file:
        ward = {row["lsoa21_code"]: row["ward24_code"] for row in csv.DictReader(file)}
    cells: Counter[tuple[str, str, str]] = Counter()
    with (shared / POLICE).open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            month = f"{row['year']}-{int(row['month']):02d}"
            cells[row["lsoa_code"], month, row["category"]] += int(row["crime_count"])
    by_ward: dict[str, Counter[str]] = {}
    for (code, month, _), count in cells.items():
        by_ward.setdefault(ward[code], Counter())[month] += count
    found = coverage(by_ward)
    for month, why in found.incomplete.items():
        print(f"{month} left out: {why}")
    wards = {name: sorted(code for code in ward if ward[code] == name) for name in sorted(set(ward.values()))}
    places = Side((*sorted(ward), *wards, "Solihull"), wards | {"Solihull": list(wards)})
    periods = period_side(found.whole[-last:])
    categories = category_side({category for _, _, category in cells})
    cube = np.zeros([len(side.names) for side in (places, periods, categories)], np.int32)
    for (code, month, category), count in cells.items():
        if month in periods.place:
            cube[places.place[code], periods.place[month], categories.place[category]] += count
    return summed(cube, (places, periods, categories)), (places, periods, categories)


def overlap(towns: int) -> None:
    """Attack all tables of overlap of drawn towns, as they are and as they would be if each agency's stood alone."""
    found = {True: 0, False: 0}
    told: dict[bool, list[str]] = {True: [], False: []}
    for seed in range(towns):
        dice = np.random.default_rng(seed)
        sizes = (int(dice.choice([2, 3])), int(dice.choice([150, 300, 600, 1200])), int(dice.choice([2, 3])))
        rows = town(seed, *sizes)
        for mended in told:
            hidden, close = told_of(tables(rows, mended=mended))
            found[mended] += hidden
            told[mended] += [f"town {seed}: {each}" for each in close]
    for mended, words in ((False, "each agency by itself"), (True, "as they are shown")):
        print(f"{words}: {found[mended]:,} hidden figures, {len(told[mended])} told to within fewer than {BASE} values")
    for line in told[True][:20]:
        print("  told:", line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--months", type=int, default=99, help="the newest so many whole months")
    parser.add_argument("--shared", type=Path, default=SHARED, help="the open data")
    parser.add_argument("--towns", type=int, default=0, help="attack the overlap of so many drawn towns instead")
    args = parser.parse_args()
    if args.towns:
        overlap(args.towns)
        return
    counts, sides = real(args.shared, args.months)
    started = time.perf_counter()
    shown = protected(counts, sides, under=UNDER, base=BASE)
    print(f"{counts.size:,} cells protected in {time.perf_counter() - started:.2f} s")
    large, hidden = int((counts >= UNDER).sum()), int((shown == HIDDEN).sum())
    print(f"{large:,} are {UNDER} or more; {large - int((shown >= 0).sum()):,} of these are hidden beside smaller ones")
    started = time.perf_counter()
    problems, close, exact = 0, list[str](), 0
    for periods in apart(sides[1]):
        part = (sides[0], periods, sides[2])
        of = [sides[1].place[name] for name in periods.names]
        told = attack(shown[:, of], part, under=UNDER, base=BASE, values=BASE)
        problems += told.problems
        exact += len(told.closer_than(2))
        for cell in told.closer_than(BASE):
            at = np.unravel_index(cell, (len(part[0].names), len(part[1].names), len(part[2].names)))
            place = int(np.flatnonzero(told.cells == cell)[0])
            names = " ".join(side.names[int(each)] for side, each in zip(part, at, strict=True))
            close.append(f"{names}: {told.low[place]:.0f} to {told.high[place]:.0f}")
        print(f"  {periods.names[-1]}: {len(told.cells):,} hidden cells, {told.problems:,} programs", flush=True)
    print(
        f"{hidden:,} hidden cells attacked by {problems:,} linear programs in {time.perf_counter() - started:.0f} s: "
        f"{exact} told exactly, {len(close)} to within fewer than {BASE} values"
    )
    for line in close[:20]:
        print("  told:", line)


def apart(periods: Side) -> list[Side]:
    """Return the periods in parts that no published total spans: what is known of one tells nothing of another."""
    below = {part for parts in periods.parts.values() for part in parts}

    def within(name: str) -> list[str]:
        return [each for part in periods.parts.get(name, ()) for each in within(part)] + [name]

    found = []
    for name in periods.names:
        if name not in below:
            names = within(name)
            found.append(Side(tuple(names), {each: periods.parts[each] for each in names if each in periods.parts}))
    return found


if __name__ == "__main__":
    main()
