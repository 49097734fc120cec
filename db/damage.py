"""A mark on a vault that a check found damaged: while it is there, only upkeep may open the store."""

from __future__ import annotations

import os
from pathlib import Path

from db.errors import IntegrityFailure, disk_refused

MARK = "damaged.txt"
CHECKED = "checked-whole-at"
"""The setting that says when a check last found the store whole, ISO text in UTC; the trail is long to search."""


def mark(folder: Path, what: str) -> None:
    """Say in the vault's folder what a check found wrong. Raises: StoreUnavailable."""
    try:
        handle = os.open(folder / MARK, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(what + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as failed:
        raise disk_refused(failed) from failed


def clear(folder: Path) -> None:
    """Take the mark away: a check found the store whole. Raises: StoreUnavailable."""
    try:
        (folder / MARK).unlink(missing_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed


def refuse_damaged(folder: Path) -> None:
    """Raises: IntegrityFailure where the vault is marked."""
    try:
        what = (folder / MARK).read_text(encoding="utf-8", errors="replace").strip()[:400]
    except FileNotFoundError:
        return
    except OSError as failed:
        raise disk_refused(failed) from failed
    raise IntegrityFailure(
        "A check found that this store is not what was written.",
        f"{what}. Nobody's record is shown until it is mended. Nothing was changed.",
        "Keep the folder as it is, and bring back the latest backup: kingshurst restore FILE STORE. "
        "To check again: kingshurst check STORE",
    )
