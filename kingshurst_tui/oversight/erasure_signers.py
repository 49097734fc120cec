"""Whose signatures count for an erasure: who ever held a role that erases, with the keys that the trail introduced.

A table of users says nothing here: whoever has the data key can write another's name beside a key of their own.

Class of control: cryptographic, as far as a checkpoint covers the entries; that this program erases nobody without it
is client-enforced.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

import db.role_grants
from db.heads import Known
from kingshurst_tui.granting.chain import Chain
from kingshurst_tui.permissions import TABLE
from kingshurst_tui.vocabulary import Operation, Thing

_ERASE = frozenset(role.value for role in TABLE[Operation.ERASE, Thing.PROFILE])


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures count, as one trail says.

    Attributes:
        entries: number, body and signature of what the trail says of people, in order.
        known: every key of everybody whose signature counts, of those too who left or have another key now.
    """

    entries: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    known: Known = field(default_factory=dict)

    def with_later(self, later: Signers) -> Known:
        """Return whose signatures count by this trail, and by another that goes on where this one ends.

        A trail that says other things of the same people began with somebody else's word: it introduces nobody here.
        """
        if later.entries[: len(self.entries)] != self.entries:
            return self.known
        return {name: (*self.known.get(name, ()), *later.known.get(name, ())) for name in self.known | later.known}


def introduced(connection: Connection, vault: str, *, granted: bool = True) -> Signers:
    """Return whose signatures count by a store's own trail.

    Args:
        vault: the store's identity.
        granted: whether its tables keep grants; older ones do not, and an introduction gave the role.
    """
    entries = db.role_grants.entries_about_people(connection)
    chain = Chain(vault, db.role_grants.every(connection) if granted else (), entries)
    return Signers(entries, {name: tuple(chain.keys_of(name)) for name in chain.ever_held(_ERASE)})
