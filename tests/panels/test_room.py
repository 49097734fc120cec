"""The room: what is shown of a case and to whom, notes of two people, the time, and what the trail says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.keys import canonical
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected, NotFound, Refused
from kingshurst_tui.oversight.trail import TrailFilter, open_trail
from kingshurst_tui.panels import notes, room, timer
from kingshurst_tui.panels.notes import Typed
from kingshurst_tui.panels.room_case import RoomCase
from kingshurst_tui.session import Session
from tests.panels.rooms import first_view, hold, say, step_out


class Room:
    """A meeting and those who sit in it."""

    def __init__(self, demo: DemoStore, stack: ExitStack) -> None:
        self._demo, self._stack = demo, stack
        self.chair = self.user("coordinator")
        self.held = hold(self.chair, cases=3, masked=1)

    def user(self, name: str) -> Session:
        return self._stack.enter_context(self._demo.signed_in(name))

    def open(self, session: Session, at: int = 0) -> room.OpenedCase:
        return room.open_case(session, self.held.panel, self.held.cases[at])

    def keep(self, session: Session, **typed: Typed) -> notes.Kept:
        return notes.keep(session, self.held.panel, self.held.cases[0], typed)

    def written(self, session: Session) -> dict[str, notes.NoteShown]:
        return {note.field: note for note in self.open(session).notes}


@pytest.fixture
def meeting(demo_copy: DemoStore) -> Iterator[Room]:
    with ExitStack() as stack:
        yield Room(demo_copy, stack)


def entries(session: Session) -> int:
    """How many entries the trail has."""
    return session.look(
        lambda connection: int(connection.exec_driver_sql("SELECT max(seq) FROM audit_entry").scalar() or 0)
    )


# --- what is shown ---------------------------------------------------------------------------------------------


def test_a_case_is_the_same_bytes_every_time_and_is_drawn_again_from_them(meeting: Room) -> None:
    first, second = (meeting.open(meeting.chair).case for _ in range(2))
    kept = canonical(first.document())
    assert kept == canonical(second.document())
    assert RoomCase.of_document(json.loads(kept)) == first


def test_what_is_no_case_is_not_drawn(meeting: Room) -> None:
    document = json.loads(canonical(meeting.open(meeting.chair).case.document()))
    with pytest.raises((KeyError, TypeError)):
        RoomCase.of_document({**document, "place": "third"})
    del document["views"]
    with pytest.raises((KeyError, TypeError)):
        RoomCase.of_document(document)


def test_distinct_incidents_are_counted_and_an_agency_that_cannot_tell_is_unknown(meeting: Room) -> None:
    case = meeting.open(meeting.chair).case
    assert case.incidents == len(case.timeline) > 0
    for line in case.agencies:
        mine = [each for each in case.timeline if line.agency in {report.agency for report in each.reports}]
        assert (line.incidents or 0) == len(mine)
        assert not (line.incidents == 0 and line.unknown), "unknown reads like none"


def test_a_masked_person_is_a_pseudonym_and_counts(meeting: Room) -> None:
    opened = meeting.open(meeting.chair, at=3)
    case = opened.case
    assert case.is_masked
    assert case.who.name == case.who.initials == ""
    assert (case.question, case.timeline, case.decisions, case.views, case.matters) == ("", (), (), (), ())
    assert not opened.may_write
    assert "not open" in opened.why_not


def test_no_room_shows_a_restricted_note_nor_sealed_detail_whoever_acts(meeting: Room) -> None:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework import profile_records, profiles, restricted_notes
    from kingshurst_tui.vocabulary import ReasonCode

    reason = Reason(ReasonCode.PANEL)
    for pseudonym in meeting.held.pseudonyms[:3]:
        restricted_notes.write(meeting.chair, pseudonym, "Hidden from the wall", reason)
    for at in range(3):
        case = meeting.open(meeting.chair, at).case
        told = json.dumps(case.document())
        assert "Hidden from the wall" not in told
        assert case.kept_back == 1
        profile = profiles.open_profile(meeting.chair, case.pseudonym, reason)
        assert isinstance(profile, profile_records.Profile)
        sealed = {row.outcome for row in profile.timeline if row.outcome} - {
            report.outcome for line in case.timeline for report in line.reports
        }
        assert not any(words in told for words in sealed)


def test_a_first_view_is_on_no_screen_before_all_are_shown(meeting: Room) -> None:
    first_view(meeting.user("practitioner"), meeting.held, 0, "SCH", {"strengths": "Plays the organ", "worry": "Alone"})
    for user in ("coordinator", "practitioner"):
        case = meeting.open(meeting.chair if user == "coordinator" else meeting.user(user)).case
        view = next(each for each in case.views if each.agency == "SCH")
        assert view.is_written
        assert not view.is_shown
        assert not view.worry
        assert "organ" not in json.dumps(case.document())
    revealed = "UPDATE panel_case SET revealed_at = '2026-05-04T11:00:00.000Z' WHERE id = ?"
    say(meeting.chair, revealed, meeting.held.cases[0])
    case = meeting.open(meeting.chair).case
    assert next(each for each in case.views if each.agency == "SCH").worry == "Alone"
    assert "Plays the organ" in {each.words for each in case.matters}


def test_whoever_stepped_out_is_not_shown_the_case(meeting: Room) -> None:
    housing = meeting.user("practitioner")
    step_out(meeting.chair, meeting.held, 1, "SCH", "practitioner")
    meeting.open(housing, 0)
    with pytest.raises(Refused, match="stepped out"):
        meeting.open(housing, 1)
    meeting.open(meeting.chair, 1)


def test_a_case_is_opened_in_its_own_meeting_only(meeting: Room) -> None:
    other = hold(meeting.chair, cases=1)
    with pytest.raises(NotFound):
        room.open_case(meeting.chair, other.panel, meeting.held.cases[0])
    with pytest.raises(NotFound):
        room.agenda(meeting.chair, 999)


# --- the trail ---------------------------------------------------------------------------------------------------


def test_one_entry_opens_a_case_and_none_keeps_a_note(meeting: Room) -> None:
    before = entries(meeting.chair)
    meeting.open(meeting.chair)
    assert entries(meeting.chair) == before + 1
    for number in range(20):
        meeting.keep(meeting.chair, said=Typed("word " * (number + 1), number))
        room.hear(meeting.chair, meeting.held.panel, meeting.held.cases[0], 0)
    meeting.open(meeting.chair)
    assert entries(meeting.chair) == before + 1
    newest = open_trail(meeting.user("supervisor"), TrailFilter(actor="coordinator"), limit=1).lines[0]
    assert tuple(newest.subjects) == (meeting.held.pseudonyms[0],)


# --- notes -------------------------------------------------------------------------------------------------------


def test_two_people_in_two_fields_do_not_meet(meeting: Room) -> None:
    housing = meeting.user("practitioner")
    assert not meeting.keep(meeting.chair, said=Typed("The chair", 0)).clashes
    assert not meeting.keep(housing, matters=Typed("Her garden", 0)).clashes
    found = meeting.written(meeting.chair)
    assert (found["said"].words, found["matters"].words) == ("The chair", "Her garden")
    assert found["matters"].written_by == "practitioner"


def test_in_one_field_the_second_is_shown_the_first_and_neither_is_lost(meeting: Room) -> None:
    housing = meeting.user("practitioner")
    meeting.keep(meeting.chair, said=Typed("The chair was first", 0))
    kept = meeting.keep(housing, said=Typed("Housing wrote too", 0))
    clash = kept.clashes[0]
    assert (clash.by, clash.changed.theirs, clash.changed.mine) == (
        "coordinator",
        "The chair was first",
        "Housing wrote too",
    )
    # Power goes: what was not taken waits for its writer, and for nobody else.
    again = meeting.written(meeting.user("practitioner"))["said"]
    assert (again.words, again.waiting) == ("The chair was first", "Housing wrote too")
    assert meeting.written(meeting.chair)["said"].waiting is None
    both = Typed("The chair was first\nHousing wrote too", clash.version, again.words, again.kept)
    assert not meeting.keep(housing, said=both).clashes
    settled = meeting.written(meeting.user("practitioner"))["said"]
    assert (settled.words, settled.waiting) == (both.words, None)


def test_one_s_own_words_under_way_do_not_clash_with_what_was_typed_meanwhile(meeting: Room) -> None:
    meeting.keep(meeting.chair, said=Typed("One", 0))
    assert not meeting.keep(meeting.chair, said=Typed("One two", 0, sent="One")).clashes
    assert meeting.written(meeting.chair)["said"].words == "One two"
    assert meeting.keep(meeting.user("practitioner"), said=Typed("Three", 1, sent="One two")).clashes


@given(words=st.text(max_size=200))
def test_whatever_is_typed_is_kept_and_harmless(words: str) -> None:
    # The text boundary of the notes is terminal_text.safe_text: what it makes of words, it makes of them once.
    from kingshurst_tui.terminal_text import safe_text

    assert safe_text(safe_text(words)) == safe_text(words)


def test_notes_end_with_the_meeting_and_are_for_those_who_write(meeting: Room) -> None:
    with pytest.raises(Refused):
        meeting.keep(meeting.user("supervisor"), said=Typed("No", 0))
    with pytest.raises(InputRejected):
        meeting.keep(meeting.chair, said=Typed("x" * (notes.LONGEST + 1), 0))
    with pytest.raises(Refused):
        notes.keep(meeting.chair, meeting.held.panel, meeting.held.cases[3], {"said": Typed("Masked", 0)})
    say(meeting.chair, "UPDATE panel SET status = 'closed' WHERE id = ?", meeting.held.panel)
    with pytest.raises(Refused, match="not kept"):
        meeting.keep(meeting.chair, said=Typed("Too late", 0))
    assert "closed" in meeting.open(meeting.chair).why_not


def test_what_mattered_at_an_earlier_panel_is_shown_at_the_next(meeting: Room) -> None:
    meeting.keep(meeting.chair, matters=Typed("Walks the dog at six", 0))
    later = hold(meeting.chair, cases=1)
    case = room.open_case(meeting.chair, later.panel, later.cases[0]).case
    assert [each.words for each in case.matters] == ["Walks the dog at six"]


# --- hearing of others, and the time -------------------------------------------------------------------------------


def test_a_second_terminal_hears_of_a_change_and_of_nothing_else(meeting: Room) -> None:
    housing = meeting.user("practitioner")
    counter = meeting.open(housing).counter
    panel, case = meeting.held.panel, meeting.held.cases[0]
    assert room.hear(housing, panel, case, counter).agenda is None
    meeting.open(meeting.chair)
    meeting.keep(meeting.chair, said=Typed("Heard?", 0))
    heard = room.hear(housing, panel, case, counter)
    assert heard.counter > counter
    assert heard.agenda is not None
    assert {note.field: note.words for note in heard.notes}["said"] == "Heard?"


def test_time_never_goes_back_and_is_counted_at_one_terminal(meeting: Room) -> None:
    case = meeting.held.cases[0]
    assert timer.keep(meeting.chair, case, 61) == 61
    assert timer.keep(meeting.chair, case, 40) == 61
    assert timer.counts(meeting.chair, "coordinator", "practitioner", "open")
    assert not timer.counts(meeting.user("practitioner"), "coordinator", "practitioner", "open")
    assert not timer.counts(meeting.chair, "coordinator", "practitioner", "closed")


@pytest.mark.parametrize(
    ("seconds", "minutes", "said"),
    [
        (0, 6, "0:00 of 6 minutes"),
        (359, 6, "5:59 of 6 minutes"),
        (360, 6, "OVER TIME now: 6:00 of 6"),
        (483, 6, "OVER TIME by 2 minutes: 8:03 of 6"),
        (10, 0, "0:10, no time was set"),
    ],
)
def test_over_time_is_said_in_words(seconds: int, minutes: int, said: str) -> None:
    assert timer.in_words(seconds, minutes) == said


def test_people_are_called_by_initials() -> None:
    from kingshurst_tui.panels.room_parts import initials

    assert initials("Mary-Anne O'Neill") == "M. A. O."
    assert initials("") == ""
