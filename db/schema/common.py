"""What every table of the store is made with."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

TableClass = Literal["plain", "personal", "audit"]

metadata = MetaData()

PLAIN: dict[str, Any] = {"class": "plain"}
PERSONAL: dict[str, Any] = {"class": "personal"}
AUDIT: dict[str, Any] = {"class": "audit"}


def table_class(table: Table) -> TableClass:
    """Return the class a table declared. Raises: KeyError if it declared none."""
    found: TableClass = table.info["class"]
    return found


def key() -> Column[int]:
    """Return a primary key that is never used again (AUTOINCREMENT)."""
    return Column("id", Integer, primary_key=True)


def day(name: str, *, nullable: bool = False) -> Column[str]:
    """Return a column for a date, ISO text."""
    return Column(name, String(10), nullable=nullable)


def instant(name: str, *, nullable: bool = False) -> Column[str]:
    """Return a column for a moment in UTC, ISO text."""
    return Column(name, String(32), nullable=nullable)


def words(name: str, *, nullable: bool = False, default: str | None = "") -> Column[str]:
    """Return a column for text of any length."""
    return Column(name, Text, nullable=nullable, server_default=default)


def refers(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    """Return a foreign key column, indexed unless another index leads with it."""
    return Column(name, Integer, ForeignKey(target), nullable=nullable, index=index)


def choice(name: str, *, default: str | None = None) -> Column[str]:
    """Return a column for one word of a closed list (kingshurst_tui/vocabulary.py)."""
    return Column(name, String(40), nullable=False, server_default=default)


#: Tables whose ids must never be used again get SQLite's AUTOINCREMENT.
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}
