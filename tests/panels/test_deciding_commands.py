"""The command line decides, goes on over a stop, signs for all, dissents, decides urgently, shows what was seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui import cli, vaults
from kingshurst_tui.casework.decision_form import DISCUSSED
from tests.panels.deciding import FIELDS, begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kingshurst_tui.session import Session
    from tests.panels.conftest import Meeting

    Line = Callable[..., str]

WHY = "It cannot wait for another month."


@pytest.fixture
def line(meeting: Meeting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    """The command line on the town, on its own day; returns what it prints."""
    real, demo = vaults.open_session, meeting.town.demo

    def on_the_day(*args: Any, **options: Any) -> Session:
        return real(*args, **(options | {"clock": demo.clock}))

    monkeypatch.setattr(vaults, "open_session", on_the_day)

    def run(command: str, *words: object, by: str = "coordinator", code: int = 0) -> str:
        capsys.readouterr()
        file = demo.folder / "passphrases" / by
        given = [*command.split(), str(demo.store), *map(str, words), "--user", by, "--passphrase-file", str(file)]
        got = cli.main(given)
        out = capsys.readouterr()
        assert got == code, out.err
        return out.out + out.err

    return run


def test_a_case_is_decided_signed_disputed_and_looked_at_again(meeting: Meeting, line: Line, tmp_path: Path) -> None:
    begin(meeting, without=(meeting.police,))
    who, case = meeting.people[0].pseudonym, meeting.first
    form = json.loads(line("decision form", who, "--case", case, "--json"))["form"]
    assert form["stops"][0]["code"] == "no-quorum"
    file = tmp_path / "decision.json"
    file.write_text(json.dumps({"version": form["version"], "fields": FIELDS}), "utf-8")
    sign = ("decision sign", who, "--file", file, "--case", case, "--mark-the-rest")
    assert "stopped" in line(*sign, code=3)
    line("going-on ask", who, "no-quorum", "--case", case, "--why", WHY)
    assert WHY in line("going-on list", by="supervisor")
    line("going-on agree", 1, by="supervisor")
    assert "without the panel's quorum" in line(*sign)
    line("panel defer", meeting.second, "--reason", "Nobody of the school could come.")
    assert "made by coordinator" in line("panel manifest", meeting.number, "--make")
    line("panel sign", meeting.number, by="practitioner")
    shown = line("panel sign", meeting.number, "--member", meeting.health, "--stance", "abstains")
    assert "entered by coordinator for Invented Nurse" in shown
    number = json.loads(line("decision list", "--json"))["decisions"][0]["number"]
    words = ("--position", "Another should lead.", "--grounds", "We know them better.", "--missing", "no")
    assert "with the chair" in line("dissent make", number, *words, "--alternative", "no", by="practitioner")
    line("dissent stand", 1, "--words", "The agencies agree to differ.", "--version", 1, by="supervisor", code=3)
    line("dissent stand", 1, "--words", "The agencies agree to differ.", "--version", 1, by="practitioner")
    assert "0 dissents" in line("dissent list")
    assert "agree to differ" in line("dissent list", "--closed")
    assert f"decision {number} names this digest" in line("panel seen", case, by="supervisor")
    assert "rules:" in line("panel similar", case)


def test_two_agencies_decide_from_the_command_line(meeting: Meeting, line: Line, tmp_path: Path) -> None:
    who = meeting.people[0].pseudonym
    version = json.loads(line("decision form", who, "--json"))["form"]["version"]
    file = tmp_path / "decision.json"
    file.write_text(json.dumps({"version": version, "fields": FIELDS, "not_discussed": list(DISCUSSED)}), "utf-8")
    assert "waits for a second agency" in line("urgent sign", who, "--file", file, "--why", WHY, by="practitioner")
    line("urgent refuse", 1, by="practitioner", code=3)
    assert "in force" in line("urgent agree", 1, by="supervisor")
    begin(meeting)
    assert "ratified" in line("urgent ratify", 1, meeting.number)
    assert "ratified" in line("urgent list", by="supervisor")
