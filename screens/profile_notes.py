"""Restricted notes on the screen: how a line and its detail read, and the box in which one is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.restricted_notes import NoteShown
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.profile_words import said_day
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

WHO_READS = "For coordinators, practitioners and supervisors, where the profile is open. It is signed and never edited."


@dataclass
class NoteDraft(Draft):
    """Where what is typed of a restricted note is kept: as deep as the note will lie.

    Attributes:
        pseudonym: whom it is about.
    """

    pseudonym: str = ""

    def load(self, session: Session) -> NoteDraft:
        """Read what was kept, at whichever terminal; runs on the store's thread."""
        found = restricted_notes.drafts_of(session, self.thing_id)
        self.kept = tuple(each for each in found if each.answers == found[0].answers)
        self.others = tuple(each for each in found if each.answers != found[0].answers)
        self.answers = {str(name): str(answer) for name, answer in found[0].answers.items()} if found else {}
        self.touched = bool(found)
        return self

    def keep(self, session: Session, answers: dict[str, str]) -> None:
        """Keep what was typed; runs on the store's thread."""
        if any(answers.values()) or self.touched:
            self.touched = True
            self.others = restricted_notes.keep_draft(session, self.thing_id, self.pseudonym, answers, begun=self.kept)

    def forget(self, session: Session) -> None:
        """Forget it, if anything was ever kept; runs on the store's thread."""
        if self.touched:
            restricted_notes.forget_draft(session, self.thing_id, self.kept)


def note_dialog(
    send: Callable[[dict[str, str]], Any], draft: NoteDraft, supersedes: NoteShown | None, begun: Begun
) -> FormDialog:
    """Return the box in which a note is written; ``begun`` holds the latest note of one's own that one has seen."""
    heading = "A restricted note" if supersedes is None else f"A note in place of note {supersedes.number}"
    before = "" if supersedes is None else " The earlier one stays readable, marked as superseded."
    return FormDialog(
        heading,
        (Field("text", restricted_notes.TEXT, Kind.WORDS, required=True, longest=restricted_notes.LONGEST),),
        send,
        draft=draft,
        words=WHO_READS + before,
        begun=begun,
    )


def note_row(note: NoteShown) -> Row:
    """Return one note as a line."""
    first = note.problem or (note.text.splitlines() or [""])[0]
    cells = (first, note.status, note.written_by, said_day(note.written_at))
    return Row(f"note:{note.number}", cells, quiet=note.status == "superseded")


def note_facts(note: NoteShown) -> list[Fact]:
    """Return one note as it was written."""
    holds = "✓ the signature holds" if note.signature_holds else "✗ THE SIGNATURE DOES NOT HOLD"
    facts: list[Fact] = [
        ("Note", f"number {note.number}, {note.status}"),
        ("Written", f"by {note.written_by} on {said_day(note.written_at)}" + ("" if note.problem else f"; {holds}")),
    ]
    if note.supersedes:
        facts.append(("In place of", f"note {note.supersedes}"))
    if note.superseded_by:
        facts.append(("Superseded by", f"note {note.superseded_by}"))
    facts.append((" ", note.problem or note.text))
    return facts
