"""The filtered trail: each page, each count, against a plain reading of every entry."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.audit
import db.trail
from db.store import administering
from db.trail import TrailFilter
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import Refused
from kingshurst_tui.oversight.trail import more_of_trail, open_trail, verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import NOON
from tests.trust.conftest import PASSPHRASES, Open

SUBJECTS = ["KH-0000-0001", "KH-0000-0002", "KH-0000-0003"]
FILTERS = [
    TrailFilter(),
    TrailFilter(actor="coordinator"),
    TrailFilter(operation="alter"),
    TrailFilter(result="refused"),
    TrailFilter(result="done"),
    TrailFilter(purpose="another-question"),
    TrailFilter(pseudonym=SUBJECTS[1]),
    TrailFilter(pseudonym=SUBJECTS[1], actor="coordinator"),
    TrailFilter(since="2026-05-04T11:00:03", until="2026-05-04T11:00:30"),
    TrailFilter(actor="practitioner", result="refused", since="2026-05-04T11:00:05"),
    TrailFilter(actor="coordinator", operation="consult", purpose="another-question"),
    TrailFilter(actor="nobody"),
]


@pytest.fixture
def long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose trail has some hundred entries of many kinds, in blocks of 16, the clock going back once."""
    for module in (db.audit, db.trail):
        monkeypatch.setattr(module, "BLOCK", 16)
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(folder, header.generation, store_keys.data) as connection, connection.begin():
        db.audit.count_again(connection)
    clock = FixedClock(NOON)
    sessions = [
        vaults.open_session(folder, name, PASSPHRASES[name], clock=clock) for name in ("coordinator", "practitioner")
    ]
    kinds = product(sessions, (Operation.CONSULT, Operation.ALTER), (False, True), ("", "another-question"), range(7))
    for number, (session, operation, refuses, purpose, subject) in enumerate(sorted(kinds, key=lambda kind: kind[4])):
        session.purpose = purpose
        clock.move(timedelta(milliseconds=700 if number != 60 else -9000))
        _act(session, operation, SUBJECTS[subject % 3 : subject % 3 + 1 + number % 2], refuses)
    for session in sessions:
        session.close()
    return folder


def _act(session: Session, operation: Operation, subjects: list[str], refuses: bool) -> None:
    with (
        suppress(Refused),
        session.act(operation, Thing.PROFILE, reason=Reason(ReasonCode.PANEL), subjects=subjects) as act,
    ):
        if refuses:
            act.refuse("No.")


def _leaves(connection: Connection, wanted: TrailFilter, upto: int) -> list[int]:
    found = []
    for entry in db.audit.entries(connection, 1, upto):
        body = json.loads(entry.body)
        asked = {
            "actor": wanted.actor,
            "operation": wanted.operation,
            "result": wanted.result,
            "purpose": wanted.purpose,
        }
        if (
            all(body[name] == value for name, value in asked.items() if value)
            and (not wanted.pseudonym or wanted.pseudonym in body["subjects"])
            and wanted.since <= body["time"] < (wanted.until or "9999")
        ):
            found.append(entry.seq)
    return found[::-1]


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: str(wanted)[12:80])
def test_every_page_of_every_filter_is_what_reading_everything_gives(long: Path, wanted: TrailFilter) -> None:
    supervisor = vaults.open_session(long, "supervisor", PASSPHRASES["supervisor"], clock=FixedClock(NOON))
    page = open_trail(supervisor, wanted, limit=20)
    # What is read of the trail is an entry too, with all that was asked; it comes after what it shows.
    upto = supervisor.look(db.audit.size) - 1
    expected = supervisor.look(_leaves, wanted, upto)
    assert page.total == len(expected)
    assert [line.seq for line in page.lines] == expected[:20]
    for offset in (*range(0, len(expected), 13), max(0, len(expected) - 5)):
        more = more_of_trail(supervisor, wanted, upto, offset, 13)
        assert [line.seq for line in more] == expected[offset : offset + 13]
    assert verify_trail(supervisor).holds
    supervisor.close()


def test_entries_written_meanwhile_move_no_page(long: Path, opened: Open) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    wanted = TrailFilter(actor="coordinator")
    page = open_trail(supervisor, wanted, limit=10)
    newest = page.lines[0].seq
    before = [line.seq for line in more_of_trail(supervisor, wanted, newest, 10, 30)]
    for _ in range(40):
        _act(coordinator, Operation.CONSULT, SUBJECTS[:1], False)
    assert [line.seq for line in more_of_trail(supervisor, wanted, newest, 10, 30)] == before
    supervisor.held.clear()  # as after another list was opened: it is counted anew, up to the same entry
    assert [line.seq for line in more_of_trail(supervisor, wanted, newest, 10, 30)] == before


def test_a_changed_count_or_purpose_is_found(long: Path, opened: Open) -> None:
    supervisor = opened("supervisor")
    header = read_header(long)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(long, header.generation, store_keys.data) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE audit_block SET entries = entries + 1 WHERE block = 2 AND actor = '*'")
    found = verify_trail(supervisor)
    assert not found.holds
    assert "counts" in found.problem
    with administering(long, header.generation, store_keys.data) as connection, connection.begin():
        db.audit.count_again(connection)
        connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
        connection.exec_driver_sql("UPDATE audit_entry SET purpose = 'harmless' WHERE seq = 20")
    assert verify_trail(supervisor).first_bad == 20
