"""What the home page is made of: sections of things that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kingshurst_tui.vocabulary import Thing

MOST = 50
"""Lines a section shows at most; its total says how many there are."""


@dataclass(frozen=True, slots=True)
class HomeItem:
    """One thing that waits.

    Attributes:
        thing: what kind of thing it is; with ``thing_id`` it says which screen opens.
        thing_id: a profile's pseudonym, otherwise the thing's number.
        who: a pseudonym, or a name where the profile is open; empty where it is about no person.
        words: what waits, in a line ("flagged by the three-incidents rule on 3 May 2026").
        agencies: which agencies know the person, as far as they may be named.
        due: the day by which, if any.
        warning: what must be read first ("do not approach"), or nothing.
    """

    thing: Thing
    thing_id: int | str
    who: str
    words: str
    agencies: tuple[str, ...] = ()
    due: date | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class HomeSection:
    """Things of one kind that wait.

    Attributes:
        code: a stable word ("grounds", "actions", "reviews", "reopened", "drafts", "approach", "consents", "links",
            "caseload", and of watching.py).
        title: its heading.
        nothing: what to say when nothing waits.
        items: the first of them.
        total: how many there are in all.
    """

    code: str
    title: str
    nothing: str
    items: tuple[HomeItem, ...]
    total: int


def section(code: str, title: str, nothing: str, items: Sequence[HomeItem], total: int | None = None) -> HomeSection:
    """Return a section of the first items; the total says how many there are."""
    return HomeSection(code, title, nothing, tuple(items[:MOST]), len(items) if total is None else total)
