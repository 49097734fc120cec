"""``kingshurst audit checkpoint|cosign|export|prove|verifier``: what a supervisor takes away, and how to check it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.commands.common import Answer, Subparsers, count, session_from, store_parser
from kingshurst_tui.counting import some

if TYPE_CHECKING:
    from kingshurst_tui.oversight.checkpoints import Shown, Standing


def add_verbs(verbs: Subparsers) -> None:
    """Add the verbs about checkpoints and exports."""
    checkpoint = store_parser(verbs, "checkpoint", help="sign the trail as it is; show codes and who cosigned")
    checkpoint.add_argument("--out", type=Path, metavar="FILE", help="write the checkpoint to a new file, to take away")
    checkpoint.set_defaults(run=_checkpoint)
    cosign = store_parser(verbs, "cosign", help="cosign the trail from the checkpoint you last held (supervisors)")
    cosign.add_argument("--held", type=Path, metavar="FILE", help="where you hold it, outside the store")
    cosign.add_argument(
        "--confirm-gap", action="store_true", help="after a backup was brought back: you know which entries are missing"
    )
    cosign.set_defaults(run=_cosign)
    export = store_parser(verbs, "export", help="write every entry to a file for outsiders (supervisors, governance)")
    export.add_argument("file", type=Path, metavar="FILE", help="a new file")
    export.set_defaults(run=_export)
    prove = store_parser(
        verbs, "prove", help="write a proof to a file: that the trail extends what is held, or an entry"
    )
    prove.add_argument("file", type=Path, metavar="FILE", help="a new file")
    prove.add_argument("--held", type=Path, metavar="FILE", help="the checkpoint to start from")
    prove.add_argument("--entry", type=count, metavar="SEQ", help="prove one entry instead (supervisors, governance)")
    prove.set_defaults(run=_prove)
    verifier = verbs.add_parser("verifier", help="write the verifier, one file that needs no store and no key")
    verifier.add_argument("file", type=Path, metavar="FILE", help="a new file")
    verifier.add_argument("--json", action="store_true", help="print one JSON object")
    verifier.set_defaults(run=_verifier)


def _checkpoint(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.checkpoints import make_checkpoint, take_away

    with session_from(args) as session:
        found = make_checkpoint(session)
        taken = take_away(session, args.out) if args.out else None
    answer = _standing(found)
    if taken is not None:
        answer.result["file"] = str(args.out)
        answer.lines = [*answer.lines, f"Written to {args.out}. Take it off this machine."]
    return answer


def _cosign(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.cosigning import cosign

    with session_from(args) as session:
        found = cosign(session, args.held, confirm_gap=args.confirm_gap)
    return _standing(found)


def _standing(found: Standing) -> Answer:
    from kingshurst_tui.oversight.checkpoints import CODE_MEANING

    lines = [f"The trail has {some(found.entries, 'entry', 'entries')}."]
    for name, shown in (("Newest checkpoint", found.newest), ("Newest cosigned", found.cosigned), ("Held", found.held)):
        lines.append(f"{name + ':':<19}{in_words(shown)}")
    if found.newest is not None:
        lines.append(CODE_MEANING)
    lines.append(since_in_words(found))
    if found.missing_after is not None:
        lines.append(missing_in_words(found))
    if found.began_anew_after is not None:
        lines.append(anew_in_words(found))
    return Answer({**asdict(found), "since_newest": found.since_newest, "since_cosigned": found.since_cosigned}, lines)


def in_words(shown: Shown | None) -> str:
    """Say one checkpoint in a line."""
    if shown is None:
        return "none"
    who = [f"cosigned by {each.user} ({each.role or 'no user now'}) {each.at[:16]}Z" for each in shown.cosigners]
    signed = [f"signed by {', '.join(shown.signed_by)}"] if shown.signed_by else []
    return f"{shown.code} over {some(shown.size, 'entry', 'entries')}, {', '.join([*signed, *who])}"


def since_in_words(found: Standing) -> str:
    """Say what no supervisor has cosigned."""
    if not found.since_cosigned:
        return "Everything is cosigned."
    return f"{some(found.since_cosigned, 'entry', 'entries')} since a supervisor last cosigned."


def missing_in_words(found: Standing) -> str:
    """Say that a cosigned checkpoint is gone from the store."""
    return (
        f"! Entry {found.missing_after} says that a supervisor cosigned, and no cosigned checkpoint over it is in the "
        "store: it was deleted, or the program was stopped just then. Cosign again from what is held."
    )


def anew_in_words(found: Standing) -> str:
    """Say that a supervisor began anew, as if for the first time, although she held something before."""
    return (
        f"! You cosigned before (entry {found.began_anew_after}), and no checkpoint of yours was here: what was in the "
        "trail until now is taken as it stands. Compare it with the one that you took away, or with its code: "
        "kingshurst audit cosign STORE --held FILE"
    )


def _export(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.export import export_trail

    with session_from(args) as session:
        found = export_trail(session, args.file)
    return Answer(
        {"file": str(args.file), **asdict(found)},
        (
            f"Wrote {some(found.entries, 'entry', 'entries')} to {args.file}, code {found.code}.",
            "It holds pseudonyms, codes and users' names; no person's name, and no words that were typed.",
            "Check it anywhere: kingshurst audit verifier verifier.py && python verifier.py FILE [CHECKPOINT ...]",
        ),
    )


def _prove(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.export import prove_entry, prove_extension

    with session_from(args) as session:
        if args.entry:
            found = prove_entry(session, args.file, args.entry)
        else:
            found = prove_extension(session, args.file, args.held)
    return Answer(
        {"file": str(args.file), **asdict(found)},
        (
            f"Wrote a proof by {some(found.hashes, 'hash', 'hashes')} to {args.file}, up to entry {found.entries:,}, "
            f"code {found.code}.",
        ),
    )


def _verifier(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.oversight.export import write_verifier

    write_verifier(args.file)
    return Answer(
        {"file": str(args.file)},
        (
            f"Wrote {args.file}. It needs Python and the package cryptography:",
            f"python {args.file} TRAIL [CHECKPOINT ...]",
        ),
    )
