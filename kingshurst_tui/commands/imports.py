"""``kingshurst import``, ``batch list`` and ``recall``: an extract in, what came in, and a batch out again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, day, number, reason_from, session_from, store_parser
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.giving_way import give_way_at_the_processor
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.intake.batches import BatchShown
    from kingshurst_tui.intake.going_through import Progress, Watch
    from kingshurst_tui.intake.imports import Imported
    from kingshurst_tui.intake.recall import RecallPlan


def add_parser(commands: Subparsers) -> None:
    """Add both commands."""
    bring = store_parser(commands, "import", help="import a partner's extract under its agreement")
    bring.add_argument("file", metavar="FILE", type=Path)
    bring.add_argument("--agreement", metavar="REF", required=True)
    bring.add_argument("--check", action="store_true", help="report all that is wrong and store nothing")
    bring.add_argument("--as-at", metavar="DATE", type=day, help="the day the partner drew the extract")
    bring.set_defaults(run=_import)
    batch = commands.add_parser("batch", help="what came in under each agreement, and when")
    verbs = batch.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="import batches, the latest first, with their numbers")
    listing.add_argument("--agreement", metavar="REF", help="only those of this data set")
    listing.set_defaults(run=_batches)
    recall = store_parser(commands, "recall", help="take an import batch back, with what was built on it listed")
    recall.add_argument("batch", metavar="BATCH", type=number)
    recall.add_argument("--check", action="store_true", help="list what it would take out and change nothing")
    recall.set_defaults(run=_recall)


def _import(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.intake import imports

    give_way_at_the_processor()
    with session_from(args) as session:
        reason, watch = reason_from(args, ReasonCode.INTAKE), _bar(args)
        if args.check:
            done = imports.check_file(session, args.file, args.agreement, reason=reason, watch=watch)
        else:
            done = imports.import_file(session, args.file, args.agreement, reason=reason, as_at=args.as_at, watch=watch)
    _clear(watch)
    if done.status in ("too-many-rejected", "not-as-agreed"):
        problems = (*done.problems, *_problem_lines(done), *_left_out_lines(done))
        whole = "its columns or the file are not as agreed, and " if done.problems else ""
        raise InputRejected(
            f"The extract would be refused: {whole}{done.rows_rejected:,} of {done.rows_read:,} rows"
            " are not as agreed.",
            "\n".join([*problems, "Nothing was stored."]),
            "Ask the partner to send it again as agreed, or agree the change in a new version of the agreement.",
            problems=problems,
        )
    return Answer(
        {
            "batch": done.batch,
            "agreement": done.agreement,
            "status": done.status,
            "rows_read": done.rows_read,
            "rows_accepted": done.rows_accepted,
            "rows_rejected": done.rows_rejected,
            "rows_dropped": done.rows_dropped,
            "report": done.report,
            "quality": done.quality,
        },
        _lines(done),
    )


def _batches(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import standing_today
    from kingshurst_tui.intake import batches

    with session_from(args) as session:
        if args.agreement is not None:
            standing_today.show(session, args.agreement)
        found = batches.listed(session, args.agreement)
    return Answer(
        {"batches": [batch_json(each) for each in found]},
        [batch_line(each) for each in found] or ["Nothing was imported yet."],
    )


def batch_json(batch: BatchShown) -> dict[str, Any]:
    """Return an import batch ready for JSON."""
    return {
        "batch": batch.number,
        "agreement": batch.data_set,
        "status": batch.status,
        "received_on": batch.received,
        "as_at": batch.as_at,
        "rows": None if batch.in_tens else batch.rows_accepted,
        "rows_read": batch.rows_read,
        "rows_rejected": batch.rows_rejected,
        "rows_are_exact": batch.is_exact,
        "why_recalled": batch.why_recalled,
    }


def batch_line(batch: BatchShown) -> str:
    """Return an import batch as one line."""
    from kingshurst_tui.clock import plain_date

    as_at = plain_date(batch.as_at) if batch.as_at else "unknown"
    return (
        f"{batch.number:>6}  {batch.data_set:<22} {batch.status:<10} received {plain_date(batch.received)},"
        f" as at {as_at}, {batch.let_in}"
    )


def _problem_lines(done: Imported) -> list[str]:
    from kingshurst_tui.intake.reasons import said

    lines = [
        f"{each['rows']:,} row{'s hold' if each['rows'] != 1 else ' holds'} {each['words']}."
        for each in done.report["rejected"]
    ]
    lines += [
        f"Row {each['row']}{', column ' + repr(each['column']) if each['column'] else ''}: {said(each['reason'])}."
        for each in done.report["rejected_rows"][:50]
    ]
    return lines


def _left_out_lines(done: Imported) -> list[str]:
    return [
        f"Column {each['column']!r}: {each['rows']:,} cell{'s hold' if each['rows'] != 1 else ' holds'} {each['words']}"
        f" (row{'s' if each['rows'] != 1 else ''} {', '.join(map(str, each['first_rows'][:5]))}"
        f"{' ...' if each['rows'] > 5 else ''})."
        for each in done.report["fields_left_out"]
    ]


def _lines(done: Imported) -> list[str]:
    what = f"Batch {done.batch} is in" if done.batch is not None else "Checked; nothing was stored"
    lines = [
        f"{what}: {_let_in(done)} {done.rows_read:,} rows of {done.agreement},"
        f" {done.rows_rejected:,} kept out, {_dropped(done)}."
    ]
    lines += _problem_lines(done)
    lines += _left_out_lines(done)
    coverage: dict[str, Any] = done.quality.get("coverage", {})
    if coverage.get("incomplete_months"):
        lines.append(f"Incomplete months, not falls: {', '.join(coverage['incomplete_months'])}.")
    if coverage.get("missing_months"):
        lines.append(f"Months without any row: {', '.join(coverage['missing_months'])}.")
    return lines


def _let_in(done: Imported) -> str:
    return f"{done.rows_accepted:,} of" if done.rows_accepted is not None else "those on the register of"


def _dropped(done: Imported) -> str:
    from kingshurst_tui.intake.batches import dropped_in_words

    in_tens = bool(done.report.get("in_tens"))
    if in_tens and done.batch is None:
        return "and a check does not ask who is on its register"
    return dropped_in_words(done.rows_dropped, in_tens=in_tens)


def _bar(args: argparse.Namespace) -> Watch | None:
    """Return what draws a progress line on standard error, where a person is there to see it."""
    if args.json or not sys.stderr.isatty():
        return None

    def draw(progress: Progress) -> None:
        left = progress.seconds_left
        wait = f", {int(left // 60)}:{int(left % 60):02d} left" if left is not None else ""
        filled = int(progress.share * 30)
        sys.stderr.write(
            f"\r[{'#' * filled}{'.' * (30 - filled)}] {progress.rows:,} rows, {progress.rate:,.0f} a second{wait}   "
        )
        sys.stderr.flush()

    return draw


def _clear(watch: Watch | None) -> None:
    if watch is not None:
        sys.stderr.write("\r" + " " * 79 + "\r")


_BUILT_WORDS = {
    "records": "source records in it",
    "contacts": "contacts in it",
    "area_measures": "area measures in it",
    "replaced_records": "earlier details that it replaced and that are seen again",
    "replaced_contacts": "earlier contacts that it replaced and that are seen again",
    "profiles": "profiles it is part of",
    "links": "links that rest on it",
    "flags": "standing flags of these profiles, counted again",
    "consents": "consents of these profiles",
    "grounds": "grounds of these profiles",
    "decisions": "decisions on these profiles",
    "agenda_items": "agenda items of these profiles",
}


def _recall(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.intake import recall

    with session_from(args) as session:
        made = recall.plan(session, args.batch)
        if not args.check:
            if not args.json:
                # What was built on it comes first, before anything is taken out.
                sys.stdout.write("\n".join(_built_lines(made, "holds and carries")) + "\n")
                sys.stdout.flush()
            made = recall.recall(session, args.batch, reason=reason_from(args, ReasonCode.INTAKE))
    return Answer(
        {"batch": args.batch, "agreement": made.batch.agreement_ref, "recalled": not args.check, "built": made.built},
        _built_lines(made, "would be taken out") if args.check else [f"Batch {args.batch} is out."],
    )


def _built_lines(made: RecallPlan, what: str) -> list[str]:
    return [
        f"Batch {made.batch.id} of {made.batch.agreement_ref} {what}:",
        *(f"{made.built[name]:>9,} {words}" for name, words in _BUILT_WORDS.items() if made.built[name]),
    ]
