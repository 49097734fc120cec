"""When a rule holds, compared with the plainest possible reading of it: day by day, incident by incident."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kingshurst_tui.casework.flags import Runs, merge, runs
from kingshurst_tui.casework.rules import Threshold

START = date(2026, 1, 1).toordinal()

events = st.lists(
    st.tuples(
        st.integers(1, 3),  # whose
        st.integers(1, 12),  # incident
        st.integers(0, 40),  # day
        st.integers(1, 3),  # agency
    ),
    max_size=30,
)
thresholds = st.lists(
    st.builds(Threshold, st.integers(1, 4), st.integers(1, 20), st.integers(1, 3)), min_size=1, max_size=2
)


def columns(rows: list[tuple[int, int, int, int]]) -> list[np.ndarray]:
    return [np.array([row[place] for row in rows], dtype=np.int64) for place in range(4)]


def found_runs(rows: list[tuple[int, int, int, int]], any_of: list[Threshold]) -> Runs:
    group, incident, day, agency = columns(rows)
    return runs(group, incident, day, agency, any_of)


def holds_on(rows: list[tuple[int, int, int, int]], group: int, day: int, any_of: list[Threshold]) -> bool:
    mine = [row for row in rows if row[0] == group]
    first_day = {incident: min(row[2] for row in mine if row[1] == incident) for _, incident, _, _ in mine}
    for threshold in any_of:
        inside = {one for one, first in first_day.items() if day - threshold.within_days < first <= day}
        agencies = {row[3] for row in mine if row[1] in inside}
        if len(inside) >= threshold.at_least and len(agencies) >= threshold.agencies_at_least:
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(rows=events, any_of=thresholds)
def test_a_rule_holds_on_exactly_the_days_on_which_counting_by_hand_says_so(
    rows: list[tuple[int, int, int, int]], any_of: list[Threshold]
) -> None:
    found = found_runs(rows, any_of)
    by_arithmetic = {
        (int(group), day)
        for group, raised, lapses in zip(found.group, found.raised, found.lapses, strict=True)
        for day in range(int(raised), int(lapses))
    }
    by_hand = {(group, day) for group in (1, 2, 3) for day in range(0, 70) if holds_on(rows, group, day, any_of)}
    assert by_arithmetic == by_hand
    # Longest stretches: no two runs of one group touch.
    for place in range(1, len(found)):
        same = found.group[place] == found.group[place - 1]
        assert not same or found.raised[place] > found.lapses[place - 1]


def test_the_window_includes_its_last_day_and_ends_the_day_after() -> None:
    first = date(2026, 3, 1)
    days = [first, first + timedelta(days=10), first + timedelta(days=89)]
    rows = [(1, number, day.toordinal(), number % 2) for number, day in enumerate(days)]
    found = found_runs(rows, [Threshold(3, 90, 2)])
    assert [date.fromordinal(int(day)) for day in found.raised] == [days[2]]
    assert [date.fromordinal(int(day)) for day in found.lapses] == [days[2] + timedelta(days=1)]


def test_one_incident_told_to_three_agencies_is_one() -> None:
    rows = [(1, 7, START, 1), (1, 7, START, 2), (1, 7, START + 1, 3), (1, 8, START + 2, 1)]
    assert len(found_runs(rows, [Threshold(3, 90, 2)])) == 0
    assert len(found_runs(rows, [Threshold(2, 90, 2)])) == 1


def test_stretches_that_touch_are_one_run() -> None:
    group = np.array([1, 1, 2], dtype=np.int64)
    merged = merge(group, np.array([1, 5, 1], dtype=np.int64), np.array([5, 9, 2], dtype=np.int64))
    assert merged.group.tolist() == [1, 2]
    assert merged.raised.tolist() == [1, 1]
    assert merged.lapses.tolist() == [9, 2]
