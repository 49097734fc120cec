"""A small parent that waits for the program and gives the terminal back if the program could not.

A process that is ended from outside (kill -9, the system out of memory) leaves its last screen on the terminal, keys
that do not echo, and a mouse that types. The parent is split off before anything is loaded or asked: it never holds a
passphrase, a key or a record.
"""

from __future__ import annotations

import os
import signal
import sys

from kingshurst_tui.errors import ExitCode

PIXELS_OFF = "\x1b[?1016l"
"""Places of the mouse in cells, as the next program expects them."""

RESTORED = (
    "\x1b]22;default\x07"  # the mouse pointer's shape; first: where it shows as letters, the next clears them
    "\x1b[2J\x1b[H"  # the screen, while the alternate one is still shown
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # mouse reports
    f"{PIXELS_OFF}\x1b[?1004l"  # and those of the focus
    "\x1b[?2004l\x1b[?2026l\x1b[?2048l\x1b[<u"  # pasted text in brackets, held drawing, sizes in band, key reports
    "\x1b[?1049l\x1b[?25h\x1b[0m"  # the ordinary screen, the cursor, plain letters
    "\x1b[?7h"  # long lines go on in the next; last, since some terminals keep this for each screen
)
"""Undoes all that Textual's driver switches on or off when it starts, and when the terminal answers it."""
FORGOTTEN = "\x1b[2J\x1b[H\x1b[3J"
"""For terminals without an alternate screen: the program drew over the ordinary one."""
_WITHOUT_ALTERNATE = frozenset({"linux", "vt100", "vt220", "dumb", ""})
_PR_SET_PDEATHSIG = 1


def may_keep() -> bool:
    """Say whether this system lets a process split itself, before a terminal."""
    return hasattr(os, "fork") and sys.stdin.isatty() and sys.stdout.isatty()


def watched() -> int | None:
    """Split this process: return None in the one that is to run the program, its exit code in the one that waits.

    Call before anything secret is in memory and before a thread is started.
    """
    import termios

    try:
        before = termios.tcgetattr(0)
    except termios.error:
        return None
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _end_with(parent)
        return None
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        # The program gets its own from the terminal, and knows what to do.
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    code = _code_of(child)
    if code < 0:
        _give_back(before)
        sys.stderr.write(
            f"Kingshurst was ended from outside (signal {-code}). The screen was cleared.\n"
            "What was signed or confirmed is kept; what was under way is undone when the store is opened again.\n"
        )
        return int(ExitCode.UNEXPECTED)
    return code


def _code_of(child: int) -> int:
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        # Stopped at the terminal before its screen stood: the job stops as a whole, and goes on as a whole.
        os.kill(os.getpid(), signal.SIGSTOP)


def _end_with(parent: int) -> None:
    """Have this process leave, as when its terminal goes away, if the one that waits for it is ended."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGHUP), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGHUP)


def _give_back(before: list[int | list[bytes | int]]) -> None:
    import termios

    words = RESTORED + (FORGOTTEN if os.environ.get("TERM", "") in _WITHOUT_ALTERNATE else "")
    try:
        os.write(1, words.encode("ascii"))
        # What was typed at a screen that is no more is not for the shell.
        termios.tcsetattr(0, termios.TCSAFLUSH, before)
    except (OSError, termios.error):
        return
