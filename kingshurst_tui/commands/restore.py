"""``kingshurst restore``: a copy brought back into use, never over a live store."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from kingshurst_tui.commands.backup import opener_from
from kingshurst_tui.commands.common import Answer, Subparsers, add_common, teller
from kingshurst_tui.counting import some


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    restore = commands.add_parser(
        "restore",
        help="bring a backup back as a store",
        description="Brings a backup back under new keys, checks all of it, says which entries it lacks, and erases "
        "again what was erased since. Opened by an information governance officer's passphrase as it was when the copy "
        "was made, or by the recovery key.",
    )
    restore.add_argument("file", metavar="FILE", type=Path, help="the copy; its other two files lie beside it")
    restore.add_argument("store", metavar="STORE", type=Path, help="a folder that is new or empty, or see --replace")
    restore.add_argument(
        "--replace",
        action="store_true",
        help="put it in the place of a store that nobody has open; that one is kept beside it",
    )
    restore.add_argument("--recovery-file", metavar="FILE", help="a private file with the recovery key, or -")
    restore.add_argument("--erasures", metavar="LIST", type=Path, help="the newest list of erasures (erase export)")
    restore.add_argument(
        "--checkpoint",
        metavar="NOTE",
        type=Path,
        action="append",
        default=[],
        help="a checkpoint that a supervisor holds (may be repeated)",
    )
    add_common(restore)
    restore.set_defaults(run=_restore)


def _restore(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep.restoring import restore

    opener = opener_from(args)
    done = restore(
        args.file,
        args.store,
        opener,
        replace_store=args.replace,
        erasures=args.erasures,
        checkpoints=args.checkpoint,
        tell=teller(args),
    )
    missing = done.missing_to
    lines = [
        f"The backup of {done.made_at[:16]}Z is the store in {args.store}; this is generation {done.generation}.",
        f"It has {some(done.entries, 'entry', 'entries')} of the trail, and its rows add up ({done.seconds:.1f} s).",
        f"! Entries {done.entries + 1:,} to {missing:,} are not in this copy. A supervisor sees this at the next "
        "opening, and confirms it: kingshurst audit cosign STORE --confirm-gap"
        if missing
        else "No entry is known that it lacks."
        if done.compared_with
        else "! No checkpoint was here to compare it with: ask the supervisor what she holds, and compare the codes.",
        f"Erasures carried out again: {done.erased_again}.",
    ]
    if not done.erasures_asked:
        lines.append(
            "! Nothing here says what was erased since the copy was made. Where there is a list (kingshurst erase "
            "export), restore again with --erasures LIST before anybody reads."
        )
    if done.found_nobody:
        lines.append(
            f"! Erasures that found nobody here: {done.found_nobody}. They came after the copy was made, or "
            "their records were taken back and came anew since: look for them by name before anybody else reads."
        )
    if not done.list_whole:
        lines.append("! The list of erasures is not as anybody known wrote it: some may have been taken out of it.")
    if done.not_replayed:
        lines.append(f"! Erasures that nobody known signed for, and that were not carried out: {done.not_replayed}.")
    if done.shut_out:
        lines.append(f"Left or suspended since, and still so: {', '.join(done.shut_out)}.")
    if not done.person_keys:
        lines.append("! Its per-person keys were destroyed; what lay under them cannot be read.")
    lines.append("Everybody signs in with the passphrase they had when the copy was made. Look through: user list")
    if done.aside is not None:
        lines.append(f"The store that was there lies in {done.aside}; remove it once this one has proved itself.")
    return Answer({**asdict(done), "aside": str(done.aside) if done.aside else None}, lines)
