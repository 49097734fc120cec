"""A killed import and a full disk leave the store as it was, and the same file comes in afterwards."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import StoreUnavailable
from kingshurst_tui.oversight.trail import verify_trail
from tests.conftest import NOON, ROOT
from tests.intake.conftest import CONTACT_COLUMNS, NOTHING, PASSPHRASE, Town, csv_text, incident

IMPORTING = """
import os, signal, sys
from pathlib import Path
from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.intake import imports
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import NOON

at = float(sys.argv[4])

def watch(progress):
    if progress.share >= at:
        os.kill(os.getpid(), signal.SIGKILL)

session = vaults.open_session(Path(sys.argv[1]), "coordinator", sys.argv[3], clock=FixedClock(NOON))
imports.import_file(session, Path(sys.argv[2]), "WMP-TEST", reason=Reason(ReasonCode.INTAKE), watch=watch)
"""


def many(count: int) -> str:
    return csv_text(list(CONTACT_COLUMNS), [incident(number) for number in range(count)])


@pytest.mark.parametrize("at", [0.0, 0.3])
def test_kill_9_in_the_middle_of_an_import(own_town: Town, at: float) -> None:
    town = own_town
    town.sign()
    town.incidents(incident(1, Type="Violence"))
    before = town.stored()
    town.close()
    path = town.file(many(15_000))
    killed = subprocess.run(
        [sys.executable, "-c", IMPORTING, str(town.folder), str(path), PASSPHRASE.format("coordinator"), str(at)],
        cwd=ROOT,
    )
    assert killed.returncode == -signal.SIGKILL
    statuses = "SELECT status FROM import_batch ORDER BY id"
    found = town.session().look(lambda c: [row[0] for row in c.exec_driver_sql(statuses)])
    assert found == ["accepted", "abandoned"]
    assert town.contacts("category") == [("violence",)]
    assert verify_trail(town.session("supervisor")).holds
    # What a large abandoned batch left is gone before the next import begins.
    town.incidents(incident(2))
    after = town.stored()
    assert {table: after[table] - before[table] for table in before} == NOTHING | {
        "source_record": 1,
        "record_detail": 1,
        "contact": 1,
    }
    assert town.contacts("category") == [("violence",), ("anti-social-behaviour",)]


@pytest.fixture
def small_disk(tmp_path: Path, empty_store: Path) -> Iterator[Path]:
    """A disk of its own, 8 MiB, with a copy of the store on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    shutil.copytree(empty_store, disk / "store")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_fills_up_in_the_middle_of_an_import(small_disk: Path, tmp_path: Path) -> None:
    town = Town(small_disk / "store", FixedClock(NOON), tmp_path)
    try:
        town.sign()
        with pytest.raises(StoreUnavailable, match="disk is full"):
            town.bring(many(40_000))
        town.close()
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        assert town.contacts() == []
        assert verify_trail(town.session("supervisor")).holds
        assert town.bring(many(500)).rows_accepted == 500
        assert town.stored()["contact"] == 500
    finally:
        town.close()
