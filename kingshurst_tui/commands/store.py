"""``kingshurst init`` and ``kingshurst open``: a new store; the terminal program on one."""

from __future__ import annotations

import argparse
from pathlib import Path

from kingshurst_tui.commands.common import (
    Answer,
    OpenProgram,
    Subparsers,
    add_common,
    passphrase_from,
    store_parser,
)
from kingshurst_tui.commands.recovery_words import add_option, check_somebody_can_keep_it, set_up
from kingshurst_tui.errors import InputRejected, KingshurstError, UsageError


def add_parser(commands: Subparsers) -> None:
    """Add both commands."""
    init = commands.add_parser("init", help="make a new store", description="Make a new store and its administrator.")
    init.add_argument("store", metavar="STORE", type=Path, help="a folder that is new or empty")
    init.add_argument("--agency", required=True, metavar="CODE", help="the administrator's agency")
    add_option(init)
    add_common(init)
    init.set_defaults(run=_init)
    opening = store_parser(commands, "open", help="open the terminal program on a store")
    opening.set_defaults(run=_open, opens_terminal=True)


def _init(args: argparse.Namespace) -> Answer:
    from kingshurst_tui import vaults

    if not args.user:
        raise UsageError("Who will be the administrator?", "Nothing was made.", "Name them with --user NAME.")
    check_somebody_can_keep_it(args)
    passphrase = passphrase_from(args, f"New passphrase of {args.user}: ")
    if args.passphrase_file is None and passphrase_from(args, "Once more: ") != passphrase:
        raise InputRejected("The two passphrases differ.", "Nothing was made.", "Try again.")
    vaults.create(args.store, args.user, args.agency, passphrase)
    recovery_key = _recovery_key(args, passphrase)
    return Answer(
        {"store": str(args.store), "user": args.user, "role": "administrator", "recovery_key": recovery_key},
        (
            f"Made a new store in {args.store}.",
            f"{args.user} is its administrator, who keeps users and keys and sees no case.",
            f"The recovery key was tried and opens it; the trail knows it as {recovery_key}.",
            f"Next: kingshurst user add {args.store} NAME --role supervisor --agency CODE --user {args.user}",
            "and an information governance officer (--role governance): the two confirm each other, and then the rest.",
        ),
    )


def _recovery_key(args: argparse.Namespace, passphrase: str) -> str:
    from kingshurst_tui import vaults

    session = vaults.open_session(args.store, args.user, passphrase)
    try:
        return set_up(session, args)
    except KingshurstError as failed:
        failed.detail = f"{failed.detail} The store in {args.store} is made, without a recovery key."
        failed.hint = f"Make one now: kingshurst user recovery {args.store} --user {args.user}"
        raise
    finally:
        session.close()


def _open(args: argparse.Namespace) -> OpenProgram:
    from db.vault import read_header

    header = read_header(args.store)
    passphrase = passphrase_from(args, "") if args.passphrase_file else None
    if passphrase is not None and not args.user:
        raise UsageError("Whose passphrase is it?", "Nothing was opened.", "Name the user with --user NAME.")
    return OpenProgram(args.store, args.user, args.purpose, passphrase, header.demonstration)
