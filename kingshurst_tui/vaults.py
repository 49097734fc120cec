"""Making a store, opening it, and who may: init, open, users."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import db.erasing
import db.recounts
import db.users
from db import damage, holding, keys, sweeping, unlock_attempts
from db.compartments import proof_by
from db.holding import VaultHold
from db.migrations.running import current_and_newest, migrate
from db.network_disks import refuse_network
from db.person_keys import PersonKeys, person_keys_file
from db.slots import Slot
from db.store import administering, data_file, open_store
from db.vault import (
    HEADER,
    Header,
    StoreKeys,
    new_header,
    new_slot,
    open_slot,
    read_header,
    seal_slot,
    sync_folder,
    write_header,
)
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock, stamp
from kingshurst_tui.errors import InputRejected, IntegrityFailure, Refused, StoreLocked, StoreUnavailable, UsageError
from kingshurst_tui.granting import grants, taking_up
from kingshurst_tui.keyholding import compartments
from kingshurst_tui.keyholding.failures import enter_failures, enter_unknown_names
from kingshurst_tui.keyholding.needs import is_bound, secret_beforehand
from kingshurst_tui.keyholding.strength import check_passphrase
from kingshurst_tui.oversight.held_checkpoints import compare
from kingshurst_tui.session import HeaderWork, Session, session_over
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

FIRST_PURPOSE = "repeat-contact"
FIRST_QUESTION = (
    "Which residents do several agencies keep meeting separately, and which agency is best placed to lead for each?"
)
"""The question of the briefing to the ethics committee, 6 July 2022, put as a purpose."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def create(
    folder: Path,
    user: str,
    agency: str,
    passphrase: str,
    *,
    clock: Clock | None = None,
    demonstration: bool = False,
) -> None:
    """Make a new vault whose first user is an administrator.

    Raises: InputRejected (weak passphrase), Refused (the folder is in use), StoreUnavailable.
    """
    clock = clock or SystemClock()
    check_passphrase(passphrase, user, agency)
    _check_name(user)
    refuse_network(folder)
    _fresh_folder(folder)
    store_keys = StoreKeys.generate()
    header = new_header(demonstration)
    slot, pairs = new_slot(header.vault, user, Role.ADMINISTRATOR, agency, passphrase, store_keys)
    try:
        sweeping.begin(folder)
        with administering(folder, header.generation, store_keys.data) as connection:
            migrate(connection)
        session = session_on(folder, header.with_slot(slot), slot, pairs, store_keys, clock, holding.share(folder))
        try:
            session.take_role(Role.ADMINISTRATOR, grant=None, founded=False)
            _introduce_first(session, pairs, agency, header.vault)
            # A folder without a header is no store: a kill before this leaves none, one after it a whole one.
            write_header(folder, header.with_slot(slot).signed(store_keys))
            sweeping.ended(folder)
        finally:
            session.close()
        sync_folder(folder.parent)
    except BaseException:
        sweeping.take_back(folder)
        raise


def _introduce_first(session: Session, pairs: keys.UserKeys, agency: str, vault: str) -> None:
    facts = {
        "user": session.user.name,
        "role": Role.ADMINISTRATOR.value,
        "agency": agency,
        "signing_public": pairs.signing_public.hex(),
    }
    with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts=facts) as act:
        now = stamp(session.clock.now())
        act.write(
            db.users.add,
            name=session.user.name,
            display_name=session.user.name,
            agency_code=agency,
            role=Role.ADMINISTRATOR.value,
            signing_public=pairs.signing_public,
            sealing_public=pairs.sealing_public,
            sealing_proof=proof_by(session.user.name, pairs),
            added_at=now,
        )
        act.write(db.users.put_purpose, FIRST_PURPOSE, FIRST_QUESTION, now, session.user.name)
        name = session.user.name
        grants.write_proposal(act, name, name, agency, Role.ADMINISTRATOR, founding=True, vault=vault)


def open_session(
    folder: Path,
    user: str,
    passphrase: str,
    *,
    purpose: str | None = None,
    clock: Clock | None = None,
    checking: bool = False,
    held: bool = False,
) -> Session:
    """Unlock a store for one user.

    Args:
        checking: open a store whose trail contradicts a checkpoint too; nothing can be done in it but check.
        held: whoever calls has the vault to themselves already (db/holding.py), and lets go of it.

    Raises: WrongPassphrase, StoreLocked, IntegrityFailure, StoreUnavailable, UsageError (unknown purpose).
    """
    clock = clock or SystemClock()
    read_header(folder)  # a folder that is no store gets no locks
    refuse_network(folder)
    _make_private(folder)
    hold = None if held else holding.share(folder)
    try:
        header = read_header(folder)
        known = user if header.slot(user) is not None else unlock_attempts.UNKNOWN
        secret_of = secret_beforehand(header, user)
        with unlock_attempts.trying(folder, known, clock.now()) as failed:
            slot, pairs, store_keys = open_slot(header, user, passphrase, secret_of=secret_of)
        _check_files(folder, header)
        if not checking:
            damage.refuse_damaged(folder)
        session = session_on(folder, header, slot, pairs, store_keys, clock, hold)
    except BaseException:
        if hold is not None:
            hold.close()
        raise
    try:
        _check_version(session)
        _check_user(session)
        taking_up.take_up(session, header.vault)
        session.doubt = compare(session)
        if session.doubt is not None and not checking:
            raise session.doubt
        session.purpose = _chosen_purpose(session, purpose)
        if session.doubt is None:
            session.store_opened()
            _complete_erasures(session)
            _count_on(session)
            sweeping.sweep(folder, header.generation)
            taking_up.found_older_store(session)
            enter_failures(session, user, failed)
            if session.user.role is Role.ADMINISTRATOR and not session.user.is_waiting:
                enter_unknown_names(session)
            if not session.user.is_waiting:
                compartments.signed_in(session)
    except BaseException:
        session.close()
        raise
    return session


