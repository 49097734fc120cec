"""``kingshurst erase``: everything about a person, a data set or a partner, by two signatures."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, reason_from, session_from, store_parser, teller
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    erase = commands.add_parser("erase", help="erase a person, a data set or a partner, by two signatures")
    verbs = erase.add_subparsers(metavar="VERB", required=True)
    ask = store_parser(
        verbs, "ask", help="ask for an erasure and sign for it; nothing goes before a second person signs"
    )
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("--person", metavar="PSEUDONYM", help="everything about one person")
    what.add_argument("--data-set", metavar="REF", help="everything of one data set")
    what.add_argument("--partner", metavar="CODE", help="everything that one partner agency sent")
    ask.set_defaults(run=_ask)
    listing = store_parser(verbs, "list", help="list erasures, asked for and done")
    listing.set_defaults(run=_list)
    export = store_parser(verbs, "export", help="write what was erased to a list that is kept beside the backups")
    export.add_argument("file", metavar="FILE", type=Path, help="a new file")
    export.set_defaults(run=_export)
    for verb, says, does in (
        ("confirm", "sign for an erasure that somebody else asked for; it is carried out at once", _confirm),
        ("refuse", "say no to an erasure that was asked for", _refuse),
    ):
        parser = store_parser(verbs, verb, help=says)
        parser.add_argument("number", type=int, metavar="N", help="the erasure's number")
        parser.set_defaults(run=does)
        if does is _confirm:
            more = parser.add_mutually_exclusive_group()
            more.add_argument("--also", action="append", metavar="NAME", help="what may name the person and goes too")
            more.add_argument("--no-more", action="store_true", help="nothing goes that is only like the person")


def _ask(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import erasing, erasure

    kind, subject = next(
        (kind, given)
        for kind, given in (
            (erasing.PERSON, args.person),
            (erasing.DATA_SET, args.data_set),
            (erasing.PARTNER, args.partner),
        )
        if given
    )
    with session_from(args) as session:
        number = erasure.ask(session, kind, subject, reason_from(args, ReasonCode.RIGHTS))
    return Answer(
        {"erasure": number},
        (
            f"Erasure {number} is asked for: {erasure.KINDS[kind]}, {subject}.",
            f"Nothing is erased before a second person signs: kingshurst erase confirm STORE {number}",
        ),
    )


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import erasure

    with session_from(args) as session:
        rows = erasure.every(session)
    lines = [
        f"{row.id:>4} {row.kind:<9} {row.subject:<20} {row.status:<10} asked by {row.asked_by} {row.asked_at[:10]}"
        + (f", {row.status} by {row.confirmed_by}" if row.confirmed_by else "")
        for row in rows
    ]
    return Answer({"erasures": [asdict(row) for row in rows]}, lines or ["No erasure was asked for."])


def _export(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep import erasure_list

    with session_from(args) as session:
        count = erasure_list.write(session, args.file)
    return Answer(
        {"file": str(args.file), "erasures": count},
        (
            f"Wrote {some(count, 'erasure', 'erasures')} to {args.file}, each with both signatures; it names nobody.",
            "Keep it beside the backups: kingshurst restore FILE STORE --erasures LIST carries them out again.",
        ),
    )


def _confirm(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import erasure

    with session_from(args) as session:
        also = [] if args.no_more else args.also
        why, tell = reason_from(args, ReasonCode.RIGHTS), teller(args, "")
        erased = erasure.confirm(session, args.number, why, tell, also=also)
    went = ", ".join(f"{count:,} of {table}" for table, count in sorted(erased.counts.items()))
    return Answer(
        {"erasure": erased.number, "subjects": list(erased.subjects), "counts": erased.counts},
        (
            f"Erased: {', '.join(erased.subjects)}.",
            f"Rows that went: {went or 'none'}.",
            "Both files were written anew: no unused part of them holds anything of it.",
            "The trail still verifies; a tombstone keeps that it was done.",
            "Copies made before keep what they hold until they expire; this is done again to a copy brought back.",
        ),
    )


def _refuse(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import erasure

    with session_from(args) as session:
        erasure.refuse(session, args.number, reason_from(args, ReasonCode.RIGHTS))
    return Answer(
        {"erasure": args.number, "status": "refused"}, (f"Erasure {args.number} is refused; nothing was erased.",)
    )
