"""Checkpoints of the trail: made, compared on opening, cosigned by supervisors, taken away from the machine.

Class of control: cryptographic, for what a checkpoint held outside the vault covers. Somebody with the data key can
write the whole history anew; they cannot make it extend what a supervisor holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import db.audit
import db.audit_verification
import db.users
from db import heads, notes, restores
from db.errors import disk_refused
from db.vault import read_header
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, Refused, StoreUnavailable
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session

CODE_MEANING = (
    "The code stands for the trail up to this entry. Two people who read the same code see the same history; "
    "write it down, or read it to somebody who is not at this machine."
)


@dataclass(frozen=True, slots=True)
class Cosigner:
    """Who cosigned a checkpoint, in which role they are now, and when (UTC)."""

    user: str
    role: str
    at: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One checkpoint as people read it.

    Attributes:
        size: how many entries it covers.
        code: five groups to read aloud and compare.
    """

    size: int
    code: str
    signed_by: tuple[str, ...]
    cosigners: tuple[Cosigner, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the trail stands.

    Attributes:
        entries: how many there are.
        newest: the newest checkpoint in the store.
        cosigned: the newest that a supervisor cosigned.
        held: what is held at this terminal, outside the store.
        missing_after: the entry by which a supervisor cosigned, where no cosigned checkpoint over it is in the store.
        began_anew_after: the entry by which she had cosigned before, where she cosigned just now with nothing held.
    """

    entries: int
    newest: Shown | None
    cosigned: Shown | None
    held: Shown | None
    missing_after: int | None = None
    began_anew_after: int | None = None

    @property
    def since_newest(self) -> int:
        """How many entries no checkpoint covers."""
        return self.entries - (self.newest.size if self.newest else 0)

    @property
    def since_cosigned(self) -> int:
        """How many entries no cosigned checkpoint covers: what could be rewritten unnoticed by a supervisor."""
        return self.entries - (self.cosigned.size if self.cosigned else 0)


def held_file(vault: str) -> Path:
    """Return where the terminal's user holds the checkpoint last cosigned of one vault."""
    import platformdirs

    return platformdirs.user_state_path("kingshurst", appauthor=False) / "held" / f"{vault}.checkpoint"


def compare(session: Session) -> KingshurstError | None:
    """Compare a store that is being opened with its newest checkpoint and with the one held at this terminal.

    Returns what is wrong, or None where every checkpoint is the beginning of the trail, or where the trail itself names
    the entries that are gone since a copy was brought back: that alarm stays with the supervisor (``gap_of``).
    """
    folder = session.store.folder
    try:
        header = read_header(folder)
        of = heads.origin(header.vault)
        path = held_file(header.vault)
        held = read_held(path, of)
        known = session.look(heads.known_keys, header)
        # Before the trail is read: an entry that comes meanwhile makes it longer, never shorter.
        newest = next(heads.newest_first(folder, of, known), None)
        # Somebody with a key of their own can sign a newer one over a history written anew, but cosign none.
        cosigned = heads.newest_cosigned(folder, of, known)
        for checkpoint, place in ((held, path), (newest, None), (cosigned, None)):
            if checkpoint is None:
                continue
            found = session.look(heads.doubt, checkpoint, heads.newest_first(folder, of, known))
            # In the store there is no checkpoint over what a restored copy lacks; outside there may well be.
            if found is not None and (place is None or session.look(restores.explains, found) is None):
                return _not_as_held(found, place)
    except KingshurstError as failed:
        return failed
    session.covered = newest.size if newest else 0
    return None


def _not_as_held(found: heads.Doubt, path: Path | None) -> IntegrityFailure:
    held = f" It is held in {path}." if path else ""
    return IntegrityFailure(
        "The audit trail is shorter than it was." if found.lost else "The audit trail is not what it was.",
        f"{found.in_words()}{held} Nothing was opened or changed.",
        "Keep the folder as it is, and tell the supervisor and the information governance officer. Checking it still "
        "works: kingshurst audit verify STORE. Where an older copy was put back on purpose, the supervisor moves the "
        "newer checkpoints away, and says so on paper.",
    )


def gap_of(session: Session) -> restores.Gap | None:
    """Return which entries a copy that was brought back does not have, until a supervisor has confirmed that.

    At a terminal where a checkpoint is held over entries that are gone, it stays until it was confirmed *there*: an
    entry that says so can be written by whoever has the data key, and takes the place of nothing that is held.
    """
    header = read_header(session.store.folder)
    try:
        held = read_held(held_file(header.vault), heads.origin(header.vault))
    except KingshurstError:
        held = None  # whoever opens is told (``compare``)
    return session.look(_gap_over, held) or session.look(restores.unconfirmed)


def _gap_over(connection: Connection, held: notes.Checkpoint | None) -> restores.Gap | None:
    doubt = heads.doubt(connection, held, iter(())) if held is not None else None
    return restores.explains(connection, doubt) if doubt is not None else None


def read_held(path: Path, of: str) -> notes.Checkpoint | None:
    """Return the checkpoint that somebody holds in a file; None where there is none.

    Raises: IntegrityFailure (it is no checkpoint), InputRejected (of another store), StoreUnavailable.
    """
    try:
        held = heads.read_held(path)
    except notes.NoteBroken as broken:
        raise IntegrityFailure(
            "The checkpoint held outside the store cannot be read.",
            f"{path}: {broken}. Nothing was opened or changed.",
            "Take the copy that was taken away, or compare the code on paper and move the broken file away.",
        ) from broken
    except OSError as failed:
        raise StoreUnavailable(
            "The checkpoint held outside the store cannot be read.",
            f"{failed.strerror}: {path}. Nothing was opened or changed.",
            "Check who owns the file.",
        ) from failed
    if held is not None and held.origin != of:
        raise InputRejected(
            "That checkpoint is of another store.",
            f"{path} is of {held.origin}, this store is {of}. Nothing was changed.",
            "Name the file that was taken from this store.",
        )
    return held


def make_checkpoint(session: Session) -> Standing:
    """Write a checkpoint of the trail as it is now, unless nothing was appended; anybody signed in may.

    Raises: IntegrityFailure (the trail does not extend the newest checkpoint), StoreUnavailable.
    """
    session.checkpoint()
    return standing(session)


def standing(session: Session, held: Path | None = None) -> Standing:
    """Return which checkpoints there are; it writes no entry, since they are about nobody.

    Raises: IntegrityFailure (what is held cannot be read), StoreUnavailable.
    """
    folder = session.store.folder
    header = read_header(folder)
    of = heads.origin(header.vault)
    kept = read_held(held or held_file(header.vault), of)

    def read(connection: Connection) -> Standing:
        known = heads.known_keys(connection, header)
        roles = {user.name: user.role for user in db.users.every(connection)}
        newest = cosigned = None
        for checkpoint in heads.newest_first(folder, of, known):
            shown = _shown(checkpoint, known, roles)
            newest = newest or shown
            if any(cosigner.role == Role.SUPERVISOR for cosigner in shown.cosigners):
                cosigned = shown
                break
        by_entry = db.audit.last_of(connection, Operation.ADMINISTER.value, Thing.AUDIT.value)
        return Standing(
            db.audit.size(connection),
            newest,
            cosigned,
            _shown(kept, known, roles) if kept else None,
            by_entry if by_entry > (cosigned.size if cosigned else 0) else None,
        )

    return session.look(read)


def _shown(checkpoint: notes.Checkpoint, known: heads.Known, roles: dict[str, str]) -> Shown:
    found = notes.signers(checkpoint, known)
    cosigners = tuple(Cosigner(user, roles.get(user, ""), _moment(seconds)) for user, seconds in found.cosigned)
    return Shown(checkpoint.size, checkpoint.code, found.signed, cosigners)


def _moment(seconds: int) -> str:
    try:
        return stamp(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return ""


def cosign(session: Session, held: Path | None = None, *, confirm_gap: bool = False) -> Standing:
    """Cosign the trail as it is, as a supervisor, from the checkpoint she last held; hold the new one.

    A proof shows that the tree extends what she holds; every entry is read again and compared with the tree. What she
    holds is written before the cosignature is, so that she never cosigns two histories, whatever is killed when. The
    first time, with nothing held, the whole trail is verified, with every signature.

    Args:
        session: a supervisor's.
        held: the file with the checkpoint she last held, outside the vault; by default in her own state folder.
        confirm_gap: she was told which entries a copy that was brought back does not have, and goes on from there.

    Raises:
        Refused: not a supervisor; or entries are missing, and she has not confirmed that she knows.
        IntegrityFailure: the trail does not extend what she holds; says which entries are in doubt.
        InputRejected: what is held is of another store.
        StoreUnavailable.
    """
    folder = session.store.folder
    header = read_header(folder)
    of = heads.origin(header.vault)
    path = held or held_file(header.vault)
    with heads.holding(path):
        before = read_held(path, of)
        earlier = session.look(_cosigned_by, session.user.name) if before is None else 0
        gap = _gap_held_over(session, before, confirm_gap)
        if gap is not None:
            before = None  # what she holds is of a history that ended; the trail is verified whole instead
        _check_extends(session, before, path)
        if gap is not None or before is None or session.look(db.audit.size) > before.size:
            _enter(session, before, gap)
        _cosign_under_lock(session, path, before)
    return replace(standing(session, path), began_anew_after=earlier or None)


def _cosigned_by(connection: Connection, user: str) -> int:
    """Return the number of the last entry by which somebody cosigned; 0 where there is none."""
    found = connection.exec_driver_sql(
        "SELECT max(seq) FROM audit_entry WHERE actor = ? AND operation = ? AND thing = ? AND result = 'done'",
        (user, Operation.ADMINISTER.value, Thing.AUDIT.value),
    )
    return int(found.scalar() or 0)


def _gap_held_over(session: Session, before: notes.Checkpoint | None, confirmed: bool) -> restores.Gap | None:
    """Return the gap that she is to confirm, or has confirmed just now. Raises: Refused."""
    gap = session.look(restores.unconfirmed)
    if before is not None and session.look(heads.doubt, before, iter(())) is not None:
        gap = session.look(lambda connection: next((g for g in restores.gaps(connection) if g.covers(before)), None))
        if gap is None:
            return None
    if gap is not None and not confirmed and session.user.role is Role.SUPERVISOR:
        raise Refused(
            "A copy of the store was brought back, and entries are missing.",
            f"{gap.in_words()} Nothing was cosigned.",
            "Ask who did it, and why. Then go on from this copy: kingshurst audit cosign STORE --confirm-gap",
        )
    return gap


def _check_extends(session: Session, before: notes.Checkpoint | None, path: Path) -> None:
    header = read_header(session.store.folder)
    if before is None:
        anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots if slot.signing_public}
        found = session.look(db.audit_verification.verify, anchors)
        if not found.holds:
            raise IntegrityFailure(
                f"The audit trail is not what was written: entry {found.first_bad}.",
                f"In entry {found.first_bad}, {found.problem}. Nothing was cosigned.",
                "Keep the store as it is, and tell the information governance officer.",
            )
        return

    def differs(connection: Connection) -> heads.Doubt | None:
        known = heads.known_keys(connection, header)
        return heads.doubt(connection, before, heads.newest_first(session.store.folder, before.origin, known))

    if doubt := session.look(differs):
        raise _not_as_held(doubt, path)
    if unlike := session.look(heads.first_unlike):
        raise IntegrityFailure(
            f"The audit trail is not what was written: entry {unlike}.",
            f"Entry {unlike} is not the one that the tree holds. Nothing was cosigned.",
            "Keep the store as it is, and tell the information governance officer.",
        )


def _enter(session: Session, before: notes.Checkpoint | None, gap: restores.Gap | None) -> None:
    from kingshurst_tui.acts import Reason

    facts = {"cosigns_from": before.size if before else 0}
    if gap is not None:
        facts |= {restores.CONFIRMS: gap.seq}
    with session.act(Operation.ADMINISTER, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT), facts=dict(facts)) as act:
        if session.user.role is not Role.SUPERVISOR:
            act.refuse("Only supervisors cosign the trail.", "Nothing was cosigned.", "Ask a supervisor.")


