"""Places: published look-ups and figures, staged in pieces, standing or replaced; nobody is in these rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, update

from db.bare_rows import bare_rows
from db.schema.places import place_source

STAGING, ACCEPTED, REPLACED = "staging", "accepted", "replaced"
ABANDONED, TAKEN_BACK = "abandoned", "taken-back"


class SourceRow(NamedTuple):
    """One published file as it came in."""

    id: int
    kind: str
    title: str
    vintage: str
    file_name: str
    file_digest: str
    rows: int
    left_out: int
    imported_by: str
    imported_at: str
    status: str


class PlaceRow(NamedTuple):
    """A place as one source names it."""

    level: str
    code: str
    name: str
    vintage: str
    begins_on: str | None = None
    ends_on: str | None = None


class PartRow(NamedTuple):
    """How one place lies in another."""

    from_level: str
    from_code: str
    from_vintage: str
    to_level: str
    to_code: str
    to_vintage: str
    fit: str


class PostcodeRow(NamedTuple):
    """Where a postcode lies."""

    postcode: str
    oa21: str | None
    lsoa11: str | None
    lsoa21: str | None
    ward: str | None
    ward_vintage: str
    local_authority: str | None
    easting: int | None
    northing: int | None
    fit: str
    straddles: int
    ended: str | None


class FigureRow(NamedTuple):
    """A published figure of a place; None where the publisher suppressed it."""

    level: str
    code: str
    figure: str
    year: str
    value: float | None


class BoundaryRow(NamedTuple):
    """The boundary of a place: well-known binary in metres of the national grid, zlib."""

    level: str
    code: str
    outline: bytes


Kept = PlaceRow | PartRow | PostcodeRow | FigureRow | BoundaryRow

_TABLES: dict[type[Kept], str] = {
    PlaceRow: "place",
    PartRow: "place_part",
    PostcodeRow: "place_postcode",
    FigureRow: "place_figure",
    BoundaryRow: "place_boundary",
}
_INSERTS = {
    row: f"INSERT INTO {table} (source_id, {', '.join(row._fields)}) VALUES (?{', ?' * len(row._fields)})"
    for row, table in _TABLES.items()
}
_STANDS = "IN (SELECT id FROM place_source WHERE status = 'accepted')"


def begin(connection: Connection, /, **values: Any) -> int:
    """Add a source whose rows are being staged and return its id."""
    return int(connection.execute(insert(place_source).values(status=STAGING, **values)).lastrowid)


def stage_piece(connection: Connection, source_id: int, rows: Sequence[Kept]) -> None:
    """Add rows of a source that does not stand yet."""
    for kind, statement in _INSERTS.items():
        if piece := [(source_id, *row) for row in rows if isinstance(row, kind)]:
            connection.exec_driver_sql(statement, piece)


def accept(connection: Connection, source_id: int, replaced: Sequence[int]) -> None:
    """Let a source stand from now on, in place of others."""
    change = update(place_source)
    if replaced:
        connection.execute(change.where(place_source.c.id.in_(replaced)).values(status=REPLACED))
    connection.execute(change.where(place_source.c.id == source_id).values(status=ACCEPTED))


def take_back(connection: Connection, source_id: int) -> bool:
    """Let a source stand no more; say whether it stood."""
    changed = connection.execute(
        update(place_source)
        .where(place_source.c.id == source_id, place_source.c.status == ACCEPTED)
        .values(status=TAKEN_BACK)
    )
    return changed.rowcount == 1


def abandon(connection: Connection, source_id: int) -> None:
    """Mark a source whose staging was cut off."""
    connection.execute(
        update(place_source)
        .where(place_source.c.id == source_id, place_source.c.status == STAGING)
        .values(status=ABANDONED)
    )


def with_leftovers(connection: Connection) -> list[int]:
    """Return sources that do not stand and were being staged or still hold rows."""
    holds = " OR ".join(f"EXISTS (SELECT 1 FROM {table} t WHERE t.source_id = s.id)" for table in _TABLES.values())
    found = connection.exec_driver_sql(
        f"SELECT s.id FROM place_source s WHERE s.status <> 'accepted' AND (s.status = 'staging' OR {holds})"
    )
    return [row[0] for row in found]


def purge_piece(connection: Connection, source_id: int, most: int = 500) -> int:
    """Delete rows of a source that does not stand; return how many went."""
    for table in _TABLES.values():
        gone = connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE id IN (SELECT t.id FROM {table} t JOIN place_source s ON s.id = t.source_id "
            "WHERE t.source_id = ? AND s.status <> 'accepted' LIMIT ?)",
            (source_id, most),
        ).rowcount
        if gone:
            return int(gone)
    return 0


def sources(connection: Connection) -> list[SourceRow]:
    """Return every source that stands, was replaced or taken back, oldest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(SourceRow._fields)} FROM place_source "
        "WHERE status IN ('accepted', 'replaced', 'taken-back') ORDER BY id"
    )
    return [SourceRow(*row) for row in rows]


