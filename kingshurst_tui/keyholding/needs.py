"""What signing in will ask of somebody, before they type a passphrase: a keyring, or patience."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db import unlock_attempts
from db.second_factor import keyring_secret
from db.vault import Header, SecretOf, read_header
from kingshurst_tui.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Needs:
    """What a user's slot asks for besides the passphrase.

    Attributes:
        keyring: whether this login's keyring has to hold their secret.
        again_in: seconds until the next try may be; 0 at once.
    """

    keyring: bool = False
    again_in: int = 0


def needs(folder: Path, user: str, *, clock: Clock | None = None) -> Needs:
    """Return what signing in will ask of a user. The header says so in the clear, and nothing is unlocked for it.

    Raises: StoreUnavailable, IntegrityFailure.
    """
    header = read_header(folder)
    name = user if header.slot(user) is not None else unlock_attempts.UNKNOWN
    left = unlock_attempts.seconds_left(folder, name, (clock or SystemClock()).now())
    return Needs(is_bound(header, user), left)


def is_bound(header: Header, user: str) -> bool:
    """Say whether a user's slot needs a keyring's secret beside the passphrase."""
    slot = header.slot(user)
    return slot is not None and bool(slot.factor)


def secret_beforehand(header: Header, user: str) -> SecretOf:
    """Ask the keyring where the user's slot needs it; it may ask at the screen, and nobody may wait at a lock for that.

    Raises: KeyringRefused.
    """
    if not is_bound(header, user):
        return keyring_secret
    secret = keyring_secret(header.vault, user)
    return lambda vault, name: secret
