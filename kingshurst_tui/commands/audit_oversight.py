"""``kingshurst audit hits|rule|sample``: the rules of oversight, and dip samples."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, count, day, number, session_from, store_parser
from kingshurst_tui.counting import some

if TYPE_CHECKING:
    from kingshurst_tui.oversight.dips import Question, Sample
    from kingshurst_tui.oversight.rules import OversightRule


def add_verbs(verbs: Subparsers) -> None:
    """Add the verbs of oversight."""
    hits = store_parser(verbs, "hits", help="what the rules of oversight find (supervisors, governance)")
    hits.add_argument("--from", dest="since", type=day, metavar="DAY", help="the first day (a month before the last)")
    hits.add_argument("--to", dest="until", type=day, metavar="DAY", help="the last day (today)")
    hits.set_defaults(run=_hits)
    rules = store_parser(verbs, "rules", help="list the rules of oversight, their thresholds and who set them")
    rules.set_defaults(run=_rules)
    change = store_parser(verbs, "change-rule", help="set a rule's thresholds, and say who set them (supervisors)")
    change.add_argument("code", metavar="CODE")
    change.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a threshold; may be repeated")
    change.add_argument("--source", required=True, metavar="TEXT", help="who set this, and on what")
    change.add_argument("--off", action="store_true", help="do not look for this any more")
    change.set_defaults(run=_change)
    sample = verbs.add_parser("sample", help="dip samples: drawn, answered, judged, signed off")
    steps = sample.add_subparsers(metavar="STEP", required=True)
    draw = store_parser(steps, "draw", help="draw entries by lot and ask whoever acted (supervisors)")
    draw.add_argument("--count", type=count, default=10, metavar="N")
    add_filter(draw)
    draw.set_defaults(run=_draw, operation="consult")
    listing = store_parser(steps, "list", help="list the samples, or one with its entries; or what you are asked")
    listing.add_argument("--sample", type=number, metavar="N", help="that one, with its entries")
    listing.add_argument("--mine", action="store_true", help="what you are asked about your own entries")
    listing.set_defaults(run=_list)
    answer = store_parser(steps, "answer", help="answer about an entry of your own")
    answer.add_argument("item", type=number, metavar="ITEM")
    answer.add_argument("--words", required=True, metavar="TEXT")
    answer.set_defaults(run=_answer)
    judge = store_parser(steps, "judge", help="judge an entry by its answer (supervisors, governance; never your own)")
    judge.add_argument("item", type=number, metavar="ITEM")
    verdict = judge.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--justified", action="store_true")
    verdict.add_argument("--not-justified", action="store_true")
    judge.add_argument("--words", required=True, metavar="TEXT")
    judge.set_defaults(run=_judge)
    sign = store_parser(steps, "sign-off", help="sign a sample off, once every entry is judged (supervisors)")
    sign.add_argument("sample", type=number, metavar="SAMPLE")
    sign.set_defaults(run=_sign_off)


def add_filter(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which entries are meant."""
    parser.add_argument("--actor", default="", metavar="NAME", help="only what this user did")
    parser.add_argument("--subject", default="", metavar="PSEUDONYM", help="only what was about this person")
    parser.add_argument("--operation", default="", metavar="WORD", help="consult, alter, disclose, combine, erase …")
    parser.add_argument("--for-purpose", default="", metavar="CODE", help="only what was done for this purpose")
    parser.add_argument("--from", dest="since", type=day, metavar="DAY", help="the first day, UTC")
    parser.add_argument("--to", dest="until", type=day, metavar="DAY", help="the last day, UTC")
    parser.add_argument("--refused", action="store_true", help="only refusals")


def filter_from(args: argparse.Namespace) -> Any:
    """Return the filter that the options say."""
    from kingshurst_tui.casework.profiles_found import written_out
    from kingshurst_tui.oversight.trail import filter_of_days

    return filter_of_days(
        actor=args.actor,
        pseudonym=written_out(args.subject) or args.subject,
        operation=args.operation,
        purpose=args.for_purpose,
        result="refused" if args.refused else "",
        since=args.since,
        until=args.until,
    )


