"""A clock that is set back: the act goes on, its entry says so, and supervisors see it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

import db.audit
import db.users
from db.trail import TrailFilter
from kingshurst_tui import cli, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.oversight.trail import open_trail, verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.trust.conftest import PASSPHRASES, Open, folder, opened, pristine

__all__ = ["folder", "opened", "pristine"]


def _act(session: Session, value: str) -> None:
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE)) as act:
        act.write(db.users.put_setting, "note", value)


def _said(session: Session) -> dict[int, int]:
    """Return by how much which entries say that the clock was set back."""
    page = open_trail(session, TrailFilter())
    return {line.seq: line.facts[db.audit.SET_BACK] for line in page.lines if db.audit.SET_BACK in line.facts}


def test_the_entry_after_the_clock_was_set_back_says_by_how_much(opened: Open, clock: FixedClock) -> None:
    administrator, supervisor = opened("administrator"), opened("supervisor")
    _act(administrator, "before")
    clock.move(timedelta(days=-3))
    _act(administrator, "while it is wrong")
    clock.move(timedelta(minutes=5))
    _act(administrator, "still wrong")
    clock.move(timedelta(days=3))
    _act(administrator, "put right")
    assert administrator.look(db.users.get_setting, "note") == "put right"
    size = administrator.look(db.audit.size)
    assert _said(supervisor) == {size - 2: 3 * 24 * 3600}
    found = verify_trail(supervisor)
    assert (found.holds, found.set_back) == (True, 1)


@pytest.mark.parametrize("by", [timedelta(0), timedelta(milliseconds=-900), timedelta(seconds=-2)])
def test_a_clock_that_is_put_right_by_a_little_is_no_news(opened: Open, clock: FixedClock, by: timedelta) -> None:
    administrator = opened("administrator")
    _act(administrator, "before")
    clock.move(by)
    _act(administrator, "after")
    assert verify_trail(administrator).set_back == 0


def test_the_supervisor_is_told_by_the_command_line(
    folder: Path, clock: FixedClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.move(timedelta(days=365 * 60))  # the clock of the machine that runs this test is behind it for long
    session = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"], clock=clock)
    _act(session, "before")
    session.close()
    clock.move(timedelta(hours=-2))
    session = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"], clock=clock)
    _act(session, "after")
    session.close()
    key = tmp_path / "supervisor"
    key.write_text(PASSPHRASES["supervisor"] + "\n")
    key.chmod(0o600)
    common = [str(folder), "--user", "supervisor", "--passphrase-file", str(key)]
    assert cli.main(["audit", "verify", *common]) == 0
    assert "Before 1 of them the machine's clock was set back." in capsys.readouterr().out
    assert cli.main(["audit", "list", *common]) == 0
    assert "the machine's clock was set back by 7,200 seconds before this entry" in capsys.readouterr().out
    assert cli.main(["audit", "verify", *common, "--json"]) == 0
    # Reading the list was an entry too, at the time of this machine.
    assert json.loads(capsys.readouterr().out)["clock_set_back"] == 2
