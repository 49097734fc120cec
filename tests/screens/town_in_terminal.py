"""The program on an invented town, in a terminal, and a power cut while it runs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kingshurst_tui.demo.build import DemoStore
from tests.conftest import ROOT
from tests.screens.terminals import Terminal, started

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
sys.exit(run_terminal(open_session, user_name={user!r}, store_name="a town", demo=True,
                      sign_in=partial(open_session, {user!r}, {passphrase!r})))
"""


@contextmanager
def running(town: DemoStore, user: str = "coordinator") -> Iterator[Terminal]:
    """Run the program in a terminal; it is killed, if nobody did so before."""
    source = PROGRAM.format(root=str(ROOT), folder=str(town.store), user=user, passphrase=town.passphrases[user])
    with started([sys.executable, "-c", source]) as terminal:
        yield terminal


def kill(terminal: Terminal) -> None:
    """Kill the program as a power cut would."""
    os.kill(terminal.pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == -signal.SIGKILL
    terminal.pid = 0
