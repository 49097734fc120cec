"""What can go wrong with what is kept; the root of the tree of errors a user may see."""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """The exit codes of the command line; part of the interface."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    REJECTED = 4
    LOCKED = 5
    INTEGRITY = 6


class KingshurstError(Exception):
    """Base of every error a user may see.

    Attributes:
        code: a short stable word for programs (``--json``'s ``error.code``).
        title: what happened, one line.
        detail: what was not changed, or all that is wrong.
        hint: what to do next.
    """

    code = "unexpected"
    exit_code = ExitCode.UNEXPECTED

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def as_json(self) -> dict[str, Any]:
        """Return the ``error`` object of ``--json``."""
        return {"code": self.code, "title": self.title, "detail": self.detail, "hint": self.hint}


class StoreLocked(KingshurstError):
    """The store is locked, or somebody holds it exclusively.

    Attributes:
        again_in: after how many seconds the next try may be; 0 where time alone changes nothing.
    """

    code = "locked"
    exit_code = ExitCode.LOCKED
    again_in = 0


class WrongPassphrase(StoreLocked):
    """The passphrase opens no slot of that user."""

    code = "wrong-passphrase"


class IntegrityFailure(KingshurstError):
    """The store, its header or its audit trail is not what was written."""

    code = "integrity"
    exit_code = ExitCode.INTEGRITY


class StoreUnavailable(KingshurstError):
    """The disk is full, read-only or gone, or the store is of a newer version; nothing was changed."""

    code = "store-unavailable"
    exit_code = ExitCode.UNEXPECTED


class Contradicted(StoreUnavailable):
    """What was to be written does not go with what the store holds, as where somebody took it away meanwhile."""


def disk_refused(failed: OSError) -> StoreUnavailable:
    """Return what the system's refusal to write means to a person."""
    if failed.errno == errno.ENOSPC:
        return StoreUnavailable(
            "The disk is full.", "The change was not made; everything earlier is kept.", "Free some space and retry."
        )
    return StoreUnavailable(
        "The disk cannot be written.",
        f"{failed.strerror}. Nothing was changed.",
        "Nobody's record is shown until an audit entry can be written. Check the disk and who owns the folder.",
    )
