"""Before and after: what sources cannot speak for is not counted, and every figure says its error."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.casework.sources import Source
from kingshurst_tui.interval_bars import ratio_bar, share_bar
from kingshurst_tui.learning.rates import REGRESSION, WINDOW, Exposure, compare, exposure_around
from kingshurst_tui.learning.what_works import FEWEST, HIDDEN, Series, _row

DAY, TODAY = date(2025, 11, 3), date(2026, 5, 4)


def source(covers_from: date | None = None, known_to: date | None = TODAY, **changed: Any) -> Source:
    told: dict[str, Any] = {
        "reference": "WMP-INCIDENTS", "title": "Police incidents", "agency": "WMP", "kind": "police",
        "categories": frozenset(), "priority_areas": frozenset(), "covers_from": covers_from, "known_to": known_to,
        "fresh_to": known_to, "sensitive": False, "is_live": True, "is_shared": True,
    }  # fmt: skip
    return Source(**(told | changed))


def test_a_data_set_shortens_what_is_counted_and_says_so() -> None:
    found = exposure_around(DAY, TODAY, [source(date(2025, 9, 1), date(2026, 2, 1)), source(is_live=False)])
    assert (found.before, found.after) == ((DAY - date(2025, 9, 1)).days, (date(2026, 2, 1) - DAY).days)
    assert found.limits == (
        "Police incidents (WMP) begins on 1 September 2025",
        "Police incidents (WMP) is known to 1 February 2026",
    )


def test_too_few_days_are_unknown_and_not_nothing() -> None:
    found = compare([DAY - timedelta(5)], exposure_around(DAY, TODAY, [source(known_to=DAY + timedelta(10))]))
    assert (found.ratio, found.rate_after) == (None, None)
    assert found.words[0].startswith("Unknown")


@given(st.lists(st.integers(-WINDOW - 20, WINDOW + 20), max_size=60))
def test_each_day_is_counted_on_one_side_at_most_and_never_the_day_itself(offsets: list[int]) -> None:
    exposure = Exposure(DAY - timedelta(WINDOW), DAY, DAY + timedelta(WINDOW), ())
    found = compare([DAY + timedelta(each) for each in offsets], exposure)
    assert found.before == sum(-WINDOW <= each < 0 for each in offsets)
    assert found.after == sum(0 < each <= WINDOW for each in offsets)
    assert REGRESSION in found.words
    if found.ratio is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.ratio <= found.high


def people(count: int, before: float, after: float, seed: int, first: int = 0) -> list[Series]:
    """People whose incidents come at such rates a half-year, each with a leaning of their own."""
    drawn = random.Random(seed)
    exposure = Exposure(DAY - timedelta(WINDOW), DAY, DAY + timedelta(WINDOW), ())

    def events(rate: float) -> int:
        day, found = drawn.expovariate(rate), 0
        while day < 1:
            day, found = day + drawn.expovariate(rate), found + 1
        return found

    made = []
    for number in range(count):
        leaning = drawn.gammavariate(4, 0.25)
        made.append(Series(first + number, events(before * leaning), events(after * leaning), exposure))
    return made


def test_a_known_difference_is_found_and_a_common_fall_is_not_called_one() -> None:
    """True ratios of 0.5 and of 1 over two hundred drawn worlds: the interval covers them about 19 times in 20."""
    covered = {0.5: 0, 1.0: 0}
    worlds = 100
    for truth in covered:
        for world in range(worlds):
            mine = people(40, 8, 5 * truth, 2 * world)
            others = people(120, 8, 5, 2 * world + 1, 1_000)
            row = _row("all", [(each, others[3 * at : 3 * at + 3]) for at, each in enumerate(mine)])
            assert row.low is not None
            assert row.high is not None
            covered[truth] += row.low <= truth <= row.high
    assert all(88 <= found <= worlds for found in covered.values()), covered


def test_few_people_stay_hidden_whichever_side_is_short() -> None:
    mine, others = people(FEWEST, 6, 3, 1), people(FEWEST, 6, 3, 2, 100)
    assert _row("SCH", [(each, [others[at]]) for at, each in enumerate(mine)]).people == FEWEST
    assert _row("SCH", [(each, [others[at]]) for at, each in enumerate(mine[:-1])]).words == HIDDEN
    assert _row("SCH", [(each, others[:1]) for each in mine]).words == HIDDEN


@given(st.floats(0.001, 50), st.floats(0, 1), st.floats(1, 9))
def test_a_picture_keeps_its_width_and_marks_where_as_many_lies(ratio: float, down: float, up: float) -> None:
    drawn = ratio_bar(ratio, ratio * down, ratio * up)
    assert len(drawn) == len(ratio_bar(None, None, None))
    assert "●" in drawn


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_share_is_drawn_between_nothing_and_all(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert len(share_bar((low + high) / 2, low, high)) == len(share_bar(0, 0, 1))
