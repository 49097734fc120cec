"""One store and everything done to it under strace; a new store made, recovered and rotated at a terminal under it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kingshurst_tui.demo.build import DemoStore
from tests.conftest import ROOT
from tests.screens.terminals import Terminal, started
from tests.trust import tracing
from tests.trust.needles import PLANTED, forms_of_recovery_key, keys_in

PROGRAM = f"""
import sys
from kingshurst_tui.cli import main
from screens.home import HomeScreen
def crash(self):
    record = {PLANTED!r}
    raise RuntimeError("planted " + record)
HomeScreen.action_reload = crash
sys.exit(main(sys.argv[1:]))
"""

KEY = re.compile(rb"(?:[0-9A-Z]{5}-){6}[0-9A-Z]{5}")
FIRST, SECOND = "seven herons by the towpath gate", "a later lantern over wet slates"
"""The passphrase of the new store's administrator, and the one after the recovery key was needed."""


class Run:
    """One store, everything done to it under strace."""

    def __init__(self, demo: DemoStore, folder: Path) -> None:
        self.demo = demo
        self.folder = folder
        self.home = folder / "home"
        self.working = folder / "working"
        self.printed = b""
        self.seen_from_outside = b""
        self.elsewhere = folder / "elsewhere"
        self.logs: list[Path] = []
        self.traces: list[tracing.Trace] = []
        self.begun = self.elsewhere / "begun"
        self.shown_once = b""
        self.secrets: dict[str, bytes] = {}
        """What is no more when the run has ended, or belongs to the store that was begun: passphrases and keys."""
        for made in (self.home, self.working, self.elsewhere, folder / "tmp"):
            made.mkdir()
        (folder / "program.py").write_text(PROGRAM)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(folder / "tmp"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def log(self) -> Path:
        self.logs.append(self.folder / f"{len(self.logs)}.strace")
        return self.logs[-1]

    def signed_in(self, user: str) -> list[str]:
        return ["--user", user, "--passphrase-file", str(self.demo.folder / "passphrases" / user)]

    def command(self, verb: str, *given: str, user: str = "coordinator", may_be: tuple[int, ...] = (0,)) -> bytes:
        return self.bare(*verb.split(), str(self.demo.store), *given, user=user, may_be=may_be)

    def bare(self, *given: str, user: str, may_be: tuple[int, ...] = (0,)) -> bytes:
        command = [sys.executable, "-m", "kingshurst_tui", *given, *self.signed_in(user)]
        done = subprocess.run(
            tracing.traced(command, self.log()),
            cwd=self.working,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode in may_be, done.stderr
        self.printed += done.stderr
        return done.stdout

    def trace(self) -> Iterator[tracing.Trace]:
        """Yield what each command of the run did; what strace wrote is read once, when the run has ended."""
        for log in self.logs[len(self.traces) :]:
            self.traces.append(tracing.read(log))
        yield from self.traces

    @contextmanager
    def at_a_terminal(self, *given: str) -> Iterator[Terminal]:
        """Run a command in a terminal, to its end, which is a good one."""
        command = tracing.traced([sys.executable, "-m", "kingshurst_tui", *given], self.log())
        with started(command, environment=self.environment) as terminal:
            yield terminal
            assert terminal.end() == 0
            self.printed += terminal.received


def begin(run: Run) -> None:
    """Make a store, let its administrator in again by the recovery key, and give it new keys; all of it typed."""
    store, about = str(run.begun), run.secrets
    about |= {"first passphrase": FIRST.encode(), "second passphrase": SECOND.encode()}
    with run.at_a_terminal("init", store, "--user", "adm", "--agency", "SMBC") as terminal:
        answer(terminal, {"New passphrase of adm": FIRST, "Once more": FIRST})
        terminal.wait_for("Press Enter")
        (run.shown_once,) = KEY.findall(terminal.received)
        terminal.type("\r")
        terminal.wait_for("Recovery key:")
        # In another form than it was shown in: what is typed here, the terminal shows.
        terminal.type(run.shown_once.decode().lower().replace("-", " ") + "\r")
        terminal.wait_for("was tried and opens it")
    about |= forms_of_recovery_key(run.shown_once.decode())
    about |= keys_in(run.begun, "adm", FIRST, " at first")
    with run.at_a_terminal("recover", store, "--user", "adm") as terminal:
        typed = {"Recovery key": run.shown_once.decode(), "New passphrase of adm": SECOND, "Once more": SECOND}
        answer(terminal, typed)
        terminal.wait_for("has a new passphrase")
    with run.at_a_terminal("rotate", store, "--user", "adm") as terminal:
        answer(terminal, {"Passphrase of adm": SECOND})
        terminal.wait_for("The store has new keys")
    rotated = keys_in(run.begun, "adm", SECOND, " after rotation")
    assert rotated["data key after rotation"] != about["data key at first"]
    about |= rotated


def answer(terminal: Terminal, typed: dict[str, str]) -> None:
    """Type what is asked for, each when it is asked."""
    for asked, words in typed.items():
        terminal.wait_for(asked)
        terminal.type(words + "\r")
