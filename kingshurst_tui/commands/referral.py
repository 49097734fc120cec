"""``kingshurst referral``: one agency asks another, or the panel, to take somebody on; and whose it is found to be."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, day, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.referrals_shown import ReferralShown

_FIELDS = (
    ("to", "panel, or a partner agency's code"),
    ("from-agency", "another agency, where a coordinator enters it for them"),
    ("forename", "of the person"),
    ("surname", "of the person"),
    ("date-of-birth", "YYYY-MM-DD"),
    ("postcode", "where the person lives"),
    ("own-reference", "under which your own agency knows them"),
    ("why", "why somebody should take them on"),
    ("asked", "what is asked for"),
    ("person-knows", "agreed, told, not-told or cannot-safely"),
    ("urgency", "routine, soon or today"),
    ("lawful-basis", "on which basis you disclose this"),
    ("disclosed", "what else you disclose with it"),
)


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    referral = commands.add_parser("referral", help="send, answer and reconcile referrals")
    verbs = referral.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="what your agency sent or was sent").set_defaults(run=_list)
    show = store_parser(verbs, "show", help="one referral with everything that was said of it")
    show.add_argument("number", type=number, metavar="NUMBER")
    show.set_defaults(run=_show)
    send = store_parser(verbs, "send", help="send a referral; the answer is the same whoever is meant")
    for name, words in _FIELDS:
        send.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    send.add_argument("--profile", default="", metavar="ID", help="the profile it is about, where it is open to you")
    send.set_defaults(run=_send)
    _add_answers(verbs)
    store_parser(verbs, "waiting", help="referrals whose person nobody has named yet").set_defaults(run=_waiting)
    settle = store_parser(verbs, "settle", help="say whose a referral is, out of the referrer's sight")
    settle.add_argument("number", type=number, metavar="NUMBER")
    settle.add_argument("--profile", metavar="ID", help="one of its candidates; without it, it is nobody's here")
    settle.set_defaults(run=_settle)
    undo = store_parser(verbs, "unsettle", help="take back what was said of whose it is")
    undo.add_argument("number", type=number, metavar="NUMBER")
    undo.set_defaults(run=_undo)


def _add_answers(verbs: Subparsers) -> None:
    received = store_parser(verbs, "received", help="say that it has arrived and will be answered")
    received.add_argument("number", type=number, metavar="NUMBER")
    received.set_defaults(run=_received)
    accept = store_parser(verbs, "accept", help="take the person on; the referrer hears what came of it by a day")
    accept.add_argument("number", type=number, metavar="NUMBER")
    accept.add_argument("--note", default="", metavar="TEXT", help="the referrer reads it; not whether they are known")
    accept.add_argument("--feedback-by", required=True, type=day, metavar="DATE")
    accept.set_defaults(run=_accept)
    for verb, words in (
        ("reject", "say no, and why"),
        ("feedback", "tell the referrer what came of it"),
        ("done", "tell the referrer what came of it: that is all"),
        ("revoke", "take back what your agency sent, and say why"),
    ):
        change = store_parser(verbs, verb, help=words)
        change.add_argument("number", type=number, metavar="NUMBER")
        change.add_argument("--note", required=True, metavar="TEXT")
        change.set_defaults(run=_change, verb=verb)


def _line(each: ReferralShown) -> str:
    due = f", feedback by {say_date(each.feedback_due_on)}" if each.feedback_due_on else ""
    late = " (overdue)" if each.overdue else ""
    return f"{each.number:>6}  {each.from_agency} to {each.to}: {each.who}, {each.urgency}; {each.status}{due}{late}"


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals_shown

    with session_from(args) as session:
        found = referrals_shown.listed(session, reason_from(args, ReasonCode.PANEL))
    return Answer(
        {"referrals": [asdict(each) for each in found]},
        [some(len(found), "referral"), *(_line(each) for each in found)],
    )


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals_shown

    with session_from(args) as session:
        found = referrals_shown.read(session, args.number, reason_from(args, ReasonCode.PANEL))
    facts = (
        ("Born", say_date(found.born) if found.born else ""),
        ("Postcode", found.postcode),
        ("Their own reference", found.own_reference),
        ("Why", found.why),
        ("Asked for", found.asked),
        ("Disclosed on", found.lawful_basis),
        ("Disclosed besides", found.disclosed),
        ("Answer", found.answer),
        ("Feedback", found.feedback),
    )
    return Answer(
        {"referral": asdict(found)},
        [
            _line(found),
            *(f"        {title}: {words}" for title, words in facts if words),
            *(f"        {each.in_words()}" for each in found.steps),
        ],
    )


def _send(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals

    fields = {name.replace("-", "_"): getattr(args, name.replace("-", "_")) for name, _ in _FIELDS}
    with session_from(args) as session:
        sent = referrals.send(session, fields, reason_from(args, ReasonCode.PANEL), pseudonym=args.profile)
    return Answer({"referral": sent}, (f"Referral {sent} is sent.",))


def _received(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals

    with session_from(args) as session:
        referrals.receive(session, args.number, reason_from(args, ReasonCode.PANEL))
    return Answer({"referral": args.number}, (f"Referral {args.number} is received.",))


def _accept(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        referrals.accept(session, args.number, args.note, args.feedback_by, reason)
    said = f"Referral {args.number} is accepted; the referrer hears by {say_date(args.feedback_by)}."
    return Answer({"referral": args.number}, (said,))


def _change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import referrals

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        if args.verb == "reject":
            referrals.reject(session, args.number, args.note, reason)
        elif args.verb == "revoke":
            referrals.revoke(session, args.number, args.note, reason)
        else:
            referrals.feed_back(session, args.number, args.note, reason, is_done=args.verb == "done")
    said = {"reject": "rejected", "revoke": "revoked", "done": "done", "feedback": "told of"}[args.verb]
    return Answer({"referral": args.number}, (f"Referral {args.number} is {said}.",))


def _waiting(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import reconciling

    with session_from(args) as session:
        found = reconciling.queue(session, reason_from(args, ReasonCode.PANEL))
    lines = [f"{some(len(found), 'referral waits', 'referrals wait')} to be reconciled"]
    for each in found:
        lines.append(_line(each.referral))
        lines.append(f"        {each.because}")
        for candidate in each.candidates:
            compared = ", ".join(f"{field} {said}" for field, said in candidate.compared)
            lines.append(f"        {candidate.pseudonym}: {compared}")
    return Answer({"waiting": [asdict(each) for each in found]}, lines)


def _settle(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import reconciling

    with session_from(args) as session:
        reconciling.settle(session, args.number, args.profile, reason_from(args, ReasonCode.PANEL))
    said = f"that of {args.profile}" if args.profile else "nobody's here, as far as is known today"
    return Answer({"referral": args.number, "matched": bool(args.profile)}, (f"Referral {args.number} is {said}.",))


def _undo(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import reconciling

    with session_from(args) as session:
        reconciling.undo(session, args.number, reason_from(args, ReasonCode.PANEL))
    return Answer({"referral": args.number}, (f"Referral {args.number} waits again.",))
