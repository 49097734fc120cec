"""``kingshurst going-on``: sign although a rule of the panel's own says stop; two people and written words."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    going_on = commands.add_parser("going-on", help="go on although a rule of the panel's own says stop")
    verbs = going_on.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="what was asked in three months, and what waits").set_defaults(run=_list)
    ask = store_parser(verbs, "ask", help="ask; a second person must agree before anything is signed")
    ask.add_argument("pseudonym", metavar="ID")
    ask.add_argument("stop", metavar="STOP", help="no-quorum, no-health-member or police-lead-on-crisis")
    ask.add_argument("--why", required=True, metavar="TEXT")
    ask.add_argument("--case", type=number, metavar="NUMBER", help="the case of the panel; none outside a panel")
    ask.set_defaults(run=_ask)
    for name, agree, about in (("agree", True, "agree, as the second person"), ("refuse", False, "say no to it")):
        verb = store_parser(verbs, name, help=about)
        verb.add_argument("number", type=number, metavar="NUMBER")
        verb.set_defaults(run=_settle, agree=agree)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import going_on
    from kingshurst_tui.panels.in_lines import going_on_lines

    with session_from(args) as session:
        found = going_on.listed(session, reason_from(args, ReasonCode.OVERSIGHT))
    lines = [line for each in found for line in going_on_lines(each)]
    heading = some(len(found), "time somebody asked to go on", "times somebody asked to go on")
    return Answer({"going_on": [asdict(each) for each in found]}, [heading, *lines])


def _ask(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import going_on

    with session_from(args) as session:
        made = going_on.ask(
            session,
            args.pseudonym,
            args.stop,
            args.why,
            panel_case=args.case,
            reason=reason_from(args, ReasonCode.PANEL),
        )
    return Answer({"going_on": made}, (f"Asked, as number {made}. Nothing is signed before a second person agrees.",))


def _settle(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import going_on
    from kingshurst_tui.panels.in_lines import going_on_lines

    with session_from(args) as session:
        settled = going_on.settle(session, args.number, args.agree, reason_from(args, ReasonCode.PANEL))
    return Answer({"going_on": asdict(settled)}, list(going_on_lines(settled)))
