"""Read a TOML table key by key, noting all that is wrong instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from kingshurst_tui.intake.text import clean, is_clean

E = TypeVar("E", bound=StrEnum)

_MISSING = object()

MOST = 10_000_000
"""No version, day count, month count or row number of an agreement is higher."""


class TomlTable:
    """One table of a document; every value read is typed, every fault becomes a line in `problems`.

    Attributes:
        name: the dotted name of the table, for the problems' words.
    """

    def __init__(self, name: str, raw: object, problems: list[str]) -> None:
        self.name = name
        self._problems = problems
        self._asked: set[str] = set()
        self._children: list[TomlTable] = []
        if isinstance(raw, Mapping):
            self._raw: Mapping[str, Any] = raw
        else:
            self._raw = {}
            problems.append(f"[{name}] must be a table.")

    def wrong(self, key: str, what: str) -> None:
        """Note that a key is wrong, and how."""
        self._problems.append(f"{self._path(key)} {what}.")

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else f"[{key}]"

    def keys(self) -> list[str]:
        """Return the keys of a table whose keys are the partner's own words."""
        self._asked.update(self._raw)
        return list(self._raw)

    def _get(self, key: str, default: object) -> Any:
        self._asked.add(key)
        if key in self._raw:
            return self._raw[key]
        if default is _MISSING:
            self.wrong(key, "is missing")
        return default

    def text(self, key: str, default: object = _MISSING) -> str:
        """Return a text; required (and not blank) unless there is a default."""
        value = self._get(key, default)
        if value is _MISSING:
            return ""
        if not isinstance(value, str):
            self.wrong(key, "must be a text in quotes")
            return ""
        if default is _MISSING and not value.strip():
            self.wrong(key, "is empty")
        self._plain(key, value)
        return value

    def word(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of a closed list of words."""
        value = self._get(key, _MISSING)
        if value is _MISSING:
            return default
        if value not in allowed:
            self.wrong(key, f"must be one of {', '.join(allowed)}")
            return default
        return str(value)

    def choice(self, key: str, words: type[E], default: E) -> E:
        """Return one of a closed list; `default` only stands in where the file is wrong."""
        return words(self.word(key, tuple(words), default))

    def texts(self, key: str, default: object = _MISSING) -> tuple[str, ...]:
        """Return a list of texts; required (and not empty) unless there is a default."""
        value = self._get(key, default)
        if value is _MISSING:
            return ()
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            self.wrong(key, "must be a list of texts")
            return ()
        if default is _MISSING and not value:
            self.wrong(key, "is empty")
        for one in value:
            self._plain(key, one)
        return tuple(value)

    def _plain(self, key: str, text: str) -> None:
        # What is shown of an agreement must not steer a terminal.
        if not is_clean(text) or not is_clean(key):
            self.wrong(clean(key), "holds hidden or control characters")

    def flag(self, key: str) -> bool:
        """Return true or false; required, because neither is a safe guess."""
        value = self._get(key, _MISSING)
        if value is _MISSING:
            return False
        if not isinstance(value, bool):
            self.wrong(key, "must be true or false")
            return False
        return value

    def number(self, key: str, default: int) -> int:
        """Return a whole number of at least one; the default stands in where the file is wrong."""
        value: object = self._get(key, default)
        if value is default:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
            self.wrong(key, f"must be a whole number from 1 to {MOST:,}")
            return default
        return value

    def share(self, key: str, default: float) -> float:
        """Return a per cent between 0 and 100."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
            self.wrong(key, "must be a number between 0 and 100")
            return default
        return float(value)

    def day(self, key: str, *, required: bool = True) -> date | None:
        """Return a date; written in TOML without quotes."""
        value = self._get(key, _MISSING if required else None)
        if value is _MISSING or value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            self.wrong(key, "must be a date such as 2026-05-03, without quotes")
            return None
        return value

    def table(self, key: str, *, required: bool = False) -> TomlTable:
        """Return a table under this one; an absent one is empty."""
        self._asked.add(key)
        if required and key not in self._raw:
            self.wrong(key, "is missing")
        child = TomlTable(f"{self.name}.{key}" if self.name else key, self._raw.get(key, {}), self._problems)
        self._children.append(child)
        return child

    def tables(self, key: str) -> Iterable[TomlTable]:
        """Return the tables of a list under this one."""
        value = self._get(key, ())
        if not isinstance(value, (list, tuple)):
            self.wrong(key, "must be a list of tables")
            return ()
        children = [
            TomlTable(f"{self._path(key)}[{number}]", one, self._problems) for number, one in enumerate(value, start=1)
        ]
        self._children.extend(children)
        return children

    def done(self) -> None:
        """Note every key that nobody asked for: a misspelt key must not pass for an absent one."""
        for key in self._raw:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked - set(self._raw), 1)
                self.wrong(key, f"means nothing here (is {near[0]} meant?)" if near else "means nothing here")
        for child in self._children:
            child.done()
