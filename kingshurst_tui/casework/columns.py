"""Rows of the store as columns of numbers, for rules and incidents to work on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from kingshurst_tui.casework.flags import UNKNOWN_AGE, Contacts
from kingshurst_tui.casework.incidents import NO_TIME, Tellings

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

YEARS_OF_AN_ADULT = 18


class _Words:
    """Numbers words as they come, one numbering for all columns of a table."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, values: Sequence[str]) -> Ints:
        numbers = self.numbers
        for value in set(values):
            numbers.setdefault(value, len(numbers))
        return _looked_up(values, numbers)


def _looked_up(values: Sequence[Any], numbers: dict[Any, int]) -> Ints:
    # map, and not a generator: these run over every column of a million rows.
    return np.fromiter(map(numbers.__getitem__, values), dtype=np.int64, count=len(values))


def _hashed(values: Sequence[Hashable]) -> Ints:
    """Stand a number of 64 bits for each value, 0 for None.

    Two of five million values meet by chance once in a million runs; a table of them all would take a gigabyte.
    """
    return np.fromiter((0 if value is None else hash(value) or 1 for value in values), np.int64, count=len(values))


def _by_value(values: Sequence[Any], meaning: Callable[[Any], int]) -> Ints:
    """Work each distinct value out once; days repeat a thousandfold."""
    return _looked_up(values, {value: meaning(value) for value in set(values)})


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _figures(day: str) -> int:
    """Return 20260503 for 2026-05-03: the difference of two, by ten thousand, is the age in whole years."""
    return int(day.replace("-", ""))


def contacts(rows: Sequence[tuple[Any, ...]]) -> Contacts:
    """Return rows of db.flags.CountedContact as columns."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * 13
    words = _Words()
    contact = np.array(columns[0], dtype=np.int64)
    incident = [value if value is not None else 0 for value in columns[11]]
    numbered = np.array(incident, dtype=np.int64)
    adult = _by_value(columns[12], lambda day: _figures(day) if day else 0)
    age = (_by_value(columns[4], _figures) - adult) // 10_000 + YEARS_OF_AN_ADULT
    return Contacts(
        contact=contact,
        profile=np.array(columns[1], dtype=np.int64),
        # A contact that is in no kept incident is one of its own.
        incident=np.where(numbered == 0, -contact, numbered),
        day=_by_value(columns[4], _ordinal),
        age=np.where(adult == 0, UNKNOWN_AGE, np.maximum(age, 0)),
        counterpart=np.array([value or 0 for value in columns[9]], dtype=np.int64),
        measure=np.array([np.nan if value is None else value for value in columns[10]], dtype=np.float64),
        agency=words.number(columns[2]),
        agreement=words.number(columns[3]),
        category=words.number(columns[5]),
        priority_area=words.number(columns[6]),
        role=words.number(columns[7]),
        standing=words.number(columns[8]),
        words=list(words.numbers),
    )


def tellings(pieces: Iterable[Sequence[tuple[Any, ...]]]) -> Tellings:
    """Return rows of db.incidents.Telling, piece by piece, as columns."""
    categories, data_sets = _Words(), _Words()
    found = [_telling_columns(list(zip(*rows, strict=True)), categories, data_sets) for rows in pieces if rows]
    none = [np.empty(0, dtype=np.int64)] * len(_TELLING_COLUMNS)
    joined = [np.concatenate(column) for column in zip(*(found or [none]), strict=True)]
    return Tellings(**dict(zip(_TELLING_COLUMNS, joined, strict=True)), categories=list(categories.numbers))


_TELLING_COLUMNS = (
    "contact", "profile", "day", "minute", "data_set", "event", "reference", "shared", "place", "category",
)  # fmt: skip


def _telling_columns(columns: list[tuple[Any, ...]], categories: _Words, data_sets: _Words) -> list[Ints]:
    addresses = [
        (address, postcode) if address and postcode else None
        for address, postcode in zip(columns[8], columns[9], strict=True)
    ]
    return [
        np.array(columns[0], dtype=np.int64),
        np.array([value or 0 for value in columns[1]], dtype=np.int64),
        _by_value(columns[2], _ordinal),
        _by_value(columns[3], _minute),
        data_sets.number(columns[4]),
        _hashed(list(zip(columns[4], columns[5], strict=True))),
        _hashed(columns[6]),
        _hashed(columns[7]),
        _hashed(addresses),
        categories.number(columns[10]),
    ]


def _minute(time: str | None) -> int:
    if not time:
        return NO_TIME
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)
