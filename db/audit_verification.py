"""Whether the trail is what was written: numbers, canonical form, signatures, tree; the first bad entry by number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection

from db import audit, keys, merkle
from db.role_trail import RoleTrail

COPIED = ("time", "actor", "operation", "thing", "result", "purpose")


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying the trail found.

    Attributes:
        entries: how many were read.
        root: the tree's root over them, hex.
        first_bad: the number of the first entry that is not what was written, or None.
        problem: what is wrong with it, in words.
        set_back: how many entries say that the clock was set back before them.
        stated: what the entries last said that the rows of each table add up to, where that was kept count of.
    """

    entries: int
    root: str
    first_bad: int | None = None
    problem: str = ""
    set_back: int = 0
    stated: dict[str, str] | None = field(default=None, compare=False)

    @property
    def holds(self) -> bool:
        """Whether everything was as it was written."""
        return self.first_bad is None


def verify(
    connection: Connection, anchors: dict[str, bytes], progress: Callable[[int], None] | None = None
) -> Verification:
    """Read every entry and compare it with its signature, its copies, the tree, and the role that its actor held then.

    A user's public key is taken from the entry that introduced them (operation ``administer``, facts
    ``signing_public``), which must itself be signed by somebody known. Only a recovery key gives somebody another key,
    and says which one it replaces. ``anchors`` are the keys of the vault's header, and a user who is in both must have
    the same key in both.
    """
    known = _Known(anchors)
    nodes: dict[tuple[int, int], bytes] = {}
    counted = _Blocks()
    seq = named = set_back = 0
    for entry, copy in _entries_and_copies(connection):
        seq += 1
        problem = _problem(entry, seq, known, copy)
        if not problem:
            counted.add(seq, *copy)
            body = json.loads(entry.body)
            named += sum(_mark(pseudonym, seq) for pseudonym in set(body["subjects"]))
            set_back += audit.SET_BACK in body["facts"]
            for level, position, value in merkle.appended(seq - 1, entry.leaf, partial(_at, nodes)):
                nodes[level, position] = value
                if _stored(connection, level, position) != value:
                    problem = "the tree does not hold it"
            if seq % 4096 == 0:
                nodes = _needed(nodes, seq)
                if progress is not None:
                    progress(seq)
        if problem:
            return Verification(seq, "", seq, problem)
    if known.unlike_anchor:
        first = min(known.unlike_anchor.values())
        return Verification(seq, "", first, "the acting person's key is not the one in the vault's header")
    total = audit.size(connection)
    if total != seq:
        return Verification(seq, "", seq + 1, "entries are missing")
    if named != sum(_mark(*row) for row in connection.exec_driver_sql("SELECT pseudonym, seq FROM audit_subject")):
        return Verification(seq, "", seq + 1, "the list of who is named in which entry is not what the entries say")
    if not counted.agree(connection):
        return Verification(seq, "", seq + 1, "the counts by which the trail is searched are not what the entries say")
    root = merkle.root(seq, partial(_at, nodes))
    return Verification(seq, root.hex(), set_back=set_back)


