"""Making a store, opening it, and who may: init, open, users."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import db.erasing
import db.users
from db import damage, holding, keys, sweeping, unlock_attempts
from db.holding import VaultHold
from db.migrations.running import current_and_newest, migrate
from db.network_disks import refuse_network
from db.person_keys import PersonKeys, person_keys_file
from db.second_factor import keyring_secret
from db.slots import Slot
from db.store import administering, data_file, open_store
from db.unlock_attempts import Failures
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
from kingshurst_tui.clock import Clock, SystemClock, stamp
from kingshurst_tui.errors import InputRejected, IntegrityFailure, Refused, StoreLocked, StoreUnavailable, UsageError
from kingshurst_tui.oversight.checkpoints import compare
from kingshurst_tui.session import Fact, HeaderAct, Reason, Session, session_over
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

FIRST_PURPOSE = "repeat-contact"
FIRST_QUESTION = (
    "Which residents do several agencies keep meeting separately, and which agency is best placed to lead for each?"
)
"""The question of the briefing to the ethics committee, 6 July 2022, put as a purpose."""

WEAKEST_PASSPHRASE = 3
"""zxcvbn's score (0 to 4) below which a passphrase is refused: 3 is 'safely unguessable', over 10^8 guesses."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def check_passphrase(passphrase: str, *words_about_the_user: str) -> None:
    """Refuse a passphrase that is easily guessed. Raises: InputRejected."""
    from zxcvbn import zxcvbn  # 20 ms to import: only where a passphrase is chosen

    if len(passphrase) > 256:
        raise InputRejected("The passphrase is too long.", "Nothing was changed.", "Use at most 256 characters.")
    found = zxcvbn(passphrase[:72], user_inputs=list(words_about_the_user)) if passphrase else None
    if found is None or found["score"] < WEAKEST_PASSPHRASE:
        advice = found["feedback"]["suggestions"] if found else []
        raise InputRejected(
            "The passphrase is too easily guessed.",
            "Nothing was changed. " + " ".join(advice),
            "Four or five unrelated words make a good one.",
        )


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
            _introduce_first(session, pairs, agency)
            # A folder without a header is no store: a kill before this leaves none, one after it a whole one.
            write_header(folder, header.with_slot(slot).signed(store_keys))
            sweeping.ended(folder)
        finally:
            session.close()
        sync_folder(folder.parent)
    except BaseException:
        sweeping.take_back(folder)
        raise


def _introduce_first(session: Session, pairs: keys.UserKeys, agency: str) -> None:
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
            added_at=now,
        )
        act.write(db.users.put_purpose, FIRST_PURPOSE, FIRST_QUESTION, now, session.user.name)


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
        with unlock_attempts.trying(folder, known, clock.now()) as failed:
            slot, pairs, store_keys = open_slot(header, user, passphrase)
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
        session.doubt = compare(session)
        if session.doubt is not None and not checking:
            raise session.doubt
        session.purpose = _chosen_purpose(session, purpose)
        if session.doubt is None:
            session.store_opened()
            _complete_erasures(session)
            sweeping.sweep(folder, header.generation)
            enter_failures(session, user, failed)
    except BaseException:
        session.close()
        raise
    return session


def _complete_erasures(session: Session) -> None:
    if session.look(db.erasing.every, "confirmed"):
        from kingshurst_tui.oversight.erasure import complete_pending

        complete_pending(session)


def _check_files(folder: Path, header: Header) -> None:
    """A file that is gone is not made anew: an empty one in its place would pass for the store."""
    for path in (data_file(folder, header.generation), person_keys_file(folder, header.generation)):
        if not path.exists():
            raise IntegrityFailure(
                "A file of the store is missing.",
                f"{path.name} is not there. Nothing was opened or changed.",
                "Put it back, or bring back the latest backup: kingshurst restore FILE STORE",
            )


