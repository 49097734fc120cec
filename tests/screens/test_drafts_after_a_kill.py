"""The real program in a terminal, killed while somebody writes a decision: what was typed is there again."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import verify_trail
from tests.conftest import ROOT

pty = pytest.importorskip("pty", reason="only systems with pseudo-terminals")
pytest.importorskip("pyte")

from tests.screens.terminals import Terminal  # noqa: E402  needs a pseudo-terminal

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from functools import partial
from pathlib import Path
from screens.launch import run_terminal
def open_session(user, passphrase):
    from kingshurst_tui import vaults
    from kingshurst_tui.clock import FixedClock
    from tests.conftest import NOON
    return vaults.open_session(Path({folder!r}), user, passphrase, clock=FixedClock(NOON))
sys.exit(run_terminal(open_session, user_name="coordinator", store_name="a town", demo=True,
                      sign_in=partial(open_session, "coordinator", {passphrase!r})))
"""
TYPED = "They asked for one visitor"
DOWN = "\x1b[B"


@contextmanager
def running(town: DemoStore) -> Iterator[Terminal]:
    """Run the program in a terminal; it is killed, if nobody did so before."""
    source = PROGRAM.format(root=str(ROOT), folder=str(town.store), passphrase=town.passphrases["coordinator"])
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        os.execv(sys.executable, [sys.executable, "-c", source])  # noqa: S606  the program itself
    terminal = Terminal(pid, descriptor)
    try:
        yield terminal
    finally:
        os.close(descriptor)
        if terminal.pid:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def kill(terminal: Terminal) -> None:
    """Kill the program as a power cut would."""
    os.kill(terminal.pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == -signal.SIGKILL
    terminal.pid = 0


def write_a_decision(terminal: Terminal, pseudonym: str, at: int) -> None:
    """Go to the decision form of somebody on the agenda, by keys alone."""
    terminal.wait_for("coordinator (coordinator, KTP)")
    terminal.type("2")
    terminal.wait_for("By ")
    terminal.type(DOWN * at + "\r")
    terminal.wait_for(pseudonym)
    terminal.wait_for("Overview")
    terminal.type("n")
    terminal.wait_for("Write a decision")
    terminal.type(DOWN * 2 + "\r")
    terminal.wait_for("Nothing is chosen for you")
    terminal.wait_for("Why this agency")


def test_what_was_typed_when_the_program_was_killed_is_in_the_form_again(town_copy: DemoStore) -> None:
    with town_copy.signed_in("coordinator") as session:
        rows = open_agenda(session).rows
    at = next(number for number, row in enumerate(rows) if row.is_open)
    with running(town_copy) as terminal:
        write_a_decision(terminal, rows[at].pseudonym, at)
        terminal.type("\t")
        terminal.wait_for("▌")  # the mark of the field that has the focus
        terminal.type(TYPED)
        terminal.wait_for(TYPED)
        terminal.wait_for("Draft kept.")
        kill(terminal)
    with running(town_copy) as terminal:
        write_a_decision(terminal, rows[at].pseudonym, at)
        terminal.wait_for(TYPED)
        kill(terminal)
    with town_copy.signed_in("supervisor") as session:
        assert verify_trail(session).holds
