"""Who may open a store: users added, suspended and leaving, and the passphrases of their own slots."""

from __future__ import annotations

from dataclasses import replace

import db.users
from db.compartments import proof_by
from db.slots import Slot
from db.vault import (
    new_slot,
    read_header,
    seal_slot,
)
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StoreLocked
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding.needs import is_bound, secret_beforehand
from kingshurst_tui.keyholding.strength import check_passphrase
from kingshurst_tui.session import HeaderWork, Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def add_user(session: Session, name: str, display_name: str, agency: str, role: Role, passphrase: str) -> None:
    """Add a user with a slot of their own, and propose their role; it takes effect when a second person confirms it.

    Raises: InputRejected (weak passphrase, name taken), Refused (the same person as somebody whose role excludes it).
    """
    check_passphrase(passphrase, name, display_name, agency)
    check_name(name)
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


def check_name(name: str) -> None:
    """Refuse a user name that could not be told from another, or typed. Raises: InputRejected."""
    if not name or len(name) > 60 or not all(letter.isalnum() or letter in "-_." for letter in name):
        raise InputRejected(
            "That user name cannot be used.",
            "Nothing was changed.",
            "Use up to 60 letters, figures, hyphens and full stops.",
        )
