"""The verbs of ``kingshurst panel`` about what was decided: its manifest, what it saw, cases like one."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, number, reason_from, session_from, store_parser
from kingshurst_tui.vocabulary import ReasonCode


def add(verbs: Subparsers) -> None:
    """Add the verbs to the command."""
    manifest = store_parser(verbs, "manifest", help="all decisions of a panel in one document, and who signed it")
    manifest.add_argument("panel", type=number, metavar="PANEL")
    manifest.add_argument("--make", action="store_true", help="make it, or make it anew")
    manifest.set_defaults(run=_manifest)
    sign = store_parser(verbs, "sign", help="sign a panel's decisions with your own key, once")
    sign.add_argument("panel", type=number, metavar="PANEL")
    sign.add_argument("--stance", default="agrees", metavar="WORD", help="agrees (as usual), dissents or abstains")
    sign.add_argument("--except", dest="excepted", type=number, action="append", default=[], metavar="DECISION")
    sign.add_argument("--member", type=number, metavar="NUMBER", help="enter the answer of a member without account")
    sign.set_defaults(run=_sign)
    seen = store_parser(verbs, "seen", help="what the panel saw of a case when it decided")
    seen.add_argument("case", type=number, metavar="CASE")
    seen.set_defaults(run=_seen)
    similar = store_parser(verbs, "similar", help="earlier cases like one, after the panel has spoken")
    similar.add_argument("case", type=number, metavar="CASE")
    similar.set_defaults(run=_similar)


def _manifest(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import manifest
    from kingshurst_tui.panels.in_lines import manifest_lines

    reason = reason_from(args, ReasonCode.PANEL)
    with session_from(args) as session:
        shown = (manifest.make if args.make else manifest.read)(session, args.panel, reason)
    if shown is None:
        return Answer({"manifest": None}, ("This panel has no manifest yet.",))
    return Answer({"manifest": asdict(shown)}, list(manifest_lines(shown)))


def _sign(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import manifest
    from kingshurst_tui.panels.in_lines import manifest_lines

    with session_from(args) as session:
        shown = manifest.sign(
            session,
            args.panel,
            args.stance,
            reason_from(args, ReasonCode.PANEL),
            excepted=args.excepted,
            member_id=args.member,
        )
    return Answer({"manifest": asdict(shown)}, list(manifest_lines(shown)))


def _seen(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import seen

    with session_from(args) as session:
        found = seen.again(session, args.case, reason_from(args, ReasonCode.PANEL))
    lines = []
    for each in found:
        lines.append(f"Case {each.case}, {each.pseudonym}: shown by {each.shown_by} at {each.shown_at}")
        lines.append(f"  digest {each.digest}")
        named = f"  decision {each.named_by} names this digest" if each.named_by else "  no decision here names it"
        lines.append(f"  ! {each.problem}" if each.problem else named)
        lines += [f"  {line}" for line in _document_lines(each.document)]
    return Answer({"seen": [asdict(each) for each in found]}, lines)


def _document_lines(value: object, title: str = "", depth: int = 0) -> list[str]:
    """Return any part of the picture's document as indented lines, exactly as it is kept."""
    space = "  " * depth
    head = f"{space}{title}: " if title else space
    if isinstance(value, dict):
        inner = [line for name, part in value.items() for line in _document_lines(part, str(name), depth + bool(title))]
        return [head.rstrip(), *inner] if title else inner
    if isinstance(value, (list, tuple)):
        if not value:
            return [f"{head}none"]
        return [head.rstrip(), *(line for part in value for line in _document_lines(part, "-", depth + 1))]
    return [f"{head}{value}"]


def _similar(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.panels import similar
    from kingshurst_tui.panels.in_lines import similar_lines

    with session_from(args) as session:
        found = similar.similar(session, args.case, reason_from(args, ReasonCode.PANEL))
    return Answer({"similar": asdict(found)}, list(similar_lines(found)))
