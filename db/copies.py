"""Copies of a store: two files under keys of their own, and a signed manifest that says what they hold.

``FILE`` is the data, ``FILE.person-keys`` the per-person keys, ``FILE.manifest.json`` the manifest. The two files have
different lives: once ``FILE.person-keys`` is destroyed, what lay under per-person keys cannot be read from the copy by
anybody. The copy's keys are new ones, sealed to the information governance officers and to the printed recovery key;
the store's own keys, and those of other users, do not open it.

Class of control: cryptographic. Whoever takes the files away reads nothing of them. The manifest's signature says who
made the copy, by the key in the copy's own header; only a checkpoint held elsewhere says that it is of this store.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from db import heads, keys, rotation
from db.connecting import connect, translated
from db.errors import IntegrityFailure, StoreUnavailable, disk_refused
from db.person_keys import person_keys_file
from db.scratch import private_folder, rename
from db.slots import RECOVERY, StoreKeys, with_store_keys
from db.store import data_file
from db.vault import HEADER, Header, read_header, sync_folder

WHAT = "kingshurst/backup/1"
LARGEST_MANIFEST = 4 * 1024 * 1024
NOT_CHANGED = "Nothing was changed."
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Names:
    """Where the three files of a copy lie."""

    data: Path

    @property
    def person_keys(self) -> Path:
        """The per-person keys, which may be destroyed long before the rest."""
        return self.data.with_name(f"{self.data.name}.person-keys")

    @property
    def manifest(self) -> Path:
        """What the copy holds, signed."""
        return self.data.with_name(f"{self.data.name}.manifest.json")

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """All three; the data last, for where they lie the copy is finished."""
        return self.person_keys, self.manifest, self.data


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds.

    Attributes:
        schema: the migration step its tables are at.
        entries: how many entries its trail has; ``root`` is the tree's root over them, hex.
        rows: rows by table, of the data and of the per-person keys, as they were read from the store.
        sizes: bytes of the two files; ``digests`` their SHA-256, hex.
        header: the vault's header, in which only those to whom the copy is sealed have its keys.
        heads: the newest checkpoint within the copy's trail, and the newest that was cosigned, as notes.
        verified_at: when it was restored in test and found the same; empty where it was not.
    """

    vault: str
    generation: int
    schema: str
    software: str
    made_at: str
    made_by: str
    entries: int
    root: str
    rows: dict[str, int]
    sizes: dict[str, int]
    digests: dict[str, str]
    header: dict[str, Any]
    heads: list[str]
    verified_at: str = ""

    def document(self) -> dict[str, Any]:
        """Return what is signed."""
        return {"what": WHAT, **asdict(self)}

    @property
    def size(self) -> int:
        """Bytes of both files."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was copied from a store, as it was at one moment while others went on writing."""

    entries: int
    root: str
    rows: dict[str, int]
    schema: str


DATA, PERSON_KEYS = "data", "person_keys"


def sealed_users(header: Header, officers: Collection[str]) -> list[str]:
    """Return to whom a copy for these officers would be sealed, by name of slot: them, and the recovery key."""
    people = [slot.user for slot in header.users if slot.user in officers]
    return people + [slot.user for slot in header.slots if slot.kind == RECOVERY]


def header_of_copy(header: Header, copy_keys: StoreKeys, sealed_to: Collection[str]) -> Header:
    """Return the header of a copy: those to whom it is sealed find its keys in their slots, nobody else any."""
    slots = tuple(
        with_store_keys(slot, header.vault, copy_keys)
        if slot.user in sealed_to
        else replace(slot, sealed_store_keys="")
        for slot in header.slots
    )
    return replace(header, slots=slots).signed(copy_keys)


