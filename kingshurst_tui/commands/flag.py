"""``kingshurst flag``: run every rule over everybody and count what holds on a day."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, day, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    parser = store_parser(commands, "flag", help="run the rules and raise or take back flags")
    parser.add_argument("--as-of", type=day, metavar="DATE", help="count what holds on this day, today if none")
    parser.set_defaults(run=_flag)


def _flag(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework.flagging import run_rules
    from kingshurst_tui.clock import plain_date

    with session_from(args) as session:
        found = run_rules(session, args.as_of, reason=reason_from(args, ReasonCode.MAINTENANCE))
    changed = found.changed
    lines = [
        f"Flags as of {plain_date(found.as_of)}: {some(found.people, 'person is', 'people are')} flagged.",
        f"Raised {changed.raised}, corrected {changed.corrected}, withdrawn {changed.withdrawn}, "
        f"of an older version {changed.superseded}; incidents of several contacts changed: {changed.incidents}.",
    ]
    for rule in found.rules:
        unknown = f", unknown {rule.unknown}" if rule.unknown else ""
        counts = f"holds for {rule.current}{unknown}, held for {rule.lapsed}"
        lines.append(f"  {rule.title} ({rule.code}/{rule.version}): {counts}")
        lines += [f"      {gap}" for gap in rule.gaps]
    result = {
        "as_of": found.as_of.isoformat(),
        "people": found.people,
        "raised": changed.raised,
        "corrected": changed.corrected,
        "withdrawn": changed.withdrawn,
        "superseded": changed.superseded,
        "incidents": changed.incidents,
        "rules": [asdict(rule) for rule in found.rules],
    }
    return Answer(result, lines)