def _complete_erasures(session: Session) -> None:
    if session.look(db.erasing.every, "confirmed"):
        from kingshurst_tui.oversight.erasure import complete_pending

        complete_pending(session)


def _count_on(session: Session) -> None:
    if session.look(db.recounts.pending):
        from kingshurst_tui.casework.recounting import go_on

        go_on(session)


def _check_files(folder: Path, header: Header) -> None:
    """A file that is gone is not made anew: an empty one in its place would pass for the store."""
    for path in (data_file(folder, header.generation), person_keys_file(folder, header.generation)):
        if not path.exists():
            raise IntegrityFailure(
                "A file of the store is missing.",
                f"{path.name} is not there. Nothing was opened or changed.",
                "Put it back, or bring back the latest backup: kingshurst restore FILE STORE",
            )


def _check_user(session: Session) -> None:
    if session.look(db.users.by_name, session.user.name) is None:
        raise StoreLocked(
            "This user was never finished being added.",
            "The program was stopped in the middle of it. Nothing was opened.",
            "An administrator can add the same name again: kingshurst user add STORE NAME",
        )


def _make_private(folder: Path) -> None:
    """Take away what others of this machine may do with the store's files; a copied store often comes with it."""
    if os.name != "posix":
        return
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if mode & 0o077 and not path.is_symlink() and path.stat().st_uid == os.getuid():
            os.chmod(path, mode & 0o700)


def session_on(
    folder: Path,
    header: Header,
    slot: Slot,
    pairs: keys.UserKeys,
    store_keys: StoreKeys,
    clock: Clock,
    hold: VaultHold | None,
) -> Session:
    """Return the session of an opened slot; closing it ends the hold. For this room and keyholding alone."""
    return session_over(
        open_store(folder, header.generation, store_keys.data, store_keys.commitment_key(), hold),
        slot,
        "",
        clock,
        demonstration=header.demonstration,
        pairs=pairs,
        store_keys=store_keys,
        person_keys=PersonKeys(folder, header.generation, store_keys.person),
    )


def _check_version(session: Session) -> None:
    kept, newest = session.look(current_and_newest)
    if kept != newest:
        refuse_other_version(kept, newest, session.store.folder)


def refuse_other_version(kept: str | None, newest: str, folder: Path) -> NoReturn:
    """Say what brings a store and this program together. Raises: StoreUnavailable."""
    if kept is not None and kept < newest:
        raise StoreUnavailable(
            "This store was made by an older version of Kingshurst.",
            f"It is at step {kept}, this program at {newest}. Nothing was changed.",
            f"An administrator brings it to this version: kingshurst upgrade {folder} --user NAME",
        )
    raise StoreUnavailable(
        "This store was made by a newer version of Kingshurst.",
        f"It is at {f'step {kept}' if kept else 'no known step'}, this program at {newest}. Nothing was changed.",
        "Install the newer version on this machine.",
    )


def _chosen_purpose(session: Session, wanted: str | None) -> str:
    known = session.look(db.users.purposes)
    if wanted is None:
        return FIRST_PURPOSE if FIRST_PURPOSE in known else next(iter(known), "")
    if wanted not in known:
        raise UsageError(
            "The partnership has set no such purpose.",
            f"Known are: {', '.join(sorted(known)) or 'none'}. Nothing was opened.",
            "Choose one of them with --purpose.",
        )
    return wanted


def add_user(session: Session, name: str, display_name: str, agency: str, role: Role, passphrase: str) -> None:
    """Add a user with a slot of their own, and propose their role; it takes effect when a second person confirms it.

    Raises: InputRejected (weak passphrase, name taken), Refused (the same person as somebody whose role excludes it).
    """
    check_passphrase(passphrase, name, display_name, agency)
    _check_name(name)
    with session.header_work() as work:
        slot, pairs = new_slot(work.draft.header.vault, name, role.value, agency, passphrase, work.store_keys)
        with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE) as act:
            # A slot without a user is what a kill left behind in the middle of this; it is replaced.
            if act.read(db.users.by_name, name) is not None:
                raise InputRejected("That user name is taken.", "Nothing was changed.", "Choose another name.")
            grants.check_apart(act, name, display_name, role)
            act.write(
                db.users.add,
                name=name,
                display_name=display_name,
                agency_code=agency,
                role=role.value,
                signing_public=pairs.signing_public,
                sealing_public=pairs.sealing_public,
                sealing_proof=proof_by(name, pairs),
                added_at=stamp(session.clock.now()),
            )
            act.note(user=name, role=role.value, agency=agency, signing_public=pairs.signing_public.hex())
            grants.write_proposal(act, name, display_name, agency, role)
            work.draft.write(work.draft.header.with_slot(slot))


