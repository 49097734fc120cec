"""``kingshurst profile``: one person, opened where the three facts hold, masked where they do not."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    profile = store_parser(commands, "profile", help="show one profile, or its mask")
    profile.add_argument("pseudonym", metavar="ID", help="the profile's pseudonym, like KH-3X9K-77QD")
    profile.add_argument("--safe-contact", default="", metavar="TEXT", help="say how to reach the person safely")
    profile.add_argument("--do-not-approach", action="store_true", help="say that the person must not be approached")
    profile.add_argument("--replaces", type=number, metavar="NUMBER", help="your agency's own words that these replace")
    change = profile.add_mutually_exclusive_group()
    change.add_argument("--lift", type=number, metavar="NUMBER", help="end what was said (--reason says why)")
    change.add_argument("--agree-lift", type=number, metavar="NUMBER", help="agree to that, as the second person")
    change.add_argument("--let-stand", type=number, metavar="NUMBER", help="let it stand, as the second person")
    change.add_argument("--keep", action="store_true", help="put the profile into your own caseload")
    change.add_argument("--let-go", action="store_true", help="take the profile out of your own caseload")
    add_over(profile)
    profile.set_defaults(run=_profile)


def _profile(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import approach, profiles
    from kingshurst_tui.casework.in_lines import profile_json, profile_lines

    # Words without one of the usual reasons are a reason of their own, not panel business.
    reason = reason_from(args, ReasonCode.OTHER if args.reason else ReasonCode.PANEL)
    with session_from(args) as session:
        if args.do_not_approach or args.safe_contact:
            stands = approach.say(
                session,
                args.pseudonym,
                do_not_approach=args.do_not_approach,
                safe_contact=args.safe_contact,
                replaces=args.replaces if args.over is None else args.over,
                reason=reason,
            )
            return Answer(
                {"changed": True, "approach": [asdict(each) for each in stands]},
                ("Recorded. It is shown first wherever the profile is shown.", *(each.in_words() for each in stands)),
            )
        if args.lift is not None:
            ended = approach.lift(session, args.lift, args.reason or "", reason, over=args.over)
            said = "It is ended." if ended else "Another agency said it: it stands until a second person agrees."
            return Answer({"changed": ended, "waits": not ended}, (said,))
        if args.agree_lift is not None or args.let_stand is not None:
            agreed = args.agree_lift is not None
            approach.settle(session, args.agree_lift if agreed else args.let_stand, agreed=agreed, reason=reason)
            return Answer({"changed": agreed}, ("It is ended." if agreed else "It stands.",))
        if args.keep or args.let_go:
            profiles.keep_in_caseload(session, args.pseudonym, reason, keep=args.keep)
            return Answer({"changed": True}, ("Your caseload is changed.",))
        profile = profiles.open_profile(session, args.pseudonym, reason)
        today = session.clock.today()
    return Answer({"profile": profile_json(profile, today)}, list(profile_lines(profile)))
