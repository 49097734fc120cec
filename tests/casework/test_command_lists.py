"""What the command line lists so that another command can be told its numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui import cli
from kingshurst_tui.casework import agenda
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import UsageError

if TYPE_CHECKING:
    from tests.casework.conftest import Town


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
