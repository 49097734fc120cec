"""Whether the store is whole: pages, structure, references, rows, trail; each finding names what is wrong.

The two checks of SQLCipher and SQLite cover different things, and the first reads the main file only: so the log is
written back before it runs (STORE.md, findings 6 and 7, measured).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection

from db import commitments, compartments, verified_before
from db.errors import IntegrityFailure, StoreUnavailable
from db.person_keys import person_keys_file, pseudonym_of
from db.store import administering, connect, data_file, translated
from db.vault import StoreKeys
from db.verified_before import Verified

#: How many faults of one kind are listed; a damaged file may have thousands.
LISTED = 5

SALTS = "per-person keys against profiles"


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


@dataclass(frozen=True, slots=True)
class StoreChecked:
    """What every check found, and the trail's size and root as they were read.

    Attributes:
        verified: what may be kept, so that the next check need not verify the same signatures.
    """

    findings: tuple[Finding, ...]
    entries: int
    root: str
    verified: Verified | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.problems for finding in self.findings)


def check_store(
    folder: Path,
    generation: int,
    store_keys: StoreKeys,
    anchors: dict[str, bytes],
    tell: Callable[[str], None] | None = None,
    *,
    before: Verified | None = None,
    at: str = "",
) -> StoreChecked:
    """Check both files of a generation and everything in them; nothing is changed.

    Args:
        folder: the vault's.
        generation: which files.
        store_keys: of the store.
        anchors: the public keys of the vault's header.
        tell: told what is looked at.
        before: what the same person verified before; without it every signature of the trail is verified.
        at: now, ISO text in UTC, for what is kept of this.

    Raises: StoreUnavailable where somebody holds the store so that the log cannot be written back.
    """
    say = tell or (lambda _: None)
    files = (
        ("the data", data_file(folder, generation), store_keys.data),
        ("the per-person keys", person_keys_file(folder, generation), store_keys.person),
    )
    unread = [finding for each in files if (finding := _written_back(*each)) is not None]
    if unread:
        return StoreChecked(tuple(unread), 0, "")
    # Pages are looked at in C and rows in Python, so the two go on side by side.
    say("Pages, structure and references")
    with ThreadPoolExecutor(1, thread_name_prefix="check") as beside:
        pages = beside.submit(lambda: [finding for each in files for finding in _file_findings(*each)])
        trail = _Trail(anchors, before, at)
        more, failed = _content_findings(folder, generation, store_keys, trail, say)
        findings = pages.result()
    if any(finding.problems for finding in findings):
        return StoreChecked(tuple(findings), 0, "")
    if failed is not None:
        raise failed
    more.append(_salts_against_profiles(folder, generation, store_keys))
    return StoreChecked((*findings, *more), trail.entries, trail.root, trail.verified)


def _salts_against_profiles(folder: Path, generation: int, store_keys: StoreKeys) -> Finding:
    """Find the salts of people who were erased: an older file or page of the per-person keys was put back.

    Rows of that file count towards no total. A salt of a profile that was never written is harmless: no entry names it.
    """
    with administering(folder, generation, store_keys.data) as connection:
        known = set(connection.exec_driver_sql("SELECT pseudonym FROM profile").scalars())
        known |= set(connection.exec_driver_sql("SELECT pseudonym FROM profile_alias").scalars())
        named = set(connection.exec_driver_sql("SELECT DISTINCT pseudonym FROM audit_subject").scalars())
        named |= set(connection.exec_driver_sql("SELECT subject FROM tombstone").scalars())
    salts = connect(person_keys_file(folder, generation), store_keys.person)
    try:
        kept = dict(salts.execute("SELECT pseudonym, salt FROM person_salt").fetchall())
    except driver.Error as failed:
        return Finding(SALTS, (translated(failed).title,))
    finally:
        salts.close()
    erased = len((kept.keys() - known) & named)
    false = sum(pseudonym_of(bytes(salt)) != pseudonym for pseudonym, salt in kept.items())
    wrong = [f"{erased} of people who were erased: an older file or page was put back"] if erased else []
    wrong += [f"{false} that are not the salt of their pseudonym"] if false else []
    return Finding(SALTS, tuple(wrong), f"{len(kept)} salts")


@dataclass
class _Trail:
    anchors: dict[str, bytes]
    before: Verified | None
    at: str
    entries: int = 0
    root: str = ""
    verified: Verified | None = None

    def finding(self, connection: Connection) -> Finding:
        found, self.verified = verified_before.verify(connection, self.anchors, self.before, self.at)
        self.entries, self.root = found.entries, found.root
        looked_at = f"{found.entries} entries"
        if self.before is not None and found.holds:
            looked_at += f", of which the signatures of {self.before.size} were verified before and their bytes now"
        problem = () if found.holds else (f"entry {found.first_bad}: {found.problem}",)
        return Finding("the audit trail", problem, looked_at)


def _content_findings(
    folder: Path, generation: int, store_keys: StoreKeys, trail: _Trail, say: Callable[[str], None]
) -> tuple[list[Finding], Exception | None]:
    """Return what rows and trail show, and what went wrong on the way: on damaged pages anything may."""
    findings: list[Finding] = []
    try:
        with administering(folder, generation, store_keys.data) as connection:
            say("What the rows add up to")
            wrong = commitments.compare(connection, store_keys.commitment_key())
            findings.append(
                Finding(
                    "rows against what was last written",
                    tuple(f"{each.table}: {each.problem}" for each in wrong),
                    f"{len(commitments.counted())} tables",
                )
            )
            unsound, sealed = compartments.checked(connection)
            findings.append(Finding("what lies in compartments", tuple(unsound), sealed))
            say("The audit trail")
            findings.append(trail.finding(connection))
    except IntegrityFailure as failed:
        return [*findings, Finding("the data", (failed.title,))], None
    except Exception as failed:  # noqa: BLE001 - told only where the pages are as they should be
        return findings, failed
    return findings, None


def _written_back(title: str, path: Path, key: bytearray) -> Finding | None:
    """Write a file's log back into it, so that the checks see all of it; return why that cannot be.

    Raises: StoreUnavailable.
    """
    if not path.exists():
        return Finding(f"pages of {title}", (f"{path.name} is not there",))
    try:
        connection = connect(path, key)
    except IntegrityFailure as failed:
        return Finding(f"pages of {title}", (failed.title,))
    try:
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise StoreUnavailable(
                "Somebody is using the store.",
                "Its log could not be written back, so the check would not see all of it. Nothing was changed.",
                "Try again in a moment, or when nobody is signed in.",
            )
    except driver.Error as failed:
        wrong = translated(failed)
        if isinstance(wrong, StoreUnavailable):  # a disk that is full or fails says nothing of what was written
            raise wrong from failed
        return Finding(f"pages of {title}", (wrong.title,))
    finally:
        connection.close()
    return None


def _file_findings(title: str, path: Path, key: bytearray) -> Iterator[Finding]:
    try:
        connection = connect(path, key)
    except IntegrityFailure as failed:
        yield Finding(f"pages of {title}", (failed.title,))
        return
    try:
        yield Finding(f"pages of {title}", _rows(connection, "cipher_integrity_check"), f"{_pages(connection)} pages")
        yield Finding(f"structure of {title}", _rows(connection, f"integrity_check({LISTED})"))
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(LISTED)
        yield Finding(f"references in {title}", tuple(f"{row[0]}: a row refers to nothing" for row in broken))
    except driver.Error as failed:
        yield Finding(f"pages of {title}", (translated(failed).title,))
    finally:
        connection.close()


def _rows(connection: driver.Connection, pragma: str) -> tuple[str, ...]:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}").fetchmany(LISTED)]
    return tuple(line for line in found if line != "ok")


def _pages(connection: driver.Connection) -> int:
    return int(connection.execute("PRAGMA page_count").fetchone()[0])
