"""What does encryption cost on this store's own tables, beside the same SQLite without a key?

Two files of the same rows in the same tables, made and asked in turn through one driver: one by
`db.connecting.connect`, one without a key and with every setting that the first one reports. Contacts lie as an import
leaves them, in the order in which they came, so a person's contacts are spread over the file; beside them a copy
clustered by person says what another layout would give. Asked: bulk insert at most 1.4 times, warm person at most 1.10,
cold person at most 1.6 (of a clustered layout), one commit at most 1.15.

usage: python -m benchmarks.encryption [--contacts N] [--runs N]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import sqlcipher3.dbapi2 as driver
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from benchmarks.measure import spell
from benchmarks.stores import KEPT
from db.connecting import BUSY_SECONDS, CACHE_BUDGET_KIB, KEPT_STATEMENTS, connect
from db.schema import metadata

SETTINGS = (
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "trusted_schema",
    "cell_size_check",
    "temp_store",
    "secure_delete",
    "recursive_triggers",
    "mmap_size",
    "wal_autocheckpoint",
    "cache_size",
)
TABLES = ("setting", "agreement", "import_batch", "source_record", "record_detail", "contact")
AGENCIES = ("WMP-INCIDENTS", "WMFS-INCIDENTS", "WMAS-CALLS", "NHS-ED", "SMBC-ASB", "SCH-TENANCY", "EDU-ATTENDANCE")
AT_ONCE = 50_000
PEOPLE_READ = 2_000

CONTACT = (
    "INSERT INTO contact (id, batch_id, source_record_id, agreement_ref, contact_key, row_digest, partner_reference, "
    "occurred_on, occurred_at, reported_on, category, priority_area, role, standing, outcome, place_postcode) "
    "VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'fact', ?, ?)"
)
PERSON = (
    "SELECT forename, middle_names, surname, born, sex, address, postcode FROM record_detail WHERE source_record_id = ?"
)
CONTACTS = (
    "SELECT id, agreement_ref, partner_reference, occurred_on, occurred_at, category, priority_area, role, standing, "
    "outcome, place_postcode FROM {table} WHERE source_record_id = ? ORDER BY occurred_on, id"
)
CLUSTERED = (
    "CREATE TABLE clustered (source_record_id INTEGER, occurred_on TEXT, id INTEGER, agreement_ref TEXT, "
    "partner_reference TEXT, occurred_at TEXT, category TEXT, priority_area TEXT, role TEXT, standing TEXT, "
    "outcome TEXT, place_postcode TEXT, PRIMARY KEY (source_record_id, occurred_on, id)) WITHOUT ROWID",
    "INSERT INTO clustered SELECT source_record_id, occurred_on, id, agreement_ref, partner_reference, occurred_at, "
    "category, priority_area, role, standing, outcome, place_postcode FROM contact ORDER BY 1, 2, 3",
)
SETTING = "INSERT INTO setting (name, value) VALUES ('word', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
REPEATS = (
    "WITH third AS (SELECT source_record_id AS person, occurred_on AS day, lag(occurred_on, 2) OVER ("
    "PARTITION BY source_record_id ORDER BY occurred_on, id) AS since FROM contact) "
    "SELECT count(DISTINCT t.person) FROM third t WHERE julianday(t.day) - julianday(t.since) < 90 AND 2 <= ("
    "SELECT count(DISTINCT c.agreement_ref) FROM contact c WHERE c.source_record_id = t.person "
    "AND c.occurred_on BETWEEN t.since AND t.day)"
)
SCAN = "SELECT sum(length(partner_reference)) + sum(length(outcome)) FROM contact NOT INDEXED"

Open = Callable[[], driver.Connection]


@dataclass
class Pair:
    """The two files; every measurement goes to both, in turn, beginning with each as often."""

    encrypted: Open
    plain: Open

    def open(self) -> list[driver.Connection]:
        """Return a new connection to each, the encrypted one first."""
        return [self.encrypted(), self.plain()]


def opener(folder: Path, key: bytearray) -> Pair:
    """Return what opens the two files."""

    def encrypted() -> driver.Connection:
        return connect(folder / "encrypted.db", key)

    def plain() -> driver.Connection:
        connection = driver.connect(
            str(folder / "plain.db"),
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            cached_statements=KEPT_STATEMENTS,
        )
        for name, value in wanted.items():
            connection.execute(f"PRAGMA {name}={value}").fetchall()
        settled = _settings(connection)
        assert settled == wanted, (settled, wanted)
        return connection

    first = encrypted()
    wanted = _settings(first)
    first.close()
    return Pair(encrypted, plain)


def _settings(connection: driver.Connection) -> dict[str, str]:
    return {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in SETTINGS}


def in_turn(works: Sequence[Callable[[], object]], runs: int) -> tuple[list[float], list[float]]:
    """Time the encrypted work and the plain one alternately, each first every other time."""
    taken: tuple[list[float], list[float]] = ([], [])
    for run in range(runs):
        for which in (0, 1) if run % 2 == 0 else (1, 0):
            start = time.perf_counter()
            works[which]()
            taken[which].append(time.perf_counter() - start)
    return taken


def say(what: str, taken: tuple[list[float], list[float]], *, each: int = 1, asked: float | None = None) -> float:
    """Print both medians, the ratio of them, the ratios pair by pair, and what was asked."""
    ours, theirs = (statistics.median(seconds) for seconds in taken)
    pairs = sorted(one / other for one, other in zip(*taken, strict=True))
    times = statistics.median(pairs)
    verdict = "" if asked is None else f"; asked at most {asked:g}: {'within' if times <= asked else 'OVER'}"
    one, other = ours / each, theirs / each
    shown = [f"{seconds * 1e6:.1f} µs" if seconds < 1e-4 else spell(seconds) for seconds in (one, other)]
    print(
        f"{what}: encrypted {shown[0]}, plain {shown[1]}; ratio {times:.2f}"
        f" (from {pairs[0]:.2f} to {pairs[-1]:.2f}, {len(pairs)} pairs){verdict}",
        flush=True,
    )
    return times


def rows(first: int, count: int, people: int, dice: random.Random) -> list[tuple[object, ...]]:
    """Return contacts as an import makes them; keys are digests, so their index is filled at random places."""
    begin = date(2024, 6, 1)
    made: list[tuple[object, ...]] = []
    for number in range(first, first + count):
        day = (begin + timedelta(days=dice.randrange(690))).isoformat()
        digest = hashlib.blake2b(number.to_bytes(8, "little"), digest_size=18).hexdigest()
        # A few people have most: the sum of three draws leans to low numbers.
        person = 1 + int(people * dice.random() * dice.random())
        what = dice.choice(("assault", "noise", "fire", "concern-for-safety", "missed-rent"))
        told = (f"88/{number:07d}/X", day, f"{dice.randrange(24):02d}:15", day, what, "safety", "subject")
        made.append(
            (number, person, dice.choice(AGENCIES), digest[:24], digest[12:], *told, "No further action", "B37 6AA")
        )
    return made


def people(count: int, dice: random.Random) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield the statements and rows that everybody needs before their contacts."""
    for number in range(1, count + 1):
        key = hashlib.blake2b(number.to_bytes(8, "little"), digest_size=12).hexdigest()
        yield (
            "INSERT INTO source_record (id, agreement_ref, agency_code, person_key, partner_reference, first_batch_id) "
            "VALUES (?, 'WMP-INCIDENTS', 'WMP', ?, ?, 1)",
            (number, key, f"NOX{number:07d}"),
        )
        yield (
            "INSERT INTO record_detail (source_record_id, batch_id, forename, surname, born, sex, address, postcode, "
            "detail_digest) VALUES (?, 1, ?, ?, '1980-02-03', 'F', ?, 'B37 6AA', ?)",
            (number, f"Forename{dice.randrange(999)}", f"Surname{dice.randrange(9999)}", f"{number} Alcott Lane", key),
        )


