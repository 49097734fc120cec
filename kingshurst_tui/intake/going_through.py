"""How an extract is gone through: taken with its digest, watched as it is read, and let go again."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import extract as files
from kingshurst_tui.intake.extract import Extract
from kingshurst_tui.intake.staging import ROWS_AT_ONCE


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is.

    Attributes:
        share: of the file, 0 to 1.
        rate: rows a second.
        seconds_left: None while it cannot be told.
    """

    rows: int
    share: float
    rate: float
    seconds_left: float | None


Watch = Callable[[Progress], None]


@contextmanager
def taken(path: Path) -> Iterator[tuple[Any, str]]:
    """Hold a file open for as long as the block lasts; yield it and its digest. Raises: InputRejected."""
    handle = files.open_file(path)
    try:
        yield handle, files.digest_of(handle)
    finally:
        handle.close()


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python look for cycles seldom: rows make none, and each look walks everything that is remembered of them."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def closing(extract: Extract) -> Iterator[Extract]:
    """Let go of an extract, and of the process that reads it, when the block ends."""
    try:
        yield extract
    finally:
        extract.close()


def watched(extract: Extract, watch: Watch | None) -> Iterator[tuple[int, Any]]:
    """Yield row numbers and cells, telling the watcher how far it is."""
    started = told = time.monotonic()
    for count, cells in enumerate(extract.rows):
        yield extract.first_row + count, cells
        if watch is not None and count % ROWS_AT_ONCE == 0:
            now = time.monotonic()
            if now - told >= 0.2:
                told = now
                share, rate = extract.done(), (count + 1) / (now - started)
                left = (now - started) * (1 - share) / share if share > 0 else None
                watch(Progress(count + 1, share, rate, left))
        if count >= files.MOST_ROWS:
            raise InputRejected(
                f"The extract has more than {files.MOST_ROWS:,} rows.", "Nothing was stored.", "Ask for it in parts."
            )
