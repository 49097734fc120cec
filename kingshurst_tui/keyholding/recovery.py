"""The printed recovery key: made, tried before it counts, and used to give somebody a new passphrase.

Class of control: cryptographic. The key is 140 random bits and opens a slot with key pairs of its own; what it does is
signed by these. What of the compartments was sealed to the recovery slot it seals to everybody entitled, the new pair
among them; the rest is sealed anew by somebody who holds it.
"""

from __future__ import annotations

from pathlib import Path

import db.compartments
import db.users
from db import damage, holding, keys, unlock_attempts
from db.network_disks import refuse_network
from db.recovery_key import NotRecoveryKey, new_recovery_key, read_recovery_key
from db.slots import RECOVERY
from db.vault import Slot, new_slot, open_recovery_slot, read_header, seal_slot
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import Clock, SystemClock
from kingshurst_tui.errors import InputRejected, NotFound, StoreLocked
from kingshurst_tui.keyholding.compartments import sealed_by_recovery
from kingshurst_tui.keyholding.failures import enter_failures
from kingshurst_tui.keyholding.strength import check_passphrase
from kingshurst_tui.oversight.held_checkpoints import compare
from kingshurst_tui.session import Session
from kingshurst_tui.vaults import session_on
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

NAME = "recovery:"
"""What the slot's name begins with; no user name has a colon. The rest is the beginning of its public key."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def propose() -> str:
    """Return a new recovery key, as it is printed. It opens nothing until it was typed back."""
    return new_recovery_key()


def confirm(session: Session, proposed: str, typed_back: str) -> str:
    """Make the proposed key the store's recovery key, once what was typed back opens its slot; an earlier one ends.

    Returns: the slot's name, under which the trail knows what the key did.

    Raises: InputRejected (what was typed is not the key), Refused.
    """
    typed = _read(typed_back)
    if typed != proposed:
        raise InputRejected(
            "That is a recovery key, but not the one that was printed.",
            "Nothing was changed.",
            "Type the newest one, or begin again.",
        )
    pairs = keys.UserKeys.generate()
    name = f"{NAME}{pairs.signing_public.hex()[:8]}"
    with session.header_work() as work:
        header, former = work.draft.header, work.draft.header.recovery
        slot = seal_slot(header.vault, name, Role.ADMINISTRATOR, "", proposed, pairs, work.store_keys, kind=RECOVERY)
        fresh = header.with_slot(slot).signed(work.store_keys)
        # Opened in test with what the person typed: a key that was copied wrongly must not count.
        open_recovery_slot(fresh, typed)
        facts: dict[str, Fact] = {
            "user": name,
            "role": RECOVERY,
            "agency": "",
            "signing_public": slot.signing_public,
            "ends": former.user if former is not None else None,
        }
        with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE, facts=facts):
            work.draft.write(fresh)
    return name


def recover(folder: Path, name: str, typed: str, passphrase: str, *, clock: Clock | None = None) -> str:
    """Give a user a new passphrase, and new key pairs, with the printed recovery key.

    A second factor is not asked for and ends. A suspended user stays suspended: that is an administrator's to undo.

    Returns: the recovery slot's name, which signs the entry.

    Raises: InputRejected (weak passphrase, mistyped key), WrongPassphrase (another key), TryLater, NotFound,
        StoreLocked (no recovery key; the user is suspended), StoreUnavailable, IntegrityFailure (also where the trail
        contradicts a checkpoint of it: nothing is done in such a store but checking).
    """
    clock = clock or SystemClock()
    check_passphrase(passphrase, name)
    secret = _read(typed)
    read_header(folder)  # a folder that is no store gets no locks
    refuse_network(folder)
    hold = holding.share(folder)
    try:
        header = read_header(folder)
        with unlock_attempts.trying(folder, NAME, clock.now()) as failed:
            slot, pairs, store_keys = open_recovery_slot(header, secret)
        damage.refuse_damaged(folder)
        session = session_on(folder, header, slot, pairs, store_keys, clock, hold)
    except BaseException:
        hold.close()
        raise
    try:
        session.doubt = compare(session)
        if session.doubt is not None:
            raise session.doubt
        _renew(session, name, passphrase)
        enter_failures(session, NAME, failed)
    finally:
        session.close()
    return slot.user


def _renew(session: Session, name: str, passphrase: str) -> None:
    with session.header_work() as work:
        header, slot = work.draft.header, work.draft.header.slot(name)
        if slot is None:
            raise _no_way_in()
        fresh, pairs = new_slot(header.vault, name, slot.role, slot.agency, passphrase, work.store_keys)
        with session.act(Operation.ADMINISTER, Thing.USER, reason=_MAINTENANCE) as act:
            found = act.read(db.users.by_name, name)
            if found is None:
                raise _no_way_in()
            _check_standing(slot, found.status)
            former = act.write(db.users.renew_public_keys, name, pairs.signing_public, pairs.sealing_public)
            act.write(db.compartments.put_proof, name, db.compartments.proof_by(name, pairs))
            sealed_by_recovery(act, name, pairs.signing_public)
            act.note(user=name, changed="recovered", signing_public=fresh.signing_public, replaces=former.hex())
            work.draft.write(header.with_slot(fresh))


def _no_way_in() -> NotFound:
    return NotFound(
        "There is no such user with a way in.",
        "Nothing was changed.",
        "Somebody who left has none; an administrator can add them under another name.",
    )


def _check_standing(slot: Slot, status: str) -> None:
    if slot.status != "active" or status != "active":
        raise StoreLocked(
            "A suspended user gets no new passphrase.",
            "Nothing was changed.",
            "An administrator makes the user active first: kingshurst user restore STORE NAME",
        )


def _read(typed: str) -> str:
    try:
        return read_recovery_key(typed)
    except NotRecoveryKey as wrong:
        raise InputRejected(
            "That is not how a recovery key is written.",
            f"{wrong} Nothing was changed.",
            "Compare what you typed with the paper, group by group.",
        ) from wrong
