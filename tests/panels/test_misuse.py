"""What a meeting and its signatures hold against somebody who would speak for others, or read past a list."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import case_access, decisions, dissent_shown, dissents
from kingshurst_tui.errors import InputRejected, NotFound, Refused
from kingshurst_tui.panels import (
    attendance,
    conflicts,
    first_views,
    going_on,
    manifest,
    meetings,
    members,
    minutes,
    minutes_shown,
    notes,
    seen,
    urgent,
)
from kingshurst_tui.panels.records import PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL
from tests.panels.deciding import FIELDS, MARKED, WHY, begin, decide

if TYPE_CHECKING:
    from tests.panels.conftest import Meeting

DISSENT = ("Housing should not lead here.", "The tenancy ends soon.", "What the school knows.", "The council leads.")


def test_a_coordinator_ends_only_a_dissent_that_was_entered_for_somebody(meeting: Meeting) -> None:
    town = meeting.town
    begin(meeting)
    number = decide(meeting).number
    own = dissents.dissent(town.practitioner, number, *DISSENT, PANEL)
    for how in (dissent_shown.RESOLVED, dissent_shown.WITHDRAWN):
        with pytest.raises(Refused, match="SCH"):
            dissents.close(town.coordinator, own.number, how, "They said so in passing.", version=1, reason=PANEL)
    entered = dissents.dissent(town.coordinator, number, *DISSENT, PANEL, agency="NHS", entered_for="Invented Nurse")
    ended = dissents.close(
        town.coordinator, entered.number, dissent_shown.WITHDRAWN, "The nurse wrote so today.", version=1, reason=PANEL
    )
    assert ended.status == dissent_shown.WITHDRAWN


def test_an_answer_is_entered_by_whoever_runs_the_meeting_or_the_same_agency(meeting: Meeting) -> None:
    begin(meeting)
    decide(meeting)
    decide(meeting, 1)
    manifest.make(meeting.town.coordinator, meeting.number, PANEL)
    with pytest.raises(Refused, match="enter"):
        manifest.sign(meeting.town.practitioner, meeting.number, "agrees", PANEL, member_id=meeting.health)


def test_nobody_with_an_account_is_asked_as_if_they_had_none(meeting: Meeting) -> None:
    town = meeting.town
    number = meetings.new(town.coordinator, _facts(meeting))
    named = next(each.name for each in meeting.shown().members if each.user_name == "practitioner")
    with pytest.raises(InputRejected) as refused:
        members.invite(town.coordinator, number, agency="SCH", name=f" {named.upper()}")
    assert "has an account" in refused.value.problems[0]


def test_the_quorum_is_not_changed_once_the_meeting_has_begun(meeting: Meeting) -> None:
    begin(meeting)
    shown = meeting.shown().panel
    loose = replace(_facts(meeting), quorum=QuorumRule(2, (), shown.quorum.cap))
    with pytest.raises(Refused, match="quorum"):
        meetings.change(meeting.town.coordinator, meeting.number, loose, over=shown.version)
    longer = replace(_facts(meeting), quorum=replace(shown.quorum, cap=shown.quorum.cap + 1))
    assert meetings.change(meeting.town.coordinator, meeting.number, longer, over=shown.version).quorum.cap == 4


def test_a_panel_stands_behind_an_urgent_decision_by_the_same_rules_as_behind_its_own(meeting: Meeting) -> None:
    town, pseudonym = meeting.town, meeting.people[0].pseudonym
    form = decisions.open_form(town.practitioner, pseudonym, PANEL)
    made = urgent.decide(
        town.practitioner, pseudonym, FIELDS, MARKED, "Evicted tomorrow at noon.", version=form.version, reason=PANEL
    )
    urgent.second(town.supervisor, made.number, True, PANEL)
    begin(meeting, without=(meeting.health,))
    # Health data sets are not shared with the chair's agency: unknown is not nothing.
    with pytest.raises(going_on.Stopped, match="health member"):
        urgent.ratify(town.supervisor, made.number, meeting.number, True, "", PANEL)
    attendance.attend(town.coordinator, meeting.health, "present")
    conflicts.declare(town.coordinator, meeting.police, "His cousin.", "stepped-out", case_id=meeting.first)
    with pytest.raises(Refused, match="stepped out"):
        urgent.ratify(town.supervisor, made.number, meeting.number, True, "", PANEL)
    with pytest.raises(going_on.Stopped, match="police"):
        urgent.ratify(town.coordinator, made.number, meeting.number, True, "", PANEL)
    number = going_on.ask(town.coordinator, pseudonym, going_on.NO_QUORUM, WHY, panel_case=meeting.first, reason=PANEL)
    going_on.settle(town.practitioner, number, True, PANEL)
    assert urgent.ratify(town.coordinator, made.number, meeting.number, True, "", PANEL).status == urgent.RATIFIED
    assert [each.status for each in going_on.listed(town.coordinator, PANEL)] == [going_on.SPENT]


def test_of_a_restricted_case_nobody_off_its_list_reads_or_settles_why_one_would_go_on(meeting: Meeting) -> None:
    town, pseudonym = meeting.town, meeting.people[0].pseudonym
    number = going_on.ask(town.coordinator, pseudonym, going_on.NO_QUORUM, WHY, panel_case=meeting.first, reason=PANEL)
    assert [each.why for each in going_on.listed(town.practitioner, PANEL)] == [WHY]
    case_access.restrict(town.coordinator, pseudonym, "A relative works at an agency.", ["supervisor"], PANEL)
    assert [each.why for each in going_on.listed(town.practitioner, PANEL)] == [""]
    with pytest.raises(Refused, match="restricted"):
        going_on.settle(town.practitioner, number, True, PANEL)
    assert going_on.settle(town.supervisor, number, True, PANEL).status == going_on.AGREED


def test_whoever_stepped_out_of_a_case_reads_and_writes_nothing_of_what_was_said_of_it(meeting: Meeting) -> None:
    town, number = meeting.town, meeting.number
    first_views.write(town.practitioner, meeting.first, {"known": "They owe rent."})
    begin(meeting)
    conflicts.declare(town.practitioner, meeting.housing, "My neighbour's son.", "stepped-out", case_id=meeting.first)
    notes.keep(town.coordinator, number, meeting.first, {"said": notes.Typed("WORDS-OF-THE-ROOM", 0)})
    with pytest.raises(Refused, match="notes"):
        notes.keep(town.practitioner, number, meeting.first, {"find-out": notes.Typed("Nothing more.", 0)})
    decide(meeting)
    decide(meeting, 1)
    first_views.reveal(town.coordinator, meeting.first, "Everybody has said enough.")
    shown = {view.case: view for view in meetings.one(town.practitioner, number).views}
    assert (shown[meeting.first].is_shown, shown[meeting.first].known) == (False, "")
    for look in (seen.again, lambda session, case, _: first_views.read(session, case)):
        with pytest.raises(Refused, match="stepped out"):
            look(town.practitioner, meeting.first, PANEL)
    meetings.close_panel(town.coordinator, number)
    made = minutes.draft(town.coordinator, number, PANEL)
    assert [part.case for part in made.parts] == [meeting.first, meeting.second]
    read = minutes_shown.read(town.practitioner, number, PANEL)
    assert [part.case for part in read.parts] == [meeting.second]
    assert "WORDS-OF-THE-ROOM" not in repr(read)
    assert len(read.left_out) == 1
    with pytest.raises(NotFound):
        minutes.edit(
            town.practitioner, made.number, "said", "", began="WORDS-OF-THE-ROOM", reason=PANEL, case=meeting.first
        )


def test_minutes_are_written_by_their_taker_and_the_chair_alone(meeting: Meeting) -> None:
    town = meeting.town
    begin(meeting)
    decide(meeting)
    meetings.close_panel(town.coordinator, meeting.number, "Nobody of the school could come.")
    with pytest.raises(Refused, match="not yours"):
        minutes.draft(town.practitioner, meeting.number, PANEL)
    made = minutes.draft(town.coordinator, meeting.number, PANEL)
    for case, field in ((None, "matters"), (meeting.first, "said")):
        with pytest.raises(Refused, match="not yours"):
            minutes.edit(town.practitioner, made.number, field, "Theirs.", began="", reason=PANEL, case=case)
    edited = minutes.edit(town.supervisor, made.number, "matters", "The chair's.", began="", reason=PANEL)
    assert edited.fields["matters"] == "The chair's."


def test_nobody_makes_up_a_member_of_health_alone(meeting: Meeting) -> None:
    town = meeting.town
    begin(meeting, without=(meeting.health,))
    made_up = members.invite(town.coordinator, meeting.number, agency="NHS", name="Nobody at all")
    attendance.attend(town.coordinator, made_up, "present")

    def health_counts() -> bool:
        with town.coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
            return attendance.health_member_present(act, meeting.number, meeting.first)

    assert not health_counts()
    # Health data sets are not shared with the chair's agency: unknown is not nothing.
    with pytest.raises(going_on.Stopped, match="Nobody at all was asked and written down as present by one person"):
        decide(meeting, by=town.practitioner)
    assert attendance.all_present(town.coordinator, meeting.number) == (0, 0)
    assert not health_counts()
    (alone,) = attendance.here_by_one_word(town.coordinator, meeting.number)
    assert "Nobody at all (NHS) does not count yet" in attendance.in_words((alone,))
    assert attendance.all_present(town.supervisor, meeting.number) == (0, 1)
    assert health_counts()
    assert attendance.here_by_one_word(town.coordinator, meeting.number) == ()
    assert decide(meeting, by=town.practitioner).panel


def _facts(meeting: Meeting) -> PanelFacts:
    panel = meeting.shown().panel
    return PanelFacts(**{each.name: getattr(panel, each.name) for each in fields(PanelFacts)})
