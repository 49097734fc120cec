"""The program in a real terminal: what the terminal receives when it starts, is stopped, crashes or hangs up."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import Refused
from kingshurst_tui.oversight import crashes
from kingshurst_tui.vocabulary import ReasonCode
from tests.conftest import ROOT
from tests.screens.conftest import PASSPHRASE

pytest.importorskip("pty", reason="only systems with pseudo-terminals")
from tests.screens.terminals import PATIENCE, Terminal, children, started

REASON = Reason(ReasonCode.MAINTENANCE)
LEFT = b"\x1b[?1049l"
"""What gives a terminal its own screen back."""

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from functools import partial
from pathlib import Path
from screens.launch import run_terminal
def open_session(user, passphrase):
    from kingshurst_tui import vaults
    return vaults.open_session(Path({folder!r}), user, passphrase)
{before}
sys.exit(run_terminal(open_session, user_name="coordinator", store_name="test store", demo=True,
                      sign_in=partial(open_session, "coordinator", {passphrase!r})))
"""

COMMAND = """
import sys
sys.path.insert(0, {root!r})
from kingshurst_tui.cli import main
{before}
sys.exit(main(["open", {folder!r}, "--user", "coordinator"]))
"""

CRASH = """
from screens.home import HomeScreen
def crash(self):
    record = "Zebediah Quill"
    raise RuntimeError("planted " + record)
HomeScreen.action_reload = crash
"""


@contextmanager
def running(folder: Path, before: str = "", program: str = PROGRAM) -> Iterator[Terminal]:
    """Run the program in a terminal."""
    source = program.format(root=str(ROOT), folder=str(folder), passphrase=PASSPHRASE, before=before)
    with started([sys.executable, "-c", source]) as terminal:
        yield terminal


def test_stopping_locks_then_gives_the_terminal_back_until_it_goes_on(users_store: Path) -> None:
    with running(users_store) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        before = termios.tcgetattr(terminal.descriptor)
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.stopped()
        assert LEFT in terminal.received
        now = termios.tcgetattr(terminal.descriptor)
        assert not before[3] & termios.ECHO
        assert now[3] & termios.ECHO, "the shell has its terminal again"
        terminal.goes_on()
        terminal.wait_for("The program was stopped")
        terminal.wait_for("coordinator (coordinator, KTP)", gone=True)
        terminal.type(f"{PASSPHRASE}\r")
        terminal.wait_for("coordinator (coordinator, KTP)")
        # Once more, from the unlock screen: there is nothing to lock then.
        terminal.type("\x0c")
        terminal.wait_for("Passphrase")
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.stopped()
        terminal.goes_on()
        terminal.wait_for("Passphrase")
        terminal.type("\x11")
        assert terminal.end() == 0
    assert terminal.received.count(LEFT) == 3


def test_leaving_clears_the_terminal(users_store: Path) -> None:
    with running(users_store) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        terminal.type("\x11")
        assert terminal.end() == 0
    assert b"\x1b]0;" not in terminal.received, "nothing is written into the terminal's title"
    assert b"\x1b]2;" not in terminal.received
    assert b"\x1b]52;" not in terminal.received
    assert terminal.received.count(LEFT) == 1


def test_a_crash_leaves_no_record_in_the_scrollback(users_store: Path) -> None:
    with running(users_store, before=CRASH) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        terminal.type("\x12")
        assert terminal.end() == 1
    assert b"Zebediah" not in terminal.received
    assert b"Traceback" not in terminal.received
    assert b"reference: KH-" in terminal.received


def test_the_detail_of_a_crash_is_sealed_and_an_administrator_reads_it(users_store: Path, tmp_path: Path) -> None:
    shutil.copytree(users_store, tmp_path / "store")
    with running(tmp_path / "store", before=CRASH) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        terminal.type("\x12")
        assert terminal.end() == 1
    shown = re.search(rb"reference: (KH-[0-9A-F]{6})", terminal.received)
    assert shown is not None
    session = vaults.open_session(tmp_path / "store", "administrator", PASSPHRASE)
    try:
        (report,) = [each for each in crashes.listed(session, REASON) if each.reference == shown[1].decode()]
        assert report.user_name == "coordinator"
        detail = crashes.shown(session, report.reference, REASON)
    finally:
        session.close()
    assert "builtins.RuntimeError" in detail
    assert "in crash" in detail
    assert "Zebediah" not in detail
    assert "planted" not in detail
    coordinator = vaults.open_session(tmp_path / "store", "coordinator", PASSPHRASE)
    try:
        with pytest.raises(Refused):
            crashes.shown(coordinator, report.reference, REASON)
    finally:
        coordinator.close()


