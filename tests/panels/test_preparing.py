"""Calling a meeting, who is asked to it, and its agenda: put together by people, in their order, within its load."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import db.profiles
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.panels import cases, first_views, information, meetings, members, running
from kingshurst_tui.panels.records import QuorumRule
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL
from tests.panels.conftest import FACTS, QUESTION, open_people

if TYPE_CHECKING:
    from tests.casework.conftest import Town
    from tests.panels.conftest import Meeting


def test_a_meeting_says_what_it_is_and_names_its_agenda_in_slots(meeting: Meeting) -> None:
    shown = meeting.shown()
    assert running.facts_of(shown.panel) == FACTS
    assert [(each.number, each.slot, each.slot_ends) for each in shown.listed] == [
        (meeting.first, "14:00", "14:06"),
        (meeting.second, "14:06", "14:12"),
    ]
    assert [each.standing for each in shown.members] == ["deputy", "member", "member", "observer"]
    (line,) = (each for each in meetings.panels(meeting.town.practitioner) if each.panel.number == meeting.number)
    assert (line.cases, line.proposed, line.members, line.agencies) == (2, 0, 4, 4)


CANNOT_BE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"chair": "coordinator"}, "minute_taker"),
    ({"chair": "nobody"}, "chair"),
    ({"minute_taker": "governance", "chair": ""}, "minute_taker"),
    ({"title": " "}, "title"),
    ({"begins_at": "25:00"}, "begins_at"),
    ({"areas": ("weather",)}, "areas"),
    ({"information_by": date(2026, 5, 19)}, "information_by"),
    ({"lock_minutes": 0}, "lock_minutes"),
    ({"quorum": QuorumRule(1, (), 20)}, "quorum"),
    ({"quorum": QuorumRule(40, (), 20)}, "quorum"),
    ({"quorum": QuorumRule(2, ("partnership",), 20)}, "quorum"),
    ({"quorum": QuorumRule(2, ("circus",), 20)}, "quorum"),
    ({"quorum": QuorumRule(2, (), 0)}, "cap"),
)


def test_a_meeting_that_cannot_be_is_refused_by_its_field(town: Town) -> None:
    before = meetings.panels(town.coordinator)
    for changed, problem in CANNOT_BE:
        with pytest.raises(InputRejected) as wrong:
            meetings.new(town.coordinator, replace(FACTS, **changed))
        assert [each.split(":")[0] for each in wrong.value.problems] == [problem]
    assert meetings.panels(town.coordinator) == before


def test_only_the_coordinator_calls_a_meeting_and_nothing_is_written_over_unseen(meeting: Meeting) -> None:
    for name in ("practitioner", "supervisor", "governance"):
        with pytest.raises(Refused):
            meetings.new(meeting.town.user(name), FACTS)
    coordinator = meeting.town.coordinator
    meetings.change(coordinator, meeting.number, replace(FACTS, place="Council House"), over=1)
    with pytest.raises(StaleRecord) as stale:
        meetings.change(coordinator, meeting.number, replace(FACTS, title="Another"), over=1)
    assert {each.name: (each.theirs, each.mine) for each in stale.value.fields} == {
        "title": ("Repeat contact panel", "Another"),
        "place": ("Council House", ""),
    }
    assert stale.value.over == 2


def test_a_meeting_opens_with_two_officers_and_closes_with_a_word_on_what_was_left(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    with pytest.raises(Refused, match="not opened"):
        meetings.close_panel(coordinator, meeting.number)
    meetings.change(coordinator, meeting.number, replace(FACTS, chair=""), over=1)
    with pytest.raises(Refused, match="Nobody is named"):
        meetings.open_panel(coordinator, meeting.number)
    meetings.change(coordinator, meeting.number, FACTS, over=2)
    assert meetings.open_panel(coordinator, meeting.number).status == "open"
    with pytest.raises(Refused, match="begun"):
        meetings.call_off(coordinator, meeting.number, "the hall is flooded")
    with pytest.raises(InputRejected, match="2 cases"):
        meetings.close_panel(coordinator, meeting.number)
    meetings.close_panel(coordinator, meeting.number, "the fire alarm ended the meeting")
    assert [(each.status, each.status_why) for each in meeting.shown().cases] == [
        ("deferred", "the fire alarm ended the meeting")
    ] * 2
    with pytest.raises(Refused, match="was held"):
        cases.take_off(coordinator, meeting.first, "moved away from the borough")
    with pytest.raises(Refused, match="was held"):
        members.invite(coordinator, meeting.number, agency="WMFS", name="Late Guest")


CANNOT_BE_ASKED = (
    ({"agency": "XYZ", "name": "Somebody"}, {"agency"}),
    ({"agency": "WMFS"}, {"name"}),
    ({"agency": "WMFS", "user_name": "practitioner"}, {"user_name"}),
    ({"agency": "SCH", "user_name": "practitioner", "name": "Other"}, {"user_name"}),
    ({"agency": "NHS", "name": "invented nurse"}, {"name"}),
    ({"agency": "WMFS", "name": "Somebody", "standing": "deputy"}, {"deputy_for"}),
    ({"agency": "WMFS", "name": "Somebody", "deputy_for": "Whoever"}, {"deputy_for"}),
    ({"agency": "WMFS", "name": "Somebody", "standing": "king"}, {"standing"}),
)


def test_who_cannot_be_asked_is_refused_by_the_field(meeting: Meeting) -> None:
    for asked, problems in CANNOT_BE_ASKED:
        with pytest.raises(InputRejected) as wrong:
            members.invite(meeting.town.coordinator, meeting.number, **asked)
        assert {each.split(":")[0] for each in wrong.value.problems} == problems
    assert len(meeting.shown().members) == 4


def test_whoever_only_was_asked_may_be_left_out(meeting: Meeting) -> None:
    members.leave_out(meeting.town.coordinator, meeting.observer, "the training day was moved")
    assert [each.number for each in meeting.shown().members if each.standing == "observer"] == []
    with pytest.raises(NotFound):
        members.leave_out(meeting.town.coordinator, meeting.observer, "the training day was moved")


def test_an_agenda_goes_by_the_order_and_the_minutes_that_people_give_it(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    cases.move(coordinator, meeting.second, -1)
    cases.set_minutes(coordinator, meeting.second, 15)
    assert [(each.number, each.place, each.slot) for each in meeting.shown().listed] == [
        (meeting.second, 1, "14:00"),
        (meeting.first, 2, "14:15"),
    ]
    cases.move(coordinator, meeting.second, -5)
    cases.place_at(coordinator, meeting.first, 1)
    assert [each.number for each in meeting.shown().listed] == [meeting.first, meeting.second]
    with pytest.raises(Refused):
        cases.move(meeting.town.practitioner, meeting.first, 1)
    cases.take_off(coordinator, meeting.first, "moved away from the borough")
    assert [(each.number, each.place) for each in meeting.shown().listed] == [(meeting.second, 1)]
    with pytest.raises(Refused, match="no place"):
        cases.move(coordinator, meeting.first, 1)
    cases.put_back(coordinator, meeting.first)
    assert [each.number for each in meeting.shown().listed] == [meeting.second, meeting.first]


def test_going_over_the_load_asks_for_a_reason_that_stays_with_the_case(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    third, fourth = open_people(meeting.town, 4)[2:]
    cases.add(coordinator, meeting.number, third.pseudonym, question=QUESTION)
    with pytest.raises(InputRejected, match="3 cases") as wrong:
        cases.add(coordinator, meeting.number, fourth.pseudonym, question=QUESTION)
    assert wrong.value.problems[0].startswith("why_over_cap")
    why = "he leaves hospital the day before the panel"
    cases.add(coordinator, meeting.number, fourth.pseudonym, question=QUESTION, why_over_cap=why)
    assert meeting.shown().listed[-1].status_why == f"Over the load of 3 cases: {why}"


def test_nobody_is_put_on_an_agenda_who_is_not_there_or_is_another_by_now(meeting: Meeting) -> None:
    coordinator = meeting.town.coordinator
    for wrong in ("KH-0000-0000", "Smith", ""):
        with pytest.raises(NotFound):
            cases.add(coordinator, meeting.number, wrong, question=QUESTION)
    with pytest.raises(Refused, match="already"):
        cases.add(coordinator, meeting.number, meeting.people[0].pseudonym, question=QUESTION)
    with pytest.raises(InputRejected, match="cannot be kept"):
        cases.add(coordinator, meeting.number, open_people(meeting.town, 3)[2].pseudonym, question="why")
    with pytest.raises(Refused):
        cases.add(meeting.town.practitioner, meeting.number, meeting.people[0].pseudonym, question=QUESTION)


def test_somebody_masked_stands_on_an_agenda_by_pseudonym_alone(meeting: Meeting) -> None:
    who = meeting.town.masked_adult(known=True)
    coordinator = meeting.town.coordinator
    number = cases.add(coordinator, meeting.number, who.pseudonym, question=QUESTION, brought_by="referral")
    case = next(each for each in meeting.shown().cases if each.number == number)
    assert (case.who, case.question, case.brought_by, case.brought_id) == (who.pseudonym, "", "", None)
    assert who.surname not in repr(meetings.one(meeting.town.practitioner, meeting.number))


def test_two_profiles_of_one_person_on_one_agenda_keep_one_place_with_all_that_was_asked(meeting: Meeting) -> None:
    coordinator, older, younger = meeting.town.coordinator, *sorted(meeting.people, key=lambda line: line.profile_id)
    numbers = {meeting.people[0].pseudonym: meeting.first, meeting.people[1].pseudonym: meeting.second}
    kept, gone = numbers[older.pseudonym], numbers[younger.pseudonym]
    information.ask(coordinator, gone, ["SCH"], "Is there a tenancy?", date(2026, 5, 14))
    for case, known in ((kept, "She pays her rent"), (gone, "There is a flat above hers")):
        first_views.write(meeting.town.practitioner, case, {"known": known})
    with coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        act.write(db.profiles.merge, younger.profile_id, older.profile_id, "2026-05-04T11:00:00.000Z")
    shown = meetings.one(meeting.town.practitioner, meeting.number)
    assert [each.number for each in shown.cases] == [kept]
    assert [each.case for each in shown.requests] == [kept]
    assert [each.known for each in shown.views] == ["She pays her rent"]
    (line,) = (each for each in meetings.panels(coordinator) if each.panel.number == meeting.number)
    assert line.cases == 1
    with pytest.raises(Refused, match="same person as"):
        cases.add(coordinator, meeting.number, younger.pseudonym, question=QUESTION)


def test_a_panel_that_was_held_still_has_both_cases_of_one_person(meeting: Meeting) -> None:
    coordinator, older, younger = meeting.town.coordinator, *sorted(meeting.people, key=lambda line: line.profile_id)
    meetings.open_panel(coordinator, meeting.number)
    meetings.close_panel(coordinator, meeting.number, "the fire alarm ended the meeting")
    with coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        act.write(db.profiles.merge, younger.profile_id, older.profile_id, "2026-05-04T11:00:00.000Z")
    assert len(meeting.shown().cases) == 2
    assert [each.pseudonym for each in meeting.shown().cases if each.is_open] == [older.pseudonym]
