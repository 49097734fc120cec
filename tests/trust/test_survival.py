"""A killed process, a full disk and a disk that turned read-only: every acknowledged act is kept, none half-done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import db.audit
import db.users
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import StoreUnavailable
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import ROOT
from tests.trust.conftest import PASSPHRASES

MAINTENANCE = Reason(ReasonCode.MAINTENANCE)

ACTING = """
import sys
from pathlib import Path
import db.users
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

session = vaults.open_session(Path(sys.argv[1]), "administrator", sys.argv[2])
count = 0
while True:
    count += 1
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE)) as act:
        act.write(db.users.put_setting, "count", str(count))
    print(count, flush=True)
"""

BEGUN = 9
"""The entries of the store that tests copy: one made it, and four users were each added and confirmed."""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_kill_9_keeps_every_acknowledged_act_and_leaves_no_lock(folder: Path, acknowledged: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ACTING, str(folder), PASSPHRASES["administrator"]],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    for _ in range(acknowledged):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    session = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"])
    try:
        kept = int(session.look(db.users.get_setting, "count") or 0)
        assert kept >= last
        found = verify_trail(session)
        assert found.holds
        # Then one entry an act, no more and no fewer.
        assert found.entries == BEGUN + kept
        _set(session, "after")
    finally:
        session.close()


def _set(session: Session, value: str) -> None:
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=MAINTENANCE) as act:
        act.write(db.users.put_setting, "note", value)


@pytest.fixture
def small_disk(tmp_path: Path, pristine: Path) -> Iterator[Path]:
    """A disk of its own, 6 MiB, with a copy of the store on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a disk of its own can only be mounted by root")
    shutil.copytree(pristine, disk / "store")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path) -> None:
    filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(filler, b"\0" * 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(filler)


def _set_until_it_fails(session: Session, shown: list[int]) -> None:
    for count in range(2000):  # the write-ahead log has some room of its own
        _set(session, "x" * 4096)
        shown.append(count)


def test_on_a_full_disk_nothing_is_shown_and_nothing_is_lost(small_disk: Path) -> None:
    session = vaults.open_session(small_disk / "store", "administrator", PASSPHRASES["administrator"])
    try:
        _set(session, "before")
        _fill(small_disk)
        shown: list[int] = []
        with pytest.raises(StoreUnavailable, match="full"):
            _set_until_it_fails(session, shown)
        assert session.look(db.audit.size) == BEGUN + 1 + len(shown)
        assert verify_trail(session).holds
        (small_disk / "filler").unlink()
        _set(session, "after")
        assert session.look(db.users.get_setting, "note") == "after"
        assert verify_trail(session).holds
    finally:
        session.close()


def test_on_a_read_only_disk_nothing_opens_and_the_error_says_so(small_disk: Path) -> None:
    store = small_disk / "store"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        vaults.open_session(store, "administrator", PASSPHRASES["administrator"])
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    session = vaults.open_session(store, "administrator", PASSPHRASES["administrator"])
    try:
        assert verify_trail(session).entries == BEGUN
    finally:
        session.close()
