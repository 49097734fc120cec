"""``kingshurst outcome``: what came of decisions for a person, what is due, and recording it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kingshurst_tui.clock import plain_date
from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    add_over,
    day,
    number,
    reason_from,
    session_from,
    store_parser,
)
from kingshurst_tui.vocabulary import Domain, Effect, ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.learning.outcomes import Outcomes


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    outcome = commands.add_parser("outcome", help="what came of decisions for a person")
    verbs = outcome.add_subparsers(metavar="VERB", required=True)
    show = store_parser(verbs, "show", help="outcomes of an open profile, and contact before and after each decision")
    show.add_argument("pseudonym", metavar="ID", help="the profile's pseudonym, like KH-3X9K-77QD")
    show.set_defaults(run=_show)
    due = store_parser(verbs, "due", help="outcomes to be asked after by a day")
    due.add_argument("--until", type=day, metavar="DAY", help="YYYY-MM-DD; two weeks from today if none")
    due.set_defaults(run=_due)
    add = store_parser(verbs, "add", help="record an outcome at 3, 6 or 12 months")
    add.add_argument("decision", metavar="DECISION", type=number, help="the decision's number")
    add.add_argument("--months", type=int, required=True, choices=(3, 6, 12))
    add.add_argument("--domain", required=True, choices=[each.value for each in Domain])
    add.add_argument("--effect", required=True, choices=[each.value for each in Effect])
    add.add_argument("--measured-on", type=day, required=True, metavar="DAY", help="the day it speaks of, YYYY-MM-DD")
    add.add_argument("--before", default="", metavar="TEXT", help="what was so before, in words or a figure")
    add.add_argument("--now", default="", metavar="TEXT", help="what is so now")
    add.add_argument("--person", default="", metavar="TEXT", help='the person\'s own view, or "not asked"')
    add.add_argument("--source", default="", metavar="TEXT", help="whose word or which record this is")
    add_over(add)
    add.set_defaults(run=_add)


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning import outcomes

    with session_from(args) as session:
        found = outcomes.of_person(session, args.pseudonym, reason_from(args, ReasonCode.CASELOAD))
    return Answer(_as_json(found), _in_lines(found))


def _as_json(found: Outcomes) -> dict[str, object]:
    return {
        "pseudonym": found.pseudonym,
        "outcomes": [asdict(each) | {"measured_on": each.measured_on.isoformat()} for each in found.outcomes],
        "before_and_after": [
            {
                "decision": decision,
                "decided_on": decided_on.isoformat(),
                "incidents_before": each.before,
                "days_before": each.exposure.before,
                "incidents_after": each.after,
                "days_after": each.exposure.after,
                "ratio": each.ratio,
                "low": each.low,
                "high": each.high,
                "words": each.words,
            }
            for decision, decided_on, each in found.since
        ],
        "due": [asdict(each) | {"due_on": each.due_on.isoformat()} for each in found.due],
    }


def _in_lines(found: Outcomes) -> list[str]:
    lines = [found.pseudonym]
    for decision, decided_on, each in found.since:
        lines.append(f"Decision {decision} of {plain_date(decided_on)}")
        lines += [f"  {words}" for words in each.words]
    for one in found.outcomes:
        lines.append(
            f"Decision {one.decision}, {one.months} months, {one.domain}: {one.effect} ({plain_date(one.measured_on)})"
        )
        lines += [f"  before: {one.baseline}", f"  now: {one.now}"] if one.baseline or one.now else []
        lines.append(f"  the person: {one.person_view}")
    due = (f"Due {plain_date(each.due_on)}: decision {each.decision} after {each.months} months" for each in found.due)
    return [*lines, *due]


def _due(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning import outcomes

    with session_from(args) as session:
        found = outcomes.due_by(session, args.until, reason_from(args, ReasonCode.PANEL))
    lines = [
        f"{plain_date(each.due_on):>17}  {each.pseudonym}  decision {each.decision}, {each.months} months"
        for each in found
    ]
    due = [asdict(each) | {"due_on": each.due_on.isoformat()} for each in found]
    return Answer({"due": due}, lines or ["No outcome is due."])


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning import outcomes

    with session_from(args) as session:
        made = outcomes.record(
            session,
            args.decision,
            Domain(args.domain),
            args.months,
            Effect(args.effect),
            measured_on=args.measured_on,
            baseline=args.before,
            now=args.now,
            person_view=args.person,
            source=args.source,
            reason=reason_from(args, ReasonCode.CASELOAD),
            version=int(args.over or 0),
        )
    return Answer({"outcome": made}, (f"Recorded as outcome {made}.",))
