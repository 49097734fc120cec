"""A terminal in memory: start a program in it, and say when a text stood on its screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence

import pyte


def seconds_to(
    text: str,
    command: Sequence[str],
    *,
    first: Sequence[tuple[str, bytes]] = (),
    columns: int = 80,
    rows: int = 24,
    limit: float = 60.0,
) -> float:
    """Return the seconds from starting a program to a text appearing on its screen.

    Args:
        text: what to wait for.
        command: the program and its arguments.
        first: steps on the way: a text to wait for and the keys to send then.
        columns: the terminal's width.
        rows: the terminal's height.
        limit: seconds after which to give up.

    Raises:
        RuntimeError: the text did not appear within the limit; what did is on standard error.
    """
    steps = list(first)
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    start = time.perf_counter()
    program = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    try:
        while time.perf_counter() - start < limit:
            if not select.select([ours], [], [], 0.02)[0]:
                continue
            try:
                chunk = os.read(ours, 65_536)
            except OSError:
                break
            # pyte knows fewer control sequences than programs use; the text on the screen is what counts.
            with contextlib.suppress(Exception):
                stream.feed(chunk)
            if steps and any(steps[0][0] in line for line in screen.display):
                os.write(ours, steps.pop(0)[1])
            elif not steps and any(text in line for line in screen.display):
                return time.perf_counter() - start
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        os.close(ours)
    shown = "\n".join(line.rstrip() for line in screen.display if line.strip())
    print(shown, file=sys.stderr)
    raise RuntimeError(f"{text!r} did not appear")
