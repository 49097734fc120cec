"""How an erasure that two people signed for is carried out, to the last row, and completed where it was cut off."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.erasing
import db.erasure_traces
import db.profiles
import db.referrals
import db.users
import db.whom_erased
from db.erasing import ErasureRow
from db.erasure_lists import of_store
from db.sight import combining
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import StoreUnavailable
from kingshurst_tui.giving_way import GivingWay
from kingshurst_tui.granting.grants import vault_of
from kingshurst_tui.oversight import erasure_signers, erasure_traces
from kingshurst_tui.oversight.erased_records import held_elsewhere
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.heads import Known
    from kingshurst_tui.acts import Act
    from kingshurst_tui.oversight.erasure_traces import Named
    from kingshurst_tui.session import Session

_RIGHTS = Reason(ReasonCode.RIGHTS)

PERSON, DATA_SET, PARTNER = "person", "data-set", "partner"

_PIECE = 25
"""Source records a transaction: far fewer than an import's rows, as each takes contacts, links and flags with it, and
whoever was met in them is counted anew (benchmarks/turns.py)."""


_PEOPLE_AT_ONCE = 250
"""People a transaction whose names are read, to be looked for in all that was typed, before a data set goes."""


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


def complete_pending(session: Session, known: Known | None = None) -> list[Erased]:
    """Carry out what was signed for and cut off; whoever opens the store next does it, without asking.

    A row that says so without the signatures of two people erases nobody: it is closed, and the trail says that.

    Args:
        known: whose signatures count; by default those whom this store's trail introduced.
    """
    done = _carry_out_pending(session, known) if session.look(db.erasing.every, "confirmed") else []
    # Where there is no room for it, people can work, home says so, and the next opening tries again.
    with suppress(StoreUnavailable):
        _write_anew(session)
    return done


def _carry_out_pending(session: Session, known: Known | None) -> list[Erased]:
    keys = known if known is not None else session.look(erasure_signers.introduced, vault_of(session)).known
    signed = session.look(lambda connection: {at for at, each in of_store(connection).items() if each.signed(keys)})
    done = []
    for row in session.look(db.erasing.every, "confirmed"):
        if row.id in signed:
            done.append(_carried_out(session, row, lambda _: None))
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


def data_sets_of(connection: Connection, kind: str, subject: str) -> list[str]:
    """Return the data sets that a request about a data set or a partner names."""
    if kind == DATA_SET:
        return [subject]
    return db.whom_erased.data_sets_of(connection, subject)


def carry_out(session: Session, row: ErasureRow, tell: Callable[[str], None]) -> Erased:
    """Erase what a signed request names; in pieces, each of which stays erased.

    Raises: StoreUnavailable (cut off; or all of it is erased, and the files could not be written anew).
    """
    erased = _carried_out(session, row, tell)
    tell("Writing the files anew")
    _write_anew(session)
    return erased


def _carried_out(session: Session, row: ErasureRow, tell: Callable[[str], None]) -> Erased:
    return _person(session, row) if row.kind == PERSON else _data(session, row, tell)


def _write_anew(session: Session) -> None:
    """Leave nothing of what was erased in unused parts of pages; it is due until it has been done."""
    if count := session.write_files_anew(db.erasing.bytes_due):
        session.carry_on(db.erasing.settle_bytes, count)


def how_many(session: Session) -> int:
    """Return how many people and data sets were ever erased here; where it grows, what was read before may be theirs.

    Raises: StoreUnavailable.
    """
    return session.look(db.erasing.tombstones)


def _person(session: Session, row: ErasureRow) -> Erased:
    profile = session.look(db.whom_erased.profile_of, row.subject)
    behind = session.look(db.whom_erased.profiles_behind, profile) if profile is not None else []
    stones = sorted({row.subject} | {pseudonym for _, pseudonym in behind})
    other = session.look(held_elsewhere, row.document, [number for number, _ in behind])
    pseudonyms = sorted({*stones, *(pseudonym for _, pseudonym in other.wholly)})
    profiles = [number for number, _ in (*behind, *other.wholly)]
    who = session.carry_on(_named, session, profiles, pseudonyms, other.parted)
    # All words that were ever typed are opened: before the turn, and in it those that came since.
    upto, said = session.look(erasure_traces.said_of, session, who, 0)
    session.destroy_salts(pseudonyms)
    with session.act(
        Operation.ERASE,
        Thing.PROFILE,
        reason=_RIGHTS,
        subjects=pseudonyms,
        facts={"step": "erase", "erasure": row.id},
        signed_for=True,
    ) as act:
        said |= act.read(erasure_traces.said_of, session, who, upto)[1]
        erasure_traces.forget_reasons(act, who)
        counts = _delete_people(act, profiles, pseudonyms, said, other.parted)
        act.write(db.erasing.finish, row.id, stones, counts, stamp(session.clock.now()))
        act.note(**{f"erased_{name}": count for name, count in counts.items()})
    return Erased(row.id, tuple(pseudonyms), counts)


def _named(
    connection: Connection,
    session: Session,
    profiles: list[int],
    pseudonyms: list[str],
    parted: Collection[int] = (),
) -> Named:
    act = session.within(connection)
    return erasure_traces.named(act, [*act.read(db.whom_erased.records_of, profiles), *parted], pseudonyms)


def _delete_people(
    act: Act,
    profiles: list[int],
    pseudonyms: list[str],
    said: Collection[int] = (),
    parted: Collection[int] = (),
) -> dict[str, int]:
    """Delete profiles with their records, and bring up to date whoever shared an incident with them.

    Args:
        said: entries whose typed words name them.
        parted: records of theirs that are part of other people's profiles, or of none; these profiles stay.
    """
    from kingshurst_tui.casework import recompute
    from kingshurst_tui.intake.touched import after_leaving

    records = [*act.read(db.whom_erased.records_of, profiles), *parted]
    others = act.read(db.whom_erased.met_with, records) - set(profiles)
    counts = _delete_waiting(act.connection, records)
    if drafts := erasure_traces.delete_drafts(act, profiles, records, pseudonyms):
        counts["draft"] = drafts
    # Before it, as it matches what waits with whoever is left; and after, as it lets what was theirs wait again.
    after_leaving(act, parted)
    add_counts(counts, _delete_waiting(act.connection, records))
    add_counts(counts, act.write(db.erasing.delete_records, records))
    add_counts(counts, act.write(db.erasing.delete_profiles, profiles))
    if words := act.write(db.erasing.delete_words, pseudonyms, {*_reconciled(act, pseudonyms), *said}):
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
    references = session.look(data_sets_of, row.kind, row.subject)
    counts = _forget_those_only_in(session, references)
    way = GivingWay(_PIECE)
    while piece := session.carry_on(_delete_piece, session, references, way.size):
        way.after(session.store.turnstile.watched, way.size)
        add_counts(counts, piece)
        tell(f"{counts.get('source_record', 0):,} records erased")
    while emptied := session.look(db.whom_erased.empty_profiles, _PIECE):
        pseudonyms = [pseudonym for _, pseudonym in emptied]
        session.destroy_salts(pseudonyms)
        add_counts(counts, session.carry_on(_delete_emptied, session, [number for number, _ in emptied], pseudonyms))
    while session.carry_on(_delete_flags, session, references):
        pass
    with session.act(
        Operation.ERASE, Thing.PROFILE, reason=_RIGHTS, facts={"step": "erase", "erasure": row.id}, signed_for=True
    ) as act:
        add_counts(counts, act.write(db.erasing.delete_data_set, references))
        for counter in ("sight", "profiles", "flags"):
            act.write(db.users.bump, counter)
        act.write(db.erasing.finish, row.id, references, counts, stamp(session.clock.now()))
        act.note(data_sets=", ".join(references), **{f"erased_{name}": count for name, count in counts.items()})
    return Erased(row.id, tuple(references), counts)


def _forget_those_only_in(session: Session, references: list[str]) -> dict[str, int]:
    """Delete what names people of whom these data sets hold every record, and hangs on none of their rows.

    First of all: once their records are gone, nothing says who they were. Only what names somebody in full goes, since
    a data set has somebody of nearly every forename.
    """
    counts: dict[str, int] = {}
    everybody = erasure_traces.Named({}, set(), set())
    after = 0
    while people := session.look(db.whom_erased.only_in, references, after, _PEOPLE_AT_ONCE):
        after = people[-1][0]
        profiles = [number for number, _ in people]
        everybody.add(session.carry_on(_named, session, profiles, [pseudonym for _, pseudonym in people]))
        add_counts(counts, session.carry_on(_delete_waiting_of, profiles))
    if after:
        _, said = session.look(erasure_traces.said_of, session, everybody, 0, in_full=True)
        add_counts(counts, session.carry_on(_forget, session, everybody, said))
    return counts


def _delete_waiting_of(connection: Connection, profiles: list[int]) -> dict[str, int]:
    counts = _delete_waiting(connection, db.whom_erased.records_of(connection, profiles))
    # As their records go, those that were found to be theirs would wait again, of nobody.
    add_counts(counts, db.referrals.delete(connection, db.referrals.matched_with(connection, profiles)))
    return counts


def _delete_waiting(connection: Connection, records: list[int]) -> dict[str, int]:
    with combining(connection):
        return db.erasure_traces.delete_waiting(connection, records)


def _forget(connection: Connection, session: Session, who: Named, said: set[int]) -> dict[str, int]:
    act = session.within(connection)
    erasure_traces.forget_reasons(act, who)
    with combining(connection):
        drafts = [each.number for each in act.read(db.erasure_traces.every_draft) if who.in_words(each.document)]
    counts = {
        "draft": act.write(db.erasure_traces.delete_drafts, drafts),
        "audit_words": act.write(db.erasing.delete_words, (), said),
    }
    return {table: count for table, count in counts.items() if count}


def _delete_piece(connection: Connection, session: Session, references: list[str], most: int) -> dict[str, int]:
    """Delete the next records of data sets; what rested on them is reopened, as when a batch is taken back."""
    from kingshurst_tui.casework import recompute
    from kingshurst_tui.intake.touched import after_leaving

    records = db.whom_erased.records_of_data_sets(connection, references, most)
    if not records:
        return {}
    act = session.within(connection)
    touched = set(act.read(db.profiles.profiles_of, records).values()) | act.read(db.whom_erased.met_with, records)
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


def add_counts(counts: dict[str, int], more: dict[str, int]) -> None:
    """Add the rows of one piece to what has gone so far."""
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count