def _hits(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.dates import say_date, show_time
    from kingshurst_tui.oversight.hits import find_hits
    from kingshurst_tui.oversight.trail import LIMITS_OF_USE

    with session_from(args) as session:
        found = find_hits(session, args.since, args.until)
    lines = [
        f"{some(found.looked, 'entry', 'entries')} from {say_date(found.since)} to {say_date(found.until)}. "
        f"A hit is no finding: it says what to look at. {LIMITS_OF_USE}"
    ]
    for rule, hits in found.rules:
        lines += ["", f"{rule.title} ({rule.code}): {some(len(hits), 'hit')}" if rule.is_on else f"{rule.title}: off"]
        lines += [f"  {rule.in_words} {rule.source}", f"  {rule.knows}"]
        for hit in hits:
            entries = ", ".join(map(str, hit.entries[:8])) + (" …" if len(hit.entries) > 8 else "")
            about = ", ".join(hit.pseudonyms[:4]) + (" …" if len(hit.pseudonyms) > 4 else "")
            word = "entry" if len(hit.entries) == 1 else "entries"
            lists = f"  ({len(hit.lists)} of them on a list)" if hit.lists else ""
            lines.append(f"    {hit.actor:<14} {show_time(hit.first)} UTC  {word} {entries}{lists}  {about}".rstrip())
    result = {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "looked": found.looked,
        "rules": [{**_rule(rule), "hits": [_timed(asdict(hit)) for hit in hits]} for rule, hits in found.rules],
    }
    return Answer(result, lines)


def _rules(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.rules import oversight_rules

    with session_from(args) as session:
        rules = oversight_rules(session)
    lines: list[str] = []
    for rule in rules:
        lines += [f"{rule.code}: {rule.title}" + ("" if rule.is_on else " (off)"), f"  {rule.in_words}"]
        lines += [f"  {rule.knows}", f"  {rule.source}"]
    return Answer({"rules": [_rule(rule) for rule in rules]}, lines)


def _change(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.errors import UsageError
    from kingshurst_tui.oversight.rules import change_rule

    pairs = [given.partition("=") for given in args.set]
    if any(not separator for _, separator, _ in pairs):
        raise UsageError("A threshold is given as NAME=VALUE.", "Nothing was changed.")
    thresholds = {name: value for name, _, value in pairs}
    with session_from(args) as session:
        rule = change_rule(
            session, args.code, thresholds=thresholds, source=args.source, is_on=not args.off, why=args.reason or ""
        )
    return Answer({"rule": _rule(rule)}, (f"{rule.title}: {rule.in_words} {rule.source}",))


def _draw(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.dips import draw_sample

    with session_from(args) as session:
        found = draw_sample(session, filter_from(args), args.count)
    document = found.document
    lines = (
        f"Sample {found.number}: {some(len(document['entries']), 'entry', 'entries')} drawn by lot of "
        f"{document['population']:,}; answers are asked by {document['answer_by']}.",
        f"Seed {document['seed']} (from the tree over the first {document['tree']['size']:,} entries).",
    )
    return Answer({"sample": _sample(found)}, lines)


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight import dips

    with session_from(args) as session:
        if args.mine:
            questions = dips.questions_for(session)
            lines = [line for each in questions for line in _said(each)] or ["You are asked nothing."]
            return Answer({"questions": [_question(each) for each in questions]}, lines)
        if args.sample is None:
            found = dips.samples(session)
            return Answer({"samples": [_sample(each) for each in found]}, [_in_a_line(each) for each in found])
        full = dips.sample_in_full(session, args.sample)
    lines = [_in_a_line(full.sample), f"  seed {full.sample.document['seed']}"]
    lines.append("  drawing it again gives " + ("the same entries" if full.drawn_as_said else "OTHER ENTRIES"))
    if full.signature_holds is not None:
        lines.append("  the signature " + ("holds" if full.signature_holds else "DOES NOT HOLD"))
    lines += [line for each in full.questions for line in _said(each)]
    result = {
        "sample": _sample(full.sample),
        "drawn_as_said": full.drawn_as_said,
        "signature_holds": full.signature_holds,
        "questions": [_question(each) for each in full.questions],
    }
    return Answer(result, lines)


def _answer(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.dips import answer

    with session_from(args) as session:
        answer(session, args.item, args.words)
    return Answer({"item": args.item}, ("Your answer is kept, sealed.",))


def _judge(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.dips import judge

    with session_from(args) as session:
        judge(session, args.item, args.words, justified=args.justified)
    return Answer({"item": args.item, "justified": args.justified}, ("Your judgement is kept, sealed.",))


def _sign_off(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.dips import sign_off

    with session_from(args) as session:
        found = sign_off(session, args.sample)
    return Answer({"sample": _sample(found)}, (f"Signed off. {_in_a_line(found)}",))


def _rule(rule: OversightRule) -> dict[str, Any]:
    return {**asdict(rule), "in_words": rule.in_words}


def _timed(hit: dict[str, Any]) -> dict[str, Any]:
    return {**hit, "first": hit["first"].isoformat(), "last": hit["last"].isoformat()}


def _sample(sample: Sample) -> dict[str, Any]:
    return asdict(sample)


def _question(question: Question) -> dict[str, Any]:
    return {**asdict(question), "answer_by": question.answer_by.isoformat()}


def _in_a_line(sample: Sample) -> str:
    counts = ", ".join(f"{value} {name}" for name, value in sample.counts.items() if value)
    by = f"signed off by {sample.signed_off_by}" if sample.signed_off_by else "not signed off"
    return f"sample {sample.number}, drawn by {sample.drawn_by} on {sample.drawn_at[:10]}: {counts}; {by}"


def _said(question: Question) -> list[str]:
    line = question.line
    lines = [
        f"  item {question.number} ({question.status}): entry {line.seq}, {line.time[:16].replace('T', ' ')} UTC, "
        f"{line.actor} {line.operation} {line.thing}, {line.reason}, {', '.join(line.subjects[:3])}"
    ]
    if line.words:
        lines.append(f"    in words: {line.words}")
    if question.answer:
        lines.append(f"    answer: {question.answer}")
    if question.judgement:
        lines.append(f"    {question.judged_by}: {question.judgement}")
    return lines
