"""A panel's manifest: one signature a member over all decisions, verified whenever it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import db.manifests
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.oversight import erasure
from kingshurst_tui.panels import attendance, cases, manifest, meetings, members
from kingshurst_tui.upkeep import checking
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import PANEL
from tests.panels.deciding import begin, decide

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from kingshurst_tui.panels.manifest_shown import ManifestShown
    from tests.panels.conftest import Meeting


def _decided(meeting: Meeting) -> tuple[int, int]:
    begin(meeting)
    return decide(meeting).number, decide(meeting, 1).number


def _read(meeting: Meeting) -> ManifestShown:
    found = manifest.read(meeting.town.coordinator, meeting.number, PANEL)
    assert found is not None
    return found


def test_a_member_signs_once_over_all_decisions(meeting: Meeting) -> None:
    first, second = _decided(meeting)
    manifest.make(meeting.town.coordinator, meeting.number, PANEL)
    shown = manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL)
    assert [each.number for each in shown.decisions] == [first, second]
    assert [(each.agency, each.holds) for each in shown.signatures] == [("WMP", True)]
    assert [(each.agency, each.has_account) for each in shown.unsigned] == [("NHS", False), ("SCH", True)]
    with pytest.raises(Refused, match="already"):
        manifest.sign(meeting.town.supervisor, meeting.number, "abstains", PANEL)
    signed = decisions.listed(meeting.town.coordinator, PANEL)[0]
    assert any("Not signed yet by Invented Nurse (NHS)" in each for each in signed.circumstances)


def test_nobody_signs_before_every_case_is_dealt_with(meeting: Meeting) -> None:
    begin(meeting)
    decide(meeting)
    with pytest.raises(Refused, match="still to be discussed"):
        manifest.make(meeting.town.coordinator, meeting.number, PANEL)
    cases.defer(meeting.town.coordinator, meeting.second, "Nobody of the school could come today.")
    assert manifest.make(meeting.town.coordinator, meeting.number, PANEL).quorum_met


def test_an_answer_is_entered_for_a_member_without_an_account_and_for_nobody_else(meeting: Meeting) -> None:
    first, _ = _decided(meeting)
    manifest.make(meeting.town.coordinator, meeting.number, PANEL)
    entered = manifest.sign(
        meeting.town.coordinator, meeting.number, "agrees", PANEL, excepted=[first], member_id=meeting.health
    )
    said = entered.signatures[0]
    assert (said.signed_by, said.entered_for, said.excepted) == ("coordinator", "Invented Nurse", (first,))
    assert "entered by coordinator for Invented Nurse" in said.in_words()
    with pytest.raises(Refused, match="own key"):
        manifest.sign(meeting.town.coordinator, meeting.number, "agrees", PANEL, member_id=meeting.police)
    with pytest.raises(Refused, match="no member"):
        manifest.sign(meeting.town.coordinator, meeting.number, "agrees", PANEL)
    with pytest.raises(Refused, match="not present"):
        manifest.sign(meeting.town.coordinator, meeting.number, "agrees", PANEL, member_id=meeting.observer)
    with pytest.raises(InputRejected):
        manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL, excepted=[999])


def test_members_who_do_not_run_the_meeting_wait_for_its_manifest(meeting: Meeting) -> None:
    _decided(meeting)
    with pytest.raises(Refused, match="no manifest"):
        manifest.sign(meeting.town.practitioner, meeting.number, "agrees", PANEL)
    # The chair makes it and signs it in one breath.
    assert manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL).made_by == "supervisor"
    with meeting.town.practitioner.act(Operation.CONSULT, Thing.MANIFEST, reason=PANEL) as act:
        assert manifest.waiting_for(act) == (meeting.number,)


def test_attendance_changed_around_the_signing_needs_a_reason_and_is_shown(meeting: Meeting) -> None:
    town = meeting.town
    first, second = _decided(meeting)
    made = manifest.make(town.coordinator, meeting.number, PANEL)
    assert (made.quorum_met, made.differences, len(made.unsigned)) == (True, (), 3)
    with pytest.raises(InputRejected, match="as present"):
        attendance.attend(town.coordinator, meeting.police, "absent")
    with pytest.raises(Refused, match="as present"):
        attendance.attend(town.coordinator, meeting.police, "asked", why="He was never here.")
    attendance.attend(town.coordinator, meeting.police, "absent", why="He left at three.")
    attendance.attend(town.coordinator, meeting.police, "asked")
    with pytest.raises(Refused, match="stands"):
        members.leave_out(town.coordinator, meeting.police, "He was never here.")
    assert _read(meeting).outdated
    anew = manifest.make(town.coordinator, meeting.number, PANEL)
    # The quorum is the one that the decisions were signed with, and whoever they name signs them.
    assert anew.quorum_met
    named = f"named as present by decisions {first}, {second} and written down as asked: He left at three."
    assert [each.split("is ", 1)[1] for each in anew.differences] == [named]
    with town.supervisor.act(Operation.CONSULT, Thing.MANIFEST, reason=PANEL) as act:
        assert manifest.waiting_for(act) == (meeting.number,)
    assert manifest.sign(town.supervisor, meeting.number, "agrees", PANEL).signatures[0].agency == "WMP"


def test_a_decision_superseded_afterwards_breaks_no_manifest(meeting: Meeting) -> None:
    first, second = _decided(meeting)
    manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL)
    meetings.close_panel(meeting.town.coordinator, meeting.number)
    decide(meeting, case=False, why="Because the person asked for them.")
    shown = _read(meeting)
    assert [(each.number, each.state) for each in shown.decisions] == [(first, "replaced"), (second, "stands")]
    assert shown.problems == ()
    assert not shown.outdated


def test_a_person_who_is_erased_breaks_no_manifest(meeting: Meeting) -> None:
    _decided(meeting)
    manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL)
    rights = Reason(ReasonCode.RIGHTS)
    asked = erasure.ask(meeting.town.supervisor, "person", meeting.people[0].pseudonym, rights)
    erasure.confirm(meeting.town.user("governance"), asked, rights, also=())
    shown = _read(meeting)
    assert [each.state for each in shown.decisions] == ["not to be read here", "stands"]
    assert shown.problems == ()
    assert shown.signatures[0].holds


def _altered(table: str, column: str, value: str) -> Callable[[Connection], None]:
    def write(connection: Connection) -> None:
        connection.exec_driver_sql(f"UPDATE {table} SET {column} = ?", (value,))

    return write


@pytest.mark.parametrize("table", ["manifest_signature", "manifest"])
def test_what_was_altered_afterwards_is_said(meeting: Meeting, table: str) -> None:
    _decided(meeting)
    before = manifest.sign(meeting.town.supervisor, meeting.number, "agrees", PANEL)
    assert before.problems == ()
    administrator, coordinator = meeting.town.user("administrator"), meeting.town.coordinator
    assert checking.check(administrator).whole
    with coordinator.act(Operation.CONSULT, Thing.MANIFEST, reason=PANEL) as act:
        if table == "manifest":
            column, kept = "document", act.read(db.manifests.all_of_them)[0].document
            value = kept.replace('"met":true', '"met":false')
        else:
            column, kept, value = "stance", "agrees", "dissents"
    assert value != kept
    coordinator.stage(Operation.ALTER, Thing.MANIFEST, _altered(table, column, value))
    assert _read(meeting).problems
    found = checking.check(administrator)
    assert [each.check for each in found.findings if each.problems] == ["what panels signed"]