def enter_failures(session: Session, name: str, failed: Failures) -> None:
    """Put into the trail how many wrong passphrases came before this right one, and begin to count anew."""
    if not failed.failed:
        return
    facts: dict[str, Fact] = {
        "failed_attempts": failed.failed,
        "first_failed": failed.first,
        "last_failed": failed.last,
    }
    with session.act(Operation.CONSULT, Thing.STORE, reason=_MAINTENANCE, facts=facts):
        pass
    unlock_attempts.forget(session.store.folder, name)


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
        raise StoreUnavailable(
            "This store was made by another version of Kingshurst.",
            f"It is at {kept or 'no known version'}, this program at {newest}. Nothing was changed.",
            "Open it with the version of Kingshurst that made it.",
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
    """Add a user with a slot of their own.

    Raises: InputRejected (weak passphrase, name taken), Refused.
    """
    check_passphrase(passphrase, name, display_name, agency)
    _check_name(name)
    with session.header_act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE) as work:
        act, draft = work.act, work.draft
        # A slot without a user is what a kill left behind in the middle of this; it is replaced.
        if act.read(db.users.by_name, name) is not None:
            raise InputRejected("That user name is taken.", "Nothing was changed.", "Choose another name.")
        slot, pairs = new_slot(draft.header.vault, name, role.value, agency, passphrase, work.store_keys)
        act.write(
            db.users.add,
            name=name,
            display_name=display_name,
            agency_code=agency,
            role=role.value,
            signing_public=pairs.signing_public,
            sealing_public=pairs.sealing_public,
            added_at=stamp(session.clock.now()),
        )
        act.note(user=name, role=role.value, agency=agency, signing_public=pairs.signing_public.hex())
        draft.header = draft.header.with_slot(slot)


def change_passphrase(session: Session, passphrase: str) -> None:
    """Give the signed-in user another passphrase; the key pairs and a second factor stay.

    Raises: InputRejected, StoreLocked (the keyring does not give its secret).
    """
    check_passphrase(passphrase, session.user.name)
    with session.header_act(
        Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts={"user": session.user.name, "changed": "passphrase"}
    ) as work:
        reseal_own(session, work, passphrase)


def reseal_own(session: Session, work: HeaderAct, passphrase: str, secret: bytes | None = None) -> None:
    """Put the signed-in user's key pairs into a new slot.

    Args:
        secret: of the second factor; empty for none, None to go on with the one there is.
    """
    header = work.draft.header
    slot = header.slot(session.user.name)
    if slot is None:
        work.act.refuse("You no longer have a slot in this store.")
    if secret is None:
        secret = keyring_secret(header.vault, slot.user) if slot.factor else b""
    sealed = seal_slot(
        header.vault, slot.user, slot.role, slot.agency, passphrase, work.pairs, work.store_keys, secret=secret
    )
    work.draft.header = header.with_slot(replace(sealed, status=slot.status))


def set_user_status(session: Session, name: str, status: str) -> None:
    """Suspend a user, or make one active again. Raises: Refused, InputRejected."""
    with session.header_act(
        Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts={"user": name, "status": status}
    ) as work:
        slot = work.draft.header.slot(name)
        if slot is None:
            raise _no_such_user()
        if name == session.user.name:
            work.act.refuse("Nobody suspends themselves.", hint="Another administrator can do it.")
        work.act.write(db.users.set_status, name, status)
        work.draft.header = work.draft.header.with_slot(replace(slot, status=status))


def leave(session: Session, name: str) -> None:
    """Take a leaver's slot away and close what they were granted; the name is never given again.

    What they could read they may have copied: rotation (kingshurst_tui/keyholding/rotation.py) is due, and the list of
    users says so until it is done.

    Raises: Refused, InputRejected.
    """
    with session.header_act(
        Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts={"user": name, "status": "left"}
    ) as work:
        found = work.act.read(db.users.by_name, name)
        if found is None or (found.status == "left" and work.draft.header.slot(name) is None):
            raise _no_such_user()
        if name == session.user.name:
            work.act.refuse("Nobody takes their own way in away.", hint="Another administrator can do it.")
        work.act.write(db.users.set_status, name, "left")
        work.act.write(db.users.end_grants, name)
        work.act.write(db.users.put_setting, ROTATION_DUE, stamp(session.clock.now()))
        work.draft.header = work.draft.header.without_slot(name)


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
