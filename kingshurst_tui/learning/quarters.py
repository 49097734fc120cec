"""Quarters of the calendar: figures are of whole ones, so that no two reports differ by a few days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS, _YEAR = 3, 12


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of the calendar."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.first.month + _MONTHS
        return date(self.first.year + (month > _YEAR), (month - 1) % _YEAR + 1, 1) - timedelta(days=1)

    @property
    def title(self) -> str:
        """2026-Q1."""
        return f"{self.first.year}-Q{(self.first.month - 1) // _MONTHS + 1}"

    @property
    def before(self) -> Quarter:
        """The quarter before."""
        month = self.first.month - _MONTHS
        return Quarter(date(self.first.year - (month < 1), (month - 1) % _YEAR + 1, 1))

    @property
    def a_year_before(self) -> Quarter:
        """The same quarter of the year before."""
        return Quarter(self.first.replace(year=self.first.year - 1))


def latest(today: date, count: int) -> list[Quarter]:
    """Return so many quarters that are over, the oldest first."""
    quarter = Quarter(date(today.year, (today.month - 1) // _MONTHS * _MONTHS + 1, 1)).before
    found = []
    for _ in range(count):
        found.append(quarter)
        quarter = quarter.before
    return found[::-1]


def span_of(quarters: Sequence[Quarter]) -> str:
    """Return quarters, oldest first, in words; empty for none."""
    titles = [each.title for each in quarters]
    if not titles:
        return ""
    return titles[0] if len(titles) == 1 else f"{titles[0]} to {titles[-1]}"


def day_number(day: date) -> int:
    """Return a day as a whole number, as db.board.met_on numbers them."""
    return day.toordinal() + 1_721_425
