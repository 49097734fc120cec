"""Erasing a person, a data set or a partner: asked by one, signed by a second, carried out to the last row.

What goes: the salt under which the pseudonym was made, every row about the person, what was typed in entries that name
them. What stays: the entries themselves (pseudonyms that lead to nobody), a tombstone with counts, and what was signed
(marks that records had, drawn at random, by which an older copy finds them). An extract that still holds the person
brings a new profile under a new pseudonym: the partner must be told as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import db.agreements
import db.erasing
import db.users
import db.whom_erased
from db.erasing import ErasureRow
from db.erasure_lists import ALSO, RECORDS, is_asked_for, signed_records, signed_subjects
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StoreUnavailable
from kingshurst_tui.granting.grants import vault_of
from kingshurst_tui.oversight import erasure_signers, erasure_traces
from kingshurst_tui.oversight.erasing import DATA_SET, PARTNER, PERSON, Erased, add_counts, carry_out, data_sets_of
from kingshurst_tui.oversight.erasure_traces import Trace
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

KINDS = {PERSON: "everything about one person", DATA_SET: "one data set", PARTNER: "everything of one partner agency"}
"""What can be erased."""

_RIGHTS = Reason(ReasonCode.RIGHTS)


def ask(session: Session, kind: str, subject: str, reason: Reason) -> int:
    """Ask for an erasure and sign for it; nothing is erased before a second person confirms. Returns its number.

    Raises: Refused, NotFound (no such person, data set or partner), InputRejected (already asked for).
    """
    if kind not in KINDS:
        raise InputRejected("Erase what?", "Nothing was changed.", f"One of: {', '.join(KINDS)}.")
    subject = subject.strip()
    subjects = [subject] if kind == PERSON else []
    facts: dict[str, Any] = {"step": "ask", "kind": kind} | ({} if kind == PERSON else {"subject": subject})
    with session.act(Operation.ERASE, Thing.PROFILE, reason=reason, subjects=subjects, facts=facts) as act:
        if not _known(act, kind, subject):
            raise NotFound(f"There is no {kind.replace('-', ' ')} {subject!r}.", "Nothing was changed.", "Check it.")
        if any(row.subject == subject for row in act.read(db.erasing.every, "asked", "confirmed")):
            raise InputRejected(
                "That erasure is already asked for.", "Nothing was changed.", "See: kingshurst erase list STORE"
            )
        at = stamp(session.clock.now())
        who = session.user.name
        asked: dict[str, Any] = {
            "erase": kind,
            "subject": subject,
            "reason": reason.code.value,
            "asked_by": who,
            "at": at,
        }
        if kind == PERSON:
            # Signed for as well: in an older copy of the store these may still be profiles of their own.
            asked[ALSO] = sorted(_pseudonyms(act.connection, subject) - {subject})
            # And these may be part of somebody else's there.
            asked[RECORDS] = sorted(_marks(act.connection, subject))
        document, signature = session.sign(asked)
        number = act.write(
            db.erasing.ask,
            kind=kind,
            subject=subject,
            document=document.decode(),
            asked_by=who,
            asked_at=at,
            signature=signature,
        )
        act.note(erasure=number)
    return number


def refuse(session: Session, number: int, reason: Reason) -> None:
    """Say no to an erasure that was asked for. Raises: Refused, NotFound."""
    with session.act(Operation.ERASE, Thing.PROFILE, reason=reason, facts={"step": "refuse", "erasure": number}) as act:
        _asked(act, number)
        act.write(
            db.erasing.settle,
            number,
            status="refused",
            confirmed_by=session.user.name,
            confirmed_at=stamp(session.clock.now()),
            confirmation=None,
        )


def traces(session: Session, number: int, reason: Reason) -> tuple[Trace, ...]:
    """Return what may name the person of an erasure that waits, and goes only where the confirmer says so.

    The entry names the person before anything is shown. Raises: Refused, NotFound.
    """
    facts: dict[str, Any] = {"step": "traces", "erasure": number}
    with session.act(Operation.ERASE, Thing.PROFILE, reason=reason, facts=facts) as act:
        row = _asked(act, number)
        _not_ones_own(act, row)
        return _traces(act, row)


def _not_ones_own(act: Act, row: ErasureRow) -> None:
    if row.asked_by == act.session.user.name:
        act.refuse("Nobody confirms what they asked for themselves.", hint="A second person can confirm it.")


def _traces(act: Act, row: ErasureRow) -> tuple[Trace, ...]:
    if row.kind != PERSON:
        return ()
    act.concerns([row.subject])
    return erasure_traces.traces(act, [profile for profile, _ in _behind(act.connection, row.subject)])


def confirm(
    session: Session,
    number: int,
    reason: Reason,
    tell: Callable[[str], None] | None = None,
    *,
    also: Collection[str] | None = None,
) -> Erased:
    """Sign for an erasure that somebody else asked for, and carry it out.

    From the signature on it is certain: if this process is killed, the next opening of the store completes it.

    Args:
        session: the second person.
        number: the erasure's.
        reason: why one confirms.
        tell: hears how far it is.
        also: the names (Trace.name) of what goes too though it is only like the person; none of it with an empty one.
            None where nobody has looked: then nothing is signed as long as there is any.

    Raises: Refused (one's own), NotFound, InputRejected (something may name the person: say what becomes of it),
    StoreUnavailable.
    """
    found = traces(session, number, reason)
    if also is None and found:
        raise erasure_traces.to_look_at(found)
    with session.act(
        Operation.ERASE, Thing.PROFILE, reason=reason, facts={"step": "confirm", "erasure": number}
    ) as act:
        row = _asked(act, number)
        _not_ones_own(act, row)
        _as_it_was_signed(act, row)
        # With the signature, in one act: what is cut off after it finds these gone.
        gone = erasure_traces.take(act, _traces(act, row), also or ())
        act.note(**{f"also_{name}": count for name, count in gone.items()})
        _, confirmation = session.sign(json.loads(row.document))
        act.write(
            db.erasing.settle,
            number,
            status="confirmed",
            confirmed_by=session.user.name,
            confirmed_at=stamp(session.clock.now()),
            confirmation=confirmation,
        )
        if row.kind != PERSON:
            _close_gates(act, row)
    try:
        erased = carry_out(session, row, tell or (lambda _: None))
    except StoreUnavailable as failed:
        raise StoreUnavailable(
            failed.title,
            "The erasure is signed for, and was cut off. What it has erased stays erased.",
            f"{failed.hint} The next opening of the store completes it.",
        ) from failed
    add_counts(erased.counts, gone)
    return erased


def every(session: Session) -> list[ErasureRow]:
    """Return all erasures asked for, the oldest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.AUDIT, reason=_RIGHTS, facts={"step": "erasures"}) as act:
        return act.read(db.erasing.every)


