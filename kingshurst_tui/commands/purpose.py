"""``kingshurst purpose``: the questions the partnership has set."""

from __future__ import annotations

import argparse

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    purpose = commands.add_parser("purpose", help="set and list the partnership's questions")
    verbs = purpose.add_subparsers(metavar="VERB", required=True)
    setting = store_parser(verbs, "set", help="set a question (information governance)")
    setting.add_argument("code", metavar="CODE")
    setting.add_argument("question", metavar="QUESTION")
    setting.set_defaults(run=_set)
    listing = store_parser(verbs, "list", help="list the questions")
    listing.set_defaults(run=_list)


def _set(args: argparse.Namespace) -> Answer:
    import db.users
    from kingshurst_tui.clock import stamp

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.MAINTENANCE)
        facts = {"code": args.code}
        with session.act(Operation.ADMINISTER, Thing.AGREEMENT, reason=reason, facts=dict(facts)) as act:
            act.write(db.users.put_purpose, args.code, args.question, stamp(session.clock.now()), session.user.name)
    return Answer({"code": args.code}, (f"{args.code}: {args.question}",))


def _list(args: argparse.Namespace) -> Answer:
    import db.users

    with session_from(args) as session:
        found = session.look(db.users.purposes)
    return Answer({"purposes": found}, [f"{code}: {question}" for code, question in found.items()])
