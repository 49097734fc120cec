"""``kingshurst people``: the list of people, and searching it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from kingshurst_tui.commands.common import Answer, Subparsers, count, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    people = store_parser(commands, "people", help="list people, or search for somebody")
    people.add_argument(
        "--search", metavar="TEXT", help="name, pseudonym, date of birth, postcode or own reference; near misses too"
    )
    people.add_argument(
        "--list", default="everybody", metavar="WHICH", help="everybody, open, flagged, ours or caseload"
    )
    people.add_argument("--from", dest="first", type=number, default=0, metavar="N", help="the first line to show")
    people.add_argument("--limit", type=count, default=50, metavar="N", help="how many lines to show, at most 500")
    people.set_defaults(run=_people)


def _people(args: argparse.Namespace) -> Answer:
    reason = reason_from(args, ReasonCode.FINDING)
    limit = min(args.limit, 500)
    if args.search is not None:
        return _search(args, reason, limit)
    from kingshurst_tui.casework import people

    with session_from(args) as session:
        listed = people.open_list(session, reason, which=args.list)
        lines = people.page(session, listed, max(args.first, 0), limit)
    rows = [_row(asdict(line)) for line in lines]
    return Answer(
        {"total": listed.total, "first": max(args.first, 0), "people": rows},
        [
            f"{some(listed.total, 'person', 'people')}; {len(rows)} shown",
            *(
                f"{line.pseudonym}  {line.name or 'masked':<28.28} {_marks(line.under_18, line.do_not_approach):<26}"
                f" {', '.join(line.agencies)}  {line.last_month}  {some(line.flags, 'flag')}"
                + (f"  known to you as {', '.join(line.own_references)}" if line.own_references else "")
                for line in lines
            ),
        ],
    )


def _search(args: argparse.Namespace, reason: Any, limit: int) -> Answer:
    from kingshurst_tui.casework import search

    with session_from(args) as session:
        found = search.search(session, args.search, reason, limit=limit)
    rows = [_row(asdict(hit)) for hit in found.hits]
    lines = [
        f"{hit.pseudonym}  {hit.name or 'masked':<28.28} {hit.matched}{' ' + hit.reference if hit.reference else ''}"
        for hit in found.hits
    ]
    heading = f"{found.total} found" + (f", the first {len(rows)} shown" if found.total > len(rows) else "")
    return Answer({"total": found.total, "people": rows}, [heading if rows else "None.", *lines])


def _marks(under_18: bool | None, do_not_approach: bool) -> str:
    return " ".join(
        word for word, holds in (("UNDER 18", bool(under_18)), ("DO NOT APPROACH", do_not_approach)) if holds
    )


def _row(line: dict[str, Any]) -> dict[str, Any]:
    line.pop("profile_id")
    return line
