"""Sight of every gated row, for the time of one computation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def combining(connection: Connection) -> Iterator[None]:
    """See every gated row while a machine computes; what it returns names nobody to the act around it.

    Incidents and flags computed from what one user may see would be taken back for everybody else.
    """
    before = connection.exec_driver_sql("SELECT sight FROM acting").scalar()
    connection.exec_driver_sql("UPDATE acting SET sight = 'combine'")
    # After an error the whole transaction goes back, and this row with it.
    yield
    connection.exec_driver_sql("UPDATE acting SET sight = ?", (before,))
