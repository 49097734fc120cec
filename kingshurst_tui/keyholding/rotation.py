"""New keys for the whole store: copied, compared, swapped; after a leak, or when somebody left.

Class of control: cryptographic. Whoever holds a passphrase, a header or the keys of an earlier generation reads that
generation's copies and nothing that was written since. Nobody else's passphrase is needed: the new keys are sealed to
the public half of everybody who has a slot, the recovery slot too.

A kill or a power cut at any moment leaves the old generation or the new one, whole (generations.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import db.users
from db import holding, rotation
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.keyholding.generations import Tell, settle_next
from kingshurst_tui.keyholding.users import ROTATION_DUE
from kingshurst_tui.session import Session
from kingshurst_tui.vaults import open_session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


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
        _, pairs, old_keys = open_slot(read_header(folder), user, passphrase)
        generation, copied = settle_next(folder, user, pairs, old_keys, clock, say, enter=_enter)
        return Rotated(generation, copied.entries, copied.root, sum(copied.rows.values()), copied.size)
    finally:
        hold.close()


def _enter(session: Session, copied: Mapping[str, Fact]) -> None:
    facts: dict[str, Fact] = {"rotation": "done", **copied}
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=_MAINTENANCE, facts=facts) as act:
        act.write(db.users.put_setting, ROTATION_DUE, "")
