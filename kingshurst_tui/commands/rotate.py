"""``kingshurst rotate``: new keys for the whole store, after a leak or when somebody left."""

from __future__ import annotations

import argparse
import sys

from kingshurst_tui.commands.common import Answer, Subparsers, passphrase_from, store_parser, user_from


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    rotate = store_parser(
        commands,
        "rotate",
        help="give the store new keys",
        description="Copy the store under new keys, compare, and put the copy in its place. Nobody else may be signed "
        "in; nobody else's passphrase is needed, and everybody's stays as it is.",
    )
    rotate.set_defaults(run=_rotate)


def _rotate(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding.rotation import rotate

    user = user_from(args)
    done = rotate(args.store, user, passphrase_from(args, f"Passphrase of {user}: "), tell=_tell)
    return Answer(
        {
            "generation": done.generation,
            "rows": done.rows,
            "entries": done.entries,
            "root": done.root,
            "bytes": done.size,
        },
        (
            f"The store has new keys; this is generation {done.generation}.",
            f"{done.rows:,} rows were copied and compared, {done.entries:,} of them entries of the trail with the same "
            "root.",
            "Everybody signs in with the passphrase they have. Copies made before still open with the keys of before:",
            "remove them when they are no longer wanted.",
        ),
    )


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - how far it is, beside the answer
