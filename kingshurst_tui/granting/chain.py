"""Which grants of roles hold: every signature back to the store's first entry.

A role is what a valid, effective grant says and nothing else. What the rows say is believed only as far as it is
signed: the proposal by somebody who was an administrator then, the confirmation by a second person who could give it,
both in the order of the trail's numbers and not of anybody's clock, and with the keys that the trail introduced.

Class of control: cryptographic, as far as a checkpoint covers the entries; that this program gives no role without it
is client-enforced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

import db.role_grants
from db import keys
from db.keys import signature_holds as _signed
from db.role_grants import EFFECTIVE, ENDED, PROPOSED, GrantRow
from kingshurst_tui.permissions import CASE_READERS, CONFIRMERS
from kingshurst_tui.vocabulary import Role

ADMINISTRATOR, RECOVERY = Role.ADMINISTRATOR.value, "recovery"
OVER = "_over"
"""How facts end that say up to which epoch nothing more is written into a compartment."""

NOW = 1 << 62
"""A number after every entry's."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One entry of the trail about users or grants; its signature is looked at where something rests on it."""

    seq: int
    body: bytes
    signature: bytes
    actor: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one user holds.

    Attributes:
        role: the effective role, or None.
        grant: the grant that gives it; where there is none, the one that is marked effective all the same.
        waits: the newest grant that waits for a second person, or None.
        problem: why the grant that is marked effective gives no role; empty where it does, or where there is none.
    """

    role: Role | None
    grant: GrantRow | None
    waits: GrantRow | None
    problem: str = ""


def digest(document: str) -> str:
    """Return the digest by which entries name a signed document, hex."""
    return hashlib.sha256(document.encode()).hexdigest()


def proposal(
    vault: str, user: str, role: str, agency: str, display_name: str, by: str, at: str, entry: int, *, founding: bool
) -> dict[str, Any]:
    """Return what the proposer signs; ``entry`` is the number of the entry that says so."""
    return {
        "v": 1,
        "vault": vault,
        "user": user,
        "role": role,
        "agency": agency,
        "display_name": display_name,
        "by": by,
        "since": at,
        "entry": entry,
        "founding": founding,
    }


def confirmation(vault: str, row: GrantRow, by: str, at: str, entry: int) -> dict[str, Any]:
    """Return what the second person signs."""
    return {
        "v": 1,
        "vault": vault,
        "confirms": digest(row.document),
        "grant": row.id,
        "by": by,
        "at": at,
        "entry": entry,
    }


def are_apart(one: str, other: str) -> bool:
    """Say whether one person must not have held both roles: administrator, and any that reads cases."""
    return (one == ADMINISTRATOR and other in CASE_READERS) or (other == ADMINISTRATOR and one in CASE_READERS)


class Chain:
    """All grants of one store and what the trail says of people; verified as far as somebody asks."""

    def __init__(self, vault: str, rows: Iterable[GrantRow], entries: Iterable[tuple[int, bytes, bytes]]) -> None:
        self.vault = vault
        self.rows = list(rows)
        self._of_user: dict[str, list[GrantRow]] = {}
        for row in self.rows:
            self._of_user.setdefault(row.user_name, []).append(row)
        self._entries: dict[int, Stated] = {}
        self._introductions: dict[str, list[Stated]] = {}
        self._endings: dict[int, list[int]] = {}
        self._seconds: list[int] = []
        self._settled: dict[int, bool] = {}
        self._closed: list[tuple[int, str, int]] = []
        #: The entry that states the first grant of all; None in a store that has none yet.
        self.founded: int | None = None
        self._founder = ""
        for seq, body, signature in entries:
            self._take(seq, body, signature)
        self._publics: dict[int, bytes | None] = {}
        self._proposals: dict[int, str] = {}
        self._taken: dict[int, str] = {}

    def _take(self, seq: int, body: bytes, signature: bytes) -> None:
        try:
            read = json.loads(body)
            stated = Stated(seq, body, signature, str(read["actor"]), dict(read["facts"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # verifying the trail names it
        facts = stated.facts
        self._entries[seq] = stated
        if "signing_public" in facts:
            self._introductions.setdefault(str(facts.get("user")), []).append(stated)
        if self.founded is None and "grant" in facts:
            self.founded, self._founder = seq, stated.actor
        for ended in str(facts.get("ends", "")).split():
            if ended.isdecimal():
                self._endings.setdefault(int(ended), []).append(seq)
        if facts.get("step") == "refuse" and isinstance(facts.get("grant"), int):
            self._endings.setdefault(facts["grant"], []).append(seq)
        if facts.get("step") == "confirm" and facts.get("role") in CONFIRMERS and facts.get("user") != self._founder:
            self._seconds.append(seq)
        for name, epoch in facts.items():
            if name.endswith(OVER) and isinstance(epoch, int):
                self._closed.append((seq, name.removesuffix(OVER), epoch))

    # --- what others ask ---------------------------------------------------------------------------------------------

    def standing(self, name: str) -> Standing:
        """Return what a user holds now, and what waits for them."""
        mine = self._of_user.get(name, [])
        waits = next((row for row in reversed(mine) if row.status == PROPOSED and not self.over(row)), None)
        marked = next((row for row in reversed(mine) if row.status == EFFECTIVE), None)
        if marked is None:
            return Standing(None, None, waits)
        if problem := self.problem(marked):
            return Standing(None, marked, waits, problem)
        return Standing(Role(marked.role), marked, waits)

    def closed_epochs(self) -> dict[str, int]:
        """Return, by compartment, the last epoch that was there when somebody's entitlement to it ended."""
        found: dict[str, int] = {}
        for seq, name, epoch in self._closed:
            if epoch > found.get(name, 0) and self._settles(seq):
                found[name] = epoch
        return found

    def users(self) -> list[str]:
        """Return everybody who was ever proposed for a role."""
        return list(self._of_user)

    def over(self, row: GrantRow, before: int = NOW) -> int | None:
        """Return the number of the entry that refused or ended a grant before another; None where none did.

        Only one by somebody who could settle roles then: others may write entries of that kind, and end nothing.
        """
        said = self._endings.get(row.id, ())
        return next((seq for seq in said if seq < before and self._settles(seq)), None)

    def problem(self, row: GrantRow) -> str:
        """Return why a grant that is marked effective gives no role, in words; empty where it does."""
        if found := self._never_taken(row):
            return found
        if ended := self.over(row):
            return f"entry {ended:,} of the trail ended it"
        if any(later.id > row.id and not self._never_taken(later) for later in self._of_user[row.user_name]):
            return "a later one took its place"
        return ""

    def problem_of_proposal(self, row: GrantRow) -> str:
        """Return why nobody may confirm a grant, in words; empty where it may be."""
        if row.id not in self._proposals:
            self._proposals[row.id] = self._read_proposal(row)
        return self._proposals[row.id]

    def held(self, name: str, seq: int) -> str:
        """Return the role that somebody held when the entry of that number was written; empty for none."""
        introduced = self._introductions.get(name, [])
        if introduced and introduced[0].facts.get("role") == RECOVERY:
            return RECOVERY if self.key(name, seq) else ""
        if self.founded is None or seq <= self.founded:
            # Before a store had grants, whom an administrator introduced held the role that the entry says.
            return str(introduced[0].facts.get("role", "")) if introduced and self.key(name, seq) else ""
        for row in reversed(self._of_user.get(name, [])):
            began = _began(row)
            if began is not None and began < seq and not self._never_taken(row):
                return row.role if self.over(row, before=seq) is None else ""
        return ""

    def ever_held(self, roles: Collection[str]) -> set[str]:
        """Return who holds or held one of these roles; from where a store has grants, by what two people signed for."""
        early = {name for name in self._introductions if self.held(name, self.founded or NOW) in roles}
        return early | {row.user_name for row in self.rows if row.role in roles and not self._never_taken(row)}

    def may_confirm(self, name: str, seq: int, role: str) -> bool:
        """Say whether somebody may be the second person for a role, when the entry of that number is written.

        Whoever holds a confirming role may; until somebody other than the founder was given one, who is proposed for
        one may, for such a role alone. That is over for ever then, whoever leaves: an administrator does not found a
        store twice.
        """
        if self.held(name, seq) in CONFIRMERS:
            return True
        if role not in CONFIRMERS:
            return False
        if any(given < seq and self._settles(given) for given in self._seconds):
            return False
        return any(
            row.role in CONFIRMERS
            and _entry_of(row) < seq
            and self.over(row, before=seq) is None
            and not self.problem_of_proposal(row)
            for row in self._of_user.get(name, [])
        )

    def key(self, name: str, seq: int) -> bytes | None:
        """Return the public signing key somebody had at an entry, as introductions that hold say; None for none."""
        found: bytes | None = None
        for stated in self._introductions.get(name, []):
            if stated.seq > seq:
                break
            if stated.seq not in self._publics:
                self._publics[stated.seq] = self._introduced(name, stated, found)
            found = self._publics[stated.seq] or found
        return found

    def keys_of(self, name: str) -> list[bytes]:
        """Return every public signing key that somebody ever had, as introductions that hold say, the oldest first."""
        had = (self.key(name, stated.seq) for stated in self._introductions.get(name, []))
        return list(dict.fromkeys(key for key in had if key is not None))

    # --- signatures --------------------------------------------------------------------------------------------------

    def _settles(self, seq: int) -> bool:
        """Say whether an entry is signed by somebody who could confirm, refuse or end roles then."""
        if seq not in self._settled:
            stated = self._entries[seq]
            public = self.key(stated.actor, seq)
            self._settled[seq] = (
                public is not None
                and _signed(public, stated.signature, stated.body)
                and (
                    self.held(stated.actor, seq) == RECOVERY
                    or self.may_confirm(stated.actor, seq, str(stated.facts.get("role")))
                )
            )
        return self._settled[seq]

    def _introduced(self, name: str, stated: Stated, former: bytes | None) -> bytes | None:
        try:
            public = bytes.fromhex(stated.facts["signing_public"])
        except (ValueError, TypeError):
            return None
        if stated.seq == 1:
            return public if stated.actor == name and _signed(public, stated.signature, stated.body) else None
        by = self.key(stated.actor, stated.seq - 1)
        if by is None or not _signed(by, stated.signature, stated.body):
            return None
        held = self.held(stated.actor, stated.seq)
        if former is None:
            return public if held in (ADMINISTRATOR, RECOVERY) else None
        # Only the recovery key gives somebody another key, and says which one it replaces.
        return public if held == RECOVERY and stated.facts.get("replaces") == former.hex() else None

    def _read_proposal(self, row: GrantRow) -> str:
        document = _document(row)
        if document is None or document.get("vault") != self.vault:
            return "its document is not of this store, or not of this grant"
        entry = document["entry"]
        if not self._says(entry, row, row.granted_by):
            return "no entry of the trail says that it was proposed"
        public = self.key(row.granted_by, entry)
        if public is None or not _signed(public, row.signature, row.document.encode()):
            return f"the signature is not that of {row.granted_by}"
        if document["founding"] is True:
            return self._read_founding(row, entry)
        if row.granted_by == row.user_name:
            return "nobody grants a role to themselves"
        if self.held(row.granted_by, entry) != ADMINISTRATOR:
            return f"{row.granted_by} was no administrator then"
        return ""

    def _read_founding(self, row: GrantRow, entry: int) -> str:
        first = row is self.rows[0] and self.founded == entry and row.granted_by == row.user_name
        if not first or row.role != ADMINISTRATOR:
            return "only the first grant of a store founds it"
        # The store's first entry, or the first in a store that was made before there were grants.
        return "" if entry == 1 or self.held(row.user_name, entry) == ADMINISTRATOR else "its holder did not found it"

    def _never_taken(self, row: GrantRow) -> str:
        """Return why a grant never took effect; empty where it did, whether or not it has ended since."""
        if row.id not in self._taken:
            self._taken[row.id] = self.problem_of_proposal(row) or self._read_confirmation(row)
        return self._taken[row.id]

    def _read_confirmation(self, row: GrantRow) -> str:
        if _is_founding(row):
            return "" if row.confirmed_entry is None else "the founding grant is confirmed by nobody"
        by, at, entry = row.confirmed_by, row.confirmed_at, row.confirmed_entry
        if by is None or at is None or entry is None or row.confirmation is None:
            return "nobody confirmed it"
        if by in (row.granted_by, row.user_name):
            return "nobody confirms what they proposed, nor a role of their own"
        if entry <= _entry_of(row) or not self._says(entry, row, by):
            return "no entry of the trail says that it was confirmed"
        public = self.key(by, entry)
        if public is None or not _signed(
            public, row.confirmation, keys.canonical(confirmation(self.vault, row, by, at, entry))
        ):
            return f"the confirmation is not signed by {by}"
        if not self.may_confirm(by, entry, row.role):
            return f"{by} could not confirm it then"
        earlier = (each for each in self._of_user[row.user_name] if each.id < row.id)
        if any(are_apart(each.role, row.role) and not self._never_taken(each) for each in earlier):
            return "nobody is both administrator and case reader"
        return ""

    def _says(self, seq: int, row: GrantRow, actor: str) -> bool:
        stated = self._entries.get(seq)
        return (
            stated is not None
            and stated.actor == actor
            and stated.facts.get("grant") == row.id
            and stated.facts.get("document") == digest(row.document)
        )


