"""``kingshurst incident``: say that contacts are one incident, or that they are not."""

from __future__ import annotations

import argparse

from kingshurst_tui.commands.common import Answer, Subparsers, number, session_from, store_parser


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    incident = commands.add_parser("incident", help="say which contacts are one incident, and which are not")
    verbs = incident.add_subparsers(metavar="VERB", required=True)
    for verb, same, about in (
        ("join", True, "these contacts are one incident"),
        ("split", False, "each of these contacts is an incident of its own"),
    ):
        parser = store_parser(verbs, verb, help=f"{about}; say why in --reason")
        parser.add_argument(
            "contacts", metavar="CONTACT", type=number, nargs="+", help="contact_id of each, as profile --json gives it"
        )
        parser.set_defaults(run=_rule, same=same)


def _rule(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework.rulings import rule_on

    with session_from(args) as session:
        done = rule_on(session, args.contacts, same=args.same, why=args.reason or "")
    words = "one incident" if args.same else "incidents of their own"
    changed = {"raised": done.raised, "corrected": done.corrected, "withdrawn": done.withdrawn}
    return Answer(
        {"contacts": sorted(set(args.contacts)), "same": args.same, **changed},
        (
            f"They are {words} from now on.",
            f"Flags raised {done.raised}, corrected {done.corrected}, withdrawn {done.withdrawn}.",
        ),
    )
