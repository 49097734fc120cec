"""The trail verified again: what was verified before is compared by hash, what came since is verified entry by entry.

Verifying a signature takes 60 µs and hashing an entry one, so a long trail is verified once and compared ever after.
What a verification found is kept as a statement of whoever ran it, signed with their own key: over so many entries the
tree had this root, and the rows of the entries, of the tree, and of what lies beside it (who is named where, counts)
these digests. The next time every byte of those rows is hashed again, a block of entries at once: SQLite joins them,
which takes a fifth of handing them over one by one. The same digests mean the same rows, unless somebody finds two
that SHA-256 cannot tell apart; what was true of their signatures, numbers, form and tree is then true of these.

Class of control: cryptographic. Whoever holds the store's keys can rewrite entries and tree, and cannot sign this
statement as somebody else: only one's own counts. Where there is none, or it does not hold, every entry is verified.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db import audit, heads, keys, merkle
from db.audit_verification import Verification, _Blocks, _Known, _mark, _problem, _row_mark
from db.bare_rows import bare
from db.commitments import STATED
from db.errors import StoreUnavailable

BLOCK = audit.BLOCK
_BLOCK_LEVEL = BLOCK.bit_length() - 1
"""The level of the tree at which one hash stands for a block."""

_ENTRIES = (
    "SELECT seq, body, signature, at, actor, operation, thing, result, purpose FROM audit_entry "
    "WHERE seq > ? AND seq <= ? ORDER BY seq"
)
_JOINED_ENTRIES = (
    "SELECT count(*), sum(typeof(body) || typeof(signature) || typeof(at) || typeof(actor) || typeof(operation) || "
    "typeof(thing) || typeof(result) || typeof(purpose) = 'blobblobtexttexttexttexttexttext'), "
    "min(octet_length(signature)), max(octet_length(signature)), CAST(group_concat(signature, '') AS BLOB), "
    "CAST(group_concat(concat_ws(x'1e', at, actor, operation, thing, result, purpose, body), x'1e') AS BLOB) "
    "FROM audit_entry NOT INDEXED WHERE seq > ? AND seq <= ?"
)
_JOINED_NODES = (
    "SELECT count(*), sum(typeof(hash) = 'blob'), min(octet_length(hash)), max(octet_length(hash)), "
    "CAST(group_concat(hash, '') AS BLOB) FROM audit_node WHERE level = ? AND position >= ? AND position < ?"
)
"""Each is one scan by number, which gives its rows in order; in another they would be taken for others."""
_BETWEEN, _FIELDS = b"\x1e", 7
"""What stands between joined fields, and how many a row has. No field holds it, so what is joined can be parted."""
_JOINED_AT_ONCE = 512
"""Entries: what is joined of them fits in memory that is used again, and is not asked of the system each time."""
_HASH_BYTES = 32
_GRANTING = (
    "SELECT seq, body, signature, at, actor, operation, thing, result, purpose FROM audit_entry "
    "WHERE seq IN (SELECT 1 UNION SELECT seq FROM audit_entry WHERE thing IN ('user', 'role-grant') AND seq <= ?) "
    "ORDER BY seq"
)
"""The entries that say whose key is which and who holds which role: they are read anew each time."""
_NODES = "SELECT hash FROM audit_node WHERE level = ? AND position >= ? AND position < ? ORDER BY position"
_ABOVE = (
    "SELECT level, position, hash FROM audit_node WHERE level > ? AND ((position + 1) << level) <= ? "
    "ORDER BY level, position"
)
_NODE = "SELECT hash FROM audit_node WHERE level = ? AND position = ?"
_NAMED_EDGE = (
    "SELECT pseudonym, seq FROM audit_subject WHERE (pseudonym, seq) > (?, ?) ORDER BY pseudonym, seq LIMIT 1 OFFSET ?"
)
_JOINED_NAMED = (
    "SELECT count(*), sum(typeof(pseudonym) = 'text'), "
    "CAST(group_concat(concat(pseudonym, x'1e', seq), x'1e') AS BLOB) "
    "FROM (SELECT pseudonym, seq FROM audit_subject WHERE (pseudonym, seq) > (?, ?) AND (pseudonym, seq) <= (?, ?) "
    "AND seq <= ? ORDER BY pseudonym, seq)"
)
_NAMED_AT_ONCE = 1 << 18
_BLOCKS = "SELECT actor, operation, result, purpose, block, entries, first_at, last_at FROM audit_block"
_COUNTED = f"{_BLOCKS} WHERE block < ? ORDER BY actor, operation, result, purpose, block"
_COUNTED_SINCE = f"{_BLOCKS} WHERE block >= ?"


@dataclass(frozen=True, slots=True)
class Verified:
    """What one verification found over the first entries of a trail.

    Attributes:
        size: over how many entries, a whole number of blocks.
        root: the tree's root over them, hex.
        blocks: a digest of their rows and of the tree's hashes over them, block by block.
        above: a digest of the tree's hashes over more than a block.
        named: a digest of who is named in which of them.
        counted: a digest of the counts of their blocks.
        set_back: how many of them say that the clock was set back before them.
        stated: what they last said that the rows of each table add up to (db/commitments.py).
        at: when, ISO text in UTC.
    """

    size: int
    root: str
    blocks: str
    above: str
    named: str
    counted: str
    set_back: int
    stated: dict[str, str]
    at: str


def file_of(folder: Path, user: str) -> Path:
    """Return where a user's statement lies in the vault's folder."""
    return folder / f"verified.{hashlib.sha256(user.encode()).hexdigest()[:16]}.json"


def statement(vault: str, user: str, verified: Verified) -> dict[str, Any]:
    """Return what a user signs."""
    return {"kind": "kingshurst/verified/2", "vault": vault, "user": user, **asdict(verified)}


def keep(folder: Path, user: str, document: bytes, signature: bytes) -> None:
    """Keep a signed statement. On a full disk it is not kept, and everything is verified the next time."""
    with suppress(StoreUnavailable):
        heads.write_whole(file_of(folder, user), signature.hex().encode() + b" " + document + b"\n")


def held(folder: Path, vault: str, user: str, public: bytes) -> Verified | None:
    """Return what this user verified before; None where there is nothing, or nothing that is theirs."""
    try:
        signature, _, document = file_of(folder, user).read_bytes().rstrip(b"\n").partition(b" ")
        if not keys.signature_holds(public, bytes.fromhex(signature.decode()), document):
            return None
        said = json.loads(document)
        if (said.pop("kind"), said.pop("vault"), said.pop("user")) != ("kingshurst/verified/2", vault, user):
            return None
        return Verified(**said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def verify(
    connection: Connection,
    anchors: dict[str, bytes],
    before: Verified | None,
    at: str,
    progress: Callable[[int], None] | None = None,
) -> tuple[Verification, Verified | None]:
    """Verify the trail; return what was found, and what may be kept of it.

    Args:
        connection: of one snapshot, without authorizer or with sight of the trail.
        anchors: the public keys of the vault's header.
        before: what the same person verified before; None verifies every entry.
        at: now, for what is kept.
        progress: told after how many entries it is.
    """
    total = audit.size(connection)
    if before is not None and (before.size > total or before.size % BLOCK):
        before = None
    pass_over = _Pass(connection, anchors, total, before)
    found = pass_over.run(progress)
    if found.holds or before is None:
        return found, pass_over.to_keep(at) if found.holds else None
    if not pass_over.differs:
        return found, None
    # Something is not as it was: which entry, only verifying all of them says.
    again, verified = verify(connection, anchors, None, at, progress)
    if again.holds and pass_over.rewritten:
        words = f"the first {before.size:,} entries are not those that you verified on {before.at[:10]}"
        return Verification(again.entries, "", 1, words), None
    return again, verified


class _Pass:
    """One reading of the trail, block by block."""

    def __init__(self, connection: Connection, anchors: dict[str, bytes], total: int, before: Verified | None) -> None:
        self._ask = bare(connection).execute
        self._total, self._before = total, before
        self._begins = before.size if before is not None else 0
        self._known = _Known(anchors)
        self._anchors = anchors
        self._peaks: dict[int, bytes] = {}
        self._rows = hashlib.sha256()
        self._kept: tuple[str, str, int, dict[str, str]] | None = None
        self._named = 0
        self._set_back = before.set_back if before is not None else 0
        self._stated = dict(before.stated) if before is not None else {}
        self._blocks = _Blocks()
        #: Whether something is not what the statement says; and whether the entries themselves are not.
        self.differs = self.rewritten = False

    def run(self, progress: Callable[[int], None] | None) -> Verification:
        """Read the trail once and return what was found."""
        if self._begins and (problem := self._take_up() or self._compare(progress)):
            return problem
        for start in range(self._begins, self._total, BLOCK):
            rows = self._ask(_ENTRIES, (start, start + BLOCK)).fetchall()
            if problem := self._block(start, rows):
                return problem
            if progress is not None:
                progress(start + len(rows))
        return self._beside()

    def to_keep(self, at: str) -> Verified | None:
        """Return what may be kept of a pass that found nothing wrong: as far as whole blocks go."""
        if self._kept is None:
            return self._before
        root, rows, set_back, stated = self._kept
        size = self._total // BLOCK * BLOCK
        above, named, counted = self._beside_blocks(size)
        return Verified(size, root, rows, above, named, counted, set_back, stated, at)

    def _beside_blocks(self, size: int) -> tuple[str, str, str]:
        """Return digests of the tree above blocks, of who is named, and of the counts, over so many entries."""
        return (
            _digest(self._ask(_ABOVE, (_BLOCK_LEVEL, size))),
            self._named_up_to(size),
            _digest(self._ask(_COUNTED, (size // BLOCK,))),
        )

    def _named_up_to(self, size: int) -> str:
        found, first, last = hashlib.sha256(), ("", 0), self._ask("SELECT max(pseudonym) FROM audit_subject").fetchone()
        while True:
            edge = self._ask(_NAMED_EDGE, (*first, _NAMED_AT_ONCE - 1)).fetchone()
            count, typed, joined = self._ask(_JOINED_NAMED, (*first, *(edge or (last[0], size)), size)).fetchone()
            found.update(f"{count} {typed} ".encode() + (joined or b""))
            if edge is None:
                return found.hexdigest()
            first = edge

    def _take_up(self) -> Verification | None:
        """Read who was introduced and granted what, in the entries that were verified before."""
        for seq, body, signature, *copy in self._ask(_GRANTING, (self._begins,)).fetchall():
            entry = audit.Entry(seq, bytes(body), bytes(signature))
            if _problem(entry, seq, self._known, tuple(copy)):
                return self._unlike()
        # Whether somebody acted with a key that is not the header's, only reading every entry would tell.
        unlike = any(self._anchors.get(name, public) != public for name, public in self._known.publics.items())
        return self._unlike() if unlike else None

    def _unlike(self, *, rewritten: bool = False) -> Verification:
        self.differs = True
        self.rewritten = rewritten
        return Verification(self._begins, "", self._begins, "it is not what was verified before")

    def _compare(self, progress: Callable[[int], None] | None) -> Verification | None:
        """Compare every row of the entries that were verified before, and of the tree over them, with the statement."""
        before, size = self._before, self._begins
        assert before is not None  # noqa: S101 - a pass that begins somewhere has a statement
        for block in range(size // BLOCK):
            found = self._rows_of(block)
            if found is None:
                return self._unlike()
            self._rows.update(found)
            if progress is not None:
                progress((block + 1) * BLOCK)
        if self._rows.hexdigest() != before.blocks:
            return self._unlike(rewritten=True)
        if self._beside_blocks(size) != (before.above, before.named, before.counted):
            return self._unlike()
        for level in range(size.bit_length()):
            if size >> level & 1:
                self._peaks[level] = bytes(self._ask(_NODE, (level, (size >> level) - 1)).fetchone()[0])
        return None if _root(size, self._peaks).hex() == before.root else self._unlike()

    def _rows_of(self, block: int) -> bytes | None:
        """Return a digest of the rows of a block's entries and of the tree's hashes over them; None where some lack."""
        found = hashlib.sha256()
        for start in range(block * BLOCK, (block + 1) * BLOCK, _JOINED_AT_ONCE):
            count, typed, shortest, longest, signatures, fields = self._ask(
                _JOINED_ENTRIES, (start, start + _JOINED_AT_ONCE)
            ).fetchone()
            if not count == typed == _JOINED_AT_ONCE or not shortest == longest == audit.SIGNATURE_BYTES:
                return None
            if fields.count(_BETWEEN) != _FIELDS * count - 1:
                return None
            found.update(signatures)
            found.update(fields)
        for level in range(_BLOCK_LEVEL + 1):
            wide = BLOCK >> level
            count, typed, shortest, longest, hashes = self._ask(
                _JOINED_NODES, (level, block * wide, (block + 1) * wide)
            ).fetchone()
            if (count, typed, shortest, longest) != (wide, wide, _HASH_BYTES, _HASH_BYTES):
                return None
            found.update(hashes)
        return found.digest()

    def _block(self, start: int, rows: list[tuple[Any, ...]]) -> Verification | None:
        expected = min(BLOCK, self._total - start)
        for place, row in enumerate(rows, start + 1):
            if row[0] != place:
                return Verification(place, "", place, "entries are missing before it")
        if len(rows) != expected:
            return Verification(start + len(rows), "", start + len(rows) + 1, "entries are missing")
        if problem := self._each(rows):
            return problem
        leaves = [hashlib.sha256(b"\x00" + row[2] + row[1]).digest() for row in rows]
        if problem := self._tree(start, leaves):
            return problem
        if len(rows) == BLOCK and (joined := self._rows_of(start // BLOCK)) is not None:
            self._rows.update(joined)
            if start + BLOCK == self._total // BLOCK * BLOCK:
                root = _root(start + BLOCK, self._peaks).hex()
                self._kept = root, self._rows.hexdigest(), self._set_back, dict(self._stated)
        return None

    def _each(self, rows: Iterable[tuple[Any, ...]]) -> Verification | None:
        for seq, body, signature, *copy in rows:
            problem = _problem(audit.Entry(seq, body, signature), seq, self._known, tuple(copy))
            if problem:
                return Verification(seq, "", seq, problem)
            self._blocks.add(seq, *copy)
            said = json.loads(body)
            self._named += sum(_mark(pseudonym, seq) for pseudonym in set(said["subjects"]))
            self._set_back += audit.SET_BACK in said["facts"]
            self._stated.update(said.get(STATED, {}))
        return None

    def _tree(self, start: int, hashes: list[bytes]) -> Verification | None:
        """Hash a block's entries together as far as subtrees are complete, and compare with what is stored."""
        level, first, whole = 0, start, len(hashes) == BLOCK
        sha256 = hashlib.sha256
        while hashes:
            if problem := self._stored(level, first, hashes):
                return problem
            if not whole and len(hashes) % 2:
                self._peaks[level] = hashes[-1]  # the left part of a subtree that is not complete
            if whole and level == _BLOCK_LEVEL:
                break
            pairs = zip(hashes[0::2], hashes[1::2], strict=False)
            hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            level, first = level + 1, first // 2
        if not whole:
            return None
        # Above the block one subtree at a time: each is made where its right half has come.
        current, position = hashes[0], start // BLOCK
        while position % 2:
            current = merkle.node_hash(self._peaks[level], current)
            level, position = level + 1, position // 2
            if problem := self._stored(level, position, [current]):
                return problem
        self._peaks[level] = current
        return None

    def _stored(self, level: int, first: int, hashes: list[bytes]) -> Verification | None:
        stored = [row[0] for row in self._ask(_NODES, (level, first, first + len(hashes)))]
        if stored == hashes:
            return None
        place = next((at for at, (one, other) in enumerate(zip(hashes, stored, strict=False)) if one != other), 0)
        # The entry that completes the subtree.
        seq = (first + place + 1) << level
        if seq <= self._begins:
            return self._unlike()
        return Verification(seq, "", seq, "the tree does not hold it")

    def _beside(self) -> Verification:
        total = self._total
        if self._known.unlike_anchor:
            first = min(self._known.unlike_anchor.values())
            return Verification(total, "", first, "the acting person's key is not the one in the vault's header")
        listed = self._ask("SELECT pseudonym, seq FROM audit_subject WHERE seq > ?", (self._begins,))
        if self._named != sum(_mark(*row) for row in listed):
            words = "the list of who is named in which entry is not what the entries say"
            return Verification(total, "", total + 1, words)
        counted = self._ask(_COUNTED_SINCE, (self._begins // BLOCK,))
        if self._blocks._marks != sum(_row_mark(*row) for row in counted):
            words = "the counts by which the trail is searched are not what the entries say"
            return Verification(total, "", total + 1, words)
        root = _root(total, self._peaks).hex()
        return Verification(total, root, set_back=self._set_back, stated=self._stated)


def _root(size: int, peaks: dict[int, bytes]) -> bytes:
    """Return the root over so many entries from the complete subtrees that their number is made of."""
    whole = [peaks[level] for level in range(size.bit_length()) if size >> level & 1]
    if not whole:
        return hashlib.sha256(b"").digest()
    root = whole[0]
    for left in whole[1:]:
        root = merkle.node_hash(left, root)
    return root


def _digest(rows: Any) -> str:
    """Return a digest of rows in their order."""
    found = hashlib.sha256()
    while piece := rows.fetchmany(BLOCK):
        # By pieces of a fixed size, so the same rows always give the same bytes.
        found.update(repr(piece).encode("utf-8", "surrogatepass"))
    return found.hexdigest()