def read(connection: Connection, vault: str) -> Chain:
    """Return the chain of a store, in one transaction that reads or acts."""
    return Chain(vault, db.role_grants.every(connection), db.role_grants.entries_about_people(connection))


def problems(chain: Chain) -> Iterator[str]:
    """Yield what is wrong with any grant that is kept, in words that name it; for checking the whole store."""
    for row in chain.rows:
        found = ""
        if row.status == EFFECTIVE:
            found = chain.problem(row)
        elif row.status == PROPOSED:
            found = chain.problem_of_proposal(row)
            if not found and (entry := chain.over(row)):
                found = f"entry {entry:,} of the trail refused or ended it"
        elif row.status == ENDED and row.confirmed_entry is not None and not chain.over(row):
            found = "no entry of the trail says that it ended"
        if found:
            yield f"grant {row.id} ({row.role} for {row.user_name}): {found}"


def _document(row: GrantRow) -> dict[str, Any] | None:
    """Return what was signed, where it is what the row says."""
    try:
        document: dict[str, Any] = json.loads(row.document)
        if keys.canonical(document) != row.document.encode():
            return None
        same = (document["user"], document["role"], document["by"]) == (row.user_name, row.role, row.granted_by)
        return document if same and type(document["entry"]) is int and type(document["founding"]) is bool else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _entry_of(row: GrantRow) -> int:
    document = _document(row)
    return NOW if document is None else int(document["entry"])


def _is_founding(row: GrantRow) -> bool:
    document = _document(row)
    return document is not None and document["founding"] is True


def _began(row: GrantRow) -> int | None:
    """Return the entry from which a grant gives its role, if it is valid."""
    if row.confirmed_entry is not None:
        return row.confirmed_entry
    return _entry_of(row) if _is_founding(row) else None
