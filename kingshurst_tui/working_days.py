"""Clocks in working days: Monday to Friday, without the bank holidays of England."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
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
        _KNOWN[year] = frozenset(_united_kingdom()(subdiv="ENG", years=year))
    return _KNOWN[year]


def _united_kingdom() -> Callable[..., Iterable[date]]:
    """Load one country of the library, which loads 250 with the first, and keeps home waiting as long as a passphrase.

    Its countries come by their own modules; only the package around them brings in all. A bare one of that name stands
    in its place meanwhile.
    """
    import holidays

    package = "holidays.countries"
    if ours := package not in sys.modules:
        bare = ModuleType(package)
        bare.__path__ = [str(Path(holidays.__file__).with_name("countries"))]
        sys.modules[package] = bare
    try:
        found: Callable[..., Iterable[date]] = import_module(f"{package}.united_kingdom").UnitedKingdom
    finally:
        if ours:
            del sys.modules[package]
    return found
