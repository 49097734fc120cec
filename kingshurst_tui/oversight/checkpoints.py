"""Checkpoints of the trail: made, compared on opening, cosigned by supervisors, taken away from the machine.

Class of control: cryptographic, for what a checkpoint held outside the vault covers. Somebody with the data key can
write the whole history anew; they cannot make it extend what a supervisor holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import db.audit
import db.users
from db import heads, notes
from db.vault import read_header
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Refused
from kingshurst_tui.oversight.held_checkpoints import held_file, read_held
from kingshurst_tui.oversight.new_files import write_new
from kingshurst_tui.vocabulary import Operation, Role, Thing

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