def copy_out(folder: Path, generation: int, store_keys: StoreKeys, copy_keys: StoreKeys, into: Names) -> Snapshot:
    """Copy both files of a store that others may be using to new files under the copy's keys.

    A read transaction holds still what is copied, so nobody's writing makes the copy begin again. The per-person keys
    come second: a profile that is in the data has its salt in them.

    Raises: StoreUnavailable, IntegrityFailure.
    """
    first = _copy(data_file(folder, generation), store_keys.data, into.data, copy_keys.data)
    second = _copy(person_keys_file(folder, generation), store_keys.person, into.person_keys, copy_keys.person)
    return replace(first, rows=first.rows | second.rows)


def _copy(source: Path, key: bytearray, copy: Path, other: bytearray) -> Snapshot:
    found: list[Snapshot] = []

    def look(reading: driver.Connection) -> None:
        entries, root = rotation.trail_of(reading)
        found.append(Snapshot(entries, root, rotation.rows_of(reading), schema_of(reading)))

    copy_file(source, key, copy, other, look)
    return found[0]


def copy_file(
    source: Path,
    key: bytearray,
    copy: Path,
    other: bytearray,
    look: Callable[[driver.Connection], None] | None = None,
) -> None:
    """Copy one database to a new file under another key, as it is at one moment.

    Args:
        look: reads from the source what is copied.

    Raises: StoreUnavailable, IntegrityFailure.
    """
    if not source.exists():
        raise IntegrityFailure(
            "A file of the store is missing.", f"{source.name} is not there. {NOT_CHANGED}", "Put it back."
        )
    try:
        reading = connect(source, key)
        try:
            reading.execute("BEGIN")
            # The transaction begins with its first reading; from then on it sees one moment.
            reading.execute("SELECT count(*) FROM sqlite_master").fetchall()
            if look is not None:
                look(reading)
            writing = connect(copy, other)
            try:
                reading.backup(writing, pages=rotation.PAGES_AT_ONCE)
                rotation.write_log_back(writing)
            finally:
                writing.close()
            reading.execute("ROLLBACK")
        finally:
            reading.close()
    except driver.Error as failed:
        raise translated(failed) from failed
    rotation.sync_file(copy)


def schema_of(connection: driver.Connection) -> str:
    """Return the migration step a database is at; empty where it knows of none."""
    named = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if named else None
    return str(row[0]) if row else ""


def digest_of(path: Path) -> tuple[int, str]:
    """Return a file's size and its SHA-256, hex. Raises: StoreUnavailable."""
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as failed:
        raise _unreadable(path, failed) from failed


def signed_text(canonical: bytes, signature: bytes) -> bytes:
    """Return a manifest's file: what is signed, and the signature; canonical JSON itself."""
    return keys.canonical({"manifest": json.loads(canonical), "signature": signature.hex()})


