"""Whether the store is what was last written; while it is not, it stays closed to everything but upkeep."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import db.users
from db import damage, fitting, verified_before
from db.checking import StoreChecked, check_store
from db.migrations.running import current_and_newest
from db.slots import StoreKeys
from db.store import administering
from db.structure import Finding
from db.vault import Header, changing_header, open_slot, read_header
from db.verified_before import Verified
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import StoreUnavailable
from kingshurst_tui.granting.chain import problems
from kingshurst_tui.granting.chain import read as read_chain
from kingshurst_tui.panels.manifest_checked import what_does_not_hold
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def check(session: Session, tell: Callable[[str], None] | None = None, *, everything: bool = False) -> StoreChecked:
    """Run every check over the store, and enter in the trail what they found.

    Where something is wrong the vault is marked, and nobody is let in but to check, to copy and to bring back a copy,
    until a later check finds it whole. On a full disk the checks run all the same; their entry is then missing, because
    nothing about a person was shown. On a disk that cannot be written nothing opens: a copy of the folder is checked.

    Args:
        session: whose.
        tell: told what is looked at.
        everything: verify every signature of the trail, those too that this user verified before.

    Raises: Refused, StoreUnavailable (somebody holds the store so that not all of it can be seen).
    """
    folder = session.store.folder
    vault, user = read_header(folder).vault, session.user.name
    before = None if everything else verified_before.held(folder, vault, user, session.signing_public)
    found = _checked(folder, session.keys_for_upkeep(), tell, before, stamp(session.clock.now()))
    if not found.whole:
        return found  # nothing is written into a damaged store
    if session.doubt is not None:
        # Nothing is written into a store whose trail contradicts a checkpoint: it would take the place of what is lost.
        against = Finding("the trail against its checkpoints", (session.doubt.title.rstrip("."),))
        return replace(found, findings=(*found.findings, against))
    if found.verified is not None:
        verified_before.keep(folder, user, *session.sign(verified_before.statement(vault, user, found.verified)))
    with (
        suppress(StoreUnavailable),  # on a full disk the entry waits; nothing about a person was shown
        session.act(Operation.CONSULT, Thing.STORE, reason=_MAINTENANCE) as act,
    ):
        act.write(db.users.put_setting, damage.CHECKED, stamp(session.clock.now()))
        act.note(whole=True, checked_entries=found.entries, checked_root=found.root)
    return found


def check_closed(folder: Path, user: str, passphrase: str, tell: Callable[[str], None] | None = None) -> StoreChecked:
    """Run every check over a store that is too damaged to be signed in to; no entry can be written into it.

    Raises: WrongPassphrase, StoreLocked, IntegrityFailure (the header), StoreUnavailable.
    """
    _, _, store_keys = open_slot(read_header(folder), user, passphrase)
    try:
        return _checked(folder, store_keys, tell)
    finally:
        store_keys.wipe()


def _grants(folder: Path, header: Header, store_keys: StoreKeys, tell: Callable[[str], None] | None) -> Finding:
    """Verify every grant of a role, whoever holds it; opening looks at one's own alone."""
    if tell is not None:
        tell("Who was granted which role")
    with administering(folder, header.generation, store_keys.data) as connection:
        kept, newest = current_and_newest(connection)
        if kept != newest:
            return Finding("grants of roles", (), "none before this version")
        chain = read_chain(connection, header.vault)
    return Finding("grants of roles", tuple(problems(chain)), f"{len(chain.rows)} grants")


def _manifests(folder: Path, header: Header, store_keys: StoreKeys, tell: Callable[[str], None] | None) -> Finding:
    """Verify who signed the decisions of panels, and that these are still what was signed."""
    if tell is not None:
        tell("What the panels' members signed")
    with administering(folder, header.generation, store_keys.data) as connection:
        kept, newest = current_and_newest(connection)
        if kept != newest:
            return Finding("what panels signed", (), "none before this version")
        wrong, verified = what_does_not_hold(connection)
    return Finding("what panels signed", wrong, f"{verified} signatures")


def _checked(
    folder: Path,
    store_keys: StoreKeys,
    tell: Callable[[str], None] | None,
    before: Verified | None = None,
    at: str = "",
) -> StoreChecked:
    header = read_header(folder)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    found = check_store(folder, header.generation, store_keys, anchors, tell, before=before, at=at)
    if found.whole:
        found = replace(found, findings=(*found.findings, *_between_files(folder, store_keys)))
    if found.entries:  # what was written could be read
        signed = (_grants(folder, header, store_keys, tell), _manifests(folder, header, store_keys, tell))
        found = replace(found, findings=(*found.findings, *signed))
    with suppress(StoreUnavailable):  # the mark cannot be written on a full disk; what was found is said all the same
        if found.whole:
            damage.clear(folder)
        else:
            wrong = ", ".join(each.check for each in found.findings if each.problems)
            damage.mark(folder, f"Not as they should be: {wrong}")
    return found


def _between_files(folder: Path, store_keys: StoreKeys) -> tuple[Finding, ...]:
    with (
        changing_header(folder, store_keys) as draft,  # so that nobody is suspended or let in between two readings
        administering(folder, draft.before.generation, store_keys.data) as connection,
    ):
        return (
            fitting.ways_in(connection, draft.before),
            fitting.salts(connection, folder, draft.before.generation, store_keys),
        )
