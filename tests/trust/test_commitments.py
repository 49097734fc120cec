"""Rows add up to what the trail says: nothing changed outside an act, and an old page put back, stays unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

import db.commitments
from db.audit_verification import verify
from db.connecting import connect
from db.errors import IntegrityFailure
from db.store import administering, data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.casework import agenda, triage
from kingshurst_tui.demo.build import DemoStore

PAGE = 4096


def _keys(demo: DemoStore) -> tuple[int, StoreKeys]:
    header = read_header(demo.store)
    return header.generation, open_slot(header, "administrator", demo.passphrases["administrator"])[2]


@contextmanager
def _with_the_data_key(demo: DemoStore) -> Iterator[tuple[Connection, bytes]]:
    generation, store_keys = _keys(demo)
    with administering(demo.store, generation, store_keys.data) as connection:
        yield connection, store_keys.commitment_key()


def _compared(demo: DemoStore) -> list[db.commitments.Mismatch]:
    with _with_the_data_key(demo) as (connection, key):
        return db.commitments.compare(connection, key)


def settled_file(demo: DemoStore) -> Path:
    """The data file with everything in it and nothing beside it."""
    generation, store_keys = _keys(demo)
    file = data_file(demo.store, generation)
    connection = connect(file, store_keys.data)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    return file


def test_a_town_that_was_imported_linked_flagged_and_decided_adds_up(demo_copy: DemoStore) -> None:
    assert _compared(demo_copy) == []


def test_a_row_changed_behind_the_acts_names_its_table(demo_copy: DemoStore) -> None:
    with _with_the_data_key(demo_copy) as (connection, _):
        connection.exec_driver_sql(
            "UPDATE record_detail SET detail_digest = '01' WHERE id = (SELECT min(id) FROM record_detail)"
        )
        connection.exec_driver_sql(
            "DELETE FROM flag_agreement WHERE flag_id = (SELECT max(flag_id) FROM flag_agreement)"
        )
        connection.commit()
    assert {each.table for each in _compared(demo_copy)} == {"record_detail", "flag_agreement"}


def test_a_total_changed_with_its_rows_is_not_the_one_that_was_signed(demo_copy: DemoStore) -> None:
    with _with_the_data_key(demo_copy) as (connection, key):
        connection.exec_driver_sql("UPDATE profile SET do_not_approach = 1 WHERE id = 1")
        db.commitments.recount(connection, key)
        connection.exec_driver_sql("UPDATE committed_total SET said = 1 WHERE table_name = 'profile'")
        connection.commit()
    assert [each.table for each in _compared(demo_copy)] == ["profile"]


def test_every_old_page_put_back_is_found(demo_copy: DemoStore) -> None:
    """SQLCipher accepts them all: each is a page this store once wrote, at its own place (STORE.md, finding 4)."""
    file = settled_file(demo_copy)
    earlier = file.read_bytes()
    with demo_copy.signed_in("coordinator") as coordinator:
        listed = agenda.open_agenda(coordinator)
        chosen = next(row for row in listed.rows if row.triage == "untriaged")
        until = demo_copy.clock.today() + timedelta(days=30)
        triage.set_triage(coordinator, chosen.pseudonym, "not-now", "The housing officer visits first.", until=until)
    later = settled_file(demo_copy).read_bytes()
    changed = [
        at for at in range(0, min(len(earlier), len(later)), PAGE) if earlier[at : at + PAGE] != later[at : at + PAGE]
    ]
    assert len(changed) >= 3
    unseen = []
    for at in changed:
        file.write_bytes(later[:at] + earlier[at : at + PAGE] + later[at + PAGE :])
        if not _found(demo_copy):
            unseen.append(at // PAGE + 1)
    assert unseen == []


def _found(demo: DemoStore) -> bool:
    """Whether checking the store says that something is wrong with it."""
    generation, store_keys = _keys(demo)
    try:
        with administering(demo.store, generation, store_keys.data) as connection:
            return not (
                connection.exec_driver_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
                and verify(connection, {}).holds
                and db.commitments.compare(connection, store_keys.commitment_key()) == []
            )
    except IntegrityFailure:
        return True
