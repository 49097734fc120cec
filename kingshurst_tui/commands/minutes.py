"""``kingshurst minutes``: what is written down of a meeting, from the first draft to everybody's copy."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    add_over,
    day,
    number,
    reason_from,
    session_from,
    store_parser,
)
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Copy
    from kingshurst_tui.panels.minutes_shown import MinutesShown


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    minutes = commands.add_parser("minutes", help="draft, approve and circulate the minutes of a panel")
    verbs = minutes.add_subparsers(metavar="VERB", required=True)
    draft = _of_panel(verbs, "draft", "draft them from the record, once the meeting is closed")
    draft.add_argument("--anew", action="store_true", help="in place of the draft that is there; it is kept")
    draft.set_defaults(run=_draft)
    show = _of_panel(verbs, "show", "the latest version, or another")
    show.add_argument("--version", type=number, metavar="N")
    show.set_defaults(run=_show)
    edit = _of_panel(verbs, "edit", "put other words in one field of the draft")
    edit.add_argument("field", metavar="FIELD")
    edit.add_argument("--case", type=number, metavar="NUMBER", help="the case, where the field is one of a case's")
    edit.add_argument("--file", required=True, metavar="FILE", help="the words; - is standard input")
    add_over(edit)
    edit.set_defaults(run=_edit)
    _of_panel(verbs, "add-missing", "draft the parts that whoever drafted the rest could not see").set_defaults(
        run=_add_missing
    )
    _of_panel(verbs, "approve", "approve the draft under your signature").set_defaults(run=_approve)
    correct = _of_panel(verbs, "correct", "begin a new version from the approved one")
    correct.add_argument("--why", required=True, metavar="TEXT", help="what is to be corrected")
    correct.set_defaults(run=_correct)
    circulate = _of_panel(verbs, "circulate", "let a copy for each attendee leave, each with what they may see")
    circulate.add_argument("--what", choices=("minutes", "actions"), default="minutes")
    add_leaving(circulate)
    circulate.set_defaults(run=_circulate)


def add_leaving(parser: argparse.ArgumentParser, *, names: bool = True, form: bool = True) -> None:
    """Add the options of every command that lets something leave."""
    parser.add_argument("--into", required=True, type=Path, metavar="FOLDER", help="where the copies go")
    parser.add_argument("--why", required=True, metavar="TEXT", help="why it leaves; supervisors read it")
    if form:
        parser.add_argument("--form", choices=("html", "pdf", "docx", "txt"), default="pdf")
    parser.add_argument("--until", type=day, metavar="DAY", help="the last day on which copies may be kept")
    if names:
        parser.add_argument("--to", action="append", default=[], metavar="NAME", help="this attendee alone; repeatable")


def copies_answer(copies: tuple[Copy, ...]) -> Answer:
    """Return the answer of a command that let something leave."""
    from kingshurst_tui.leaving.in_lines import copies_lines

    shown = [
        {
            "path": str(each.path),
            "name": each.recipient.name,
            "agency": each.recipient.agency,
            "mark": each.recipient.mark,
            "sha256": each.digest,
        }
        for each in copies
    ]
    return Answer({"disclosure": copies[0].disclosure, "copies": shown}, list(copies_lines(copies)))


def _of_panel(verbs: Subparsers, name: str, about: str) -> argparse.ArgumentParser:
    parser = store_parser(verbs, name, help=about)
    parser.add_argument("panel", type=number, metavar="PANEL")
    return parser


def _answer(shown: MinutesShown) -> Answer:
    from kingshurst_tui.leaving.in_lines import minutes_lines

    result = asdict(shown) | {"targets": list(shown.targets.in_words())}
    for part in result["parts"]:
        part.pop("profile_id")
    return Answer({"minutes": result}, list(minutes_lines(shown)))


def _draft(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import minutes

    with session_from(args) as session:
        return _answer(minutes.draft(session, args.panel, reason_from(args, ReasonCode.PANEL), anew=args.anew))


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import minutes_shown

    with session_from(args) as session:
        return _answer(
            minutes_shown.read(session, args.panel, reason_from(args, ReasonCode.PANEL), version=args.version)
        )


def _edit(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.errors import InputRejected
    from kingshurst_tui.panels import minutes, minutes_shown

    try:
        words = sys.stdin.read() if args.file == "-" else Path(args.file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failed:
        raise InputRejected("The words cannot be read.", "Nothing was changed.", "Check the file.") from failed
    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        now = minutes_shown.read(session, args.panel, reason)
        part = next((each for each in now.parts if each.case == args.case), None)
        there = (part.fields if part else now.fields).get(args.field, "")
        began = there if args.over is None else str(args.over)
        shown = minutes.edit(session, now.number, args.field, words, case=args.case, began=began, reason=reason)
    return _answer(shown)


def _add_missing(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import minutes, minutes_shown

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        return _answer(minutes.add_missing(session, minutes_shown.read(session, args.panel, reason).number, reason))


def _approve(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import minutes, minutes_shown

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        return _answer(minutes.approve(session, minutes_shown.read(session, args.panel, reason).number, reason))


def _correct(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import minutes

    with session_from(args) as session:
        return _answer(minutes.correct(session, args.panel, args.why, reason_from(args, ReasonCode.PANEL)))


def _circulate(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving import minutes_copies

    with session_from(args) as session:
        copies = minutes_copies.circulate(
            session,
            args.panel,
            what=args.what,
            form=args.form,
            into=args.into,
            why=args.why,
            reason=reason_from(args, ReasonCode.PANEL),
            names=args.to,
            expires_on=args.until,
        )
    return copies_answer(copies)
