"""``kingshurst agreement``: the terms under which each data set may come in."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, reason_from, session_from, store_parser
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.agreements.standing_today import Standing


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    agreement = commands.add_parser("agreement", help="add, show, sign and suspend information sharing agreements")
    verbs = agreement.add_subparsers(metavar="VERB", required=True)
    add = store_parser(verbs, "add", help="add an agreement from its TOML file, with your signature")
    add.add_argument("file", metavar="FILE", type=Path, nargs="+")
    add.add_argument("--check", action="store_true", help="say all that is wrong with it and store nothing")
    add.set_defaults(run=_add)
    listing = store_parser(verbs, "list", help="list agreements as they stand today")
    listing.add_argument("--every-version", action="store_true")
    listing.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="show one agreement, its ALGO-CARE answers and its batches")
    show.add_argument("reference", metavar="REF")
    show.set_defaults(run=_show)
    sign = store_parser(verbs, "sign", help="sign as the second person, or open a suspended agreement again")
    sign.add_argument("reference", metavar="REF")
    add_over(sign)
    sign.set_defaults(run=_sign)
    suspend = store_parser(verbs, "suspend", help="close the gate of a data set at once")
    suspend.add_argument("reference", metavar="REF")
    suspend.add_argument("--why", metavar="TEXT", help="why, shown to everybody; without it --reason is")
    add_over(suspend)
    suspend.set_defaults(run=_suspend)


def _brief(standing: Standing) -> dict[str, Any]:
    agreement = standing.agreement
    return {
        "reference": standing.row.reference,
        "version": standing.row.version,
        "title": standing.row.title,
        "agency": standing.row.agency_code,
        "rag": standing.row.rag,
        "granularity": standing.row.granularity,
        "purposes": list(agreement.purposes),
        "state": standing.state,
        "why": standing.why,
        "starts": standing.row.opens,
        "expires": standing.row.closes,
        "consented_only": agreement.consented_only,
        "health": agreement.health,
        "signed_by": [signature.user_name for signature in standing.signatures],
    }


def _line(standing: Standing) -> str:
    row = standing.row
    state = standing.state + (f" ({standing.why})" if standing.why else "")
    return f"{row.reference:<22} v{row.version:<3} {row.agency_code:<6} {row.rag:<6} {row.granularity:<16} {state}"


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import document, gates
    from kingshurst_tui.clock import plain_date

    with session_from(args) as session:
        texts = [document.read_text(path) for path in args.file]
        if args.check:
            lines: list[str] = []
            lapsed: list[str] = []
            for path, text in zip(args.file, texts, strict=True):
                agreement, found = gates.problems_of(session, text)
                lines += [f"{path.name}: {problem}" for problem in found]
                if agreement.expires < session.clock.today():
                    lapsed.append(f"{path.name}: it lapsed on {plain_date(agreement.expires)}: it would open nothing.")
            if lines:
                raise InputRejected(
                    f"There {'are' if len(lines) != 1 else 'is'} {len(lines)} problem{'s' if len(lines) != 1 else ''}.",
                    "\n".join([*lines, "Nothing was stored."]),
                    "Correct the file and check it again.",
                    problems=tuple(lines),
                )
            said = ("Nothing is wrong with it. Nothing was stored.", *lapsed)
            return Answer({"checked": len(texts), "problems": [], "lapsed": lapsed}, said)
        standings = [gates.add(session, text, reason=reason_from(args, ReasonCode.INTAKE)) for text in texts]
    return Answer({"agreements": [_brief(each) for each in standings]}, [_line(each) for each in standings])


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import standing_today

    with session_from(args) as session:
        found = standing_today.listed(session, every_version=args.every_version)
    return Answer(
        {"agreements": [_brief(each) for each in found]},
        [_line(each) for each in found] or ["No agreement was added yet."],
    )


def _show(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import standing_today
    from kingshurst_tui.clock import plain_date
    from kingshurst_tui.commands.imports import batch_json, batch_line
    from kingshurst_tui.intake.batches import listed

    with session_from(args) as session:
        standing = standing_today.show(session, args.reference)
        batches = listed(session, args.reference)
    agreement = standing.agreement
    answers = [
        {
            "head": one.head,
            "question": one.question,
            "answer": one.answer,
            "owner": one.owner,
            "evidence": one.evidence,
            "date": one.date,
            "review": one.review,
        }
        for one in agreement.algo_care
    ]
    result = _brief(standing) | {
        "controllers": list(agreement.controllers),
        "regime": agreement.regime.value,
        "purpose": agreement.purpose,
        "gateway": agreement.gateway,
        "article_6": agreement.article_6,
        "article_9": agreement.article_9,
        "article_10": agreement.article_10,
        "schedule_conditions": list(agreement.schedule_conditions),
        "confidentiality": agreement.confidentiality.value,
        "confidentiality_evidence": agreement.confidentiality_evidence,
        "conditions": [{"text": c.text, "met_on": c.met_on, "evidence": c.evidence} for c in agreement.conditions],
        "fields": sorted(set(agreement.columns.values())),
        "coverage": {
            "from": agreement.coverage_from,
            "area": agreement.coverage_area,
            "people": agreement.coverage_people,
            "refresh_days": agreement.refresh_days,
        },
        "retention_months": agreement.retention_months,
        "dpia": agreement.dpia.reference,
        "isa": agreement.isa.reference,
        "ethics_advice": agreement.ethics_advice,
        "recipients": list(agreement.recipients),
        "breach_contact": agreement.breach_contact,
        "withdrawal": agreement.withdrawal,
        "algo_care": answers,
        "batches": [batch_json(each) for each in batches],
    }
    lines = [
        _line(standing),
        standing.row.title,
        f"Purpose: {agreement.purpose}",
        f"Gateway: {agreement.gateway}. Regime: {agreement.regime}. Confidentiality: {agreement.confidentiality}.",
        f"From {plain_date(agreement.starts)} to {plain_date(agreement.expires)}."
        f" Kept {agreement.retention_months} months.",
        f"DPIA {agreement.dpia.reference}. ISA {agreement.isa.reference}, signed by {agreement.isa.signed_by}.",
        f"Ethics advice: {agreement.ethics_advice}",
        f"Signed in this store by: {', '.join(s.user_name for s in standing.signatures)}",
        "",
        "ALGO-CARE",
        *(f"{one.head}: {one.question} {one.answer}" for one in agreement.algo_care),
        "",
        "Batches",
        *(batch_line(each) for each in batches),
    ]
    return Answer(result, lines)


def _sign(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import gates

    with session_from(args) as session:
        standing = gates.sign(session, args.reference, reason=reason_from(args, ReasonCode.INTAKE), over=args.over)
    return Answer({"agreement": _brief(standing)}, (_line(standing),))


def _suspend(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.agreements import gates
    from kingshurst_tui.errors import UsageError

    why = args.why or args.reason
    if not why:
        raise UsageError("Why is it suspended?", "Nothing was changed.", "Say it with --reason TEXT.")
    with session_from(args) as session:
        reason = reason_from(args, ReasonCode.INTAKE)
        standing = gates.suspend(session, args.reference, why, reason=reason, over=args.over)
    return Answer({"agreement": _brief(standing)}, (_line(standing),))
