"""Clocks in working days: Monday to Friday, without the bank holidays of England."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

ONE_DAY: Final = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Say whether agencies work on a day.

    Example:
        >>> from datetime import date
        >>> is_working_day(date(2026, 5, 1)), is_working_day(date(2026, 5, 4))
        (True, False)
    """
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """Return the day that lies so many working days after another; before it where ``count`` is negative.

    Example:
        >>> from datetime import date
        >>> add_working_days(date(2026, 5, 1), 5)
        datetime.date(2026, 5, 11)
    """
    step = ONE_DAY if count >= 0 else -ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def end_of(day: date) -> datetime:
    """Return the last second of a day, in UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


_KNOWN: dict[int, frozenset[date]] = {}


def _bank_holidays(year: int) -> frozenset[date]:
    if year not in _KNOWN:
        # The library is slow to load; only what counts working days needs it.
        from holidays import country_holidays

        _KNOWN[year] = frozenset(country_holidays("GB", subdiv="ENG", years=year))
    return _KNOWN[year]
