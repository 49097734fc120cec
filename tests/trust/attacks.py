"""What somebody can do to a trail who holds the data key and their own Python; and the acts that fill one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

import db.audit
from db import keys, merkle, triggers
from db.store import administering
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import NOON
from tests.trust.conftest import PASSPHRASES

PANEL = Reason(ReasonCode.PANEL)
SOMEBODY = "KH-0000-0001"


def consult(session: Session, times: int = 1) -> None:
    for _ in range(times):
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=[SOMEBODY]):
            pass


def open_again(folder: Path, name: str = "coordinator", *, checking: bool = False) -> Session:
    return vaults.open_session(folder, name, PASSPHRASES[name], clock=FixedClock(NOON), checking=checking)


def sizes(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in (folder / "heads").glob("*.checkpoint"))


def entries(session: Session) -> int:
    return session.look(db.audit.size)


@contextmanager
def with_the_data_key(folder: Path, passphrase: str = PASSPHRASES["administrator"]) -> Iterator[Connection]:
    """What somebody can do who holds the data key and their own Python."""
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", passphrase)
    with administering(folder, header.generation, store_keys.data) as connection:
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.commit()
        with connection.begin():
            yield connection


def rebuild(connection: Connection) -> None:
    db.audit.count_again(connection)
    connection.exec_driver_sql("DELETE FROM audit_node")
    for entry in list(db.audit.entries(connection)):
        grown = merkle.appended(entry.seq - 1, entry.leaf, lambda level, at: db.audit.node(connection, level, at))
        for made in list(grown):
            connection.exec_driver_sql("INSERT INTO audit_node VALUES (?, ?, ?)", made)


def rewrite_history(folder: Path, seq: int) -> None:
    """Make one entry be about somebody else, and the whole tree fit; the signature cannot be made to."""
    with with_the_data_key(folder) as connection:
        body = json.loads(connection.exec_driver_sql("SELECT body FROM audit_entry WHERE seq = ?", (seq,)).scalar_one())
        body["subjects"] = ["KH-0000-0002"]
        connection.exec_driver_sql("UPDATE audit_entry SET body = ? WHERE seq = ?", (keys.canonical(body), seq))
        rebuild(connection)


def cut(folder: Path, upto: int) -> None:
    with with_the_data_key(folder) as connection:
        for table in ("audit_entry", "audit_subject", "audit_words"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq > ?", (upto,))
        rebuild(connection)
