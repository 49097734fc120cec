"""``kingshurst incident``: which contacts of a person are one incident; say that they are, or that they are not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

from kingshurst_tui.clock import plain_date
from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.profile_records import OwnTimelineRow, TimelineRow

    Contact: TypeAlias = TimelineRow | OwnTimelineRow


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    incident = commands.add_parser("incident", help="say which contacts are one incident, and which are not")
    verbs = incident.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="incidents of a profile, with the contacts that report each")
    listing.add_argument("pseudonym", metavar="ID", help="the profile's pseudonym, like KH-3X9K-77QD")
    listing.set_defaults(run=_list)
    for verb, same, about in (
        ("join", True, "these contacts are one incident"),
        ("split", False, "each of these contacts is an incident of its own"),
    ):
        parser = store_parser(verbs, verb, help=f"{about}; say why in --reason")
        parser.add_argument(
            "contacts", metavar="CONTACT", type=number, nargs="+", help="contact_id of each, as incident list gives it"
        )
        add_over(parser)
        parser.set_defaults(run=_rule, same=same)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import profile_records, profiles

    reason = reason_from(args, ReasonCode.OTHER if args.reason else ReasonCode.PANEL)
    with session_from(args) as session:
        profile = profiles.open_profile(session, args.pseudonym, reason)
    contacts: list[Contact] = []
    contacts += profile.own_contacts if isinstance(profile, profile_records.MaskedProfile) else profile.timeline
    found: dict[str, list[Contact]] = {}
    for contact in sorted(contacts, key=lambda each: (each.day, each.contact_id)):
        # A contact that nobody else reports is an incident of its own, without a number.
        found.setdefault(f"{contact.incident_id or ''}/{'' if contact.incident_id else contact.contact_id}", []).append(
            contact
        )
    incidents = [
        {
            "incident": reports[0].incident_id,
            "contacts": [
                {"contact": one.contact_id, "date": one.day, "data_set": one.data_set, "category": one.category}
                for one in reports
            ],
        }
        for reports in found.values()
    ]
    lines = [
        f"{reports[0].incident_id or '':>8}  {plain_date(one.day):<18} contact {one.contact_id:>7}"
        f"  {one.data_set}: {one.category}"
        for reports in found.values()
        for one in reports
    ]
    heading = f"{profile.pseudonym}: {some(len(incidents), 'incident')} in {some(len(lines), 'contact')}"
    masked = [" (masked: those that your own agency reported)"] if profile.is_masked else [""]
    return Answer({"pseudonym": profile.pseudonym, "incidents": incidents}, [heading + masked[0], *lines])


def _rule(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework.rulings import rule_on

    with session_from(args) as session:
        done = rule_on(session, args.contacts, same=args.same, why=args.reason or "", over=args.over)
    words = "one incident" if args.same else "incidents of their own"
    changed = {"raised": done.raised, "corrected": done.corrected, "withdrawn": done.withdrawn}
    return Answer(
        {"contacts": sorted(set(args.contacts)), "same": args.same, **changed},
        (
            f"They are {words} from now on.",
            f"Flags raised {done.raised}, corrected {done.corrected}, withdrawn {done.withdrawn}.",
        ),
    )