class _Blocks:
    """What the counts of each complete block of entries must be."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str, str], tuple[int, str, str]] = {}
        self._marks = 0

    def add(self, seq: int, at: str, actor: str, operation: str, _thing: str, result: str, purpose: str) -> None:
        kind = (actor, operation, result, purpose)
        entries, first, last = self._kinds.get(kind, (0, at, at))
        self._kinds[kind] = (entries + 1, min(first, at), max(last, at))
        if seq % audit.BLOCK == 0:
            kinds = [(*kind, *row) for kind, row in self._kinds.items()]
            self._marks += sum(_row_mark(*row) for row in audit.counts(audit.block_of(seq), kinds))
            self._kinds.clear()

    def agree(self, connection: Connection) -> bool:
        stored = connection.exec_driver_sql(
            "SELECT actor, operation, result, purpose, block, entries, first_at, last_at FROM audit_block"
        )
        return self._marks == sum(_row_mark(*row) for row in stored)


def _row_mark(*row: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest())


def _at(nodes: dict[tuple[int, int], bytes], level: int, position: int) -> bytes:
    return nodes[level, position]


def _entries_and_copies(connection: Connection) -> Iterator[tuple[audit.Entry, tuple[Any, ...]]]:
    rows = connection.exec_driver_sql(
        "SELECT seq, body, signature, at, actor, operation, thing, result, purpose FROM audit_entry ORDER BY seq"
    )
    for seq, body, signature, *copy in rows:
        yield audit.Entry(seq, bytes(body), bytes(signature)), tuple(copy)


def _mark(pseudonym: str, seq: int) -> int:
    """Return what one naming of one person counts for in the comparison with the list."""
    return int.from_bytes(hashlib.blake2b(f"{seq}/{pseudonym}".encode(), digest_size=16).digest())


def _problem(
    entry: audit.Entry,
    seq: int,
    known: _Known,
    copy: tuple[Any, ...],
) -> str:
    if entry.seq != seq:
        return "entries are missing before it"
    try:
        body = json.loads(entry.body)
        if keys.canonical(body) != entry.body:
            return "its text is not in canonical form"
        if body["seq"] != seq:
            return "it bears another number"
        actor, facts = body["actor"], body["facts"]
        if copy != tuple(body[name] for name in COPIED):
            return "its copied columns differ from its text"
        "".join(body["subjects"])  # names and nothing else
        introduces = body["operation"] == "administer" and body["thing"] == "user" and "signing_public" in facts
        if seq == 1 and introduces:
            known.publics[actor] = bytes.fromhex(facts["signing_public"])
        if actor not in known.publics:
            return "nobody introduced the person it names as acting"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "its text cannot be read"
    known.note_use(actor, seq)
    if not keys.signature_holds(known.publics[actor], entry.signature, entry.body):
        return "its signature is not that of the person it names as acting"
    if introduces and seq > 1 and (wrong := known.introduce(actor, facts)):
        return wrong
    try:
        return known.roles.problem(seq, body)
    except (ValueError, KeyError, TypeError):
        return "its text cannot be read"


class _Known:
    """Whose key is which, as far as the entries have been read.

    Attributes:
        unlike_anchor: who acted with a key other than the header's, and in which entry first.
        roles: who held which role.
    """

    def __init__(self, anchors: dict[str, bytes]) -> None:
        self._anchors = anchors
        self.publics: dict[str, bytes] = {}
        self._recovery: set[str] = set()
        self.unlike_anchor: dict[str, int] = {}
        self.roles = RoleTrail()

    def note_use(self, actor: str, seq: int) -> None:
        if self._anchors.get(actor, self.publics[actor]) != self.publics[actor]:
            self.unlike_anchor.setdefault(actor, seq)

    def introduce(self, actor: str, facts: dict[str, Any]) -> str:
        """Take in a new key, and return what is wrong with its introduction."""
        try:
            name, public = str(facts["user"]), bytes.fromhex(facts["signing_public"])
            if name in self.publics:
                if actor not in self._recovery or facts.get("replaces") != self.publics[name].hex():
                    return "it introduces somebody a second time, with a key of its own choosing"
                self.unlike_anchor.pop(name, None)
        except (ValueError, KeyError, TypeError):
            return "its text cannot be read"
        self.publics[name] = public
        if facts.get("role") == "recovery":
            self._recovery.add(name)
        return ""


def _stored(connection: Connection, level: int, position: int) -> bytes | None:
    try:
        return audit.node(connection, level, position)
    except KeyError:
        return None


def _needed(nodes: dict[tuple[int, int], bytes], size: int) -> dict[tuple[int, int], bytes]:
    """Keep only the complete subtrees that later entries build on: the bits of ``size``."""
    kept: dict[tuple[int, int], bytes] = {}
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            kept[level, start >> level] = nodes[level, start >> level]
            start += 1 << level
    return kept
