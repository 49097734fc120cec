"""A copy tried again, as a drill: who can open one, whether it is whole, how long it takes, how far behind it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import db.audit
import db.backups
from db import copies, heads, keys
from db.backups import CopyMade
from db.bringing_back import ROOM, BroughtBack, bring_back, refuse_newer
from db.recovery_key import NotRecoveryKey, read_recovery_key
from db.scratch import check_room, scratch
from db.slots import StoreKeys
from db.vault import Header, open_recovery_slot, open_slot, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock, stamp
from kingshurst_tui.errors import InputRejected, StoreLocked
from kingshurst_tui.oversight.held_checkpoints import held_file, read_held
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.backups import enter
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Opener:
    """Whose key opens a copy: a governance officer's passphrase as it was then, or the printed recovery key."""

    user: str
    passphrase: str
    recovery: str = ""

    def open(self, header: Header) -> tuple[str, keys.UserKeys, StoreKeys]:
        """Return the slot's name, the user's key pairs and the copy's keys.

        Raises: WrongPassphrase, StoreLocked (it was not sealed to this user), InputRejected (a mistyped key),
            IntegrityFailure.
        """
        if self.recovery:
            try:
                typed = read_recovery_key(self.recovery)
            except NotRecoveryKey as wrong:
                raise InputRejected(
                    "That is not how a recovery key is written.",
                    f"{wrong} Nothing was changed.",
                    "Compare what you typed with the paper, group by group.",
                ) from wrong
            slot, pairs, copy_keys = open_recovery_slot(header, typed)
            return slot.user, pairs, copy_keys
        kept = header.slot(self.user)
        if kept is not None and not kept.sealed_store_keys:
            may = [slot.user for slot in header.users if slot.sealed_store_keys]
            raise StoreLocked(
                "This backup is not sealed to that user.",
                f"It opens for: {', '.join(may) or 'nobody by passphrase'}; and with the recovery key that was valid "
                "when it was made. Nothing was changed.",
                "An information governance officer can do this, or whoever has the recovery key: --recovery-file FILE",
            )
        slot, pairs, copy_keys = open_slot(header, self.user, self.passphrase)
        return slot.user, pairs, copy_keys


@dataclass(frozen=True, slots=True)
class Drill:
    """What trying a copy found.

    Attributes:
        seconds: how long bringing it back took, from opening the copy to the last check.
        entries: of its trail; ``newest`` is how many the newest known trail has, None where none is known.
        behind_days: days between the copy and the newest entry, as far as the store was asked.
    """

    file: Path
    made_at: str
    seconds: float
    size: int
    entries: int
    newest: int | None
    behind_days: float | None
    person_keys: bool

    @property
    def behind(self) -> int | None:
        """How many entries of the newest known trail are not in the copy."""
        return None if self.newest is None else max(0, self.newest - self.entries)


def drill(
    file: Path,
    opener: Opener,
    *,
    session: Session | None = None,
    place: Path | None = None,
    clock: Clock | None = None,
    tell: Tell | None = None,
) -> Drill:
    """Bring a copy back in a scratch folder, check all of it, and say how long it took and what it lacks.

    Args:
        session: of the store it is a copy of; the drill is then entered in its trail.
        place: a folder for the scratch store; by default beside the copy.

    Raises: IntegrityFailure (the copy is not whole), WrongPassphrase, StoreLocked, InputRejected, StoreUnavailable.
    """
    clock = clock or SystemClock()
    if session is not None:
        enter(session, Operation.ALTER, {"drill": "begun"})
    names = copies.Names(file)
    manifest = copies.read_manifest(names)
    refuse_newer(manifest)
    if session is not None and read_header(session.store.folder).vault != manifest.vault:
        raise InputRejected(
            "That is a backup of another store.",
            f"{file} is of {manifest.vault}. Nothing was changed.",
            "Name a backup of this store.",
        )
    where = place or names.data.parent
    check_room(where, int(manifest.size * ROOM))
    begun = time.monotonic()
    with scratch(where / f".{names.data.name}.drill") as within:
        folder = copies.lay_out(names, manifest, within / "vault")
        _, _, copy_keys = opener.open(read_header(folder))
        new_keys = copy_keys.rotated()
        try:
            found = bring_back(names, manifest, folder, copy_keys, new_keys, manifest.generation + 1, tell)
            found.refuse_wrong()
        finally:
            copy_keys.wipe()
            new_keys.wipe()
        seconds = time.monotonic() - begun
    newest, behind = _newest(session, manifest)
    if session is not None:
        _enter_drill(session, found, clock, newest)
    return Drill(
        file,
        manifest.made_at,
        seconds,
        manifest.size,
        manifest.entries,
        newest,
        behind,
        names.person_keys.exists(),
    )


def _newest(session: Session | None, manifest: copies.Manifest) -> tuple[int | None, float | None]:
    if session is None:
        held = read_held(held_file(manifest.vault), heads.origin(manifest.vault))
        return (held.size, None) if held is not None else (None, None)
    size, last = session.look(lambda connection: (db.audit.size(connection), db.backups.last_act_at(connection)))
    gap = datetime.fromisoformat(last) - datetime.fromisoformat(manifest.made_at)
    return size, max(0.0, gap.total_seconds() / 86_400)


def _enter_drill(session: Session, found: BroughtBack, clock: Clock, newest: int | None) -> None:
    manifest = found.manifest
    row = CopyMade(
        manifest.made_at,
        manifest.made_by,
        manifest.digests[copies.DATA],
        manifest.entries,
        manifest.root,
        stamp(clock.now()),
        db.backups.DRILLED,
    )
    facts: dict[str, Fact] = {
        "drill": "done",
        "entries": manifest.entries,
        "root": manifest.root,
        "digest": row.file_digest,
        "behind": None if newest is None else max(0, newest - manifest.entries),
    }
    if session.doubt is not None:
        return
    with session.act(Operation.ALTER, Thing.STORE, reason=_MAINTENANCE, facts=facts) as act:
        act.write(db.backups.drilled, row)
