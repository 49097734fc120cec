"""Rows by the million, as the driver gives them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection


def bare_rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """Return every row as a plain tuple: wrapping each in a row of the seam costs more than reading it."""
    result = connection.exec_driver_sql(statement)
    try:
        return list(result.cursor.fetchall())
    finally:
        result.close()
