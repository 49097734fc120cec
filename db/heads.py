"""Where checkpoints lie: STORE/heads/, one file a tree size; and what a supervisor last held, outside the vault.

Class of control: cryptographic, for what a checkpoint held elsewhere covers. A head inside the vault tells of a cut or
rewritten trail, unless whoever did it put an older head back as well; then only what is held elsewhere tells.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import portalocker
from sqlalchemy import Connection, text

from db import audit, keys, merkle, notes, users
from db.bare_rows import bare
from db.errors import IntegrityFailure, disk_refused
from db.turnstile import lock_file
from db.vault import Header, read_header, sync_folder

KEPT_UNCOSIGNED = 64
"""So many of the newest heads that no supervisor cosigned are kept; cosigned ones all are."""

_NAME = re.compile(r"[0-9]{12,19}\.checkpoint")
_PUBLICS = text('SELECT name, signing_public FROM "user"')

Known = dict[str, tuple[bytes, ...]]
"""The public keys of each user, as the vault's header and the store have them."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How the trail differs from a checkpoint that once covered it.

    Attributes:
        checkpoint: the one it contradicts.
        entries: how many entries there are now.
        agrees_to: up to which entry an earlier checkpoint still agrees.
    """

    checkpoint: notes.Checkpoint
    entries: int
    agrees_to: int

    @property
    def lost(self) -> bool:
        """Whether entries are gone; otherwise some were written anew."""
        return self.entries < self.checkpoint.size

    def in_words(self) -> str:
        """Say which entries are in doubt."""
        size, code = self.checkpoint.size, self.checkpoint.code
        names = sorted({line.name.removeprefix(f"{self.checkpoint.origin}/") for line in self.checkpoint.lines})
        known = f"A checkpoint over {size:,} entries (code {code}, signed by {', '.join(names)}) was made."
        if self.lost:
            return f"{known} The trail has {self.entries:,}: entries {self.entries + 1:,} to {size:,} are gone."
        return (
            f"{known} The first {size:,} entries of the trail are not those: "
            f"entries {self.agrees_to + 1:,} to {size:,} are in doubt."
        )


def origin(vault: str) -> str:
    """Return the name under which one vault's trail is known."""
    return f"kingshurst/{vault}"


def folder_of(store: Path) -> Path:
    """Return where a store's checkpoints lie."""
    return store / "heads"


def known_keys(connection: Connection, header: Header) -> Known:
    """Return every user's public signing keys, earlier ones and those of who left too."""
    found: dict[str, set[bytes]] = {}
    for slot in header.slots:
        if slot.signing_public:
            found.setdefault(slot.user, set()).add(bytes.fromhex(slot.signing_public))
    for name, public in connection.execute(_PUBLICS):
        found.setdefault(name, set()).add(bytes(public))
    for name, publics in users.earlier_keys(connection).items():
        found.setdefault(name, set()).update(publics)
    return {name: tuple(sorted(publics)) for name, publics in found.items()}


def current(connection: Connection, of: str) -> notes.Checkpoint:
    """Return the tree as it is, signed by nobody yet. Raises: KeyError where a hash is missing."""
    size = audit.size(connection)
    return notes.Checkpoint(of, size, _root(connection, size))


def extends(connection: Connection, held: notes.Checkpoint, now: notes.Checkpoint) -> bool:
    """Say whether a proof from the stored hashes shows that the tree extends what is held."""
    if held.size == 0:
        return True
    try:
        proof = merkle.consistency_proof(held.size, now.size, lambda level, at: audit.node(connection, level, at))
    except (KeyError, ValueError):
        return False
    return merkle.consistency_holds(held.size, held.root, now.size, now.root, proof)


def doubt(connection: Connection, held: notes.Checkpoint, earlier: Iterator[notes.Checkpoint]) -> Doubt | None:
    """Compare the trail with a checkpoint; ``earlier`` ones, the newest first, narrow down what is in doubt."""
    size = audit.size(connection)
    if size >= held.size and _same_root(connection, held):
        return None
    agreed = (each.size for each in earlier if each.size <= size and _same_root(connection, each))
    return Doubt(held, size, next(agreed, 0))


def first_unlike(connection: Connection) -> int | None:
    """Read every entry, and return the first that is not the one the tree holds; None where all are.

    A proof from the stored hashes shows that the tree extends what is held; this shows that the entries are the tree's.
    """
    peaks: dict[int, bytes] = {}
    rows = bare(connection).execute("SELECT seq, signature, body FROM audit_entry ORDER BY seq")
    for expected, (seq, signature, body) in enumerate(rows, 1):
        if seq != expected:
            return expected
        # All of them first: each is made from the peak of its level as it was before.
        for level, position, value in list(merkle.appended(seq - 1, signature + body, lambda level, _: peaks[level])):
            peaks[level] = value
            if _stored(connection, level, position) != value:
                return expected
    return None


def _stored(connection: Connection, level: int, position: int) -> bytes | None:
    try:
        return audit.node(connection, level, position)
    except KeyError:
        return None


def _same_root(connection: Connection, checkpoint: notes.Checkpoint) -> bool:
    try:
        return _root(connection, checkpoint.size) == checkpoint.root
    except KeyError:
        return False


def _root(connection: Connection, size: int) -> bytes:
    return merkle.root(size, lambda level, at: audit.node(connection, level, at))


