"""The commands of the room: what they print, what they exit with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import cli
from tests.intake.conftest import CONTACT_COLUMNS, PASSPHRASE, Town, agreement, csv_text, incident

GOOD = csv_text(list(CONTACT_COLUMNS), [incident(1), incident(2)])


class Line:
    """The command line, on one store."""

    def __init__(self, town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._town, self._folder, self._capsys = town, tmp_path, capsys

    def __call__(self, user: str, *words: str, code: int = 0) -> dict[str, Any]:
        passphrase = self._folder / f"{user}.passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(PASSPHRASE.format(user), encoding="utf-8")
        given = [*words, "--user", user, "--passphrase-file", str(passphrase), "--json"]
        assert cli.main(given) == code
        answer: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        assert answer["ok"] is (code == 0)
        return answer


@pytest.fixture
def line(own_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(own_town, tmp_path, capsys)


def test_from_an_agreement_to_a_recall(own_town: Town, line: Line) -> None:
    town = own_town
    # The commands run on the day itself, so the terms must hold on it.
    terms = str(town.file(agreement(rag="green", starts="@2020-01-01", expires="@2099-12-31"), "terms.toml"))
    store = str(town.folder)
    assert line("governance", "agreement", "add", store, terms, "--check")["problems"] == []
    assert line("governance", "agreement", "add", store, terms)["agreements"][0]["state"] == "live"
    extract = str(town.file(GOOD, "first.csv"))
    checked = line("coordinator", "import", store, extract, "--agreement", "WMP-TEST", "--check")
    assert (checked["status"], checked["batch"]) == ("would-be-accepted", None)
    done = line("coordinator", "import", store, extract, "--agreement", "WMP-TEST", "--as-at", "2026-03-31")
    assert (done["batch"], done["rows_accepted"]) == (1, 2)
    assert done["quality"]["rows"]["accepted"] == 2
    shown = line("supervisor", "agreement", "show", store, "WMP-TEST")
    assert shown["batches"][0]["as_at"] == "2026-03-31"
    listed = line("coordinator", "batch", "list", store)["batches"]
    assert [(each["batch"], each["agreement"], each["status"], each["rows"]) for each in listed] == [
        (1, "WMP-TEST", "accepted", 2)
    ]
    assert line("coordinator", "batch", "list", store, "--agreement", "WMP-TEST")["batches"] == listed
    line("coordinator", "batch", "list", store, "--agreement", "NO-SUCH", code=3)
    rough = line("practitioner", "batch", "list", store)["batches"][0]
    assert (rough["rows"], rough["rows_read"], rough["rows_are_exact"]) == (None, None, False)
    assert line("practitioner", "agreement", "show", store, "WMP-TEST")["batches"] == [rough]
    assert shown["algo_care"][0]["head"] == "Advisory"
    again = line("coordinator", "import", store, extract, "--agreement", "WMP-TEST", code=4)
    assert again["error"]["code"] == "rejected"
    assert line("coordinator", "recall", store, "1", "--check")["built"]["contacts"] == 2
    assert line("coordinator", "recall", store, "1")["recalled"] is True
    line("coordinator", "recall", store, "1", code=3)
    line("supervisor", "agreement", "suspend", store, "WMP-TEST", code=2)
    shown = line("supervisor", "agreement", "suspend", store, "WMP-TEST", "--reason", "an incident")
    assert shown["agreement"]["why"] == "suspended by supervisor: an incident"
    line("supervisor", "agreement", "suspend", store, "WMP-TEST", "--why", "an incident")
    shut = line("coordinator", "import", store, extract, "--agreement", "WMP-TEST", code=3)
    assert "an incident" in shut["error"]["title"]
    assert line("governance", "agreement", "list", store)["agreements"][0]["state"] == "suspended"
    assert line("governance", "agreement", "sign", store, "WMP-TEST")["agreement"]["state"] == "live"


def test_what_is_wrong_is_said_with_the_documented_exit_codes(own_town: Town, line: Line) -> None:
    town = own_town
    store = str(town.folder)
    terms = str(town.file(agreement(rag="red", reference="WMP-RED"), "red.toml"))
    assert line("governance", "agreement", "add", store, terms, code=3)["error"]["code"] == "refused"
    terms = str(town.file(agreement(title="", gateway=""), "bad.toml"))
    wrong = line("governance", "agreement", "add", store, terms, "--check", code=4)
    assert "bad.toml: agreement.title is empty" in wrong["error"]["detail"]
    terms = str(town.file(agreement(starts="@2020-01-01", expires="@2099-12-31"), "good.toml"))
    line("governance", "agreement", "add", store, terms)
    bad = str(town.file(csv_text(list(CONTACT_COLUMNS), [incident(1, Date="x")]), "bad.csv"))
    for words in (("--check",), ()):
        found = line("coordinator", "import", store, bad, "--agreement", "WMP-TEST", *words, code=4)
        assert "not a date" in found["error"]["detail"]
    line("coordinator", "import", store, bad, "--agreement", "NO-SUCH", code=3)
    line("practitioner", "import", store, bad, "--agreement", "WMP-TEST", code=3)