def write_private(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone, and make it last. Raises: StoreUnavailable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except OSError as failed:
        raise disk_refused(failed) from failed


def read_manifest(names: Names) -> Manifest:
    """Return what a copy says of itself, if the person it names signed it. Raises: IntegrityFailure, StoreUnavailable.

    The key is that of the header inside; whether it is the right person's, the copy's trail says.
    """
    try:
        with names.manifest.open("rb") as file:
            text = file.read(LARGEST_MANIFEST + 1)
    except FileNotFoundError as missing:
        raise StoreUnavailable(
            "There is no backup here.",
            f"{names.manifest} is not there. {NOT_CHANGED}",
            "Name the file that kingshurst backup was given; its manifest and its per-person keys lie beside it.",
        ) from missing
    except OSError as failed:
        raise _unreadable(names.manifest, failed) from failed
    try:
        if len(text) > LARGEST_MANIFEST:
            raise ValueError("too long")
        outer = json.loads(text)
        document, signature = dict(outer["manifest"]), bytes.fromhex(outer["signature"])
        canonical = keys.canonical(document)
        if document.pop("what") != WHAT:
            raise ValueError("of another kind")
        manifest = Manifest(**document)
        if not _well_typed(manifest):
            raise ValueError("a leaf of another type")
        signers = [slot for slot in manifest.header["slots"] if slot["user"] == manifest.made_by]
        public = bytes.fromhex(signers[0]["signing_public"])
        if len(signers) != 1 or not keys.signature_holds(public, signature, canonical):
            raise ValueError("not signed by whom it names")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as broken:
        raise IntegrityFailure(
            "The backup's manifest is not what was written.",
            f"{names.manifest} was altered, or is damaged. {NOT_CHANGED}",
            "Take another copy of this backup, or an earlier backup.",
        ) from broken
    return manifest


_TYPES = {"str": str, "int": int, "dict[str, int]": dict, "dict[str, str]": dict, "dict[str, Any]": dict}


def _well_typed(manifest: Manifest) -> bool:
    for each in fields(manifest):
        found = getattr(manifest, each.name)
        wanted = _TYPES.get(str(each.type), list)
        if type(found) is not wanted or (type(found) is int and not 0 <= found < 2**53):
            return False
    numbers = (*manifest.rows.values(), *manifest.sizes.values())
    texts = (*manifest.digests.values(), *manifest.heads)
    named = {DATA, PERSON_KEYS}
    return (
        all(type(number) is int for number in numbers)
        and all(type(each) is str for each in texts)
        and set(manifest.sizes) == set(manifest.digests) == named
    )


def lay_out(names: Names, manifest: Manifest, folder: Path) -> Path:
    """Make a vault of a copy in a new folder, under the copy's own keys; every byte is compared with the manifest.

    Where the per-person keys were destroyed, an empty file takes their place; the header's own keys open both.

    Raises: IntegrityFailure, StoreUnavailable.
    """
    private_folder(folder)
    write_private(folder / HEADER, json.dumps(manifest.header).encode())
    _take_in(names.data, data_file(folder, manifest.generation), manifest, DATA)
    if names.person_keys.exists():
        _take_in(names.person_keys, person_keys_file(folder, manifest.generation), manifest, PERSON_KEYS)
    put_heads(folder, manifest.heads)
    return folder


def put_heads(folder: Path, notes_of: Iterable[str]) -> None:
    """Put checkpoints where a vault has them; what is no checkpoint is passed over, as every reader does."""
    from db import notes

    place = heads.folder_of(folder)
    private_folder(place)
    for text in notes_of:
        try:
            found = notes.read(text.encode())
        except notes.NoteBroken:
            continue
        heads.write_whole(place / f"{found.size:012d}.checkpoint", found.text)
    sync_folder(folder)


def _take_in(source: Path, target: Path, manifest: Manifest, name: str) -> None:
    hashed, size = hashlib.sha256(), 0
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, source.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
                size += len(chunk)
                if size > manifest.sizes[name]:
                    break
                out.write(chunk)
    except FileNotFoundError as missing:
        raise StoreUnavailable(
            "A file of the backup is missing.",
            f"{source} is not there. {NOT_CHANGED}",
            "Bring it back to where its manifest lies.",
        ) from missing
    except OSError as failed:
        raise disk_refused(failed) from failed
    if size != manifest.sizes[name] or hashed.hexdigest() != manifest.digests[name]:
        raise IntegrityFailure(
            "The backup is not what was written.",
            f"{source} is not the file that its manifest tells of. {NOT_CHANGED}",
            "Take another copy of this backup, or an earlier backup.",
        )


def publish(made: Names, names: Names) -> None:
    """Give a finished copy its names, the data last; where a kill comes between, ``take_back`` clears up after it.

    Raises: StoreUnavailable.
    """
    for source, target in zip(made.all, names.all, strict=True):
        rename(source, target)


def _unreadable(path: Path, failed: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        "The backup cannot be read.", f"{failed.strerror}: {path}. {NOT_CHANGED}", "Check the path and who owns it."
    )


def vault_of(folder: Path) -> str:
    """Return which vault lies in a folder. Raises: StoreUnavailable, IntegrityFailure."""
    return read_header(folder).vault
