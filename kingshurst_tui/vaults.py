"""How a store is made, and opened for one user."""

from __future__ import annotations

import os
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
    sync_folder,
    write_header,
)
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import Clock, SystemClock, stamp
from kingshurst_tui.errors import IntegrityFailure, Refused, StoreLocked, StoreUnavailable, UsageError
from kingshurst_tui.granting import grants, taking_up
from kingshurst_tui.keyholding import compartments
from kingshurst_tui.keyholding.failures import enter_failures, enter_unknown_names
from kingshurst_tui.keyholding.needs import secret_beforehand
from kingshurst_tui.keyholding.strength import check_passphrase
from kingshurst_tui.keyholding.users import check_name
from kingshurst_tui.oversight.held_checkpoints import compare
from kingshurst_tui.session import Session, session_over
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
    check_name(user)
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
            _draw_lots(session, demonstration=demonstration)
            # A folder without a header is no store: a kill before this leaves none, one after it a whole one.
            write_header(folder, header.with_slot(slot).signed(store_keys))
            sweeping.ended(folder)
        finally:
            session.close()
        sync_folder(folder.parent)
    except BaseException:
        sweeping.take_back(folder)
        raise


def _draw_lots(session: Session, *, demonstration: bool) -> None:
    """Give a new store its own secret with which it is drawn what is hidden beside small counts."""
    from kingshurst_tui.leaving.suppression_terms import LOT_KEY, new_lot_key

    # Nobody in a demonstration is real, and the same town shows the same figures.
    key = bytes(32).hex() if demonstration else new_lot_key()
    session.stage(Operation.ADMINISTER, Thing.USER, db.users.add_setting, LOT_KEY, key)


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
    if session.look(db.erasing.is_unfinished):
        from kingshurst_tui.oversight.erasing import complete_pending

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
