"""A second factor: 32 random bytes in the keyring of the system's login, wanted beside the passphrase.

Class of control: cryptographic; a copy of the vault and the passphrase open nothing without the keyring's secret. Which
keyrings are trusted with it is client-enforced. `keyring` takes 50 ms to import, so it is imported only where a slot
needs it.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

from db import keys
from db.errors import StoreLocked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "kingshurst"
ALLOWED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
"""Keyrings that the system's login encrypts. Others may keep secrets in a file anybody can read."""

REDIRECTS = frozenset(
    {
        "PYTHON_KEYRING_BACKEND",
        "KEYCHAIN_PATH",  # keyring.backends.macOS: a file in the place of the login's keychain
        "SECRET_BACKEND",  # libsecret: a file in the place of the service
        "SECRET_FILE_TEST_PASSWORD",
        "SECRET_FILE_TEST_PATH",
        "SECRET_SERVICE_BUS_NAME",  # libsecret: another service
    }
)
"""Variables by which an allowed keyring, or the library under it, asks another place."""

CHAINER = "keyring.backends.chainer.ChainerBackend"
NOTHING_TO_ASK = frozenset({"keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", CHAINER})
NOT_CHANGED = "Nothing was changed."
RECOVER = (
    "Sign in where the keyring is, or let an administrator use the printed recovery key: "
    "kingshurst recover STORE --user NAME"
)


class KeyringRefused(StoreLocked):
    """There is no keyring that may hold the secret, or it does not give it."""

    code = "keyring"


def new_secret() -> bytes:
    """Return a new secret for a keyring to hold."""
    return os.urandom(keys.KEY_BYTES)


def keyring_secret(vault: str, user: str) -> bytes:
    """Return what the keyring holds for this user of this store. Raises: KeyringRefused."""
    backends = _trusted()
    try:
        kept = next((found for each in backends if (found := each.get_password(SERVICE, f"{vault}/{user}"))), None)
    except Exception as failed:
        raise _gives_nothing(failed) from failed
    if kept is None:
        raise KeyringRefused(
            "The keyring of this login holds nothing for this user of this store.",
            f"The passphrase was not tried. {NOT_CHANGED}",
            RECOVER,
        )
    try:
        secret = base64.b64decode(kept, validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    return secret if len(secret) == keys.KEY_BYTES else b"\0" * keys.KEY_BYTES


def keep_in_keyring(vault: str, user: str, secret: bytes) -> None:
    """Put the secret into the keyring, and read it back. Raises: KeyringRefused; nothing is then relied on."""
    backends = _trusted()
    try:
        backends[0].set_password(SERVICE, f"{vault}/{user}", base64.b64encode(secret).decode())
    except Exception as failed:
        raise _gives_nothing(failed) from failed
    if keyring_secret(vault, user) != secret:
        raise KeyringRefused(
            "The keyring does not give back what it was given.",
            NOT_CHANGED,
            "Go on with the passphrase alone.",
        )


def drop_from_keyring(vault: str, user: str) -> None:
    """Take the secret out of the keyring, where it is there to be taken."""
    try:
        for each in _trusted():
            if each.get_password(SERVICE, f"{vault}/{user}"):
                each.delete_password(SERVICE, f"{vault}/{user}")
    except Exception:  # noqa: BLE001 - what is left behind opens nothing any more
        return


def _trusted() -> list[KeyringBackend]:
    """Return the keyrings that may hold a secret, the best first; refuse if one among them may not."""
    try:
        _refuse_redirection()
        import keyring
    except ImportError as missing:
        raise _none_here("the keyring package is not installed") from missing
    chosen = keyring.get_keyring()
    backends = [chosen] if _name(chosen) != CHAINER else list(chosen.backends)  # type: ignore[attr-defined]
    if not backends or _name(chosen) in NOTHING_TO_ASK - {CHAINER}:
        raise _none_here("this login has none")
    foreign = sorted({_name(each) for each in backends} - ALLOWED)
    if foreign:
        raise KeyringRefused(
            "A keyring is installed here that may keep secrets in plain text.",
            f"It is {', '.join(foreign)}. It was given nothing and asked nothing. {NOT_CHANGED}",
            "Take it out of the environment Kingshurst runs in (pip uninstall keyrings.alt), and try again.",
        )
    return backends


def _refuse_redirection() -> None:
    """Refuse what points `keyring` to another backend; before it is imported, which would follow."""
    named = sorted(name for name in os.environ if name in REDIRECTS or name.startswith("KEYRING_PROPERTY_"))
    if named:
        raise KeyringRefused(
            "The environment says which keyring to use.",
            f"{', '.join(named)} is set; somebody may have put another keyring in its place. {NOT_CHANGED}",
            f"Unset it, and try again: unset {' '.join(named)}",
        )
    from keyring.util import platform_

    settings = Path(str(platform_.config_root())) / "keyringrc.cfg"
    if os.path.lexists(settings):
        raise KeyringRefused(
            "A settings file says which keyring to use.",
            f"{settings} may put another keyring in the place of the system's. {NOT_CHANGED}",
            "Move the file away, and try again.",
        )


def _none_here(why: str) -> KeyringRefused:
    return KeyringRefused(
        "There is no keyring here that can hold a second factor.",
        f"Looked for Secret Service, KWallet, libsecret, macOS and Windows: {why}. {NOT_CHANGED}",
        f"Passphrases alone open a store whose users have no second factor. {RECOVER}",
    )


def _gives_nothing(failed: Exception) -> KeyringRefused:
    return KeyringRefused(
        "The keyring of this login did not answer, or is locked.",
        f"{type(failed).__name__}. The passphrase was not tried. {NOT_CHANGED}",
        f"Unlock the keyring, and try again. {RECOVER}",
    )


def _name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
