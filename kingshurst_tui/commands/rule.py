"""``kingshurst rule``: read, edit and approve the rules."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, session_from, store_parser

if TYPE_CHECKING:
    from db.rules import RuleRecord


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    rule = commands.add_parser("rule", help="read, edit and approve the rules")
    verbs = rule.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="list the rules, their versions and whether they are in force")
    listing.add_argument("--all", action="store_true", help="retired versions too")
    listing.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="show one rule with its source and words")
    show.add_argument("code", metavar="CODE")
    show.set_defaults(run=_show)
    edit = store_parser(verbs, "edit", help="put the next version of a rule into the store, as a draft")
    edit.add_argument("--file", type=Path, required=True, metavar="FILE", help="the rule as TOML or JSON")
    add_over(edit)
    edit.set_defaults(run=_edit)
    install = store_parser(verbs, "install", help="put the shipped rules and their answers into the store, as drafts")
    install.set_defaults(run=_install)
    answer = store_parser(verbs, "answer", help="answer the ALGO-CARE questions for the set with its drafts")
    answer.add_argument("--file", type=Path, required=True, metavar="FILE", help="TOML with [[answers]]")
    answer.set_defaults(run=_answer)
    approve = store_parser(verbs, "approve", help="approve the answers and make the drafts live (somebody else's)")
    add_over(approve)
    approve.set_defaults(run=_approve)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook

    with session_from(args) as session:
        records = rulebook.rule_list(session)
        current = rulebook.rule_set(session)
    shown = [record for record in records if args.all or record.status != "retired"]
    state = "approved" if current.approved else "NOT APPROVED: no rule runs"
    lines = [f"Set {current.version}: {state}."]
    lines += [f"  {record.status:<8} {record.code}/{record.version:<4} {record.title}" for record in shown]
    result = {
        "rule_set": current.version,
        "approved": current.approved,
        "drafts": list(current.drafts),
        "rules": [_about(record) for record in shown],
    }
    return Answer(result, lines)


def _about(record: RuleRecord) -> dict[str, Any]:
    return {**record._asdict(), "document": json.loads(record.document)}


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook
    from kingshurst_tui.casework.rules import read_rule

    with session_from(args) as session:
        record = rulebook.show(session, args.code)
    document = json.loads(record.document)
    lines = [f"{record.title} ({record.code}/{record.version}, {record.status})"]
    if record.code == rulebook.ONE_INCIDENT:
        lines += [f"  {name}: {value}" for name, value in document.items()]
    else:
        rule = read_rule(document)
        lines += [
            f"  Threshold  {rule.threshold_in_words()}",
            f"  Counts     {rule.counts_in_words()}",
            f"  Source     {rule.source}",
            f"  Says       {rule.source_says}",
            f"  Means      {'entitles to help' if rule.bearing == 'entitles' else 'agencies should talk'}",
            f"  Do         {rule.tell}",
            f"  Untested   {rule.untested}",
            f"  Edited     by {record.edited_by} at {record.edited_at}",
        ]
    return Answer({"rule": _about(record)}, lines)


def _edit(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook

    document = document_from(args.file)
    with session_from(args) as session:
        record = rulebook.edit(session, document.get("rule", document), over=args.over)
    return Answer(
        {"rule": _about(record)},
        (
            f"{record.code}/{record.version} is a draft; the version in force stays as it was.",
            "Another supervisor or governance officer makes it live: kingshurst rule approve STORE",
        ),
    )


def _install(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook

    with session_from(args) as session:
        added = rulebook.install_shipped(session)
    return Answer({"added": added}, (f"{added} rules were added as drafts. None runs before somebody approves them.",))


def _answer(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook

    document = document_from(args.file)
    common = document.get("common", {})
    answers = [{**common, **entry} for entry in document.get("answers", [])]
    with session_from(args) as session:
        rulebook.answer(session, answers)
    return Answer({"answers": len(answers)}, (f"{len(answers)} answers were kept. Nobody has approved them yet.",))


def _approve(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.casework import rulebook

    with session_from(args) as session:
        done = rulebook.approve(session, over=args.over)
        current = rulebook.rule_set(session)
    return Answer(
        {"rule_set": current.version, "raised": done.raised, "withdrawn": done.withdrawn},
        (
            f"Set {current.version} is approved and in force.",
            f"Flags raised {done.raised}, withdrawn {done.withdrawn}, of older versions {done.superseded}.",
        ),
    )


def document_from(path: Path) -> dict[str, Any]:
    """Return what a TOML or JSON file holds. Raises: InputRejected."""
    import tomllib

    from kingshurst_tui.errors import InputRejected

    try:
        text = path.read_text("utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError, ValueError) as failed:
        raise InputRejected(
            "The file cannot be read as TOML or JSON.", f"{path}: {failed}. Nothing was changed.", "Check the file."
        ) from failed
    if not isinstance(found, dict):
        raise InputRejected("The file holds no document.", "Nothing was changed.", "One table with the rule's fields.")
    return found
