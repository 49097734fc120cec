"""What signing in will ask of somebody, before they type a passphrase: a keyring, or patience."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db import unlock_attempts
from db.vault import read_header
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
    slot = read_header(folder).slot(user)
    name = user if slot is not None else unlock_attempts.UNKNOWN
    left = unlock_attempts.seconds_left(folder, name, (clock or SystemClock()).now())
    return Needs(slot is not None and bool(slot.factor), left)
