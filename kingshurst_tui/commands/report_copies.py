"""What the verbs that let a report leave have alike: whom it is for, in which form, where to, and what they answer."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Copy

Release = Callable[..., "tuple[Copy, ...]"]
"""Lets one report leave: a session, then form, into, recipients, why and reason by name."""


def add_report(verbs: Subparsers, *, help: str, release: Callable[[], Release]) -> None:  # noqa: A002
    """Add the verb ``report``; ``release`` loads what lets it leave when it is asked for."""
    report = store_parser(verbs, "report", help=help)
    report.add_argument("--form", default="html", choices=("html", "pdf", "docx", "txt"))
    report.add_argument("--into", required=True, type=Path, metavar="DIR", help="a folder that is there")
    report.add_argument(
        "--to", required=True, action="append", metavar="AGENCY:NAME", help="whom it is for; may be repeated"
    )
    report.set_defaults(run=lambda args: _report(args, release()))


def _report(args: argparse.Namespace, release: Release) -> Answer:
    from kingshurst_tui.leaving.gate import Recipient

    to = [Recipient(name.strip(), agency.strip()) for agency, _, name in (each.partition(":") for each in args.to)]
    with session_from(args) as session:
        copies = release(
            session,
            form=args.form,
            into=args.into,
            recipients=to,
            why=args.reason or "",
            reason=reason_from(args, ReasonCode.OVERSIGHT),
        )
    made: list[dict[str, Any]] = [
        {"recipient": each.recipient.name, "agency": each.recipient.agency, "file": str(each.path)} for each in copies
    ]
    return Answer({"copies": made}, [f"{each['file']}  for {each['recipient']} ({each['agency']})" for each in made])
