"""A statement that counts for ever is stopped, its transaction rolled back, and the session goes on."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from db import runaway
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import StoreUnavailable
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.trust.conftest import Open

FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
BOMBS = [
    FOR_EVER + "SELECT max(x) FROM n",
    FOR_EVER + "SELECT x FROM n WHERE x < 0",
    FOR_EVER + "INSERT INTO setting SELECT 'counted', x FROM n WHERE x < 0",
    FOR_EVER + "UPDATE setting SET value = (SELECT max(x) FROM n)",
    FOR_EVER + "DELETE FROM setting WHERE name IN (SELECT x FROM n)",
]
PANEL = Reason(ReasonCode.PANEL)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real limit is half a minute of counting."""
    monkeypatch.setattr(runaway, "STEPS_A_CALL", 100_000)
    monkeypatch.setattr(runaway, "MOST_STEPS", 1_000_000)


def settings(session: Session) -> list[tuple[str, str]]:
    return session.look(lambda c: [tuple(row) for row in c.exec_driver_sql("SELECT name, value FROM setting")])


def detonate(session: Session, bomb: str, *, combine: bool) -> None:
    operation, thing = (Operation.COMBINE, Thing.LINK) if combine else (Operation.CONSULT, Thing.PROFILE)
    with session.act(operation, thing, reason=PANEL, combine=combine) as act:
        act.connection.exec_driver_sql("INSERT INTO setting VALUES ('half done', 'x')")
        act.connection.exec_driver_sql(bomb).fetchall()


@pytest.mark.parametrize("combine", [False, True])
@pytest.mark.parametrize("bomb", BOMBS)
def test_in_an_act_it_is_stopped_rolled_back_and_the_next_act_is_done(bomb: str, combine: bool, opened: Open) -> None:
    session = opened("coordinator")
    before = settings(session)
    with pytest.raises(StoreUnavailable, match="too long"):
        detonate(session, bomb, combine=combine)
    assert settings(session) == before
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        act.connection.exec_driver_sql("INSERT INTO setting VALUES ('afterwards', 'x')")
    assert settings(session) == [*before, ("afterwards", "x")]


def test_in_a_reading_it_is_stopped_and_the_next_reading_is_done(opened: Open) -> None:
    session = opened("coordinator")
    before = settings(session)

    def forever(connection: Connection) -> int | None:
        connection.exec_driver_sql("SELECT name FROM setting").fetchall()
        return connection.exec_driver_sql(BOMBS[0]).scalar()

    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="too long"):
            session.look(forever)
        assert settings(session) == before


def test_once_it_is_stopped_somebody_else_writes(opened: Open) -> None:
    session, other = opened("coordinator"), opened("practitioner")
    before = settings(other)
    with pytest.raises(StoreUnavailable, match="too long"):
        detonate(session, BOMBS[0], combine=False)
    with other.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL):
        pass
    assert settings(other) == before


def test_each_statement_is_counted_for_itself(opened: Open) -> None:
    """Many that are long add up to more than one may be, and none is stopped."""
    session = opened("coordinator")
    long = FOR_EVER.replace("FROM n)", "FROM n WHERE x < 50000)") + "SELECT max(x) FROM n"
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
        assert [act.connection.exec_driver_sql(long).scalar() for _ in range(5)] == [50_000] * 5
