"""``kingshurst panel``: meetings, who is asked and who came; panel_agenda.py has what is on them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands import panel_agenda, panel_deciding
from kingshurst_tui.commands.common import Answer, Subparsers, add_over, count, day, number, session_from, store_parser
from kingshurst_tui.commands.panel_agenda import numbered, version_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.panels.records import Panel, PanelFacts


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    panel = commands.add_parser("panel", help="panels: call, prepare, open and close a meeting")
    verbs = panel.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="the panels, the latest first").set_defaults(run=_list)
    numbered(verbs, "show", "one panel: who is asked, its agenda, what was sent", _show)
    _facts_options(store_parser(verbs, "new", help="call a panel"), run=_new, needed=True)
    change = numbered(verbs, "change", "change what is written of a panel", _change)
    _facts_options(change, run=_change, needed=False)
    add_over(change)
    opened = numbered(verbs, "open", "begin the meeting", _turn)
    opened.add_argument(
        "--confidentiality", default="", metavar="WORD", help="the statement was: agreed, read (out) or not-read"
    )
    for verb, words in (
        ("close", "end it; --reason says why cases were left"),
        ("call-off", "say that it is not held (--reason says why)"),
    ):
        numbered(verbs, verb, words, _turn)
    _member_verbs(verbs)
    panel_agenda.add_verbs(verbs)
    panel_deciding.add(verbs)
    setting = store_parser(verbs, "set", help="the partnership's clocks, targets and loads; with a value, set one")
    setting.add_argument("name", nargs="?", default="", metavar="NAME")
    setting.add_argument("value", nargs="?", type=number, metavar="VALUE")
    setting.set_defaults(run=_set)


def _facts_options(
    parser: argparse.ArgumentParser, *, run: Callable[[argparse.Namespace], Answer], needed: bool
) -> None:
    parser.add_argument("--title", required=needed, metavar="TEXT")
    parser.add_argument("--on", required=needed, type=day, metavar="DATE", help="when it is held")
    parser.add_argument("--kind", metavar="TEXT", help="what kind of meeting, in the partnership's own words")
    parser.add_argument("--area", action="append", metavar="AREA", help="a priority area; may be given again")
    parser.add_argument("--place", metavar="TEXT")
    parser.add_argument("--begins", metavar="HH:MM")
    parser.add_argument("--chair", metavar="USER")
    parser.add_argument("--minute-taker", metavar="USER", help="somebody else than the chair")
    parser.add_argument("--agencies", type=count, metavar="N", help="quorum: how many different partner agencies")
    parser.add_argument("--must", action="append", metavar="KIND", help="quorum: a kind of agency that must be there")
    parser.add_argument("--load", type=count, metavar="N", help="cases that are its load; more ask for a reason")
    parser.add_argument("--lock", type=count, metavar="MINUTES", help="without a key, before the room locks")
    parser.add_argument("--information-by", type=day, metavar="DATE")
    parser.set_defaults(run=run)


def _member_verbs(verbs: Subparsers) -> None:
    member = numbered(verbs, "member", "ask somebody to a panel", _member)
    member.add_argument("--agency", required=True, metavar="CODE")
    member.add_argument("--name", default="", metavar="NAME", help="for whoever has no account here")
    member.add_argument("--account", default="", metavar="USER")
    member.add_argument("--standing", default="member", metavar="WORD", help="member, deputy or observer")
    member.add_argument("--deputy-for", default="", metavar="NAME")
    numbered(verbs, "leave-out", "ask a member no more (--reason says why)", _leave_out)
    attend = numbered(verbs, "attend", "say whether a member came", _attend)
    attend.add_argument("attendance", metavar="WORD", help="present, apologies, absent or asked")
    attend.add_argument("--information-on", type=day, metavar="DATE", help="with apologies: when their papers came")
    add_over(attend)
    numbered(verbs, "all-present", "everybody asked came, but for who is marked already", _all_present)
    numbered(verbs, "confirm", "a member confirms confidentiality", _confirm)
    interest = numbered(verbs, "interest", "a member declares an interest", _interest)
    interest.add_argument("--words", required=True, metavar="TEXT", help="what it is")
    interest.add_argument("--step", required=True, metavar="WORD", help="stepped-out, stayed or none-needed")
    interest.add_argument("--case", type=number, metavar="CASE", help="in which case; without it the whole panel")


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import meetings, prepared_in_lines

    with session_from(args) as session:
        found = meetings.panels(session)
    return Answer({"panels": [prepared_in_lines.as_json(each) for each in found]}, prepared_in_lines.list_lines(found))


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import meetings, prepared_in_lines

    with session_from(args) as session:
        found = meetings.one(session, args.number)
    return Answer(prepared_in_lines.as_json(found), prepared_in_lines.panel_lines(found))


def _new(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import meetings, settings
    from kingshurst_tui.panels.records import PanelFacts, QuorumRule

    with session_from(args) as session:
        usual = PanelFacts(
            args.title,
            args.on,
            quorum=QuorumRule(cap=settings.value_of(session, "panel.load")),
            lock_minutes=settings.value_of(session, "panel.lock"),
        )
        made = meetings.new(session, _given(args, usual))
    return Answer({"panel": made}, (f"Panel {made} is called.",))


def _change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import meetings, prepared_in_lines, running

    with session_from(args) as session:
        kept: Panel = meetings.one(session, args.number).panel
        over = kept.version if args.over is None else int(args.over)
        changed = meetings.change(session, args.number, _given(args, running.facts_of(kept)), over=over)
    return Answer({"panel": prepared_in_lines.as_json(changed)}, (f"Panel {args.number} is changed.",))


def _given(args: argparse.Namespace, facts: PanelFacts) -> PanelFacts:
    """Return facts with what the options say; what they leave out stays."""
    options = {
        "title": args.title,
        "held_on": args.on,
        "kind": args.kind,
        "areas": tuple(args.area) if args.area is not None else None,
        "place": args.place,
        "begins_at": args.begins,
        "chair": args.chair,
        "minute_taker": args.minute_taker,
        "lock_minutes": args.lock,
        "information_by": args.information_by,
    }
    rule = {
        "agencies": args.agencies,
        "must": tuple(args.must) if args.must is not None else None,
        "cap": args.load,
    }
    quorum = replace(facts.quorum, **{name: value for name, value in rule.items() if value is not None})
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return replace(facts, **given, quorum=quorum)


def _turn(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import attendance, meetings

    waiting = ""
    with session_from(args) as session:
        if args.verb == "open":
            meetings.open_panel(session, args.number, args.confidentiality)
            waiting = attendance.in_words(attendance.here_by_one_word(session, args.number))
        elif args.verb == "close":
            meetings.close_panel(session, args.number, args.reason or "")
        else:
            meetings.call_off(session, args.number, args.reason or "")
    said = {"open": "is open", "close": "is closed", "call-off": "is called off"}[args.verb]
    lines = [f"Panel {args.number} {said}.", *waiting.splitlines()]
    return Answer({"panel": args.number, "done": args.verb, "not_counted_yet": waiting.splitlines()}, lines)


def _member(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import members

    with session_from(args) as session:
        made = members.invite(
            session,
            args.number,
            agency=args.agency,
            name=args.name,
            user_name=args.account,
            standing=args.standing,
            deputy_for=args.deputy_for,
        )
    return Answer({"member": made}, (f"Member {made} is asked to panel {args.number}.",))


def _leave_out(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import members

    with session_from(args) as session:
        members.leave_out(session, args.number, args.reason or "")
    return Answer({"member": args.number}, (f"Member {args.number} is asked no more.",))


def _attend(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import attendance

    with session_from(args) as session:
        attendance.attend(
            session,
            args.number,
            args.attendance,
            information_on=args.information_on,
            over=version_of(args.over),
            why=args.reason or "",
        )
    said = f"Member {args.number}: {args.attendance}."
    return Answer({"member": args.number, "attendance": args.attendance}, (said,))


def _all_present(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import attendance

    with session_from(args) as session:
        came, vouched = attendance.all_present(session, args.number)
    said = f"Panel {args.number}: {came} more are present; you vouch for {vouched} who were."
    return Answer({"panel": args.number, "present": came, "vouched": vouched}, (said,))


def _confirm(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import attendance

    with session_from(args) as session:
        attendance.confirm(session, args.number)
    return Answer({"member": args.number}, (f"Member {args.number} has confirmed confidentiality.",))


def _interest(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import conflicts

    with session_from(args) as session:
        made = conflicts.declare(session, args.number, args.words, args.step, case_id=args.case)
    return Answer({"interest": made}, (f"Interest {made} is declared.",))


def _set(args: argparse.Namespace) -> Answer:
    from dataclasses import asdict

    from kingshurst_tui.panels import settings

    with session_from(args) as session:
        if args.value is not None:
            settings.change(session, args.name, args.value, args.reason or "")
        found = {name: settings.value_of(session, name) for name in settings.SETTINGS}
    known = {name: {**asdict(each), "value": found[name]} for name, each in settings.SETTINGS.items()}
    lines = (f"{name}: {found[name]} {each.unit}. {each.title}" for name, each in settings.SETTINGS.items())
    return Answer({"settings": known}, lines)
