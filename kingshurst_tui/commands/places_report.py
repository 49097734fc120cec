"""``kingshurst places report``: the Board's report, let out a copy a named recipient."""

from __future__ import annotations

import argparse
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode


def add_verbs(verbs: Subparsers) -> None:
    """Add the verb."""
    report = store_parser(verbs, "report", help="let the Board's report leave, made anew, a copy a named recipient")
    report.add_argument("--form", default="html", choices=("html", "pdf", "docx", "txt"))
    report.add_argument("--into", required=True, type=Path, metavar="DIR", help="a folder that is there")
    report.add_argument(
        "--to", required=True, action="append", metavar="AGENCY:NAME", help="whom it is for; may be repeated"
    )
    report.set_defaults(run=_report)


def _report(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.leaving.gate import Recipient
    from kingshurst_tui.places.board_report import release_board_report

    to = [Recipient(name.strip(), agency.strip()) for agency, _, name in (each.partition(":") for each in args.to)]
    with session_from(args) as session:
        copies = release_board_report(
            session,
            form=args.form,
            into=args.into,
            recipients=to,
            why=args.reason or "",
            reason=reason_from(args, ReasonCode.OVERSIGHT),
        )
    made = [
        {"recipient": each.recipient.name, "agency": each.recipient.agency, "file": str(each.path)} for each in copies
    ]
    return Answer({"copies": made}, [f"{each['file']}  for {each['recipient']} ({each['agency']})" for each in made])
