"""Minutes and what leaves, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui.panels import meetings
from tests.casework.conftest import Town, line
from tests.panels.conftest import Meeting, meeting
from tests.panels.deciding import begin, decide

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

__all__ = ["line", "meeting"]


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


Line = Callable[..., Any]


@pytest.fixture
def said(town: Town, line: Line) -> Line:
    """The command line on the town's store, as whoever is named."""

    def run(user: str, command: str, verb: str, *more: str, code: int = 0) -> Any:
        return line(command, verb, str(town.demo.store), *more, user=user, code=code)

    return run


def test_minutes_from_the_first_draft_to_everybody_s_copy(
    meeting: Meeting, said: Line, out: Path, tmp_path: Path
) -> None:
    begin(meeting)
    decide(meeting)
    meetings.close_panel(meeting.town.coordinator, meeting.number, "There was no time for the other")
    panel = str(meeting.number)
    drafted = said("coordinator", "minutes", "draft", panel)["minutes"]
    assert drafted["status"] == "draft"
    again = said("coordinator", "minutes", "draft", panel, code=3)
    assert again["error"]["title"] == "The minutes are drafted already."
    words = tmp_path / "words.txt"
    words.write_text("The date of the next panel was changed.\nBy the chair.", "utf-8")
    edited = said("coordinator", "minutes", "edit", panel, "matters", "--file", str(words))["minutes"]
    assert edited["fields"]["matters"].startswith("The date of the next panel")
    assert said("practitioner", "minutes", "approve", panel)["minutes"]["signature_holds"] is True
    into = ("--into", str(out), "--why", "For everybody who was asked")
    sent = said("coordinator", "minutes", "circulate", panel, "--form", "html", *into)
    assert {each["agency"] for each in sent["copies"]} == {"WMP", "SCH", "NHS"}
    assert all(Path(each["path"]).exists() for each in sent["copies"])
    one = sent["copies"][0]
    found = said("supervisor", "disclose", "mark", one["mark"])["disclosure"]
    assert found["number"] == sent["disclosure"]
    back = said("supervisor", "disclose", "call-back", str(found["number"]), "--why", "Sent to the wrong person")
    assert back["disclosure"]["state"] == "called-back"
    corrected = said("coordinator", "minutes", "correct", panel, "--why", "One date is wrong")["minutes"]
    assert corrected["version"] == 2
    assert said("coordinator", "minutes", "show", panel, "--version", "1")["minutes"]["status"] == "approved"


def test_packs_columns_and_letters(meeting: Meeting, said: Line, out: Path, tmp_path: Path) -> None:
    into = ("--into", str(out), "--why", "For everybody who is asked")
    packs = said("coordinator", "disclose", "pack", str(meeting.number), "--form", "txt", *into)
    assert len(packs["copies"]) == 3
    begin(meeting)
    decide(meeting)
    pseudonym = meeting.people[0].pseudonym
    written = tmp_path / "letter.json"
    words = {"because": "They know you best.", "next_steps": "Sam visits you.", "reply_to": "Sam, 0121 496 0000"}
    written.write_text(json.dumps(words), "utf-8")
    letter = ("--file", str(written), "--form", "docx", *into)
    assert said("coordinator", "disclose", "letter", pseudonym, *letter)["copies"][0]["agency"] == ""
    assert said("coordinator", "disclose", "summary", pseudonym, *letter)["ok"]
    written.write_text('["no", "object"]', "utf-8")
    assert not said("coordinator", "disclose", "letter", pseudonym, *letter, code=4)["ok"]
    refused = said("coordinator", "disclose", "columns", "NOBODYS", "--name", "X", *into, code=3)
    assert refused["error"]["title"] == "There is no agreement of that name."
    listed = said("governance", "disclose", "list")["disclosures"]
    assert [each["kind"] for each in listed] == ["summary", "letter", "pack"]
    assert not said("practitioner", "disclose", "list", code=3)["ok"]
