"""Copies of the store: made while others work, tried every time by bringing them back, and tried again as a drill.

Class of control: cryptographic. A copy lies under keys of its own, sealed to the information governance officers and to
the printed recovery key, and nobody else opens it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import db.audit
import db.backups
import db.users
from db import copies, heads, notes
from db.backups import CopyMade
from db.bringing_back import ROOM, bring_back
from db.migrations.running import current_and_newest
from db.rotation import files_of
from db.scratch import check_room, scratch
from db.slots import StoreKeys
from db.vault import Header, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import (
    InputRejected,
    IntegrityFailure,
    KingshurstError,
    Refused,
    StoreUnavailable,
)
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)
_PUBLISHING = "publishing"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made.

    Attributes:
        problem: why it is not verified; empty where it is.
        sealed_to: whose passphrase opens it, by name of slot; the recovery key's begins with ``recovery:``.
        size: bytes of both files.
    """

    file: Path
    entries: int
    root: str
    rows: int
    size: int
    digest: str
    sealed_to: tuple[str, ...]
    verified: bool
    problem: str
    seconds: float


def backup(session: Session, file: Path, tell: Tell | None = None) -> Backup:
    """Copy the store to new files beside ``file``, and bring the copy back in test before it counts.

    Others may go on working. A kill at any moment leaves no half copy under the final name; the next try clears up.

    Raises:
        Refused: not an administrator; nobody is there to whom it could be sealed.
        InputRejected: the file is there already.
        StoreUnavailable, IntegrityFailure (a file of the store is missing or does not read).
    """
    return made(session, file, tell=tell)


def made(session: Session, file: Path, *, also: str = "", tell: Tell | None = None) -> Backup:
    """Make a copy, as ``backup`` does.

    Args:
        also: one more user to whom it is sealed.
    """
    begun, say = time.monotonic(), tell or (lambda _: None)
    names = copies.Names(file)
    # The disk failed while the trail was compared: nothing contradicts it, and a copy would go unentered.
    if isinstance(session.doubt, StoreUnavailable):
        raise session.doubt
    enter(session, Operation.ADMINISTER, {"backup": "begun"})
    header = read_header(session.store.folder)
    sealed_to = tuple(copies.sealed_users(header, {also} | _officers(session, header)))
    if not sealed_to:
        raise Refused(
            "Nobody could open this backup.",
            "There is no active information governance officer and no recovery key. Nothing was written.",
            "Make a recovery key first: kingshurst user recovery STORE",
        )
    _check_place(names, session.store.folder)
    check_room(names.data.parent, _room_for(session.store.folder, header))
    place = names.data.with_name(f".{names.data.name}.unfinished")
    cut_off = (place / _PUBLISHING).exists()
    with scratch(place) as within:
        if names.data.exists():
            raise _there(names.data)
        for path in names.all:
            if cut_off:  # of a try that was killed while it gave its files their names
                path.unlink(missing_ok=True)
            elif path.exists():
                raise _there(path)
        manifest, problem = _written(session, header, sealed_to, copies.Names(within / "copy"), within / "vault", say)
        copies.write_private(within / _PUBLISHING, b"")
        copies.publish(copies.Names(within / "copy"), names)
    say("Entering it in the trail")
    _enter_copy(session, manifest)
    return Backup(
        file,
        manifest.entries,
        manifest.root,
        sum(manifest.rows.values()),
        manifest.size,
        manifest.digests[copies.DATA],
        sealed_to,
        not problem,
        problem,
        time.monotonic() - begun,
    )


def _officers(session: Session, header: Header) -> set[str]:
    """Return the information governance officers who may sign in, by the grants that hold."""
    active = {slot.user: slot for slot in header.users if slot.status == "active"}
    kept, newest = session.look(current_and_newest)
    if kept != newest:  # before an upgrade: tables as old as these may know of no grants
        return {name for name, slot in active.items() if slot.role == Role.GOVERNANCE}
    chain = session.look(chains.read, header.vault)
    return {name for name in active if chain.standing(name).role is Role.GOVERNANCE}


def _written(
    session: Session, header: Header, sealed_to: tuple[str, ...], names: copies.Names, trial: Path, say: Tell
) -> tuple[copies.Manifest, str]:
    folder, store_keys = session.store.folder, session.keys_for_upkeep()
    copy_keys, new_keys = store_keys.rotated(), store_keys.rotated()
    try:
        say("Copying the data and the per-person keys")
        found = copies.copy_out(folder, header.generation, store_keys, copy_keys, names)
        data, salts = copies.digest_of(names.data), copies.digest_of(names.person_keys)
        manifest = copies.Manifest(
            vault=header.vault,
            generation=header.generation,
            schema=found.schema,
            software=_software(),
            made_at=stamp(session.clock.now()),
            made_by=session.user.name,
            entries=found.entries,
            root=found.root,
            rows=found.rows,
            sizes={copies.DATA: data[0], copies.PERSON_KEYS: salts[0]},
            digests={copies.DATA: data[1], copies.PERSON_KEYS: salts[1]},
            header=copies.header_of_copy(header, copy_keys, sealed_to).document(),
            heads=_heads_within(session, header, found.entries),
        )
        _write_manifest(session, names, manifest)
        problem = _tried(names, trial, copy_keys, new_keys, say)
        if not problem:
            manifest = replace(manifest, verified_at=stamp(session.clock.now()))
            _write_manifest(session, names, manifest)
        return manifest, problem
    finally:
        copy_keys.wipe()
        new_keys.wipe()


