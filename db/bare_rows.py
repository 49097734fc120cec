"""Rows by the million, and statements of every act, as the driver gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection


def bare(connection: Connection) -> driver.Connection:
    """Return the driver's own connection, in the same transaction: for what every act does several times.

    A statement through the seam costs 15 to 30 µs more than its work.
    """
    return cast("driver.Connection", connection.connection.dbapi_connection)


def bare_rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """Return every row as a plain tuple: wrapping each in a row of the seam costs more than reading it."""
    result = connection.exec_driver_sql(statement)
    try:
        return list(result.cursor.fetchall())
    finally:
        result.close()


def bare_pieces(connection: Connection, statement: str, size: int = 50_000) -> Iterator[list[tuple[Any, ...]]]:
    """Yield every row as a plain tuple, so many at a time: a million of them at once fill a gigabyte."""
    result = connection.exec_driver_sql(statement)
    try:
        while piece := list(result.cursor.fetchmany(size)):
            yield piece
    finally:
        result.close()
