"""What a process of its own finds in a store's files is what this one finds; and it gets its keys by the pipe alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as driver

from db import commitments, structure
from db.connecting import connect
from db.person_keys import person_keys_file
from db.store import administering, data_file
from db.structure import KeyedFile
from db.vault import open_slot, read_header
from tests.trust.conftest import PASSPHRASES


def _files(folder: Path) -> tuple[KeyedFile, ...]:
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    return (
        KeyedFile("the data", data_file(folder, header.generation), store_keys.data),
        KeyedFile("the per-person keys", person_keys_file(folder, header.generation), store_keys.person),
    )


def _reference_broken(connection: driver.Connection) -> None:
    connection.execute("INSERT INTO rejected_row (batch_id, row_number, column_name, reason) VALUES (77, 1, '', '')")


def _index_of_another_column(connection: driver.Connection) -> None:
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'ix_audit_entry_actor') "
        "WHERE name = 'ix_audit_entry_operation'"
    )


@pytest.mark.parametrize(
    ("harm", "whole"), [(lambda _: None, True), (_reference_broken, False), (_index_of_another_column, False)]
)
def test_two_processes_find_the_same(
    folder: Path, harm: Callable[[driver.Connection], None], whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _files(folder)[0]
    connection = connect(data.path, data.key)
    connection.execute("PRAGMA foreign_keys=OFF")
    harm(connection)
    connection.close()
    here = structure.structure_apart(_files(folder))
    monkeypatch.setattr(structure, "APART_FROM", 0)
    started: list[list[str]] = []
    popen = subprocess.Popen

    def seen(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        started.append([*command, repr(options)])
        return popen(command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "Popen", seen)
    files = _files(folder)
    assert structure.structure_apart(files) == here
    assert (not any(each.problems for each in here)) is whole
    (command,) = started
    assert not any(file.key.hex() in " ".join(command) for file in files)


def test_where_no_process_can_be_started_this_one_looks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "APART_FROM", 0)
    monkeypatch.setattr(sys, "executable", str(folder / "nothing"))
    found = structure.structure_apart(_files(folder))
    assert [each.problems for each in found] == [()] * 4


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, "a" * 24, None), (2, "b" * 24, 3), (3, "c" * 24, None)],
        [(-5, "a" * 24, None), (4, "b" * 24, None), (90_000, "c" * 24, 2)],
        [(1, "", None), (2, "", None)],
        [(1, "a" * 24, None), (2, "short", 9), (2**40, "c" * 24, 2**31)],
    ],
)
def test_rows_added_up_by_pieces_come_to_the_same_as_row_by_row(
    folder: Path, rows: list[tuple[int, str, int | None]]
) -> None:
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASES["administrator"])
    with administering(folder, header.generation, store_keys.data) as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE few (id INTEGER PRIMARY KEY, digest TEXT, by INTEGER)")
        for row in rows:
            connection.exec_driver_sql("INSERT INTO few VALUES (?,?,?)", row)
        found = commitments._add_up_digests(connection, "few", ["id", "digest", "by"])
    assert found == (sum(commitments.counts_for(*row) for row in rows) % 2**256, len(rows))
