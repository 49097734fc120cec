"""``kingshurst places overlap``: whether the most frequent people, and places, are the same across agencies."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, count, session_from, store_parser
from kingshurst_tui.vocabulary import PriorityArea

if TYPE_CHECKING:
    from kingshurst_tui.learning.overlap import Group, Overlap
    from kingshurst_tui.places.place_overlap import PlaceOverlap


def add_verbs(verbs: Subparsers) -> None:
    """Add the verb."""
    made = store_parser(verbs, "overlap", help="whether agencies' most frequent people and places are the same ones")
    made.add_argument("--priority-area", choices=[str(each) for each in PriorityArea], help="all together if not given")
    made.add_argument("--year", type=count, metavar="YEAR", help="a calendar year; else the latest four quarters")
    made.set_defaults(run=_overlap)


def _overlap(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.known_before import known_before
    from kingshurst_tui.learning.overlap import overlap
    from kingshurst_tui.places.place_overlap import place_overlap

    with session_from(args) as session:
        found = overlap(session, args.priority_area or "", year=args.year)
        before = known_before(session)
        places = place_overlap(session)
    result = asdict(found) | {"known_before": asdict(before), "places": [asdict(each) for each in places]}
    return Answer(_ready(result), [*in_lines(found), "", before.words, "", *_places(places)])


def _ready(found: Any) -> Any:
    """Return the same for JSON: days as text."""
    if isinstance(found, dict):
        return {key: _ready(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_ready(value) for value in found]
    return found.isoformat() if isinstance(found, date) else found


def _places(found: Sequence[PlaceOverlap]) -> Iterator[str]:
    from kingshurst_tui.places.place_overlap import DEFINED

    if not found:
        yield "No look-up of places was imported, or nothing is published of LSOAs."
        return
    yield DEFINED
    for each in found:
        yield f"{each.title} ({each.agency_code}), {each.months[0]} to {each.months[-1]}"
        for group in each.groups:
            yield f"  {group.percent} %: {group.words}"


def in_lines(found: Overlap) -> Iterator[str]:
    """Yield the figures as lines."""
    yield f"{found.period.words}, {found.area or 'all priority areas'}"
    for each in found.agencies:
        yield each.agency
        for group in each.groups:
            yield from _group(group)
    yield from found.said


def _group(group: Group) -> Iterator[str]:
    from kingshurst_tui.learning.overlap import title_of

    if group.not_told:
        yield f"  {title_of(group.percent)}: {group.not_told}"
        return
    yield f"  {title_of(group.percent)}" + (f" (about {group.people:,})" if group.people else "")
    if group.known is not None:
        yield f"    known to another agency: {group.known.words}"
    for code, figure in group.known_to.items():
        if figure.part is not None:
            yield f"    known to {code}: {figure.words}"
    if hidden := [code for code, figure in group.known_to.items() if figure.part is None]:
        yield f"    known to {', '.join(hidden)}: hidden"
    if group.frequent_too is not None:
        yield f"    among the most frequent of another: {group.frequent_too.words}"
    if group.demand is not None:
        yield f"    of the agency's incidents: {group.demand.words}"
