"""What a killed rotation or a killed writing of the header left behind: files that no header names."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import portalocker

from db.errors import disk_refused
from db.turnstile import lock_file
from db.vault import sync_folder

_OF_A_GENERATION = re.compile(r"(?:data|person-keys)\.([0-9]+)\.db(?:-wal|-shm|-journal)?|vault\.([0-9]+)\.json")
_HALF_WRITTEN = re.compile(r"\.vault\.json\.[0-9]+")
_MADE = re.compile(rf"{_OF_A_GENERATION.pattern}|{_HALF_WRITTEN.pattern}|vault\.json|[a-z]+\.lock")
SWEEP_LOCK = "header.lock"
UNFINISHED = "init.unfinished"
"""Lies in a folder while a store is being made in it; without a header beside it, what is there opens for nobody."""


def begin(folder: Path) -> None:
    """Say that a store is being made here, which may be begun anew until it has ended. Raises: StoreUnavailable."""
    lock_file(folder / UNFINISHED).close()
    sync_folder(folder)


def ended(folder: Path) -> None:
    """Say that the store is made, or taken back. Raises: StoreUnavailable."""
    try:
        (folder / UNFINISHED).unlink(missing_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed


def take_back(folder: Path) -> None:
    """Remove what the making of a store made, when it failed or was killed; only where one was begun."""
    shutil.rmtree(folder / "heads", ignore_errors=True)
    for path in folder.iterdir():
        if _MADE.fullmatch(path.name):
            path.unlink(missing_ok=True)
    ended(folder)


def cut_off(folder: Path) -> bool:
    """Say whether the making of a store was killed here."""
    return (folder / UNFINISHED).exists()


def stale(folder: Path, generation: int) -> list[Path]:
    """Return the files of generations other than the header's, and headers kept from before a rotation."""
    found = []
    for path in folder.iterdir():
        match = _OF_A_GENERATION.fullmatch(path.name)
        if path.name == UNFINISHED or (match and (match[2] is not None or int(match[1]) != generation)):
            found.append(path)
    return found


def sweep(folder: Path, generation: int) -> int:
    """Remove what is stale, once the header's own generation was opened; return how many files went.

    What the disk does not let go is tried again at the next opening: the store itself is whole, and is not refused.

    Called only by somebody who holds the vault (db/holding.py), so no rotation is under way; the header's lock keeps
    its half-written files from being taken away under their writer.
    """
    gone = sum(_removed(path) for path in stale(folder, generation))
    halves = [path for path in folder.iterdir() if _HALF_WRITTEN.fullmatch(path.name)]
    if not halves:
        return gone
    with lock_file(folder / SWEEP_LOCK) as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        try:
            gone += sum(_removed(path) for path in halves)
        finally:
            portalocker.unlock(file)
    return gone


def _removed(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
