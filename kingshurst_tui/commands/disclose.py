"""``kingshurst disclose``: packs, a partner's own columns, letters; what has left, whose a copy is, calling it back."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.commands.minutes import add_leaving, copies_answer
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.leaving.disclosed import Disclosed


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    disclose = commands.add_parser("disclose", help="what leaves through the one gate, and what has left")
    verbs = disclose.add_subparsers(metavar="VERB", required=True)
    listed = store_parser(verbs, "list", help="what has left, to whom, until when")
    listed.add_argument("--panel", type=number, metavar="PANEL")
    listed.set_defaults(run=_list)
    mark = store_parser(verbs, "mark", help="whose copy was found")
    mark.add_argument("mark", metavar="MARK")
    mark.set_defaults(run=_mark)
    back = store_parser(verbs, "call-back", help="say that every copy is to be given back or destroyed")
    back.add_argument("number", type=number, metavar="NUMBER")
    back.add_argument("--why", required=True, metavar="TEXT")
    back.set_defaults(run=_call_back)
    pack = store_parser(verbs, "pack", help="a pack for each attendee of a panel")
    pack.add_argument("panel", type=number, metavar="PANEL")
    add_leaving(pack)
    pack.set_defaults(run=_pack)
    columns = store_parser(verbs, "columns", help="decisions and actions in a partner's own columns")
    columns.add_argument("agreement", metavar="REF", help="the partner's data set whose columns they are")
    columns.add_argument("--name", required=True, help="who puts them into the partner's system")
    columns.add_argument("--account", default="", metavar="USER", help="their account here, where they have one")
    columns.add_argument("--panel", type=number, metavar="PANEL", help="of this panel alone")
    add_leaving(columns, names=False, form=False)
    columns.set_defaults(run=_columns)
    for kind, about in (("letter", "a plain letter to the person"), ("summary", "a summary of the meeting for them")):
        letter = store_parser(verbs, kind, help=about)
        letter.add_argument("pseudonym", metavar="ID")
        letter.add_argument(
            "--file",
            required=True,
            metavar="FILE",
            help='JSON: {"because": ..., "next_steps": ..., "reply_to": ...}, for the person; - is standard input',
        )
        add_leaving(letter, names=False)
        letter.set_defaults(run=_letter, kind=kind)


def _as_json(each: Disclosed) -> dict[str, Any]:
    return asdict(each) | {"expires_on": each.expires_on.isoformat()}


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving import disclosed
    from kingshurst_tui.leaving.in_lines import disclosed_lines

    with session_from(args) as session:
        found = disclosed.listed(session, reason_from(args, ReasonCode.OVERSIGHT), panel=args.panel)
    return Answer({"disclosures": [_as_json(each) for each in found]}, list(disclosed_lines(found)))


def _one(found: Disclosed) -> Answer:
    from kingshurst_tui.leaving.in_lines import disclosed_lines

    return Answer({"disclosure": _as_json(found)}, list(disclosed_lines([found]))[1:])


def _mark(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving import disclosed

    with session_from(args) as session:
        return _one(disclosed.of_mark(session, args.mark, reason_from(args, ReasonCode.OVERSIGHT)))


def _call_back(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving import disclosed

    with session_from(args) as session:
        return _one(disclosed.call_back(session, args.number, args.why, reason_from(args, ReasonCode.OVERSIGHT)))


def _pack(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving import packs

    with session_from(args) as session:
        copies = packs.release_packs(
            session,
            args.panel,
            form=args.form,
            into=args.into,
            why=args.why,
            reason=reason_from(args, ReasonCode.PANEL),
            names=args.to,
            expires_on=args.until,
        )
    return copies_answer(copies)


def _columns(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.counting import some
    from kingshurst_tui.leaving.columns_back import columns_back, owner_of
    from kingshurst_tui.leaving.gate import Recipient

    with session_from(args) as session:
        recipient = Recipient(args.name, owner_of(session, args.agreement), args.account)
        sent = columns_back(
            session,
            args.agreement,
            recipient,
            panel=args.panel,
            into=args.into,
            why=args.why,
            reason=reason_from(args, ReasonCode.PANEL),
            expires_on=args.until,
        )
    answer = copies_answer(sent.copies)
    unknown = some(sent.unknown, "person", "people")
    left_out = f"{unknown} whom that data set does not know, {sent.restricted} restricted"
    return Answer(
        answer.result | {"rows": sent.rows, "unknown": sent.unknown, "restricted": sent.restricted},
        [*answer.lines, f"{some(sent.rows, 'row')}; left out: {left_out}"],
    )


def _letter(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving.letters import letter

    written = _document(args.file)
    with session_from(args) as session:
        copies = letter(
            session,
            args.pseudonym,
            written,
            kind=args.kind,
            form=args.form,
            into=args.into,
            why=args.why,
            reason=reason_from(args, ReasonCode.APPROACH),
            expires_on=args.until,
        )
    return copies_answer(copies)


def _document(name: str) -> dict[str, str]:
    from kingshurst_tui.errors import InputRejected

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        found = json.loads(text)
    except (OSError, ValueError, RecursionError) as failed:
        raise InputRejected("The letter's words cannot be read.", "Nothing was written.", "Check the JSON.") from failed
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InputRejected("The letter's words are not a JSON object of texts.", "Nothing was written.")
    return found
