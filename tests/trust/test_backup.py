"""A copy is whole, tried as it is made, sealed to few, signed, and never half there under its name."""

from __future__ import annotations

import json
import os
import random
import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import db.audit
import db.users
from db import copies
from db.connecting import connect
from db.damage import CHECKED
from db.store import data_file
from db.vault import open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import home
from kingshurst_tui.cli import main
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import (
    ExitCode,
    InputRejected,
    IntegrityFailure,
    KingshurstError,
    Refused,
    StoreLocked,
    StoreUnavailable,
)
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups, checking, reminders
from kingshurst_tui.upkeep.drills import Opener, drill
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.trust.conftest import PASSPHRASES, Open
from tests.trust.killing import killed, moments

OFFICER = Opener("governance", PASSPHRASES["governance"])
PANEL = Reason(ReasonCode.PANEL)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where copies go: a folder with nothing in it."""
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "copy"


def parts(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir())


WHOLE = ["copy", "copy.manifest.json", "copy.person-keys"]


def consult(session: Session, times: int = 1) -> None:
    for _ in range(times):
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=["KH-0000-0001"]):
            pass


def run(folder: Path, user: str, *command: str) -> int:
    own = folder.parent / f"{user}.passphrase"
    if not own.exists():
        own.write_text(PASSPHRASES[user] + "\n")
        own.chmod(0o600)
    return main([*command, "--user", user, "--passphrase-file", str(own), "--json"])


def test_a_copy_is_made_and_tried_while_somebody_else_writes(
    folder: Path, opened: Open, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coordinator = opened("coordinator")
    administrator = opened("administrator")

    def writes_on(_: str) -> None:
        consult(coordinator)

    before = coordinator.look(db.audit.size)
    done = backups.backup(administrator, file, writes_on)
    assert done.verified, done.problem
    assert parts(file) == WHOLE
    assert all((file.parent / name).stat().st_mode & 0o077 == 0 for name in WHOLE)
    assert before < done.entries < coordinator.look(db.audit.size)
    last = json.loads(list(coordinator.look(lambda c: list(db.audit.entries(c))))[-1].body)["facts"]
    assert (last["backup"], last["entries"], last["root"]) == ("verified", done.entries, done.root)
    assert run(folder, "administrator", "backup", str(folder)) == ExitCode.DONE
    listed = json.loads(capsys.readouterr().out)
    assert [(copy["status"], copy["file_digest"]) for copy in listed["backups"]] == [("verified", done.digest)]
    assert run(folder, "supervisor", "check", str(folder)) == ExitCode.DONE


def test_the_copy_opens_for_governance_and_the_recovery_key_and_for_nobody_else(
    folder: Path, opened: Open, file: Path, clock: FixedClock
) -> None:
    administrator = opened("administrator")
    printed = recovery.propose()
    recovery.confirm(administrator, printed, printed)
    done = backups.backup(administrator, file)
    assert [name.split(":")[0] for name in done.sealed_to] == ["governance", "recovery"]
    assert drill(file, OFFICER, clock=clock).entries == done.entries
    assert drill(file, Opener("", "", printed), clock=clock).entries == done.entries
    for name in ("administrator", "coordinator", "supervisor", "practitioner"):
        with pytest.raises(StoreLocked, match="not sealed to that user"):
            drill(file, Opener(name, PASSPHRASES[name]), clock=clock)
    with pytest.raises(StoreLocked):
        drill(file, Opener("governance", "another lantern dry ferry hill"), clock=clock)
    assert parts(file) == WHOLE
    # The store's own keys, which everybody's slot holds, do not open it either.
    _, _, store_keys = open_slot(read_header(folder), "coordinator", PASSPHRASES["coordinator"])
    for name, key in (("copy", store_keys.data), ("copy.person-keys", store_keys.person)):
        with pytest.raises(KingshurstError):
            connect(file.parent / name, key).close()


def test_whoever_became_officer_later_opens_it_and_whoever_is_one_no_more_does_not(
    folder: Path, opened: Open, file: Path, clock: FixedClock
) -> None:
    administrator = opened("administrator")
    for name, role, second in (
        ("practitioner", Role.GOVERNANCE, "supervisor"),
        ("governance", Role.SUPERVISOR, "supervisor"),
    ):
        grants.propose(administrator, name, role)
        grants.confirm(opened(second), name)
    assert backups.backup(administrator, file).sealed_to == ("practitioner",)
    assert drill(file, Opener("practitioner", PASSPHRASES["practitioner"]), clock=clock).entries
    with pytest.raises(StoreLocked, match="not sealed to that user"):
        drill(file, OFFICER, clock=clock)


def test_where_nobody_could_open_it_none_is_made(folder: Path, opened: Open, file: Path) -> None:
    administrator = opened("administrator")
    users.set_user_status(administrator, "governance", "suspended")
    with pytest.raises(Refused, match="Nobody could open"):
        backups.backup(administrator, file)
    assert parts(file) == []


@pytest.mark.parametrize("name", ["coordinator", "practitioner", "supervisor", "governance"])
def test_only_administrators_make_copies(name: str, opened: Open, file: Path) -> None:
    with pytest.raises(Refused):
        backups.backup(opened(name), file)
    assert parts(file) == []


def test_nothing_is_written_over_and_nothing_begun_without_room(
    opened: Open, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = opened("administrator")
    for name in WHOLE:
        (file.parent / name).write_bytes(b"somebody's own")
        with pytest.raises(InputRejected, match="never written over"):
            backups.backup(administrator, file)
        assert (file.parent / name).read_bytes() == b"somebody's own"
        (file.parent / name).unlink()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(StoreUnavailable, match="room"):
        backups.backup(administrator, file)
    assert parts(file) == []


@pytest.mark.parametrize("name", WHOLE)
def test_every_changed_byte_of_a_copy_is_found(name: str, opened: Open, file: Path, clock: FixedClock) -> None:
    backups.backup(opened("administrator"), file)
    part = file.parent / name
    whole = part.read_bytes()
    draw = random.Random(name)
    for at in [0, len(whole) - 1, *(draw.randrange(len(whole)) for _ in range(6))]:
        part.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((IntegrityFailure, StoreUnavailable)):
            drill(file, OFFICER, clock=clock)
    part.write_bytes(whole[:-1])
    with pytest.raises((IntegrityFailure, StoreUnavailable)):
        drill(file, OFFICER, clock=clock)
    part.write_bytes(whole)
    drill(file, OFFICER, clock=clock)
    assert parts(file) == WHOLE


def test_a_copy_of_a_damaged_store_is_kept_but_said_to_be_unverified(
    folder: Path, opened: Open, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = opened("administrator")
    _, _, store_keys = open_slot(read_header(folder), "administrator", PASSPHRASES["administrator"])
    session.close()
    connection = connect(data_file(folder, 1), store_keys.data)
    connection.execute("UPDATE setting SET value = value || '.'")
    connection.execute("UPDATE purpose SET question = 'another question'")
    connection.close()
    assert run(folder, "administrator", "backup", str(folder), str(file)) == ExitCode.INTEGRITY
    said = json.loads(capsys.readouterr().out)["error"]
    assert "not verified" in said["title"]
    assert "purpose" in said["detail"]
    assert parts(file) == WHOLE
    assert copies.read_manifest(copies.Names(file)).verified_at == ""
    assert run(folder, "governance", "backup", "--drill", str(file)) == ExitCode.INTEGRITY


def test_without_the_per_person_keys_it_is_still_a_copy_and_says_so(
    opened: Open, file: Path, clock: FixedClock
) -> None:
    backups.backup(opened("administrator"), file)
    (file.parent / "copy.person-keys").unlink()
    assert drill(file, OFFICER, clock=clock).person_keys is False


def test_a_drill_says_how_far_behind_the_copy_is_and_is_in_the_trail(
    folder: Path, opened: Open, file: Path, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    done = backups.backup(opened("administrator"), file)
    governance = opened("governance")
    consult(opened("coordinator"), 5)
    clock.move(timedelta(days=3))
    found = drill(file, OFFICER, session=governance, clock=clock)
    size = governance.look(db.audit.size)
    assert found.newest == size - 1  # before the entry that the drill itself makes
    assert found.behind == size - 1 - done.entries >= 5
    assert found.behind_days is not None
    assert 2.9 < found.behind_days < 3.1
    last = json.loads(list(governance.look(lambda c: list(db.audit.entries(c))))[-1].body)["facts"]
    assert last["drill"] == "done"
    assert reminders.standing(governance).copies[0].status == "drilled"
    assert run(folder, "governance", "backup", "--drill", str(file)) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["newest"] is None


def test_home_reminds_those_who_see_to_copies_when_one_is_due(opened: Open, file: Path, clock: FixedClock) -> None:
    administrator, supervisor, governance = opened("administrator"), opened("supervisor"), opened("governance")

    def due(session: Session) -> list[str]:
        sections = {section.code: section for section in home.what_waits(session)}
        return [item.words for item in sections["copies"].items] if "copies" in sections else ["not asked"]

    assert checking.check(administrator).whole
    assert "no verified backup yet" in due(administrator)[0]
    assert due(opened("coordinator")) == due(governance) == ["not asked"]
    backups.backup(administrator, file)
    assert [words for words in due(supervisor) if "backup was" in words] == []
    assert "no drill yet" in due(supervisor)[0]
    drill(file, OFFICER, session=governance, clock=clock)
    assert due(administrator) == due(supervisor) == []
    clock.move(timedelta(days=8))
    assert checking.check(administrator).whole
    assert due(administrator) == ["The last verified backup was on 4 May 2026. Make one: kingshurst backup STORE FILE"]
    reminders.set_days(administrator, 30, None)
    assert due(administrator) == []
    clock.move(timedelta(days=90))
    assert len(due(supervisor)) == 3


def test_home_reminds_them_when_the_store_was_not_checked(opened: Open, folder: Path, clock: FixedClock) -> None:
    administrator, supervisor = opened("administrator"), opened("supervisor")

    def due(session: Session) -> list[str]:
        sections = {section.code: section for section in home.what_waits(session)}
        return [item.words for item in sections["copies"].items if "check" in item.words]

    assert (
        due(administrator)
        == due(supervisor)
        == ["There was no check that found the store whole yet. Check it: kingshurst check STORE"]
    )
    assert checking.check(opened("practitioner")).whole
    assert due(administrator) == due(supervisor) == []
    clock.move(timedelta(days=3))
    assert due(administrator) == []
    clock.move(timedelta(days=1))
    assert due(supervisor) == [
        "The last check that found the store whole was on 4 May 2026. Check it: kingshurst check STORE"
    ]
    reminders.set_days(administrator, None, None, 31)
    assert due(supervisor) == []
    # One that finds something wrong is none.
    before = administrator.look(db.users.get_setting, CHECKED)
    _, _, store_keys = open_slot(read_header(folder), "administrator", PASSPHRASES["administrator"])
    connection = connect(data_file(folder, 1), store_keys.data)
    connection.execute("UPDATE purpose SET question = 'another question'")
    connection.close()
    assert not checking.check(administrator).whole
    assert administrator.look(db.users.get_setting, CHECKED) == before


PREPARES = """
from kingshurst_tui import vaults
from kingshurst_tui.upkeep import backups
session = vaults.open_session(Path(sys.argv[1]), "administrator", sys.argv[2])
"""
MAKES = "backups.backup(session, Path(sys.argv[3]))"


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_kill_at_any_moment_leaves_no_half_copy_and_a_retry_works(
    folder: Path, file: Path, clock: FixedClock
) -> None:
    making = PREPARES, MAKES, folder, PASSPHRASES["administrator"], file
    took = killed(*making, after=None)
    for path in copies.Names(file).all:
        path.unlink()
    for moment in moments("BACKUP_KILLS", 5, took, 0.05):
        killed(*making, after=moment)
        if file.exists():
            assert set(WHOLE) <= set(parts(file))
        else:
            killed(*making, after=None)
        assert drill(file, OFFICER, clock=clock).entries > 0
        assert [name for name in parts(file) if name not in (*WHOLE, ".copy.unfinished")] == []
        for path in copies.Names(file).all:
            path.unlink()
