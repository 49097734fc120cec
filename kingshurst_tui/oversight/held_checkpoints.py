"""Whether the trail still extends what people hold of it outside the store; compared at every opening.

Class of control: cryptographic, for what a checkpoint held outside the vault covers. Somebody with the data key can
write the whole history anew; they cannot make it extend what a supervisor holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from db import heads, notes, restores
from db.vault import read_header
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, StoreUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session


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
                return not_as_held(found, place)
    except KingshurstError as failed:
        return failed
    session.covered = newest.size if newest else 0
    return None


def not_as_held(found: heads.Doubt, path: Path | None) -> IntegrityFailure:
    """Return what to say of a trail that does not extend a checkpoint, and where that is held."""
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
