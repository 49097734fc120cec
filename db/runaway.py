"""How much work one statement of a session may be, so that one that counts for ever is stopped.

SQLite calls back every so many steps of its machine. Steps and not seconds: the same statement counts alike on a slow
machine and on one that is busy with something else. What a session does at 5,000,000 contacts stays far below
(benchmarks/runaway.py); making, checking, copying and migrating a store go over connections of their own, uncounted.

Class of control: client-enforced. One step that is long in itself (a function that makes a text of a gigabyte) is not
stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event

if TYPE_CHECKING:
    import sqlcipher3.dbapi2 as driver

MOST_STEPS = 3_000_000_000
"""About half a minute of counting and nothing else. Of what sessions do on 1,000,000 contacts the dearest transaction
takes a tenth, the dearest statement a twentieth."""

STEPS_A_CALL = 5_000_000
"""So seldom that it costs nothing, also where another thread keeps Python busy."""

_COUNT = "steps"


class StepCount:
    """What the statement under way on one connection has cost so far."""

    def __init__(self, connection: driver.Connection) -> None:
        self._calls = 0
        connection.set_progress_handler(self._called, STEPS_A_CALL)

    def begin(self) -> None:
        """Count from nothing: another statement begins."""
        self._calls = 0

    def _called(self) -> bool:
        """Say whether SQLite stops here."""
        self._calls += 1
        return self._calls * STEPS_A_CALL > MOST_STEPS


def limit(engine: Engine) -> None:
    """Stop whatever statement on this engine's connections goes on for longer than any should."""

    @event.listens_for(engine, "connect")
    def count(connection: driver.Connection, record: Any) -> None:
        record.info[_COUNT] = StepCount(connection)

    # Statements that go past the seam (db/bare_rows.py) count with the one before them.
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info[_COUNT].begin()

    @event.listens_for(engine, "before_cursor_execute")
    def begin_statement(connection: Connection, *_: Any) -> None:
        connection.info[_COUNT].begin()
