"""What does SQLAlchemy Core cost between the program and the encrypted store, and where does the program go round it?

On one encrypted file with this store's own tables, made by `db.store.connect`: importing the seam; putting rows in and
taking many out by the driver, by driver SQL through Core, and by Core; reading a person and their contacts in two
queries. The program's own way is named beside each: rows by the thousand and the statements of every act go by the
driver or by driver SQL, the rest by statements built once. Asked: a point read as the program reads at most 2.5 times
the driver's, rows in bulk 1.0 (within the noise of 1.1). That nobody inserts by `.values([...])`, sixty times as
slow, is a test (tests/hygiene/test_inserts.py).

usage: python -m benchmarks.core_seam [--rows N] [--runs N]
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import sqlcipher3.dbapi2 as driver
from sqlalchemy import Connection, bindparam, create_engine, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from benchmarks.encryption import CONTACT, people, rows
from benchmarks.measure import spell
from benchmarks.stores import KEPT, ROOT
from db.bare_rows import bare, bare_rows
from db.connecting import connect
from db.schema import metadata

CONTACT_TABLE, DETAIL = metadata.tables["contact"], metadata.tables["record_detail"]
NAMES = (
    *("id", "source_record_id", "agreement_ref", "contact_key", "row_digest", "partner_reference", "occurred_on"),
    *("occurred_at", "reported_on", "category", "priority_area", "role", "outcome", "place_postcode"),
)
"""The columns of `encryption.CONTACT`, in its order."""
PERSON_SQL = "SELECT forename, surname, born, postcode FROM record_detail WHERE source_record_id = ?"
CONTACTS_SQL = (
    "SELECT id, agreement_ref, partner_reference, occurred_on, category, role, outcome FROM contact "
    "WHERE source_record_id = ? ORDER BY occurred_on, id"
)
ALL_SQL = "SELECT id, source_record_id, agreement_ref, occurred_on, category, role FROM contact"


def _person() -> object:
    c = DETAIL.c
    return select(c.forename, c.surname, c.born, c.postcode).where(c.source_record_id == bindparam("wanted"))


def _contacts() -> object:
    c = CONTACT_TABLE.c
    listed = select(c.id, c.agreement_ref, c.partner_reference, c.occurred_on, c.category, c.role, c.outcome)
    return listed.where(c.source_record_id == bindparam("wanted")).order_by(c.occurred_on, c.id)


PERSON, CONTACTS = _person(), _contacts()


def store(count: int) -> tuple[driver.Connection, Connection]:
    """Return the driver's connection to an encrypted file with people and contacts, and Core's over the same one."""
    folder = KEPT / "core-seam"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    raw = connect(folder / "data.db", bytearray(random.Random(3).randbytes(32)))
    raw.execute("PRAGMA foreign_keys=OFF")
    dialect = sqlite.dialect()
    for name in ("source_record", "record_detail", "contact"):
        table = metadata.tables[name]
        raw.execute(str(CreateTable(table).compile(dialect=dialect)))
    for name in ("record_detail", "contact"):
        for index in metadata.tables[name].indexes:
            if [column.name for column in index.columns] == ["source_record_id"]:
                raw.execute(str(CreateIndex(index).compile(dialect=dialect)))
    given = list(people(count // 10, random.Random(5)))
    raw.execute("BEGIN")
    for place in (0, 1):
        raw.executemany(given[place][0], [row for _, row in given[place::2]])
    raw.executemany(CONTACT, rows(1, count, count // 10, random.Random(7)))
    raw.execute("COMMIT")
    engine = create_engine("sqlite://", module=driver, creator=lambda: raw, poolclass=StaticPool)
    return raw, engine.connect()


def timed(works: Mapping[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Time each in turn, in another order every time."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for run in range(runs):
        turn = run % len(names)
        for name in names[turn:] + names[:turn]:
            start = time.perf_counter()
            works[name]()
            taken[name].append(time.perf_counter() - start)
    return taken


def say(what: str, taken: dict[str, list[float]], each: int, *, ours: str = "", asked: float = 0.0) -> None:
    """Print each way beside the driver alone, which comes first."""
    bare_way = next(iter(taken))
    for name, seconds in taken.items():
        pairs = sorted(one / other for one, other in zip(seconds, taken[bare_way], strict=True))
        times, one = statistics.median(pairs), statistics.median(seconds) / each
        shown = f"{one * 1e6:.1f} µs" if one < 1e-3 else spell(one)
        line = f"{what}, {name}: {shown}, {times:.2f} times the driver's (from {pairs[0]:.2f} to {pairs[-1]:.2f})"
        if name == ours:
            line += f"; the program's own way, asked at most {asked:g}: {'within' if times <= asked else 'OVER'}"
        print(line, flush=True)


def importing(runs: int) -> None:
    """Time what the seam costs before anything is done."""
    code = (
        "import os, sys, time\n"
        "def held(): return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') >> 10\n"
        "before, start = held(), time.perf_counter()\n"
        "__import__(sys.argv[1])\n"
        "print(time.perf_counter() - start, held() - before)\n"
    )
    for module in ("sqlcipher3.dbapi2", "sqlalchemy", "db.store"):
        seconds, memory = [], []
        for _ in range(runs):
            done = subprocess.run(
                [sys.executable, "-c", code, module], capture_output=True, text=True, check=True, cwd=ROOT
            )
            words = done.stdout.split()
            seconds.append(float(words[0]))
            memory.append(int(words[1]) / 1024)
        print(f"import {module}: {spell(statistics.median(seconds))} (from {spell(min(seconds))} to "
              f"{spell(max(seconds))}), {statistics.median(memory):.0f} MiB more")  # fmt: skip


def inserting(raw: driver.Connection, core: Connection, count: int, runs: int) -> None:
    """Put rows in by every way; each is rolled back."""
    given = rows(10_000_000, count, count // 10, random.Random(9))
    named = [dict(zip(NAMES, row, strict=True)) | {"batch_id": 1, "standing": "fact"} for row in given]
    statement = insert(CONTACT_TABLE)

    def rolled_back(work: Callable[[], object]) -> Callable[[], None]:
        def once() -> None:
            raw.execute("BEGIN IMMEDIATE")
            work()
            raw.rollback()
            core.rollback()

        return once

    few = named[: max(50, count // 100)]
    taken = timed(
        {
            "driver, executemany": rolled_back(lambda: raw.executemany(CONTACT, given)),
            "Core, exec_driver_sql of tuples": rolled_back(lambda: core.exec_driver_sql(CONTACT, given)),
            "Core, insert() and dictionaries": rolled_back(lambda: core.execute(statement, named)),
        },
        runs,
    )
    way = "Core, exec_driver_sql of tuples"
    say(f"insert of {count:,} contacts, a row", taken, count, ours=way, asked=1.1)
    start = time.perf_counter()
    rolled_back(lambda: core.execute(insert(CONTACT_TABLE).values(few)))()
    one = (time.perf_counter() - start) / len(few)
    times = one / (statistics.median(taken["driver, executemany"]) / count)
    print(f"the same by .values([{len(few)} dictionaries]): {one * 1e6:.0f} µs a row, {times:.0f} times the driver's")


def reading(raw: driver.Connection, core: Connection, count: int, runs: int) -> None:
    """Read people one by one, and all contacts at once."""
    dice = random.Random(11)
    who = [1 + int(count / 10 * dice.random() * dice.random()) for _ in range(1_000)]

    def by(read: Callable[[int], int]) -> Callable[[], int]:
        return lambda: sum(read(person) for person in who)

    def by_driver(person: int) -> int:
        raw.execute(PERSON_SQL, (person,)).fetchall()
        return len(raw.execute(CONTACTS_SQL, (person,)).fetchall())

    def by_bare(person: int) -> int:
        bare(core).execute(PERSON_SQL, (person,)).fetchall()
        return len(bare(core).execute(CONTACTS_SQL, (person,)).fetchall())

    def by_driver_sql(person: int) -> int:
        core.exec_driver_sql(PERSON_SQL, (person,)).fetchall()
        return len(core.exec_driver_sql(CONTACTS_SQL, (person,)).fetchall())

    def by_built(person: int) -> int:
        core.execute(PERSON, {"wanted": person}).fetchall()  # type: ignore[call-overload]
        return len(core.execute(CONTACTS, {"wanted": person}).fetchall())  # type: ignore[call-overload]

    def by_inline(person: int) -> int:
        core.execute(_person(), {"wanted": person}).fetchall()  # type: ignore[call-overload]
        return len(core.execute(_contacts(), {"wanted": person}).fetchall())  # type: ignore[call-overload]

    works = {
        "driver": by(by_driver),
        "the driver's connection below Core (acts and entries)": by(by_bare),
        "driver SQL through Core (profiles)": by(by_driver_sql),
        "Core, built once (batches, users)": by(by_built),
        "Core, built anew": by(by_inline),
    }
    assert len({work() for work in works.values()}) == 1
    taken = timed(works, runs)
    say("a person and contacts in two queries", taken, len(who), ours="driver SQL through Core (profiles)", asked=2.5)
    bulk: dict[str, Callable[[], int]] = {
        "driver": lambda: len(raw.execute(ALL_SQL).fetchall()),
        "the program's bare_rows": lambda: len(bare_rows(core, ALL_SQL)),
        "Core, its own rows": lambda: len(core.exec_driver_sql(ALL_SQL).fetchall()),
    }
    assert len({work() for work in bulk.values()}) == 1
    say(f"all {count:,} contacts at once", timed(bulk, runs), 1, ours="the program's bare_rows", asked=1.1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    importing(options.runs)
    raw, core = store(options.rows)
    reading(raw, core, options.rows, options.runs)
    inserting(raw, core, options.rows // 10, options.runs)
    core.close()
    shutil.rmtree(KEPT / "core-seam")


if __name__ == "__main__":
    main()
