"""What is said of a place beside others never goes further than the published counts and chance allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kingshurst_tui.places import between
from kingshurst_tui.places.comparing import (
    CANNOT_TELL,
    NO_DIFFERENCE,
    Compared,
    Ratio,
    codes_needed,
    compare,
    compare_all,
)
from kingshurst_tui.places.published import PublishedSet
from tests.places.borough import BOROUGH, LSOAS, MONTHS, RESIDENTS, WARDS, lands, made


def _ratios(found: Compared) -> list[Ratio]:
    return [each for each in (found.borough, found.like, found.change) if each is not None]


@pytest.mark.parametrize("mean", [0.8, 3.0, 12.0])
def test_the_true_count_always_lies_between_what_is_told(mean: float) -> None:
    published, exact = made(3, mean, {LSOAS[5]: 3.0})
    codes = [*LSOAS, *WARDS, BOROUGH]
    for columns in ((0,), (1,), (2,), (1, 2)):
        found = between.bounds([published], codes, None if columns == (0,) else [columns])
        of = slice(None) if columns == (0,) else [column - 1 for column in columns]
        for months in (MONTHS[-12:], MONTHS[3:9], MONTHS[:1], MONTHS[-5:]):
            low, high, known = (part[0] for part in between.over(published.periods, found, months))
            at = [MONTHS.index(month) for month in months]
            assert known.all()
            for place, code in enumerate(codes):
                assert low[place] <= exact[code][at][:, of].sum() <= high[place], (code, columns, months)


def test_places_that_differ_by_chance_alone_are_seldom_said_to_differ() -> None:
    geography, said = lands(), []
    for seed in range(12):
        published, _ = made(100 + seed, 8.0)
        for code in (*WARDS, *LSOAS[:10]):
            said += [each.verdict for each in _ratios(compare(published, geography, code))]
    assert len(said) > 500
    assert sum(each in ("more", "fewer") for each in said) / len(said) <= 0.05


def test_a_word_for_a_difference_stands_only_where_the_written_interval_has_it() -> None:
    geography = lands()
    sets = [made(seed, mean, {LSOAS[7]: 2.5, LSOAS[8]: 0.3})[0] for seed, mean in enumerate((0.5, 2.0, 6.0, 15.0))]
    seen = set()
    for code in (LSOAS[7], LSOAS[8], LSOAS[9], WARDS[1]):
        for of in ({}, {"category": "noise"}, {"area": "anti-social-behaviour"}):
            for found in compare_all(sets, geography, code, **of):
                for ratio in _ratios(found):
                    seen.add(ratio.verdict)
                    words = ratio.words.rsplit(": ", 1)[1].rstrip(".")
                    assert words == ratio.verdict
                    if ratio.verdict == "more":
                        assert ratio.low > 1.0
                    elif ratio.verdict == "fewer":
                        assert ratio.high is not None
                        assert ratio.high < 1.0
                    elif ratio.verdict == NO_DIFFERENCE:
                        assert ratio.low <= 1.01
                        assert ratio.high is None or ratio.high >= 0.99
    assert seen == {"more", "fewer", NO_DIFFERENCE, CANNOT_TELL}


def test_a_data_set_is_compared_the_same_alone_and_with_others() -> None:
    geography = lands()
    sets: list[PublishedSet] = [made(1, 5.0)[0], made(2, 9.0, months=MONTHS[6:])[0], made(3, 2.0)[0]]
    together = compare_all(sets, geography, LSOAS[4])
    assert together == [compare(each, geography, LSOAS[4]) for each in sets]
    # Of what came in later than the year before, no change is told, and it is said.
    assert together[1].months == MONTHS[12:]
    assert set(codes_needed(geography, LSOAS[4])) <= {*LSOAS, *WARDS, BOROUGH}
    rate = together[0].rate
    assert rate is not None
    assert rate.high is not None
    assert rate.low < 5.0 * 12 * 1000 / RESIDENTS < rate.high


def test_a_month_that_did_not_come_in_whole_is_compared_in_neither_year() -> None:
    published, _ = made(4, 12.0, months=tuple(month for month in MONTHS if month != "2024-08"))
    found = compare(published, lands(), WARDS[0])
    assert found.change is not None
    assert "9 months" in found.change.against  # the quarter of August is left out of both


def test_a_ward_that_began_since_is_said_to_be_rebuilt_from_its_areas() -> None:
    published, _ = made(5, 12.0)
    began = replace(lands(), years={WARDS[0]: ("2025", "")})
    assert "A ward since 2025" in compare(published, began, WARDS[0]).words[-1]
    assert "ward since" not in " ".join(compare(published, began, WARDS[1]).words)
