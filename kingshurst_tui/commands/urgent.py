"""``kingshurst urgent``: two agencies decide between panels; the next panel ratifies it or not."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.panels.urgent import Urgent


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    urgent = commands.add_parser("urgent", help="urgent decisions of two agencies between panels")
    verbs = urgent.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="urgent decisions and where they stand").set_defaults(run=_list)
    sign = store_parser(verbs, "sign", help="sign one for the first agency; not in force before a second one agrees")
    sign.add_argument("pseudonym", metavar="ID")
    sign.add_argument("--file", required=True, metavar="FILE", help="as for kingshurst decision sign")
    sign.add_argument("--why", required=True, metavar="TEXT", help="why it cannot wait for the next panel")
    add_over(sign)
    sign.set_defaults(run=_sign)
    for name, agree, about in (
        ("agree", True, "sign it for a second agency; it is in force then"),
        ("refuse", False, "say no for a second agency"),
    ):
        verb = store_parser(verbs, name, help=about)
        verb.add_argument("number", type=number, metavar="NUMBER")
        verb.set_defaults(run=_second, agree=agree)
    ratify = store_parser(verbs, "ratify", help="record that a panel stands behind it, or not")
    ratify.add_argument("number", type=number, metavar="NUMBER")
    ratify.add_argument("panel", type=number, metavar="PANEL")
    ratify.add_argument("--no", action="store_true", help="the panel does not ratify it")
    ratify.add_argument("--why", default="", metavar="TEXT")
    ratify.set_defaults(run=_ratify)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import urgent
    from kingshurst_tui.panels.in_lines import urgent_lines

    with session_from(args) as session:
        found = urgent.listed(session, reason_from(args, ReasonCode.PANEL))
    lines = [line for each in found for line in urgent_lines(each)]
    return Answer({"urgent": [asdict(each) for each in found]}, [some(len(found), "urgent decision"), *lines])


def _sign(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.commands.decision import document_of
    from kingshurst_tui.panels import urgent

    document = document_of(args.file)
    with session_from(args) as session:
        made = urgent.decide(
            session,
            args.pseudonym,
            document["fields"],
            document["not_discussed"],
            args.why,
            version=document["version"] if args.over is None else args.over,
            reason=reason_from(args, ReasonCode.PANEL),
        )
    return _answer(made)


def _second(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import urgent

    with session_from(args) as session:
        return _answer(urgent.second(session, args.number, args.agree, reason_from(args, ReasonCode.PANEL)))


def _ratify(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import urgent

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        return _answer(urgent.ratify(session, args.number, args.panel, not args.no, args.why, reason))


def _answer(shown: Urgent) -> Answer:
    from kingshurst_tui.panels.in_lines import urgent_lines

    return Answer({"urgent": asdict(shown)}, list(urgent_lines(shown)))
