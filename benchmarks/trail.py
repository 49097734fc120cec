"""The trail at 5,000,000 entries: first page, the middle, the end, each filter; and what an entry costs.

The entries are straight SQL, made for this measurement alone: as long as real ones, signed by nobody.

usage: python -m benchmarks.trail [--entries N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.measure import Times, bound, percentile, spell, timed
from benchmarks.stores import KEPT, _shape

PASSPHRASE = "four purple llamas waltz"
BEGINS = datetime(2022, 1, 3, 8, 0, tzinfo=UTC)
FOLDER = KEPT / "trail"

ASKED_PAGE = 0.05
ASKED_ENTRY = 0.0005
ASKED_IN_BATCH = 0.00006


ENTRIES = """
WITH RECURSIVE n(seq) AS (SELECT ?1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2),
drawn AS (SELECT seq, (seq * 2654435761) % 1000003 AS draw FROM n),
said AS (SELECT seq, draw,
    strftime('%Y-%m-%dT%H:%M:%f000Z', ?3 + seq * ?4, 'unixepoch') AS at,
    printf('user%02d', min(39, draw % 61)) AS actor,
    CASE WHEN draw % 9973 = 0 THEN 'erase' WHEN draw % 6 < 3 THEN 'consult' WHEN draw % 6 = 3 THEN 'alter'
        WHEN draw % 6 = 4 THEN 'combine' ELSE 'disclose' END AS operation,
    CASE WHEN draw % 400 = 0 THEN 'refused' ELSE 'done' END AS result,
    CASE WHEN draw % 2503 = 0 THEN 'rare-question' ELSE 'repeat-contact' END AS purpose
    FROM drawn)
INSERT INTO audit_entry (seq, body, signature, at, actor, operation, thing, result, purpose)
SELECT seq, CAST(printf('{"actor":"%s","agency":"SCH","facts":{},"operation":"%s","purpose":"%s",'
    || '"reason":"own-caseload","result":"%s","role":"practitioner","seq":%d,"session":"0a1b2c3d",'
    || '"software":"0.1.0","subjects":["KH-%04d-%04d"],"thing":"profile","time":"%s","v":1,'
    || '"rows":{"decision":"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f","draft":"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f"}}',
    actor, operation, purpose, result, seq, draw % 9000, draw % 7, at) AS BLOB),
    ?5, at, actor, operation, 'profile', result, purpose FROM said"""
"""People, operations and purposes, some usual and some rare, over four years; bodies as long as real ones."""

SUBJECTS = """
WITH RECURSIVE n(seq) AS (SELECT ?1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2),
drawn AS (SELECT seq, (seq * 2654435761) % 1000003 AS draw FROM n)
INSERT INTO audit_subject (pseudonym, seq)
SELECT printf('KH-%04d-%04d', draw % 9000, draw % 7) AS pseudonym, seq FROM drawn ORDER BY pseudonym, seq"""


def _store(count: int) -> None:
    from db import audit, triggers
    from db.bare_rows import bare
    from db.store import administering
    from db.vault import open_slot, read_header
    from kingshurst_tui import vaults
    from kingshurst_tui.granting import grants
    from kingshurst_tui.keyholding import users
    from kingshurst_tui.vocabulary import Role

    folder = FOLDER / "store"
    if (FOLDER / f"ready-{count}-{_shape()}").exists():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print(f"making a trail of {count:,} entries (once) ...", file=sys.stderr, flush=True)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASE, demonstration=True)
    header = read_header(folder)
    _, _, store_keys = open_slot(header, "administrator", PASSPHRASE)
    start = time.perf_counter()
    with administering(folder, header.generation, store_keys.data) as connection:
        first = audit.size(connection) + 1
        raw = bare(connection)
        indexes = raw.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'ix_audit_entry%'").fetchall()
        for statement in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            raw.execute(f"PRAGMA {statement}").fetchall()
        for name in triggers.names():
            raw.execute(f"DROP TRIGGER {name}")
        for name, _ in indexes:
            raw.execute(f"DROP INDEX {name}")
        gap = 4 * 365 * 86_400 / count
        for begin in range(first, count + 1, 250_000):
            raw.execute(ENTRIES, (begin, min(count, begin + 249_999), BEGINS.timestamp(), gap, b"\x07" * 64))
            print(
                f"  {min(count, begin + 249_999):,} after {spell(time.perf_counter() - start)}",
                file=sys.stderr,
                flush=True,
            )
        raw.execute(SUBJECTS, (first, count))
        for _, statement in (*indexes, *(("", made) for made in triggers.statements())):
            raw.execute(statement)
        # The tree is not read here, but the next real entry needs the complete subtrees on its edge.
        level, size = 0, count
        while size:
            raw.execute(
                "INSERT OR IGNORE INTO audit_node (level, position, hash) VALUES (?,?,?)",
                (level, size - 1, os.urandom(32)),
            )
            level, size = level + 1, size // 2
        with connection.begin():
            audit.count_again(connection)
        raw.execute("PRAGMA journal_mode=WAL").fetchall()
    for path in (folder / "heads").glob("*"):
        path.unlink()
    admin = vaults.open_session(folder, "administrator", PASSPHRASE, checking=True)
    admin.doubt = None
    for role in (Role.SUPERVISOR, Role.GOVERNANCE, Role.COORDINATOR):
        users.add_user(admin, role.value, role.value.title(), "SMBC", role, PASSPHRASE)
    admin.close()
    for second, confirmed in (("supervisor", ("governance",)), ("governance", ("supervisor", "coordinator"))):
        session = vaults.open_session(folder, second, PASSPHRASE, checking=True)
        session.doubt = None
        for name in confirmed:
            grants.confirm(session, name)
        session.close()
    (FOLDER / f"ready-{count}-{_shape()}").touch()
    print(f"made in {spell(time.perf_counter() - start)}", file=sys.stderr)


def _pages(count: int) -> None:
    from kingshurst_tui import vaults
    from kingshurst_tui.oversight.trail import TrailFilter, more_of_trail, open_trail

    session = vaults.open_session(FOLDER / "store", "supervisor", PASSPHRASE)
    day = (BEGINS + timedelta(days=500)).date()
    filters = {
        "everything": TrailFilter(),
        "person acting, a busy one": TrailFilter(actor="user39"),
        "person acting, another": TrailFilter(actor="user03"),
        "person looked at": TrailFilter(pseudonym="KH-0014-0000"),
        "operation, usual": TrailFilter(operation="consult"),
        "operation, rare": TrailFilter(operation="erase"),
        "purpose, usual": TrailFilter(purpose="repeat-contact"),
        "purpose, rare": TrailFilter(purpose="rare-question"),
        "refusals": TrailFilter(result="refused"),
        "done": TrailFilter(result="done"),
        "a day, years ago": TrailFilter(since=f"{day}", until=f"{day + timedelta(days=1)}"),
        "all but the last year": TrailFilter(until=f"{(BEGINS + timedelta(days=3 * 365)).date()}"),
        "person, operation": TrailFilter(actor="user03", operation="disclose"),
        "person, rare operation": TrailFilter(actor="user39", operation="erase"),
        "person, refused, two years": TrailFilter(
            actor="user39", result="refused", since="2023-01-01", until="2025-01-01"
        ),
    }
    open_trail(session, TrailFilter())
    for name, wanted in filters.items():
        page = open_trail(session, wanted)
        total, upto = page.total, page.lines[0].seq if page.lines else 0

        def fetch(offset: int, wanted: TrailFilter = wanted, upto: int = upto) -> Callable[[], object]:
            return lambda: more_of_trail(session, wanted, upto, max(0, offset), 200)

        taken = {
            "first page": [timed(partial(open_trail, session, wanted)) for _ in range(5)],
            "end": [timed(fetch(total - 200 - step * 37)) for step in range(5)],
            "middle": [timed(fetch(total // 2 + step * 999)) for step in range(5)],
        }
        worst = max(statistics.median(seconds) for seconds in taken.values())
        said = ", ".join(f"{where} {spell(statistics.median(seconds))}" for where, seconds in taken.items())
        verdict = "within" if worst <= ASKED_PAGE else "OVER"
        print(f"{name} ({total:,} entries): {said}; asked at most {spell(ASKED_PAGE)}: {verdict}")
    session.close()


def _worked(act: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of the processor's work and on the wall: on a shared machine only the first is ours."""
    worked, start = time.thread_time(), time.perf_counter()
    act()
    return time.thread_time() - worked, time.perf_counter() - start


