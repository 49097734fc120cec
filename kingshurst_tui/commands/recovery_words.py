"""The recovery key between the program and a person: shown, written down, typed back; or in a private file."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import disk_refused
from kingshurst_tui.commands.common import passphrase_from
from kingshurst_tui.errors import InputRejected, UsageError

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

TRIES = 3
CLEAR = "\x1b[H\x1b[2J\x1b[3J"
"""Cursor home, screen and scrollback emptied."""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for those who have no terminal."""
    parser.add_argument(
        "--recovery-file",
        metavar="FILE",
        help="write the recovery key to this new private file instead of asking for it to be typed back; "
        "print it, keep the paper in a safe and remove the file",
    )


def check_somebody_can_keep_it(args: argparse.Namespace) -> None:
    """Refuse to begin where nobody could write the key down. Raises: UsageError."""
    if args.recovery_file is None and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "Where shall the recovery key go?",
            "Nothing was made. There is no terminal to show it at.",
            "Use --recovery-file FILE; the file must not exist yet.",
        )
    if args.recovery_file is not None and os.path.lexists(args.recovery_file):
        raise UsageError("The recovery file exists already.", "It was not touched.", "Name a new file.")


def set_up(session: Session, args: argparse.Namespace) -> str:
    """Make a recovery key and try it; return its name in the trail. Raises: InputRejected, UsageError."""
    from kingshurst_tui.keyholding import recovery

    proposed = recovery.propose()
    if args.recovery_file is None:
        return _typed_back(session, proposed)
    path = Path(args.recovery_file)
    write_private(path, proposed)
    try:
        return recovery.confirm(session, proposed, passphrase_from(args, "", option="recovery_file"))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_private(path: Path, words: str) -> None:
    """Write a line into a new file that only its owner can read. Raises: UsageError, StoreUnavailable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(words + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as failed:
        if failed.errno in (errno.ENOSPC, errno.EIO):
            path.unlink(missing_ok=True)
            raise disk_refused(failed) from failed
        raise UsageError(
            "The recovery file cannot be written.", f"{failed.strerror}: {path}. Nothing was changed.", "Name another."
        ) from failed


def _typed_back(session: Session, proposed: str) -> str:
    from kingshurst_tui.keyholding import recovery

    _say("The recovery key of this store. Write it on paper; it is shown once:", "", f"    {proposed}", "")
    _say("Whoever has it and the store's files can let anybody in. Keep the paper in a safe, away from this machine.")
    try:
        _ask("Press Enter when it is written down; the screen is then emptied. ")
        _say(CLEAR + "Now type it back from the paper (small letters and spaces do not matter).")
        for left in range(TRIES - 1, -1, -1):
            try:
                return recovery.confirm(session, proposed, _ask("Recovery key: "))
            except InputRejected as wrong:
                if not left:
                    raise
                _say(f"{wrong.title} {wrong.detail} {wrong.hint}")
        raise AssertionError("the last try answers or raises")
    except EOFError:
        raise InputRejected(
            "The recovery key was not typed back.", "It does not count: the store has none.", _LATER
        ) from None
    finally:
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


_LATER = "Make one with: kingshurst user recovery STORE"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - a secret shown to a person, never part of an answer


def _ask(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()
