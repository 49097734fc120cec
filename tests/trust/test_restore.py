"""A copy comes back whole, never over a live store, says what it lacks, and brings nobody back who was erased."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

import db.audit
import db.erasing
import db.users
from db import damage, scratch
from db.connecting import connect
from db.store import data_file
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
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
)
from kingshurst_tui.keyholding import recovery, users
from kingshurst_tui.oversight.checkpoints import standing, take_away
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.oversight.held_checkpoints import held_file
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.conftest import NOON
from tests.trust.conftest import PASSPHRASES
from tests.trust.killing import killed, moments

OFFICER = Opener("governance", PASSPHRASES["governance"])
PANEL, RIGHTS = Reason(ReasonCode.PANEL), Reason(ReasonCode.RIGHTS)


def open_again(folder: Path, name: str = "coordinator") -> Session:
    return vaults.open_session(folder, name, PASSPHRASES[name], clock=FixedClock(NOON))


def consult(folder: Path, times: int = 1) -> None:
    session = open_again(folder)
    for _ in range(times):
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=["KH-0000-0001"]):
            pass
    session.close()


@pytest.fixture
def file(folder: Path, tmp_path: Path) -> Path:
    """A copy of the store, which nobody has open."""
    session = open_again(folder, "administrator")
    assert backups.backup(session, tmp_path / "copy").verified
    session.close()
    return tmp_path / "copy"


def facts_of_last(session: Session) -> dict[str, object]:
    entry = session.look(lambda connection: list(db.audit.entries(connection)))[-1]
    return dict(json.loads(entry.body)["facts"])


def aside(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob(f"{folder.name}.replaced-*"))


def test_everybody_opens_the_restored_store_with_the_passphrase_they_had(
    file: Path, tmp_path: Path, clock: FixedClock
) -> None:
    done = restore(file, tmp_path / "again", OFFICER, clock=clock)
    assert done.missing_to is None
    assert read_header(tmp_path / "again").generation == done.generation == 2
    for name in PASSPHRASES:
        open_again(tmp_path / "again", name).close()
    supervisor = open_again(tmp_path / "again", "supervisor")
    found = verify_trail(supervisor)
    assert found.holds, found.problem
    assert check(supervisor).whole
    supervisor.close()
    assert (tmp_path / "again").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir() if "restoring" in path.name) == []


def test_its_keys_are_new(folder: Path, file: Path, tmp_path: Path, clock: FixedClock) -> None:
    restore(file, tmp_path / "again", OFFICER, clock=clock)
    _, _, old = open_slot(read_header(folder), "coordinator", PASSPHRASES["coordinator"])
    _, _, new = open_slot(read_header(tmp_path / "again"), "coordinator", PASSPHRASES["coordinator"])
    assert (old.data, old.person) != (new.data, new.person)
    assert old.lasting == new.lasting
    with pytest.raises(KingshurstError):
        connect(data_file(tmp_path / "again", 2), old.data).close()


def test_the_recovery_key_brings_it_back_too(folder: Path, tmp_path: Path, clock: FixedClock) -> None:
    session = open_again(folder, "administrator")
    printed = recovery.propose()
    recovery.confirm(session, printed, printed)
    backups.backup(session, tmp_path / "copy")
    session.close()
    restore(tmp_path / "copy", tmp_path / "again", Opener("", "", printed.lower()), clock=clock)
    supervisor = open_again(tmp_path / "again", "supervisor")
    assert verify_trail(supervisor).holds
    supervisor.close()


def test_never_over_a_store_unless_it_is_asked_for_or_damaged_and_nobody_has_it(
    folder: Path, file: Path, clock: FixedClock
) -> None:
    before = (folder / "vault.json").read_bytes()
    with pytest.raises(Refused, match="never restored over"):
        restore(file, folder, OFFICER, clock=clock)
    session = open_again(folder)
    with pytest.raises(StoreLocked, match="in use"):
        restore(file, folder, OFFICER, replace_store=True, clock=clock)
    session.close()
    assert (folder / "vault.json").read_bytes() == before
    damage.mark(folder, "Not as it should be: a test")
    done = restore(file, folder, OFFICER, clock=clock)
    assert [done.aside] == aside(folder)
    assert (aside(folder)[0] / "vault.json").read_bytes() == before
    open_again(folder).close()


def test_a_folder_with_something_in_it_and_another_store_are_left_alone(
    folder: Path, file: Path, tmp_path: Path, clock: FixedClock
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("somebody's own")
    with pytest.raises(Refused, match="not empty"):
        restore(file, tmp_path / "full", OFFICER, replace_store=True, clock=clock)
    vaults.create(tmp_path / "other", "somebody", "SMBC", "another lantern dry ferry hill", clock=clock)
    with pytest.raises(Refused, match="another one"):
        restore(file, tmp_path / "other", OFFICER, replace_store=True, clock=clock)
    (tmp_path / "empty").mkdir()
    restore(file, tmp_path / "empty", OFFICER, clock=clock)


def test_the_gap_is_entered_shown_and_confirmed_by_the_supervisor(
    folder: Path, file: Path, tmp_path: Path, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    consult(folder, 4)
    supervisor = open_again(folder, "supervisor")
    held = cosign(supervisor)
    supervisor.close()
    done = restore(file, folder, OFFICER, replace_store=True, clock=clock)
    assert held.held is not None
    assert done.missing_to == held.held.size
    # It opens, because its own trail says what is missing; the alarm is on everybody's home.
    for name in ("coordinator", "supervisor", "administrator"):
        session = open_again(folder, name)
        [section] = [each for each in home.what_waits(session) if each.code == "missing"]
        assert f"Entries {done.entries + 1:,} to {done.missing_to:,} are not in this copy" in section.items[0].words
        session.close()
    supervisor = open_again(folder, "supervisor")
    with pytest.raises(Refused, match="entries are missing") as refused:
        cosign(supervisor)
    assert "brought back by governance on 2026-05-04" in refused.value.detail
    found = cosign(supervisor, confirm_gap=True)
    assert found.since_cosigned == 0
    assert found.held == found.cosigned
    assert facts_of_last(supervisor)["confirms_restore"] == done.entries + 1
    assert "missing" not in {each.code for each in home.what_waits(supervisor)}
    cosign(supervisor)  # from here on as ever
    supervisor.close()
    open_again(folder).close()


def test_an_older_copy_of_the_restored_folder_is_no_excuse(
    folder: Path, file: Path, tmp_path: Path, clock: FixedClock
) -> None:
    consult(folder, 4)
    supervisor = open_again(folder, "supervisor")
    cosign(supervisor)
    supervisor.close()
    done = restore(file, folder, OFFICER, replace_store=True, clock=clock)
    shutil.copytree(folder, tmp_path / "older")
    consult(folder, 20)
    supervisor = open_again(folder, "supervisor")
    held = cosign(supervisor, confirm_gap=True).held
    supervisor.close()
    assert held is not None
    assert done.missing_to is not None
    assert held.size > done.missing_to
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "older", folder)
    with pytest.raises(IntegrityFailure, match="shorter than it was"):
        open_again(folder)


def test_a_copy_that_contradicts_a_held_checkpoint_is_refused(
    folder: Path, file: Path, tmp_path: Path, clock: FixedClock
) -> None:
    # Another history of the same store: put back from before, and gone on with.
    shutil.rmtree(held_file(read_header(folder).vault).parent, ignore_errors=True)
    shutil.copytree(folder, tmp_path / "elsewhere")
    consult(folder, 1)
    supervisor = open_again(folder, "supervisor")
    cosign(supervisor)
    taken = tmp_path / "taken"
    take_away(supervisor, taken)
    held_file(read_header(folder).vault).unlink()
    supervisor.close()
    consult(tmp_path / "elsewhere", 6)
    session = open_again(tmp_path / "elsewhere", "administrator")
    backups.backup(session, tmp_path / "false")
    session.close()
    with pytest.raises(IntegrityFailure, match="contradicts a checkpoint"):
        restore(tmp_path / "false", tmp_path / "again", OFFICER, checkpoints=[taken], clock=clock)
    assert not (tmp_path / "again").exists()
    with pytest.raises(InputRejected, match="no such checkpoint"):
        restore(file, tmp_path / "again", OFFICER, checkpoints=[tmp_path / "nothing"], clock=clock)


def test_whoever_left_or_was_suspended_since_stays_out(folder: Path, file: Path, clock: FixedClock) -> None:
    session = open_again(folder, "administrator")
    users.leave(session, "practitioner")
    users.set_user_status(session, "coordinator", "suspended")
    session.close()
    done = restore(file, folder, OFFICER, replace_store=True, clock=clock)
    assert set(done.shut_out) == {"practitioner (left)", "coordinator (suspended)"}
    for name in ("practitioner", "coordinator"):
        with pytest.raises(StoreLocked):
            open_again(folder, name)
    supervisor = open_again(folder, "supervisor")
    assert verify_trail(supervisor).holds  # an officer brought it back, and ended again what had ended
    supervisor.close()
    session = open_again(folder, "administrator")
    states = {user.name: user.status for user in session.look(db.users.every)}
    assert (states["practitioner"], states["coordinator"]) == ("left", "suspended")
    session.close()


def test_heads_of_the_copy_come_back_with_their_cosignature(folder: Path, tmp_path: Path, clock: FixedClock) -> None:
    supervisor = open_again(folder, "supervisor")
    cosigned = cosign(supervisor).cosigned
    supervisor.close()
    session = open_again(folder, "administrator")
    backups.backup(session, tmp_path / "copy")
    session.close()
    restore(tmp_path / "copy", tmp_path / "again", OFFICER, clock=clock)
    supervisor = open_again(tmp_path / "again", "supervisor")
    assert standing(supervisor).cosigned == cosigned
    supervisor.close()


def test_without_an_atomic_exchange_both_stores_are_whole_all_the_same(
    folder: Path, file: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kingshurst_tui.upkeep.replaced_store.exchange", lambda one, other: False)
    done = restore(file, folder, OFFICER, replace_store=True, clock=clock)
    assert done.aside is not None
    open_again(folder).close()
    open_again(done.aside).close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="renameat2 is of Linux")
def test_folders_change_names_at_one_moment(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert scratch.exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists()
    assert not scratch.exchange(tmp_path / "one", tmp_path / "nothing")


def test_on_the_command_line(folder: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    own.write_text(PASSPHRASES["governance"] + "\n")
    own.chmod(0o600)
    who = ["--user", "governance", "--passphrase-file", str(own), "--json"]
    assert main(["restore", str(file), str(folder), *who]) == ExitCode.REFUSED
    assert main(["restore", str(tmp_path / "nothing"), str(tmp_path / "again"), *who]) == ExitCode.UNEXPECTED
    capsys.readouterr()
    assert main(["restore", str(file), str(tmp_path / "again"), *who]) == ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["generation"] == 2
    file.write_bytes(file.read_bytes()[:-1])
    assert main(["restore", str(file), str(tmp_path / "more"), *who]) == ExitCode.INTEGRITY
    own.write_text("another lantern dry ferry hill\n")
    assert main(["restore", str(file), str(tmp_path / "more"), *who]) == ExitCode.INTEGRITY
    assert not (tmp_path / "more").exists()


PREPARES = """
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
"""
RESTORES = 'restore(Path(sys.argv[1]), Path(sys.argv[2]), Opener("governance", sys.argv[3]), replace_store=True)'


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_kill_at_any_moment_leaves_the_old_store_or_the_restored_one(folder: Path, file: Path) -> None:
    restoring = PREPARES, RESTORES, file, folder, PASSPHRASES["governance"]
    took = killed(*restoring, after=None)
    for moment in moments("RESTORE_KILLS", 5, took, 0.2):
        before = read_header(folder).generation
        killed(*restoring, after=moment)
        after = read_header(folder).generation
        assert after in (before, before + 1)
        supervisor = vaults.open_session(folder, "supervisor", PASSPHRASES["supervisor"])
        assert verify_trail(supervisor).holds
        supervisor.close()
    killed(*restoring, after=None)
    assert not (folder.parent / f".{folder.name}.restoring").exists()
    for path in aside(folder):  # every one of them was the store once
        open_again(path, "supervisor").close()
