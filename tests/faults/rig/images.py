"""What a disk could hold after the power went: everything that was synced, and of the rest whatever chance kept.

The model: a file's writes since its last sync are each kept or lost, in any order, and may be torn at 512-byte sectors;
a name made, moved or removed since its folder's last sync is kept or lost. Syncing a file says nothing about its name,
and syncing a folder nothing about what its files hold. SQLite's ``-shm`` is memory that many share; no image has it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
MODES = ("nothing", "everything", "beginning", "some", "torn", "zeros")
"""What happens to what was not synced; chance draws one for an image."""

_HEAD = struct.Struct("<c7xqqqqqIIII")


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that reached the system.

    Attributes:
        op: C made, W wrote, T cut or stretched, S synced, R renamed, X exchanged, U removed, D folder made, L linked,
            O opened, M a marker of the scenario's.
        place: where in the program it was asked for: which lines had called which.
        call: how many calls had been counted by then; what a fault is aimed by.
    """

    op: str
    call: int
    inode: int
    folder: int
    folder_two: int
    offset: int
    name: str
    name_two: str
    data: bytes = field(repr=False)
    place: int = 0


def read_trace(path: Path) -> list[Op]:
    """Return what the library wrote down, in order."""
    raw = path.read_bytes()
    at, ops = 0, []
    while at < len(raw):
        op, call, inode, folder, folder_two, offset, name, name_two, data, place = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        parts = []
        for length in (name, name_two, data):
            parts.append(raw[at : at + length])
            at += length
        ops.append(
            Op(
                *(op.decode(), call, inode, folder, folder_two, offset),
                *(parts[0].decode(), parts[1].decode(), parts[2], place),
            )
        )
    return ops


@dataclass(slots=True, eq=False)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Folder:
    durable: dict[str, _File | _Folder] = field(default_factory=dict)


_Change = list[tuple[_Folder, str, "_File | _Folder | None"]]
"""What one call did to names: all of it is kept, or none."""


class Disk:
    """A folder as it stood when a trace began, and what the trace does to it, step by step."""

    def __init__(self, folder: Path) -> None:
        self._at: dict[int, _File | _Folder] = {}
        self._changes: list[_Change] = []
        self._root = self._taken(folder)

    def _taken(self, path: Path) -> _Folder:
        made = _Folder()
        self._at[path.stat().st_ino] = made
        for each in sorted(path.iterdir()):
            if each.is_dir():
                made.durable[each.name] = self._taken(each)
            elif not each.name.endswith("-shm"):
                made.durable[each.name] = self._at[each.stat().st_ino] = _File(bytearray(each.read_bytes()))
        return made

    def _file(self, inode: int) -> _File:
        found = self._at.setdefault(inode, _File())
        assert isinstance(found, _File)
        return found

    def _folder(self, inode: int) -> _Folder | None:
        found = self._at.get(inode)
        return found if isinstance(found, _Folder) else None

    def apply(self, op: Op) -> None:
        """Let one recorded step happen."""
        if op.op in ("C", "D"):
            self._at[op.inode] = made = _File() if op.op == "C" else _Folder()
            self._named((op.folder, op.name, made))
        elif op.op in ("W", "T"):
            self._file(op.inode).pending.append(op)
        elif op.op == "R":
            if op.folder != op.folder_two or op.name != op.name_two:
                self._named((op.folder_two, op.name_two, self._at[op.inode]), (op.folder, op.name, None))
        elif op.op == "X":
            one, two = self._at[op.inode], self._at[op.offset]
            self._named((op.folder, op.name, two), (op.folder_two, op.name_two, one))
        elif op.op == "L":
            self._named((op.folder_two, op.name_two, self._at[op.inode]))
        elif op.op == "U":
            self._named((op.folder, op.name, None))
        elif op.op == "S":
            self._synced(self._at.get(op.inode))

    def _synced(self, found: _File | _Folder | None) -> None:
        if isinstance(found, _File):
            for each in found.pending:
                _write(found.durable, each)
            found.pending.clear()
        elif found is not None:
            for change in [each for each in self._changes if any(folder is found for folder, _, _ in each)]:
                for folder, name, entry in change:
                    _enter(folder.durable, name, entry)
                self._changes.remove(change)

    def _named(self, *changes: tuple[int, str, _File | _Folder | None]) -> None:
        inside = [
            (into, name, entry)
            for folder, name, entry in changes
            if (into := self._folder(folder)) is not None and not name.endswith("-shm")
        ]
        if inside:
            self._changes.append(inside)

    def image(self, folder: Path, chance: random.Random | None) -> str:
        """Write what a power loss now could leave into a new folder; return what was drawn. None keeps everything."""
        mode = chance.choice(MODES) if chance else "everything"
        names = chance.choice(("nothing", "everything", "beginning", "some")) if chance else "everything"
        chance = chance or random.Random(0)
        named: dict[int, dict[str, _File | _Folder]] = {}
        for change in _drawn(self._changes, names, chance):
            for into, name, entry in change:
                _enter(named.setdefault(id(into), dict(into.durable)), name, entry)
        self._write_folder(self._root, folder, chance, mode, named)
        return f"{mode} of the data, {names} of the names"

    def _write_folder(
        self,
        from_: _Folder,
        folder: Path,
        chance: random.Random,
        mode: str,
        named: dict[int, dict[str, _File | _Folder]],
    ) -> None:
        folder.mkdir(mode=0o700)
        for name, entry in sorted(named.get(id(from_), from_.durable).items(), key=lambda each: each[0]):
            if isinstance(entry, _Folder):
                self._write_folder(entry, folder / name, chance, mode, named)
            else:
                path = folder / name
                path.write_bytes(_content(entry, mode, chance))
                path.chmod(0o600)


