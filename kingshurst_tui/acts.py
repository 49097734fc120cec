"""What one act is: who does it, why, what it says of itself, and its hold on the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, TypeVar

from sqlalchemy import Connection

from kingshurst_tui.errors import Refused, UsageError
from kingshurst_tui.version import VERSION
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

Given = ParamSpec("Given")
Found = TypeVar("Found")

Fact = str | int | bool | None
"""What an entry may say besides its codes: counts, versions, references of data sets. Never of people."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody acts: one of the usual reasons, and words where these are not enough."""

    code: ReasonCode
    text: str = ""

    def __post_init__(self) -> None:
        if self.code is ReasonCode.OTHER and not self.text.strip():
            raise UsageError(
                "A reason is missing.",
                "Nothing was opened or changed.",
                "Say in a few words why you need this.",
            )


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in.

    Attributes:
        role: what their grant gives them; while it waits for a second person, what they are proposed for.
        is_waiting: whether it waits: they may next to nothing then.
    """

    name: str
    role: Role
    agency: str
    is_waiting: bool = False

    @property
    def stated_role(self) -> str:
        """What entries and screens say of them."""
        return WAITING if self.is_waiting else self.role.value


WAITING = "awaiting"
"""What stands for the role of somebody whose role waits for a second person."""


@dataclass
class Act:
    """One act under way: what it read and did commits together with its entry, or not at all."""

    connection: Connection
    session: Session
    subjects: set[str]
    facts: dict[str, Fact]
    typed: str
    reason: Reason

    def read(
        self,
        statement: Callable[Concatenate[Connection, Given], Found],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Found:
        """Run one of db's reading functions inside the act."""
        return statement(self.connection, *args, **kwargs)

    write = read
    """The same for one that writes; two names so that a reader of the code sees which."""

    def note(self, **facts: Fact) -> None:
        """Put counts, versions or references of data sets into the entry."""
        self.facts.update(facts)

    def concerns(self, pseudonyms: Iterable[str]) -> None:
        """Name further people in the entry, by pseudonym, known only after reading."""
        self.subjects.update(pseudonyms)

    def refuse(self, title: str, detail: str = "", hint: str = "") -> NoReturn:
        """Stop the act; what it did is rolled back and the refusal is audited. Raises: Refused."""
        raise Refused(title, detail or "Nothing was shown or changed.", hint)


@dataclass
class Entry:
    """An entry of the trail before it is written."""

    operation: Operation
    thing: Thing
    reason: Reason
    subjects: set[str]
    typed: str
    facts: dict[str, Any]

    def words(self) -> str:
        """Return what was typed, to be sealed beside the entry."""
        typed = "\n".join(part for part in (self.reason.text.strip(), self.typed.strip()) if part)
        # A terminal or a shell may hand over half a character.
        return typed.encode(errors="replace").decode()

    def body(self, user: User, purpose: str, *, mark: str, at: str, result: str) -> dict[str, Any]:
        """Return what the entry says; nothing that was typed."""
        return {
            "time": at,
            "actor": user.name,
            "role": user.stated_role,
            "agency": user.agency,
            "session": mark,
            "operation": self.operation.value,
            "thing": self.thing.value,
            "subjects": sorted(self.subjects),
            "purpose": purpose,
            "reason": self.reason.code.value,
            "result": result,
            "facts": self.facts,
            "software": VERSION,
        }


class Entered:
    """What a session has entered within agenda items: looking again at what was looked at there adds nothing.

    Attributes:
        within: the items within which something was entered.
        combined: those of them where a machine's act was let to combine rows.
    """

    def __init__(self) -> None:
        self.within: set[str] = set()
        self.combined: set[str] = set()
        self._seen: set[tuple[str, str]] = set()

    def holds(self, entry: Entry, within: str | None) -> bool:
        """Say whether all that this entry would say was entered within the same item."""
        return (
            within is not None
            and entry.operation is Operation.CONSULT
            and bool(entry.subjects)
            and all((within, subject) in self._seen for subject in entry.subjects)
        )

    def add(self, entry: Entry, within: str | None, *, combine: bool) -> None:
        """Keep that this was entered within an item."""
        if within is None:
            return
        self.within.add(within)
        self._seen.update((within, subject) for subject in entry.subjects)
        if combine:
            self.combined.add(within)