def _tried(names: copies.Names, trial: Path, copy_keys: StoreKeys, new_keys: StoreKeys, say: Tell) -> str:
    """Bring a copy back in test; return what is wrong with it, in words.

    Raises: StoreUnavailable, where it is the disk that fails and not the copy.
    """
    say("Bringing the copy back in test")
    try:
        manifest = copies.read_manifest(names)
        copies.lay_out(names, manifest, trial)
        bring_back(names, manifest, trial, copy_keys, new_keys, manifest.generation + 1, say).refuse_wrong()
    except StoreUnavailable:
        raise
    except KingshurstError as failed:
        return f"{failed.title} {failed.detail}".strip()
    return ""


def _write_manifest(session: Session, names: copies.Names, manifest: copies.Manifest) -> None:
    copies.write_private(names.manifest, copies.signed_text(*session.sign(manifest.document())))


def _heads_within(session: Session, header: Header, entries: int) -> list[str]:
    """Return the newest checkpoint that covers nothing beyond the copy, and the newest that was cosigned."""
    known = session.look(heads.known_keys, header)
    kept: list[str] = []
    for found in heads.newest_first(session.store.folder, heads.origin(header.vault), known):
        cosigned = bool(notes.signers(found, known).cosigned)
        if found.size <= entries and (not kept or cosigned):
            kept.append(found.text.decode())
        if found.size <= entries and cosigned:
            break
    return kept


def _software() -> str:
    from kingshurst_tui.version import VERSION

    return VERSION


def _room_for(folder: Path, header: Header) -> int:
    size = sum(path.stat().st_size for path in files_of(folder, header.generation))
    return int(size * (1 + ROOM))


def _check_place(names: copies.Names, store: Path) -> None:
    if names.data.parent.resolve().is_relative_to(store.resolve()):
        # It would go where the store goes, and keep in it whoever is erased from the rest.
        raise InputRejected(
            "A backup does not lie in the store's own folder.",
            f"{names.data} does. Nothing was written.",
            "Write it to another disk.",
        )
    if names.data.exists() or names.data.is_symlink():
        raise _there(names.data)
    if not names.data.name or not names.data.parent.is_dir():
        raise InputRejected(
            "There is no such folder to write the backup to.",
            f"{names.data.parent}. Nothing was written.",
            "Make the folder first, on another disk than the store's.",
        )


def _there(path: Path) -> InputRejected:
    return InputRejected(
        "A backup is never written over anything.",
        f"{path} is there already. Nothing was written.",
        "Name a file that is not there yet, with the day in its name.",
    )


def enter(session: Session, operation: Operation, facts: dict[str, Fact]) -> None:
    """Enter an act of upkeep, where an entry can be written; the permission is asked in any case. Raises: Refused."""
    if session.doubt is not None:
        # Nothing is written into a store whose trail contradicts a checkpoint.
        if not session.may(operation, Thing.STORE):
            raise Refused("This role may not do that to the store.", "Nothing was changed.", "See docs/roles.md.")
        return
    with (
        suppress(StoreUnavailable),  # on a full disk the entry waits; nothing about a person is shown
        session.act(operation, Thing.STORE, reason=_MAINTENANCE, facts=facts),
    ):
        pass


def _enter_copy(session: Session, manifest: copies.Manifest) -> None:
    verified = manifest.verified_at or None
    row = CopyMade(
        manifest.made_at,
        manifest.made_by,
        manifest.digests[copies.DATA],
        manifest.entries,
        manifest.root,
        verified,
        db.backups.VERIFIED if verified else db.backups.MADE,
    )
    facts: dict[str, Fact] = {
        "backup": "verified" if verified else "unverified",
        "entries": manifest.entries,
        "root": manifest.root,
        "digest": row.file_digest,
        "bytes": manifest.size,
    }
    if session.doubt is not None:
        return
    try:
        with session.act(Operation.ADMINISTER, Thing.STORE, reason=_MAINTENANCE, facts=facts) as act:
            act.write(db.backups.add, row)
    except StoreUnavailable as failed:
        made_so = "brought back in test" if verified else "not verified"
        raise StoreUnavailable(
            "The backup is made, but that could not be entered in the trail.",
            f"It is {made_so}. {failed.title}",
            "Keep it. See to the store's disk, then make another backup, under another name: home asks for it.",
        ) from failed


def unverified(done: Backup) -> IntegrityFailure:
    """Return what is said of a copy that could not be brought back in test."""
    return IntegrityFailure(
        "The backup was made, and is not verified.",
        f"{done.problem} It is kept as {done.file}; the trail says that it is unverified.",
        "Do not rely on it. Check the store: kingshurst check STORE",
    )
