"""``kingshurst case``: where a case stands, who leads it now, and who alone may open it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kingshurst_tui.casework.cases import CaseShown


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    case = commands.add_parser("case", help="say where a case stands, hand it over, restrict it")
    verbs = case.add_subparsers(metavar="VERB", required=True)
    listed = store_parser(verbs, "list", help="cases, what changed last first")
    listed.add_argument("--state", default="", metavar="WORD", help="open, monitoring, closed, reopened or stood-down")
    listed.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="where a case stands and stood, and who leads it now")
    show.add_argument("pseudonym", metavar="ID")
    show.set_defaults(run=_show)
    state = store_parser(verbs, "state", help="say where a case stands from now on (--why says why)")
    state.add_argument("pseudonym", metavar="ID")
    state.add_argument("state", metavar="STATE", help="open, monitoring, closed, reopened or stood-down")
    state.add_argument("--why", required=True, metavar="TEXT")
    add_over(state)
    state.set_defaults(run=_state)
    _add_handovers(verbs)
    _add_lists(verbs)


def _add_handovers(verbs: Subparsers) -> None:
    store_parser(verbs, "handovers", help="leads that wait for the other agency's answer").set_defaults(run=_handovers)
    hand = store_parser(verbs, "hand-over", help="ask another agency to lead")
    hand.add_argument("pseudonym", metavar="ID")
    hand.add_argument("--to", required=True, metavar="CODE")
    hand.add_argument("--why", required=True, metavar="TEXT")
    hand.add_argument("--handover", required=True, metavar="TEXT", help="what the other agency must know")
    hand.set_defaults(run=_hand_over)
    for verb, words in (
        ("take-over", "lead from now on, as you were asked to"),
        ("decline", "do not take the lead over; --note says why"),
        ("keep", "take back what you asked for; --note says why"),
    ):
        change = store_parser(verbs, verb, help=words)
        change.add_argument("number", type=number, metavar="NUMBER")
        change.add_argument("--note", default="", metavar="TEXT")
        change.set_defaults(run=_answer, verb=verb)


def _add_lists(verbs: Subparsers) -> None:
    store_parser(verbs, "restricted", help="restricted cases, and who is on their lists").set_defaults(run=_restricted)
    restrict = store_parser(verbs, "restrict", help="close a case to everybody but its list; you are on it")
    restrict.add_argument("pseudonym", metavar="ID")
    restrict.add_argument("--why", required=True, metavar="TEXT")
    restrict.add_argument("--let-in", default=[], action="append", metavar="NAME", help="a user who is on the list too")
    restrict.set_defaults(run=_restrict)
    for verb, words in (("let-in", "put a user on the list (--why says why)"), ("take-off", "take a user off it")):
        change = store_parser(verbs, verb, help=words)
        change.add_argument("pseudonym", metavar="ID")
        change.add_argument("name", metavar="NAME")
        if verb == "let-in":
            change.add_argument("--why", required=True, metavar="TEXT")
        change.set_defaults(run=_list_change, verb=verb)
    end = store_parser(verbs, "unrestrict", help="end a restriction (--why says why)")
    end.add_argument("pseudonym", metavar="ID")
    end.add_argument("--why", required=True, metavar="TEXT")
    end.set_defaults(run=_end)


def _lines(each: CaseShown) -> Iterator[str]:
    lead = f"  {each.lead.agency} leads now, by {each.lead.because}" if each.lead else ""
    yield f"{each.pseudonym}{'' if each.is_open else '  masked'}{lead}"
    if each.restriction:
        yield f"    {each.restriction.in_words()}"
    yield from (f"    {state.in_words()}" for state in each.states)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import cases

    with session_from(args) as session:
        found = cases.listed(session, reason_from(args, ReasonCode.PANEL), args.state)
    lines = [line for each in found for line in _lines(each)]
    return Answer({"cases": [asdict(each) for each in found]}, [some(len(found), "case"), *lines])


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import cases

    with session_from(args) as session:
        found = cases.read(session, args.pseudonym, reason_from(args, ReasonCode.PANEL))
    nothing = [] if found.states else ["    Nobody has said where this case stands."]
    return Answer({"case": asdict(found)}, [*_lines(found), *nothing])


def _state(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import cases

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        cases.set_state(session, args.pseudonym, args.state, args.why, reason, over=args.over)
    return Answer({"state": args.state}, (f"The case of {args.pseudonym} is {args.state.replace('-', ' ')}.",))


def _handovers(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import lead_transfers

    with session_from(args) as session:
        found = lead_transfers.listed(session, reason_from(args, ReasonCode.PANEL))
    lines = [
        line
        for each in found
        for line in (
            f"{each.number:>6}  {each.pseudonym}  {each.from_agency} asks {each.to_agency} to lead: {each.why}",
            f"        {each.handover}",
        )
    ]
    return Answer(
        {"handovers": [asdict(each) for each in found]}, [some(len(found), "handover waits", "handovers wait"), *lines]
    )


def _hand_over(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import lead_transfers

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        asked = lead_transfers.ask(session, args.pseudonym, args.to, args.why, args.handover, reason)
    return Answer({"handover": asked}, (f"Handover {asked}: {args.to} is asked, and leads once it says so.",))


def _answer(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import lead_transfers

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        if args.verb == "keep":
            lead_transfers.withdraw(session, args.number, args.note, reason)
        else:
            accepted = args.verb == "take-over"
            lead_transfers.answer(session, args.number, accepted=accepted, words=args.note, reason=reason)
    said = {"take-over": "accepted", "decline": "declined", "keep": "taken back"}[args.verb]
    return Answer({"handover": args.number, "answer": said}, (f"Handover {args.number} is {said}.",))


def _restricted(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import case_access

    with session_from(args) as session:
        found = case_access.listed(session, reason_from(args, ReasonCode.PANEL))
    lines = [
        f"{pseudonym}  {each.in_words()} On it: {', '.join(one.user_name for one in each.on_list)}."
        for pseudonym, each in found
    ]
    restricted = [{"pseudonym": pseudonym, **asdict(each)} for pseudonym, each in found]
    return Answer({"restricted": restricted}, [some(len(found), "restricted case"), *lines])


def _restrict(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import case_access

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        case_access.restrict(session, args.pseudonym, args.why, args.let_in, reason)
    return Answer({"restricted": args.pseudonym}, (f"The case of {args.pseudonym} is open to its list alone.",))


def _list_change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import case_access

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        if args.verb == "let-in":
            case_access.let_in(session, args.pseudonym, args.name, args.why, reason)
        else:
            case_access.take_off(session, args.pseudonym, args.name, reason)
    said = "is on the list now" if args.verb == "let-in" else "is off the list"
    return Answer({"user": args.name}, (f"{args.name} {said}.",))


def _end(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import case_access

    with session_from(args) as session:
        case_access.end(session, args.pseudonym, args.why, reason_from(args, ReasonCode.PANEL))
    return Answer({"restricted": ""}, (f"The case of {args.pseudonym} is restricted no more.",))
