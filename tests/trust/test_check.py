"""``kingshurst check`` names what is wrong, and a store that is not whole stays closed until it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.store import data_file
from kingshurst_tui.cli import main
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import ExitCode
from tests.trust.test_commitments import PAGE, settled_file


def _run(demo: DemoStore, *command: str) -> int:
    who = ["--user", "supervisor", "--passphrase-file", str(demo.folder / "passphrases" / "supervisor"), "--json"]
    return main([command[0], str(demo.store), *command[1:], *who])


@pytest.fixture
def damaged(demo_copy: DemoStore) -> tuple[DemoStore, Path, int]:
    """A store in whose data file one byte of the page in its middle was flipped, and where."""
    file = settled_file(demo_copy)
    at = file.stat().st_size // PAGE // 2 * PAGE + 100
    _flip(file, at)
    return demo_copy, file, at


def _flip(file: Path, at: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        (byte,) = opened.read(1)
        opened.seek(at)
        opened.write(bytes([byte ^ 1]))


def test_a_whole_store_is_said_to_be_whole(demo_copy: DemoStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(demo_copy, "check") == ExitCode.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["whole"] is True
    assert len(answer["checks"]) >= 8


def test_a_flipped_byte_is_named_and_closes_the_store_until_a_check_finds_it_whole(
    damaged: tuple[DemoStore, Path, int], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, file, at = damaged
    assert _run(demo, "check") == ExitCode.INTEGRITY
    wrong = json.loads(capsys.readouterr().out)["error"]
    assert "pages of the data" in wrong["detail"]

    assert _run(demo, "agenda") == ExitCode.INTEGRITY
    assert "kingshurst restore" in json.loads(capsys.readouterr().out)["error"]["hint"]

    _flip(file, at)
    assert _run(demo, "check") == ExitCode.DONE
    assert _run(demo, "agenda") == ExitCode.DONE


def test_a_missing_file_is_named(demo_copy: DemoStore, capsys: pytest.CaptureFixture[str]) -> None:
    settled_file(demo_copy)
    data_file(demo_copy.store, 1).with_name("person-keys.1.db").unlink()
    assert _run(demo_copy, "check") == ExitCode.INTEGRITY
    assert "person-keys.1.db is not there" in json.loads(capsys.readouterr().out)["error"]["detail"]
