"""The door of a "consented only" agreement: who is on its register comes in, and nobody is told who was not.

An extract of one row would otherwise tell whether that one person has agreed, which is a fact about their health. So
everything that is reported of such an extract (what was kept out, its quality, its months) is reported of all rows that
were asked about; how many were not on the register is told in whole tens, and not at all where either side is small. A
check does not ask the register at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from db.staged_rows import DETAIL_COLUMNS, Contact, Detail, StagedRow
from kingshurst_tui.intake.repeats import Repeats

if TYPE_CHECKING:
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.intake.tally import Tally

OnRegister = Callable[[Detail], bool]
"""Whether a person, by what a row says of them, is on the data set's register of consents."""

FEWEST = 10
"""People; no number below it is told, and none finer (the small-number rule of NHS publications takes 10 or 5)."""


class Door:
    """Lets the rows of people on the register through; the tally counts all alike.

    Args:
        agreement: a "consented only" one.
        tally: of everything that was asked about.
        on_register: who may come in.

    Attributes:
        asked: rows that were as agreed, so that the register was asked about them.
        let_in: rows of people on it.
    """

    def __init__(self, agreement: Agreement, tally: Tally, on_register: OnRegister) -> None:
        self._tally, self._on_register = tally, on_register
        self._repeats = Repeats(agreement, tally)
        self._waiting: list[StagedRow] = []
        self.asked = 0
        self.let_in = 0

    def through(self, row: StagedRow) -> StagedRow | None:
        """Return what of a row may come in."""
        if not self._repeats.take(row):
            return None
        self.asked += 1
        self._waiting.append(row)
        if len(self._waiting) >= FEWEST * 50:
            self.described()
        if not self._on_register(row.person.detail):
            return None
        self.let_in += 1
        if row.counterpart is not None and not self._on_register(row.counterpart.detail):
            return row._replace(counterpart=None, counterpart_contact=None, relationship=None)
        return row

    def described(self) -> None:
        """Count into the tally what the rows so far hold, whoever they are about."""
        if self._waiting:
            describe(self._tally, self._waiting)
        self._waiting = []

    @property
    def told(self) -> int | None:
        """How many rows were of people who are not on the register: whole tens, or None where that is not told."""
        dropped = self.asked - self.let_in
        return None if min(dropped, self.let_in) < FEWEST else dropped // FEWEST * FEWEST


def describe(tally: Tally, rows: list[StagedRow]) -> None:
    """Count into a tally which fields rows give, on which days they happened and how late they were reported."""
    tally.fill(_PERSON_NAMES, [row.person.detail for row in rows])
    contacts = [row.contact for row in rows if row.contact is not None]
    if not contacts:
        return
    tally.fill(_CONTACT_NAMES, contacts)
    tally.days.update([contact.occurred_on for contact in contacts])
    ordinal = _ORDINALS
    tally.lags.update(
        ordinal[contact.reported_on] - ordinal[contact.occurred_on]
        for contact in contacts
        if contact.reported_on is not None and contact.reported_on >= contact.occurred_on
    )


def without_the_register(report: dict[str, Any], quality: dict[str, Any], told: int | None) -> None:
    """Take out of both reports, before anybody sees or keeps them, whatever would tell who is on the register."""
    hidden = dict.fromkeys(("accepted", "repeated", "counterparts_dropped_not_on_register"))
    report["rows"] |= hidden | {"dropped_not_on_register": told}
    report["in_tens"] = True
    if quality:
        quality["rows"] |= {"accepted": None, "repeated": None, "dropped": told}
        quality["uniqueness"] = {"conflicting_rows": quality["uniqueness"]["conflicting_rows"]}


class _Ordinals(dict[str, int]):
    """ISO days to numbers, each worked out once."""

    def __missing__(self, day: str) -> int:
        found = self[day] = date.fromisoformat(day).toordinal()
        return found


_ORDINALS = _Ordinals()
_PERSON_NAMES = tuple(f"person.{name}" for name in DETAIL_COLUMNS)
_CONTACT_NAMES = tuple(f"contact.{name}" for name in Contact._fields)
