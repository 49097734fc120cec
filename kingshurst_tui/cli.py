"""The roof: reads the command line, lets one command answer, prints it; opens the terminal program."""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from kingshurst_tui import crashes
from kingshurst_tui.commands.common import Answer, OpenProgram, Subparsers
from kingshurst_tui.errors import ExitCode, KingshurstError, StaleRecord, UsageError
from kingshurst_tui.hardening import harden_process
from kingshurst_tui.terminal_text import safe_text
from kingshurst_tui.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from kingshurst_tui.keyholding.needs import Needs
    from kingshurst_tui.session import Session

COMMANDS = (
    "demo",
    "store",
    "user",
    "recover",
    "rotate",
    "purpose",
    "agreement",
    "imports",
    "consent",
    "ground",
    "link",
    "rule",
    "flag",
    "incident",
    "people",
    "profile",
    "agenda",
    "panel",
    "decision",
    "dissent",
    "going_on",
    "urgent",
    "action",
    "case",
    "referral",
    "minutes",
    "disclose",
    "outcome",
    "learn",
    "note",
    "area",
    "places",
    "audit",
    "check",
    "backup",
    "restore",
    "upgrade",
    "erase",
    "crash",
)
"""Modules of ``commands/`` in the order that help shows them; each imports nothing heavy at its top."""


HOMES = {"going-on": "going_on", "open": "store", "init": "store", "import": "imports"}
"""Where a command's module has another name than the command; others are found by loading all."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:] + ".", "Nothing was done.", f"See: {self.prog} --help")


def parser(word: str | None = None) -> argparse.ArgumentParser:
    """Return the command line; where its first word is known, no more of it than that command needs.

    All the commands with their options take 40 ms to load, a seventh of the time to the first picture.
    """
    if word is not None:
        home = HOMES.get(word, word)
        roof, commands = _roof((home,) if home in COMMANDS else ())
        if not word or word in commands.choices:
            return roof
    return _roof(COMMANDS)[0]


def _roof(names: Sequence[str]) -> tuple[argparse.ArgumentParser, Subparsers]:
    roof: argparse.ArgumentParser = _Parser(
        prog="kingshurst",
        description="Who should lead for a resident whom several agencies keep meeting separately: "
        "a panel's instrument. With no command it opens the terminal program.",
    )
    roof.add_argument("--version", action="version", version=f"kingshurst {VERSION}")
    commands: Subparsers = roof.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    for name in names:
        try:
            module = importlib.import_module(f"kingshurst_tui.commands.{name}")
        except ModuleNotFoundError as missing:
            if missing.name != f"kingshurst_tui.commands.{name}":
                raise
            continue
        module.add_parser(commands)
    return roof, commands


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (docs/exit-codes.md)."""
    # Before anything is read or asked, for every command: whatever one is given may be a secret or name a person.
    harden_process()
    crashes.stay_silent()
    given = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in given
    try:
        args = parser(given[0] if given else "").parse_args(given)
        run = getattr(args, "run", None)
        if (run is None or getattr(args, "opens_terminal", False)) and (code := _watched(args)) is not None:
            return code
        answer = run(args) if run is not None else _last_opened()
        if isinstance(answer, OpenProgram):
            return _open_program(answer)
        return _print(answer, as_json=as_json)
    except KingshurstError as wrong:
        _print_error(wrong, as_json=as_json)
        return int(wrong.exit_code)
    except KeyboardInterrupt:
        print("Stopped. What was not finished was not kept.", file=sys.stderr)
        return int(ExitCode.UNEXPECTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except Exception as failed:  # noqa: BLE001 - the last door: nothing of a record may reach the terminal
        _print_error(_unexpected(failed), as_json=as_json)
        return int(ExitCode.UNEXPECTED)


def _watched(args: argparse.Namespace) -> int | None:
    """Split off a parent that gives the terminal back, where a command may open the terminal program."""
    from kingshurst_tui import terminal_keeper

    plain = any(getattr(args, name, False) for name in ("plain", "json", "refusals"))
    return None if plain or not terminal_keeper.may_keep() else terminal_keeper.watched()


def _last_opened() -> OpenProgram:
    """Return the store that was opened last at this terminal."""
    from kingshurst_tui.last_store import last_store

    found = last_store()
    if found is None:
        raise UsageError(
            "No store was opened here yet.",
            "Nothing was done.",
            "Try: kingshurst demo    or: kingshurst open STORE --user NAME",
        )
    return OpenProgram(found, None)


def _open_program(wish: OpenProgram) -> int:
    try:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "The terminal program needs a terminal.",
                "Nothing was opened.",
                "Every read has a command of its own; see kingshurst --help",
            )
        # What loads now stays: looking through it for what nobody needs, every 700 objects, is a tenth of the loading.
        gc.set_threshold(50_000, 20, 100)
        from kingshurst_tui.last_store import remember
        from screens.launch import run_terminal

        if not wish.demonstration:
            remember(wish.folder)
        return run_terminal(
            partial(_open_session, wish),
            user_name=wish.user or "",
            store_name=wish.folder.name,
            demo=wish.demonstration,
            needs=partial(_needs, wish.folder),
            sign_in=None if wish.passphrase is None else partial(_open_session, wish, wish.user or "", wish.passphrase),
        )
    finally:
        if wish.remove_afterwards is not None:
            shutil.rmtree(wish.remove_afterwards, ignore_errors=True)


def _load_ahead() -> None:
    """Load what the first screen after signing in takes, beside whatever else goes on: words typed, a key stretched."""

    def load() -> None:
        for name in _FIRST_NEEDED:
            with contextlib.suppress(Exception):  # whoever needs it meets it again, and says so
                importlib.import_module(name)

    threading.Thread(target=load, name="ahead", daemon=True).start()


_FIRST_NEEDED = ("kingshurst_tui.vaults", "kingshurst_tui.casework.home")


def _needs(folder: Path, user: str) -> Needs:
    from kingshurst_tui.keyholding.needs import needs

    _load_ahead()
    return needs(folder, user)


def _open_session(wish: OpenProgram, user: str, passphrase: str) -> Session:
    from kingshurst_tui import vaults

    _load_ahead()
    return vaults.open_session(wish.folder, user, passphrase, purpose=wish.purpose)


def _print(answer: Answer, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"ok": True, **answer.result}, default=str))
    else:
        for line in answer.lines:
            print(safe_text(line))
    return int(ExitCode.DONE)


def _print_error(wrong: KingshurstError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"ok": False, "error": wrong.as_json()}))
    for line in (wrong.title, wrong.detail, wrong.hint):
        if line:
            print(safe_text(line), file=sys.stderr)
    if isinstance(wrong, StaleRecord) and wrong.over is not None:
        said = f"To go on over it, say the same again with --over {shlex.quote(str(wrong.over))}"
        print(safe_text(said), file=sys.stderr)


def _unexpected(failed: Exception) -> KingshurstError:
    """Return an error that says where, never what: a message may hold a record's text."""
    return KingshurstError(*crashes.words_for(failed))