def _behind(connection: Connection, subject: str) -> list[tuple[int, str]]:
    """Return the profile that a pseudonym leads to today and every one merged into it, as (id, pseudonym)."""
    profile = db.whom_erased.profile_of(connection, subject)
    return db.whom_erased.profiles_behind(connection, profile) if profile is not None else []


def _pseudonyms(connection: Connection, subject: str) -> set[str]:
    """Return every pseudonym of the person whom one leads to today; at least that one."""
    return {subject} | {pseudonym for _, pseudonym in _behind(connection, subject)}


def _marks(connection: Connection, subject: str) -> set[str]:
    """Return the marks of every source record that is the person's today."""
    profiles = [profile for profile, _ in _behind(connection, subject)]
    return set(db.whom_erased.marks_of(connection, db.whom_erased.records_of(connection, profiles)))


def _as_it_was_signed(act: Act, row: ErasureRow) -> None:
    """Refuse to sign for what the asker did not sign for, or for anybody or anything that is not the person's today.

    Both signatures cover every pseudonym and record, unseen; in an older copy these are erased without asking.
    """
    known = act.read(erasure_signers.introduced, vault_of(act.session)).known
    if not is_asked_for(row.kind, row.subject, row.document, row.asked_by, row.signature, known):
        act.refuse(
            "What was asked for is not what its asker signed.",
            hint="Refuse it, tell the supervisor, and ask anew. Who did what is in the audit trail.",
        )
    if row.kind != PERSON:
        return
    subjects, records = signed_subjects(row.document), signed_records(row.document)
    now, theirs = _pseudonyms(act.connection, row.subject), _marks(act.connection, row.subject)
    if now - subjects or theirs - records:
        act.refuse(
            "The person was linked with further records since this was asked for.",
            hint="Whether these are the same person is to be looked at first; then refuse this one, and ask anew.",
        )
    if subjects - now or records - theirs:
        act.refuse(
            "The person was parted from records since this was asked for, or records were taken back.",
            hint="Whose these are, or whether they came anew, is to be looked at first; then refuse this one, and ask "
            "anew.",
        )


def _known(act: Act, kind: str, subject: str) -> bool:
    if kind == PERSON:
        return act.read(db.whom_erased.profile_of, subject) is not None
    if kind == DATA_SET:
        return bool(act.read(db.agreements.versions, subject))
    return bool(data_sets_of(act.connection, kind, subject))


def _asked(act: Act, number: int) -> ErasureRow:
    row = act.read(db.erasing.by_number, number)
    if row is None or row.status != "asked":
        raise NotFound(
            f"No erasure {number} waits for a second person.",
            "Nothing was changed.",
            "See: kingshurst erase list STORE",
        )
    return row


def _close_gates(act: Act, row: ErasureRow) -> None:
    for reference in data_sets_of(act.connection, row.kind, row.subject):
        for version in act.read(db.agreements.versions, reference):
            act.write(db.agreements.set_status, version.id, "suspended", f"erased under erasure {row.id}")
        act.write(db.agreements.set_gates, reference, "suspended")
    act.write(db.users.bump, "sight")
