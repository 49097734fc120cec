"""Minutes: what the record says, whose words stand, who approves, and what each reader's copy has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import db.case_access
import db.disclosures
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import actions, home
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.leaving import disclosed, minutes_copies, packs
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.oversight.trail import TrailFilter, open_trail
from kingshurst_tui.panels import attendance, meetings, minutes, minutes_shown
from kingshurst_tui.panels.minutes_shown import MinutesShown
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import Town
from tests.leaving.conftest import PANEL, WHY
from tests.panels.conftest import Meeting, meeting
from tests.panels.deciding import begin, decide

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

__all__ = ["meeting"]


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


@pytest.fixture
def held(meeting: Meeting) -> Meeting:
    """The meeting, held: one case decided with an action, the other left."""
    session = meeting.town.coordinator
    begin(meeting, without=(meeting.health,))
    attendance.attend(session, meeting.health, "apologies", information_on=date(2026, 5, 2))
    attendance.confirm(session, meeting.police)
    person = meeting.people[0].pseudonym
    old = actions.add(session, person, "An old promise", owner_agency="WMP", due_on=date(2026, 5, 10), reason=PANEL)
    actions.close(session, old, done=False, because="agency-did-not-act", reason=PANEL)
    decided = decide(meeting, dissent="Police would rather lead.", why="SECRET-REASON of the panel.")
    actions.add(
        session,
        person,
        "Visit every week",
        owner_agency="SCH",
        due_on=date(2026, 6, 1),
        decision=decided.number,
        panel_case=meeting.first,
        reason=PANEL,
    )
    meetings.close_panel(session, meeting.number, "There was no time for the other case")
    return meeting


def drafted(held: Meeting) -> MinutesShown:
    return minutes.draft(held.town.coordinator, held.number, PANEL)


def approved(held: Meeting) -> MinutesShown:
    return minutes.approve(held.town.practitioner, drafted(held).number, PANEL)


def test_a_draft_says_what_the_record_says(held: Meeting) -> None:
    shown = drafted(held)
    meeting_says = shown.fields
    assert "WMP" in meeting_says["present"]
    assert "information received on 2 May 2026" in meeting_says["apologies"]
    assert "Not confirmed" in meeting_says["confidentiality"]
    assert "1 not done: the agency did not act" in meeting_says["previous"]
    (first, _) = shown.parts
    assert first.fields["question"]
    assert "(SCH) leads" in first.fields["decision"]
    assert "SECRET-REASON" in first.fields["reasons"]
    assert "not discussed" in first.fields["reasons"]
    assert "Police would rather lead." in first.fields["dissent"]
    assert "Visit every week" in first.fields["actions"]
    assert "An old promise" in first.fields["previous"]
    assert "the agency did not act" in first.fields["previous"]
    assert "3 August 2026" in first.fields["review"]
    assert "Sooner if" in first.fields["review"]


def test_minutes_wait_for_the_end_of_the_meeting_and_are_drafted_once(meeting: Meeting) -> None:
    with pytest.raises(Refused, match="once the meeting is closed"):
        minutes.draft(meeting.town.coordinator, meeting.number, PANEL)
    with pytest.raises(NotFound):
        minutes_shown.read(meeting.town.coordinator, meeting.number, PANEL)


def test_a_second_draft_is_asked_for_in_so_many_words(held: Meeting) -> None:
    first = drafted(held)
    with pytest.raises(Refused, match="drafted already"):
        drafted(held)
    again = minutes.draft(held.town.coordinator, held.number, PANEL, anew=True)
    assert [status for _, status, *_ in again.versions] == ["draft", "replaced"]
    assert again.version == first.version + 1


def test_an_edit_over_somebody_else_s_is_shown_and_overwrites_nothing(held: Meeting) -> None:
    shown = drafted(held)
    one, other = held.town.coordinator, held.town.supervisor
    part = shown.parts[0]
    began = part.fields["said"]
    minutes.edit(one, shown.number, "said", "Theirs", case=part.case, began=began, reason=PANEL)
    with pytest.raises(StaleRecord) as stale:
        minutes.edit(other, shown.number, "said", "Mine", case=part.case, began=began, reason=PANEL)
    assert (stale.value.fields[0].theirs, stale.value.fields[0].mine) == ("Theirs", "Mine")
    over = str(stale.value.over)
    after = minutes.edit(other, shown.number, "said", "Mine", case=part.case, began=over, reason=PANEL)
    assert after.parts[0].fields["said"] == "Mine"
    with pytest.raises(InputRejected):
        minutes.edit(one, shown.number, "no-such-field", "x", began="", reason=PANEL)


def test_minutes_are_approved_by_somebody_else_who_was_there(held: Meeting) -> None:
    assert set(minutes.who_could_approve(held.town.coordinator, held.number, PANEL)) == {"practitioner", "supervisor"}
    assert set(minutes.who_could_approve(held.town.supervisor, held.number, PANEL)) == {"practitioner"}
    shown = drafted(held)
    with pytest.raises(Refused) as refused:
        minutes.approve(held.town.coordinator, shown.number, PANEL)
    assert "other than the minute-taker" in refused.value.detail
    signed = minutes.approve(held.town.practitioner, shown.number, PANEL)
    assert (signed.status, signed.approved_by, signed.signature_holds) == ("approved", "practitioner", True)
    with pytest.raises(Refused):
        minutes.edit(held.town.coordinator, shown.number, "matters", "More", began="", reason=PANEL)


def test_a_word_changed_after_the_signature_is_seen(held: Meeting, out: Path) -> None:
    shown = approved(held)

    def change(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "UPDATE minutes_part SET document = '{\"fields\": {}}' WHERE minutes_id = ?", (shown.number,)
        )

    held.town.coordinator.stage(Operation.ALTER, Thing.MINUTES, change)
    assert minutes_shown.read(held.town.coordinator, held.number, PANEL).signature_holds is False
    with pytest.raises(Refused, match="does not hold"):
        send(held, out)


def test_a_correction_is_a_new_version_and_the_old_stands_until_it_is_approved(held: Meeting) -> None:
    approved(held)
    second = minutes.correct(held.town.coordinator, held.number, "The wrong agency is named", PANEL)
    assert [status for _, status, *_ in second.versions] == ["draft", "approved"]
    minutes.approve(held.town.practitioner, second.number, PANEL)
    last = minutes_shown.read(held.town.coordinator, held.number, PANEL)
    assert [status for _, status, *_ in last.versions] == ["approved", "replaced"]


def test_why_minutes_are_corrected_goes_with_whom_it_names(held: Meeting) -> None:
    approved(held)
    minutes.correct(held.town.coordinator, held.number, "NAMED-IN-A-REASON was not at home", PANEL)

    def why() -> list[str | None]:
        page = open_trail(held.town.supervisor, TrailFilter(operation="alter"), limit=40)
        return [line.words for line in page.lines if line.facts.get("step") == "correct"]

    with held.town.coordinator.act(Operation.CONSULT, Thing.MINUTES, reason=PANEL) as act:
        documents = act.connection.exec_driver_sql("SELECT document FROM minutes").scalars().all()
    assert "NAMED-IN-A-REASON" not in " ".join(documents)
    assert why() == ["NAMED-IN-A-REASON was not at home"]
    rights = Reason(ReasonCode.RIGHTS)
    asked = erasure.ask(held.town.supervisor, erasing.PERSON, held.people[1].pseudonym, rights)
    erasure.confirm(held.town.user("governance"), asked, rights, also=())
    assert why() == [None]


def send(held: Meeting, out: Path, what: str = "minutes", form: str = "txt") -> dict[str, str]:
    copies = minutes_copies.circulate(
        held.town.coordinator, held.number, what=what, form=form, into=out, why=WHY, reason=PANEL
    )
    return {each.recipient.agency: each.path.read_text() for each in copies}


def test_only_approved_minutes_go_out_and_targets_say_whether_in_time(held: Meeting, out: Path) -> None:
    drafted(held)
    with pytest.raises(Refused, match="not approved"):
        send(held, out)
    send(held, out, "actions")
    minutes.approve(held.town.practitioner, minutes_shown.read(held.town.coordinator, held.number, PANEL).number, PANEL)
    held.town.coordinator.clock.move(timedelta(days=60))  # type: ignore[attr-defined]
    send(held, out)
    when = minutes_shown.read(held.town.coordinator, held.number, PANEL).targets.in_words()
    assert "in time" in when[0]
    assert "late" in when[1]


def test_actions_go_to_their_own_agency_alone(held: Meeting, out: Path) -> None:
    drafted(held)
    sent = send(held, out, "actions")
    assert list(sent) == ["SCH"]
    assert "Visit every week" in sent["SCH"]
    assert "SECRET-REASON" not in sent["SCH"]


def test_a_reader_whose_agency_may_not_receive_all_has_the_decision_and_no_reason(held: Meeting, out: Path) -> None:
    shown = approved(held)
    session = held.town.coordinator
    with session.act(Operation.CONSULT, Thing.MINUTES, reason=PANEL) as act:
        whole = act.read(db.disclosures.whole_to, shown.parts[0].profile_id)
    sent = send(held, out)
    assert set(sent) == {"WMP", "SCH", "NHS"}
    for agency, text in sent.items():
        assert "leads." in text
        assert ("SECRET-REASON" in text) == (agency in whole), agency
        assert ("does not receive" in text) == (agency not in whole)


def test_no_agency_s_own_reference_stands_in_another_s_copy(held: Meeting, out: Path) -> None:
    approved(held)
    sent = send(held, out)
    for agency, text in sent.items():
        for case in held.people:
            assert case.pseudonym in text
        assert text.count("known to you as") <= len(held.people), agency


def test_whoever_stepped_out_has_nothing_of_the_case(held: Meeting, out: Path) -> None:
    conflicts_before(held)
    approved(held)
    sent = send(held, out)
    assert held.people[0].pseudonym not in sent["WMP"]
    assert minutes_copies.LEFT_OUT in sent["WMP"]
    assert held.people[0].pseudonym in sent["SCH"]


def conflicts_before(held: Meeting) -> None:
    """Declare an interest as if before the meeting was closed."""

    def write(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "INSERT INTO conflict_of_interest (panel_id, panel_member_id, profile_id, interest, step, declared_by, "
            "declared_at) VALUES (?,?,?,'A cousin','stepped-out','supervisor','2026-05-04T11:00:00.000Z')",
            (held.number, held.police, held.people[0].profile_id),
        )

    held.town.coordinator.stage(Operation.ALTER, Thing.PANEL, write)


def test_a_restricted_case_stands_in_the_copies_of_its_list_alone(held: Meeting, out: Path) -> None:
    approved(held)
    with held.town.coordinator.act(Operation.ADMINISTER, Thing.CASE, reason=PANEL) as act:
        given = (held.people[0].profile_id, ["coordinator", "practitioner"], "Keeps it", "coordinator", "2026-05-04")
        act.write(db.case_access.restrict, given[0], "A colleague's family", "coordinator", "2026-05-04")
        act.write(db.case_access.let_in, *given)
    sent = send(held, out)
    assert held.people[0].pseudonym in sent["SCH"], "the practitioner of housing is on the list"
    assert held.people[0].pseudonym not in sent["WMP"]
    assert held.people[0].pseudonym not in sent["NHS"]
    assert held.people[1].pseudonym in sent["WMP"]


def test_whoever_is_not_on_the_list_reads_no_word_and_cannot_change_one(held: Meeting) -> None:
    shown = drafted(held)
    with held.town.coordinator.act(Operation.ADMINISTER, Thing.CASE, reason=PANEL) as act:
        act.write(db.case_access.restrict, held.people[0].profile_id, "Family", "coordinator", "2026-05-04")
        act.write(db.case_access.let_in, held.people[0].profile_id, ["practitioner"], "", "coordinator", "2026-05-04")
    seen = minutes_shown.read(held.town.coordinator, held.number, PANEL)
    assert [part.pseudonym for part in seen.parts] == [held.people[1].pseudonym]
    with pytest.raises(NotFound):
        minutes.edit(held.town.coordinator, shown.number, "said", "x", case=held.first, began="", reason=PANEL)
    assert len(minutes_shown.read(held.town.practitioner, held.number, PANEL).parts) == 2


def test_every_form_leaves_and_is_kept_with_whom_it_is_about(held: Meeting, out: Path) -> None:
    approved(held)
    for form in ("html", "pdf", "docx", "txt"):
        copies = minutes_copies.circulate(
            held.town.coordinator, held.number, form=form, into=out, why=WHY, reason=PANEL, names=["Invented Nurse"]
        )
        assert [each.path.suffix for each in copies] == [f".{form}"]
        one = disclosed.listed(held.town.supervisor, PANEL)[0]
        assert (one.kind, one.form, one.panel) == ("minutes", form, held.number)
        assert set(one.subjects) == {each.pseudonym for each in held.people}


def test_packs_leave_for_everybody_who_is_asked_and_does_not_look_on(meeting: Meeting, out: Path) -> None:
    copies = packs.release_packs(meeting.town.coordinator, meeting.number, form="html", into=out, why=WHY, reason=PANEL)
    assert sorted(each.recipient.agency for each in copies) == ["NHS", "SCH", "WMP"]
    assert all(each.path.stem.endswith(f"-{each.recipient.agency}-{each.recipient.mark}") for each in copies)
    with pytest.raises(Refused, match="Not everybody"):
        packs.release_packs(
            meeting.town.coordinator, meeting.number, form="html", into=out, why=WHY, reason=PANEL, names=["Nobody"]
        )
    assert replace(copies[0]).path.exists()


def test_the_approval_holds_when_somebody_in_the_minutes_is_erased(held: Meeting) -> None:
    shown = approved(held)

    def erase(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "DELETE FROM minutes_part WHERE minutes_id = ? AND panel_case_id = ?", (shown.number, held.first)
        )

    held.town.coordinator.stage(Operation.ALTER, Thing.MINUTES, erase)
    after = minutes_shown.read(held.town.coordinator, held.number, PANEL)
    assert len(after.parts) == 1
    assert after.signature_holds is True


def test_a_part_put_in_the_place_of_another_is_seen(held: Meeting) -> None:
    shown = approved(held)

    def put(connection: object) -> None:
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "DELETE FROM minutes_part WHERE minutes_id = ? AND panel_case_id = ?", (shown.number, held.second)
        )
        connection.exec_driver_sql(  # type: ignore[attr-defined]
            "UPDATE minutes_part SET panel_case_id = ? WHERE minutes_id = ?", (held.second, shown.number)
        )

    held.town.coordinator.stage(Operation.ALTER, Thing.MINUTES, put)
    assert minutes_shown.read(held.town.coordinator, held.number, PANEL).signature_holds is False


def test_home_says_what_of_the_minutes_waits_and_which_copies_are_to_be_destroyed(held: Meeting, out: Path) -> None:
    def on_home(who: str, code: str) -> list[tuple[str, str]]:
        found = next(each for each in home.what_waits(held.town.user(who)) if each.code == code)
        return [(item.words, item.warning) for item in found.items]

    assert on_home("coordinator", "minutes") == [("Repeat contact panel: draft the minutes", "")]
    drafted(held)
    assert "circulate the actions, then approve" in on_home("practitioner", "minutes")[0][0]
    minutes.approve(held.town.practitioner, minutes_shown.read(held.town.coordinator, held.number, PANEL).number, PANEL)
    held.town.coordinator.clock.move(timedelta(days=60))  # type: ignore[attr-defined]
    assert on_home("coordinator", "minutes")[0][1] == "Overdue"
    send(held, out, "actions")
    send(held, out)
    assert on_home("coordinator", "minutes") == []
    assert on_home("supervisor", "left") == []
    held.town.coordinator.clock.move(timedelta(days=91))  # type: ignore[attr-defined]
    assert len(on_home("supervisor", "left")) == 2
