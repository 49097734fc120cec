"""Erasures that were signed for, as they outlive a restored copy: the two people's signatures and whom they meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db import keys
from db.bare_rows import bare
from db.heads import Known
from db.schema.oversight import erasure

SIGNED_FOR = ("confirmed", "done")

ALSO = "also"
"""Where the signed document of a person's erasure names the pseudonyms that had been merged with the subject."""

RECORDS = "records"
"""Where it names the source records that were the person's, by their marks (db/schema/intake.py)."""


@dataclass(frozen=True, slots=True)
class SignedErasure:
    """One erasure that two people signed for.

    Attributes:
        document: canonical JSON that both signatures cover.
        subjects: whom or what it took, by tombstone: the subject, and every pseudonym that had been merged with it. Not
            signed; what both signatures cover is ``signed_subjects``.
    """

    kind: str
    subject: str
    document: str
    asked_by: str
    asked_at: str
    signature: bytes
    confirmed_by: str
    confirmed_at: str
    confirmation: bytes
    subjects: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for a list."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "document": self.document,
            "asked_by": self.asked_by,
            "asked_at": self.asked_at,
            "signature": self.signature.hex(),
            "confirmed_by": self.confirmed_by,
            "confirmed_at": self.confirmed_at,
            "confirmation": self.confirmation.hex(),
            "subjects": list(self.subjects),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> SignedErasure:
        """Return what ``as_json`` gave; what is of another form has no signatures. Raises: TypeError, KeyError."""
        given = dict(document)
        for name in _SIGNATURES:
            given[name] = _from_hex(given[name])
        return cls.of_leaves(**given)

    @classmethod
    def of_leaves(cls, subjects: object, **leaves: object) -> SignedErasure:
        """Return an erasure as it was read; one with a leaf of another type has no signatures, as nobody signs that.

        Raises: TypeError (leaves of other names).
        """
        named = list(subjects) if isinstance(subjects, list | tuple) else [None]
        texts = {name: leaf for name, leaf in leaves.items() if name not in _SIGNATURES}
        right = all(isinstance(leaf, str) for leaf in (*texts.values(), *named)) and all(
            isinstance(leaves.get(name), bytes) for name in _SIGNATURES
        )
        given: dict[str, Any] = {name: leaf if isinstance(leaf, str) else repr(leaf) for name, leaf in texts.items()}
        given |= {name: leaves[name] if right else b"" for name in _SIGNATURES}
        return cls(**given, subjects=tuple(leaf for leaf in named if isinstance(leaf, str)))

    @property
    def signed_subjects(self) -> frozenset[str]:
        """Whom or what both signatures cover."""
        return signed_subjects(self.document)

    @property
    def unsigned_subjects(self) -> frozenset[str]:
        """Whom the erasure is said to have taken beside those."""
        return frozenset(self.subjects) - self.signed_subjects if self.kind == "person" else frozenset()

    def signed(self, known: Known) -> bool:
        """Say whether two different people, both known, signed for this very subject; a recovery key is nobody."""
        try:
            kind, canonical = json.loads(self.document)["erase"], self.document.encode()
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        return (
            kind == self.kind
            and self.subject in signed_subjects(self.document)
            and not any(name.startswith(OF_A_RECOVERY_KEY) for name in (self.asked_by, self.confirmed_by))
            and self.asked_by != self.confirmed_by
            and _holds(known.get(self.asked_by, ()), self.signature, canonical)
            and _holds(known.get(self.confirmed_by, ()), self.confirmation, canonical)
        )


_LEAVES = tuple(name for name in SignedErasure.__dataclass_fields__ if name != "subjects")

# By the driver's own types: through the seam, a text where bytes should be stops the reading of every row.
_OF_STORE = f"SELECT id, {', '.join(_LEAVES)} FROM erasure WHERE status IN (?, ?) ORDER BY id"

OF_A_RECOVERY_KEY = "recovery:"
"""How the names of recovery keys begin; no person's can."""

_SIGNATURES = ("signature", "confirmation")


def _from_hex(leaf: object) -> bytes | None:
    try:
        return bytes.fromhex(leaf) if isinstance(leaf, str) else None
    except ValueError:
        return None


def _holds(publics: Iterable[bytes], signature: bytes, message: bytes) -> bool:
    return any(keys.signature_holds(public, signature, message) for public in publics)


def signed_subjects(document: str) -> frozenset[str]:
    """Return whom or what a signed document takes: its subject, and whoever it says had been merged with it.

    Nobody, where one of these is no string: what else it may mean, nobody signed for.
    """
    try:
        said = json.loads(document)
        subject, also = said["subject"], said.get(ALSO, [])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return frozenset()
    if not isinstance(also, list) or not all(isinstance(each, str) for each in (subject, *also)):
        return frozenset()
    return frozenset([subject, *also])


def signed_records(document: str) -> frozenset[str]:
    """Return the marks of the source records that a signed document takes."""
    try:
        return frozenset(str(name) for name in json.loads(document).get(RECORDS, ()))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return frozenset()


def is_asked_for(kind: str, subject: str, document: str, asked_by: str, signature: bytes, known: Known) -> bool:
    """Say whether whoever is said to have asked for an erasure signed for this very kind, subject and name."""
    try:
        said = json.loads(document)
        stands = (said["erase"], said["subject"], said["asked_by"]) == (kind, subject, asked_by)
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
    return stands and _holds(known.get(asked_by, ()), signature, document.encode())


def of_store(connection: Connection) -> dict[int, SignedErasure]:
    """Return every erasure of a store that is to have been signed for, done or not, by number, the oldest first.

    A row with a leaf of another type, which whoever has the data key can write, is among them without signatures.
    """
    stones: dict[int, set[str]] = {}
    for number, subject in bare(connection).execute("SELECT erasure_id, subject FROM tombstone"):
        if isinstance(subject, str):
            stones.setdefault(number, set()).add(subject)
    found: dict[int, SignedErasure] = {}
    for number, *leaves in bare(connection).execute(_OF_STORE, SIGNED_FOR):
        read = dict(zip(_LEAVES, leaves, strict=True))
        own = {read["subject"]} if isinstance(read["subject"], str) else set()
        found[number] = SignedErasure.of_leaves(subjects=sorted(own | stones.get(number, set())), **read)
    return found


def enter_again(connection: Connection, known: Iterable[SignedErasure]) -> int:
    """Enter erasures that a restored store does not know to be signed for, to be completed like any cut-off one.

    A person's merged pseudonyms are entered one by one: in the older copy they may still be profiles of their own.
    Those that the signed document does not name are left out: nobody signed for them (``unsigned_subjects``).

    Returns: how many were entered.
    """
    there = {
        (row.document, row.subject): (row.id, row.status)
        for row in connection.execute(select(erasure.c.id, erasure.c.document, erasure.c.subject, erasure.c.status))
    }
    entered = 0
    for each in known:
        for subject in sorted(each.signed_subjects):
            number, status = there.get((each.document, subject), (0, ""))
            if status in SIGNED_FOR:
                continue
            answer = {
                "confirmed_by": each.confirmed_by,
                "confirmed_at": each.confirmed_at,
                "confirmation": each.confirmation,
                "status": "confirmed",
            }
            if number:
                connection.execute(update(erasure).where(erasure.c.id == number).values(**answer))
            else:
                asked = {
                    "kind": each.kind,
                    "subject": subject,
                    "document": each.document,
                    "asked_by": each.asked_by,
                    "asked_at": each.asked_at,
                    "signature": each.signature,
                }
                connection.execute(insert(erasure), asked | answer)
            there[each.document, subject] = number, "confirmed"
            entered += 1
    return entered
