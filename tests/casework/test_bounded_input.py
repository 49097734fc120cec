"""Numbers and files that no store could mean: said in words, with the exit code of the documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui import cli

if TYPE_CHECKING:
    from pathlib import Path


TOO_LONG = "12345678901234567890"

NUMBERED = (
    ("pairs", "show", "STORE", TOO_LONG),
    ("pairs", "list", "STORE", "--limit", TOO_LONG),
    ("pairs", "list", "STORE", "--offset", TOO_LONG),
    ("action", "done", "STORE", TOO_LONG),
    ("action", "not-done", "STORE", TOO_LONG, "--because", "no-resource"),
    ("action", "add", "STORE", "KH", "--text", "a", "--agency", "SCH", "--due", "2026-05-05", "--decision", TOO_LONG),
    ("reopened", "looked-at", "STORE", TOO_LONG),
    ("recall", "STORE", TOO_LONG),
    ("ground", "confirm", "STORE", TOO_LONG),
    ("ground", "reject", "STORE", TOO_LONG),
    ("consent", "settle", "STORE", TOO_LONG),
    ("consent", "withdraw", "STORE", TOO_LONG, "--evidence", "a letter"),
    ("incident", "join", "STORE", "1", TOO_LONG),
    ("people", "STORE", "--from", TOO_LONG),
    ("people", "STORE", "--limit", TOO_LONG),
    ("profile", "STORE", "KH", "--lift", TOO_LONG),
    ("audit", "list", "STORE", "--before", TOO_LONG),
)
"""Every number that a person types, in one command each."""


@pytest.mark.parametrize("words", NUMBERED, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("number", [TOO_LONG, "9" * 5000, "-1", "1e3", "٣", "0x1", ""])
def test_a_number_that_is_none_is_a_mistake_of_usage(
    words: tuple[str, ...], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [number if word == TOO_LONG else word for word in words]
    assert cli.main([*given, "--json"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == "usage"
    assert len(said.err) < 600


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"version": 1, "fields": ' + "[" * 100_000,
        '{"fields": {}, "version": 1e999}',
    ],
)
def test_a_decision_file_of_brackets_is_rejected(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "decision.json"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["decision", "sign", "STORE", "KH-0000-0000", "--file", str(file), "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "rejected"
