"""The list of erasures that leaves the store: what a restored copy must not bring back.

It names nobody: pseudonyms, marks of records that were drawn at random, references of data sets, codes of agencies,
and both signatures of each erasure. Whoever keeps backups keeps the newest list beside them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from db import copies, erasure_lists, keys
from db.erasure_lists import SignedErasure
from db.heads import Known
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StoreUnavailable
from kingshurst_tui.oversight.new_files import write_new
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
            "erasures": [each.as_json() for each in found.values()],
        }
        canonical, signature = session.sign(document)
        write_new(path, keys.canonical({"list": json.loads(canonical), "signature": signature.hex()}))
    return len(found)


@dataclass(frozen=True, slots=True)
class ErasureList:
    """A list as it was read; whose signatures hold, the caller compares.

    Attributes:
        erasures: each with the signatures of the two people who asked and confirmed.
        made_by: who wrote the list; ``signature`` is theirs over ``canonical``, all of it.
    """

    erasures: tuple[SignedErasure, ...] = ()
    made_by: str = ""
    canonical: bytes = b""
    signature: bytes = b""

    def whole(self, known: Known) -> bool:
        """Say whether it is as somebody known wrote it: no erasure was taken out of it since."""
        return any(
            keys.signature_holds(public, self.signature, self.canonical) for public in known.get(self.made_by, ())
        )


def read(path: Path, vault: str) -> ErasureList:
    """Return what a list holds.

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
        outer = json.loads(text)
        document, signature = outer["list"], bytes.fromhex(outer["signature"])
        if document["what"] != WHAT:
            raise ValueError("of another kind")
        found = tuple(SignedErasure.from_json(each) for each in document["erasures"])
        of, made_by = document["vault"], str(document["made_by"])
        canonical = keys.canonical(document)
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
    return ErasureList(found, made_by, canonical, signature)
