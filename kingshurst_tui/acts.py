"""What one act is: who does it, why, what it says of itself, and its hold on the transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, TypeVar

from sqlalchemy import Connection

from kingshurst_tui.errors import Refused, UsageError
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
