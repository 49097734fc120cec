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

from db import audit_verification, commitments
from db.errors import IntegrityFailure, StoreUnavailable
from db.person_keys import person_keys_file, pseudonym_of
from db.store import administering, connect, data_file, translated
from db.vault import StoreKeys

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
    """What every check found, and the trail's size and root as they were read."""

    findings: tuple[Finding, ...]
    entries: int
    root: str

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
) -> StoreChecked:
    """Check both files of a generation and everything in them; nothing is changed.

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
        more, entries, root, failed = _content_findings(folder, generation, store_keys, anchors, say)
        findings = pages.result()
    if any(finding.problems for finding in findings):
        return StoreChecked(tuple(findings), 0, "")
    if failed is not None:
        raise failed
    return StoreChecked((*findings, *more, _salts_against_profiles(folder, generation, store_keys)), entries, root)


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


def _content_findings(
    folder: Path, generation: int, store_keys: StoreKeys, anchors: dict[str, bytes], say: Callable[[str], None]
) -> tuple[list[Finding], int, str, Exception | None]:
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
            say("The audit trail")
            trail = audit_verification.verify(connection, anchors)
    except IntegrityFailure as failed:
        return [*findings, Finding("the data", (failed.title,))], 0, "", None
    except Exception as failed:  # noqa: BLE001 - told only where the pages are as they should be
        return findings, 0, "", failed
    problem = () if trail.holds else (f"entry {trail.first_bad}: {trail.problem}",)
    findings.append(Finding("the audit trail", problem, f"{trail.entries} entries"))
    return findings, trail.entries, trail.root, None


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
        return Finding(f"pages of {title}", (translated(failed).title,))
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
