"""``kingshurst places expect`` and ``model``: what is expected of places, and what approves that it is shown."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, session_from, store_parser

if TYPE_CHECKING:
    from kingshurst_tui.places.looking_ahead import SetAhead


def add_verbs(verbs: Subparsers) -> None:
    """Add the verbs to ``kingshurst places``."""
    expect = store_parser(verbs, "expect", help="what is expected of the next months, held to account on past ones")
    expect.add_argument("--agreement", metavar="REF", help="of one data set")
    expect.add_argument("--place", metavar="CODE", help="say only what is expected of one place")
    expect.add_argument("--record", action="store_true", help="expect nothing new: what was, beside what came")
    expect.set_defaults(run=_expect)
    model = verbs.add_parser("model", help="what expects: its ALGO-CARE answers and their approval")
    of_model = model.add_subparsers(metavar="VERB", required=True)
    store_parser(of_model, "show", help="the answers, and who approved them").set_defaults(run=_show)
    store_parser(of_model, "answers", help="file the answers that come with it, for people to read").set_defaults(
        run=_answers
    )
    store_parser(of_model, "approve", help="approve the answers; only then is anything expected").set_defaults(
        run=_approve
    )


def _expect(args: argparse.Namespace) -> Answer:
    if args.record:
        return _record(args)
    from kingshurst_tui.places import looking_ahead

    with session_from(args) as session:
        found = looking_ahead.expect(session, args.agreement)
    lines: list[str] = []
    for each in found:
        lines += _lines(each, args.place)
    return Answer(
        {
            "data_sets": [
                {
                    "agreement": each.agreement_ref,
                    "title": each.title,
                    "why_not": each.why_not,
                    "kept": each.kept,
                    "accounts": [
                        {"level": level, "category": category, "ahead": [one.as_record() for one in accounts]}
                        for (level, category), accounts in each.accounts.items()
                    ],
                    "expected": [asdict(one) for one in each.expected if args.place in (None, one.code)],
                }
                for each in found
            ]
        },
        lines or ["No data set of places is open for this purpose."],
    )


def _lines(found: SetAhead, place: str | None) -> list[str]:
    from kingshurst_tui.places.between import month_in_words
    from kingshurst_tui.places.vocabulary import HIDDEN

    lines = ["", f"{found.title} ({found.agreement_ref})"]
    if found.why_not:
        lines.append(f"  {found.why_not}")
    for (level, category), accounts in found.accounts.items():
        lines.append(f"  {level}, {category or 'all categories'}")
        lines += [f"    {words}" for each in accounts for words in each.words]
    for one in found.expected:
        if place not in (None, one.code):
            continue
        low = f"{one.low:,}" if one.low != HIDDEN else "hidden"
        how = f"95 % interval {low} to {one.high:,}" if one.beats else one.method
        what = f"{one.name:<28.28} {month_in_words(one.month):<8} {one.category or 'all':<28.28}"
        lines.append(f"  {what} about {one.expected:>6,}  {how}")
    if not found.expected and not found.why_not:
        lines.append("  Nothing can be shown: the counts are hidden.")
    return lines


def _record(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import forecast_record

    with session_from(args) as session:
        read = forecast_record.of_place(session, args.place) if args.place else forecast_record.of_all(session)
    return Answer(
        {
            "said": list(read.said),
            "told": read.told,
            "held": read.held,
            "ahead": [asdict(each) for each in read.ahead],
            "past": [asdict(each) for each in read.past],
        },
        [
            *read.said,
            *(f"{each.code} {each.title}: {each.words}" for each in (*read.past, *read.ahead)),
        ],
    )


def _show(args: argparse.Namespace) -> Answer:
    import json

    from kingshurst_tui.places import forecast_approval
    from kingshurst_tui.places.expecting import METHOD

    with session_from(args) as session:
        filed = forecast_approval.filed(session)
    answers: list[dict[str, str]] = json.loads(filed.answers) if filed else forecast_approval.shipped_answers()
    status = filed.status if filed else "not filed"
    by = filed.approved_by if filed else None
    lines = [f"{METHOD}: ALGO-CARE answers {status}{f', approved by {by}' if by else ''}."]
    for entry in answers:
        lines += ["", f"{entry['head']}: {entry['question']}", f"  {entry['answer']}"]
    return Answer({"method": METHOD, "status": status, "approved_by": by, "answers": answers}, lines)


def _answers(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import forecast_approval
    from kingshurst_tui.places.expecting import METHOD

    with session_from(args) as session:
        forecast_approval.install(session)
    return _said("answered", f"The answers for {METHOD} are filed.")


def _approve(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import forecast_approval
    from kingshurst_tui.places.expecting import METHOD

    with session_from(args) as session:
        forecast_approval.approve(session)
        name = session.user.name
    return _said("approved", f"{METHOD} is approved by {name}.", approved_by=name)


def _said(status: str, words: str, **more: Any) -> Answer:
    from kingshurst_tui.places.expecting import METHOD

    return Answer({"method": METHOD, "status": status, **more}, (words,))
