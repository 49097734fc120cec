"""What is expected is shown only where it beats the plain figures on months that it had not seen."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from kingshurst_tui.places import expecting
from kingshurst_tui.places.counts import Counts
from kingshurst_tui.places.expecting import Monthly
from kingshurst_tui.places.held_to_account import FEWEST_HELD_OUT, LAST_MONTH, LAST_YEAR, hold_to_account
from kingshurst_tui.places.looking_ahead import as_shown, set_ahead
from kingshurst_tui.places.vocabulary import HIDDEN, Level
from tests.places.borough import CATEGORIES, LSOAS, MONTHS, lands, made

THREE_YEARS = tuple(f"{2022 + at // 12}-{at % 12 + 1:02d}" for at in range(36))


def _counts(seed: int, walk: float = 0.0, season: float = 0.3) -> Monthly:
    random = np.random.default_rng(seed)
    way = season * np.cos(2 * np.pi * np.arange(36) / 12) + np.cumsum(random.normal(0, walk, 36))
    mean = random.gamma(2, 3, 60)[:, None] * np.exp(way)
    return Monthly(LSOAS, THREE_YEARS, random.negative_binomial(mean, 0.5).astype(float))


def test_a_season_is_found_beats_both_plain_figures_and_its_intervals_hold() -> None:
    monthly = _counts(5)
    for account in hold_to_account(monthly):
        assert account.may_be_shown
        assert len(account.against[LAST_YEAR].months) == 24
        assert account.within_80 is not None
        assert account.within_95 is not None
        assert 0.78 <= account.within_80 <= 0.93
        assert 0.93 <= account.within_95 <= 0.995
    outlooks = expecting.outlook(monthly.counts, 1, (1, 2, 3))
    assert outlooks is not None
    assert "season" in outlooks[0].terms


def test_where_counts_wander_the_plain_figure_stands_and_it_is_said() -> None:
    for account in hold_to_account(_counts(6, walk=0.25, season=0.0)):
        assert not account.may_be_shown
        assert "the plain figure stands" in account.words[0]


def test_an_incomplete_month_is_no_month_and_never_nought() -> None:
    monthly = _counts(7)
    held_back = monthly.counts.copy()
    held_back[:, 20] = np.nan
    with_gap, without = expecting.outlook(held_back, 1, (1,)), expecting.outlook(monthly.counts, 1, (1,))
    assert with_gap is not None
    assert without is not None
    assert abs(with_gap[0].mean.sum() / without[0].mean.sum() - 1) < 0.1
    (account,) = hold_to_account(Monthly(LSOAS, THREE_YEARS, held_back), (1,))
    assert THREE_YEARS[20] not in account.held_out
    assert THREE_YEARS[32] not in account.against[LAST_YEAR].months  # the month before it has no year before


def test_sixteen_months_of_police_uk_cannot_beat_last_year(shared: Path) -> None:
    path = shared / "data/police/policeuk_solihull_lsoa_month_category_2023-05_2024-08.csv"
    with path.open(encoding="utf-8") as file:
        rows = [
            (row["lsoa_code"], f"{row['year']}-{int(row['month']):02d}", int(row["crime_count"]))
            for row in csv.DictReader(file)
        ]
    codes, months = tuple(sorted({row[0] for row in rows})), tuple(sorted({row[1] for row in rows}))
    counts = np.zeros((len(codes), len(months)))
    for code, month, count in rows:
        counts[codes.index(code), months.index(month)] += count
    counts[:, [months.index(month) for month in ("2023-06", "2023-07", "2023-08")]] = np.nan
    accounts = hold_to_account(Monthly(codes, months, counts))
    assert [len(account.held_out) for account in accounts] == [7, 6, 5]
    for account in accounts:
        assert not account.may_be_shown
        assert account.against[LAST_YEAR].months == ("2024-05",)
        assert f"{FEWEST_HELD_OUT} are needed" in " ".join(account.words)
    assert accounts[0].against[LAST_MONTH].is_better


@pytest.mark.parametrize("mean", [0.5, 9.9, 10.0, 12.4, 77.3])
def test_what_is_shown_of_an_expected_count_is_rounded_outward_and_hidden_under_the_line(mean: float) -> None:
    expected, low, high = as_shown(mean, mean * 0.6, mean * 1.5, 10, 5)
    if mean < 10:
        assert (expected, low, high) == (HIDDEN, HIDDEN, HIDDEN)
    else:
        assert abs(expected - mean) <= 2.5
        assert low == HIDDEN or 10 <= low <= mean * 0.6
        assert high >= mean * 1.5
        assert all(each % 5 == 0 for each in (expected, high))


def test_nothing_is_expected_in_numbers_of_a_place_whose_newest_counts_are_hidden() -> None:
    published, exact = made(8, 11.0)
    cells = {
        (code, month, category): int(exact[code][at, of])
        for code in LSOAS
        for at, month in enumerate(MONTHS)
        for of, category in enumerate(CATEGORIES)
    }
    # Of one place every published cell is hidden, as it is where another would give it away.
    places = {**published.places, LSOAS[0]: [[HIDDEN] * 3 for _ in published.periods]}
    hidden = type(published)(**{name: getattr(published, name) for name in published.__slots__} | {"places": places})
    found = set_ahead(hidden, Counts(Level.LSOA, cells), lands())
    assert found.accounts[Level.LSOA.value, ""][0].may_be_shown
    shown = {each.code for each in found.expected if each.level == Level.LSOA.value}
    assert LSOAS[0] not in shown
    assert LSOAS[1] in shown
    assert all(each.expected >= 10 and each.known_to == MONTHS[-1] for each in found.expected)


def test_what_is_expected_tells_nothing_that_published_cells_do_not() -> None:
    """Other counts that look alike when published make the same forecasts.

    Fitted on the exact counts, three rounded forecasts told a place's newest year to one or two values.
    """
    published, exact = made(8, 11.0)
    cells = {
        (code, month, category): int(exact[code][at, of])
        for code in LSOAS
        for at, month in enumerate(MONTHS)
        for of, category in enumerate(CATEGORIES)
    }
    other = dict(cells)
    random = np.random.default_rng(3)
    for code in LSOAS:
        for category in CATEGORIES:
            hidden = [month for month in MONTHS if published.cell(code, month, category) == HIDDEN]
            for month in random.choice(hidden, 4, replace=False) if len(hidden) > 4 else ():
                other[code, month, category] = int(random.integers(0, 10))
    first, second = (set_ahead(published, Counts(Level.LSOA, each), lands()) for each in (cells, other))
    mine, theirs = (
        {(each.level, each.code, each.category, each.month): each for each in found.expected if each.beats}
        for found in (first, second)
    )
    both = mine.keys() & theirs.keys()  # whether the model beats the plain figures is told from exact counts
    assert len(both) > len(LSOAS)
    assert all(mine[key] == theirs[key] for key in both)
