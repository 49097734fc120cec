"""Nothing happens without an entry, and no entry can be changed without verification naming it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.audit
import db.users
from db import keys, merkle, triggers
from db.store import administering
from db.trail import TrailFilter
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import Refused, UsageError
from kingshurst_tui.oversight.trail import open_trail, verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.trust.conftest import PASSPHRASES, Open

PANEL = Reason(ReasonCode.PANEL)
SOMEBODY = "KH-0000-0001"


def _consult(session: Session, times: int) -> None:
    for _ in range(times):
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=[SOMEBODY]):
            pass


def _set_half_and_fail(session: Session) -> None:
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE)) as act:
        act.write(db.users.put_setting, "half", "done")
        raise RuntimeError


def test_an_act_that_fails_leaves_neither_effect_nor_entry(opened: Open) -> None:
    session = opened("administrator")
    before = session.look(db.audit.size)
    with pytest.raises(RuntimeError):
        _set_half_and_fail(session)
    assert session.look(db.users.get_setting, "half") is None
    assert session.look(db.audit.size) == before


def test_a_refusal_is_in_the_trail(opened: Open) -> None:
    with pytest.raises(Refused):
        _consult(opened("administrator"), 1)
    page = open_trail(opened("supervisor"), TrailFilter(result="refused"))
    assert [(line.actor, line.operation, line.thing) for line in page.lines] == [
        ("administrator", "consult", "profile")
    ]


def test_reading_the_trail_is_itself_in_the_trail(opened: Open) -> None:
    supervisor = opened("supervisor")
    open_trail(supervisor, TrailFilter())
    page = open_trail(supervisor, TrailFilter(actor="supervisor"))
    assert ("consult", "audit") in {(line.operation, line.thing) for line in page.lines}


def test_only_those_who_oversee_read_the_trail(opened: Open) -> None:
    for name in ("coordinator", "practitioner", "administrator"):
        with pytest.raises(Refused):
            open_trail(opened(name), TrailFilter())


def test_what_was_typed_is_sealed_beside_the_tree_and_can_be_erased(opened: Open, folder: Path) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    said = Reason(ReasonCode.OTHER, "Asked by the duty desk about Marigold Example")
    with coordinator.act(Operation.CONSULT, Thing.SEARCH, reason=said, typed="marigold"):
        pass
    line = open_trail(supervisor, TrailFilter(actor="coordinator")).lines[0]
    assert line.words == "Asked by the duty desk about Marigold Example\nmarigold"
    with _with_the_data_key(folder) as connection, connection.begin():
        bodies = b"".join(entry.body for entry in db.audit.entries(connection)).lower()
        assert b"marigold" not in bodies
        db.audit.erase_words(connection, line.seq)
    assert open_trail(supervisor, TrailFilter(actor="coordinator")).lines[0].words is None
    assert verify_trail(supervisor).holds


def test_a_reason_in_words_is_asked_where_no_usual_one_fits() -> None:
    with pytest.raises(UsageError):
        Reason(ReasonCode.OTHER, "  ")


def test_who_looked_at_a_person_is_found_by_pseudonym(opened: Open) -> None:
    _consult(opened("coordinator"), 2)
    page = open_trail(opened("supervisor"), TrailFilter(pseudonym=SOMEBODY))
    assert page.total == 2
    assert all(line.subjects == (SOMEBODY,) for line in page.lines)


def test_consulting_again_within_one_agenda_item_adds_no_entry(opened: Open) -> None:
    coordinator = opened("coordinator")
    before = coordinator.look(db.audit.size)
    for _ in range(3):
        with coordinator.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=[SOMEBODY], within="item/1"):
            pass
    assert coordinator.look(db.audit.size) == before + 1


@contextmanager
def _with_the_data_key(folder: Path) -> Iterator[Connection]:
    """What somebody can do who holds the data key and their own Python."""
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(folder, header.generation, store_keys.data) as connection:
        yield connection


def _rewrite(connection: Connection, seq: int, *, signer: keys.UserKeys | None) -> None:
    """Change who acted in one entry, then rebuild the whole tree over the new history."""
    for name in triggers.names():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    row = connection.exec_driver_sql("SELECT body, signature FROM audit_entry WHERE seq = ?", (seq,)).one()
    body = json.loads(row[0]) | {"subjects": ["KH-0000-0002"]}
    canonical = keys.canonical(body)
    signature = signer.sign(canonical) if signer else row[1]
    connection.exec_driver_sql(
        "UPDATE audit_entry SET body = ?, signature = ? WHERE seq = ?", (canonical, signature, seq)
    )
    _rebuild_tree(connection)


def _rebuild_tree(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM audit_node")
    for entry in list(db.audit.entries(connection)):
        grown = merkle.appended(entry.seq - 1, entry.leaf, lambda level, at: db.audit.node(connection, level, at))
        for made in list(grown):
            connection.exec_driver_sql("INSERT INTO audit_node VALUES (?, ?, ?)", made)


@pytest.mark.parametrize("forge", ["with the old signature", "with the forger's own key"])
def test_history_rewritten_with_the_data_key_is_named_at_its_first_bad_entry(
    forge: str, opened: Open, folder: Path
) -> None:
    supervisor = opened("supervisor")
    _consult(opened("coordinator"), 6)
    assert verify_trail(supervisor).holds
    target = supervisor.look(db.audit.size) - 3
    signer = keys.UserKeys.generate() if "own" in forge else None
    with _with_the_data_key(folder) as connection, connection.begin():
        _rewrite(connection, target, signer=signer)
    found = verify_trail(supervisor)
    assert found.first_bad == target
    assert "signature" in found.problem


def test_an_entry_taken_out_is_named(opened: Open, folder: Path) -> None:
    supervisor = opened("supervisor")
    _consult(opened("coordinator"), 6)
    with _with_the_data_key(folder) as connection, connection.begin():
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM audit_entry WHERE seq = 8")
    assert verify_trail(supervisor).first_bad == 8


def test_a_hash_altered_in_the_tree_is_named(opened: Open, folder: Path) -> None:
    supervisor = opened("supervisor")
    _consult(opened("coordinator"), 6)
    with _with_the_data_key(folder) as connection, connection.begin():
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE audit_node SET hash = zeroblob(32) WHERE level = 1 AND position = 2")
    assert verify_trail(supervisor).first_bad == 6


def test_somebody_cannot_be_introduced_twice_with_another_key(opened: Open, folder: Path) -> None:
    administrator, supervisor = opened("administrator"), opened("supervisor")
    forged = keys.UserKeys.generate()
    facts = {"user": "coordinator", "role": "coordinator", "signing_public": forged.signing_public.hex()}
    with administrator.act(Operation.ADMINISTER, Thing.USER, reason=Reason(ReasonCode.MAINTENANCE), facts=dict(facts)):
        pass
    assert verify_trail(supervisor).first_bad == supervisor.look(db.audit.size)
