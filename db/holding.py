"""Who has the vault: sessions share it, rotation and restore have it alone.

Class of control: client-enforced; a lock that this program's processes on one host agree on. It ends with the process,
so a killed one leaves nothing held.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import portalocker

from db.errors import StoreLocked
from db.turnstile import lock_file

HOLD = "vault.lock"
NOT_CHANGED = "Nothing was changed."


class VaultHold:
    """A hold on a vault until it is closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def close(self) -> None:
        """Let go; a second time does nothing."""
        self._file.close()


def share(folder: Path) -> VaultHold:
    """Hold the vault beside others, as every session does. Raises: StoreLocked (somebody has it alone)."""
    try:
        return _held(folder, portalocker.LockFlags.SHARED)
    except portalocker.LockException as taken:
        raise StoreInUse(
            "Somebody has the whole store to themselves.",
            f"Its keys are being renewed, or a copy is being put back. {NOT_CHANGED}",
            "Try again in a minute.",
        ) from taken


def have_alone(folder: Path) -> VaultHold:
    """Hold the vault alone. Raises: StoreLocked (a session is open, here or in another process)."""
    try:
        return _held(folder, portalocker.LockFlags.EXCLUSIVE)
    except portalocker.LockException as taken:
        raise StoreInUse(
            "The store is in use.",
            f"Somebody is signed in to it, in this program or in another one. {NOT_CHANGED}",
            "Ask everybody to leave the program (Ctrl+Q, or lock it with Ctrl+L), and try again.",
        ) from taken


class StoreInUse(StoreLocked):
    """Others hold the vault."""

    code = "in-use"


def _held(folder: Path, how: portalocker.LockFlags) -> VaultHold:
    file = lock_file(folder / HOLD)
    try:
        portalocker.lock(file, how | portalocker.LockFlags.NON_BLOCKING)
    except BaseException:
        file.close()
        raise
    return VaultHold(file)