ON_AT_FIRST = {7, 25}
"""Of a terminal's modes, those that are on before a program changes any: lines that wrap, a cursor that is shown."""


def modes_of(received: bytes) -> dict[int, bool]:
    """Return each mode of the terminal that was switched, and whether it is on now."""
    return {int(mode): to == b"h" for mode, to in re.findall(rb"\x1b\[\?(\d+)([hl])", received)}


@contextmanager
def signed_in(folder: Path) -> Iterator[tuple[Terminal, int]]:
    """Open the program by its command, sign in, and yield the terminal and the process that runs it."""
    with running(folder, program=COMMAND) as terminal:
        terminal.wait_for("Passphrase")
        terminal.type(PASSPHRASE + "\r")
        terminal.wait_for("coordinator (coordinator, KTP)")
        (program,) = children(terminal.pid)
        yield terminal, program


@pytest.mark.skipif(sys.platform != "linux", reason="finds the process through /proc")
def test_a_kill_leaves_an_empty_screen_and_a_terminal_that_echoes(users_store: Path) -> None:
    with signed_in(users_store) as (terminal, program):
        # As a terminal answers that can tell of its size: sizes and places of the mouse then come in pixels.
        terminal.type("\x1b[?2048;2$y")
        terminal.wait_for_bytes(b"\x1b[?1016h")
        before, at = modes_of(terminal.received), len(terminal.received)
        os.kill(program, signal.SIGKILL)
        terminal.wait_for("was ended from outside (signal 9)")
        assert termios.tcgetattr(terminal.descriptor)[3] & termios.ECHO
        assert "coordinator (coordinator" not in "\n".join(terminal.screen.display)
        assert terminal.end() == 1
    # A line longer than the terminal is wide goes on in the next.
    said = "".join(terminal.screen.display)
    assert "what was under way is undone when the store is opened again." in said
    after = modes_of(terminal.received)
    changed = {mode for mode, on in before.items() if on != (mode in ON_AT_FIRST)}
    assert changed >= {7, 25, 1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2048}
    assert {mode for mode in changed if after[mode] != (mode in ON_AT_FIRST)} == set()
    assert len(re.findall(rb"\x1b\[>\d+u", terminal.received)) == terminal.received.count(b"\x1b[<u"), "key reports"
    assert b"\x1b]22;default\x07" in terminal.received[at:], "the mouse pointer's shape"


def test_leaving_takes_back_every_mode_that_was_set(users_store: Path) -> None:
    with running(users_store) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        terminal.type("\x1b[?2048;2$y")
        terminal.wait_for_bytes(b"\x1b[?1016h")
        before = modes_of(terminal.received)
        terminal.type("\x11")
        assert terminal.end() == 0
    after = modes_of(terminal.received)
    changed = {mode for mode, on in before.items() if on != (mode in ON_AT_FIRST)}
    assert {mode for mode in changed if after[mode] != (mode in ON_AT_FIRST)} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel to tell of a parent's end")
def test_the_program_leaves_in_order_when_the_parent_that_watches_it_is_killed(users_store: Path) -> None:
    with signed_in(users_store) as (terminal, program):
        watched = os.pidfd_open(program)
        os.kill(terminal.pid, signal.SIGKILL)
        assert select.select([watched], [], [], PATIENCE)[0], "the program outlived its parent"
        os.close(watched)
        assert terminal.end() == -signal.SIGKILL
    assert b"\x1b[?1049l" in terminal.received


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a process through /proc")
def test_the_parent_that_watches_holds_no_key_and_leaving_is_as_before(users_store: Path) -> None:
    with signed_in(users_store) as (terminal, program):
        held = [os.readlink(path) for path in Path(f"/proc/{terminal.pid}/fd").iterdir()]
        assert not [name for name in held if str(users_store) in name]
        loaded = Path(f"/proc/{terminal.pid}/maps").read_text()
        assert "sqlcipher" not in loaded
        assert "sqlcipher" in Path(f"/proc/{program}/maps").read_text()
        terminal.type("\x11")
        assert terminal.end() == 0


def test_a_terminal_that_goes_away_closes_the_store(users_store: Path) -> None:
    with running(users_store) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        os.kill(terminal.pid, signal.SIGHUP)
        assert terminal.end() == 5


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process by its descriptor")
@pytest.mark.parametrize("ignored", [False, True], ids=["with the signal", "without the signal"])
def test_a_terminal_that_takes_nothing_more_ends_the_program(users_store: Path, ignored: bool) -> None:
    # nohup and some multiplexers keep the signal away: the terminal's end alone must do.
    before = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nsignal.signal = lambda *_: None" * ignored
    with running(users_store, before=before) as terminal:
        terminal.wait_for("coordinator (coordinator, KTP)")
        terminal.go_away()
        assert terminal.gone() == 5
