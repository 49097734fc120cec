"""Restricted notes on an open profile: for those entitled alone, signed, superseded and never overwritten.

What is still being written is a draft, and lies as deep as the note will.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import db.case_writing
import db.compartments
import db.decisions
import db.restricted_notes
from db.compartments import NOTES
from db.keys import SealBroken, canonical, signature_holds
from db.restricted_notes import NoteRow
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.drafts import Kept
from kingshurst_tui.casework.profiles_found import found, written_out
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.keyholding.compartments import epoch_to_write, is_entitled
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

LONGEST = 4_000
"""Letters of a note."""

TEXT = "What is to be known"
"""What the one field of a note is called."""

DRAFT = "form-restricted-note"


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One restricted note.

    Attributes:
        text: what was written; empty where it does not open.
        supersedes: the note that it replaced.
        signature_holds: whether its writer's key verifies what it says.
        problem: why it does not open; empty where it does.
    """

    number: int
    text: str
    written_by: str
    written_at: str
    status: str
    superseded_by: int | None
    supersedes: int | None
    signature_holds: bool
    problem: str = ""


def write(
    session: Session,
    pseudonym: str,
    text: str,
    reason: Reason,
    *,
    supersedes: int | None = None,
    begun: Sequence[Kept] = (),
    seen: int | None = None,
) -> NoteShown:
    """Write a note about somebody whose profile is open; sign it with one's own key.

    Args:
        session: who writes.
        pseudonym: about whom.
        text: the note, up to 4,000 letters.
        reason: why.
        supersedes: the standing note that this replaces; it stays readable, marked as superseded.
        begun: the drafts that it was written from; they are let go of, and so is every other that says the same.
        seen: the latest note of one's own about this person when one began, 0 for none; None where nobody looked.

    Raises: InputRejected, NotFound (no such profile or note), Refused (masked, or the role may not), StaleRecord (one
        wrote another at another terminal meanwhile).
    """
    words = _cleaned(text)
    with session.act(Operation.ALTER, Thing.NOTE, reason=reason) as act:
        row = _open_row(act, pseudonym)
        if supersedes is not None:
            _standing(act, row, supersedes)
        if seen is not None:
            _none_meanwhile(act, row, words, seen)
        epoch = epoch_to_write(act, NOTES)
        at = stamp(session.clock.now())
        document, signature = session.sign(_document(row.pseudonym, words, session.user.name, at, supersedes))
        plain = canonical({"document": document.decode(), "signature": signature.hex()})
        about = _about(row.pseudonym, session.user.name, at)
        sealed = db.restricted_notes.sealed_for(epoch, row.pseudonym, plain, about, session.key_with_person)
        number = act.write(
            db.restricted_notes.add,
            profile_id=row.profile_id,
            epoch=epoch,
            sealed=sealed,
            written_by=session.user.name,
            written_at=at,
            pseudonym=row.pseudonym,
        )
        if supersedes is not None:
            act.write(db.restricted_notes.supersede, supersedes, number)
        kept = _opened_drafts(session, act.read(drafts.of, DRAFT, row.profile_id))
        same = [each for each in kept if _in_lines(str(each.answers.get("text", ""))) == words]
        act.write(drafts.drop, session, DRAFT, row.profile_id, [*begun, *same])
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(note=number, supersedes=supersedes, digest=hashlib.sha256(sealed).hexdigest()[:32])
        shown = NoteShown(number, words, session.user.name, at, "standing", None, supersedes, True)
    return shown


def listed(session: Session, pseudonym: str, reason: Reason) -> tuple[NoteShown, ...]:
    """Return the notes about somebody whose profile is open, the latest first.

    Raises: NotFound, ReasonNeeded (as for opening the profile), Refused (masked, or the role may not).
    """
    from kingshurst_tui.casework.true_reasons import true_reason

    with session.act(Operation.CONSULT, Thing.NOTE, reason=reason) as act:
        row = _open_row(act, pseudonym)
        act.reason = true_reason(act, row, reason)
        notes, _ = of_profile(act, row)
    return notes


