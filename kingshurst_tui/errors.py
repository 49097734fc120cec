"""What can go wrong, said so that a person knows what happened, what was not changed and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from db.errors import (
    ExitCode,
    IntegrityFailure,
    KingshurstError,
    StoreLocked,
    StoreUnavailable,
    WrongPassphrase,
)

__all__ = [
    "Changed",
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
    "differing",
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


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of something that somebody else changed while one was writing.

    Attributes:
        name: by which a form knows the field; empty for a fact that no form asks for.
        title: as it is read.
        began: what stood there when one began; empty where nothing did, or where it is not known any more.
        theirs: what stands there now.
        mine: what one was about to write.
    """

    name: str
    title: str
    began: str
    theirs: str
    mine: str

    def in_words(self) -> str:
        """Return the field in one line, with all three."""
        began = f", it was {_quoted(self.began)}" if self.began else ""
        return f"{self.title}: {_quoted(self.theirs)} now, yours is {_quoted(self.mine)}{began}"


def _quoted(value: str) -> str:
    from kingshurst_tui.dates import day_in_words

    said = day_in_words(value).replace("\n", " \N{RETURN SYMBOL} ")
    return f"\N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK}" if said else "nothing"


def differing(
    titles: Mapping[str, str],
    *,
    theirs: Mapping[str, str],
    mine: Mapping[str, str],
    began: Mapping[str, str] | None = None,
) -> tuple[Changed, ...]:
    """Return the fields in which what stands there now is not what one was about to write."""
    before = began or {}
    return tuple(
        Changed(name, title, before.get(name, ""), theirs.get(name, ""), mine.get(name, ""))
        for name, title in titles.items()
        if theirs.get(name, "") != mine.get(name, "")
    )


class StaleRecord(KingshurstError):
    """Somebody else changed the record meanwhile; neither version is lost.

    Attributes:
        fields: what differs, field by field.
        by: who changed it, where that may be said.
        over: what to hand to the same function to go on over what is there now; None where nobody can.
    """

    code = "stale"
    exit_code = ExitCode.REJECTED

    def __init__(
        self,
        title: str,
        detail: str = "",
        hint: str = "",
        fields: Sequence[Changed] = (),
        *,
        by: str = "",
        over: str | int | None = None,
    ) -> None:
        lines = [detail or "Nothing of yours was kept, and nothing was changed."]
        super().__init__(title, "\n".join([*lines, *(f"  {each.in_words()}" for each in fields)]), hint)
        self.fields = tuple(fields)
        self.by = by
        self.over = over

    def as_json(self) -> dict[str, Any]:
        """Return the ``error`` object of ``--json``, with the fields."""
        changed = [asdict(each) for each in self.fields]
        return {**super().as_json(), "fields": changed, "by": self.by, "over": self.over}
