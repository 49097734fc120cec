"""``kingshurst audit``: who did what, and whether the trail is what was written."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from kingshurst_tui.commands import audit_oversight
from kingshurst_tui.commands.audit_checkpoints import add_verbs
from kingshurst_tui.commands.common import Answer, Subparsers, count, number, session_from, store_parser
from kingshurst_tui.errors import IntegrityFailure


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    audit = commands.add_parser("audit", help="read, verify, cosign, export the audit trail")
    verbs = audit.add_subparsers(metavar="VERB", required=True)
    listing = store_parser(verbs, "list", help="list entries, the newest first (supervisors, governance)")
    audit_oversight.add_filter(listing)
    listing.add_argument("--limit", type=count, default=50, metavar="N")
    listing.add_argument("--before", type=number, metavar="SEQ", help="only entries with lower numbers")
    listing.set_defaults(run=_list)
    verify = store_parser(verbs, "verify", help="verify every entry, signature and hash")
    verify.set_defaults(run=_verify)
    audit_oversight.add_verbs(verbs)
    add_verbs(verbs)


def _list(args: argparse.Namespace) -> Answer:
    from db.audit import SET_BACK
    from kingshurst_tui.oversight.trail import LIMITS_OF_USE, open_trail

    wanted = audit_oversight.filter_from(args)
    with session_from(args) as session:
        page = open_trail(session, wanted, before=args.before, limit=min(args.limit, 5000))
    lines = [f"{len(page.lines)} of {page.total} entries, times in UTC. {LIMITS_OF_USE}"]
    if len(page.names) > 1:
        lines.append(f"The same profile, since merged: {', '.join(page.names)}. Entries under each of them are here.")
    for line in page.lines:
        about = ", ".join(line.subjects[:4]) + (f" and {len(line.subjects) - 4} more" if len(line.subjects) > 4 else "")
        lines.append(
            f"{line.seq:>7} {line.time[:19].replace('T', ' ')} {line.actor:<14} {line.operation:<10} {line.thing:<12} "
            f"{line.result:<8} {line.reason:<22} {about}"
        )
        if behind := line.facts.get(SET_BACK):
            lines.append(f"        the machine's clock was set back by {behind:,} seconds before this entry")
        if line.words:
            lines.append(f"        in words: {line.words}")
    entries = [asdict(line) for line in page.lines]
    return Answer({"total": page.total, "pseudonyms": page.names, "entries": entries}, lines)


def _verify(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.checkpoints import code_over
    from kingshurst_tui.oversight.trail import verify_trail

    with session_from(args, checking=True) as session:
        found, doubt = verify_trail(session), session.doubt
        code = code_over(session, found.entries, found.root) if found.holds else ""
    if not found.holds:
        raise IntegrityFailure(
            f"The audit trail is not what was written: entry {found.first_bad}.",
            f"In entry {found.first_bad}, {found.problem}. Entries before it hold.",
            "Keep the store as it is, and tell the supervisor and the information governance officer.",
        )
    if doubt is not None:
        raise doubt
    return Answer(
        {
            "entries": found.entries,
            "root": found.root,
            "code": code,
            "holds": True,
            "clock_set_back": found.set_back,
        },
        (
            f"All {found.entries} entries hold: numbers, signatures and hashes.",
            *([f"Before {found.set_back} of them the machine's clock was set back."] if found.set_back else []),
            f"Root of the tree: {found.root}",
            f"Code to read aloud and compare: {code}",
        ),
    )
