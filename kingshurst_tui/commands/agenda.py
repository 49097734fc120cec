"""``kingshurst agenda``: who is flagged and why; filter, sort by one fact, triage."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, count, day, session_from, store_parser


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    parser = store_parser(commands, "agenda", help="who is flagged, why and since when; triage")
    parser.add_argument("--as-of", type=day, metavar="DATE", help="as of this day, today if none")
    parser.add_argument("--priority", default="", metavar="AREA", help="only flags of this priority area")
    parser.add_argument("--rule", default="", metavar="CODE", help="only flags of this rule")
    parser.add_argument(
        "--triage",
        default="",
        metavar="WORD",
        help="only profiles triaged so; with --set, what to triage one as: untriaged, panel, another-panel, "
        "single-agency, not-now; away is all of the last three",
    )
    parser.add_argument(
        "--sort",
        default="raised",
        metavar="FACT",
        help="one visible fact: raised, lapses, incidents, contacts, agencies, last, who, triage",
    )
    parser.add_argument("--limit", type=count, default=500, metavar="N")
    parser.add_argument("--set", default="", metavar="PSEUDONYM", help="triage this profile, saying why in --reason")
    parser.add_argument("--until", type=day, metavar="DATE", help="with not-now, the day on which it comes back")
    add_over(parser)
    parser.set_defaults(run=_agenda)


def _agenda(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import agenda, in_lines

    if args.set:
        return _triage(args)
    with session_from(args) as session:
        found = agenda.open_agenda(
            session,
            as_of=args.as_of,
            priority=args.priority,
            rule=args.rule,
            triage=args.triage,
            sort=args.sort,
            limit=args.limit,
        )
    result = asdict(found)
    result["as_of"] = found.as_of.isoformat()
    result["rules"] = [{"code": code, "title": title} for code, title in found.rules]
    # Row numbers of the store mean nothing outside it.
    for row in result["rows"]:
        row.pop("profile_id")
    return Answer(result, in_lines.agenda_lines(found))


def _triage(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import triage
    from kingshurst_tui.errors import UsageError

    if not args.triage:
        raise UsageError("Triage as what?", "Nothing was changed.", "Say it with --triage, and why with --reason.")
    with session_from(args) as session:
        triage.set_triage(session, args.set, args.triage, args.reason or "", until=args.until, version=args.over)
    return Answer({"pseudonym": args.set, "triage": args.triage}, (f"{args.set} is {triage.TRIAGE[args.triage]}.",))
