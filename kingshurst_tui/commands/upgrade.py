"""``kingshurst upgrade``: a store of an older version, brought to this one."""

from __future__ import annotations

import argparse
from pathlib import Path

from kingshurst_tui.commands.common import Answer, Subparsers, passphrase_from, store_parser, teller, user_from
from kingshurst_tui.counting import some


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    upgrade = store_parser(
        commands,
        "upgrade",
        help="bring a store of an older version to this one",
        description="Makes a copy of the store as it is and tries it, changes the tables in a second copy under new "
        "keys, checks it, and puts it in place. Nobody else may be signed in; everybody's passphrase stays as it is.",
    )
    upgrade.add_argument(
        "--copy", metavar="FILE", type=Path, help="where the copy to go back to goes; by default beside the store"
    )
    upgrade.set_defaults(run=_upgrade)


def _upgrade(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep.upgrading import upgrade

    user = user_from(args)
    passphrase = passphrase_from(args, f"Passphrase of {user}: ")
    done = upgrade(args.store, user, passphrase, copy=args.copy, tell=teller(args))
    if done.copy is None:
        lines = [f"The store is at this version already (step {done.after}); nothing was done."]
    else:
        lines = [
            f"The store went from step {done.before} to {done.after}; this is generation {done.generation}.",
            f"{some(done.entries, 'entry', 'entries')} of the trail were carried over with the same root.",
            f"The store as it was lies in {done.copy}, verified. Destroy it as you do backups.",
        ]
    return Answer(
        {
            "before": done.before,
            "after": done.after,
            "generation": done.generation,
            "copy": str(done.copy) if done.copy else None,
            "entries": done.entries,
        },
        lines,
    )
