"""A private folder for work that may be killed: what is left of it is removed by the next try, and by nobody else."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import portalocker

from db.errors import StoreUnavailable, disk_refused
from db.holding import StoreInUse
from db.turnstile import lock_file
from db.vault import sync_folder

NOT_CHANGED = "Nothing was changed."
LOCK = "lock"


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """Make a folder of mode 0700 that is gone when the block ends, whatever happens; a killed block's is begun anew.

    Raises: StoreInUse (somebody works in it), StoreUnavailable.
    """
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError as failed:
        raise disk_refused(failed) from failed
    if not stat.S_ISDIR(found.st_mode):
        raise StoreUnavailable(
            "There is no place to work in.", f"{path} is no folder. {NOT_CHANGED}", "Move it away and try again."
        )
    lock = lock_file(path / LOCK)
    try:
        portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
    except portalocker.LockException as taken:
        lock.close()
        raise StoreInUse(
            "Somebody is doing the same just now.", f"{path} is in use. {NOT_CHANGED}", "Try again in a moment."
        ) from taken
    try:
        _empty(path)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        lock.close()


def _empty(path: Path) -> None:
    for each in path.iterdir():
        if each.name == LOCK:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)


def private_folder(path: Path) -> Path:
    """Make a folder for its owner alone. Raises: StoreUnavailable."""
    try:
        path.mkdir(mode=0o700)
    except OSError as failed:
        raise disk_refused(failed) from failed
    return path


def check_room(place: Path, needed: int) -> None:
    """Refuse to begin what the disk has no room for. Raises: StoreUnavailable."""
    try:
        free = shutil.disk_usage(place).free
    except OSError as failed:
        raise disk_refused(failed) from failed
    if free < needed:
        raise StoreUnavailable(
            "There is not enough room.",
            f"It needs {needed / 1e6:,.1f} MB free in {place} and there are {free / 1e6:,.1f} MB. {NOT_CHANGED}",
            "Free some space, or name another place, and try again.",
        )


def rename(source: Path, target: Path) -> None:
    """Give a file or folder its final name, and make that last, or leave it its own. Raises: StoreUnavailable."""
    try:
        os.rename(source, target)
    except OSError as failed:
        raise disk_refused(failed) from failed
    try:
        for folder in {source.parent, target.parent}:
            sync_folder(folder)
    except StoreUnavailable:  # whoever reads that nothing was changed must find it so
        with suppress(OSError):
            os.rename(target, source)
        raise


_EXCHANGE = 2
_HERE = -100  # AT_FDCWD


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change names at one moment, where the system can; say whether it did. Raises: StoreUnavailable.

    Where it cannot, nothing was changed.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    names = _HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE
    if renameat2(*names) != 0:
        return False
    try:
        for folder in {one.parent, other.parent}:
            sync_folder(folder)
    except StoreUnavailable:
        renameat2(*names)
        raise
    return True
