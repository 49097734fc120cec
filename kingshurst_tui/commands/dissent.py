"""``kingshurst dissent``: an agency disagrees with a decision; the chair answers; it goes up by clocks."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.dissent_shown import DissentShown


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    dissent = commands.add_parser("dissent", help="disagree with a decision, answer, escalate, close")
    verbs = dissent.add_subparsers(metavar="VERB", required=True)
    listed = store_parser(verbs, "list", help="dissents that are open, those due first")
    listed.add_argument("--closed", action="store_true", help="those that are closed too")
    listed.set_defaults(run=_list)
    make = store_parser(verbs, "make", help="sign your agency's dissent from a decision")
    make.add_argument("decision", type=number, metavar="DECISION")
    make.add_argument("--position", required=True, metavar="TEXT", help="what the agency holds instead")
    make.add_argument("--grounds", required=True, metavar="TEXT")
    make.add_argument("--missing", required=True, metavar="TEXT", help="what information was missing, or: nothing")
    make.add_argument("--alternative", required=True, metavar="TEXT", help="what it would do otherwise, or: nothing")
    make.add_argument("--agency", default="", metavar="CODE", help="a coordinator enters it for another agency")
    make.add_argument("--for", dest="entered_for", default="", metavar="NAME", help="for whom it is entered")
    make.set_defaults(run=_make)
    for name, about in (
        ("answer", "answer it, as the chair"),
        ("escalate", "take it one level up"),
        ("resolve", "say that both agencies agree now"),
        ("withdraw", "take it back, as its agency"),
        ("stand", "say that it stands and the decision is carried out, as the chair"),
    ):
        verb = store_parser(verbs, name, help=about)
        verb.add_argument("number", type=number, metavar="NUMBER")
        verb.add_argument("--words", required=True, metavar="TEXT")
        verb.add_argument("--version", type=number, required=True, metavar="N", help="as the list shows it")
        verb.set_defaults(run=_step, step=name)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import dissents
    from kingshurst_tui.panels.in_lines import dissent_lines

    with session_from(args) as session:
        found = dissents.listed(session, reason_from(args, ReasonCode.PANEL), with_closed=args.closed)
    lines = [line for each in found for line in dissent_lines(each)]
    return Answer({"dissents": [asdict(each) for each in found]}, [some(len(found), "dissent"), *lines])


def _make(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import dissents

    with session_from(args) as session:
        made = dissents.dissent(
            session,
            args.decision,
            args.position,
            args.grounds,
            args.missing,
            args.alternative,
            reason_from(args, ReasonCode.PANEL),
            agency=args.agency,
            entered_for=args.entered_for,
        )
    return _answer(made)


def _step(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import dissent_shown, dissents

    reason = reason_from(args, ReasonCode.PANEL)
    ends = {"resolve": dissent_shown.RESOLVED, "withdraw": dissent_shown.WITHDRAWN, "stand": dissent_shown.STANDS}
    with session_from(args) as session:
        if args.step in ends:
            done = dissents.close(
                session, args.number, ends[args.step], args.words, version=args.version, reason=reason
            )
        else:
            act = dissents.answer if args.step == "answer" else dissents.escalate
            done = act(session, args.number, args.words, version=args.version, reason=reason)
    return _answer(done)


def _answer(shown: DissentShown) -> Answer:
    from kingshurst_tui.panels.in_lines import dissent_lines

    return Answer({"dissent": asdict(shown)}, list(dissent_lines(shown)))
