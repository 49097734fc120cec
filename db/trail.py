"""Reading the trail: what a filter leaves, how many, and any place in it, at five million entries.

The counts of each complete block of entries (``audit_block``) say how many entries a filter leaves in it. So a filter
is counted, and any row of the filtered list found, from one short row a block; only the entries in view are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection

from db.audit import ANY, BLOCK, Entry, block_of
from db.bare_rows import bare


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries somebody wants to see; empty means all.

    Attributes:
        actor: the user who acted.
        pseudonym: the person the entry is about.
        operation: what was done.
        result: "done" or "refused".
        purpose: the partnership's question it was done for.
        since: the first moment, ISO text in UTC.
        until: the moment before which, ISO text in UTC.
    """

    actor: str = ""
    pseudonym: str = ""
    operation: str = ""
    result: str = ""
    purpose: str = ""
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        """Take bytes that are no text, which come in as half a letter and which no store holds, for a question mark."""
        for each in fields(self):
            object.__setattr__(self, each.name, getattr(self, each.name).encode("utf-8", "replace").decode())


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries from ``first`` to ``last``, of which the filter leaves ``count``."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a filter leaves, as it stood at one entry: how many, and where.

    Attributes:
        wanted: the filter.
        upto: the newest entry it was made at.
        total: how many entries the filter leaves.
        stretches: where they are, the newest first; a stretch without any is not there.
        index: the index that leads to the fewest entries, or nothing where reading in order is as quick.
        numbers: all of them, the newest first, where the filter names a person.
    """

    wanted: TrailFilter
    upto: int
    total: int
    stretches: tuple[Stretch, ...] = ()
    index: str = ""
    numbers: tuple[int, ...] | None = None


_EQUAL = ("actor", "operation", "purpose")
_REFUSED = "ix_audit_entry_refused"


def outline(connection: Connection, wanted: TrailFilter, upto: int, names: Sequence[str] = ()) -> Outline:
    """Return how many entries up to ``upto`` a filter leaves, and where they are.

    Args:
        connection: to the store.
        wanted: the filter.
        upto: the newest entry.
        names: every pseudonym of the person whom the filter names; its own alone where none are given.
    """
    if wanted == TrailFilter():
        return Outline(wanted, upto, upto, (Stretch(1, upto, upto),) if upto else ())
    if wanted.pseudonym:
        numbers = _about(connection, wanted, upto, names or [wanted.pseudonym])
        return Outline(wanted, upto, len(numbers), numbers=numbers)
    index = _rarest(connection, wanted)
    stretches = []
    tail = upto // BLOCK * BLOCK + 1
    if tail <= upto and (count := _count_between(connection, wanted, index, tail, upto)):
        stretches.append(Stretch(tail, upto, count))
    for block, count, first_at, last_at in _counts(connection, wanted, tail):
        first, last = block * BLOCK + 1, (block + 1) * BLOCK
        if first_at < wanted.since or last_at >= (wanted.until or _ALWAYS):
            count = _count_between(connection, wanted, index, first, last)
        if count:
            stretches.append(Stretch(first, last, count))
    return Outline(wanted, upto, sum(stretch.count for stretch in stretches), tuple(stretches), index)


def rows(connection: Connection, found: Outline, offset: int, limit: int) -> list[Entry]:
    """Return ``limit`` entries of what a filter leaves, the newest first, after passing over ``offset``."""
    return _read(connection, places(connection, found, offset, limit))


def places(connection: Connection, found: Outline, offset: int, limit: int) -> list[int]:
    """Return the numbers of those entries, without reading them."""
    if found.numbers is not None:
        return list(found.numbers[offset : offset + limit])
    if found.wanted == TrailFilter():
        newest = found.upto - offset
        return list(range(newest, max(0, newest - limit), -1))
    numbers: list[int] = []
    for stretch in found.stretches:
        if offset >= stretch.count:
            offset -= stretch.count
            continue
        numbers += _numbers_between(connection, found, stretch, offset, limit - len(numbers))
        offset = 0
        if len(numbers) >= limit:
            break
    return numbers


def between(connection: Connection, found: Outline) -> Iterable[Entry]:
    """Yield every entry that a filter leaves, the oldest first."""
    step = 500
    for offset in range((max(found.total - 1, 0) // step) * step, -1, -step):
        yield from reversed(rows(connection, found, offset, step))


_ALWAYS = "9999"
_NEVER = 1 << 62


def _counts(connection: Connection, wanted: TrailFilter, before: int) -> list[tuple[int, int, str, str]]:
    """Return the counts of the complete blocks before an entry, the newest first: one range of the table of counts."""
    return list(
        bare(connection).execute(
            "SELECT block, entries, first_at, last_at FROM audit_block WHERE actor = ? AND operation = ? "
            "AND result = ? AND purpose = ? AND block < ? AND last_at >= ? AND first_at < ? ORDER BY block DESC",
            (
                wanted.actor or ANY,
                wanted.operation or ANY,
                wanted.result or ANY,
                wanted.purpose or ANY,
                block_of(before),
                wanted.since,
                wanted.until or _ALWAYS,
            ),
        )
    )


def _on_entries(wanted: TrailFilter) -> tuple[str, list[str]]:
    pairs = [(name, getattr(wanted, name)) for name in _EQUAL]
    where = "".join(f" AND e.{name} = ?" for name, value in pairs if value)
    values = [value for _, value in pairs if value]
    if wanted.result == "refused":
        where += " AND e.result = 'refused'"  # the word itself: only so does SQLite take the partial index
    elif wanted.result:
        where, values = where + " AND e.result = ?", [*values, wanted.result]
    if wanted.since:
        where, values = where + " AND e.at >= ?", [*values, wanted.since]
    if wanted.until:
        where, values = where + " AND e.at < ?", [*values, wanted.until]
    return where, values


def _rarest(connection: Connection, wanted: TrailFilter) -> str:
    """Return the index that leads to the fewest entries."""
    if wanted.result == "refused":
        return _REFUSED
    given = [name for name in _EQUAL if getattr(wanted, name)]
    if len(given) < 2:
        return f"ix_audit_entry_{given[0]}" if given else ""
    totals = {
        name: sum(row[1] for row in _counts(connection, TrailFilter(**{name: getattr(wanted, name)}), _NEVER))
        for name in given
    }
    return f"ix_audit_entry_{min(given, key=lambda name: totals[name])}"


def _from(index: str) -> str:
    return f"FROM audit_entry e {f'INDEXED BY {index}' if index else 'NOT INDEXED'}"


def _count_between(connection: Connection, wanted: TrailFilter, index: str, first: int, last: int) -> int:
    where, values = _on_entries(wanted)
    found = bare(connection).execute(
        f"SELECT count(*) {_from(index)} WHERE e.seq BETWEEN ? AND ? {where}", (first, last, *values)
    )
    return int(found.fetchone()[0])


def _numbers_between(connection: Connection, found: Outline, stretch: Stretch, offset: int, limit: int) -> list[int]:
    where, values = _on_entries(found.wanted)
    rows = bare(connection).execute(
        f"SELECT e.seq {_from(found.index)} WHERE e.seq BETWEEN ? AND ? {where} ORDER BY e.seq DESC LIMIT ? OFFSET ?",
        (stretch.first, stretch.last, *values, limit, offset),
    )
    return [row[0] for row in rows]


def _about(connection: Connection, wanted: TrailFilter, upto: int, names: Sequence[str]) -> tuple[int, ...]:
    where, values = _on_entries(wanted)
    join = "JOIN audit_entry e ON e.seq = s.seq" if where else ""
    marks = ",".join("?" * len(names))
    rows = bare(connection).execute(
        f"SELECT DISTINCT s.seq FROM audit_subject s {join} WHERE s.pseudonym IN ({marks}) AND s.seq <= ? {where} "
        "ORDER BY s.seq DESC",
        (*names, upto, *values),
    )
    return tuple(row[0] for row in rows)


def _read(connection: Connection, numbers: list[int]) -> list[Entry]:
    found: list[Entry] = []
    driver: Any = bare(connection)
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        marks = ",".join("?" * len(some))
        rows = driver.execute(
            f"SELECT seq, body, signature FROM audit_entry WHERE seq IN ({marks}) ORDER BY seq DESC", some
        )
        found += [Entry(seq, bytes(body), bytes(signature)) for seq, body, signature in rows]
    return found
