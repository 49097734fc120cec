"""Erasing a person, a data set or a partner: asked by one, signed by a second, carried out to the last row.

What goes: the salt under which the pseudonym was made, every row about the person, what was typed in entries that name
them. What stays: the entries themselves (pseudonyms that lead to nobody) and a tombstone with counts. An extract that
still holds the person brings a new profile under a new pseudonym: the partner must be told as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.agreements
import db.erasing
import db.erasure_traces
import db.profiles
import db.users
from db.erasing import ErasureRow
from db.erasure_lists import ALSO, of_store, signed_subjects
from db.heads import Known, known_keys
from db.sight import combining
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StoreUnavailable
from kingshurst_tui.giving_way import GivingWay
from kingshurst_tui.oversight import erasure_traces
from kingshurst_tui.oversight.erasure_traces import Trace
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

PERSON, DATA_SET, PARTNER = "person", "data-set", "partner"
KINDS = {PERSON: "everything about one person", DATA_SET: "one data set", PARTNER: "everything of one partner agency"}
"""What can be erased."""

_PIECE = 25
"""Source records a transaction: far fewer than an import's rows, as each takes contacts, links and flags with it, and
whoever was met in them is counted anew (benchmarks/turns.py)."""

_RIGHTS = Reason(ReasonCode.RIGHTS)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took away.

    Attributes:
        subjects: pseudonyms that lead to nobody any more, or the references of data sets.
        counts: rows by table.
    """

    number: int
    subjects: tuple[str, ...]
    counts: dict[str, int]


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
    profile = act.read(db.erasing.profile_of, row.subject)
    behind = act.read(db.erasing.profiles_behind, profile) if profile is not None else []
    return erasure_traces.traces(act, [each for each, _ in behind])


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
        if row.kind == PERSON and _pseudonyms(act.connection, row.subject) - signed_subjects(row.document):
            act.refuse(
                "The person was linked with further records since this was asked for.",
                hint="Whether these are the same person is to be looked at first; then refuse this one, and ask anew.",
            )
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
        erased = _carry_out(session, row, tell or (lambda _: None))
    except StoreUnavailable as failed:
        raise StoreUnavailable(
            failed.title,
            "The erasure is signed for, and was cut off. What it has erased stays erased.",
            f"{failed.hint} The next opening of the store completes it.",
        ) from failed
    _add(erased.counts, gone)
    return erased


def complete_pending(session: Session, known: Known | None = None) -> list[Erased]:
    """Carry out what was signed for and cut off; whoever opens the store next does it, without asking.

    A row that says so without the signatures of two people erases nobody: it is closed, and the trail says that.

    Args:
        known: whose signatures count; by default everybody's whom this store knows.
    """
    if not session.look(db.erasing.every, "confirmed"):
        return []
    keys = known if known is not None else session.look(known_keys, read_header(session.store.folder))
    signed = session.look(lambda connection: {at for at, each in of_store(connection).items() if each.signed(keys)})
    done = []
    for row in session.look(db.erasing.every, "confirmed"):
        if row.id in signed:
            done.append(_carry_out(session, row, lambda _: None))
        else:
            _close_unsigned(session, row)
    return done


def _close_unsigned(session: Session, row: ErasureRow) -> None:
    facts: dict[str, Any] = {"step": "unsigned", "erasure": row.id}
    with session.act(Operation.ERASE, Thing.PROFILE, reason=_RIGHTS, facts=facts, signed_for=True) as act:
        act.write(
            db.erasing.settle,
            row.id,
            status="refused",
            confirmed_by=session.user.name,
            confirmed_at=stamp(session.clock.now()),
            confirmation=None,
        )