def _enter(entries: dict[str, _File | _Folder], name: str, entry: _File | _Folder | None) -> None:
    if entry is None:
        entries.pop(name, None)
    else:
        entries[name] = entry


def _write(content: bytearray, op: Op) -> None:
    if op.op == "T":
        if op.offset < len(content):
            del content[op.offset :]
        else:
            content.extend(bytes(op.offset - len(content)))
        return
    if op.offset > len(content):
        content.extend(bytes(op.offset - len(content)))
    content[op.offset : op.offset + len(op.data)] = op.data


def _drawn(changes: list[_Change], names: str, chance: random.Random) -> Iterator[_Change]:
    if names == "everything":
        yield from changes
    elif names == "beginning":
        yield from changes[: chance.randint(0, len(changes))]
    elif names == "some":
        yield from (each for each in changes if chance.random() < 0.5)


def _content(file: _File, mode: str, chance: random.Random) -> bytes:
    content = bytearray(file.durable)
    if not file.pending or mode == "nothing":
        return bytes(content)
    if mode == "everything":
        for op in file.pending:
            _write(content, op)
    elif mode == "beginning":
        last = chance.randint(0, len(file.pending))
        for op in file.pending[:last]:
            _write(content, op)
        if last < len(file.pending) and file.pending[last].op == "W":
            _write_torn(content, file.pending[last], chance, keep=0.5)
    elif mode == "zeros":
        # The size was kept and what should fill it was not: a file system that writes its own books first.
        size = len(content)
        for op in file.pending:
            _write(content, op)
        content[size:] = bytes(max(0, len(content) - size))
    else:
        keep = chance.choice((0.2, 0.5, 0.9, 0.99))
        for op in file.pending:
            if mode == "some" or op.op == "T":
                if chance.random() < keep:
                    _write(content, op)
            else:
                _write_torn(content, op, chance, keep)
    return bytes(content)


def _write_torn(content: bytearray, op: Op, chance: random.Random, keep: float) -> None:
    """Write each sector or not; a sector is never half written."""
    at, end = op.offset, op.offset + len(op.data)
    while at < end:
        upto = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < keep:
            piece = op.data[at - op.offset : upto - op.offset]
            if at > len(content):
                content.extend(bytes(at - len(content)))
            content[at : at + len(piece)] = piece
        at = upto