def standing(connection: Connection) -> tuple[int, ...]:
    """Return the ids of the sources that stand."""
    rows = connection.exec_driver_sql("SELECT id FROM place_source WHERE status = 'accepted' ORDER BY id")
    return tuple(row[0] for row in rows)


def places(connection: Connection) -> list[tuple[Any, ...]]:
    """Return the places of the sources that stand, as plain rows in the order of `PlaceRow`, oldest source first."""
    return bare_rows(
        connection, f"SELECT {', '.join(PlaceRow._fields)} FROM place WHERE source_id {_STANDS} ORDER BY id"
    )


def parts(connection: Connection) -> list[tuple[Any, ...]]:
    """Return how they lie in one another, as plain rows in the order of `PartRow`, oldest source first."""
    return bare_rows(
        connection, f"SELECT {', '.join(PartRow._fields)} FROM place_part WHERE source_id {_STANDS} ORDER BY id"
    )


def postcodes(connection: Connection) -> list[tuple[Any, ...]]:
    """Return the postcodes as plain rows; there are thousands.

    Each is postcode, LSOA (of 2021, else of 2011), ward, vintage of the ward, local authority, easting, northing, fit,
    whether its sector straddles, and the month of its end; what is not known is empty, coordinates None.
    """
    return bare_rows(
        connection,
        "SELECT postcode, coalesce(lsoa21, lsoa11, ''), coalesce(ward, ''), ward_vintage, "
        "coalesce(local_authority, ''), easting, northing, fit, straddles, coalesce(ended, '') "
        f"FROM place_postcode WHERE source_id {_STANDS} ORDER BY id",
    )


def districts(connection: Connection) -> list[str]:
    """Return the postcode districts (B37) of the postcodes that stand."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT rtrim(substr(postcode, 1, length(postcode) - 3)) FROM place_postcode "
        f"WHERE source_id {_STANDS}"
    )
    return [row[0] for row in rows]


def wards_without(connection: Connection, authorities: Sequence[str]) -> list[str]:
    """Return the wards in which postcodes lie, but none of these local authorities."""
    ours = ", ".join("?" * len(authorities)) or "''"
    rows = connection.exec_driver_sql(
        f"SELECT ward FROM place_postcode WHERE ward <> '' AND source_id {_STANDS} GROUP BY ward "
        f"HAVING sum(local_authority IN ({ours})) = 0 AND count(local_authority) = count(*)",
        tuple(authorities),
    )
    return [row[0] for row in rows]


def codes_of(connection: Connection, source_id: int) -> set[str]:
    """Return the places that a source names."""
    rows = connection.exec_driver_sql("SELECT DISTINCT code FROM place WHERE source_id = ?", (source_id,))
    return {row[0] for row in rows}


def is_dated(connection: Connection, source_id: int) -> bool:
    """Say whether a source gives any place's first or last day."""
    found = connection.exec_driver_sql(
        "SELECT 1 FROM place WHERE source_id = ? AND (begins_on IS NOT NULL OR ends_on IS NOT NULL) LIMIT 1",
        (source_id,),
    )
    return found.first() is not None


def figures(connection: Connection, names: Sequence[str]) -> list[FigureRow]:
    """Return the figures of those names, oldest source first."""
    given = ", ".join("?" * len(names))
    rows = connection.exec_driver_sql(
        f"SELECT level, code, figure, year, value FROM place_figure WHERE figure IN ({given}) "
        f"AND source_id {_STANDS} ORDER BY id",
        tuple(names),
    )
    return [FigureRow(*row) for row in rows]


def figures_by_source(connection: Connection) -> dict[int, set[tuple[str, str]]]:
    """Return which figures, of which years, each source that stands gives."""
    found: dict[int, set[tuple[str, str]]] = {}
    rows = connection.exec_driver_sql(
        f"SELECT DISTINCT source_id, figure, year FROM place_figure WHERE source_id {_STANDS}"
    )
    for source, figure, year in rows:
        found.setdefault(source, set()).add((figure, year))
    return found


def boundaries(connection: Connection, level: str) -> list[BoundaryRow]:
    """Return the boundaries of a level, those of older sources and vintages first."""
    rows = connection.exec_driver_sql(
        "SELECT b.level, b.code, b.outline FROM place_boundary b JOIN place_source s ON s.id = b.source_id "
        "WHERE s.status = 'accepted' AND b.level = ? ORDER BY s.vintage, b.id",
        (level,),
    )
    return [BoundaryRow(*row) for row in rows]
