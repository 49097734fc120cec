"""Whether the store is whole: pages, structure, references, rows, trail; each finding names what is wrong.

The two checks of SQLCipher and SQLite cover different things, and the first reads the main file only: so the log is
written back before it runs (STORE.md, findings 6 and 7, measured).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection

from db import commitments, compartments, verified_before
from db.connecting import connect, translated
from db.errors import IntegrityFailure, StoreUnavailable
from db.person_keys import person_keys_file, pseudonym_of
from db.store import administering, data_file
from db.structure import Finding, KeyedFile, pages, structure_apart
from db.vault import StoreKeys
from db.verified_before import Verified

SALTS = "per-person keys against profiles"


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
        KeyedFile("the data", data_file(folder, generation), store_keys.data),
        KeyedFile("the per-person keys", person_keys_file(folder, generation), store_keys.person),
    )
    unread = [finding for each in files if (finding := _written_back(each)) is not None]
    if unread:
        return StoreChecked(tuple(unread), 0, "")
    say("Pages, structure and references")
    with ThreadPoolExecutor(1, thread_name_prefix="check") as beside:
        sound = beside.submit(structure_apart, files)
        trail = _Trail(anchors, before, at)
        more, failed = _content_findings(folder, generation, store_keys, trail, say)
        findings = [*(pages(each) for each in files), *sound.result()]
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
    #: What the entries last said of each table's rows; None where that was not read.
    stated: dict[str, str] | None = None

    def finding(self, connection: Connection) -> Finding:
        found, self.verified = verified_before.verify(connection, self.anchors, self.before, self.at)
        self.entries, self.root = found.entries, found.root
        self.stated = found.stated if found.holds else None
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
            say("The audit trail")
            of_trail = trail.finding(connection)
            say("What the rows add up to")
            wrong = commitments.compare(connection, store_keys.commitment_key(), stated=trail.stated)
            findings.append(
                Finding(
                    "rows against what was last written",
                    tuple(f"{each.table}: {each.problem}" for each in wrong),
                    f"{len(commitments.counted())} tables",
                )
            )
            unsound, sealed = compartments.checked(connection)
            findings.append(Finding("what lies in compartments", tuple(unsound), sealed))
            findings.append(of_trail)
    except IntegrityFailure as failed:
        return [*findings, Finding("the data", (failed.title,))], None
    except Exception as failed:  # noqa: BLE001 - told only where the pages are as they should be
        return findings, failed
    return findings, None


def _written_back(file: KeyedFile) -> Finding | None:
    """Write a file's log back into it, so that the checks see all of it; return why that cannot be.

    Raises: StoreUnavailable.
    """
    if not file.path.exists():
        return Finding(f"pages of {file.title}", (f"{file.path.name} is not there",))
    try:
        connection = connect(file.path, file.key)
    except IntegrityFailure as failed:
        return Finding(f"pages of {file.title}", (failed.title,))
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
        return Finding(f"pages of {file.title}", (wrong.title,))
    finally:
        connection.close()
    return None
