"""``kingshurst check``: whether the store is what was last written."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict

from kingshurst_tui.commands.common import Answer, Subparsers, passphrase_from, store_parser, teller, user_from
from kingshurst_tui.errors import IntegrityFailure


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    check = store_parser(
        commands,
        "check",
        help="check pages, structure, references, rows and trail, and name what is wrong",
        description="Runs both checks of SQLCipher and SQLite, adds up the rows of every table, and verifies the audit "
        "trail; for entries whose signatures you verified before, that they are the same to the byte. Where something "
        "is wrong the store stays closed, but for checking, copying and bringing back a copy.",
    )
    check.add_argument("--all", action="store_true", help="verify every signature of the trail again")
    check.set_defaults(run=_check)


def _check(args: argparse.Namespace) -> Answer:
    from kingshurst_tui import vaults
    from kingshurst_tui.upkeep.checking import check, check_closed

    user = user_from(args)
    passphrase = passphrase_from(args, f"Passphrase of {user}: ")
    try:
        session = vaults.open_session(args.store, user, passphrase, purpose=args.purpose, checking=True)
    except IntegrityFailure:
        found = check_closed(args.store, user, passphrase, teller(args))
    else:
        with closing(session):
            found = check(session, teller(args), everything=args.all)
    wrong = [f"{each.check}: {problem}" for each in found.findings for problem in each.problems]
    if wrong:
        raise IntegrityFailure(
            "The store is not what was last written.",
            " ".join(f"{line}." for line in wrong) + " It stays closed, and nothing in it was changed.",
            "Keep the folder as it is, tell the supervisor and the information governance officer, and bring back the "
            "latest backup: kingshurst restore FILE STORE",
        )
    lines = [
        f"{each.check}: as it should be{f' ({each.looked_at})' if each.looked_at else ''}" for each in found.findings
    ]
    return Answer(
        {
            "whole": True,
            "checks": [asdict(each) for each in found.findings],
            "entries": found.entries,
            "root": found.root,
        },
        ["The store is whole.", *lines],
    )
