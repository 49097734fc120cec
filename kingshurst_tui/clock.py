"""What time it is, asked in one place so that a test or a rehearsal can say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the moment and the day."""

    def now(self) -> datetime:
        """Return this moment, in UTC."""

    def today(self) -> date:
        """Return this day."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return this moment, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return this day as the people at the terminal call it."""
        return datetime.now(UTC).astimezone().date()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        """Return the fixed moment."""
        return self.instant

    def today(self) -> date:
        """Return the fixed day."""
        return self.instant.date()

    def move(self, by: timedelta) -> None:
        """Move the clock on."""
        self.instant += by


def stamp(moment: datetime) -> str:
    """Return a moment as the store keeps it: ISO text in UTC, milliseconds, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain_date(day: date | str) -> str:
    """Return a date as people read it: 3 May 2026."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{value.day} {value:%B %Y}"
