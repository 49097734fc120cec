"""How a file is written that was not there: for its owner alone, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from db.errors import disk_refused
from kingshurst_tui.errors import InputRejected


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, for its owner alone. Raises: InputRejected, StoreUnavailable."""
    with new_file(path) as file:
        file.write(content)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that was not there, for its owner alone; where the block fails, it is gone again.

    Raises: InputRejected (it is there, or cannot be made), StoreUnavailable (it cannot be written).
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as failed:
        raise InputRejected(
            "The file cannot be made.",
            f"{failed.strerror}: {path}. Nothing was written.",
            "Name a file that is not there yet, in a folder that is yours.",
        ) from failed
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException as failed:
        path.unlink(missing_ok=True)
        if isinstance(failed, OSError):
            raise disk_refused(failed) from failed
        raise
