"""How much work one statement of a session may be, so that one that counts for ever is stopped.

SQLite calls back every so many steps of its machine. Steps and not seconds: the same statement counts alike on a slow
machine and on one that is busy with something else. What a session does at 5,000,000 contacts stays far below
(benchmarks/runaway.py); making, checking, copying and migrating a store go over connections of their own, uncounted.

Class of control: client-enforced. One step that is long in itself (a function that makes a text of a gigabyte) is not
stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlcipher3.dbapi2 as driver

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MOST_STEPS = 3_000_000_000
"""About half a minute of counting and nothing else. Of what sessions do on 1,000,000 contacts the dearest transaction
takes a tenth, the dearest statement a twentieth."""

STEPS_A_CALL = 5_000_000
"""So seldom that it costs nothing, also where another thread keeps Python busy."""


class StepCount:
    """What the statement under way on one connection has cost so far."""

    def __init__(self) -> None:
        self.calls = 0

    def called(self) -> bool:
        """Say whether SQLite stops here."""
        self.calls += 1
        return self.calls * STEPS_A_CALL > MOST_STEPS


class CountedConnection(driver.Connection):  # type: ignore[misc]  # the driver has no types
    """The driver's connection, with a place for its count: each statement asks for it, so it must be near."""

    steps: StepCount


def count_steps(connection: CountedConnection) -> None:
    """Stop whatever statement on this connection goes on for longer than any should."""
    connection.steps = StepCount()
    connection.set_progress_handler(connection.steps.called, STEPS_A_CALL)


def count_each_statement(engine: Engine) -> None:
    """Count each statement from nothing; one that goes past the seam (db/bare_rows.py) counts with the one before."""
    from sqlalchemy import event  # later: the process that looks at structure alone starts sooner without it

    @event.listens_for(engine, "before_cursor_execute")
    def begin(_: Connection, cursor: Any, *rest: Any) -> None:
        cursor.connection.steps.calls = 0
