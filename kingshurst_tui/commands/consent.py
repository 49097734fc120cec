"""``kingshurst consent`` and ``kingshurst ground``: a person's agreement, and going on without it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.clock import plain_date
from kingshurst_tui.commands.common import Answer, Subparsers, day, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ConsentKind, ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.grounds import GroundShown

_FIELDS = (
    ("kind", "engage (opens the profile for a purpose), declined, or confidentiality (for one data set)"),
    ("agreement", "the data set, for confidentiality"),
    ("forename", "of the person"),
    ("surname", "of the person"),
    ("date-of-birth", "YYYY-MM-DD"),
    ("postcode", "where the person lives"),
    ("nhs-number", "confirms who it is"),
    ("given-by", "self, or who agreed for the person"),
    ("authority", "self, or what lets that other person agree"),
    ("given-on", "YYYY-MM-DD"),
    ("expires-on", "YYYY-MM-DD"),
    ("evidence", "what shows it: a form, a note"),
)


def add_parser(commands: Subparsers) -> None:
    """Add both commands and their verbs."""
    consent = commands.add_parser("consent", help="receive, list, match and withdraw consents")
    verbs = consent.add_subparsers(metavar="VERB", required=True)
    add = store_parser(verbs, "add", help="receive a register file, or one consent")
    add.add_argument("--file", type=Path, metavar="FILE", help="a register (CSV, UTF-8)")
    for name, words in _FIELDS:
        add.add_argument(f"--{name}", default="", metavar="TEXT", help=words)
    add.set_defaults(run=_add)
    store_parser(verbs, "list", help="consents of open profiles, and how many wait").set_defaults(run=_list)
    store_parser(verbs, "waiting", help="consents that wait for a reviewer other than their giver").set_defaults(
        run=_waiting
    )
    settle = store_parser(verbs, "settle", help="say whose a waiting consent is, or set it aside (--reason says why)")
    settle.add_argument("number", type=number, metavar="NUMBER")
    settle.add_argument("--profile", metavar="ID", help="one of its candidates; without it the consent is set aside")
    settle.set_defaults(run=_settle)
    store_parser(
        verbs, "agree", help="agree, as the second person, to what matches exactly and rests on nothing sensitive"
    ).set_defaults(run=_agree)
    store_parser(verbs, "opened", help="profiles that consents of the last 7 days opened, and by whom").set_defaults(
        run=_opened
    )
    withdraw = store_parser(verbs, "withdraw", help="withdraw a consent from today (--reason says why)")
    withdraw.add_argument("number", type=number, metavar="NUMBER")
    withdraw.set_defaults(run=_withdraw)
    _add_ground(commands)


def _add_ground(commands: Subparsers) -> None:
    ground = commands.add_parser("ground", help="grounds for going on without a person's agreement")
    verbs = ground.add_subparsers(metavar="VERB", required=True)
    add = store_parser(verbs, "add", help="record a ground; a second person must agree")
    add.add_argument("pseudonym", metavar="ID")
    add.add_argument(
        "--kind",
        required=True,
        metavar="WORD",
        help="safeguarding, statutory-review, cannot-safely-be-asked or vital-interests",
    )
    add.add_argument("--why", required=True, metavar="TEXT", help="in a sentence, without names")
    add.add_argument("--until", required=True, type=day, metavar="DATE")
    add.set_defaults(run=_ground_add)
    store_parser(verbs, "list", help="grounds that need a second person").set_defaults(run=_ground_list)
    for verb, words in (
        ("confirm", "agree as the second person"),
        ("refuse", "say no as the second person"),
        ("end", "end a ground that no longer holds"),
    ):
        change = store_parser(verbs, verb, help=words)
        change.add_argument("number", type=number, metavar="NUMBER")
        change.set_defaults(run=_ground_change, verb=verb)


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consent_receiving

    reason = reason_from(args, ReasonCode.CONSENT)
    with session_from(args) as session:
        if args.file is not None:
            register = consent_receiving.receive_register(session, args.file, reason)
            return Answer(
                {"received": register.rows, "register": register.version, "known": register.known},
                (
                    f"Received: {some(register.rows, 'consent')}, {register.known} of them known already. "
                    f"The register is at version {register.version}.",
                ),
            )
        fields = {name.replace("-", "_"): getattr(args, name.replace("-", "_")) for name, _ in _FIELDS}
        fields["kind"] = fields["kind"] or ConsentKind.ENGAGE.value
        fields["purpose"] = session.purpose
        received = consent_receiving.add(session, fields, reason)
    return Answer({"received": 1, "number": received.number}, (received.in_words(),))


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consents_shown

    with session_from(args) as session:
        listed = consents_shown.listed(session, reason_from(args, ReasonCode.CONSENT))
    return Answer(
        {
            "consents": [asdict(each) for each in listed.consents],
            "on_masks": [asdict(each) for each in listed.on_masks],
            "waiting": listed.waiting,
        },
        [
            f"{some(len(listed.consents), 'consent')} of open profiles; "
            f"{some(listed.waiting, 'waits', 'wait')} for a reviewer",
            *(
                f"{each.number:>6}  {each.pseudonym}  {each.kind} {each.purpose or each.agreement}  {each.status}, "
                f"given {plain_date(each.given_on)} by {each.given_by} ({each.authority})"
                + (f", until {plain_date(each.expires_on)}" if each.expires_on else "")
                for each in listed.consents
            ),
            *(
                f"{each.number:>6}  {each.pseudonym or 'you handed it in'}  {each.kind}  {each.status}, "
                f"given {plain_date(each.given_on)}, handed in by {each.recorded_by}; masked"
                for each in listed.on_masks
            ),
        ],
    )


def _waiting(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consent_review

    with session_from(args) as session:
        queue = consent_review.review_queue(session, reason_from(args, ReasonCode.CONSENT))
    lines: list[str] = [f"{some(len(queue), 'consent waits', 'consents wait')} for you"]
    for each in queue:
        who = f"{each.forename} {each.surname}, born {plain_date(each.born)}"
        lines.append(f"{each.number:>6}  {each.kind}: {who}: {each.because}")
        for candidate in each.candidates:
            compared = ", ".join(f"{field} {words}" for field, words in candidate.compared)
            lines.append(f"          {candidate.pseudonym}: {compared}")
    return Answer({"waiting": [asdict(each) for each in queue]}, lines)


def _settle(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consent_review

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.CONSENT)
        consent_review.settle(session, args.number, args.profile, args.reason or "", reason)
    done = "is matched" if args.profile else "is set aside"
    return Answer({"consent": args.number, "matched": bool(args.profile)}, (f"Consent {args.number} {done}.",))


def _agree(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consent_review

    with session_from(args) as session:
        agreed, left = consent_review.agree_to_exact(session, reason_from(args, ReasonCode.CONSENT))
    return Answer(
        {"agreed": agreed, "left": left},
        (f"{some(agreed, 'consent takes', 'consents take')} effect; {left} left to look at one by one.",),
    )


def _opened(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import opened_lately

    with session_from(args) as session:
        found = opened_lately.listed(session, reason_from(args, ReasonCode.CONSENT))
    heading = f"{some(len(found), 'profile')} opened on consents of the last {opened_lately.DAYS} days"
    return Answer(
        {"opened": [asdict(each) for each in found]},
        [heading, *(f"  {each.pseudonym}  {each.in_words()}" for each in found)],
    )


def _withdraw(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import consent_withdrawal

    with session_from(args) as session:
        withdrawn = consent_withdrawal.withdraw(
            session, args.number, args.reason or "", reason_from(args, ReasonCode.CONSENT)
        )
    return Answer(
        {
            "consent": withdrawn.number,
            "from": withdrawn.from_day.isoformat(),
            "rested_on_it": [asdict(each) for each in withdrawn.rested_on_it],
        },
        [
            f"Consent {withdrawn.number} is withdrawn from {plain_date(withdrawn.from_day)}.",
            *(f"  Rested on it, and is kept: {each.thing} {each.number}" for each in withdrawn.rested_on_it),
        ],
    )


def _ground_add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import grounds

    with session_from(args) as session:
        ground = grounds.propose(
            session, args.pseudonym, args.kind, args.why, args.until, reason_from(args, ReasonCode.CONSENT)
        )
    return Answer(
        {"ground": _ground_json(ground)},
        (
            f"Ground {ground.number} is recorded. "
            + (
                "The profile is open; a second person must agree within 24 hours, or it closes."
                if ground.confirm_by
                else "The profile opens when a second person agrees."
            ),
        ),
    )


def _ground_list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import grounds

    with session_from(args) as session:
        waiting = grounds.waiting(session, reason_from(args, ReasonCode.CONSENT))
    return Answer(
        {"grounds": [_ground_json(each) for each in waiting]},
        [
            f"{some(len(waiting), 'ground needs', 'grounds need')} a second person",
            *(
                f"{each.number:>6}  {each.pseudonym}  {each.kind} until {each.until}, "
                f"recorded by {each.recorded_by}: {each.why}"
                for each in waiting
            ),
        ],
    )


def _ground_change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import grounds

    reason = reason_from(args, ReasonCode.CONSENT)
    with session_from(args) as session:
        if args.verb == "confirm":
            grounds.confirm(session, args.number, reason)
        elif args.verb == "refuse":
            grounds.refuse(session, args.number, reason)
        else:
            grounds.end(session, args.number, reason)
    done = {"confirm": "takes effect", "refuse": "is refused", "end": "is ended"}[args.verb]
    return Answer({"ground": args.number, "done": args.verb}, (f"Ground {args.number} {done}.",))


def _ground_json(ground: GroundShown) -> dict[str, Any]:
    return asdict(ground)
