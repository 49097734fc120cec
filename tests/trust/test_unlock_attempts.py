"""Wrong passphrases wait longer each time, are told in the trail, and shut nobody else out; leavers stay out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

import db.audit
import db.users
from db import unlock_attempts
from db.unlock_attempts import FILE, TryLater, wait_after
from db.vault import read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.cli import main
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, KingshurstError, Refused, StoreLocked, WrongPassphrase
from kingshurst_tui.keyholding import users
from kingshurst_tui.keyholding.needs import Needs, needs
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.trust.conftest import PASSPHRASES, Open


def entries(session: Session) -> list[dict[str, object]]:
    return [json.loads(each.body) for each in session.look(lambda c: list(db.audit.entries(c)))]


def guess(folder: Path, clock: FixedClock, name: str = "coordinator") -> StoreLocked:
    with pytest.raises(StoreLocked) as refused:
        vaults.open_session(folder, name, "not the passphrase at all", clock=clock)
    return refused.value


def test_the_wait_doubles_from_one_second_to_five_minutes() -> None:
    assert [wait_after(failed) for failed in range(11)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert wait_after(10**9) == 300


def test_each_wrong_try_waits_longer_and_the_right_passphrase_waits_too(folder: Path, clock: FixedClock) -> None:
    for wait in (1, 2, 4, 8):
        wrong = guess(folder, clock)
        assert isinstance(wrong, WrongPassphrase)
        assert wrong.again_in == wait
        with pytest.raises(TryLater) as later:
            vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"], clock=clock)
        assert later.value.again_in == wait
        clock.move(timedelta(seconds=wait))
    vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"], clock=clock).close()
    assert guess(folder, clock).again_in == 1, "a right one begins anew"


def test_others_are_not_shut_out(folder: Path, opened: Open, clock: FixedClock) -> None:
    for _ in range(3):
        guess(folder, clock)
        clock.move(timedelta(seconds=10))
    guess(folder, clock)
    opened("supervisor")


def test_the_next_opening_tells_the_trail_how_many_failed(folder: Path, opened: Open, clock: FixedClock) -> None:
    for wait in (1, 2, 4):
        guess(folder, clock)
        clock.move(timedelta(seconds=wait))
    opened("coordinator").close()
    opened("coordinator").close()
    supervisor = opened("supervisor")
    told = [entry for entry in entries(supervisor) if "failed_attempts" in entry["facts"]]  # type: ignore[operator]
    assert [(entry["actor"], entry["facts"]["failed_attempts"]) for entry in told] == [("coordinator", 3)]  # type: ignore[index]
    assert verify_trail(supervisor).holds


def test_an_administrator_is_told_of_names_that_nobody_has(folder: Path, opened: Open, clock: FixedClock) -> None:
    guess(folder, clock, "somebody")
    clock.move(timedelta(seconds=1))
    guess(folder, clock, "somebody-else")
    opened("coordinator").close()
    opened("administrator").close()
    told = [entry for entry in entries(opened("supervisor")) if "failed_attempts" in entry["facts"]]  # type: ignore[operator]
    assert [entry["actor"] for entry in told] == ["administrator"]
    assert told[0]["facts"] | {"failed_attempts": 2, "unknown_names": True} == told[0]["facts"]  # type: ignore[operator]


def test_several_who_sign_in_at_once_all_come_in(folder: Path, clock: FixedClock) -> None:
    with ThreadPoolExecutor(4) as pool:
        coming = [
            pool.submit(vaults.open_session, folder, "coordinator", PASSPHRASES["coordinator"], clock=clock)
            for _ in range(4)
        ]
        for each in coming:
            each.result().close()


def test_no_name_is_written_that_the_header_does_not_have(folder: Path, clock: FixedClock) -> None:
    guess(folder, clock, "somebody else's password")
    assert set(json.loads((folder / FILE).read_text())) == {""}
    assert (folder / FILE).stat().st_mode & 0o077 == 0


def test_going_round_it_gains_guesses_at_the_terminal_and_nothing_else(
    folder: Path, opened: Open, clock: FixedClock
) -> None:
    """Client-enforced: whoever can remove the file has the header, and could guess against that all along."""
    for wait in (1, 2, 4, 8):
        guess(folder, clock)
        clock.move(timedelta(seconds=wait))
    guess(folder, clock)
    (folder / FILE).unlink()
    assert guess(folder, clock).again_in == 1
    slot = read_header(folder).slot("coordinator")
    assert slot is not None
    assert (slot.time, slot.memory_kib) == (3, 64 * 1024), "what each guess costs does not change"


def test_what_is_asked_for_is_known_before_signing_in(folder: Path, clock: FixedClock) -> None:
    assert needs(folder, "coordinator", clock=clock) == Needs()
    guess(folder, clock)
    assert needs(folder, "coordinator", clock=clock) == Needs(again_in=1)
    assert needs(folder, "supervisor", clock=clock) == needs(folder, "nobody", clock=clock) == Needs()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"coordinator": 3}', '{"coordinator": {"failed": "x"}}', "[" * 99999])
def test_a_damaged_count_shuts_nobody_out(folder: Path, opened: Open, text: str) -> None:
    (folder / FILE).write_text(text)
    opened("coordinator")


@given(st.integers(0, 40), st.integers(-(10**7), 10**7))
def test_nobody_waits_longer_than_five_minutes_whatever_the_clock_says(failed: int, moved: int) -> None:
    from tests.conftest import NOON

    before = unlock_attempts.Failures(failed, NOON.isoformat(), NOON.isoformat())
    left = unlock_attempts._seconds_left(before, NOON + timedelta(seconds=moved))
    assert 0 <= left <= wait_after(failed)
    if moved < 0:
        assert left == 0, "a clock that was put back shuts nobody out"


# --- changing and leaving ----------------------------------------------------------------------------------------


def test_a_changed_passphrase_is_in_the_trail(opened: Open) -> None:
    session = opened("practitioner")
    users.change_passphrase(session, "another lantern dry ferry hill")
    last = entries(session)[-1]
    assert (last["operation"], last["thing"], last["actor"]) == ("alter", "user", "practitioner")


def _grants(connection: Connection) -> tuple[list[str], int]:
    statuses = list(connection.exec_driver_sql("SELECT status FROM role_grant ORDER BY id").scalars())
    seals = connection.exec_driver_sql(
        "SELECT count(*) FROM compartment_seal WHERE user_name = 'practitioner'"
    ).scalar()
    return statuses, int(seals or 0)


def test_a_leaver_has_no_way_in_and_what_was_granted_ends(opened: Open, folder: Path) -> None:
    administrator = opened("administrator")
    leaver = opened("practitioner")
    with administrator.act(Operation.ADMINISTER, Thing.USER, reason=Reason(ReasonCode.MAINTENANCE)) as act:
        act.connection.exec_driver_sql(
            "INSERT INTO role_grant (user_name, role, document, granted_by, granted_at, signature, status) VALUES "
            "('practitioner', 'supervisor', '{}', 'administrator', '2026-05-04T11:00:00.000Z', x'00', 'proposed')"
        )
        act.connection.exec_driver_sql(
            "INSERT INTO compartment_seal (name, epoch, user_name, sealed) VALUES ('health', 1, 'practitioner', x'00')"
        )
    users.leave(administrator, "practitioner")
    assert administrator.look(_grants)[0][-1] == "ended"
    assert administrator.look(_grants)[1] == 0
    assert read_header(folder).slot("practitioner") is None
    with (
        pytest.raises(StoreLocked, match="no longer act"),
        leaver.act(Operation.CONSULT, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)),
    ):
        pass
    with pytest.raises(WrongPassphrase):
        vaults.open_session(folder, "practitioner", PASSPHRASES["practitioner"])
    with pytest.raises(InputRejected, match="taken"):
        users.add_user(administrator, "practitioner", "New", "SCH", Role.PRACTITIONER, "lantern wet ferry hill road")
    with pytest.raises(KingshurstError):
        users.set_user_status(administrator, "practitioner", "active")
    assert verify_trail(opened("supervisor")).holds


def test_nobody_leaves_or_suspends_by_their_own_hand_and_others_may_not(opened: Open) -> None:
    with pytest.raises(Refused):
        users.leave(opened("administrator"), "administrator")
    with pytest.raises(Refused):
        users.leave(opened("coordinator"), "practitioner")


def test_on_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own, wrong = tmp_path / "own", tmp_path / "wrong"
    for path, words in ((own, PASSPHRASES["administrator"]), (wrong, "not the passphrase at all")):
        path.write_text(words + "\n")
        path.chmod(0o600)
    who = ["--user", "administrator", "--json", "--passphrase-file"]
    assert main(["user", "leave", str(folder), "practitioner", *who, str(own)]) == 0
    assert json.loads(capsys.readouterr().out)["rotation_due"] is True
    assert main(["user", "list", str(folder), *who, str(wrong)]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "wrong-passphrase"
    assert main(["user", "list", str(folder), *who, str(own)]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "try-later"
