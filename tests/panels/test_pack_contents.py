"""A pack holds what the coordinator and the attendee's agency may both see of a case, and never more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import db.disclosures
from kingshurst_tui.errors import Refused
from kingshurst_tui.panels import cases, conflicts, first_views, information, meetings
from kingshurst_tui.panels.pack_contents import Pack, pack_for
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL
from tests.panels.conftest import FACTS, QUESTION
from tests.panels.test_before_the_meeting import DUE, SECRET

if TYPE_CHECKING:
    from kingshurst_tui.panels.pack_contents import PackCase
    from tests.panels.conftest import Meeting


def _pack(meeting: Meeting, member: int) -> Pack:
    with meeting.town.coordinator.act(Operation.DISCLOSE, Thing.PANEL, reason=PANEL) as act:
        return pack_for(act, meeting.number, member)


def _text(case: PackCase) -> str:
    return "\n".join(line for _, lines in case.sections for line in lines)


def test_a_pack_holds_rows_of_data_sets_whose_agreements_name_the_agency_and_no_others(meeting: Meeting) -> None:
    seen = {}
    with meeting.town.coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        allowed = {agency: act.read(db.disclosures.may_receive, agency) for agency in ("WMP", "SCH", "NHS")}
    for agency, member in (("WMP", meeting.police), ("SCH", meeting.housing), ("NHS", meeting.health)):
        pack = _pack(meeting, member)
        assert (pack.agency, [each.number for each in pack.cases]) == (agency, [meeting.first, meeting.second])
        assert pack.data_sets <= allowed[agency]
        assert pack.data_sets, agency
        seen[agency] = pack
    assert seen["WMP"].cases != seen["SCH"].cases
    assert set(seen["WMP"].subjects) == {each.pseudonym for each in meeting.people}


def test_nothing_of_another_data_set_is_in_a_pack_word_for_word(meeting: Meeting) -> None:
    town = meeting.town
    with town.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        rows = act.connection.exec_driver_sql(
            "SELECT agreement_ref, coalesce(address, ''), coalesce(partner_reference, '') FROM open_record "
            "WHERE profile_id = ?",
            (meeting.people[0].profile_id,),
        ).fetchall()
        for agency, member in (("WMP", meeting.police), ("SCH", meeting.housing), ("NHS", meeting.health)):
            allowed = act.read(db.disclosures.may_receive, agency)
            given = {word for data_set, *words in rows if data_set in allowed for word in words}
            kept = {word for data_set, *words in rows if data_set not in allowed for word in words if len(word) > 5}
            text = repr(pack_for(act, meeting.number, member).cases[0])
            assert not {word for word in kept - given if word in text}, agency


def test_an_agency_reads_its_own_reference_and_its_own_questions(meeting: Meeting) -> None:
    information.ask(meeting.town.coordinator, meeting.first, ["SCH", "WMP"], "Is there a tenancy?", DUE)
    case = _pack(meeting, meeting.housing).cases[0]
    assert "ASKED OF YOU by 14 May 2026: Is there a tenancy? (asked)" in _text(case)
    assert "WMP: Is there a tenancy? (asked)" in _text(case)
    for pack in (_pack(meeting, meeting.police), _pack(meeting, meeting.housing)):
        for each in pack.cases:
            assert not each.known_as or each.known_as.startswith("known to you as")


def test_first_views_are_in_no_pack_before_they_are_shown_to_all(meeting: Meeting) -> None:
    first_views.write(meeting.town.practitioner, meeting.first, SECRET)
    assert "Zebra" not in repr(_pack(meeting, meeting.police))
    assert "Your agency has written its first view." in _text(_pack(meeting, meeting.housing).cases[0])
    first_views.reveal(meeting.town.coordinator, meeting.first, "the others had nothing to say")
    assert f"SCH, what your agency knows: {SECRET['known']}" in _text(_pack(meeting, meeting.police).cases[0])


def test_whoever_steps_out_is_given_the_place_on_the_agenda_alone_and_whoever_looks_on_not_even_its_length(
    meeting: Meeting,
) -> None:
    looking_on = _pack(meeting, meeting.observer)
    assert (looking_on.cases, looking_on.subjects, looking_on.data_sets) == ((), (), frozenset())
    assert "on the agenda" not in "\n".join(looking_on.lines)
    conflicts.declare(meeting.town.coordinator, meeting.police, "his sister", "stepped-out", case_id=meeting.first)
    first, second = _pack(meeting, meeting.police).cases
    assert (first.is_shown, second.is_shown) == (False, True)
    assert "his sister" not in repr(first)


def test_somebody_masked_is_in_a_pack_by_pseudonym_alone(meeting: Meeting) -> None:
    who = meeting.town.masked_adult(known=True)
    cases.add(meeting.town.coordinator, meeting.number, who.pseudonym, question=QUESTION)
    for member in (meeting.housing, meeting.police):
        pack = _pack(meeting, member)
        assert pack.cases[-1].pseudonym == who.pseudonym
        for word in (who.surname, who.postcode, who.born, QUESTION):
            assert word not in repr(pack.cases[-1])


def test_a_restricted_case_is_in_the_packs_of_users_on_its_list_alone(meeting: Meeting) -> None:
    town = meeting.town
    with town.supervisor.act(Operation.ADMINISTER, Thing.CASE, reason=PANEL) as act:
        at, who = "2026-05-04T11:00:00.000Z", meeting.people[0].profile_id
        act.connection.exec_driver_sql(
            "INSERT INTO case_restriction (profile_id, why, made_by, made_at) VALUES (?, 'x', 'supervisor', ?)",
            (who, at),
        )
        for name in ("coordinator", "supervisor"):
            act.connection.exec_driver_sql(
                "INSERT INTO case_access (profile_id, user_name, why, given_by, given_at) VALUES (?,?,'x',?,?)",
                (who, name, "supervisor", at),
            )
    assert "Who this is" in dict(_pack(meeting, meeting.police).cases[0].sections)
    for member in (meeting.housing, meeting.health):
        assert "Who this is" not in dict(_pack(meeting, member).cases[0].sections)


def test_a_pack_is_made_for_somebody_of_that_meeting(meeting: Meeting) -> None:
    other = meetings.new(meeting.town.coordinator, FACTS)
    with (
        pytest.raises(Refused, match="another panel"),
        meeting.town.coordinator.act(Operation.DISCLOSE, Thing.PANEL, reason=PANEL) as act,
    ):
        pack_for(act, other, meeting.police)
