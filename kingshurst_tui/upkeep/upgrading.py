"""A store of an older version brought to this program's: a verified copy first, then the next generation migrated.

The tables are changed in a copy under new keys, checked and compared, and the header's renaming makes it the store; so
a kill or a power cut at any moment leaves the old one or the new one, whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from db import copies, holding, keys, rotation
from db.bringing_back import to_newest
from db.checking import check_store
from db.migrations.running import NEWEST, current_and_newest
from db.slots import Slot, StoreKeys
from db.store import administering
from db.vault import Header, open_slot, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.errors import IntegrityFailure, KingshurstError, Refused
from kingshurst_tui.granting import chain as chains
from kingshurst_tui.granting import taking_up
from kingshurst_tui.keyholding.generations import Tell, settle_next
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups
from kingshurst_tui.vaults import refuse_other_version, session_on
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

FIRST_WITH_GRANTS = "0003"
"""The first step whose tables have everything that a role granted by two people is verified by."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did.

    Attributes:
        before: the migration step the store was at; ``after`` the one it is at now.
        copy: where the verified copy of the store as it was lies; None where the store was at this version already.
    """

    before: str
    after: str
    generation: int
    copy: Path | None
    entries: int


def upgrade(
    folder: Path,
    user: str,
    passphrase: str,
    *,
    copy: Path | None = None,
    clock: Clock | None = None,
    tell: Tell | None = None,
) -> Upgraded:
    """Bring a store to this program's version; an administrator's act, with nobody else signed in.

    Args:
        copy: where the copy made before all goes; by default beside the store.

    Raises: StoreLocked (in use), WrongPassphrase, Refused, InputRejected (the copy's file is there), StoreUnavailable
        (no room; made by a newer version), IntegrityFailure; the store is then as it was.
    """
    clock, say = clock or SystemClock(), tell or (lambda _: None)
    folder = folder.absolute()
    read_header(folder)  # a folder that is no store gets no locks
    hold = holding.have_alone(folder)
    try:
        header = read_header(folder)
        slot, pairs, store_keys = open_slot(header, user, passphrase)
        with administering(folder, header.generation, store_keys.data) as connection:
            kept, newest = current_and_newest(connection)
            if kept is None or kept > newest:
                refuse_other_version(kept, newest, folder)
            role = _role_of(connection, header.vault, slot, kept)
        if role is not Role.ADMINISTRATOR:
            raise Refused(
                "Only an administrator brings a store to a newer version.", "Nothing was changed.", "Ask one to do it."
            )
        if kept == newest:
            return Upgraded(newest, newest, header.generation, None, 0)
        into = copy or _free_name(folder, newest)
        _copied(folder, header, user, pairs, store_keys, into, clock, say)
        entries = _upgraded(folder, user, pairs, store_keys, clock, kept, say)
        return Upgraded(kept, newest, read_header(folder).generation, into, entries)
    finally:
        hold.close()


def _role_of(connection: Connection, vault: str, slot: Slot, kept: str) -> Role | None:
    """Return what two people signed for; where tables are older than that, what the slot says."""
    if kept < FIRST_WITH_GRANTS:
        return Role(slot.role)
    chain = chains.read(connection, vault)
    return chain.standing(slot.user).role if chain.rows or chain.founded is not None else Role(slot.role)


def _free_name(folder: Path, newest: str) -> Path:
    """Return where the copy goes; an upgrade that was killed may have left one, which stays."""
    endings = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    names = (folder.with_name(f"{folder.name}.before-{newest}{ending}") for ending in endings)
    return next(name for name in names if not any(path.exists() for path in copies.Names(name).all))


def _copied(
    folder: Path,
    header: Header,
    user: str,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    into: Path,
    clock: Clock,
    say: Tell,
) -> None:
    """Make a copy that is brought back in test, or go no further. No entry can be written into older tables."""
    slot = next(each for each in header.users if each.user == user)
    own = store_keys.another()  # the session wipes its keys when it closes
    session = session_on(folder, header, slot, pairs, own, clock, None)
    session.take_role(Role.ADMINISTRATOR, grant=None, founded=False)
    session.doubt = KingshurstError("Nothing is written into the tables of an older version.")
    try:
        done = backups.made(session, into, also=user, tell=say)
    finally:
        session.close()
    if not done.verified:
        for path in copies.Names(into).all:
            path.unlink(missing_ok=True)
        raise IntegrityFailure(
            "The copy to go back to could not be brought back in test, so nothing was begun.",
            f"{done.problem} The store is as it was.",
            "Check the store with the version of Kingshurst that made it.",
        )


def _upgraded(
    folder: Path, user: str, pairs: keys.UserKeys, old_keys: StoreKeys, clock: Clock, kept: str, say: Tell
) -> int:
    def change(header: Header, new_keys: StoreKeys) -> None:
        say(f"Bringing the tables from step {kept} to {NEWEST}")
        to_newest(folder, header.generation, new_keys)

    def enter(session: Session, copied: Mapping[str, Fact]) -> None:
        facts: dict[str, Fact] = {"upgrade": "done", "step_before": kept, "step_after": NEWEST, **copied}
        with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE), facts=facts):
            pass
        taking_up.found_older_store(session)

    def check(header: Header, new_keys: StoreKeys) -> None:
        say("Checking the store as it will be")
        _check(folder, header, new_keys)

    rotation.check_room(folder, read_header(folder).generation)
    _, copied = settle_next(folder, user, pairs, old_keys, clock, say, enter=enter, change=change, check=check)
    return copied.entries


def _check(folder: Path, header: Header, store_keys: StoreKeys) -> None:
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    found = check_store(folder, header.generation, store_keys, anchors)
    wrong = [f"{each.check}: {problem}" for each in found.findings for problem in each.problems]
    if wrong:
        raise IntegrityFailure(
            "The store would not be whole in this version.",
            f"{' '.join(f'{line}.' for line in wrong)} The store is as it was.",
            "Keep using the version that made it, and report this.",
        )
