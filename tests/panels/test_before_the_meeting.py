"""What agencies are asked and send, what each thinks first, interests, attendance and quorum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from kingshurst_tui.casework import home
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord, StoreUnavailable
from kingshurst_tui.panels import (
    attendance,
    cases,
    conflicts,
    first_views,
    information,
    meetings,
    members,
    proposals,
    settings,
)
from kingshurst_tui.panels.records import FirstView, Quorum, QuorumRule
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL
from tests.panels.conftest import FACTS, QUESTION, open_people

if TYPE_CHECKING:
    from tests.panels.conftest import Meeting

DUE = date(2026, 5, 14)
SECRET = {"known": "Zebra twelve lives with her brother", "position": "Housing would lead"}
POLICE = {"known": "Called nine times since March", "worry": "the calls come at night"}


def _selected(connection: Connection, statement: str) -> list[object]:
    return list(connection.exec_driver_sql(statement).fetchall())


def _views(session: Session, case: int) -> dict[str, FirstView]:
    with session.act(Operation.CONSULT, Thing.FIRST_VIEW, reason=PANEL) as act:
        return {each.agency: each for each in first_views.views(act, case)}


def _quorum(meeting: Meeting, case: int | None = None) -> Quorum:
    with meeting.town.coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        return attendance.quorum(act, meeting.number, case)


def _health(meeting: Meeting, case: int | None = None) -> bool:
    with meeting.town.coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        return attendance.health_member_present(act, meeting.number, case)


def test_an_agency_is_asked_once_and_answers_for_itself_or_through_the_coordinator(meeting: Meeting) -> None:
    town, case = meeting.town, meeting.first
    housing, health = information.ask(town.coordinator, case, ["SCH", "NHS"], "Is there a tenancy?", DUE)
    assert information.ask(town.coordinator, case, ["SCH"], "is there a tenancy?", DUE) == ()
    assert housing in [each.number for each in information.for_my_agency(town.practitioner)]
    with pytest.raises(Refused, match="Another agency"):
        information.answer(town.practitioner, health, "sent", "Yes, since 2019")
    with pytest.raises(InputRejected, match="not kept"):
        information.answer(town.practitioner, housing, "refused", "no")
    information.answer(town.practitioner, housing, "sent", "Yes, since 2019")
    with pytest.raises(StaleRecord) as stale:
        information.answer(town.practitioner, housing, "nothing-held")
    information.answer(town.practitioner, housing, "sent", "No, it ended in April", over=int(stale.value.over or 0))
    with pytest.raises(InputRejected, match="not kept"):
        information.answer(town.coordinator, health, "nothing-held")
    information.answer(town.coordinator, health, "nothing-held", entered_for="Invented Nurse, by telephone")
    told = {each.agency: each for each in meeting.shown().requests}
    assert (told["SCH"].status, told["SCH"].answer, told["SCH"].entered_for) == ("sent", "No, it ended in April", "")
    assert (told["NHS"].answered_by, told["NHS"].entered_for) == ("coordinator", "Invented Nurse, by telephone")
    with pytest.raises(Refused, match="answered already"):
        information.take_back(town.coordinator, housing, "it is known by now")


def test_nobody_is_asked_about_somebody_masked_or_too_late(meeting: Meeting) -> None:
    town = meeting.town
    who = town.masked_adult(known=True).pseudonym
    masked = cases.add(town.coordinator, meeting.number, who, question=QUESTION)
    with pytest.raises(Refused, match="masked"):
        information.ask(town.coordinator, masked, ["SCH"], "Is there a tenancy?", DUE)
    with pytest.raises(Refused, match="masked"):
        first_views.write(town.practitioner, masked, SECRET)
    too_early, too_late = date(2026, 5, 1), FACTS.held_on + timedelta(days=1)
    wrong: tuple[tuple[list[str], date], ...]
    wrong = ((["KTP"], DUE), (["XX"], DUE), ([], DUE), (["SCH"], too_early), (["SCH"], too_late))
    for agencies, due in wrong:
        with pytest.raises(InputRejected, match="Nobody was asked"):
            information.ask(town.coordinator, meeting.first, agencies, "Is there a tenancy?", due)
    (number,) = information.ask(town.coordinator, meeting.first, ["SCH"], "Is there a tenancy?", DUE)
    town.practitioner.clock.move(timedelta(days=11))  # type: ignore[attr-defined]
    assert {each.number: each.overdue for each in information.for_my_agency(town.practitioner)}[number]
    information.take_back(town.coordinator, number, "the tenancy file was found")
    assert number not in {each.number for each in information.for_my_agency(town.practitioner)}


def test_nobody_reads_anothers_first_view_before_all_are_shown_together(meeting: Meeting) -> None:
    town, case = meeting.town, meeting.first
    first_views.write(town.practitioner, case, SECRET)
    for session in (town.coordinator, town.supervisor):
        view = _views(session, case)["SCH"]
        assert (view.is_shown, view.known, view.position, view.written_by) == (False, "", "", "practitioner")
        assert "Zebra" not in repr(meetings.one(session, meeting.number))
        for view_name in ("open_first_view", "masked_panel_case", "open_panel_case"):
            with session.act(Operation.CONSULT, Thing.FIRST_VIEW, reason=PANEL) as act:
                rows = act.connection.exec_driver_sql(f"SELECT * FROM {view_name}").fetchall()
            assert "Zebra" not in repr(rows)
    assert _views(town.practitioner, case)["SCH"].known == SECRET["known"]
    with pytest.raises(InputRejected, match="Not every agency") as lacking:
        first_views.reveal(town.coordinator, case)
    assert "NHS, WMP" in lacking.value.detail
    assert "EDU" not in lacking.value.detail, "an observer has no view to give"
    first_views.reveal(town.coordinator, case, "the nurse has been ill all week")
    assert _views(town.supervisor, case)["SCH"].position == "Housing would lead"
    assert not _views(town.supervisor, meeting.second)
    for write in (SECRET, POLICE):
        with pytest.raises(Refused, match="shown to all"):
            first_views.write(town.practitioner, case, write, over=1)
    with pytest.raises(Refused, match="already"):
        first_views.reveal(town.coordinator, case, "the nurse has been ill all week")


def test_raw_sql_reads_no_first_view_whoever_asks(meeting: Meeting) -> None:
    first_views.write(meeting.town.practitioner, meeting.first, SECRET)
    for name in ("practitioner", "coordinator", "supervisor", "governance"):
        session = meeting.town.user(name)
        for column in ("document", "written_by", "entered_for", "*"):
            with pytest.raises((DatabaseError, StoreUnavailable)):
                session.look(_selected, f"SELECT {column} FROM first_view")
        assert session.look(_selected, "SELECT * FROM open_first_view") == [], "no act, no sight"


def test_a_first_view_is_the_agencys_own_and_colleagues_write_over_nothing_unseen(meeting: Meeting) -> None:
    town, case = meeting.town, meeting.first
    with pytest.raises(Refused, match="may not"):
        first_views.write(town.supervisor, case, POLICE)
    with pytest.raises(Refused, match="partner agency"):
        first_views.write(town.coordinator, case, POLICE)
    with pytest.raises(Refused, match="the agency itself"):
        first_views.write(town.practitioner, case, POLICE, agency="WMP")
    with pytest.raises(Refused, match="has users here"):
        first_views.write(town.coordinator, case, POLICE, agency="SCH", entered_for="Somebody")
    with pytest.raises(InputRejected, match="Whose word"):
        first_views.write(town.coordinator, case, POLICE, agency="NHS")
    for wrong in ({}, {"known": " "}, {"known": "x" * 4_001}, {"known": "ok", "score": "7"}):
        with pytest.raises(InputRejected):
            first_views.write(town.practitioner, case, wrong)
    first_views.write(town.coordinator, case, POLICE, agency="NHS", entered_for="Invented Nurse")
    assert _views(town.coordinator, case)["NHS"].worry == POLICE["worry"], "whoever enters it has read it"
    assert _views(town.practitioner, case)["NHS"].worry == ""
    first_views.write(town.practitioner, case, SECRET)
    with pytest.raises(StaleRecord) as stale:
        first_views.write(town.practitioner, case, {"known": "Something else"})
    assert {each.name: each.theirs for each in stale.value.fields} == SECRET
    first_views.write(town.practitioner, case, {"known": "Something else"}, over=int(stale.value.over or 0))
    assert _views(town.practitioner, case)["SCH"].position == ""


def test_all_cases_are_shown_together_for_one_word(meeting: Meeting) -> None:
    with pytest.raises(InputRejected):
        first_views.reveal_all(meeting.town.coordinator, meeting.number)
    assert first_views.reveal_all(meeting.town.coordinator, meeting.number, "nobody had time to write") == 2
    assert all(each.revealed_at for each in meeting.shown().listed)
    with pytest.raises(Refused, match="nothing to show"):
        first_views.reveal_all(meeting.town.coordinator, meeting.number, "nobody had time to write")


def test_a_case_restricted_to_a_list_shows_its_views_and_answers_to_nobody_else(meeting: Meeting) -> None:
    town = meeting.town
    first_views.write(town.practitioner, meeting.first, SECRET)
    (number,) = information.ask(town.coordinator, meeting.first, ["SCH"], "Is there a tenancy?", DUE)
    with town.supervisor.act(Operation.ADMINISTER, Thing.CASE, reason=PANEL) as act:
        act.connection.exec_driver_sql(
            "INSERT INTO case_restriction (profile_id, why, made_by, made_at) VALUES (?, 'family', 'supervisor', ?)",
            (meeting.people[0].profile_id, stamp(town.supervisor.clock.now())),
        )
    assert "SCH" not in _views(town.practitioner, meeting.first)
    assert number not in {each.number for each in information.for_my_agency(town.practitioner)}
    case = next(each for each in meetings.one(town.practitioner, meeting.number).cases if each.number == meeting.first)
    assert (case.name, case.question, case.is_open) == ("", "", False)


def test_an_observer_is_in_the_room_once_confidentiality_is_confirmed(meeting: Meeting) -> None:
    town = meeting.town
    with pytest.raises(Refused, match="confidentiality"):
        attendance.attend(town.coordinator, meeting.observer, "present")
    with pytest.raises(Refused, match="somebody else's word"):
        attendance.confirm(town.practitioner, meeting.observer)
    attendance.confirm(town.practitioner, meeting.housing)
    attendance.confirm(town.coordinator, meeting.observer)
    attendance.attend(town.coordinator, meeting.observer, "present")
    by = {each.number: each.confidentiality_by for each in meeting.shown().members}
    assert (by[meeting.housing], by[meeting.observer], by[meeting.police]) == ("practitioner", "coordinator", "")
    with pytest.raises(Refused, match="stands already"):
        members.leave_out(town.coordinator, meeting.observer, "the training day was moved")


def test_all_who_were_asked_are_there_at_once_and_agree_once_as_the_panel_opens(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    attendance.attend(coordinator, meeting.health, "apologies")
    assert attendance.all_present(coordinator, meeting.number) == (2, 0)
    opened = meetings.open_panel(coordinator, meeting.number, "agreed")
    # Somebody found missing afterwards gave no word.
    attendance.attend(coordinator, meeting.housing, "absent")
    assert (opened.status, opened.confidentiality) == ("open", "agreed")
    assert {each.number: (each.attendance, bool(each.confidentiality_at)) for each in meeting.shown().members} == {
        meeting.police: ("present", True),
        meeting.housing: ("absent", False),
        meeting.health: ("apologies", False),
        meeting.observer: ("asked", False),
    }


def test_attendance_is_written_over_nothing_unseen_and_information_comes_with_apologies(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    attendance.attend(coordinator, meeting.health, "apologies", information_on=date(2026, 5, 4), over=1)
    with pytest.raises(StaleRecord) as stale:
        attendance.attend(coordinator, meeting.health, "present", over=1)
    assert {each.name: each.theirs for each in stale.value.fields} == {
        "attendance": "apologies",
        "information_on": "2026-05-04",
    }
    for word, day in (("present", date(2026, 5, 4)), ("apologies", date(2026, 5, 5))):
        with pytest.raises(InputRejected):
            attendance.attend(coordinator, meeting.health, word, information_on=day)


def test_quorum_counts_agencies_in_the_room_and_neither_observers_nor_the_partnership(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    assert _quorum(meeting).problems == ("0 agencies are there, and 2 are needed.", "Nobody of police is there.")
    partnership = members.invite(coordinator, meeting.number, agency="KTP", user_name="coordinator")
    attendance.confirm(coordinator, meeting.observer)
    for member in (partnership, meeting.observer, meeting.housing):
        attendance.attend(coordinator, member, "present")
    assert _quorum(meeting).problems == ("1 agency is there, and 2 are needed.", "Nobody of police is there.")
    assert not _health(meeting)
    attendance.attend(coordinator, meeting.health, "present")
    assert _quorum(meeting).problems == ("Nobody of police is there.",)
    attendance.attend(coordinator, meeting.police, "present")
    assert _quorum(meeting) == Quorum(True, (), ("NHS", "SCH", "WMP"), FACTS.quorum)
    assert not _health(meeting)
    attendance.attend(meeting.town.supervisor, meeting.health, "present")
    assert _health(meeting)


def test_whoever_steps_out_of_a_case_counts_for_it_no_more(meeting: Meeting) -> None:
    coordinator, practitioner = meeting.town.coordinator, meeting.town.practitioner
    for member in (meeting.police, meeting.health):
        attendance.attend(meeting.town.supervisor, member, "present")
    with pytest.raises(Refused, match="somebody else's interest"):
        conflicts.declare(practitioner, meeting.health, "a neighbour", "stepped-out", case_id=meeting.first)
    for interest, step in (("", "stayed"), ("a neighbour", "vanished")):
        with pytest.raises(InputRejected):
            conflicts.declare(coordinator, meeting.health, interest, step)
    with pytest.raises(NotFound):
        conflicts.declare(coordinator, meeting.health, "a neighbour", "stayed", case_id=999_999)
    conflicts.declare(coordinator, meeting.health, "a neighbour", "stepped-out", case_id=meeting.first)
    assert (_quorum(meeting).met, _quorum(meeting, meeting.second).met, _quorum(meeting, meeting.first).met) == (
        True,
        True,
        False,
    )
    assert (_health(meeting, meeting.second), _health(meeting, meeting.first)) == (True, False)
    conflicts.declare(practitioner, meeting.housing, "I sit on the owner's board", "stayed")
    declared = [(each.agency, each.case, each.step) for each in meeting.shown().conflicts]
    assert declared == [("NHS", meeting.first, "stepped-out"), ("SCH", None, "stayed")]
    conflicts.declare(coordinator, meeting.police, "chairs the company that complains", "stepped-out")
    assert not _quorum(meeting).met
    with pytest.raises(Refused, match="declared or signed"):
        members.leave_out(coordinator, meeting.housing, "she has left the agency")


def test_a_quorum_rule_may_ask_for_every_kind_there_is(meeting: Meeting) -> None:
    rule = QuorumRule(3, ("police", "nhs", "housing"), 3)
    coordinator = meeting.town.coordinator
    meetings.change(coordinator, meeting.number, replace(FACTS, quorum=rule), over=1)
    for member in (meeting.police, meeting.health):
        attendance.attend(coordinator, member, "present")
    assert _quorum(meeting).problems == ("2 agencies are there, and 3 are needed.", "Nobody of housing is there.")


def test_the_partnership_sets_its_own_clocks_with_a_reason_and_within_bounds(meeting: Meeting) -> None:
    town = meeting.town
    assert settings.value_of(town.practitioner, "panel.load") == 20
    with pytest.raises(Refused):
        settings.change(town.practitioner, "panel.load", 12, "we never get through twenty")
    for value, why in ((0, "we never get through twenty"), (12, "no")):
        with pytest.raises(InputRejected):
            settings.change(town.coordinator, "panel.load", value, why)
    settings.change(town.user("governance"), "panel.load", 12, "we never get through twenty")
    assert settings.value_of(town.practitioner, "panel.load") == 12


def test_home_says_what_a_panel_to_come_asks_of_whoever_signs_in(meeting: Meeting) -> None:
    town = meeting.town
    information.ask(town.coordinator, meeting.first, ["SCH"], "Is there a tenancy?", DUE)
    third = open_people(town, 3)[2].pseudonym
    proposals.propose(town.supervisor, meeting.number, third, QUESTION)

    def said(name: str) -> str:
        sections = {each.code: each for each in home.what_waits(town.user(name))}
        return next((each.words for each in sections["panels"].items if each.thing_id == meeting.number), "")

    asked = "1 request for information; 2 first views to write; your word that what is said stays there"
    assert said("practitioner") == f"Repeat contact panel, 18 May 2026: {asked}"
    assert said("coordinator") == "Repeat contact panel, 18 May 2026: 1 proposal to settle"
    attendance.confirm(town.supervisor, meeting.police)
    assert said("supervisor") == "Repeat contact panel, 18 May 2026: nothing is asked of you"


def test_whoever_chairs_runs_the_panel_whatever_their_role_and_prepares_none(meeting: Meeting) -> None:
    town, chair = meeting.town, meeting.town.supervisor
    first_views.write(town.practitioner, meeting.first, SECRET)
    with pytest.raises(Refused, match="do not run"):
        first_views.reveal(town.practitioner, meeting.first, "nobody else has anything to say")
    with pytest.raises(Refused, match="do not run"):
        attendance.attend(town.practitioner, meeting.housing, "present")
    with pytest.raises(Refused, match="do not run"):
        meetings.open_panel(town.practitioner, meeting.number)
    cases.move(chair, meeting.second, -1)
    attendance.attend(chair, meeting.housing, "present")
    attendance.confirm(chair, meeting.observer)
    conflicts.declare(chair, meeting.health, "a neighbour", "stayed")
    first_views.reveal(chair, meeting.first, "nobody else has anything to say")
    assert _views(chair, meeting.first)["SCH"].known == SECRET["known"]
    meetings.open_panel(chair, meeting.number)
    cases.defer(chair, meeting.second, "her worker is ill this week")
    meetings.close_panel(chair, meeting.number, "the evening ended at five")
    other = meetings.new(town.coordinator, replace(FACTS, chair="practitioner"))
    for act in (meetings.open_panel, meetings.close_panel):
        with pytest.raises(Refused):
            act(chair, other)
    with pytest.raises(Refused):
        meetings.change(town.practitioner, other, FACTS, over=1)
    with pytest.raises(Refused):
        cases.add(town.practitioner, other, meeting.people[0].pseudonym, question=QUESTION)


def test_the_same_is_asked_about_every_open_case_at_once_and_of_nobody_twice(meeting: Meeting) -> None:
    town = meeting.town
    masked = cases.add(town.coordinator, meeting.number, town.masked_adult().pseudonym, question=QUESTION)
    information.ask(town.coordinator, meeting.first, ["SCH"], "What is known?", DUE)
    made = information.ask_all(town.coordinator, meeting.number, ["SCH", "NHS"], "What is known?", DUE)
    assert len(made) == 3
    assert {each.case for each in meeting.shown().requests} == {meeting.first, meeting.second}
    assert masked not in {each.case for each in meeting.shown().requests}
    for case in (meeting.first, meeting.second):
        cases.take_off(town.coordinator, case, "moved away from the borough")
    with pytest.raises(Refused, match="No case"):
        information.ask_all(town.coordinator, meeting.number, ["SCH"], "What is known?", DUE)
