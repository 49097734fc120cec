"""The command line's way to the same: link, model, pairs; no name of a masked person in any of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import cli
from kingshurst_tui.errors import ExitCode
from tests.linkage.conftest import PASSPHRASE, Room
from tests.linkage.test_run import JACK

SECRETS = ("Jack", "Harry", "Pemberton", "2009-06-14", "Marston", "B37 5QT")


class Line:
    """A command line on one store."""

    def __init__(self, room: Room, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.room, self.folder, self.capsys = room, folder, capsys

    def __call__(self, *words: str, role: str = "coordinator", code: ExitCode = ExitCode.DONE) -> dict[str, Any]:
        secret = self.folder / role
        secret.write_text(PASSPHRASE.format(role) + "\n")
        os.chmod(secret, 0o600)
        command, rest = (words[:1], words[1:]) if words[0] == "link" else (words[:2], words[2:])
        given = [*command, str(self.room.folder), *rest, "--user", role, "--passphrase-file", str(secret), "--json"]
        assert cli.main(given) == code
        printed = self.capsys.readouterr()
        assert not [name for name in SECRETS if name in printed.out + printed.err]
        found: dict[str, Any] = json.loads(printed.out)
        return found


@pytest.fixture
def line(room: Room, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    # The command line goes by the machine's own day; these gates are open on any.
    room.run("UPDATE gate SET closes = '2099-12-31'")
    return Line(room, tmp_path, capsys)


def test_linking_and_deciding_from_the_command_line(line: Line) -> None:
    one, other = line.room.add("WMP", **JACK), line.room.add("SCH", **JACK | {"forename": "Harry"})
    line.room.add("EDU", **JACK)
    made = line("link")
    assert (made["ok"], made["clear"], made["review"], made["new"]) == (True, 1, 1, made["profiles"])
    again = line("link")
    assert (again["new"], again["unchanged"]) == (0, made["profiles"])

    queue = line("pairs", "list", role="supervisor")
    assert queue["waiting"] == 1
    pair = queue["pairs"][0]
    assert pair["masked"]
    assert pair["warnings"]
    shown = line("pairs", "show", str(pair["pair"]))["pair"]
    assert {step["field"] for step in shown["steps"]} >= {"Beforehand", "Forename", "Surname and home"}

    preview = line("pairs", "decide", str(pair["pair"]), "link", "--preview")
    assert (preview["profiles"], preview["profiles_now"], preview["profiles_after"]) == ([], 2, 1)
    without = line("pairs", "decide", str(pair["pair"]), "link", code=ExitCode.REJECTED)
    assert without["error"]["code"] == "rejected"
    done = line("pairs", "decide", str(pair["pair"]), "link", "--reason", "the school rang")
    assert done["verdict"] == "link"
    assert line.room.profile_of(one) == line.room.profile_of(other)

    [[pseudonym]] = line.room.ask("SELECT pseudonym FROM profile WHERE id = ?", line.room.profile_of(one))
    parted = line("pairs", "split", pseudonym, str(other), "--reason", "a twin after all")
    assert parted["verdict"] == "split"
    assert line.room.profile_of(one) != line.room.profile_of(other)


def test_refusals_have_their_exit_code(line: Line) -> None:
    refused = line("link", role="practitioner", code=ExitCode.REFUSED)
    assert refused["error"]["code"] == "refused"
    missing = line("pairs", "show", "999999", code=ExitCode.REFUSED)
    assert missing["error"]["code"] == "none"


def test_the_model_says_what_it_is_and_who_approved_it(line: Line) -> None:
    shown = line("model", "show", role="governance")
    assert shown["algo_care"]["status"] == "approved"
    assert shown["algo_care"]["approved_by"] == "governance"
    assert shown["metadata"]["trained_on"]
    assert len(shown["algo_care"]["answers"]) == 31