def every(session: Session) -> list[ErasureRow]:
    """Return all erasures asked for, the oldest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.AUDIT, reason=_RIGHTS, facts={"step": "erasures"}) as act:
        return act.read(db.erasing.every)


def _pseudonyms(connection: Connection, subject: str) -> set[str]:
    """Return every pseudonym of the person whom one leads to today; at least that one."""
    profile = db.erasing.profile_of(connection, subject)
    behind = db.erasing.profiles_behind(connection, profile) if profile is not None else []
    return {subject} | {pseudonym for _, pseudonym in behind}


def _known(act: Act, kind: str, subject: str) -> bool:
    if kind == PERSON:
        return act.read(db.erasing.profile_of, subject) is not None
    if kind == DATA_SET:
        return bool(act.read(db.agreements.versions, subject))
    return bool(_data_sets(act.connection, kind, subject))


def _asked(act: Act, number: int) -> ErasureRow:
    row = act.read(db.erasing.by_number, number)
    if row is None or row.status != "asked":
        raise NotFound(
            f"No erasure {number} waits for a second person.",
            "Nothing was changed.",
            "See: kingshurst erase list STORE",
        )
    return row


def _data_sets(connection: Connection, kind: str, subject: str) -> list[str]:
    if kind == DATA_SET:
        return [subject]
    return db.erasing.data_sets_of(connection, subject)


def _close_gates(act: Act, row: ErasureRow) -> None:
    for reference in _data_sets(act.connection, row.kind, row.subject):
        for version in act.read(db.agreements.versions, reference):
            act.write(db.agreements.set_status, version.id, "suspended", f"erased under erasure {row.id}")
        act.write(db.agreements.set_gates, reference, "suspended")
    act.write(db.users.bump, "sight")


def _carry_out(session: Session, row: ErasureRow, tell: Callable[[str], None]) -> Erased:
    erased = _person(session, row) if row.kind == PERSON else _data(session, row, tell)
    session.write_back_log()
    return erased


def _person(session: Session, row: ErasureRow) -> Erased:
    profile = session.look(db.erasing.profile_of, row.subject)
    behind = session.look(db.erasing.profiles_behind, profile) if profile is not None else []
    pseudonyms = sorted({row.subject} | {pseudonym for _, pseudonym in behind})
    session.destroy_salts(pseudonyms)
    with session.act(
        Operation.ERASE,
        Thing.PROFILE,
        reason=_RIGHTS,
        subjects=pseudonyms,
        facts={"step": "erase", "erasure": row.id},
        signed_for=True,
    ) as act:
        counts = _delete_people(act, [number for number, _ in behind], pseudonyms)
        act.write(db.erasing.finish, row.id, pseudonyms, counts, stamp(session.clock.now()))
        act.note(**{f"erased_{name}": count for name, count in counts.items()})
    return Erased(row.id, tuple(pseudonyms), counts)


def _delete_people(act: Act, profiles: list[int], pseudonyms: list[str]) -> dict[str, int]:
    """Delete profiles with their records, and bring up to date whoever shared an incident with them."""
    from kingshurst_tui.casework import recompute

    records = act.read(db.erasing.records_of, profiles)
    others = act.read(db.erasing.met_with, records) - set(profiles)
    with combining(act.connection):
        waiting = act.write(db.erasure_traces.delete_waiting, records)
    if drafts := erasure_traces.delete_drafts(act, profiles, records, pseudonyms):
        waiting["draft"] = drafts
    counts = act.write(db.erasing.delete_records, records)
    for name, count in act.write(db.erasing.delete_profiles, profiles).items():
        counts[name] = counts.get(name, 0) + count
    for name, count in waiting.items():
        counts[name] = counts.get(name, 0) + count
    if words := act.write(db.erasing.delete_words, pseudonyms, _reconciled(act, pseudonyms)):
        counts["audit_words"] = words
    if others:
        recompute.recompute(act, others)
    for counter in ("sight", "profiles", "flags"):
        act.write(db.users.bump, counter)
    return counts


def _reconciled(act: Act, pseudonyms: list[str]) -> list[int]:
    """Return the entries of reconciling referrals whose sealed words name one of these."""
    said = ((seq, act.session.typed_words(act.connection, seq)) for seq in act.read(db.erasing.reconciling_entries))
    return [seq for seq, words in said if words and any(pseudonym in words for pseudonym in pseudonyms)]


def _data(session: Session, row: ErasureRow, tell: Callable[[str], None]) -> Erased:
    references = session.look(_data_sets, row.kind, row.subject)
    counts: dict[str, int] = {}
    way = GivingWay(_PIECE)
    while piece := session.carry_on(_delete_piece, session, references, way.size):
        way.after(session.store.turnstile.watched, way.size)
        _add(counts, piece)
        tell(f"{counts.get('source_record', 0):,} records erased")
    while emptied := session.look(db.erasing.empty_profiles, _PIECE):
        pseudonyms = [pseudonym for _, pseudonym in emptied]
        session.destroy_salts(pseudonyms)
        _add(counts, session.carry_on(_delete_emptied, session, [number for number, _ in emptied], pseudonyms))
    while session.carry_on(_delete_flags, session, references):
        pass
    with session.act(
        Operation.ERASE, Thing.PROFILE, reason=_RIGHTS, facts={"step": "erase", "erasure": row.id}, signed_for=True
    ) as act:
        _add(counts, act.write(db.erasing.delete_data_set, references))
        for counter in ("sight", "profiles", "flags"):
            act.write(db.users.bump, counter)
        act.write(db.erasing.finish, row.id, references, counts, stamp(session.clock.now()))
        act.note(data_sets=", ".join(references), **{f"erased_{name}": count for name, count in counts.items()})
    return Erased(row.id, tuple(references), counts)


def _delete_piece(connection: Connection, session: Session, references: list[str], most: int) -> dict[str, int]:
    """Delete the next records of data sets; what rested on them is reopened, as when a batch is taken back."""
    from kingshurst_tui.casework import recompute
    from kingshurst_tui.intake.touched import after_leaving

    records = db.erasing.records_of_data_sets(connection, references, most)
    if not records:
        return {}
    act = session.within(connection)
    touched = set(act.read(db.profiles.profiles_of, records).values()) | act.read(db.erasing.met_with, records)
    after_leaving(act, records)
    counts = act.write(db.erasing.delete_records, records)
    recompute.recompute(act, touched)
    return counts


def _delete_emptied(
    connection: Connection, session: Session, profiles: list[int], pseudonyms: list[str]
) -> dict[str, int]:
    return _delete_people(session.within(connection), profiles, pseudonyms)


def _delete_flags(connection: Connection, session: Session, references: list[str]) -> bool:
    """Delete some of the flags that rested on data sets, and raise anew what still holds of these people."""
    from kingshurst_tui.casework import recompute

    act = session.within(connection)
    people = act.write(db.erasing.delete_flags_on, references, _PIECE)
    recompute.recompute(act, people)
    return bool(people)


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count
