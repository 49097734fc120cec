"""``kingshurst learn``: what works, each rule's record, who leads for whom, what was missed."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, count, number, reason_from, session_from, store_parser
from kingshurst_tui.commands.report_copies import Release, add_report
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.learning.what_works import Row, WhatWorks


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    learn = commands.add_parser("learn", help="what works, each rule's record, who leads for whom, what was missed")
    verbs = learn.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "works", help="what followed decisions, against people not discussed").set_defaults(run=_works)
    store_parser(verbs, "rules", help="whether people found each rule's flags useful").set_defaults(run=_rules)
    parted = store_parser(verbs, "leads", help="lead agency by area, rule, and group where lawful")
    parted.add_argument("--by", default="area", choices=("area", "rule", "age", "sex"))
    parted.set_defaults(run=_leads)
    store_parser(verbs, "misses", help="referred people flagged or not; samples of unflagged people").set_defaults(
        run=_misses
    )
    judge = store_parser(verbs, "judge", help="say whether a flag was useful; why not in --reason")
    judge.add_argument("flag", metavar="FLAG", type=number, help="the flag's number")
    judge.add_argument("verdict", choices=("useful", "not-useful"))
    judge.set_defaults(run=_judge)
    sample = store_parser(verbs, "sample", help="draw unflagged people by lot, or list one sample's")
    sample.add_argument("--draw", type=count, metavar="N", help="how many people to draw")
    sample.add_argument("--number", type=number, metavar="SAMPLE", help="list the people of this sample")
    sample.set_defaults(run=_sample)
    look = store_parser(verbs, "look", help="say of one person of a sample whether a rule should have flagged them")
    look.add_argument("number", metavar="LOOK", type=number)
    look.add_argument("verdict", choices=("should-have-been", "rightly-not", "cannot-tell"))
    look.set_defaults(run=_look)
    basis = store_parser(verbs, "basis", help="state the basis on which leads may be parted by age or sex, in --reason")
    basis.add_argument("group", choices=("age", "sex"))
    basis.set_defaults(run=_basis)
    add_report(verbs, help="let all of it leave as a report, a copy a named recipient", release=_release)
    keep = store_parser(verbs, "keep", help="say that a rule before governance stays as it is; why in --reason")
    keep.add_argument("rule", metavar="RULE", help="the rule's code")
    keep.set_defaults(run=_keep)


def _works(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.what_works import what_works

    with session_from(args) as session:
        found = what_works(session)
    return Answer(asdict(found), in_lines(found))


def in_lines(found: WhatWorks) -> list[str]:
    """Return what works as lines, a picture of each interval beside its figures."""
    from kingshurst_tui.interval_bars import LEGEND, ratio_bar

    rows: list[tuple[str, tuple[Row, ...]]] = [
        ("All", (found.all,)),
        ("By lead agency", found.by_lead),
        ("By kind of intervention", found.by_intervention),
    ]
    lines = []
    for heading, each in rows:
        lines.append(heading)
        for row in each:
            lines += [f"  {row.title:<26}{ratio_bar(row.ratio, row.low, row.high)}", f"    {row.words}"]
    lines.append(LEGEND)
    for months, effects in found.effects:
        said = ", ".join(f"{effect}: {many}" for effect, many in effects.items() if effect)
        lines.append(f"After {months} months people recorded: {said}")
    return [*lines, *found.said]


def _rules(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.interval_bars import share_bar
    from kingshurst_tui.learning.usefulness import records

    with session_from(args) as session:
        found = records(session)
    lines = []
    for each in found:
        bar = share_bar(each.useful.value, *each.useful.interval) if each.useful.of else ""
        said = "  BEFORE GOVERNANCE" if each.before_governance else ""
        lines += [f"{each.title}{said}", f"  {bar}  {each.words}".rstrip()]
    result: list[dict[str, Any]] = [
        {
            "rule": each.rule_code,
            "version": each.rule_version,
            "raised": each.raised,
            "judged": each.useful.of,
            "useful": each.useful.count,
            "interval": each.useful.interval,
            "differing": each.differing,
            "before_governance": each.before_governance,
            "kept": each.kept,
        }
        for each in found
    ]
    return Answer({"rules": result}, lines)


def _leads(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.consistency import BY, consistency

    with session_from(args) as session:
        found = consistency(session, args.by)
    lines = [f"Lead agency by {BY[args.by]}"]
    for group in found.groups:
        for agency in found.agencies:
            share = found.shares.get((group, agency), "")
            lines.append(f"  {group:<28}{agency:<8}{found.table.cell(group, agency):<16}{share}".rstrip())
    cells = [
        {"group": group, "agency": agency, "count": found.table.cell(group, agency),
         "share": found.shares.get((group, agency))}
        for group in found.groups
        for agency in found.agencies
    ]  # fmt: skip
    return Answer({"by": args.by, "cells": cells, "said": found.said}, [*lines, *found.said])


def _misses(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning import misses

    with session_from(args) as session:
        sent, samples = misses.referred(session), misses.samples(session)
    return Answer(
        {
            "referred": None if sent.flagged is None else {"flagged": sent.flagged.count, "of": sent.flagged.of},
            "samples": [asdict(each) | {"words": each.words} for each in samples],
        },
        [sent.words, *(f"Sample {each.number}: {each.words}" for each in samples)],
    )


def _judge(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.usefulness import judge

    with session_from(args) as session:
        judge(session, args.flag, args.verdict, args.reason or "", reason=reason_from(args, ReasonCode.PANEL))
    return Answer({"flag": args.flag, "verdict": args.verdict}, ("Kept.",))


def _sample(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning import misses

    with session_from(args) as session:
        if args.draw is not None:
            made = misses.draw(session, args.draw)
            return Answer(asdict(made), (f"Sample {made.number}: {made.words}.", misses.METHOD))
        if args.number is None:
            every = misses.samples(session)
            lines = [f"{each.number}: {each.words}" for each in every]
            return Answer({"samples": [asdict(each) for each in every]}, lines)
        people = misses.looks(session, args.number)
    return Answer(
        {"people": [asdict(each) for each in people]},
        [f"{each.number:>6}  {each.pseudonym}  {each.verdict}  {each.judged_by}".rstrip() for each in people],
    )


def _look(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.misses import look

    with session_from(args) as session:
        look(session, args.number, args.verdict, args.reason or "")
    return Answer({"look": args.number, "verdict": args.verdict}, ("Kept.",))


def _basis(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.consistency import state_basis

    with session_from(args) as session:
        state_basis(session, args.group, args.reason or "")
    stated = bool((args.reason or "").strip())
    return Answer({"group": args.group, "stated": stated}, ("Stated." if stated else "Taken back.",))


def _release() -> Release:
    from kingshurst_tui.learning.report import release_report

    return release_report


def _keep(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.learning.usefulness import keep

    with session_from(args) as session:
        keep(session, args.rule, args.reason or "")
    return Answer({"rule": args.rule}, ("It stays as it is, and comes back when as many again were judged.",))
