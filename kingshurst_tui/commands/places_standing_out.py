"""``kingshurst places standing-out`` and ``rule``: where several agencies meet the same need, and by which rule."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, session_from, store_parser

if TYPE_CHECKING:
    from kingshurst_tui.places.place_rules import Kept


def add_verbs(verbs: Subparsers) -> None:
    """Add the verbs to ``kingshurst places``."""
    standing = store_parser(verbs, "standing-out", help="where several agencies meet more than the residents explain")
    standing.set_defaults(run=_standing_out)
    rule = verbs.add_parser("rule", help="the rule by which places stand out: its versions, proposals, signatures")
    of_rule = rule.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(of_rule, "list", help="every version, its source, and which is in force")
    listing.set_defaults(run=_list)
    propose = store_parser(of_rule, "propose", help="propose the next version; somebody else signs it")
    propose.add_argument("--file", type=Path, required=True, metavar="FILE", help="TOML or JSON: what changes, or all")
    add_over(propose)
    propose.set_defaults(run=_propose)
    decide = store_parser(of_rule, "decide", help="sign a proposal, or refuse it (not one's own)")
    decide.add_argument("version", type=number, metavar="VERSION")
    decide.add_argument("verdict", choices=("sign", "refuse"))
    decide.set_defaults(run=_decide)


def _standing_out(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import standing_out

    with session_from(args) as session:
        found = standing_out.standing_out(session)
    lines = list(found.said)
    for place in found.places:
        lines += ["", place.words, f"  {place.since_words}"]
        lines += [*(f"  {each.words}" for each in place.evidence), f"  {place.clears}"]
    if found.rule is not None and not found.places:
        lines += ["", "No place stands out by this rule today."]
    if found.cleared:
        lines += ["", "Cleared within the last year:", *(f"  {each.words}" for each in found.cleared)]
    return Answer(
        {
            "rule": asdict(found.rule) if found.rule else None,
            "looked_at": found.looked_at,
            "said": list(found.said),
            "places": [asdict(place) for place in found.places],
            "cleared": [asdict(place) for place in found.cleared],
        },
        lines,
    )


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import place_rules

    with session_from(args) as session:
        kept = place_rules.versions(session)
    lines: list[str] = []
    for each in kept:
        lines += _lines(each)
    return Answer({"rules": [_about(each) for each in kept]}, lines)


def _propose(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.commands.rule import document_from
    from kingshurst_tui.places import place_rules

    document = document_from(args.file)
    with session_from(args) as session:
        kept = place_rules.propose(session, document.get("rule", document), over=args.over)
    return Answer(
        {"rule": _about(kept)},
        (*_lines(kept), f"Somebody else signs it: kingshurst places rule decide STORE {kept.rule.version} sign"),
    )


def _decide(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.places import place_rules

    with session_from(args) as session:
        kept = place_rules.decide(session, args.version, accept=args.verdict == "sign")
    return Answer({"rule": _about(kept)}, _lines(kept))


def _about(kept: Kept) -> dict[str, Any]:
    return {**asdict(kept), "in_words": kept.rule.in_words()}


def _lines(kept: Kept) -> list[str]:
    from kingshurst_tui.clock import plain_date

    rule = kept.rule
    ends = f" to {plain_date(kept.ends_on)}" if kept.ends_on else ""
    signed = f"signed by {kept.decided_by}" if kept.decided_by and kept.status != "refused" else "nobody has signed it"
    if kept.status == "refused":
        signed = f"refused by {kept.decided_by}"
    return [
        f"{rule.name}: {rule.title} ({kept.status})",
        f"  Met by    {rule.in_words()}; places: {rule.level}",
        f"  Source    {rule.source}",
        f"  Says      {rule.source_says}",
        f"  Do        {rule.tell}",
        f"  In force  from {plain_date(rule.starts_on)}{ends}; looked at again on {plain_date(rule.review_on)}",
        f"  By        {kept.proposed_by}; {signed}",
    ]
