"""What can go wrong, said so that a person knows what happened, what was not changed and what to do next."""

from __future__ import annotations

from enum import IntEnum


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

    def as_json(self) -> dict[str, str]:
        """Return the ``error`` object of ``--json``."""
        return {"code": self.code, "title": self.title, "detail": self.detail, "hint": self.hint}


class UsageError(KingshurstError):
    """The command or its options make no sense."""

    code = "usage"
    exit_code = ExitCode.USAGE


class Refused(KingshurstError):
    """A gate, a role or a missing ground said no. To those who may not know why, it reads like "none"."""

    code = "refused"
    exit_code = ExitCode.REFUSED


class NotFound(KingshurstError):
    """Nothing under that name that this session may see; masked and absent read alike."""

    code = "none"
    exit_code = ExitCode.REFUSED


class InputRejected(KingshurstError):
    """A file or a form was not accepted; nothing was stored.

    Attributes:
        problems: everything that is wrong, in the giver's own words (column names, row numbers).
    """

    code = "rejected"
    exit_code = ExitCode.REJECTED

    def __init__(
        self, title: str, detail: str = "", hint: str = "", problems: tuple[str, ...] = ()
    ) -> None:
        super().__init__(title, detail or "\n".join(problems), hint)
        self.problems = problems


class StaleRecord(KingshurstError):
    """Somebody else changed the record meanwhile; neither version is lost."""

    code = "stale"
    exit_code = ExitCode.REJECTED


class StoreLocked(KingshurstError):
    """The store is locked, or somebody holds it exclusively."""

    code = "locked"
    exit_code = ExitCode.LOCKED


class WrongPassphrase(StoreLocked):
    """The passphrase opens no slot of that user."""

    code = "wrong-passphrase"


class IntegrityFailure(KingshurstError):
    """The store, its header or its audit trail is not what was written."""

    code = "integrity"
    exit_code = ExitCode.INTEGRITY


class StoreUnavailable(KingshurstError):
    """The disk is full, read-only or gone; the transaction was rolled back."""

    code = "store-unavailable"
    exit_code = ExitCode.UNEXPECTED
