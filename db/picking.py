"""A set of ids that a statement works through, where it is too long for the statement itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection


def pick(connection: Connection, ids: Iterable[int]) -> None:
    """Fill the connection's own table ``picked`` with these ids, and no others."""
    connection.exec_driver_sql("DELETE FROM picked")
    rows = [(one,) for one in set(ids)]
    if rows:
        connection.exec_driver_sql("INSERT INTO picked (id) VALUES (?)", rows)
