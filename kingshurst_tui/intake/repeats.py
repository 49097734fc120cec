"""Rows of one extract that name the same thing again: found without storing anything, for a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.staged_rows import ROLE_MARK, StagedRow

if TYPE_CHECKING:
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.intake.tally import Tally

REMEMBERED = 2_000_000
"""Rows held in memory (about 350 MB), as numbers that name no one; where there are more, the earliest are forgotten."""


def reference_column(agreement: Agreement) -> str:
    """Return the partner's name of the column by which a row is known, or nothing."""
    return next(
        (name for name, ours in agreement.columns.items() if ours in ("contact.reference", "person.reference")), ""
    )


class Repeats:
    """Counts rows that repeat an earlier one, and keeps out those that repeat its reference with other content.

    The rule is that of staging (db/records.py): the same person's same part in the same event is one contact, and in an
    extract of persons the same reference is one person.
    """

    def __init__(self, agreement: Agreement, tally: Tally) -> None:
        self._column = reference_column(agreement)
        self._tally = tally
        self._seen: dict[int, int] = {}

    def take(self, row: StagedRow) -> bool:
        """Say whether a row may stand: it was not there before with other content."""
        contact = row.contact
        if contact is None:
            named, content = hash(row.person.key), hash(row.person.digest)
        else:
            named = hash((contact.contact_key, row.person.key, contact.row_digest[:ROLE_MARK]))
            content = hash(contact.row_digest)
        before = self._seen.setdefault(named, content)
        if before != content:
            self._tally.reject(row.number, self._column, "repeated-with-other-content")
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        return before == content