def change_passphrase(session: Session, passphrase: str) -> None:
    """Give the signed-in user another passphrase; the key pairs and a second factor stay.

    Raises: InputRejected, StoreLocked (the keyring does not give its secret).
    """
    name = session.user.name
    check_passphrase(passphrase, name)
    header = read_header(session.store.folder)
    secret = secret_beforehand(header, name)(header.vault, name) if is_bound(header, name) else b""
    with session.header_work() as work:
        slot = reseal_own(session, work, passphrase, secret)
        facts: dict[str, Fact] = {"user": name, "changed": "passphrase"}
        with session.act(Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts=facts):
            work.draft.write(work.draft.header.with_slot(slot))


def reseal_own(session: Session, work: HeaderWork, passphrase: str, secret: bytes) -> Slot:
    """Return a new slot for the signed-in user's key pairs; ``secret`` is of the second factor, empty for none."""
    slot = work.draft.header.slot(session.user.name)
    if slot is None:
        raise StoreLocked(
            "You no longer have a way into this store.", "Nothing was changed.", "An administrator can say why."
        )
    vault = work.draft.header.vault
    sealed = seal_slot(vault, slot.user, slot.role, slot.agency, passphrase, work.pairs, work.store_keys, secret=secret)
    return replace(sealed, status=slot.status)


def set_user_status(session: Session, name: str, status: str) -> None:
    """Suspend a user, or make one active again. Raises: Refused, InputRejected."""
    facts: dict[str, Fact] = {"user": name, "status": status}
    with session.header_work() as work:
        with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts=facts) as act:
            slot = work.draft.header.slot(name)
            if slot is None:
                raise _no_such_user()
            if name == session.user.name:
                act.refuse("Nobody suspends themselves.", hint="Another administrator can do it.")
            act.write(db.users.set_status, name, status)
            header = work.draft.header.with_slot(replace(slot, status=status))
            if status != "active":
                work.draft.write(header)
        if status == "active":  # last: a kill in between keeps them out, and lets nobody in whom the data keep out
            work.draft.write(header)


def leave(session: Session, name: str) -> None:
    """Take a leaver's slot away and close what they were granted; the name is never given again.

    What they could read they may have copied: rotation (kingshurst_tui/keyholding/rotation.py) is due, and the list of
    users says so until it is done.

    Raises: Refused, InputRejected.
    """
    facts: dict[str, Fact] = {"user": name, "status": "left"}
    with (
        session.header_work() as work,
        session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts=facts) as act,
    ):
        header = work.draft.header
        found = act.read(db.users.by_name, name)
        if found is None or (found.status == "left" and header.slot(name) is None):
            raise _no_such_user()
        if name == session.user.name:
            act.refuse("Nobody takes their own way in away.", hint="Another administrator can do it.")
        grants.refuse_the_last_second(act, name)
        act.write(db.users.set_status, name, "left")
        grants.end_all(act, name)
        act.write(db.users.end_grants, name)
        act.write(db.users.put_setting, ROTATION_DUE, stamp(session.clock.now()))
        work.draft.write(header.without_slot(name))


ROTATION_DUE = "rotation-due-since"
"""The setting that says since when; empty once the keys were rotated."""


def rotation_due_since(session: Session) -> str:
    """Return since when the store's keys should be rotated, ISO text; empty where nobody left since the last time."""
    return session.look(db.users.get_setting, ROTATION_DUE) or ""


def _no_such_user() -> InputRejected:
    return InputRejected("There is no such user.", "Nothing was changed.", "List them with: kingshurst user list")


def _check_name(name: str) -> None:
    if not name or len(name) > 60 or not all(letter.isalnum() or letter in "-_." for letter in name):
        raise InputRejected(
            "That user name cannot be used.",
            "Nothing was changed.",
            "Use up to 60 letters, figures, hyphens and full stops.",
        )


def _fresh_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sweeping.cut_off(folder) and not (folder / HEADER).exists():
            sweeping.take_back(folder)
        if any(folder.iterdir()):
            raise Refused(
                "The folder is not empty.", f"{folder} was not touched.", "Choose a new folder for the store."
            )
        os.chmod(folder, 0o700)
    except OSError as failed:
        raise StoreUnavailable(
            "The folder cannot be made.",
            f"{failed.strerror}: {folder}. Nothing was changed.",
            "Choose another place.",
        ) from failed