def _cosign_under_lock(session: Session, path: Path, before: notes.Checkpoint | None) -> None:
    folder = session.store.folder
    header = read_header(folder)

    def now(connection: Connection) -> tuple[notes.Checkpoint, heads.Known, bool]:
        known = heads.known_keys(connection, header)
        found = heads.current(connection, heads.origin(header.vault))
        return found, known, before is None or heads.extends(connection, before, found)

    checkpoint, known, extends = session.look(now)
    if not extends:
        raise IntegrityFailure(
            "The audit trail does not extend the checkpoint that is held.",
            "No proof leads from one to the other. Nothing was cosigned.",
            "Keep the folder as it is, and tell the information governance officer.",
        )
    if before is not None and before.size == checkpoint.size:
        checkpoint = before
    cosigned = session.cosigned(checkpoint)
    heads.write_whole(path, cosigned.text)
    heads.put(folder, cosigned, known)


def code_over(session: Session, entries: int, root: str) -> str:
    """Return the code of a checkpoint over so many entries with that root, hex."""
    of = heads.origin(read_header(session.store.folder).vault)
    return notes.Checkpoint(of, entries, bytes.fromhex(root)).code


def take_away(session: Session, path: Path) -> Shown:
    """Write the newest checkpoint, with every cosignature, to a new file that is to leave the machine.

    Raises: InputRejected (the file is there, or cannot be made), Refused (no checkpoint yet), StoreUnavailable.
    """
    header = read_header(session.store.folder)

    def newest(connection: Connection) -> tuple[notes.Checkpoint | None, heads.Known]:
        known = heads.known_keys(connection, header)
        return next(heads.newest_first(session.store.folder, heads.origin(header.vault), known), None), known

    checkpoint, known = session.look(newest)
    if checkpoint is None:
        raise Refused("There is no checkpoint yet.", "Nothing was written.", "Make one: kingshurst audit checkpoint")
    write_new(path.expanduser(), checkpoint.text)
    return _shown(checkpoint, known, {user.name: user.role for user in session.look(db.users.every)})


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, for its owner alone. Raises: InputRejected, StoreUnavailable."""
    with new_file(path) as file:
        file.write(content)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that was not there, for its owner alone; where the block fails, it is gone again.

    Raises: InputRejected (it is there, or cannot be made), StoreUnavailable (it cannot be written).
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as failed:
        raise InputRejected(
            "The file cannot be made.",
            f"{failed.strerror}: {path}. Nothing was written.",
            "Name a file that is not there yet, in a folder that is yours.",
        ) from failed
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException as failed:
        path.unlink(missing_ok=True)
        if isinstance(failed, OSError):
            raise disk_refused(failed) from failed
        raise
