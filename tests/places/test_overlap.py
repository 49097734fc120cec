"""Overlap: on a town with known truth, and what an attacker could make of what is shown."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import db.overlap
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.labelled import labelled
from kingshurst_tui.errors import Refused, UsageError
from kingshurst_tui.learning.known_before import known_before
from kingshurst_tui.learning.link_error import error_of, stated
from kingshurst_tui.learning.most_frequent import cut
from kingshurst_tui.learning.overlap import _agency, _Kept, overlap, overlaps
from kingshurst_tui.learning.overlap_counts import Counted, count, met_of
from kingshurst_tui.learning.overlap_told import figure, may_be_told
from kingshurst_tui.learning.stays_hidden import named
from kingshurst_tui.leaving.suppression import suppressed
from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.demo.build import DemoStore
    from kingshurst_tui.learning.overlap import Overlap

YEAR = "2025-04-01", "2026-03-31"
EXACT = Terms(1, 1)
ENOUGH = 20


def told(connection: Connection) -> list[tuple[Any, ...]]:
    return list(
        connection.exec_driver_sql(
            "SELECT DISTINCT record_id, agency_code, coalesce(incident_id, -contact_id), priority_area FROM "
            "open_contact WHERE occurred_on BETWEEN ? AND ? AND profile_id IS NOT NULL",
            YEAR,
        ).fetchall()
    )


def test_the_intervals_hold_the_truth_of_a_town_that_is_known(demo_store: DemoStore) -> None:
    """With the true person in place of the profile, each share lies in the interval that the links alone gave."""
    with (
        demo_store.signed_in("coordinator") as session,
        session.act(Operation.COMBINE, Thing.OVERLAP, reason=Reason(ReasonCode.OVERSIGHT), combine=True) as act,
    ):
        rows, error = act.read(db.overlap.met, *YEAR), error_of(act)
        records = act.read(told)
    assert error.pairs
    truth = labelled(demo_store).truth
    number = {who: at for at, who in enumerate(sorted(set(truth.values())))}
    true_rows = [(number[truth[row[0]]], *row[1:]) for row in records if row[0] in truth]
    linked, true = count(met_of(rows, None), error), count(met_of(true_rows, None), stated((), ()))
    checked = 0
    for agency, mine in linked.items():
        for group in (1, 2):
            if mine.people[group] < ENOUGH:
                continue
            shown = figure(
                mine.known[group], mine.people[group], mine.drawn["known"][:, group], EXACT, np.random.default_rng(1)
            )
            really = true[agency].known[group] / true[agency].people[group]
            assert shown.low is not None
            assert shown.high is not None
            assert shown.low <= really <= shown.high, (agency, group, really, shown)
            checked += 1
    assert checked >= 4


def test_nothing_small_is_shown_nobody_is_named_and_the_trail_says_who_asked(demo_store: DemoStore) -> None:
    with demo_store.signed_in("governance") as session:
        found = overlaps(session, ("", str(PriorityArea.ASB)))
        for each in (one for made in found for agency in made.agencies for one in agency.groups):
            figures = [each.known, each.frequent_too, each.demand, *each.known_to.values()]
            for one in figures:
                if one is not None and one.part is not None and one.whole is not None:
                    assert one.part >= 10
                    assert one.part % 5 == one.whole % 5 == 0
        assert known_before(session).known is None
        with pytest.raises(UsageError):
            overlap(session, "burglary")
        with pytest.raises(UsageError):
            overlap(session, year=2026)
    with demo_store.signed_in("practitioner") as session, pytest.raises(Refused):
        overlap(session)


def test_what_was_hidden_of_a_period_stays_hidden(demo_copy: DemoStore) -> None:
    """Else whoever knows of one late record could tell ten from nine."""
    with demo_copy.signed_in("governance") as session:
        before = shown(overlap(session))
        assert before == shown(overlap(session))
        kept = json.loads(session.look(db.users.get_setting, "learning.hidden") or "{}")[session.purpose]
        with session.act(
            Operation.ADMINISTER, Thing.RULE, reason=Reason(ReasonCode.OVERSIGHT)
        ) as act:  # as if all of it had been hidden in an earlier report
            told = [named("2026-03-31", "", *each) for each in before]
            act.write(db.users.put_setting, "learning.hidden", json.dumps({session.purpose: [*kept, *told]}))
        assert before
        assert shown(overlap(session)) == []
    table = {("a", "x"): 40, ("a", "y"): 50, ("b", "x"): 60, ("b", "y"): 70}
    assert suppressed(table).value("a", "x") == 40
    hidden = suppressed(table, before=[("a", "x")])
    assert hidden.value("a", "x") is None
    assert len(hidden.shown) <= 9 - 4


def shown(found: Overlap) -> list[tuple[str, str, str]]:
    """Return the names of the figures about people that are told."""
    return [
        (agency.agency, name, str(at))
        for agency in found.agencies
        for at, group in enumerate(agency.groups)
        for name, figure in (("known", group.known), ("too", group.frequent_too), ("demand", group.demand))
        if figure is not None and figure.part is not None
    ]


def test_people_with_as_many_incidents_count_in_equal_parts() -> None:
    counts = np.array([7, 3, 3, 3, 3, 1, 1, 1, 1, 0])
    found = cut(counts, 100 * 3 / 9)
    assert found.at == 3
    assert found.weights(counts).tolist() == pytest.approx([1, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0])


@given(st.lists(st.integers(0, 60), min_size=1, max_size=4))
def test_no_difference_of_two_groups_that_are_told_is_small(steps: list[int]) -> None:
    chain = np.cumsum(steps).tolist()
    may = may_be_told([chain], Terms(10, 5))
    shown = [count for count, told in zip(chain, may, strict=True) if told]
    assert all(count >= 10 for count in shown)
    assert all(outer - inner >= 10 for inner, outer in itertools.pairwise(shown))


REGIONS = [(group, others) for group in range(3) for others in itertools.product((0, 1), repeat=3)]
"""Of one agency: its most frequent 1 per cent, the next to 5, the rest; and which of three others know them."""


@settings(max_examples=25)
@given(st.lists(st.integers(0, 40), min_size=len(REGIONS), max_size=len(REGIONS)))
def test_an_attacker_learns_of_no_hidden_figure_more_than_that_it_is_hidden(people: list[int]) -> None:
    """A linear program over all that is told of one agency, however it was rounded, leaves each of them 6 values."""
    at_most, at_least = [], []
    counted = of_regions(people)
    told = _agency("A", ("A", "B", "C", "D"), counted, Terms(10, 5), _Kept("", frozenset(), set()))
    hidden = []
    for at, group in enumerate(told.groups):
        figures = {"any": group.known, **group.known_to}
        for name, figure_of in figures.items():
            yes = [g <= at and (any(o) if name == "any" else bool(o["BCD".index(name)])) for g, o in REGIONS]
            if figure_of is None or figure_of.part is None or figure_of.whole is None:
                hidden.append(yes)
                continue
            for row, number in ((yes, figure_of.part), ([g <= at for g, _ in REGIONS], figure_of.whole)):
                at_most.append((row, number + 2))
                at_least.append((row, max(number - 2, 10)))
    matrix = [[float(each) for each in row] for row, _ in at_most]
    matrix += [[-float(each) for each in row] for row, _ in at_least]
    limits = [float(limit) for _, limit in at_most] + [-float(limit) for _, limit in at_least]
    for row in hidden:
        ends = []
        for sign in (1.0, -1.0):
            found = linprog([sign * each for each in row], A_ub=matrix or None, b_ub=limits or None)
            ends.append(np.inf if found.status == 3 else sign * found.fun)
        assert ends[1] - ends[0] >= 5 - 1e-6, (row, ends, told)


def of_regions(people: list[int]) -> Counted:
    """Return the counts of one agency that has so many people in each region."""

    def upto(group: int, other: int | None) -> int:
        return sum(
            many
            for (g, o), many in zip(REGIONS, people, strict=True)
            if g <= group and (other is None or (any(o) if other < 0 else o[other]))
        )

    groups = range(3)
    nothing = np.zeros((3, 3))
    return Counted(
        (5, 3),
        tuple(upto(group, None) for group in groups),
        tuple(upto(group, -1) for group in groups),
        tuple((0, *(upto(group, other) for other in range(3))) for group in groups),
        (0, 0, 0),
        (0, 0, 0),
        {"known": nothing, "frequent_too": nothing, "demand": nothing, "known_to": np.zeros((3, 3, 4))},
    )
