"""``kingshurst link``, ``model`` and ``pairs``: linking, what links, and the pairs that wait for people."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import Answer, Subparsers, add_over, number, reason_from, session_from, store_parser
from kingshurst_tui.counting import some
from kingshurst_tui.giving_way import give_way_at_the_processor
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from kingshurst_tui.linkage.affected import Affected
    from kingshurst_tui.linkage.pairs_shown import Pair, Side
    from kingshurst_tui.linkage.run import LinkRun


def add_parser(commands: Subparsers) -> None:
    """Add the three commands."""
    link = store_parser(
        commands, "link", help="link the records of one person, and bring profiles and flags up to date"
    )
    link.add_argument("--engine", choices=("duckdb",), default="duckdb", help="where pairs are scored")
    link.set_defaults(run=_link)
    _add_model(commands)
    _add_pairs(commands)


def _add_model(commands: Subparsers) -> None:
    model = commands.add_parser("model", help="the linkage model: its figures, its ALGO-CARE answers, their approval")
    verbs = model.add_subparsers(metavar="VERB", required=True)
    store_parser(verbs, "show", help="what it was trained on, what it weighs, who approved it").set_defaults(run=_show)
    store_parser(verbs, "answers", help="file the answers that come with it, for people to read").set_defaults(
        run=_answers
    )
    store_parser(verbs, "approve", help="approve the answers; only then does anything link").set_defaults(run=_approve)


def _add_pairs(commands: Subparsers) -> None:
    pairs = commands.add_parser("pairs", help="pairs of records that wait for people")
    verbs = pairs.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="the review queue, strongest first")
    listing.add_argument("--limit", type=number, default=20, metavar="N")
    listing.add_argument("--offset", type=number, default=0, metavar="N")
    listing.set_defaults(run=_list)
    show = store_parser(verbs, "show", help="one pair, field by field, for and against")
    show.add_argument("pair", type=number, metavar="PAIR")
    show.set_defaults(run=_pair)
    decide = store_parser(verbs, "decide", help="link, keep apart or leave a pair; --reason says why")
    decide.add_argument("pair", type=number, metavar="PAIR")
    decide.add_argument("verdict", choices=("link", "apart", "leave", "take-back"))
    decide.add_argument("--preview", action="store_true", help="say what it would affect, and change nothing")
    add_over(decide)
    decide.set_defaults(run=_decide)
    split = store_parser(verbs, "split", help="take records out of a profile: they are another person's")
    split.add_argument("profile", metavar="PSEUDONYM")
    split.add_argument("records", nargs="+", type=number, metavar="RECORD")
    split.add_argument("--preview", action="store_true", help="say what it would affect, and change nothing")
    split.set_defaults(run=_split)


def _link(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import run

    def tell(what: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            where = f" {done + 1} of {of}" if of > 1 else ""
            sys.stderr.write(f"\r\x1b[K{what}{where}")
            sys.stderr.flush()

    give_way_at_the_processor()
    with session_from(args) as session:
        made = run.run(session, reason_from(args, ReasonCode.MAINTENANCE), progress=tell)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return Answer(made.as_json(), _run_lines(made))


def _run_lines(made: LinkRun) -> list[str]:
    lines = [
        f"{made.records:,} records, {made.pairs_scored:,} pairs compared in {made.seconds:.1f} s.",
        f"{made.profiles:,} profiles: {made.new:,} new, {made.merged:,} merged, {made.split:,} split, "
        f"{made.unchanged:,} unchanged.",
        f"{made.clear:,} clear links; {made.review:,} pairs wait for people; {made.by_people:,} decided by people.",
    ]
    if made.keys_left_out:
        lines.append(f"{made.keys_left_out:,} keys shared by too many records were not used to find pairs.")
    if made.changed_meanwhile:
        lines.append(
            f"{made.changed_meanwhile:,} pieces were left, because somebody changed them meanwhile; run again."
        )
    return lines


def _show(args: argparse.Namespace) -> Answer:
    import json

    from kingshurst_tui.linkage import approval, model

    used = model.load()
    with session_from(args) as session:
        filed = approval.filed(session)
    answers: list[dict[str, str]] = json.loads(filed.answers) if filed else approval.shipped_answers()
    status = filed.status if filed else "not filed"
    weights = {
        comparison.title: {
            level.label: round(bits, 2)
            for level in comparison.levels
            if (bits := used.weights(comparison.name, used.records)[level.gamma]) or level.gamma >= 0
        }
        for comparison in used.comparisons
    }
    lines = [f"Linkage model {used.version}, trained on {used.metadata['trained_on']}.", f"ALGO-CARE: {status}."]
    if filed and filed.approved_by:
        lines.append(f"Approved by {filed.approved_by} at {filed.approved_at}.")
    for title, levels in weights.items():
        lines += ["", title, *(f"  {bits:+6.1f}  {label}" for label, bits in levels.items())]
    for entry in answers:
        lines += ["", f"{entry['head']}: {entry['question']}", f"  {entry['answer']}"]
    return Answer(
        {
            "model": used.version,
            "metadata": used.metadata,
            "clear": used.clear,
            "review": used.review,
            "weights": weights,
            "algo_care": {"status": status, "approved_by": filed.approved_by if filed else None, "answers": answers},
        },
        lines,
    )


def _answers(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import approval, model

    with session_from(args) as session:
        approval.install(session)
    return Answer({"model": model.CURRENT, "status": "answered"}, (f"The answers for {model.CURRENT} are filed.",))


def _approve(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import approval, model

    with session_from(args) as session:
        approval.approve(session)
        name = session.user.name
    return Answer(
        {"model": model.CURRENT, "status": "approved", "approved_by": name},
        (f"The linkage model {model.CURRENT} is approved by {name}; it may link.",),
    )


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import pairs_shown

    with session_from(args) as session:
        pairs, total = pairs_shown.queue(session, limit=args.limit, offset=args.offset)
    lines = [f"{some(total, 'pair waits', 'pairs wait')} for people."]
    lines += [
        f"{pair.link_id:>7}  {pair.waterfall.total:+6.1f}  {pair.left.pseudonym or 'masked'} "
        f"({pair.left.agency})  {pair.right.pseudonym or 'masked'} ({pair.right.agency})  "
        f"{'; '.join(pair.waterfall.guards)}{f'  {pair.proposed_by} would link them' if pair.proposed_by else ''}"
        for pair in pairs
    ]
    return Answer({"waiting": total, "pairs": [_pair_json(pair) for pair in pairs]}, lines)


def _pair(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import pairs_shown

    with session_from(args) as session:
        pair = pairs_shown.explain(session, args.pair, reason_from(args, ReasonCode.REVIEW))
    lines = [f"{_side_line(pair.left)}", f"{_side_line(pair.right)}", "", *pair.waterfall.lines()]
    if pair.masked:
        lines.append("Masked: how the fields compare is shown, not what they hold.")
    return Answer({"pair": _pair_json(pair)}, lines)


def _decide(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import review

    verdicts = {"link": review.Verdict.LINK, "apart": review.Verdict.APART, "leave": review.Verdict.LEAVE}
    with session_from(args) as session:
        if args.preview:
            return _affected(review.preview(session, args.pair, verdicts.get(args.verdict, review.Verdict.LEAVE)))
        why = (args.reason or "").strip()
        if args.verdict == "take-back":
            written = review.take_back(session, args.pair, why, over=args.over)
        else:
            written = review.decide(session, args.pair, verdicts[args.verdict], why, over=args.over)
    if written.waits:
        said = "It would open a masked profile: it waits until a second person decides the same."
        return Answer({"verdict": args.verdict, "waits": True}, (said,))
    return _written(args.verdict, len(written.touched), len(written.reopened))


def _split(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.linkage import review

    with session_from(args) as session:
        profile = review.find(session, args.profile)
        if args.preview:
            return _affected(review.preview_split(session, profile, args.records))
        written = review.split(session, profile, args.records, (args.reason or "").strip())
    return _written("split", len(written.touched), len(written.reopened))


def _written(verdict: str, profiles: int, reopened: int) -> Answer:
    return Answer(
        {"verdict": verdict, "profiles_changed": profiles, "reopened": reopened},
        (f"Done: {some(profiles, 'profile')} changed, {some(reopened, 'thing')} reopened.",),
    )


def _affected(found: Affected) -> Answer:
    things = [{"thing": thing.thing, "id": thing.thing_id, "status": thing.status} for thing in found.things]
    lines = [
        f"Now {some(found.people_now, 'profile')} ({', '.join(found.pseudonyms) or 'masked'}); "
        f"afterwards {found.people_after}.",
        *(f"  would be reopened: {thing['thing']} {thing['id'] or ''} ({thing['status']})" for thing in things),
    ]
    if found.opens:
        lines.append("It would open a masked profile, so a second person must agree.")
    if found.refused:
        lines.append(f"It would be refused: {found.refused}.")
    return Answer(
        {
            "profiles": list(found.pseudonyms),
            "profiles_now": found.people_now,
            "profiles_after": found.people_after,
            "second_person": found.opens,
            "would_reopen": things,
            "would_be_refused": found.refused,
        },
        lines,
    )


def _side_line(side: Side) -> str:
    held = ", ".join(f"{name} {value}" for name, value in (side.fields or {}).items() if value)
    known = f", known to you as {side.reference}" if side.reference else ""
    if not side.pseudonym:
        return f"A record of {side.agency}: masked"
    return f"Record {side.record_id} of {side.pseudonym}, {side.agency}{known}: {held or 'masked'}"


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "record": side.record_id,
        "profile": side.pseudonym,
        "agency": side.agency,
        "known_to_you_as": side.reference,
        "fields": side.fields,
    }


def _pair_json(pair: Pair) -> dict[str, Any]:
    drawn = pair.waterfall
    return {
        "pair": pair.link_id,
        "state": pair.state,
        "masked": pair.masked,
        "proposed_by": pair.proposed_by,
        "weight": drawn.total,
        "model": drawn.model,
        "steps": [{"field": s.title, "comparison": s.label, "bits": round(s.bits, 2)} for s in drawn.steps],
        "warnings": list(drawn.guards),
        "nearest_rival": drawn.rival,
        "left": _side_json(pair.left),
        "right": _side_json(pair.right),
    }
