"""``kingshurst area``: counts for places and months, small ones hidden."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, session_from, store_parser


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    area = store_parser(commands, "area", help="list counts for areas as published: small ones hidden, gaps named")
    area.add_argument("--agreement", metavar="REF", help="of one data set")
    area.add_argument("--area", metavar="CODE", help="of one place")
    area.add_argument("--totals", action="store_true", help="all categories of a place and month together")
    area.set_defaults(run=_list)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import measures

    with session_from(args) as session:
        read = measures.totals if args.totals else measures.measures
        found = read(session, agreement=args.agreement, area=args.area)
    return Answer(
        {"measures": [asdict(line) for line in found]},
        [
            f"{line.agreement:<20} {line.area:<10} {line.month:<7} {line.category:<32.32} {line.shown:>10}"
            f"{'' if line.complete else f'  incomplete, not a fall: {line.why}'}"
            for line in found
        ]
        or ["No area measure is open for this purpose."],
    )
