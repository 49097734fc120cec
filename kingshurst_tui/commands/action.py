"""``kingshurst action``: what agencies are to do, what they say of it, and what came of it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    add_over,
    day,
    number,
    reason_from,
    session_from,
    store_parser,
)
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.casework.action_shown import ActionShown


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    action = commands.add_parser("action", help="record actions, and what came of them")
    verbs = action.add_subparsers(metavar="VERB", required=True)
    listed = store_parser(verbs, "list", help="your agency's actions, or another list of them")
    listed.add_argument(
        "--which", default="ours", metavar="LIST", help="ours, mine, asked, back, every, closed or all-closed"
    )
    listed.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="one action with everything that was said of it")
    show.add_argument("number", type=number, metavar="NUMBER")
    show.set_defaults(run=_show)
    _add_new(verbs)
    _add_answers(verbs)
    _add_closings(verbs)
    _add_files(verbs)


def _add_new(verbs: Subparsers) -> None:
    add = store_parser(verbs, "add", help="record an action about an open profile")
    add.add_argument("pseudonym", metavar="ID")
    add.add_argument("--text", required=True, metavar="TEXT")
    add.add_argument("--sought", default="", metavar="TEXT", help="what is to be better for the person then")
    add.add_argument("--agency", required=True, metavar="CODE", help="whose it is")
    add.add_argument("--owner", default="", metavar="NAME", help="which user's it is")
    add.add_argument("--due", required=True, type=day, metavar="DATE")
    add.add_argument("--decision", type=number, metavar="NUMBER")
    add.set_defaults(run=_add)
    change = store_parser(verbs, "change", help="give an action another day or owner (--why says why)")
    change.add_argument("number", type=number, metavar="NUMBER")
    change.add_argument("--agency", default="", metavar="CODE", help="whose it is from now on; it is asked anew")
    change.add_argument("--owner", default="", metavar="NAME")
    change.add_argument("--due", type=day, metavar="DATE")
    change.add_argument("--why", required=True, metavar="TEXT")
    add_over(change)
    change.set_defaults(run=_change)


def _add_answers(verbs: Subparsers) -> None:
    accept = store_parser(verbs, "accept", help="take an action on for your agency")
    accept.add_argument("number", type=number, metavar="NUMBER")
    accept.add_argument("--owner", default="", metavar="NAME", help="who of your agency does it")
    accept.add_argument("--reference", default="", metavar="TEXT", help="what your own system calls it")
    accept.add_argument("--note", default="", metavar="TEXT")
    add_over(accept)
    accept.set_defaults(run=_accept)
    decline = store_parser(verbs, "decline", help="refuse an action (--why says why); it comes back to the panel")
    decline.add_argument("number", type=number, metavar="NUMBER")
    decline.add_argument("--why", required=True, metavar="TEXT")
    add_over(decline)
    decline.set_defaults(run=_decline)
    progress = store_parser(verbs, "progress", help="say how far an action has come")
    progress.add_argument("number", type=number, metavar="NUMBER")
    progress.add_argument("--note", required=True, metavar="TEXT")
    progress.add_argument("--evidence", action="store_true", help="the note is what shows it")
    progress.set_defaults(run=_progress)
    back = store_parser(verbs, "brought-back", help="say that what an agency left undone was before a panel again")
    back.add_argument("number", type=number, metavar="NUMBER")
    back.add_argument("--note", required=True, metavar="TEXT")
    back.set_defaults(run=_brought_back)


def _add_closings(verbs: Subparsers) -> None:
    done = store_parser(verbs, "done", help="say that an action was done")
    done.add_argument("number", type=number, metavar="NUMBER")
    done.add_argument("--note", default="", metavar="TEXT")
    done.add_argument("--evidence", default="", metavar="TEXT", help="what shows it")
    add_over(done)
    done.set_defaults(run=_close, because="")
    not_done = store_parser(verbs, "not-done", help="say that an action was not done, and why")
    not_done.add_argument("number", type=number, metavar="NUMBER")
    not_done.add_argument(
        "--because",
        required=True,
        metavar="WORD",
        help="circumstances-changed, agency-did-not-act, person-declined or no-resource",
    )
    not_done.add_argument("--note", default="", metavar="TEXT")
    add_over(not_done)
    not_done.set_defaults(run=_close, evidence="")


def _add_files(verbs: Subparsers) -> None:
    taken = store_parser(verbs, "import", help="take in what a partner sends back: a table or a calendar")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--check", action="store_true", help="report and keep nothing")
    taken.set_defaults(run=_import)
    out = store_parser(verbs, "export", help="let an agency's actions leave as a table or a calendar (--why says why)")
    out.add_argument("into", type=Path, metavar="FOLDER")
    out.add_argument("--agency", required=True, metavar="CODE", help="whose actions, and whose people they are for")
    out.add_argument("--for", dest="names", required=True, action="append", metavar="NAME", help="one of its people")
    out.add_argument("--form", default="csv", choices=("csv", "ics"))
    out.add_argument("--panel", type=number, metavar="NUMBER", help="only what this panel gave")
    out.add_argument("--until", type=day, metavar="DATE", help="the last day on which copies may be kept")
    out.add_argument("--why", required=True, metavar="TEXT")
    out.set_defaults(run=_export)


def _line(each: ActionShown) -> str:
    who = f"{each.owner_agency} {each.owner_user}".strip()
    return f"{each.number:>6}  {each.pseudonym}  {who:<18} due {say_date(each.due_on)}, {each.stands()}: {each.text}"


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_lists

    with session_from(args) as session:
        found = action_lists.listed(session, reason_from(args, ReasonCode.PANEL), args.which)
    return Answer(
        {"list": args.which, "actions": [asdict(each) for each in found]},
        [f"{some(len(found), 'action')}: {action_lists.LISTS[args.which]}", *(_line(each) for each in found)],
    )


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        found = action_steps.read(session, args.number, reason_from(args, ReasonCode.PANEL))
    action = found.action
    facts = (
        ("Sought", action.outcome_sought),
        ("Refused because", action.declined_why),
        ("Evidence", action.evidence),
        ("Their reference", action.owner_reference),
        ("Note", action.note),
    )
    return Answer(
        asdict(found),
        [
            _line(action),
            *(f"        {title}: {words}" for title, words in facts if words),
            *(f"        {each.in_words()}" for each in found.steps),
        ],
    )


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import actions

    with session_from(args) as session:
        recorded = actions.add(
            session,
            args.pseudonym,
            args.text,
            owner_agency=args.agency,
            owner_user=args.owner,
            due_on=args.due,
            decision=args.decision,
            outcome_sought=args.sought,
            reason=reason_from(args, ReasonCode.PANEL),
        )
    return Answer({"action": recorded}, (f"Action {recorded} is recorded.",))


def _change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        action_steps.change(
            session,
            args.number,
            owner_agency=args.agency,
            owner_user=args.owner,
            due_on=args.due,
            why=args.why,
            reason=reason_from(args, ReasonCode.PANEL),
            over=args.over,
        )
    return Answer({"action": args.number}, (f"Action {args.number} is changed.",))


def _accept(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        action_steps.accept(
            session,
            args.number,
            owner_user=args.owner,
            owner_reference=args.reference,
            words=args.note,
            reason=reason_from(args, ReasonCode.PANEL),
            over=args.over,
        )
    return Answer({"action": args.number, "accepted": True}, (f"Action {args.number} is accepted.",))


def _decline(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        action_steps.decline(session, args.number, args.why, reason=reason, over=args.over)
    said = f"Action {args.number} is refused; it comes back to the next panel."
    return Answer({"action": args.number, "accepted": False}, (said,))


def _progress(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.PANEL)
        action_steps.progress(session, args.number, args.note, evidence=args.evidence, reason=reason)
    return Answer({"action": args.number}, (f"It is kept with action {args.number}.",))


def _brought_back(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_steps

    with session_from(args) as session:
        action_steps.brought_back(session, args.number, args.note, reason=reason_from(args, ReasonCode.PANEL))
    return Answer({"action": args.number}, (f"Action {args.number} comes back no more by itself.",))


def _close(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import actions

    with session_from(args) as session:
        actions.close(
            session,
            args.number,
            done=not args.because,
            because=args.because,
            note=args.note,
            evidence=args.evidence,
            reason=reason_from(args, ReasonCode.PANEL),
            over=args.over,
        )
    outcome = "not done" if args.because else "done"
    return Answer({"action": args.number, "done": not args.because}, (f"Action {args.number} is {outcome}.",))


def _import(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_replies

    replies = action_replies.read_file(args.file)
    with session_from(args) as session:
        taken = action_replies.take_in(session, replies, reason_from(args, ReasonCode.PANEL), check=args.check)
    said = "would change" if args.check else "changed"
    return Answer(
        {**asdict(taken), "kept": not args.check},
        (f"{some(taken.rows, 'row')}: {some(len(taken.changed), 'action')} {said}, {len(taken.unchanged)} as before.",),
    )


def _export(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import action_files
    from kingshurst_tui.leaving.gate import Recipient

    with session_from(args) as session:
        copies = action_files.release(
            session,
            args.form,
            agency=args.agency,
            recipients=[Recipient(name, args.agency) for name in args.names],
            why=args.why,
            into=args.into,
            reason=reason_from(args, ReasonCode.PANEL),
            expires_on=args.until,
            panel=args.panel,
        )
    return Answer(
        {"copies": [{"for": each.recipient.name, "file": str(each.path), "digest": each.digest} for each in copies]},
        [f"{each.path} is for {each.recipient.name}." for each in copies],
    )
