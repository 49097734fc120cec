"""What can go wrong, said so that a person knows what happened, what was not changed and what to do next."""

from __future__ import annotations

from db.errors import (
    ExitCode,
    IntegrityFailure,
    KingshurstError,
    StoreLocked,
    StoreUnavailable,
    WrongPassphrase,
)

__all__ = [
    "ExitCode",
    "InputRejected",
    "IntegrityFailure",
    "KingshurstError",
    "NotFound",
    "ReasonNeeded",
    "Refused",
    "StaleRecord",
    "StoreLocked",
    "StoreUnavailable",
    "UsageError",
    "WrongPassphrase",
]


class UsageError(KingshurstError):
    """The command or its options make no sense."""

    code = "usage"
    exit_code = ExitCode.USAGE


class ReasonNeeded(UsageError):
    """Opening this profile asks for a reason; that it was tried without one is in the trail."""

    code = "reason-needed"


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

    def __init__(self, title: str, detail: str = "", hint: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(title, detail or "\n".join(problems), hint)
        self.problems = problems


class StaleRecord(KingshurstError):
    """Somebody else changed the record meanwhile; neither version is lost."""

    code = "stale"
    exit_code = ExitCode.REJECTED
