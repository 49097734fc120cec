"""``kingshurst note``: restricted notes on an open profile, for those entitled alone."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.errors import InputRejected, UsageError
from kingshurst_tui.vocabulary import ReasonCode

MOST_BYTES = 64 * 1024
"""Of a file with a note; a longer one is another file than was meant."""


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    note = commands.add_parser("note", help="restricted notes: write one, list those about a person")
    verbs = note.add_subparsers(metavar="VERB", required=True)
    add = store_parser(verbs, "add", help="write a note; its text comes from a file or from standard input")
    add.add_argument("pseudonym", metavar="PSEUDONYM", help="about whom, like KH-3X9K-77QD; the profile must be open")
    add.add_argument("--file", metavar="FILE", default="-", help="the note's text; - (the default) is standard input")
    add.add_argument("--supersedes", type=number, metavar="NUMBER", help="the note that this replaces")
    add.set_defaults(run=_add)
    listing = store_parser(verbs, "list", help="list the notes about a person, the latest first")
    listing.add_argument("pseudonym", metavar="PSEUDONYM", help="about whom; the profile must be open")
    listing.set_defaults(run=_list)


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import restricted_notes
    from kingshurst_tui.casework.in_lines import note_lines

    if args.file == args.passphrase_file == "-":
        raise UsageError(
            "Standard input cannot be both the passphrase and the note.",
            "Nothing was opened.",
            "Give one of them from a file.",
        )
    if args.file != "-":
        text = _text(Path(args.file))
    with session_from(args) as session:
        if args.file == "-":
            text = sys.stdin.read(MOST_BYTES)
        reason = reason_from(args, ReasonCode.OTHER if args.reason else ReasonCode.PANEL)
        shown = restricted_notes.write(session, args.pseudonym, text, reason, supersedes=args.supersedes)
    return Answer({"note": asdict(shown)}, list(note_lines(shown)))


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import restricted_notes
    from kingshurst_tui.casework.in_lines import note_lines

    reason = reason_from(args, ReasonCode.OTHER if args.reason else ReasonCode.PANEL)
    with session_from(args) as session:
        notes = restricted_notes.listed(session, args.pseudonym, reason)
    lines = [line for note in notes for line in note_lines(note)]
    return Answer({"notes": [asdict(note) for note in notes]}, lines or ["There is no restricted note."])


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputRejected("The file is too long for a note.", "Nothing was written.", "Write a shorter one.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failed:
        raise InputRejected(
            "The note's file cannot be read.", f"{path}. Nothing was written.", "Give a text file in UTF-8."
        ) from failed
