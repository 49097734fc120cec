"""Who may come before a panel and where each comes from; who sees that list; what people propose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import decisions, profiles, triage
from kingshurst_tui.errors import InputRejected, NotFound, ReasonNeeded, Refused
from kingshurst_tui.panels import candidates, cases, meetings, proposals
from tests.casework.conftest import PANEL
from tests.casework.test_decisions import FIELDS, MARKED
from tests.panels.conftest import FACTS, QUESTION, open_people

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate
    from tests.panels.conftest import Meeting


def _found(meeting: Meeting, panel: int | None = None) -> dict[str, Candidate]:
    found = candidates.candidates(meeting.town.coordinator, panel or meeting.number)
    return {each.pseudonym: each for each in found}


def test_flagged_people_are_candidates_once_somebody_triaged_them_and_are_added_by_one_act(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    third = open_people(meeting.town, 3)[2].pseudonym
    already = meeting.people[0].pseudonym
    assert third not in _found(meeting)
    for who in (third, already):
        triage.set_triage(coordinator, who, "panel")
    found = _found(meeting)
    assert already not in found
    assert len(meeting.shown().listed) == 2, "nothing adds itself"
    (whence,) = (each for each in found[third].whence if each.source == "flag")
    assert whence.words.startswith("flagged since ")
    number = candidates.add(coordinator, meeting.number, found[third])
    case = next(each for each in meeting.shown().listed if each.number == number)
    assert (case.brought_by, case.brought_id) == ("flag", whence.source_id)
    assert case.question == found[third].words
    assert third not in _found(meeting)


def test_the_list_is_for_whoever_prepares_the_panel(meeting: Meeting) -> None:
    for name in ("practitioner", "supervisor"):
        with pytest.raises(Refused, match="whoever prepares"):
            candidates.candidates(meeting.town.user(name), meeting.number)


def test_what_a_panel_put_off_is_offered_to_the_next_until_it_is_taken_up(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    put_off, listed = (each.pseudonym for each in meeting.people)
    later = meetings.new(coordinator, FACTS)
    assert put_off not in _found(meeting, later)
    cases.defer(coordinator, meeting.first, "her worker is ill this week")
    meetings.open_panel(coordinator, meeting.number)
    meetings.close_panel(coordinator, meeting.number, "the hall had to be left at four")
    found = _found(meeting, later)
    assert {whence.source for who in (put_off, listed) for whence in found[who].whence} >= {"deferred"}
    candidates.add(coordinator, later, found[put_off])
    assert put_off not in _found(meeting, later)
    third = _found(meeting, meetings.new(coordinator, FACTS))
    assert put_off not in third or "deferred" not in {each.source for each in third[put_off].whence}
    assert "deferred" in {each.source for each in third[listed].whence}


def test_anybody_of_the_panel_proposes_and_the_coordinator_lists_or_says_why_not(meeting: Meeting) -> None:
    town = meeting.town
    third, fourth = (each.pseudonym for each in open_people(town, 4)[2:])
    with pytest.raises(InputRejected):
        proposals.propose(town.practitioner, meeting.number, third, "please")
    with pytest.raises(NotFound):
        proposals.propose(town.practitioner, meeting.number, "KH-0000-0000", QUESTION)
    with pytest.raises(Refused, match="on the agenda"):
        proposals.propose(town.practitioner, meeting.number, meeting.people[0].pseudonym, QUESTION)
    with pytest.raises(Refused):
        proposals.propose(town.user("governance"), meeting.number, third, QUESTION)
    first = proposals.propose(town.practitioner, meeting.number, third, QUESTION)
    second = proposals.propose(town.supervisor, meeting.number, fourth, QUESTION)
    with pytest.raises(Refused, match="proposed at this panel already"):
        proposals.propose(town.supervisor, meeting.number, third, QUESTION)
    assert len(meeting.shown().listed) == 2
    assert _found(meeting)[third].words.startswith(f"proposed by practitioner: {QUESTION}")
    with pytest.raises(Refused):
        proposals.accept(town.practitioner, first)
    proposals.accept(town.coordinator, first, minutes=9)
    with pytest.raises(InputRejected):
        proposals.decline(town.coordinator, second, "no")
    proposals.decline(town.coordinator, second, "the housing panel has taken this on")
    stands = {each.number: (each.status, each.proposed_by, each.minutes) for each in meeting.shown().cases}
    assert stands[first] == ("listed", "practitioner", 9)
    assert stands[second][:2] == ("taken-off", "supervisor")
    with pytest.raises(Refused):
        proposals.accept(town.coordinator, second)


def test_whoever_is_on_a_panel_to_come_is_read_for_panel_business_and_not_once_it_is_over(meeting: Meeting) -> None:
    town = meeting.town
    unflagged = next(line for line in town.lines() if line.is_open and not line.flags and line.under_18 is False)
    with pytest.raises(ReasonNeeded):
        profiles.open_profile(town.practitioner, unflagged.pseudonym, PANEL)
    number = cases.add(town.coordinator, meeting.number, unflagged.pseudonym, question=QUESTION)
    assert profiles.open_profile(town.practitioner, unflagged.pseudonym, PANEL)
    cases.take_off(town.coordinator, number, "moved away from the borough")
    with pytest.raises(ReasonNeeded):
        profiles.open_profile(town.user("supervisor"), unflagged.pseudonym, PANEL)


def test_a_review_that_falls_due_before_the_panel_brings_somebody_to_it(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    third = open_people(meeting.town, 3)[2].pseudonym
    due = (FACTS.held_on - timedelta(days=1)).isoformat()
    version = decisions.open_form(coordinator, third, PANEL).version
    fields = {**FIELDS, "review_on": due}
    decision = decisions.sign(coordinator, third, fields, MARKED, version=version, reason=PANEL).number
    found = _found(meeting)[third]
    assert [(each.source, each.source_id) for each in found.whence if each.source == "review"] == [("review", decision)]
