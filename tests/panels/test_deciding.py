"""Deciding in the room: what stops it, going on all the same, what was seen, similar cases, urgent ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions, profile_records, profiles
from kingshurst_tui.casework.decision_form import CRISIS_CATEGORIES, DISCUSSED, mark_the_rest
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.oversight import erasure
from kingshurst_tui.panels import cases, conflicts, going_on, meetings, room, seen, similar, urgent
from kingshurst_tui.panels.room_case import RoomCase
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import PANEL, WORDS
from tests.panels.deciding import FIELDS, MARKED, WHY, begin, decide

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from tests.casework.conftest import Town
    from tests.panels.conftest import Meeting


def _weighs(meeting: Meeting, *categories: str, which: int = 0) -> None:
    """Make the contacts of one of the meeting's people be about these categories, as a partner's extract would."""
    coordinator = meeting.town.coordinator
    with coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        profile = cases.case(act, (meeting.first, meeting.second)[which]).profile_id

    def write(connection: object) -> None:
        execute = connection.exec_driver_sql  # type: ignore[attr-defined]
        ids = execute("SELECT contact_id FROM open_contact WHERE profile_id = ?", (profile,)).scalars().all()
        for at, number in enumerate(ids):
            execute("UPDATE contact SET category = ? WHERE id = ?", (categories[at % len(categories)], number))

    coordinator.stage(Operation.ALTER, Thing.PANEL, write)


def _agree(meeting: Meeting, stop: str, *, case: int | None) -> int:
    pseudonym = meeting.people[0].pseudonym
    number = going_on.ask(meeting.town.coordinator, pseudonym, stop, WHY, panel_case=case, reason=PANEL)
    going_on.settle(meeting.town.supervisor, number, True, PANEL)
    return number


def test_a_decision_in_the_room_names_the_meeting_and_marks_its_case(meeting: Meeting) -> None:
    begin(meeting)
    signed = decide(meeting)
    assert signed.signature_holds
    assert signed.panel is not None
    assert signed.panel["quorum"] == {"met": True, "problems": []}
    assert {each["agency"] for each in signed.panel["present"]} == {"WMP", "SCH", "NHS"}
    case = next(each for each in meeting.shown().cases if each.number == meeting.first)
    assert (case.decision, case.status) == (signed.number, "discussed")
    assert any("Not signed yet by" in each for each in signed.circumstances)


def test_a_panel_that_is_not_open_signs_nothing(meeting: Meeting) -> None:
    with pytest.raises(Refused, match="not open"):
        decide(meeting)
    begin(meeting)
    session, pseudonym = meeting.town.coordinator, meeting.people[0].pseudonym
    version = decisions.open_form(session, pseudonym, PANEL).version
    for case in (999, meeting.second):
        with pytest.raises(NotFound):
            decisions.sign(session, pseudonym, FIELDS, MARKED, version=version, reason=PANEL, panel_case=case)


def test_whoever_stepped_out_of_a_case_does_not_sign_it(meeting: Meeting) -> None:
    begin(meeting)
    conflicts.declare(
        meeting.town.practitioner, meeting.housing, "My neighbour's son.", "stepped-out", case_id=meeting.first
    )
    with pytest.raises(Refused, match="stepped out"):
        decide(meeting, by=meeting.town.practitioner)
    assert decide(meeting).panel is not None


def test_without_quorum_nothing_is_signed_until_a_second_person_agrees(meeting: Meeting) -> None:
    begin(meeting, without=(meeting.police,))
    with pytest.raises(going_on.Stopped) as stopped:
        decide(meeting)
    assert [each.code for each in stopped.value.stops] == [going_on.NO_QUORUM]
    number = going_on.ask(
        meeting.town.coordinator,
        meeting.people[0].pseudonym,
        going_on.NO_QUORUM,
        WHY,
        panel_case=meeting.first,
        reason=PANEL,
    )
    with pytest.raises(going_on.Stopped, match="stopped") as waiting:
        decide(meeting)
    assert str(number) in waiting.value.detail
    with pytest.raises(Refused, match="somebody else"):
        going_on.settle(meeting.town.coordinator, number, True, PANEL)
    going_on.settle(meeting.town.supervisor, number, True, PANEL)
    signed = decide(meeting)
    assert any(WHY in remark for remark in signed.remarks)
    listed = going_on.listed(meeting.town.supervisor, PANEL)
    assert [(each.number, each.status) for each in listed] == [(number, "spent")]
    # It served one decision and serves no other.
    with pytest.raises(going_on.Stopped):
        decide(meeting, why="Because the person asked for them.")


def test_who_says_no_to_going_on_is_heard(meeting: Meeting) -> None:
    begin(meeting, without=(meeting.police,))
    pseudonym = meeting.people[0].pseudonym
    number = going_on.ask(
        meeting.town.coordinator, pseudonym, going_on.NO_QUORUM, WHY, panel_case=meeting.first, reason=PANEL
    )
    going_on.settle(meeting.town.supervisor, number, False, PANEL)
    with pytest.raises(going_on.Stopped):
        decide(meeting)
    with pytest.raises(StaleRecord):
        going_on.settle(meeting.town.practitioner, number, True, PANEL)


def test_going_on_takes_words_and_a_case_of_that_person(meeting: Meeting) -> None:
    pseudonym = meeting.people[0].pseudonym
    ask = meeting.town.coordinator
    for stop, why, case in (("no-quorum", "ok", meeting.first), ("no-quorum", WHY, None), ("whim", WHY, meeting.first)):
        with pytest.raises(InputRejected):
            going_on.ask(ask, pseudonym, stop, why, panel_case=case, reason=PANEL)
    with pytest.raises(NotFound):
        going_on.ask(ask, pseudonym, going_on.NO_QUORUM, WHY, panel_case=meeting.second, reason=PANEL)


def test_mental_health_contacts_are_weighed_with_a_health_member(meeting: Meeting) -> None:
    _weighs(meeting, "mental-health", "noise")
    begin(meeting, without=(meeting.health,))
    with pytest.raises(going_on.Stopped) as stopped:
        decide(meeting)
    assert [each.code for each in stopped.value.stops] == [going_on.NO_HEALTH_MEMBER]
    # Nothing of mental health weighs in the other case.
    _weighs(meeting, "noise", which=1)
    assert decide(meeting, 1).panel is not None


def test_what_is_not_to_be_seen_may_be_of_mental_health(meeting: Meeting) -> None:
    _weighs(meeting, "noise")
    begin(meeting, without=(meeting.health,))
    # The coordinator sees every data set; housing is no recipient of what health agencies send.
    with pytest.raises(going_on.Stopped, match="unknown") as stopped:
        decide(meeting, by=meeting.town.practitioner)
    assert [each.code for each in stopped.value.stops] == [going_on.NO_HEALTH_MEMBER]
    assert decide(meeting).panel is not None


def test_police_never_lead_on_a_crisis_alone_without_two_people(meeting: Meeting) -> None:
    _weighs(meeting, *sorted(CRISIS_CATEGORIES))
    begin(meeting)
    words: dict[str, Any] = {
        "lead_agency": "WMP",
        "health_member": "Invented Nurse",
        "police_lead_why": "A warrant must be served.",
    }
    with pytest.raises(going_on.Stopped) as stopped:
        decide(meeting, **words)
    assert [each.code for each in stopped.value.stops] == [going_on.POLICE_ON_CRISIS]
    # The same holds outside a panel, and what was agreed in a panel does not serve there.
    _agree(meeting, going_on.POLICE_ON_CRISIS, case=meeting.first)
    with pytest.raises(going_on.Stopped):
        decide(meeting, case=False, **words)
    assert decide(meeting, **words).lead_agency == "WMP"
    _agree(meeting, going_on.POLICE_ON_CRISIS, case=None)
    again = decide(meeting, case=False, **words, why_superseded="")
    assert again.panel is None


def test_one_key_marks_what_was_not_discussed_and_nothing_else() -> None:
    marked = mark_the_rest({"necessity": "Nobody else comes.", "why": ""}, ["dissent"])
    assert set(marked) == set(DISCUSSED) - {"necessity"}


def test_what_the_panel_saw_is_drawn_again_exactly(meeting: Meeting) -> None:
    begin(meeting)
    session = meeting.town.coordinator
    with session.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        before = room.shown(act, meeting.first)
    signed = decide(meeting)
    kept = seen.again(meeting.town.supervisor, meeting.first, PANEL)[0]
    assert kept.holds
    assert kept.named_by == signed.number
    assert RoomCase.of_document(kept.document) == before
    # What stands there now is another picture: the case has been decided.
    with session.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        assert room.shown(act, meeting.first) != before


def test_a_picture_that_was_altered_does_not_open(meeting: Meeting) -> None:
    begin(meeting)
    decide(meeting)
    session = meeting.town.coordinator
    session.stage(
        Operation.ALTER,
        Thing.PANEL,
        lambda connection: connection.exec_driver_sql("UPDATE panel_seen SET sealed = zeroblob(200)"),
    )
    kept = seen.again(session, meeting.first, PANEL)[0]
    assert not kept.holds
    assert kept.document == {}


def test_similar_cases_are_not_there_before_the_panel_has_spoken(meeting: Meeting) -> None:
    begin(meeting)
    session = meeting.town.coordinator
    decide(meeting, 1)
    with pytest.raises(Refused, match="not spoken"):
        similar.similar(session, meeting.first, PANEL)
    form = decisions.open_form(session, meeting.people[0].pseudonym, PANEL)
    decisions.save_draft(session, form.profile_id, {**FIELDS, "why": ""}, [], form.version)
    with pytest.raises(Refused, match="not spoken"):
        similar.similar(session, meeting.first, PANEL)
    decisions.save_draft(session, form.profile_id, FIELDS, [], form.version)
    found = similar.similar(session, meeting.first, PANEL)
    assert found.by
    signed = decide(meeting)
    assert signed.panel is not None
    assert signed.panel["similar_cases_shown"] is True


def test_similar_cases_say_what_is_alike_and_hide_small_numbers() -> None:
    mine = similar.Facts(frozenset({"asb"}), frozenset({"noise"}), frozenset({"SCH"}), "25 to 39")
    assert similar.is_alike(mine, similar.Facts(frozenset({"asb"}), frozenset(), frozenset(), "65 and over"))
    assert not similar.is_alike(mine, similar.Facts(frozenset(), frozenset({"noise"}), frozenset(), "25 to 39"))
    unflagged = similar.Facts(frozenset(), frozenset({"noise"}), frozenset({"SCH"}), "25 to 39")
    assert similar.is_alike(unflagged, similar.Facts(frozenset(), frozenset({"noise"}), frozenset(), "25 to 39"))
    assert not similar.is_alike(unflagged, similar.Facts(frozenset(), frozenset({"noise"}), frozenset(), "18 to 24"))


def _urgently(meeting: Meeting, by: Session) -> urgent.Urgent:
    pseudonym = meeting.people[0].pseudonym
    form = decisions.open_form(by, pseudonym, PANEL)
    return urgent.decide(by, pseudonym, FIELDS, MARKED, "Evicted tomorrow at noon.", version=form.version, reason=PANEL)


def _stands(town: Town, pseudonym: str) -> list[tuple[int, str]]:
    shown = profiles.open_profile(town.coordinator, pseudonym, WORDS)
    assert isinstance(shown, profile_records.Profile)
    return [(each.number, each.status) for each in shown.decisions]


def test_an_urgent_decision_takes_two_agencies_and_the_next_panel(meeting: Meeting) -> None:
    town, pseudonym = meeting.town, meeting.people[0].pseudonym
    earlier = decide(meeting, case=False, by=town.coordinator)
    form = decisions.open_form(town.practitioner, pseudonym, PANEL)
    made = urgent.decide(
        town.practitioner,
        pseudonym,
        {**FIELDS, "why_superseded": "She is evicted tomorrow, which nobody knew."},
        MARKED,
        "Evicted tomorrow at noon.",
        version=form.version,
        reason=PANEL,
    )
    assert _stands(town, pseudonym) == [(made.decision, "waiting"), (earlier.number, "signed")]
    with pytest.raises(Refused, match="another agency"):
        urgent.second(town.practitioner, made.number, True, PANEL)
    with pytest.raises(Refused, match="partnership itself"):
        urgent.second(town.coordinator, made.number, True, PANEL)
    agreed = urgent.second(town.supervisor, made.number, True, PANEL)
    assert agreed.second_holds
    assert _stands(town, pseudonym) == [(made.decision, "signed"), (earlier.number, "superseded")]
    with pytest.raises(Refused, match="not open"):
        urgent.ratify(town.coordinator, made.number, meeting.number, True, "", PANEL)
    begin(meeting)
    with pytest.raises(InputRejected):
        urgent.ratify(town.coordinator, made.number, meeting.number, False, "", PANEL)
    said = urgent.ratify(
        town.supervisor, made.number, meeting.number, False, "The eviction had been called off.", PANEL
    )
    assert said.status == "not-ratified"
    assert _stands(town, pseudonym)[0] == (made.decision, "reopened")
    with pytest.raises(StaleRecord):
        urgent.ratify(town.coordinator, made.number, meeting.number, True, "", PANEL)


def test_a_second_agency_may_say_no_and_then_nothing_is_in_force(meeting: Meeting) -> None:
    town, pseudonym = meeting.town, meeting.people[0].pseudonym
    made = _urgently(meeting, town.practitioner)
    with pytest.raises(Refused, match="waits"):
        _urgently(meeting, town.practitioner)
    urgent.second(town.supervisor, made.number, False, PANEL)
    assert _stands(town, pseudonym) == [(made.decision, "refused")]
    form = decisions.open_form(town.coordinator, pseudonym, PANEL)
    assert form.current is None


def test_erasing_somebody_takes_what_the_panel_saw_along(meeting: Meeting) -> None:
    begin(meeting)
    decide(meeting)
    gone = meeting.people[0].pseudonym
    rights = Reason(ReasonCode.RIGHTS)
    asked = erasure.ask(meeting.town.supervisor, "person", gone, rights)
    erasure.confirm(meeting.town.user("governance"), asked, rights, also=())
    with pytest.raises(NotFound):
        seen.again(meeting.town.coordinator, meeting.first, PANEL)
    left = meeting.town.coordinator.look(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM panel_seen").scalar()
    )
    assert left == 0
    assert json.dumps([each.pseudonym for each in meeting.shown().cases]).count(gone) == 0
    meetings.close_panel(meeting.town.coordinator, meeting.number, "She asked for it, and another could not wait.")
