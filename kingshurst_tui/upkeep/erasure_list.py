"""The list of erasures that leaves the store: what a restored copy must not bring back.

It names nobody: pseudonyms, references of data sets, codes of agencies, and both signatures of each erasure. Whoever
keeps backups keeps the newest list beside them.
"""

from __future__ import annotations

import json
from pathlib import Path

from db import copies, erasure_lists, keys
from db.erasure_lists import SignedErasure
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StoreUnavailable
from kingshurst_tui.oversight.checkpoints import write_new
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

WHAT = "kingshurst/erasures/1"
LARGEST = 64 * 1024 * 1024


def write(session: Session, path: Path) -> int:
    """Write every erasure that two people signed for to a new file, signed; return how many.

    Raises: Refused, InputRejected (the file is there), StoreUnavailable.
    """
    facts: dict[str, Fact] = {"step": "erasure-list"}
    with session.act(Operation.DISCLOSE, Thing.AUDIT, reason=Reason(ReasonCode.RIGHTS), facts=facts) as act:
        found = act.read(erasure_lists.of_store)
        act.note(erasures=len(found))
        document = {
            "what": WHAT,
            "vault": copies.vault_of(session.store.folder),
            "made_at": stamp(session.clock.now()),
            "made_by": session.user.name,
            "erasures": [each.as_json() for each in found],
        }
        canonical, signature = session.sign(document)
        write_new(path, keys.canonical({"list": json.loads(canonical), "signature": signature.hex()}))
    return len(found)


def read(path: Path, vault: str) -> list[SignedErasure]:
    """Return what a list holds; each erasure carries its own signatures, which the caller compares.

    Raises: InputRejected (it is no list, or of another store), StoreUnavailable.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as failed:
        raise StoreUnavailable(
            "The list of erasures cannot be read.", f"{failed.strerror}: {path}. Nothing was changed.", "Check it."
        ) from failed
    try:
        if len(text) > LARGEST:
            raise ValueError("too long")
        document = json.loads(text)["list"]
        if document["what"] != WHAT:
            raise ValueError("of another kind")
        found = [SignedErasure.from_json(each) for each in document["erasures"]]
        of = document["vault"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise InputRejected(
            "That is no list of erasures.",
            f"{path}. Nothing was changed.",
            "Name the file that kingshurst erase export wrote.",
        ) from broken
    if of != vault:
        raise InputRejected(
            "That list of erasures is of another store.", f"{path}. Nothing was changed.", "Name the one of this store."
        )
    return found
