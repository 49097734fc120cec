"""``kingshurst panel``, what is on a meeting: candidates, cases, what agencies send and what each thinks first."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, count, day, number, session_from, store_parser

if TYPE_CHECKING:
    from collections.abc import Callable


def add_verbs(verbs: Subparsers) -> None:
    """Add the verbs about cases and about what agencies send."""
    _case_verbs(verbs)
    _information_verbs(verbs)


def numbered(
    verbs: Subparsers, verb: str, words: str, run: Callable[[argparse.Namespace], Answer]
) -> argparse.ArgumentParser:
    """Return the parser of a verb that takes one number."""
    parser = store_parser(verbs, verb, help=words)
    parser.add_argument("number", type=number, metavar="NUMBER")
    parser.set_defaults(run=run, verb=verb)
    return parser


def version_of(over: str | int | None) -> int | None:
    """Return the version that --over names. Raises: UsageError."""
    from kingshurst_tui.errors import UsageError

    if over is None or isinstance(over, int):
        return over
    raise UsageError("That is no version.", "Nothing was changed.", "The error of the first try names it.")


def _case_verbs(verbs: Subparsers) -> None:
    numbered(verbs, "candidates", "who might come before a panel, and why; nothing adds itself", _candidates)
    case = numbered(verbs, "case", "put somebody on a panel's agenda", _case)
    case.add_argument("pseudonym", metavar="ID")
    case.add_argument("--question", default="", metavar="TEXT", help="what the panel is asked, and why now")
    case.add_argument("--minutes", type=count, metavar="N")
    case.add_argument("--over-load", default="", metavar="TEXT", help="why, where the agenda is longer than the load")
    propose = numbered(verbs, "propose", "propose somebody for a panel", _propose)
    propose.add_argument("pseudonym", metavar="ID")
    propose.add_argument("--why", required=True, metavar="TEXT")
    for verb, words in (
        ("accept", "put a proposed case on the agenda"),
        ("decline", "leave a proposed case off it (--reason says why)"),
        ("take-off", "take a case off the agenda (--reason says why)"),
        ("defer", "put a case off to a later panel (--reason says why)"),
        ("put-back", "list a case again"),
    ):
        parser = numbered(verbs, verb, words, _settle)
        parser.add_argument("--over-load", default="", metavar="TEXT", help="why, where the load is gone over")
    move = numbered(verbs, "move", "give a case another place", _move)
    move.add_argument("--to", type=count, required=True, metavar="PLACE")
    reword = numbered(verbs, "reword", "change what is asked about a case, or its minutes", _reword)
    reword.add_argument("--question", metavar="TEXT")
    reword.add_argument("--minutes", type=count, metavar="N")
    add_over(reword)


def _information_verbs(verbs: Subparsers) -> None:
    ask = numbered(verbs, "ask", "ask agencies what they know that bears on a case", _ask)
    ask.add_argument("--all", action="store_true", help="NUMBER is a panel: the same about each of its open cases")
    ask.add_argument("--agency", action="append", required=True, metavar="CODE")
    ask.add_argument("--question", required=True, metavar="TEXT")
    ask.add_argument("--by", required=True, type=day, metavar="DATE")
    store_parser(verbs, "asked", help="what your agency is asked, the soonest due first").set_defaults(run=_asked)
    answer = numbered(verbs, "answer", "answer what your agency is asked", _answer)
    answer.add_argument("--as", dest="status", required=True, metavar="WORD", help="sent, nothing-held or refused")
    answer.add_argument("--words", default="", metavar="TEXT")
    answer.add_argument("--for", dest="entered_for", default="", metavar="NAME", help="whose word you enter")
    add_over(answer)
    numbered(verbs, "take-back", "ask no more (--reason says why)", _take_back)
    view = numbered(verbs, "view", "your agency's first view of a case; without words, those written", _view)
    for name in ("known", "worry", "strengths", "position"):
        view.add_argument(f"--{name}", default="", metavar="TEXT")
    view.add_argument("--agency", default="", metavar="CODE", help="for an agency that has no user here")
    view.add_argument("--for", dest="entered_for", default="", metavar="NAME", help="whose word you enter")
    add_over(view)
    reveal = numbered(verbs, "reveal", "show the first views of a case to all", _reveal)
    reveal.add_argument("--all", action="store_true", help="NUMBER is a panel: of all its cases together")


def _candidates(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import candidates, prepared_in_lines

    with session_from(args) as session:
        found = candidates.candidates(session, args.number)
    result = {"candidates": [prepared_in_lines.as_json(each) for each in found]}
    return Answer(result, prepared_in_lines.candidate_lines(found))


def _case(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework.profiles_found import written_out
    from kingshurst_tui.panels import candidates, cases

    with session_from(args) as session:
        found = {each.pseudonym: each for each in candidates.candidates(session, args.number)}
        one = found.get(written_out(args.pseudonym))
        if one is not None:
            made = candidates.add(session, args.number, one, question=args.question, why_over_cap=args.over_load)
        else:
            made = cases.add(session, args.number, args.pseudonym, question=args.question, why_over_cap=args.over_load)
        if args.minutes is not None:
            cases.set_minutes(session, made, args.minutes)
    return Answer({"case": made}, (f"Case {made} is on the agenda of panel {args.number}.",))


def _propose(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import proposals

    with session_from(args) as session:
        made = proposals.propose(session, args.number, args.pseudonym, args.why)
    return Answer({"case": made}, (f"Case {made} is proposed for panel {args.number}.",))


def _settle(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import cases, proposals

    with session_from(args) as session:
        if args.verb == "accept":
            proposals.accept(session, args.number, why_over_cap=args.over_load)
        elif args.verb == "put-back":
            cases.put_back(session, args.number, args.over_load)
        else:
            act = {"decline": proposals.decline, "take-off": cases.take_off, "defer": cases.defer}[args.verb]
            act(session, args.number, args.reason or "")
    said = {
        "accept": "is on the agenda",
        "decline": "is left off",
        "take-off": "is taken off",
        "defer": "is put off",
        "put-back": "is on the agenda again",
    }[args.verb]
    return Answer({"case": args.number, "done": args.verb}, (f"Case {args.number} {said}.",))


def _move(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import cases

    with session_from(args) as session:
        cases.place_at(session, args.number, args.to)
    return Answer({"case": args.number, "place": args.to}, (f"Case {args.number} is moved.",))


def _reword(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import cases

    with session_from(args) as session:
        kept = cases.read(session, args.number)
        over = version_of(args.over)
        cases.reword(
            session,
            args.number,
            question=kept.question if args.question is None else args.question,
            minutes=kept.minutes if args.minutes is None else args.minutes,
            over=kept.version if over is None else over,
        )
    return Answer({"case": args.number}, (f"Case {args.number} is changed.",))


def _ask(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.counting import some
    from kingshurst_tui.panels import information

    with session_from(args) as session:
        ask = information.ask_all if args.all else information.ask
        made = ask(session, args.number, args.agency, args.question, args.by)
    return Answer({"requests": list(made)}, (f"{some(len(made), 'request is', 'requests are')} made.",))


def _asked(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import information, prepared_in_lines

    with session_from(args) as session:
        found = information.for_my_agency(session)
    lines = (f"{each.pseudonym}: {prepared_in_lines.request_line(each)}" for each in found)
    return Answer({"requests": [prepared_in_lines.as_json(each) for each in found]}, lines)


def _answer(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import information

    with session_from(args) as session:
        information.answer(
            session, args.number, args.status, args.words, entered_for=args.entered_for, over=version_of(args.over)
        )
    return Answer({"request": args.number, "status": args.status}, (f"Request {args.number} is answered.",))


def _take_back(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import information

    with session_from(args) as session:
        information.take_back(session, args.number, args.reason or "")
    return Answer({"request": args.number}, (f"Request {args.number} is taken back.",))


def _view(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import first_views, prepared_in_lines

    words = {name: getattr(args, name) for name in first_views.FIELDS}
    with session_from(args) as session:
        if any(words.values()):
            first_views.write(
                session,
                args.number,
                words,
                agency=args.agency,
                entered_for=args.entered_for,
                over=version_of(args.over),
            )
        found = first_views.read(session, args.number)
    lines = (line for each in found for line in prepared_in_lines.view_lines(each))
    return Answer({"views": [prepared_in_lines.as_json(each) for each in found]}, lines)


def _reveal(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.counting import some
    from kingshurst_tui.panels import first_views

    with session_from(args) as session:
        if args.all:
            shown = first_views.reveal_all(session, args.number, args.reason or "")
        else:
            first_views.reveal(session, args.number, args.reason or "")
            shown = 1
    return Answer({"cases": shown}, (f"The first views of {some(shown, 'case')} are shown to all.",))
