"""``kingshurst places publish``: what of the counts is shown from now on."""

from __future__ import annotations

import argparse

from kingshurst_tui.commands.common import Answer, Subparsers, session_from, store_parser
from kingshurst_tui.counting import some as some_words


def add_verbs(verbs: Subparsers) -> None:
    """Add the verb."""
    publish = store_parser(
        verbs, "publish", help="work out what of new counts may be shown; looking at them does so too"
    )
    publish.add_argument("--agreement", metavar="REF", help="of one data set")
    publish.set_defaults(run=_publish)


def _publish(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places.published import UNPLACED, shown
    from kingshurst_tui.places.publishing import refresh
    from kingshurst_tui.places.standing_out import standing_out

    with session_from(args) as session:
        done = refresh(session, args.agreement)
        sets = shown(session, [UNPLACED], agreement=args.agreement)
        # A look, so that since when a place stands out does not wait for somebody to open the screen.
        found = standing_out(session) if args.agreement is None else None
    lines = [f"{done} data set{'' if done == 1 else 's'} published anew."]
    for one in sets:
        months = one.months or one.periods
        when = f"{months[0]} to {months[-1]}" if months else "no whole month yet"
        lines.append(
            f"{one.agreement_ref:<20} {when}; under {one.under} hidden, the rest rounded to {one.base}; {one.kind}"
            + ("; lists no noughts" if one.positive_only else "")
        )
        lines += [f"  {month}: incomplete: {why}" for month, why in sorted(one.incomplete.items())]
        lines += [f"  {gap.words}" for _, gaps in sorted(one.gaps.items()) for gap in gaps]
        year = one.latest_year(UNPLACED)
        if UNPLACED in one.places:
            some = "" if year.total.high is None or not year.periods else f": {year.total.low} to {year.total.high}"
            lines.append(f"  Some have no place that could be read{some}; they are in no place's counts.")
    if found is not None and found.rule is not None:
        lines.append(f"{some_words(len(found.places), 'place stands', 'places stand')} out by {found.rule.name}.")
    return Answer(
        {
            "published": done,
            "standing_out": {each.code: each.since for each in found.places} if found is not None else None,
            "data_sets": [
                {
                    "agreement": one.agreement_ref,
                    "title": one.title,
                    "kind": one.kind,
                    "months": one.months,
                    "incomplete": one.incomplete,
                    "organisations": {code: [gap._asdict() for gap in gaps] for code, gaps in one.gaps.items()},
                    "hidden_under": one.under,
                    "rounded_to": one.base,
                    "positive_only": one.positive_only,
                    "some_without_place": UNPLACED in one.places,
                    "published_at": one.made_at,
                }
                for one in sets
            ],
        },
        lines,
    )
