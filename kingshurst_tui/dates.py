"""Days as people write and read them: 3 May 2026."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""English month names; the interface does not follow the machine's locale."""


def show_date(day: date | None, unknown: str = "unknown") -> str:
    """Return a day as columns have it: 10 Nov 2026."""
    return unknown if day is None else f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def say_date(day: date | None, unknown: str = "unknown") -> str:
    """Return a day as sentences and forms have it: 10 November 2026. Columns are too narrow for that: ``show_date``."""
    return unknown if day is None else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_in_words(text: str) -> str:
    """Return a text that is nothing but a day (2026-05-03) as sentences have it, and any other as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    try:
        return say_date(date.fromisoformat(text))
    except ValueError:
        return text


def show_time(moment: datetime | None, unknown: str = "unknown") -> str:
    """Return a moment as 3 May 2026 14:05, in its own time zone."""
    return unknown if moment is None else f"{show_date(moment.date())} {moment:%H:%M}"


def show_month(day: date) -> str:
    """Return a month as May 2026."""
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


def read_date(text: str) -> date | None:
    """Return the day somebody typed (3 May 2026, 3/5/2026, 3.5.26, 2026-05-03), or nothing if it is none.

    Day comes before month, as in the United Kingdom. Two-figure years are of this century.
    """
    text = text.strip().lower()
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = (int(part) for part in iso.groups())
    elif figures := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})", text):
        day, month, year = (int(part) for part in figures.groups())
    elif words := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?\s+(\d{4}|\d{2})", text):
        named = [n for n, name in enumerate(MONTHS, 1) if name.lower().startswith(words[2])]
        if len(named) != 1:
            return None
        day, month, year = int(words[1]), named[0], int(words[3])
    else:
        return None
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
