"""A second factor beside one's passphrase: a secret in the keyring of the system's login.

Class of control: cryptographic; the slot's key is derived from both. It is each user's own choice, and never the only
way in: it cannot be turned on before the store has a recovery key, which needs no keyring.
"""

from __future__ import annotations

from db.second_factor import drop_from_keyring, keep_in_keyring, keyring_secret, new_secret
from db.slots import KEYRING, unlock_slot
from db.vault import Slot, open_slot
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.session import HeaderAct, Reason, Session
from kingshurst_tui.vaults import reseal_own
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def turn_on(session: Session, passphrase: str) -> None:
    """Bind the signed-in user's slot to this login's keyring as well.

    Raises: KeyringRefused (none that may be trusted, or it gives nothing), WrongPassphrase, Refused (no recovery key
        yet), InputRejected (it is on already).
    """
    name = session.user.name
    with session.header_act(
        Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts={"user": name, "factor": KEYRING}
    ) as work:
        slot = _own_slot(work, name, passphrase)
        header = work.draft.header
        if slot.factor:
            raise InputRejected("The second factor is on already.", "Nothing was changed.")
        if header.recovery is None:
            raise Refused(
                "A second factor needs a recovery key first.",
                "Without one a lost keyring would shut you out for good. Nothing was changed.",
                "An administrator makes one: kingshurst user recovery STORE",
            )
        secret = new_secret()
        keep_in_keyring(header.vault, name, secret)
        reseal_own(session, work, passphrase, secret)
        # Opened in test with what the keyring gives now: the earlier slot is gone once this is written.
        sealed = work.draft.header.slot(name)
        if sealed is not None:
            unlock_slot(sealed, header.vault, passphrase, keyring_secret(header.vault, name))


def turn_off(session: Session, passphrase: str) -> None:
    """Let the signed-in user's passphrase alone open their slot again.

    Raises: WrongPassphrase, KeyringRefused, InputRejected (it is off already).
    """
    name = session.user.name
    with session.header_act(
        Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts={"user": name, "factor": "none"}
    ) as work:
        if not _own_slot(work, name, passphrase).factor:
            raise InputRejected("The second factor is off already.", "Nothing was changed.")
        vault = work.draft.header.vault
        reseal_own(session, work, passphrase, b"")
    drop_from_keyring(vault, name)


def _own_slot(work: HeaderAct, name: str, passphrase: str) -> Slot:
    """Return the user's slot where this is their passphrase: a mistyped one must not become the new one."""
    return open_slot(work.draft.header, name, passphrase)[0]
