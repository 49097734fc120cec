"""``kingshurst demo``: an invented Kingshurst, imported, linked and flagged, and the panel's screen on it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from kingshurst_tui.commands.common import Answer, OpenProgram, Subparsers
from kingshurst_tui.errors import UsageError


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    demo = commands.add_parser(
        "demo",
        help="invent a town and open the program on it",
        description="Invent a town, import what its agencies send, link, flag, and open the panel's screen. "
        "All people are invented. Without a terminal, or with --plain, it prints instead.",
    )
    demo.add_argument("--people", type=_people, default=2000, metavar="N", help="how many live there; from 200")
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="which town")
    demo.add_argument("--store", type=Path, metavar="DIR", help="keep everything in this folder")
    demo.add_argument("--plain", action="store_true", help="print; open no screen")
    demo.add_argument("--refusals", action="store_true", help="attempt every forbidden act and say what stopped it")
    demo.add_argument("--json", action="store_true", help="print one JSON object")
    demo.set_defaults(run=_run, opens_terminal=True)


def _people(text: str) -> int:
    try:
        number = int(text.replace(",", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 200 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("the invented town holds 200 to 1,000,000 people")
    return number


def _run(args: argparse.Namespace) -> Answer | OpenProgram:
    from kingshurst_tui.demo.build import build, look_ahead

    if args.store is not None and args.store.exists() and any(args.store.iterdir()):
        if (args.store / "kingshurst").is_dir() and not (args.plain or args.json or args.refusals):
            return _opened(args.store, None)
        raise UsageError("That folder is not empty.", f"{args.store} was not touched.", "Choose a new folder.")
    folder = args.store or Path(tempfile.mkdtemp(prefix="kingshurst-demo-"))
    passing = folder if args.store is None else None
    keep = False
    try:
        demo = build(folder, people=args.people, seed=args.seed, tell=_tell, panels=not args.refusals)
        if args.refusals:
            from kingshurst_tui.demo.refusals import attempts, attempts_in_lines

            tried = attempts(demo)
            return Answer({"attempts": [each.as_json() for each in tried]}, list(attempts_in_lines(tried)))
        from kingshurst_tui.demo.showing import decide_one, shown

        look_ahead(demo, _tell)
        decided = decide_one(demo)
        if not (args.plain or args.json) and sys.stdin.isatty() and sys.stdout.isatty():
            keep = True
            return _opened(folder, passing)
        result, lines = shown(demo, decided, kept=passing is None)
        return Answer(result, lines)
    finally:
        if passing is not None and not keep:
            shutil.rmtree(passing, ignore_errors=True)


def _opened(folder: Path, passing: Path | None) -> OpenProgram:
    passphrase = (folder / "passphrases" / "coordinator").read_text(encoding="utf-8").strip()
    return OpenProgram(
        folder / "kingshurst", "coordinator", None, passphrase, demonstration=True, remove_afterwards=passing
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - how far it is, beside the answer