def filled(pair: Pair, contacts: int, runs: int) -> None:
    """Make both files, timing what makes them."""
    dialect = sqlite.dialect()
    tables = [metadata.tables[name] for name in TABLES]
    both = pair.open()
    count = max(1_000, contacts // 10)
    given = list(people(count, random.Random(5)))
    for connection in both:
        connection.execute("PRAGMA foreign_keys=OFF")
        for table in tables:
            connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        connection.execute("BEGIN")
        for place in (0, 1):
            connection.executemany(given[place][0], [row for _, row in given[place::2]])
        connection.execute("COMMIT")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA foreign_keys=OFF")
    dice = random.Random(7)
    taken: tuple[list[float], list[float]] = ([], [])
    for turn, first in enumerate(range(1, contacts + 1, AT_ONCE)):
        piece = rows(first, min(AT_ONCE, contacts + 1 - first), count, dice)
        works = [partial(inserted, each, piece) for each in both]
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            start = time.perf_counter()
            works[which]()
            taken[which].append(time.perf_counter() - start)
    say(f"bulk insert, {len(piece):,} contacts at once", taken, asked=1.4)
    statements = [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in tables
        for index in sorted(table.indexes, key=lambda each: str(each.name))
    ]
    building: tuple[list[float], list[float]] = ([], [])
    for turn, statement in enumerate(statements):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            start = time.perf_counter()
            both[which].execute(statement)
            building[which].append(time.perf_counter() - start)
    print(f"all {len(statements)} indexes: encrypted {spell(sum(building[0]))}, plain {spell(sum(building[1]))}; "
          f"ratio {sum(building[0]) / sum(building[1]):.2f}")  # fmt: skip
    after: tuple[list[float], list[float]] = ([], [])
    for turn in range(runs):
        piece = rows(contacts + 1 + turn * 500, 500, count, dice)
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            start = time.perf_counter()
            inserted(both[which], piece)
            after[which].append(time.perf_counter() - start)
    say("500 contacts more, every index kept, committed (a turn of an import)", after)
    committing(both, runs, "one setting, committed", lambda turn: (SETTING, (str(turn),)), asked=1.15)
    last = contacts + 500 * runs
    committing(
        both,
        runs,
        "one contact and its part of every index, committed",
        lambda turn: (CONTACT, rows(last + turn + 1, 1, count, dice)[0]),
    )
    for connection in both:
        for statement in CLUSTERED:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()


def committing(
    both: list[driver.Connection],
    runs: int,
    what: str,
    row: Callable[[int], tuple[str, tuple[object, ...]]],
    *,
    asked: float | None = None,
) -> None:
    """Time commits of one row, which is the same in both files."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(50 * runs):
        statement, values = row(turn)
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            start = time.perf_counter()
            both[which].execute(statement, values)
            taken[which].append(time.perf_counter() - start)
    ours, theirs = (statistics.median(seconds) for seconds in taken)
    verdict = "" if asked is None else f"; asked at most {asked:g}: {'within' if ours / theirs <= asked else 'OVER'}"
    print(f"{what}: half within {spell(ours)} encrypted, {spell(theirs)} plain; ratio {ours / theirs:.2f}{verdict}")


def inserted(connection: driver.Connection, piece: list[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(CONTACT, piece)
    connection.execute("COMMIT")


def reading(connection: driver.Connection, who: Sequence[int], table: str = "contact") -> int:
    """Read people and their contacts; return how many contacts these were."""
    wanted, found = CONTACTS.format(table=table), 0
    for person in who:
        connection.execute(PERSON, (person,)).fetchall()
        found += len(connection.execute(wanted, (person,)).fetchall())
    return found


def warm_and_cold(pair: Pair, count: int, runs: int) -> None:
    """Read people whose pages are held, and people whose pages are not."""
    dice = random.Random(11)
    who = [1 + int(count * dice.random() * dice.random()) for _ in range(PEOPLE_READ)]
    both = pair.open()
    for connection in both:
        reading(connection, who)
    met = reading(both[0], who) / len(who)
    assert reading(both[0], who) == reading(both[1], who)
    print(f"a person has {met:.0f} contacts on average here")
    say("person and contacts, warm", in_turn([partial(reading, each, who) for each in both], runs),
        each=len(who), asked=1.10)  # fmt: skip
    for connection in both:
        connection.execute("PRAGMA cache_size=-2048")
        connection.execute("PRAGMA shrink_memory")
    say("the same in a cache of 2 MB", in_turn([partial(reading, each, who) for each in both], runs),
        each=len(who))  # fmt: skip
    for connection in both:
        connection.close()
    for what, table, asked in (
        ("cold page cache, contacts as they came (this store's layout)", "contact", 1.6),
        ("cold page cache, contacts clustered by person (not this store's)", "clustered", None),
    ):
        taken: tuple[list[float], list[float]] = ([], [])
        for turn in range(runs):
            few = [1 + int(count * dice.random() * dice.random()) for _ in range(300)]
            for which in (0, 1) if turn % 2 == 0 else (1, 0):
                connection = (pair.encrypted, pair.plain)[which]()
                start = time.perf_counter()
                reading(connection, few, table)
                taken[which].append(time.perf_counter() - start)
                connection.close()
        say(what, taken, each=300, asked=asked)


def scans(pair: Pair, runs: int) -> None:
    """Go through every contact, with caches that hold the file or do not."""
    for what, kib in (("2 MB", 2_048), (f"{CACHE_BUDGET_KIB // 1024} MB, as connect has it", CACHE_BUDGET_KIB),
                      ("2 GB, more than the file", 2_097_152)):  # fmt: skip
        both = pair.open()
        for connection in both:
            connection.execute(f"PRAGMA cache_size=-{kib}")
            connection.execute(SCAN).fetchall()
        works = [lambda each=each: each.execute(SCAN).fetchall() for each in both]
        say(f"scan, cache of {what}", in_turn(works, runs))
        if kib == CACHE_BUDGET_KIB:
            repeats = [lambda each=each: each.execute(REPEATS).fetchall() for each in both]
            say("three contacts in 90 days of two agencies, by SQL", in_turn(repeats, min(runs, 3)))
        for connection in both:
            connection.close()

    def cold(which: Open) -> None:
        connection = which()
        connection.execute(SCAN).fetchall()
        connection.close()

    say("cold scan", in_turn([lambda: cold(pair.encrypted), lambda: cold(pair.plain)], runs))


def verifying(pair: Pair, runs: int) -> None:
    """Time both checks of a file, and opening."""
    for kib in (8_192, CACHE_BUDGET_KIB, 2_097_152):
        both = pair.open()
        for connection in both:
            connection.execute(f"PRAGMA cache_size=-{kib}")
        works = [lambda each=each: each.execute("PRAGMA integrity_check").fetchall() for each in both]
        say(f"integrity_check, cache of {kib // 1024:,} MB", in_turn(works, 1))
        if kib == CACHE_BUDGET_KIB:
            pages = []
            for _ in range(min(runs, 3)):
                start = time.perf_counter()
                assert not both[0].execute("PRAGMA cipher_integrity_check").fetchall()
                pages.append(time.perf_counter() - start)
            print(f"cipher_integrity_check: {spell(statistics.median(pages))}")
            works = [lambda each=each: each.execute("PRAGMA quick_check").fetchall() for each in both]
            say("quick_check", in_turn(works, 1))
        for connection in both:
            connection.close()

    def once(which: Open) -> None:
        which().close()

    say("opening with the raw key", in_turn([lambda: once(pair.encrypted), lambda: once(pair.plain)], 10 * runs))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    folder = KEPT / "encryption"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pair = opener(folder, bytearray(random.Random(3).randbytes(32)))
    filled(pair, options.contacts, options.runs)
    sizes = [(folder / f"{name}.db").stat().st_size / 1e6 for name in ("encrypted", "plain")]
    print(f"{options.contacts:,} contacts: {sizes[0]:.0f} MB encrypted, {sizes[1]:.0f} MB plain")
    warm_and_cold(pair, max(1_000, options.contacts // 10), options.runs)
    scans(pair, options.runs)
    verifying(pair, options.runs)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
