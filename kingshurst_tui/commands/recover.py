"""``kingshurst recover``: a new passphrase for a user, with the printed recovery key."""

from __future__ import annotations

import argparse
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, passphrase_from
from kingshurst_tui.errors import InputRejected


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    recover = commands.add_parser(
        "recover",
        help="give a user a new passphrase with the printed recovery key",
        description="Give a user a new passphrase with the printed recovery key. The user gets new keys of their own; "
        "the trail says so, signed by the recovery key.",
    )
    recover.add_argument("store", metavar="STORE", type=Path, help="the store's folder")
    recover.add_argument("--user", metavar="NAME", required=True, help="who lost their passphrase or their keyring")
    recover.add_argument("--recovery-file", metavar="FILE", help="a private file with the key, or - for standard input")
    recover.add_argument("--new-passphrase-file", metavar="FILE", help="the new passphrase, in a private file")
    recover.add_argument("--json", action="store_true", help="print one JSON object")
    recover.set_defaults(run=_recover)


def _recover(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding import recovery

    typed = passphrase_from(args, "Recovery key (as printed; it is not shown): ", option="recovery_file")
    passphrase = passphrase_from(args, f"New passphrase of {args.user}: ", option="new_passphrase_file")
    if args.new_passphrase_file is None and passphrase != passphrase_from(
        args, "Once more: ", option="new_passphrase_file"
    ):
        raise InputRejected("The two passphrases differ.", "Nothing was changed.", "Try again.")
    signed_by = recovery.recover(args.store, args.user, typed, passphrase)
    return Answer(
        {"user": args.user, "signed_by": signed_by},
        (
            f"{args.user} has a new passphrase and new keys; the passphrase alone opens the store.",
            f"The trail says so, signed by {signed_by}.",
            "Compartments that the recovery key holds open again; others once somebody who holds them has signed in.",
            "If the paper has left the safe for good, make a new recovery key: kingshurst user recovery STORE",
        ),
    )
