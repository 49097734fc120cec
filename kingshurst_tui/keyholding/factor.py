"""A second factor beside one's passphrase: a secret in the keyring of the system's login.

Class of control: cryptographic; the slot's key is derived from both. It is each user's own choice, and never the only
way in: it cannot be turned on before the store has a recovery key, which needs no keyring.
"""

from __future__ import annotations

from db.second_factor import drop_from_keyring, keep_in_keyring, keyring_secret, new_secret
from db.slots import KEYRING, unlock_slot
from db.vault import SecretOf, open_slot, read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.keyholding.needs import is_bound, secret_beforehand
from kingshurst_tui.keyholding.users import reseal_own
from kingshurst_tui.session import HeaderWork, Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def turn_on(session: Session, passphrase: str) -> None:
    """Bind the signed-in user's slot to this login's keyring as well.

    Raises: KeyringRefused (none that may be trusted, or it gives nothing), WrongPassphrase, Refused (no recovery key
        yet), InputRejected (it is on already).
    """
    name, vault = session.user.name, _may_turn_on(session)
    secret = new_secret()
    # Before any lock is held: a keyring may ask at the screen, and take its time. It is read back as well.
    keep_in_keyring(vault, name, secret)
    with session.header_work() as work:
        _check_passphrase(work, name, passphrase)
        slot = reseal_own(session, work, passphrase, secret)
        unlock_slot(slot, vault, passphrase, secret)  # opened in test: the earlier slot is gone once this is written
        facts: dict[str, Fact] = {"user": name, "factor": KEYRING}
        with session.act(Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts=facts):
            work.draft.write(work.draft.header.with_slot(slot))


def _may_turn_on(session: Session) -> str:
    """Return the vault's identity, where nothing speaks against a second factor for the signed-in user."""
    header = read_header(session.store.folder)
    if is_bound(header, session.user.name):
        raise InputRejected("The second factor is on already.", "Nothing was changed.")
    if header.recovery is None:
        raise Refused(
            "A second factor needs a recovery key first.",
            "Without one a lost keyring would shut you out for good. Nothing was changed.",
            "An administrator makes one: kingshurst user recovery STORE",
        )
    return header.vault


def turn_off(session: Session, passphrase: str) -> None:
    """Let the signed-in user's passphrase alone open their slot again.

    Raises: WrongPassphrase, KeyringRefused, InputRejected (it is off already).
    """
    name, header = session.user.name, read_header(session.store.folder)
    if not is_bound(header, name):
        raise InputRejected("The second factor is off already.", "Nothing was changed.")
    secret_of = secret_beforehand(header, name)
    with session.header_work() as work:
        _check_passphrase(work, name, passphrase, secret_of)
        slot = reseal_own(session, work, passphrase, b"")
        facts: dict[str, Fact] = {"user": name, "factor": "none"}
        with session.act(Operation.ALTER, Thing.USER, reason=_MAINTENANCE, facts=facts):
            work.draft.write(work.draft.header.with_slot(slot))
    drop_from_keyring(header.vault, name)


def _check_passphrase(work: HeaderWork, name: str, passphrase: str, secret_of: SecretOf = keyring_secret) -> None:
    """Open the user's slot with it: a mistyped passphrase must not become the new one. Raises: WrongPassphrase."""
    open_slot(work.draft.header, name, passphrase, secret_of=secret_of)