def newest_first(store: Path, of: str, known: Known) -> Iterator[notes.Checkpoint]:
    """Yield the store's checkpoints whose signatures hold, the largest first; what is none is passed over."""
    for path in reversed(_files(store)):
        if found := _valid(path, of, known):
            yield found


def newest_cosigned(store: Path, of: str, known: Known) -> notes.Checkpoint | None:
    """Return the largest of the store's checkpoints that somebody cosigned; None where there is none."""
    for path in reversed(_files(store)):
        found = _valid(path, of, known, cosigned=True)
        if found is not None and notes.signers(found, known).cosigned:
            return found
    return None


def _valid(path: Path, of: str, known: Known, *, cosigned: bool = False) -> notes.Checkpoint | None:
    try:
        found = notes.read(_read(path))
    except (notes.NoteBroken, OSError):
        return None
    # Looking at a signature's length costs nothing, verifying one does, and most heads have no cosignature.
    if cosigned and not any(line.may_be_cosignature for line in found.lines):
        return None
    right = found.origin == of and found.size == int(path.stem) and notes.signers(found, known).hold
    return found if right else None


def _files(store: Path) -> list[Path]:
    try:
        names = sorted(name for name in os.listdir(folder_of(store)) if _NAME.fullmatch(name))
    except OSError:
        return []
    return [folder_of(store) / name for name in names]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(notes.LARGEST_NOTE + 1)


def put(store: Path, checkpoint: notes.Checkpoint, known: Known) -> notes.Checkpoint:
    """Write a checkpoint, adding its signatures to those that are there; return what is there then.

    Raises: IntegrityFailure (another one over as many entries is there), StoreUnavailable.
    """
    folder = folder_of(store)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed
    with _held(folder / "lock"):
        path = folder / f"{checkpoint.size:012d}.checkpoint"
        there = _valid(path, checkpoint.origin, known)
        if there is not None:
            if there.root != checkpoint.root:
                raise IntegrityFailure(
                    "There is another checkpoint over as many entries.",
                    f"Over {there.size:,} entries it has the code {there.code}; the trail has {checkpoint.code}. "
                    "Nothing was written.",
                    "Keep the folder as it is, and tell the supervisor and the information governance officer.",
                )
            checkpoint = there.with_lines(checkpoint.lines)
        if there is None or checkpoint != there:
            write_whole(path, checkpoint.text)
            _thin_out(store, checkpoint.origin, known)
    return checkpoint


def _thin_out(store: Path, of: str, known: Known) -> None:
    files = _files(store)
    if len(files) <= 2 * KEPT_UNCOSIGNED:
        return
    plain = [
        folder_of(store) / f"{found.size:012d}.checkpoint"
        for found in newest_first(store, of, known)
        if not notes.signers(found, known).cosigned
    ]
    for path in plain[KEPT_UNCOSIGNED:]:
        path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never neither. Raises: StoreUnavailable."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as failed:
        temporary.unlink(missing_ok=True)
        raise disk_refused(failed) from failed


@contextmanager
def _held(path: Path) -> Iterator[None]:
    with lock_file(path) as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        try:
            yield
        finally:
            portalocker.unlock(file)


def read_held(path: Path) -> notes.Checkpoint | None:
    """Return the checkpoint that was taken away in a file; None where there is no file.

    Raises: notes.NoteBroken, OSError.
    """
    try:
        return notes.read(_read(path))
    except FileNotFoundError:
        return None


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Keep everybody else from what is held at ``path`` while it is compared and replaced. Raises: StoreUnavailable."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failed:
        raise disk_refused(failed) from failed
    with _held(path.with_name(f".{path.name}.lock")):
        yield


def signed_now(
    connection: Connection, of: str, user: str, pairs: keys.UserKeys, newest: notes.Checkpoint | None
) -> notes.Checkpoint | None:
    """Return a signed checkpoint of the tree as it is; None where ``newest`` covers everything.

    Raises: IntegrityFailure where the tree does not extend ``newest``: nobody signs two histories.
    """
    try:
        now = current(connection, of)
    except KeyError as missing:
        raise IntegrityFailure(
            "The audit trail's tree has a hole.",
            "No checkpoint was made.",
            "Verify the trail: kingshurst audit verify STORE",
        ) from missing
    if now.size == 0 or (newest is not None and newest.size == now.size and newest.root == now.root):
        return None
    if newest is not None and not extends(connection, newest, now):
        raise IntegrityFailure(
            "The audit trail does not extend its newest checkpoint.",
            f"{Doubt(newest, now.size, 0).in_words()} No checkpoint was made.",
            "Keep the folder as it is, and tell the supervisor and the information governance officer.",
        )
    return notes.signed(now, user, pairs)


def keep(connection: Connection, store: Path, user: str, pairs: keys.UserKeys) -> notes.Checkpoint | None:
    """Write a signed checkpoint of the trail as it is, where the newest does not cover it; return the newest.

    Raises: IntegrityFailure, StoreUnavailable.
    """
    header = read_header(store)
    of, known = origin(header.vault), known_keys(connection, header)
    newest = next(newest_first(store, of, known), None)
    signed = signed_now(connection, of, user, pairs, newest)
    return newest if signed is None else put(store, signed, known)
