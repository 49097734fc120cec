"""``kingshurst decision`` and ``reopened``: who leads and why; what somebody is to look at again."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    add_over,
    number,
    reason_from,
    session_from,
    store_parser,
)
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import ReasonCode


def add_parser(commands: Subparsers) -> None:
    """Add both commands and their verbs."""
    decision = commands.add_parser("decision", help="show and sign decisions")
    verbs = decision.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="decisions about open profiles").set_defaults(run=_list)
    form = store_parser(verbs, "form", help="what a decision about a profile is asked for")
    form.add_argument("pseudonym", metavar="ID")
    form.add_argument("--case", type=number, metavar="NUMBER", help="the case of the panel that decides")
    form.set_defaults(run=_form)
    sign = store_parser(verbs, "sign", help="sign a decision; an earlier one is superseded and kept")
    sign.add_argument("pseudonym", metavar="ID")
    sign.add_argument(
        "--file",
        required=True,
        metavar="FILE",
        help='JSON: {"version": N, "fields": {...}, "not_discussed": [...]}; - is standard input',
    )
    sign.add_argument("--case", type=number, metavar="NUMBER", help="the case of the panel that decides")
    sign.add_argument("--mark-the-rest", action="store_true", help="everything empty was not discussed")
    add_over(sign)
    sign.set_defaults(run=_sign)
    reopened = commands.add_parser("reopened", help="what an undone link or a recall reopened")
    verbs = reopened.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "list", help="what nobody has looked at since").set_defaults(run=_reopened)
    looked = store_parser(verbs, "looked-at", help="say that you have looked at it and leave it as it stands")
    looked.add_argument("number", type=number, metavar="NUMBER")
    looked.set_defaults(run=_looked_at)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import decisions
    from kingshurst_tui.casework.in_lines import decision_lines

    with session_from(args) as session:
        found = decisions.listed(session, reason_from(args, ReasonCode.PANEL))
    lines = [line for each in found for line in decision_lines(each)]
    return Answer(
        {"decisions": [asdict(each) for each in found]}, [f"{some(len(found), 'decision')} about open profiles", *lines]
    )


def _form(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import decisions
    from kingshurst_tui.casework.decision_form import ASKED, DISCUSSED, WHERE_SUPERSEDING

    with session_from(args) as session:
        form = decisions.open_form(session, args.pseudonym, reason_from(args, ReasonCode.PANEL), panel_case=args.case)
    asked = [f"  {name}: {title}" for name, title in ASKED.items()]
    discussed = [f"  {name}: {title}" for name, title in DISCUSSED.items()]
    superseding = WHERE_SUPERSEDING.values() if form.supersedes else ()
    result = asdict(form)
    result.pop("profile_id")
    result.pop("drafts")
    return Answer(
        {"form": result},
        [
            f"{form.pseudonym}, version {form.version}",
            f"Contacted first{', as far as your agency may see' if form.first_unknown else ''}: "
            f"{', '.join(form.first_contacted) or 'not known'}",
            *(f"  {gap}" for gap in form.first_unknown),
            *(f"Stopped: {each.words}." for each in form.stops),
            *(["A police lead would rest on mental-health contacts alone."] if form.police_lead_stopped else []),
            *(f"{form.supersedes} signed the decision that stands; why_superseded: {title}" for title in superseding),
            "Asked of every decision:",
            *asked,
            "Filled in or marked as not discussed:",
            *discussed,
        ],
    )


def _sign(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import decisions
    from kingshurst_tui.casework.decision_form import mark_the_rest
    from kingshurst_tui.casework.in_lines import decision_lines

    document = document_of(args.file)
    marked = document["not_discussed"]
    if args.mark_the_rest:
        marked = mark_the_rest(document["fields"], marked)
    with session_from(args) as session:
        signed = decisions.sign(
            session,
            args.pseudonym,
            document["fields"],
            marked,
            version=document["version"] if args.over is None else args.over,
            reason=reason_from(args, ReasonCode.PANEL),
            panel_case=args.case,
        )
    return Answer({"decision": asdict(signed)}, list(decision_lines(signed)))


def document_of(name: str) -> dict[str, Any]:
    """Return a decision's fields, marks and version from a file, or from standard input where it is -.

    Raises: InputRejected.
    """
    from kingshurst_tui.errors import InputRejected

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
        document = json.loads(text)
        fields, marked, version = document["fields"], document.get("not_discussed", []), document["version"]
        if not (isinstance(fields, dict) and isinstance(marked, list) and isinstance(version, int)):
            raise TypeError
    # RecursionError: brackets within brackets, thousands deep.
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as failed:
        raise InputRejected(
            "The decision's file cannot be read.",
            "Nothing was signed.",
            'It is JSON with "version" (kingshurst decision form says it), "fields" and "not_discussed".',
        ) from failed
    return {"fields": fields, "not_discussed": [str(each) for each in marked], "version": version}


def _reopened(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import reopenings

    with session_from(args) as session:
        found = reopenings.waiting(session, reason_from(args, ReasonCode.REVIEW))
    lines = [f"{each.number:>6}  {each.pseudonym}  {each.thing} {each.thing_number}: {each.because}" for each in found]
    return Answer({"reopened": [asdict(each) for each in found]}, [f"{len(found)} reopened", *lines])


def _looked_at(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import reopenings

    with session_from(args) as session:
        reopenings.looked_at(session, args.number, reason_from(args, ReasonCode.REVIEW))
    return Answer({"number": args.number}, (f"{args.number} is off the list.",))
