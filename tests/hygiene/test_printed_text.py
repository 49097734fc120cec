"""The command line prints a stranger's text as text: no terminal obeys it."""

from __future__ import annotations

import json

import pytest

from kingshurst_tui import cli
from kingshurst_tui.commands.common import Answer
from kingshurst_tui.errors import InputRejected

HOSTILE = "Ann\x1b]0;pwned\x07 \x1b[31m\u202egnoW\u202c \x9b2J end"


def test_lines_and_json_and_errors_hold_nothing_that_steers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli._print(Answer({"name": HOSTILE}, (HOSTILE,)), as_json=False)
    cli._print(Answer({"name": HOSTILE}, (HOSTILE,)), as_json=True)
    cli._print_error(InputRejected(HOSTILE, HOSTILE, HOSTILE), as_json=True)
    printed = capsys.readouterr()
    for bad in ("\x1b", "\x07", "\u202e", "\x9b"):
        assert bad not in printed.out + printed.err
    assert json.loads(printed.out.splitlines()[1])["name"] == HOSTILE
