"""The command line prepares a whole panel, lists what it numbers, and fails with the codes of the interface."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui import cli, vaults
from kingshurst_tui.casework import triage
from kingshurst_tui.session import Session
from tests.panels.conftest import QUESTION, open_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.casework.conftest import Town

    Line = Callable[..., dict[str, Any]]


@pytest.fixture
def line(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    """The command line on the town, on its own day."""
    real = vaults.open_session

    def on_the_day(*args: Any, **options: Any) -> Session:
        return real(*args, **(options | {"clock": town.demo.clock}))

    monkeypatch.setattr(vaults, "open_session", on_the_day)

    def run(verb: str, *words: object, by: str = "coordinator", code: int = 0) -> dict[str, Any]:
        file = town.demo.folder / "passphrases" / by
        capsys.readouterr()
        given = ["panel", verb, str(town.demo.store), *map(str, words)]
        assert cli.main([*given, "--user", by, "--passphrase-file", str(file), "--json"]) == code
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def test_a_panel_is_prepared_opened_and_closed_from_the_command_line(town: Town, line: Line) -> None:
    first, second = (each.pseudonym for each in open_people(town, 2))
    triage.set_triage(town.coordinator, first, "panel")
    made = line("new", "--title", "May panel", "--on", "2026-05-18", "--begins", "14:00", "--load", 2)["panel"]
    line("change", made, "--chair", "supervisor", "--minute-taker", "supervisor", code=4)
    line("change", made, "--chair", "supervisor", "--minute-taker", "coordinator", "--must", "police")
    police = line("member", made, "--agency", "WMP", "--account", "supervisor")["member"]
    housing = line("member", made, "--agency", "SCH", "--account", "practitioner")["member"]
    line("member", made, "--agency", "WMFS", "--account", "practitioner", code=4)
    found = line("candidates", made)["candidates"]
    assert first in [each["pseudonym"] for each in found]
    case = line("case", made, first)["case"]
    line("propose", made, second, "--why", QUESTION, by="practitioner")
    other = next(each["number"] for each in line("show", made)["cases"] if each["status"] == "proposed")
    line("accept", other)
    line("move", other, "--to", 1)
    line("reword", case, "--minutes", 12)
    due = line("ask", case, "--agency", "SCH", "--question", "Is there a tenancy?", "--by", "2026-05-14")["requests"]
    assert set(due) <= {each["number"] for each in line("asked", by="practitioner")["requests"]}
    line("answer", *due, "--as", "sent", "--words", "Yes, since 2019", by="practitioner")
    line("view", case, "--known", "She pays her rent", by="practitioner")
    assert [each["known"] for each in line("view", case)["views"]] == [""]
    line("reveal", case, code=4)
    line("reveal", case, "--reason", "the police will speak in the room")
    assert [each["known"] for each in line("view", case)["views"]] == ["She pays her rent"]
    line("interest", housing, "--words", "knows her family", "--step", "stayed", by="practitioner")
    nurse = line("member", made, "--agency", "NHS", "--name", "Invented Nurse")["member"]
    line("attend", nurse, "present")
    (waits,) = line("open", made)["not_counted_yet"]
    assert waits.startswith("Invented Nurse (NHS) does not count yet")
    for member in (police, housing):
        line("confirm", member)
        line("attend", member, "present")
    shown = line("show", made)
    assert shown["quorum"]["met"] is True
    assert [(each["number"], each["slot"]) for each in shown["cases"]] == [(other, "14:00"), (case, "14:06")]
    assert "profile_id" not in json.dumps(shown)
    line("take-off", other, code=4)
    line("close", made, code=4)
    line("close", made, "--reason", "the evening ended at five")
    line("move", case, "--to", 1, code=3)
    listed = {each["panel"]["number"]: each["panel"]["status"] for each in line("list")["panels"]}
    assert listed[made] == "closed"


def test_what_is_not_there_or_not_ones_own_is_refused(line: Line) -> None:
    line("show", 99, code=3)
    line("new", "--title", "May panel", "--on", "2026-05-18", by="practitioner", code=3)
    line("set", "panel.load", 0, "--reason", "nobody has time for it", code=4)
    line("set", "panel.weather", 1, "--reason", "nobody has time for it", code=2)
    assert (
        line("set", "panel.load", 12, "--reason", "we never get through twenty")["settings"]["panel.load"]["value"]
        == 12
    )


def test_lines_for_people_say_what_stands(town: Town, line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    who = open_people(town, 1)[0].pseudonym
    made = line("new", "--title", "May panel", "--on", "2026-05-18", "--begins", "14:00")["panel"]
    line("case", made, who, "--question", QUESTION)
    file = town.demo.folder / "passphrases" / "coordinator"
    common = ["--user", "coordinator", "--passphrase-file", str(file)]
    assert cli.main(["panel", "show", str(town.demo.store), str(made), *common]) == 0
    said = capsys.readouterr().out
    assert f"Panel {made}: May panel, 18 May 2026, 14:00" in said
    assert "14:00 to 14:06" in said
    assert QUESTION in said