def of_profile(act: Act, row: MaskedRow) -> tuple[tuple[NoteShown, ...], int]:
    """Return the notes of an open profile as far as the acting user may read them, and how many are kept back.

    How many were read goes into the act's entry.
    """
    rows = act.read(db.restricted_notes.of_profile, row.profile_id)
    if not is_entitled(act.session.user.role, NOTES):
        return (), len(rows)
    shown = tuple(_shown(act, each) for each in rows)
    if shown:
        act.note(notes=sum(not each.problem for each in shown))
        if unread := sum(bool(each.problem) for each in shown):
            act.note(notes_not_opened=unread)
    return shown, 0


def _open_row(act: Act, pseudonym: str) -> MaskedRow:
    row = found(act, written_out(pseudonym))
    act.concerns([row.pseudonym])
    if not row.is_open:
        act.refuse("Restricted notes are about people whose profile is open.", hint="A consent or a ground opens it.")
    return row


def _standing(act: Act, row: MaskedRow, number: int) -> None:
    before = act.read(db.restricted_notes.by_id, number)
    if before is None or before.profile_id != row.profile_id:
        raise NotFound(f"There is no note {number} about this person.", "Nothing was written.", "Check the number.")
    if before.status != "standing":
        raise InputRejected(
            f"Note {number} was superseded already, by note {before.superseded_by}.",
            "Nothing was written.",
            "Supersede the latest one.",
        )


def _none_meanwhile(act: Act, row: MaskedRow, words: str, seen: int) -> None:
    """Stop at a note that the same person wrote at another terminal since they began this one."""
    rows = act.read(db.restricted_notes.of_profile, row.profile_id)
    mine = [each for each in rows if each.id > seen and each.written_by == act.session.user.name]
    if not mine:
        return
    latest = _shown(act, max(mine, key=lambda each: each.id))
    if latest.text == words:
        raise InputRejected(
            f"You signed these words at another terminal already, as note {latest.number}.",
            "Nothing was written.",
            "Esc leaves this form; the note stands.",
        )
    raise StaleRecord(
        "You wrote a note about this person at another terminal meanwhile.",
        f"It is note {latest.number}; this one was not written.",
        "Look at both, then decide.",
        (Changed("text", TEXT, "", latest.text or latest.problem, words),),
        by=latest.written_by,
        over=latest.number,
    )


def _shown(act: Act, row: NoteRow) -> NoteShown:
    session = act.session

    def unread(problem: str) -> NoteShown:
        return NoteShown(
            row.id, "", row.written_by, row.written_at, row.status, row.superseded_by, None, False, problem
        )

    if not session.compartments.holds(row.compartment, row.epoch):
        return unread("it opens for you once somebody who holds its key has signed in")
    about = _about(row.pseudonym, row.written_by, row.written_at)
    try:
        plain = db.restricted_notes.opened(
            session.compartments,
            row.compartment,
            row.epoch,
            row.pseudonym,
            bytes(row.sealed),
            about,
            session.key_with_person,
        )
        kept = json.loads(plain)
        document: dict[str, Any] = json.loads(kept["document"])
        signature = bytes.fromhex(kept["signature"])
    except (SealBroken, ValueError, KeyError):
        return unread("it does not open: it is not what was sealed here")
    said = canonical(document)
    expected = _document(
        row.pseudonym, document.get("text"), row.written_by, row.written_at, document.get("supersedes")
    )
    holds = document == expected and any(
        signature_holds(key, signature, said) for key in act.read(db.decisions.signing_keys, row.written_by)
    )
    return NoteShown(
        row.id,
        str(document.get("text", "")),
        row.written_by,
        row.written_at,
        row.status,
        row.superseded_by,
        document.get("supersedes"),
        holds,
    )


