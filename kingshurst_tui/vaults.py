"""Making a store, opening it, and who may: init, open, users."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import db.users
from db import keys
from db.migrations.running import current_and_newest, migrate
from db.person_keys import PersonKeys, person_keys_file
from db.store import administering, data_file, open_store
from db.vault import (
    HEADER,
    Header,
    StoreKeys,
    new_header,
    new_slot,
    open_slot,
    read_header,
    write_header,
)
from kingshurst_tui.clock import Clock, SystemClock, stamp
from kingshurst_tui.errors import InputRejected, Refused, StoreUnavailable, UsageError
from kingshurst_tui.session import Reason, Session, session_over
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
    _fresh_folder(folder)
    store_keys = StoreKeys.generate()
    header = new_header(demonstration)
    slot, pairs = new_slot(header.vault, user, Role.ADMINISTRATOR, agency, passphrase, store_keys)
    try:
        with administering(folder, header.generation, store_keys.data) as connection:
            migrate(connection)
        # The header comes last: a folder without one is no store, so a kill before it leaves none.
        write_header(folder, header.with_slot(slot).signed(store_keys))
        session = _session(folder, header.with_slot(slot), user, pairs, store_keys, clock)
        try:
            _introduce_first(session, pairs, agency)
        finally:
            session.close()
    except BaseException:
        _take_back(folder, header)
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
    folder: Path, user: str, passphrase: str, *, purpose: str | None = None, clock: Clock | None = None
) -> Session:
    """Unlock a store for one user.

    Raises: WrongPassphrase, StoreLocked, IntegrityFailure, StoreUnavailable, UsageError (unknown purpose).
    """
    clock = clock or SystemClock()
    header = read_header(folder)
    _make_private(folder)
    _, pairs, store_keys = open_slot(header, user, passphrase)
    session = _session(folder, header, user, pairs, store_keys, clock)
    try:
        _check_version(session)
        session.purpose = _chosen_purpose(session, purpose)
        session.store_opened()
    except BaseException:
        session.close()
        raise
    return session


def _make_private(folder: Path) -> None:
    """Take away what others of this machine may do with the store's files; a copied store often comes with it."""
    if os.name != "posix":
        return
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if mode & 0o077 and not path.is_symlink() and path.stat().st_uid == os.getuid():
            os.chmod(path, mode & 0o700)


def _session(
    folder: Path, header: Header, user: str, pairs: keys.UserKeys, store_keys: StoreKeys, clock: Clock
) -> Session:
    slot = header.slot(user)
    if slot is None:
        raise UsageError("No such user.")
    return session_over(
        open_store(folder, header.generation, store_keys.data, store_keys.commitment_key()),
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
    folder = session.store.folder
    with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE) as act:
        header = read_header(folder)
        if header.slot(name) is not None or act.read(db.users.by_name, name) is not None:
            raise InputRejected("That user name is taken.", "Nothing was changed.", "Choose another name.")
        slot, pairs = session.new_slot(header.vault, name, role, agency, passphrase)
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
        session.write_header(header.with_slot(slot))


def change_passphrase(session: Session, passphrase: str) -> None:
    """Give the signed-in user another passphrase; the key pairs stay. Raises: InputRejected."""
    check_passphrase(passphrase, session.user.name)
    session.reseal(passphrase)


def set_user_status(session: Session, name: str, status: str) -> None:
    """Suspend a user, or make one active again. Raises: Refused, InputRejected."""
    with session.act(
        Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts={"user": name, "status": status}
    ) as act:
        header = read_header(session.store.folder)
        slot = header.slot(name)
        if slot is None:
            raise InputRejected(
                "There is no such user.", "Nothing was changed.", "List them with: kingshurst user list"
            )
        if name == session.user.name:
            act.refuse("Nobody suspends themselves.", hint="Another administrator can do it.")
        act.write(db.users.set_status, name, status)
        session.write_header(header.with_slot(replace(slot, status=status)))


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


def _take_back(folder: Path, header: Header) -> None:
    """Remove what a failed ``create`` made; only in the folder it found empty."""
    for path in (data_file(folder, header.generation), person_keys_file(folder, header.generation)):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    for name in (HEADER, "turn.lock", "write.lock"):
        (folder / name).unlink(missing_ok=True)
