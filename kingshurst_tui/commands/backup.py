"""``kingshurst backup``: a copy of the store under its own key, tried as it is made; drills; when the next is due."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    add_common,
    count,
    passphrase_from,
    session_from,
    teller,
    user_from,
)
from kingshurst_tui.counting import some
from kingshurst_tui.errors import UsageError

if TYPE_CHECKING:
    from kingshurst_tui.upkeep.drills import Drill, Opener


def add_parser(commands: Subparsers) -> None:
    """Add the command."""
    backup = commands.add_parser(
        "backup",
        help="copy the store while others work, and try the copy at once",
        description="Copies the store to new files under a key of their own: FILE, FILE.person-keys and "
        "FILE.manifest.json. Every copy is brought back in test before it counts. Without FILE it lists the copies "
        "made and says what is due.",
    )
    backup.add_argument("store", metavar="STORE", type=Path, nargs="?", help="the store's folder")
    backup.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a new file, on another disk")
    backup.add_argument("--drill", action="store_true", help="bring the copy FILE back in test; say how long it took")
    backup.add_argument("--scratch", metavar="DIR", type=Path, help="where a drill works; by default beside FILE")
    backup.add_argument("--recovery-file", metavar="FILE", help="open the copy of a drill with the recovery key")
    backup.add_argument("--backup-days", metavar="N", type=count, help="remind when no copy was verified for so long")
    backup.add_argument("--drill-days", metavar="N", type=count, help="remind when no copy was drilled for so long")
    backup.add_argument("--check-days", metavar="N", type=count, help="remind when no check found the store whole")
    add_common(backup)
    backup.set_defaults(run=_backup)


def _backup(args: argparse.Namespace) -> Answer:
    if args.drill:
        return _drill(args)
    if args.store is None:
        raise UsageError("Which store?", "Nothing was done.", "kingshurst backup STORE FILE")
    if args.backup_days or args.drill_days or args.check_days:
        return _remind(args)
    if args.file is None:
        return _list(args)
    from kingshurst_tui import vaults
    from kingshurst_tui.upkeep import backups

    user = user_from(args)
    passphrase = passphrase_from(args, f"Passphrase of {user}: ")
    # A store that a check found damaged can be copied too; such a copy is not verified.
    with closing(vaults.open_session(args.store, user, passphrase, purpose=args.purpose, checking=True)) as session:
        done = backups.backup(session, args.file, teller(args))
    if not done.verified:
        raise backups.unverified(done)
    return Answer(
        {
            "file": str(done.file),
            "verified": True,
            "entries": done.entries,
            "root": done.root,
            "rows": done.rows,
            "bytes": done.size,
            "sha256": done.digest,
            "sealed_to": done.sealed_to,
            "seconds": round(done.seconds, 3),
        },
        (
            f"Copied to {done.file}, with its per-person keys and its manifest beside it, and brought back in test.",
            f"{done.rows:,} rows, {some(done.entries, 'entry', 'entries')} of the trail, "
            f"{done.size / 1e6:,.1f} MB, {done.seconds:.1f} s.",
            f"It opens for: {', '.join(done.sealed_to)}. The store's own passphrases of others do not open it.",
            f"Keep {done.file.name}.person-keys apart and for a shorter time (35 days, say): once it is destroyed,",
            "what lay under per-person keys cannot be read from this copy by anybody.",
        ),
    )


def _drill(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep import drills

    file, store = (args.file, args.store) if args.file is not None else (args.store, None)
    if file is None:
        raise UsageError("Which copy?", "Nothing was done.", "kingshurst backup STORE FILE --drill")
    opener = opener_from(args)
    if store is None:
        return _drilled(drills.drill(file, opener, place=args.scratch, tell=teller(args)))
    args.store = store
    from kingshurst_tui import vaults

    user = args.user or opener.user
    passphrase = opener.passphrase or passphrase_from(args, f"Passphrase of {user}: ")
    with closing(vaults.open_session(store, user, passphrase, purpose=args.purpose)) as session:
        return _drilled(drills.drill(file, opener, session=session, place=args.scratch, tell=teller(args)))


def opener_from(args: argparse.Namespace) -> Opener:
    """Return whose key opens a copy: the recovery key where one is given, otherwise the user's passphrase."""
    from kingshurst_tui.upkeep.drills import Opener

    if args.recovery_file:
        return Opener("", "", passphrase_from(args, "Recovery key: ", option="recovery_file"))
    if not args.user:
        raise UsageError(
            "Whose passphrase opens the copy?", "Nothing was opened.", "Name an information governance officer: --user"
        )
    return Opener(args.user, passphrase_from(args, f"Passphrase of {args.user}: "))


def _drilled(found: Drill) -> Answer:
    if found.newest is None:
        behind = "No newer entry of its trail is known here: name the store as well to see how far behind it is."
    elif not found.behind:
        behind = "Nothing was entered since: it is not behind."
    else:
        days = "" if found.behind_days is None else f", made in the {found.behind_days:.1f} days since"
        behind = f"It is behind: {some(found.behind, 'entry', 'entries')} would be lost{days}."
    salts = [] if found.person_keys else ["Its per-person keys were destroyed; what lay under them is not in it."]
    return Answer(
        {**asdict(found), "file": str(found.file), "behind": found.behind, "whole": True},
        (
            f"The copy of {found.made_at[:16]}Z is whole: brought back and checked in {found.seconds:.1f} s "
            f"({found.size / 1e6:,.1f} MB, {some(found.entries, 'entry', 'entries')}).",
            behind,
            *salts,
        ),
    )


def _list(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep.reminders import standing

    with session_from(args) as session:
        found = standing(session)
    lines = [
        f"{copy.made_at[:16]}Z by {copy.made_by}: {some(copy.entries, 'entry', 'entries')}, {copy.status}"
        + (f" {copy.verified_at[:10]}" if copy.verified_at else "")
        for copy in found.copies
    ]
    return Answer(
        {
            "backups": [copy._asdict() for copy in found.copies],
            "due": list(found.due),
            "backup_days": found.backup_days,
            "drill_days": found.drill_days,
            "check_days": found.check_days,
            "checked_at": found.checked_at,
        },
        [*(lines or ["No copy was made yet."]), *found.due],
    )


def _remind(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.upkeep.reminders import set_days, standing

    with session_from(args) as session:
        set_days(session, args.backup_days, args.drill_days, args.check_days)
        found = standing(session)
    return Answer(
        {"backup_days": found.backup_days, "drill_days": found.drill_days, "check_days": found.check_days},
        (
            f"Home reminds when no copy was verified for {some(found.backup_days, 'day', 'days')}, "
            f"or drilled for {some(found.drill_days, 'day', 'days')}, "
            f"or the store not checked for {some(found.check_days, 'day', 'days')}.",
        ),
    )
