"""The store that is there when a copy comes back: held alone, read as far as it goes, never lost."""

from __future__ import annotations

import itertools
import shutil
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from db import copies, damage, erasure_lists, heads, holding, notes
from db.erasure_lists import SignedErasure
from db.errors import disk_refused
from db.migrations.running import current_and_newest
from db.scratch import exchange, rename
from db.slots import StoreKeys
from db.store import administering
from db.turnstile import lock_file
from db.vault import HEADER, Header, read_header
from kingshurst_tui.clock import Clock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, Refused
from kingshurst_tui.oversight import erasure_signers
from kingshurst_tui.oversight.erasure_signers import Signers
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.upgrading import FIRST_WITH_GRANTS

UNFINISHED = "restore.unfinished"
"""Lies in a restored store until it has its place; a folder set aside that still has it is no store that was used."""


@dataclass
class Replaced:
    """The store that is there, as far as it can be read with the same person's key.

    Attributes:
        signers: whose signatures count for erasures by its own trail; a table of its users says nothing.
    """

    generation: int = 0
    header: Header | None = None
    entries: int = 0
    root: bytes = b""
    newest: notes.Checkpoint | None = None
    signers: Signers = field(default_factory=Signers)
    erasures: list[SignedErasure] = field(default_factory=list)


def claim(target: Path, manifest: copies.Manifest, replace_store: bool, stack: ExitStack) -> bool:
    """Say whether a store is there that is to be replaced, and hold it alone until the end."""
    if target.is_symlink():
        raise Refused("The store's folder is a link.", f"{target}. Nothing was changed.", "Name the folder itself.")
    if not target.exists():
        if not target.parent.is_dir():
            raise InputRejected(
                "There is no such folder.", f"{target.parent}. Nothing was changed.", "Make it, and try again."
            )
        return False
    if not (target / HEADER).exists():
        if target.is_dir() and not any(target.iterdir()):
            return False
        raise Refused("The folder is not empty.", f"{target} was not touched.", "Choose a new folder for the store.")
    if not replace_store and not (target / damage.MARK).exists():
        raise Refused(
            "There is a store here, and a backup is never restored over one.",
            f"{target} was not touched.",
            "Restore into a new folder; or, to put the backup in its place: kingshurst restore FILE STORE --replace",
        )
    with suppress(IntegrityFailure):  # a header that cannot be read is a reason to restore
        if read_header(target).vault != manifest.vault:
            raise Refused(
                "The store here is another one.",
                f"The backup is of {manifest.vault}. {target} was not touched.",
                "Restore into a new folder.",
            )
    hold = holding.have_alone(target)
    stack.callback(hold.close)
    try:
        (target / UNFINISHED).unlink(missing_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed
    return True


def look_at(target: Path, opener: Opener, copy_keys: StoreKeys) -> Replaced:
    """Read what can be read of the store that is there: how far its trail goes, who left since, what was erased."""
    old = Replaced()
    try:
        header = read_header(target)
        old.generation = header.generation
        _, _, store_keys = opener.open(header)
    except KingshurstError:
        return old
    if store_keys.lasting != copy_keys.lasting:
        raise Refused(
            "The store here has other keys than the one that was copied.",
            f"{target} was not touched.",
            "Restore into a new folder.",
        )
    old.header = header
    with suppress(KingshurstError), administering(target, header.generation, store_keys.data) as connection:
        of = heads.origin(header.vault)
        old.newest = next(heads.newest_first(target, of, heads.known_keys(connection, header)), None)
        old.erasures = list(erasure_lists.of_store(connection).values())
        now = heads.current(connection, of)
        old.entries, old.root = now.size, now.root
        # Whoever has the data key can write entries of no form at all, which are no reason to keep a copy out.
        with suppress(TypeError, ValueError, AttributeError):
            old.signers = erasure_signers.introduced(connection, header.vault, granted=_has_grants(connection))
    store_keys.wipe()
    return old


def _has_grants(connection: Connection) -> bool:
    kept, _ = current_and_newest(connection)
    return kept is not None and kept >= FIRST_WITH_GRANTS


def place(folder: Path, target: Path) -> None:
    """Put a restored store where none was."""
    try:
        if target.exists():
            target.rmdir()
    except OSError as failed:
        raise disk_refused(failed) from failed
    rename(folder, target)


def swap(folder: Path, target: Path, clock: Clock) -> Path:
    """Let the restored store change places with the one that is there; at one moment, where the system can.

    Elsewhere there is a moment at which neither has the name; both are whole then, and the one that was there lies
    aside.
    """
    when = f"{target.name}.replaced-{clock.now():%Y%m%dT%H%M%SZ}"
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    aside = next(path for ending in endings if not (path := target.with_name(when + ending)).exists())
    lock_file(folder / UNFINISHED).close()
    rename(folder, aside)
    if not exchange(aside, target):
        between = target.with_name(f"{aside.name}.new")
        rename(aside, between)
        rename(target, aside)
        rename(between, target)
    with suppress(OSError):  # where it stays, it goes before this store is itself replaced
        (target / UNFINISHED).unlink(missing_ok=True)
    return aside


def clear_up(target: Path) -> None:
    """Remove what a restore that was killed left beside the store: restored stores that never had its name."""
    for path in target.parent.glob(f"{target.name}.replaced-*"):
        if path.is_dir() and (path / UNFINISHED).exists():
            shutil.rmtree(path, ignore_errors=True)
