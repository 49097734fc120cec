"""``kingshurst profile``: one person, opened where the three facts hold, masked where they do not."""

from __future__ import annotations

import argparse

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    profile = store_parser(commands, "profile", help="show one profile, or its mask")
    profile.add_argument("pseudonym", metavar="ID", help="the profile's pseudonym, like KH-3X9K-77QD")
    change = profile.add_mutually_exclusive_group()
    change.add_argument("--do-not-approach", action="store_true", help="record that the person must not be approached")
    change.add_argument("--may-approach", action="store_true", help="record that the person may be approached")
    change.add_argument("--keep", action="store_true", help="put the profile into your own caseload")
    change.add_argument("--let-go", action="store_true", help="take the profile out of your own caseload")
    profile.add_argument("--safe-contact", default="", metavar="TEXT", help="how to reach the person safely")
    profile.set_defaults(run=_profile)


def _profile(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import profiles
    from kingshurst_tui.casework.in_lines import profile_json, profile_lines
    from kingshurst_tui.errors import UsageError

    # Words without one of the usual reasons are a reason of their own, not panel business.
    reason = reason_from(args, ReasonCode.OTHER if args.reason else ReasonCode.PANEL)
    approach = args.do_not_approach or args.may_approach
    if args.safe_contact and not approach:
        raise UsageError(
            "May the person be approached?", "Nothing was changed.", "Say it with --do-not-approach or --may-approach."
        )
    with session_from(args) as session:
        if approach:
            profiles.set_approach(
                session,
                args.pseudonym,
                do_not_approach=args.do_not_approach,
                safe_contact=args.safe_contact,
                reason=reason,
            )
            return Answer({"changed": True}, ("Recorded. It is shown first wherever the profile is shown.",))
        if args.keep or args.let_go:
            profiles.keep_in_caseload(session, args.pseudonym, reason, keep=args.keep)
            return Answer({"changed": True}, ("Your caseload is changed.",))
        profile = profiles.open_profile(session, args.pseudonym, reason)
        today = session.clock.today()
    return Answer({"profile": profile_json(profile, today)}, list(profile_lines(profile)))
