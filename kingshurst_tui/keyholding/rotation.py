"""New keys for the whole store: copied, compared, swapped; after a leak, or when somebody left.

Class of control: cryptographic. Whoever holds a passphrase, a header or the keys of an earlier generation reads that
generation's copies and nothing that was written since. Nobody else's passphrase is needed: the new keys are sealed to
the public half of everybody who has a slot, the recovery slot too.

A kill or a power cut at any moment leaves the old generation or the new one, whole: only the renaming of the header
changes which. What is left over is removed at the next opening (db/sweeping.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import db.users
from db import holding, keys, rotation, sweeping
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import Header, StoreKeys, changing_header, check_opens, open_slot, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.errors import KingshurstError
from kingshurst_tui.granting.grants import take_up
from kingshurst_tui.session import Session
from kingshurst_tui.vaults import ROTATION_DUE, open_session, session_on
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Attributes:
        generation: the one that stands now.
        entries: entries of the trail that were carried over.
        root: the trail's root over them, hex; the same before and after.
        rows: how many rows were carried over.
        size: bytes of the new files.
    """

    generation: int
    entries: int
    root: str
    rows: int
    size: int


def rotate(
    folder: Path, user: str, passphrase: str, *, clock: Clock | None = None, tell: Tell | None = None
) -> Rotated:
    """Give the store new keys; an administrator's act, with nobody else signed in.

    Raises: StoreLocked (in use), WrongPassphrase, Refused, StoreUnavailable (no room), IntegrityFailure; the store is
        then as it was.
    """
    clock = clock or SystemClock()
    say = tell or (lambda _: None)
    read_header(folder)  # a folder that is no store gets no locks
    hold = holding.have_alone(folder)
    try:
        session = open_session(folder, user, passphrase, clock=clock, held=True)
        try:
            facts: dict[str, Fact] = {"rotation": "begun", "generation": session.store.generation}
            with session.act(Operation.ADMINISTER, Thing.STORE, reason=_MAINTENANCE, facts=facts):
                rotation.check_room(folder, session.store.generation)
        finally:
            session.close()
        return _rotated(folder, user, passphrase, clock, say)
    finally:
        hold.close()


def _rotated(folder: Path, user: str, passphrase: str, clock: Clock, say: Tell) -> Rotated:
    header = read_header(folder)
    _, pairs, old_keys = open_slot(header, user, passphrase)
    old, new_keys = header.generation, old_keys.rotated()
    newer: Session | None = None
    try:
        with changing_header(folder, old_keys) as draft:
            copied = rotation.copy_generation(folder, old, old_keys, new_keys, say)
            header = draft.header.for_generation(old + 1, new_keys).signed(new_keys)
            newer = _entered(folder, header, user, pairs, new_keys, clock, copied)
            for path, key in (
                (data_file(folder, old + 1), new_keys.data),
                (person_keys_file(folder, old + 1), new_keys.person),
            ):
                rotation.settle(path, key)
            say("Putting the new header in place")
            rotation.keep_header(folder, old)
            draft.replace(header)
            check_opens(read_header(folder), user, pairs, new_keys)
    except BaseException:
        # Its checkpoint would speak of an entry that the standing generation does not have.
        _drop(newer)
        if read_header(folder).generation == old:
            rotation.discard(folder, old + 1)
        raise
    newer.close()
    sweeping.sweep(folder, old + 1)
    for each in (old_keys, new_keys):
        each.wipe()
    return Rotated(old + 1, copied.entries, copied.root, sum(copied.rows.values()), copied.size)


def _entered(
    folder: Path,
    header: Header,
    user: str,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    clock: Clock,
    copied: rotation.Copied,
) -> Session:
    """Return a session on the new generation, which has the entry that says so; no header names it yet."""
    slot = next(each for each in header.users if each.user == user)
    own = StoreKeys.unpacked(store_keys.packed())  # the session wipes its keys when it closes
    session = session_on(folder, header, slot, pairs, own, clock, None)
    session.covered = copied.entries
    facts: dict[str, Fact] = {
        "rotation": "done",
        "generation": header.generation,
        "entries": copied.entries,
        "root": copied.root,
    }
    try:
        take_up(session, header.vault)
        with session.act(Operation.ADMINISTER, Thing.STORE, reason=_MAINTENANCE, facts=facts) as act:
            act.write(db.users.put_setting, ROTATION_DUE, "")
    except BaseException:
        _drop(session)
        raise
    return session


def _drop(session: Session | None) -> None:
    if session is not None:
        session.doubt = KingshurstError("This generation was given up.")
        session.close()
