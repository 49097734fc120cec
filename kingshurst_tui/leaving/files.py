"""Files for people outside: new, for their owner alone, whole or not at all, never in the vault."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from db.errors import disk_refused
from kingshurst_tui.errors import InputRejected

NOTHING = "Nothing was written."


def check_folder(into: Path, vault: Path) -> Path:
    """Return the folder that copies go to, as the system sees it. Raises: InputRejected."""
    try:
        folder = into.resolve(strict=True)
        inside = folder.is_relative_to(vault.resolve()) or (folder / "vault.json").exists()
    except OSError as failed:
        raise InputRejected(
            "There is no such folder.", f"{into}. {NOTHING}", "Name a folder that is there."
        ) from failed
    if not folder.is_dir():
        raise InputRejected("That is no folder.", f"{into}. {NOTHING}", "Name a folder that is there.")
    if inside:
        raise InputRejected(
            "Copies do not go into the store's own folder.",
            f"{into}. {NOTHING}",
            "Name another folder: what lies there is copied and rotated with the store.",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputRejected("Nothing can be written there.", f"{into}. {NOTHING}", "Name a folder that is yours.")
    return folder


def put_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, whole or not at all, for its owner alone.

    Raises: InputRejected (it is there, or cannot be made), StoreUnavailable (it cannot be written).
    """
    # The name is taken first, so that nothing that is there is ever replaced; then the whole file takes it.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError as failed:
        raise InputRejected(
            "The file cannot be made.",
            f"{failed.strerror}: {path}.",
            "Name a file that is not there yet, in a folder that is yours.",
        ) from failed
    begun = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(begun, flags, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(begun, path)
    except BaseException as failed:
        with suppress(OSError):
            begun.unlink(missing_ok=True)
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(failed, OSError):
            raise disk_refused(failed) from failed
        raise


def drop(paths: list[Path]) -> None:
    """Remove copies that were written before one of them could not be."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)