def _entries() -> None:
    from db import audit
    from kingshurst_tui import vaults
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    session = vaults.open_session(FOLDER / "store", "coordinator", PASSPHRASE)
    reason = Reason(ReasonCode.PANEL)

    def act() -> None:
        with session.act(Operation.CONSULT, Thing.PROFILE, reason=reason, subjects=["KH-0014-0000"]):
            pass

    act()
    alone = [_worked(act) for _ in range(400)]
    bound(Times("a committed entry, work", tuple(work for work, _ in alone)), ASKED_ENTRY)
    waited = [wall for _, wall in alone]
    print(f"  on the wall median {spell(statistics.median(waited))}, 99th percentile {spell(percentile(waited, 0.99))}")
    body = {
        "time": "2026-05-04T11:00:00.000000Z", "actor": "coordinator", "role": "coordinator", "agency": "KTP",
        "session": "0a1b2c3d", "operation": "consult", "thing": "profile", "subjects": ["KH-0014-0000"],
        "purpose": "repeat-contact", "reason": "panel-business", "result": "done", "facts": {}, "software": "0.1.0",
    }  # fmt: skip

    def batch() -> None:
        with session.store.acting(session._acting(combine=False)) as connection:
            for _ in range(500):
                audit.append(connection, session._pairs, dict(body), words_key=session._words_key)

    batch()
    bound(
        Times("an entry inside a batch of 500, work", tuple(_worked(batch)[0] / 500 for _ in range(9))), ASKED_IN_BATCH
    )
    session.doubt = ValueError  # type: ignore[assignment]  # no checkpoint of a made-up trail
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=5_000_000)
    count = parser.parse_args().entries
    _store(count)
    _pages(count)
    _entries()


if __name__ == "__main__":
    main()
