"""At a terminal the recovery key is shown once, typed back from paper, and gone from the screen afterwards."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from pathlib import Path

import pytest

from db.vault import read_header
from tests.conftest import ROOT

pty = pytest.importorskip("pty", reason="pseudo-terminals are of POSIX systems")
WORDS = "administrator lantern wet ferry hill"
KEY = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){6}[0-9A-HJKMNP-TV-Z]{5}")
CLEAR = "\x1b[H\x1b[2J\x1b[3J"


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *args: str) -> None:
        self.text = ""
        self.process, self._fd = pty.fork()
        if not self.process:  # pragma: no cover - the other process
            os.chdir(ROOT)
            os.execv(sys.executable, [sys.executable, "-m", "kingshurst_tui", *args])  # noqa: S606

    def until(self, words: str) -> str:
        """Read until something is asked, and return all that was written."""
        end = time.monotonic() + 60
        while words not in self.text and time.monotonic() < end:
            if select.select([self._fd], [], [], 1)[0]:
                try:
                    self.text += os.read(self._fd, 65536).decode()
                except OSError:
                    break
        assert words in self.text, self.text
        return self.text

    def type(self, line: str) -> None:
        """Type a line."""
        self.text = ""
        os.write(self._fd, (line + "\n").encode())

    def ended(self) -> int:
        """Return the exit code."""
        while True:
            try:
                found = os.read(self._fd, 65536)
            except OSError:
                break
            if not found:
                break
            self.text += found.decode()
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def begin(store: Path) -> tuple[Terminal, str]:
    """Make a store up to where its recovery key is to be typed back."""
    terminal = Terminal("init", str(store), "--user", "adm", "--agency", "SMBC")
    terminal.until("New passphrase of adm: ")
    terminal.type(WORDS)
    terminal.until("Once more: ")
    terminal.type(WORDS)
    shown = terminal.until("Press Enter")
    found = KEY.search(shown)
    assert found is not None
    assert read_header(store).recovery is None, "it does not count yet"
    terminal.type("")
    asked = terminal.until("Recovery key: ")
    assert asked.index(CLEAR) < asked.index("Now type it back")
    return terminal, found[0]


def test_it_is_typed_back_with_the_wrong_group_named_and_the_screen_emptied(tmp_path: Path) -> None:
    terminal, key = begin(tmp_path / "store")
    groups = key.split("-")
    groups[2] = ("0" if groups[2][0] != "0" else "1") + groups[2][1:]
    terminal.type("-".join(groups))
    assert "Group 3 is not as printed" in terminal.until("Recovery key: ")
    terminal.type(key.lower().replace("-", " "))
    assert terminal.ended() == 0
    after = terminal.text[terminal.text.rindex(CLEAR) :]
    assert not KEY.search(after)
    assert "was tried and opens it" in after
    assert read_header(tmp_path / "store").recovery is not None


def test_one_that_is_not_typed_back_does_not_count_and_the_store_says_what_to_do(tmp_path: Path) -> None:
    terminal, _ = begin(tmp_path / "store")
    terminal.type("I lost it")
    for _ in range(2):
        terminal.until("Recovery key: ")
        terminal.type("I lost it")
    assert terminal.ended() == 4
    assert "kingshurst user recovery" in terminal.text
    assert read_header(tmp_path / "store").recovery is None
