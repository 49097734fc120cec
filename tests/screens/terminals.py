"""A terminal in memory with a program in it."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyte

PATIENCE = 60.0
"""Seconds after which a text that did not appear never will; a busy machine decides nothing below that."""
PASTING = b"\x1b[?2004h"
"""What Textual writes once it has the terminal and reads its keys."""


class Terminal:
    """A terminal in memory with the program in it."""

    def __init__(self, pid: int, descriptor: int, columns: int = 80, rows: int = 24) -> None:
        self.pid = pid
        self.descriptor = descriptor
        self.received = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)

    def read(self) -> bool:
        """Take in what the program wrote; return whether it still can."""
        if select.select([self.descriptor], [], [], 0.05)[0]:
            try:
                chunk = os.read(self.descriptor, 65536)
            except OSError:
                return False
            self.received += chunk
            self.stream.feed(chunk)
            return bool(chunk)
        return True

    def wait_for(self, text: str, *, gone: bool = False) -> None:
        """Wait until a text stands on the screen, or no longer does."""
        deadline = time.monotonic() + PATIENCE
        while any(text in line for line in self.screen.display) is gone:
            assert time.monotonic() < deadline, f"waited for {text!r} on:\n" + "\n".join(self.screen.display)
            assert self.read(), f"ended before {text!r} on:\n" + "\n".join(self.screen.display)

    def wait_for_bytes(self, sequence: bytes) -> None:
        """Wait until the program has written something that no screen shows."""
        deadline = time.monotonic() + PATIENCE
        while sequence not in self.received:
            assert time.monotonic() < deadline, f"waited for {sequence!r}"
            assert self.read(), f"ended before {sequence!r}"

    def rest(self) -> None:
        """Take in what the program writes until it writes nothing more."""
        while select.select([self.descriptor], [], [], 0.5)[0]:
            if not self.read():
                return

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.descriptor, keys.encode())

    def stopped(self) -> None:
        """Wait until the program is stopped, taking in what it writes before."""
        deadline = time.monotonic() + PATIENCE
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                assert os.WIFSTOPPED(status), "the program ended"
                break
            assert time.monotonic() < deadline, "the program was never stopped"
            self.read()
        while select.select([self.descriptor], [], [], 0)[0]:
            self.read()

    def goes_on(self) -> None:
        """Let a stopped program go on, and wait until it reads its keys again."""
        deadline = time.monotonic() + PATIENCE
        before = self.received.count(PASTING)
        os.kill(self.pid, signal.SIGCONT)
        while self.received.count(PASTING) == before:
            assert time.monotonic() < deadline, "the program never came back"
            self.read()

    def go_away(self) -> None:
        """Close the terminal under the program, as closing a window or killing a multiplexer does."""
        os.close(self.descriptor)
        self.descriptor = -1

    def gone(self) -> int:
        """Wait until a program without a terminal has ended and return its exit code."""
        watched = os.pidfd_open(self.pid)
        try:
            assert select.select([watched], [], [], PATIENCE)[0], "the program outlived its terminal"
        finally:
            os.close(watched)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def all_of_it(self, patience: float) -> int:
        """Take in all that a program writes to its end, drawing none of it, and return its exit code."""
        deadline = time.monotonic() + patience
        said = bytearray()
        while time.monotonic() < deadline:
            if select.select([self.descriptor], [], [], 1.0)[0]:
                try:
                    said += os.read(self.descriptor, 1 << 20)
                except OSError:
                    break
        self.received += bytes(said)
        assert time.monotonic() < deadline, "the program never ended"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def end(self) -> int:
        """Wait until the program has ended and return its exit code, or minus the signal that ended it."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, "the program never ended"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def started(
    command: Sequence[str], *, size: tuple[int, int] = (80, 24), environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run a command in a terminal of so many columns and rows."""
    columns, rows = size
    pid, descriptor = pty.fork()
    if pid == 0:
        about = {"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(rows)}
        os.execvpe(command[0], list(command), {**os.environ, **about, **(environment or {})})  # noqa: S606
    terminal = Terminal(pid, descriptor, columns, rows)
    try:
        yield terminal
    finally:
        if terminal.descriptor >= 0:
            os.close(descriptor)
        if _is_there(pid):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def children(process: int) -> list[int]:
    """Return the processes that another has started and that live."""
    with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
        return [int(each) for each in file.read().split()]


def _is_there(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False
