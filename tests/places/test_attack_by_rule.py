"""Somebody who knows the rule by which more is hidden tells no hidden count from which one it was that was hidden."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np

from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places.protecting import Side, lots, protected, summed
from kingshurst_tui.places.protecting_postcodes import Postcodes, protected_postcodes
from kingshurst_tui.places.sides import category_side, period_side
from kingshurst_tui.places.vocabulary import HIDDEN

UNDER, BASE = 10, 5
QUARTER = period_side(("2025-01", "2025-02", "2025-03"))
MOST = 36
"""Counts up to here are tried; outputs that larger ones could have made are left out."""
DRAWS = 8


def test_no_hidden_month_is_told_by_the_rule_that_chose_the_months_beside_it() -> None:
    """Every quarter of up to 35 a month, as published under many keys: what could be behind each that looks alike?

    When always the smallest month was hidden, a 9 and a 12 beside a shown 12 were told exactly.
    """
    every = np.array(list(itertools.product(range(MOST), repeat=3)), np.int32)
    behind: dict[tuple[int, ...], list[set[int]]] = defaultdict(lambda: [set(), set(), set()])
    for draw in range(DRAWS):
        sides = (Side(tuple(map(str, range(len(every)))), {}), QUARTER, category_side([]))
        counts = np.zeros((len(every), 4, 1), np.int32)
        counts[:, :3, 0] = every
        shown = protected(summed(counts, sides), sides, under=UNDER, base=BASE, key=bytes([draw]))[:, :, 0]
        alike, which = np.unique(shown, axis=0, return_inverse=True)
        for number, seen in enumerate(alike.tolist()):
            months = every[which.ravel() == number]
            for at, known in enumerate(behind[tuple(seen)]):
                known.update(months[:, at].tolist())
    told = {
        (seen, at): sorted(known)
        for seen, months in behind.items()
        for at, known in enumerate(months)
        if seen[at] == HIDDEN and max(seen) < MOST - BASE // 2 and len(known) < BASE
    }
    assert told == {}


def test_of_two_counts_alike_either_may_be_hidden_and_the_same_one_every_time() -> None:
    months = Side(tuple(map(str, range(400))), {})
    sides = (months, QUARTER, category_side([]))
    counts = np.tile(np.array([[[9], [42], [42], [0]]], np.int32), (400, 1, 1))
    shown = protected(summed(counts, sides), sides, under=UNDER, base=BASE, key=b"one")
    second = int((shown[:, 1, 0] == HIDDEN).sum())
    assert 140 < second < 260
    assert int((shown[:, 2, 0] == HIDDEN).sum()) == 400 - second
    assert (protected(summed(counts, sides), sides, under=UNDER, base=BASE, key=b"one") == shown).all()
    assert not np.array_equal(lots(sides, b"one"), lots(sides, b"another"))


def test_a_postcode_hidden_beside_a_small_one_is_not_the_smallest_by_rule() -> None:
    lsoa = {f"B37 {number:03d}{end}": f"E{number:03d}" for number in range(60) for end in "ABC"}
    counts = {(code, "2025"): {"A": 9, "B": 42, "C": 42}[code[-1]] for code in lsoa}
    large = {(f"E{number:03d}", "2025"): 93 for number in range(60)}
    shown = protected_postcodes(Postcodes(counts, lsoa), large, Terms(UNDER, BASE), {}, (), b"one")
    assert len(shown) == 60
    assert 10 < sum(code.endswith("B") for code, _ in shown) < 50
