"""Tables of overlap of all agencies and areas together tell no hidden figure, nor from which side it is looked at."""

from __future__ import annotations

import pytest

from tests.places.attacking_overlap import tables, told_of, town


@pytest.mark.parametrize(("seed", "people"), [(1, 600)])
def test_what_is_hidden_of_one_agency_is_not_told_by_another_agencys_table(seed: int, people: int) -> None:
    """Of all whom one agency met, those among the other's most frequent are what was hidden on the other's side."""
    rows = town(seed, 2, people, 2)
    _, before = told_of(tables(rows, mended=False))
    hidden, now = told_of(tables(rows))
    assert before
    assert hidden
    assert now == []
