"""``kingshurst crash``: what went wrong in the program, as it was sealed then; for administrators."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from db.crashes import CrashReport


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    crash = commands.add_parser("crash", help="list and show what went wrong in the program (administrators)")
    verbs = crash.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="list references, the newest first")
    listing.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="show where and how; never what a record held")
    show.add_argument("reference", metavar="REFERENCE")
    show.set_defaults(run=_show)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import crashes

    with session_from(args) as session:
        found = crashes.listed(session, reason_from(args, ReasonCode.MAINTENANCE))
    return Answer(
        {"crashes": [report._asdict() for report in found]},
        [_line(report) for report in found] or ["Nothing went wrong that is not known."],
    )


def _line(report: CrashReport) -> str:
    return f"{report.reference}  {report.at[:19].replace('T', ' ')} UTC  {report.user_name}"


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import crashes

    with session_from(args) as session:
        detail = crashes.shown(session, args.reference, reason_from(args, ReasonCode.MAINTENANCE))
    return Answer({"reference": args.reference, "detail": detail}, detail.splitlines())
