"""What every command needs: its answer's shape, the common options, a session, a passphrase from safe hands."""

from __future__ import annotations

import argparse
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from kingshurst_tui.errors import KingshurstError, StoreLocked, StoreUnavailable, UsageError
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.session import Session

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


@dataclass
class Answer:
    """What a command found: keys for ``--json``, lines for people.

    Attributes:
        result: JSON-ready keys beside ``ok``.
        lines: the same for a person, plain text.
    """

    result: dict[str, Any]
    lines: Iterable[str] = field(default_factory=tuple)


@dataclass
class OpenProgram:
    """A command's wish to open the terminal program; only the roof (cli.py) can."""

    folder: Path
    user: str | None
    purpose: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    demonstration: bool = False
    remove_afterwards: Path | None = None


def store_parser(commands: Subparsers, name: str, **about: Any) -> argparse.ArgumentParser:
    """Return a parser for a command on a store, with the common options."""
    parser = commands.add_parser(name, **about)
    parser.add_argument("store", metavar="STORE", type=Path, help="the store's folder")
    add_common(parser)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options every command on a store takes."""
    group = parser.add_argument_group("common options")
    group.add_argument("--user", metavar="NAME", help="who acts")
    group.add_argument("--purpose", metavar="CODE", help="the partnership's question this is for")
    group.add_argument("--reason", metavar="TEXT", help="why, in words; sealed beside the audit trail")
    group.add_argument("--json", action="store_true", help="print one JSON object")
    group.add_argument(
        "--passphrase-file",
        metavar="FILE",
        help="a file only its owner can read, or - for standard input; never an argument or a variable",
    )


@contextmanager
def session_from(args: argparse.Namespace, *, checking: bool = False) -> Iterator[Session]:
    """Open the store that the options name and close it afterwards; for ``checking``, whatever its checkpoints say.

    Raises: UsageError, WrongPassphrase, StoreUnavailable, IntegrityFailure.
    """
    from kingshurst_tui import crashes, vaults

    user = user_from(args)
    session = vaults.open_session(
        args.store, user, passphrase_from(args, f"Passphrase of {user}: "), purpose=args.purpose, checking=checking
    )
    try:
        yield session
    except KingshurstError:
        raise
    except Exception as failed:
        crashes.keep(session, failed)
        raise
    finally:
        session.close()


def user_from(args: argparse.Namespace) -> str:
    """Return who acts; the only user needs not be named."""
    if args.user:
        return str(args.user)
    from db.vault import read_header

    names = [slot.user for slot in read_header(args.store).users]
    if len(names) == 1:
        return names[0]
    raise UsageError("Who acts?", "Nothing was opened.", "Name yourself with --user NAME.")


def passphrase_from(args: argparse.Namespace, prompt: str, *, option: str = "passphrase_file") -> str:
    """Return a passphrase from a private file, standard input or the terminal.

    Raises: UsageError (the file is readable by others), StoreLocked (nobody there to ask).
    """
    source: str | None = getattr(args, option)
    if source == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if source is not None:
        return _from_private_file(Path(source))
    if not sys.stdin.isatty():
        raise StoreLocked(
            "A passphrase is needed and there is no terminal to ask at.",
            "Nothing was opened.",
            "Use --passphrase-file FILE, or - for standard input.",
        )
    import getpass

    return getpass.getpass(prompt)


def _from_private_file(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY)
        with os.fdopen(handle, encoding="utf-8") as file:
            found = os.fstat(file.fileno())
            if os.name == "posix" and (stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid()):
                raise UsageError(
                    "The passphrase file can be read by others.",
                    "It was not used and nothing was opened.",
                    f"Make it yours alone: chmod 600 {path}",
                )
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as failed:
        if isinstance(failed, OSError) and failed.errno == errno.EIO:
            raise StoreUnavailable(
                "The disk cannot be read.", f"{failed.strerror}: {path}. Nothing was opened.", "Check the disk."
            ) from failed
        raise UsageError(
            "The passphrase file cannot be read.", f"{path}. Nothing was opened.", "Check the path."
        ) from failed


def reason_from(args: argparse.Namespace, usual: ReasonCode) -> Reason:
    """Return the reason for acting: the usual one of the command, with the words given."""
    from kingshurst_tui.acts import Reason

    words = (args.reason or "").strip()
    codes = {code.value: code for code in ReasonCode}
    if words in codes:
        return Reason(codes[words])
    return Reason(usual, words)


def add_over(parser: argparse.ArgumentParser) -> None:
    """Add the option of commands that change what others may change as well: what one has seen there."""
    parser.add_argument(
        "--over",
        type=_seen,
        metavar="STATE",
        help="go on over what somebody else did meanwhile, as the error of the first try names it",
    )


def _seen(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


LARGEST_NUMBER = 10**15
"""No store numbers anything so high, and every number up to it is exact in the store and in JSON."""


def number(text: str) -> int:
    """Read what the program itself numbers (a pair, an action, a batch) or a place in a list; from 0 on."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_NUMBER)) else -1
    if not 0 <= found <= LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{shortened(text)!r} is not a number from 0 to {LARGEST_NUMBER:,}")
    return found


def count(text: str) -> int:
    """Read an option that says how many; a number of at least 1."""
    with suppress(argparse.ArgumentTypeError):
        if (found := number(text)) >= 1:
            return found
    raise argparse.ArgumentTypeError(f"{shortened(text)!r} is not a number from 1 to {LARGEST_NUMBER:,}")


def shortened(text: str) -> str:
    """Return the beginning of what was typed, for an error to name it by."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def day(text: str) -> date:
    """Read a date option, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-05-03") from None


def teller(args: argparse.Namespace, ending: str = " ...") -> Callable[[str], None]:
    """Return what says on standard error how far a long command is; with ``--json`` it says nothing."""

    def tell(what: str) -> None:
        if not args.json:
            print(f"{what}{ending}", file=sys.stderr, flush=True)  # noqa: T201 - how far it is, beside the answer

    return tell