def _document(pseudonym: str, text: object, written_by: str, written_at: str, supersedes: object) -> dict[str, Any]:
    return {
        "kind": "restricted-note/1",
        "pseudonym": pseudonym,
        "text": text,
        "written_by": written_by,
        "written_at": written_at,
        "supersedes": supersedes,
    }


def _about(pseudonym: str, written_by: str, written_at: str) -> bytes:
    return canonical(["kingshurst/restricted-note/1", pseudonym, written_by, written_at])


def _in_lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines()).strip()


def _cleaned(text: str) -> str:
    words = _in_lines(text)
    if not words:
        raise InputRejected("The note says nothing.", "Nothing was written.", "Write it in a sentence or more.")
    if len(words) > LONGEST:
        raise InputRejected(
            f"The note is longer than {LONGEST:,} letters.", "Nothing was written.", "Write two, or a shorter one."
        )
    return words


# --- drafts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptNote(Kept):
    """What was being written of a note at one terminal, opened; it is kept sealed."""

    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def written(self) -> dict[str, Any]:
        """What was written, as it was handed over to be kept."""
        return dict(self.answers)


def drafts_of(session: Session, profile_id: int) -> tuple[KeptNote, ...]:
    """Return what the acting user was writing about somebody, at each terminal that says something else.

    A compartment is made where there is none, so that what is typed next can be kept. Raises: Refused.
    """
    if session.look(db.compartments.newest, NOTES) is None:
        with session.act(Operation.ADMINISTER, Thing.COMPARTMENT, reason=Reason(ReasonCode.MAINTENANCE)) as act:
            epoch_to_write(act, NOTES)
    return _opened_drafts(session, session.look(drafts.of, DRAFT, profile_id))


def keep_draft(
    session: Session, profile_id: int, pseudonym: str, answers: Mapping[str, str], begun: Sequence[Kept] = ()
) -> tuple[KeptNote, ...]:
    """Keep what was typed so far, sealed; return what this user writes at other terminals, and not here.

    Raises: Refused, StoreUnavailable.
    """
    epoch = session.look(db.compartments.newest, NOTES)
    if epoch is None:
        return ()
    about = _about_draft(session.user.name, pseudonym)
    plain = canonical(dict(answers))
    try:
        sealed = db.restricted_notes.sealed_for(epoch, pseudonym, plain, about, session.key_with_person)
    except SealBroken as gone:
        # Another session erased them while this one was writing.
        raise NotFound("There is no such profile.", "Nothing was kept.", "Close the form.") from gone
    # The pseudonym is kept along: a profile that is merged meanwhile goes by another.
    written = {"epoch": epoch.epoch, "pseudonym": pseudonym, "sealed": sealed.hex()}
    others = drafts.keep(session, Operation.ALTER, Thing.NOTE, DRAFT, profile_id, written, begun=begun)
    return tuple(each for each in _opened_drafts(session, others) if each.answers != dict(answers))


def forget_draft(session: Session, profile_id: int, begun: Sequence[Kept] = ()) -> None:
    """Forget what was written here; what another terminal says stays. Raises: Refused, StoreUnavailable."""
    drafts.forget(session, Operation.ALTER, Thing.NOTE, DRAFT, profile_id, begun)


def _opened_drafts(session: Session, kept: Iterable[Kept]) -> tuple[KeptNote, ...]:
    opened = []
    for each in kept:
        try:
            sealed, pseudonym = bytes.fromhex(str(each.written["sealed"])), str(each.written["pseudonym"])
            plain = db.restricted_notes.opened(
                session.compartments,
                NOTES,
                int(each.written["epoch"]),
                pseudonym,
                sealed,
                _about_draft(session.user.name, pseudonym),
                session.key_with_person,
            )
        except (SealBroken, ValueError, KeyError):
            continue
        opened.append(KeptNote(each.slot, each.document, each.saved_at, each.over_version, json.loads(plain)))
    return tuple(opened)


def _about_draft(user_name: str, pseudonym: str) -> bytes:
    return canonical(["kingshurst/restricted-note-draft/1", user_name, pseudonym])
