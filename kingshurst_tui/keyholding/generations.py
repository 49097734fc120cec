"""The next generation of a store: copied, compared, entered, settled, and made the one that stands by a renaming.

Whatever changes every page (new keys, another version's tables) goes this way. A kill or a power cut at any moment
leaves the old generation or the new one, whole; what is left over is removed at the next opening (db/sweeping.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from db import keys, rotation, sweeping
from db.person_keys import person_keys_file
from db.store import data_file
from db.vault import Header, StoreKeys, changing_header, check_opens, read_header
from kingshurst_tui.acts import Fact
from kingshurst_tui.clock import Clock
from kingshurst_tui.errors import KingshurstError
from kingshurst_tui.granting.taking_up import take_up
from kingshurst_tui.session import Session
from kingshurst_tui.vaults import session_on

Tell = Callable[[str], None]
Work = Callable[[Header, StoreKeys], None]
"""Something done with the next generation while no header in the vault names it."""

Enter = Callable[[Session, Mapping[str, Fact]], None]
"""Enters in the next generation what was copied, and does whatever else belongs to it."""


def settle_next(
    folder: Path,
    user: str,
    pairs: keys.UserKeys,
    old_keys: StoreKeys,
    clock: Clock,
    tell: Tell,
    *,
    enter: Enter,
    change: Work = lambda _, __: None,
    check: Work = lambda _, __: None,
) -> tuple[int, rotation.Copied]:
    """Make the next generation under new keys and let it take the place of the one that stands; wipe the keys.

    Called by somebody who has the vault alone.

    Args:
        enter: given a session on the new generation, and what its entry says besides; once the grants hold there.
        change: what is done to the copy before the entry.
        check: looks at it when it is finished.

    Returns: the new generation's number, and what was copied.
    Raises: KingshurstError, and what these raise; the store is then as it was.
    """
    old, new_keys = read_header(folder).generation, old_keys.rotated()
    newer: Session | None = None
    try:
        with changing_header(folder, old_keys) as draft:
            copied = rotation.copy_generation(folder, old, old_keys, new_keys, tell)
            header = draft.header.for_generation(old + 1, new_keys).signed(new_keys)
            change(header, new_keys)
            newer = _entered(folder, header, user, pairs, new_keys, clock, copied, enter)
            rotation.settle(data_file(folder, old + 1), new_keys.data)
            rotation.settle(person_keys_file(folder, old + 1), new_keys.person)
            check(header, new_keys)
            tell("Putting the new header in place")
            rotation.keep_header(folder, old)
            draft.replace(header)
            check_opens(read_header(folder), user, pairs, new_keys)
    except BaseException:
        # Its checkpoint would speak of an entry that the standing generation does not have.
        _give_up(newer)
        if read_header(folder).generation == old:
            rotation.discard(folder, old + 1)
        raise
    newer.close()
    sweeping.sweep(folder, old + 1)
    for each in (old_keys, new_keys):
        each.wipe()
    return old + 1, copied


def _entered(
    folder: Path,
    header: Header,
    user: str,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    clock: Clock,
    copied: rotation.Copied,
    enter: Enter,
) -> Session:
    """Return a session on the new generation, which has what it must have; no header names it yet."""
    slot = next(each for each in header.users if each.user == user)
    own = store_keys.another()  # the session wipes its keys when it closes
    session = session_on(folder, header, slot, pairs, own, clock, None)
    session.covered = copied.entries
    try:
        take_up(session, header.vault)
        enter(session, {"generation": header.generation, "entries": copied.entries, "root": copied.root})
    except BaseException:
        _give_up(session)
        raise
    return session


def _give_up(session: Session | None) -> None:
    if session is not None:
        session.doubt = KingshurstError("This generation was given up.")
        session.close()
