"""Contacts over time: one lane an agency, one line an incident or a contact, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kingshurst_tui.dates import show_date
from screens.widgets.virtual_table import Column, Row, VirtualTable

ROLE_LETTERS: Final = {
    "victim": "V",
    "witness": "W",
    "suspect": "S",
    "convicted": "X",
    "caller": "C",
    "subject": "o",
}
"""What stands in a lane for the part the person had."""
UNKNOWN_LETTER = "•"
"""For a part that is not known, or not shown on a mask."""
LEGEND: Final = "V victim  W witness  S suspect  X convicted  C caller  o subject  ( ) an assessment, not a fact"
"""What the letters mean."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One agency's lane.

    Attributes:
        code: what entries name it by, and its heading.
        name: the agency in words ("another agency" on a mask).
        coverage: what is known from when, as at when, in words ("known from 1 May 2024 as at 3 May 2026", "unknown").
    """

    code: str
    name: str
    coverage: str = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident, or a contact that is none's.

    Attributes:
        key: the id that opens it.
        day: when it happened; nothing where only the month may be shown.
        when: words for the day where there is none (a month).
        marks: the person's role by lane; several lanes where several agencies were told of one incident.
        assessments: lanes whose contact is an assessment.
        words: category and what else is known, in a line.
    """

    key: int | str
    day: date | None
    marks: Mapping[str, str]
    words: str
    when: str = ""
    assessments: frozenset[str] = frozenset()


class Timeline(VirtualTable):
    """A table that reads down in time and across the agencies; Enter opens the incident at the cursor."""

    HELP = f"Each line is an incident or a contact, each column an agency. {LEGEND}. Arrow keys move, Enter opens."

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._lanes: Sequence[Lane] = ()

    def show_entries(self, lanes: Sequence[Lane], entries: Sequence[Entry]) -> None:
        """Show the entries in the lanes, in the order given."""
        self._lanes = lanes
        self.columns = (
            Column("When", 11),
            *(Column(lane.code[:5], 5) for lane in lanes),
            Column("What", 16, grows=True),
        )
        self.show_rows([self._row(entry) for entry in entries])

    def _row(self, entry: Entry) -> Row:
        marks = []
        for lane in self._lanes:
            role = entry.marks.get(lane.code)
            letter = "·" if role is None else ROLE_LETTERS.get(role, UNKNOWN_LETTER)
            marks.append(f"({letter})" if lane.code in entry.assessments else f" {letter}")
        when = show_date(entry.day) if entry.day else entry.when or "unknown"
        return Row(entry.key, (when, *marks, entry.words))
