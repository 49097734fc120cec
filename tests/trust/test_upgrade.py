"""A store of an older step is brought to this one: copied first, nothing lost, and a kill leaves the old or the new."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import db.audit
from db import copies
from db.connecting import connect
from db.migrations import running
from db.rotation import rows_of
from db.store import administering, data_file
from db.vault import read_header
from kingshurst_tui import vaults
from kingshurst_tui.cli import main
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import ExitCode, IntegrityFailure, Refused, StoreLocked, StoreUnavailable
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.upkeep.drills import Opener, drill
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.upkeep.upgrading import upgrade
from kingshurst_tui.vocabulary import Role
from tests.older import keys_of, make_older
from tests.people import confirm_people
from tests.trust.conftest import PASSPHRASES
from tests.trust.killing import killed, moments

ADMIN = PASSPHRASES["administrator"]


@pytest.fixture
def older(folder: Path) -> Path:
    """The small store as the first version of the program made it."""
    make_older(folder, PASSPHRASES)
    return folder


def test_it_is_not_opened_and_the_command_is_named(older: Path, clock: FixedClock) -> None:
    with pytest.raises(StoreUnavailable, match="older version") as refused:
        vaults.open_session(older, "coordinator", PASSPHRASES["coordinator"], clock=clock)
    assert f"kingshurst upgrade {older}" in refused.value.hint


def test_a_whole_town_goes_to_this_version_with_every_row_and_the_same_trail(demo_copy: DemoStore) -> None:
    store, clock = demo_copy.store, demo_copy.clock
    before = make_older(store, demo_copy.passphrases)
    done = upgrade(store, "administrator", demo_copy.passphrases["administrator"], clock=clock)
    assert (done.before, done.after, done.generation) == ("0001", running.NEWEST, 2)
    assert before["audit_entry"] == done.entries
    with demo_copy.signed_in("coordinator") as session:
        assert session.user.is_waiting
    confirm_people(store, demo_copy.passphrases, clock)
    with demo_copy.signed_in("supervisor") as session:
        assert check(session).whole
        found = verify_trail(session)
        assert found.holds, found.problem
        entry, *_ = session.look(lambda connection: list(db.audit.entries(connection, done.entries + 1)))
        facts = json.loads(entry.body)["facts"]
        assert (facts["upgrade"], facts["step_before"], facts["entries"]) == ("done", "0001", done.entries)
    opened = connect(data_file(store, 2), keys_of(store, "supervisor", demo_copy.passphrases["supervisor"]).data)
    after = rows_of(opened)
    opened.close()
    grown = {"audit_entry", "audit_node", "audit_subject", "audit_words", "change_counter", "setting"}
    assert after["setting"] == before["setting"] + 1, "when it was last checked"
    assert {name: after[name] for name in before if name not in grown} == {
        name: rows for name, rows in before.items() if name not in grown
    }


def test_the_copy_made_first_comes_back_in_this_version(older: Path, tmp_path: Path, clock: FixedClock) -> None:
    done = upgrade(older, "administrator", ADMIN, clock=clock)
    assert done.copy is not None
    officer = Opener("governance", PASSPHRASES["governance"])
    manifest = copies.read_manifest(copies.Names(done.copy))
    assert manifest.schema == "0001"
    assert manifest.verified_at
    assert drill(done.copy, officer, clock=clock).entries == done.entries
    drill(done.copy, Opener("administrator", ADMIN), clock=clock)
    restore(done.copy, tmp_path / "again", officer, clock=clock)
    session = vaults.open_session(tmp_path / "again", "supervisor", PASSPHRASES["supervisor"], clock=clock)
    assert check(session).whole
    session.close()


def test_only_an_administrator_alone_with_it_and_only_once(older: Path, clock: FixedClock) -> None:
    with pytest.raises(Refused, match="administrator"):
        upgrade(older, "governance", PASSPHRASES["governance"], clock=clock)
    upgrade(older, "administrator", ADMIN, clock=clock)
    session = vaults.open_session(older, "coordinator", PASSPHRASES["coordinator"], clock=clock)
    with pytest.raises(StoreLocked, match="in use"):
        upgrade(older, "administrator", ADMIN, clock=clock)
    session.close()
    assert upgrade(older, "administrator", ADMIN, clock=clock).copy is None


def test_where_roles_were_granted_the_grant_counts_and_stays(folder: Path, clock: FixedClock) -> None:
    session = vaults.open_session(folder, "administrator", ADMIN, clock=clock)
    theirs = "a passphrase for the proposed"
    users.add_user(session, "proposed", "Perdita Proposed", "SMBC", Role.ADMINISTRATOR, theirs)
    session.close()
    make_older(folder, PASSPHRASES, "0003")
    with pytest.raises(Refused, match="administrator"):
        upgrade(folder, "proposed", theirs, clock=clock)
    assert upgrade(folder, "administrator", ADMIN, clock=clock).before == "0003"
    session = vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"], clock=clock)
    assert session.user.role is Role.COORDINATOR
    assert not session.user.is_waiting
    session.close()


def test_a_newer_store_is_left_alone(folder: Path, clock: FixedClock) -> None:
    with administering(folder, 1, keys_of(folder, "administrator", ADMIN).data) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer version"):
        upgrade(folder, "administrator", ADMIN, clock=clock)


def test_what_fails_on_the_way_leaves_the_old_version_alone(
    older: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data_file(older, 1).read_bytes()

    def careless(_config: object, _target: str) -> None:
        raise IntegrityFailure("A step that fails.")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.command.upgrade", careless)
        with pytest.raises(IntegrityFailure, match="nothing was begun"):
            upgrade(older, "administrator", ADMIN, clock=clock)
    assert [path.name for path in older.parent.iterdir() if "before" in path.name] == []

    def stop(line: str) -> None:
        if line.startswith("Putting the new header"):
            raise RuntimeError(line)

    with pytest.raises(RuntimeError):
        upgrade(older, "administrator", ADMIN, clock=clock, tell=stop)
    assert data_file(older, 1).read_bytes() == before
    assert not data_file(older, 2).exists()
    # The copy of the try that failed stays; the next one has a name of its own.
    done = upgrade(older, "administrator", ADMIN, clock=clock)
    assert done.copy is not None
    assert done.copy.name == f"store.before-{running.NEWEST}-2"


def test_on_the_command_line(older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    own.write_text(ADMIN + "\n")
    own.chmod(0o600)
    who = ["--user", "administrator", "--passphrase-file", str(own), "--json"]
    assert main(["user", "list", str(older), *who]) == ExitCode.UNEXPECTED
    assert "kingshurst upgrade" in json.loads(capsys.readouterr().out)["error"]["hint"]
    assert main(["upgrade", str(older), "--copy", str(tmp_path / "kept"), *who]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["copy"] == str(tmp_path / "kept")
    assert main(["user", "list", str(older), *who]) == ExitCode.DONE


PREPARES = "from kingshurst_tui.upkeep.upgrading import FIRST_WITH_GRANTS, upgrade"
UPGRADES = 'upgrade(Path(sys.argv[1]), "administrator", sys.argv[2])'


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_kill_at_any_moment_leaves_the_old_version_or_the_new_one(older: Path, tmp_path: Path) -> None:
    shutil.copytree(older, tmp_path / "kept")
    took = killed(PREPARES, UPGRADES, older, ADMIN, after=None)
    for number, moment in enumerate(moments("UPGRADE_KILLS", 4, took, 0.2)):
        place = tmp_path / str(number)
        place.mkdir()
        store = Path(shutil.copytree(tmp_path / "kept", place / "store"))
        killed(PREPARES, UPGRADES, store, ADMIN, after=moment)
        if read_header(store).generation == 1:
            with pytest.raises(StoreUnavailable, match="older version"):
                vaults.open_session(store, "supervisor", PASSPHRASES["supervisor"])
            killed(PREPARES, UPGRADES, store, ADMIN, after=None)
        session = vaults.open_session(store, "supervisor", PASSPHRASES["supervisor"])
        assert check(session).whole
        session.close()
