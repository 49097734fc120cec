"""What is counted while an extract streams by; the batch's report and its quality come from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SAMPLE = 50
"""Row numbers kept as examples of each fault."""
FIRST = 5
"""Row numbers kept of each reason."""
LISTED = 1_000
"""Rejected rows that a report itself lists; the store lists them all."""


@dataclass
class Tally:
    """Counts of one import; row numbers and column names, never what a cell held.

    Attributes:
        read: rows of the extract, blank ones aside.
        rejected: reasons for which whole rows were kept out, and how often.
        also: what else was wrong with rows that were kept out already.
        reason_rows: the first row numbers of each reason.
        listing: whether rejected rows are to be written to the store.
        rejected_rows: row number, column and reason, not yet written.
        faults: (column, reason) of single fields left out, and how often.
        fault_rows: the first row numbers of each.
        dropped: rows that the agreement does not let in (people who are not on its register).
        filled: (field of ours) how often it was given.
        days: contacts by day.
        lags: days between event and report.
    """

    listing: bool = True
    noted: int = 0
    read: int = 0
    blank: int = 0
    accepted: int = 0
    persons: int = 0
    contacts: int = 0
    replaced: int = 0
    repeated: int = 0
    restated: int = 0
    dropped: int = 0
    dropped_counterparts: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    also: Counter[str] = field(default_factory=Counter)
    reason_rows: dict[str, list[int]] = field(default_factory=dict)
    rejected_rows: list[tuple[int, str, str]] = field(default_factory=list)
    first_rejected: list[tuple[int, str, str]] = field(default_factory=list)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    fault_rows: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    filled: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    lags: Counter[int] = field(default_factory=Counter)
    inconsistent: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """How many rows were kept out."""
        return self.rejected.total()

    def reject(self, number: int, column: str, reason: str) -> None:
        """Keep a row out."""
        self.rejected[reason] += 1
        self._note_row(number, reason)
        if len(self.first_rejected) < LISTED:
            self.first_rejected.append((number, column, reason))
        if self.listing:
            self.rejected_rows.append((number, column, reason))

    def reject_also(self, number: int, reason: str) -> None:
        """Note what else is wrong with a row that is kept out."""
        self.also[reason] += 1
        self._note_row(number, reason)

    def _note_row(self, number: int, reason: str) -> None:
        rows = self.reason_rows.setdefault(reason, [])
        if len(rows) < FIRST:
            rows.append(number)

    def fault(self, number: int, column: str, reason: str) -> None:
        """Leave a field out."""
        self.noted += 1
        seen = (column, reason)
        self.faults[seen] += 1
        rows = self.fault_rows.setdefault(seen, [])
        if len(rows) < SAMPLE:
            rows.append(number)

    def fill(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Count the given fields of a piece, a column at a time."""
        for name, column in zip(names, zip(*rows, strict=True), strict=True):
            self.filled[name] += len(column) - column.count(None)
