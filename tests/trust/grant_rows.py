"""How a test adds users, signs in, and writes grants with the data key and its own SQL."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

import db.role_grants
from db import commitments, keys
from db.role_grants import GrantRow
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import IntegrityFailure
from kingshurst_tui.keyholding import users
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.vocabulary import Role
from tests.trust.attacks import with_the_data_key
from tests.trust.conftest import PASSPHRASES

NEWCOMER = "seven lanterns under wet hill"


def add(
    administrator: Session, name: str = "newcomer", role: Role = Role.PRACTITIONER, shown: str = "New Comer"
) -> None:
    users.add_user(administrator, name, shown, "SCH", role, NEWCOMER)


def sign_in(folder: Path, clock: FixedClock, name: str = "newcomer") -> Session:
    return vaults.open_session(folder, name, NEWCOMER, clock=clock)


def pairs_of(folder: Path, name: str) -> keys.UserKeys:
    return open_slot(read_header(folder), name, PASSPHRASES[name])[1]


def recount(folder: Path, connection: Connection) -> None:
    """Make the totals of rows fit what was changed: the attacker has every key of the store."""
    _, _, store_keys = open_slot(read_header(folder), "administrator", PASSPHRASES["administrator"])
    commitments.recount(connection, store_keys.commitment_key())


def rows(connection: Connection) -> dict[str, GrantRow]:
    return {row.user_name: row for row in db.role_grants.every(connection)}


def rewrite(folder: Path, row: GrantRow) -> None:
    """Put a row of one's own making in the place of a grant, as somebody with the data key can."""
    with with_the_data_key(folder) as connection:
        connection.exec_driver_sql("DELETE FROM role_grant WHERE id = ?", (row.id,))
        connection.exec_driver_sql(f"INSERT INTO role_grant VALUES ({','.join('?' * 14)})", in_order(connection, row))
        recount(folder, connection)


def in_order(connection: Connection, row: GrantRow) -> tuple[Any, ...]:
    values = dict(zip(GrantRow.__dataclass_fields__, astuple(row), strict=True))
    columns = [column[1] for column in connection.exec_driver_sql("PRAGMA table_info(role_grant)")]
    return tuple(values[name] for name in columns)


def kept(session: Session, name: str) -> GrantRow:
    return session.look(rows)[name]


def no_role(folder: Path, name: str, clock: FixedClock, why: str) -> None:
    """The person gets none, opening says why, and a check names it to everybody else."""
    with pytest.raises(IntegrityFailure, match="not what two people signed for") as stopped:
        vaults.open_session(folder, name, PASSPHRASES[name], clock=clock)
    assert why in stopped.value.detail
    officer = vaults.open_session(folder, "governance", PASSPHRASES["governance"], clock=clock)
    wrong = [
        problem for each in check(officer).findings for problem in each.problems if each.check.startswith("grants")
    ]
    officer.close()
    assert any(name in problem for problem in wrong), wrong
