"""What the command line lists so that another command can be told its numbers."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui import cli, vaults
from kingshurst_tui.casework import agenda
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import UsageError
from kingshurst_tui.session import Session

if TYPE_CHECKING:
    from tests.casework.conftest import Town


@pytest.fixture
def line(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line on the town, on its own day."""
    real = vaults.open_session

    def on_the_day(*args: Any, **options: Any) -> Session:
        return real(*args, **(options | {"clock": town.demo.clock}))

    monkeypatch.setattr(vaults, "open_session", on_the_day)

    def run(*words: str, code: int = 0) -> dict[str, Any]:
        file = town.demo.folder / "passphrases" / "coordinator"
        capsys.readouterr()
        assert cli.main([*words, "--user", "coordinator", "--passphrase-file", str(file), "--json"]) == code
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def test_incidents_are_listed_with_the_numbers_that_joining_takes(town: Town, line: Any) -> None:
    store, pseudonym = str(town.demo.store), next(each.pseudonym for each in town.lines("flagged") if each.is_open)
    listed = line("incident", "list", store, pseudonym)["incidents"]
    profile = line("profile", store, pseudonym)["profile"]
    numbers = [one["contact"] for incident in listed for one in incident["contacts"]]
    assert sorted(numbers) == sorted(row["contact_id"] for row in profile["timeline"])
    alone = [incident["contacts"][0]["contact"] for incident in listed if len(incident["contacts"]) == 1][:2]
    line("incident", "join", store, *map(str, alone), "--reason", "the same call, told twice")
    after = line("incident", "list", store, pseudonym)["incidents"]
    assert set(alone) in [{one["contact"] for one in incident["contacts"]} for incident in after]


def test_a_rule_that_is_none_is_refused(town: Town) -> None:
    with pytest.raises(UsageError, match="no rule of that code") as refused:
        agenda.open_agenda(town.coordinator, rule="zzz")
    assert "repeat-contact" in refused.value.hint
    assert agenda.open_agenda(town.coordinator, rule="repeat-contact").rows


def test_lines_name_everybody_by_pseudonym_and_say_days_in_words(
    town: Town, line: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = line("agenda", str(town.demo.store))["rows"]
    opened = next(row for row in rows if row["is_open"])
    file = str(town.demo.folder / "passphrases" / "coordinator")
    signed_in = ("--user", "coordinator", "--passphrase-file", file)
    assert cli.main(["agenda", str(town.demo.store), *signed_in]) == 0
    said = capsys.readouterr().out
    for row in rows:
        (found,) = [each for each in said.splitlines() if each.startswith(row["pseudonym"])]
        assert row["name"] in found
    born = line("profile", str(town.demo.store), opened["pseudonym"])["profile"]["who"]["born"]
    assert cli.main(["profile", str(town.demo.store), opened["pseudonym"], *signed_in]) == 0
    said = capsys.readouterr().out
    assert born
    for each in born:
        assert each["value"] == date.fromisoformat(each["value"]).isoformat()
        assert f"Born:         {say_date(date.fromisoformat(each['value']))}" in said
        assert each["value"] not in said
