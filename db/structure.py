"""Whether a file's structure and references are sound; of a large file, looked at by a process of its own.

SQLite in one process works on one core, whatever its threads: two took as long as one after the other (STORE.md,
measured). So a second process looks at structure while this one looks at pages, rows and trail. It holds the store's
keys as this one does: they come through a pipe once it cannot be inspected any more, never by its arguments or its
environment. Where it cannot be started, or ends in any other way than by its word, this process does its work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import sqlcipher3.dbapi2 as driver

from db import keys
from db.connecting import connect, translated
from db.errors import IntegrityFailure, StoreUnavailable

#: How many faults of one kind are listed; a damaged file may have thousands.
LISTED = 5

APART_FROM = 96 * 1024 * 1024
"""Bytes of a file from which on a second process is worth starting, which takes a quarter of a second."""

SHARE_OF_MEMORY = 4
"""A quarter of this machine's memory holds the pages of a file at most; a file beyond that is read more than once."""

_HOME = str(Path(__file__).resolve().parents[1])
_BEGIN = """
import sys
home = {home!r}
if home not in sys.path:
    sys.path.insert(0, home)
from kingshurst_tui.hardening import harden_process
harden_process()
from db.structure import main
main()
"""
_READY = b"R"
_PASSED_ON = ("SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at.
        problems: what is wrong, in words that name the place; empty where all is well.
        looked_at: how much was looked at, in words.
    """

    check: str
    problems: tuple[str, ...] = ()
    looked_at: str = ""


class KeyedFile(NamedTuple):
    """A database file, what it is called, and its key."""

    title: str
    path: Path
    key: bytearray


def pages(file: KeyedFile) -> Finding:
    """Compare every page of a file with its authentication; what lies in its log is not seen."""
    check = f"pages of {file.title}"
    try:
        connection = connect(file.path, file.key)
    except IntegrityFailure as failed:
        return Finding(check, (failed.title,))
    try:
        count = int(connection.execute("PRAGMA page_count").fetchone()[0])
        return Finding(check, _rows(connection, "cipher_integrity_check"), f"{count} pages")
    except driver.Error as failed:
        return Finding(check, (translated(failed).title,))
    finally:
        connection.close()


def structure(file: KeyedFile) -> Iterator[Finding]:
    """Compare tables with their indexes, and rows with what they refer to."""
    try:
        connection = connect(file.path, file.key)
    except IntegrityFailure as failed:
        yield Finding(f"structure of {file.title}", (failed.title,))
        return
    try:
        # Each index is looked up in for each row: pages that do not stay in memory are decrypted again and again.
        connection.execute(f"PRAGMA cache_size=-{_worth_holding(file.path) // 1024}")
        yield Finding(f"structure of {file.title}", _rows(connection, f"integrity_check({LISTED})"))
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(LISTED)
        yield Finding(f"references in {file.title}", tuple(f"{row[0]}: a row refers to nothing" for row in broken))
    except driver.Error as failed:
        yield Finding(f"structure of {file.title}", (translated(failed).title,))
    finally:
        connection.close()


def structure_apart(files: tuple[KeyedFile, ...]) -> list[Finding]:
    """Return what ``structure`` finds of each file, by a process of its own where they are large."""
    if sum(file.path.stat().st_size for file in files) >= APART_FROM and (found := _asked(files)) is not None:
        return found
    return [finding for file in files for finding in structure(file)]


def _asked(files: tuple[KeyedFile, ...]) -> list[Finding] | None:
    told = json.dumps([[file.title, os.path.abspath(file.path)] for file in files]).encode() + b"\n"
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        # A new process, never a copy of this one: SQLite's files and locks do not bear to be copied.
        with subprocess.Popen(  # noqa: S603 - this very Python, on this very program
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BEGIN.format(home=_HOME)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=os.path.abspath(os.sep),
            bufsize=0,
        ) as process:
            into, out = process.stdin, process.stdout
            assert into is not None and out is not None  # noqa: S101, PT018 - for the type checker
            if out.read(1) == _READY:
                into.write(told)
                for file in files:
                    into.write(file.key)  # unbuffered, from where the key lies: no copy of it is made here
            into.close()
            said = b"".join(iter(partial(out.read, 65_536), b""))
        if process.returncode:
            return None
        return [Finding(check, tuple(problems), looked_at) for check, problems, looked_at in json.loads(said)]
    except (OSError, ValueError):
        return None


def main() -> None:
    """Say that this process cannot be inspected any more, take files and keys, and say what was found."""
    os.write(1, _READY)
    with os.fdopen(os.dup(0), "rb", buffering=0) as pipe:
        files = [KeyedFile(title, Path(path), _taken(pipe)) for title, path in json.loads(_line(pipe))]
    try:
        found = [finding for file in files for finding in structure(file)]
    except StoreUnavailable:
        sys.exit(1)  # the other process meets the same, and says it
    finally:
        for file in files:
            keys.wipe(file.key)
    os.write(1, json.dumps([list(asdict(each).values()) for each in found]).encode())


def _line(pipe: IO[bytes]) -> bytes:
    """Return the first line, byte by byte: what comes after it must not lie in a buffer."""
    line = bytearray()
    while (byte := pipe.read(1)) not in (b"\n", b""):
        line += byte
    return bytes(line)


def _taken(pipe: IO[bytes]) -> keys.Key:
    key, at = keys.Key(keys.KEY_BYTES), 0
    while at < len(key):
        with memoryview(key) as view:
            taken = pipe.readinto(view[at:])  # type: ignore[attr-defined]
        if not taken:
            raise OSError("the pipe ended")
        at += taken
    return key


def _worth_holding(path: Path) -> int:
    """Return how many bytes of pages to hold of a file: all of them, unless that is more than its share."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        memory = 4 << 30
    return max(1 << 28, min(path.stat().st_size * 5 // 4, memory // SHARE_OF_MEMORY))


def _rows(connection: driver.Connection, pragma: str) -> tuple[str, ...]:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}").fetchmany(LISTED)]
    return tuple(line for line in found if line != "ok")
