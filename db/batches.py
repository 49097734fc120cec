"""Import batches: staged, accepted, recalled, swept. Everything here is short enough for one turn at writing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from db.picking import pick
from db.schema.intake import import_batch, rejected_row

SWEPT_AT_ONCE = 500
"""Rows that opening a store deletes of an abandoned batch; the rest goes before the next import begins."""


class BatchRow(NamedTuple):
    """One import batch as it stands."""

    id: int
    agreement_ref: str
    file_digest: str
    register_version: int
    status: str
    received_at: str
    accepted_at: str | None
    recalled_at: str | None
    recall_reason: str | None
    as_at: str | None
    first_day: str | None
    last_day: str | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_dropped: int
    report: str
    quality: str


_COLUMNS = [import_batch.c[name] for name in BatchRow._fields]
_ALL = select(*_COLUMNS).order_by(import_batch.c.id)
_BY_ID = select(*_COLUMNS).where(import_batch.c.id == bindparam("wanted"))
_OF_DATA_SET = _ALL.where(import_batch.c.agreement_ref == bindparam("wanted"))
_SAME = select(import_batch.c.id).where(
    import_batch.c.agreement_ref == bindparam("ref"),
    import_batch.c.file_digest == bindparam("digest"),
    import_batch.c.register_version == bindparam("register"),
    import_batch.c.status == "accepted",
)
_REJECTED = (
    select(rejected_row.c.row_number, rejected_row.c.column_name, rejected_row.c.reason)
    .where(rejected_row.c.batch_id == bindparam("wanted"))
    .order_by(rejected_row.c.id)
    .limit(bindparam("most"))
)


def by_id(connection: Connection, batch_id: int) -> BatchRow | None:
    """Return one batch."""
    row = connection.execute(_BY_ID, {"wanted": batch_id}).one_or_none()
    return BatchRow(*row) if row is not None else None


def every(connection: Connection, agreement_ref: str | None = None) -> list[BatchRow]:
    """Return all batches in the order they came, or those of one data set."""
    rows = (
        connection.execute(_ALL)
        if agreement_ref is None
        else connection.execute(_OF_DATA_SET, {"wanted": agreement_ref})
    )
    return [BatchRow(*row) for row in rows]


def accepted_with(connection: Connection, agreement_ref: str, file_digest: str, register_version: int) -> int | None:
    """Return the batch that the very same file made under the same consent register, if one stands."""
    found: int | None = connection.execute(
        _SAME, {"ref": agreement_ref, "digest": file_digest, "register": register_version}
    ).scalar()
    return found


def begin(connection: Connection, /, **values: Any) -> int:
    """Add a batch in staging and return its id."""
    return int(connection.execute(insert(import_batch).values(status="staging", **values)).lastrowid)


def change(connection: Connection, batch_id: int, /, **values: Any) -> None:
    """Set a batch's status and counts."""
    connection.execute(update(import_batch).where(import_batch.c.id == batch_id).values(**values))


def add_rejected(connection: Connection, batch_id: int, rows: Sequence[tuple[int, str, str]]) -> None:
    """Keep which rows were kept out, and why: number, the partner's column, a code."""
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO rejected_row (batch_id, row_number, column_name, reason) VALUES (?, ?, ?, ?)",
            [(batch_id, *row) for row in rows],
        )


def rejected(connection: Connection, batch_id: int, most: int = 1_000) -> list[tuple[int, str, str]]:
    """Return the first rows that were kept out of a batch."""
    return [tuple(row) for row in connection.execute(_REJECTED, {"wanted": batch_id, "most": most})]


_HELD = ("record_detail", "contact", "relationship", "area_measure")


def with_leftovers(connection: Connection) -> list[int]:
    """Return batches that do not stand but still hold rows, or were being staged."""
    holds = " OR ".join(f"EXISTS (SELECT 1 FROM {table} t WHERE t.batch_id = b.id)" for table in _HELD)
    rows = connection.exec_driver_sql(
        "SELECT b.id FROM import_batch b WHERE b.status <> 'accepted' "
        f"AND (b.status = 'staging' OR {holds}) ORDER BY b.id"
    )
    return [row[0] for row in rows]


def mark_abandoned(connection: Connection, batch_id: int) -> None:
    """Mark a batch whose staging was cut off; one that was refused or recalled stays what it is."""
    connection.execute(
        update(import_batch)
        .where(import_batch.c.id == batch_id, import_batch.c.status == "staging")
        .values(status="abandoned")
    )


def sweep_abandoned(connection: Connection) -> None:
    """Mark every batch whose staging was cut off as abandoned and delete what it left; none of it was ever visible.

    For the opening of the store, while nobody is staging. A large rest is left for the next import, which deletes it in
    short pieces (`purge_piece`).
    """
    cut_off = list(connection.execute(select(import_batch.c.id).where(import_batch.c.status == "staging")).scalars())
    for batch_id in cut_off:
        change(connection, batch_id, status="abandoned")
        purge_piece(connection, batch_id, SWEPT_AT_ONCE)
        purge_records_piece(connection, batch_id, 0, SWEPT_AT_ONCE)


# In the order that foreign keys allow. Only rows of batches that do not stand are ever named here.
_PURGES = (
    "DELETE FROM incident_contact WHERE contact_id IN ("
    "SELECT id FROM contact WHERE batch_id = :batch ORDER BY id LIMIT :most)",
    "DELETE FROM contact WHERE id IN (SELECT c.id FROM contact c WHERE c.batch_id = :batch AND NOT EXISTS ("
    "SELECT 1 FROM incident_ruling i WHERE i.left_contact_id = c.id OR i.right_contact_id = c.id) "
    "ORDER BY c.id LIMIT :most)",
    "DELETE FROM relationship WHERE id IN (SELECT id FROM relationship WHERE batch_id = :batch LIMIT :most)",
    "DELETE FROM record_detail WHERE id IN ("
    "SELECT id FROM record_detail WHERE batch_id = :batch ORDER BY id LIMIT :most)",
    "DELETE FROM area_measure WHERE id IN ("
    "SELECT id FROM area_measure WHERE batch_id = :batch ORDER BY id LIMIT :most)",
)


def purge_piece(connection: Connection, batch_id: int, most: int = 250) -> int:
    """Delete at most so many rows of each table that a batch which does not stand still holds; return how many.

    A contact that a person ruled on (one incident, or not) stays, unseen: the ruling outlives the batch.
    """
    gone = 0
    for statement in _PURGES:
        found = connection.exec_driver_sql(
            statement.replace(":batch", "?").replace(":most", "?"), (batch_id, most)
        ).rowcount
        gone += found if "incident_contact" not in statement.split(" WHERE ", 1)[0] else 0
    return gone


_UNUSED_RECORDS = (
    "DELETE FROM source_record WHERE id > ?1 AND id <= ?2 AND first_batch_id = ?3"
    " AND NOT EXISTS (SELECT 1 FROM record_detail d WHERE d.source_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.source_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.counterpart_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM link l WHERE l.left_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM link l WHERE l.right_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM relationship t WHERE t.from_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM relationship t WHERE t.to_record_id = source_record.id)"
    " AND NOT EXISTS (SELECT 1 FROM profile_member m WHERE m.source_record_id = source_record.id)"
)

_HAND_ON = (
    "UPDATE source_record SET first_batch_id = (SELECT min(d.batch_id) FROM record_detail d"
    " WHERE d.source_record_id = source_record.id) WHERE id > ?1 AND id <= ?2 AND first_batch_id = ?3"
    " AND EXISTS (SELECT 1 FROM record_detail d WHERE d.source_record_id = source_record.id)"
)


def purge_records_piece(connection: Connection, batch_id: int, after: int, most: int = 500) -> int | None:
    """Delete source records that came with a batch and on which nothing rests any more, from an id onwards.

    Returns the id to go on after, or None when there are no more.
    """
    last = connection.exec_driver_sql(
        "SELECT max(id) FROM (SELECT id FROM source_record WHERE first_batch_id = ? AND id > ? ORDER BY id LIMIT ?)",
        (batch_id, after, most),
    ).scalar()
    if last is None:
        return None
    connection.exec_driver_sql(_UNUSED_RECORDS, (after, last, batch_id))
    # What others still speak of belongs to the first of them, so that it goes when the last of them does.
    connection.exec_driver_sql(_HAND_ON, (after, last, batch_id))
    return int(last)


def touched_by(connection: Connection, batch_id: int) -> int:
    """Put into ``picked`` every linked source record that a batch states or replaces something of; return how many."""
    connection.exec_driver_sql("DELETE FROM picked")
    if connection.exec_driver_sql("SELECT 1 FROM profile_member LIMIT 1").first() is None:
        return 0
    for table, column in (
        ("record_detail", "source_record_id"),
        ("contact", "source_record_id"),
        ("contact", "counterpart_id"),
        ("relationship", "from_record_id"),
        ("relationship", "to_record_id"),
    ):
        for which in ("batch_id", "superseded_by"):
            connection.exec_driver_sql(
                f"INSERT OR IGNORE INTO picked (id) SELECT m.source_record_id FROM {table} t "
                f"CROSS JOIN profile_member m ON m.source_record_id = t.{column} WHERE t.{which} = ?",
                (batch_id,),
            )
    return int(connection.exec_driver_sql("SELECT count(*) FROM picked").scalar() or 0)


_REPOINTED = {
    "record_detail": "y.source_record_id = x.source_record_id",
    "contact": "y.contact_key = x.contact_key",
    "relationship": "y.from_record_id = x.from_record_id AND y.to_record_id = x.to_record_id",
}
REPOINTED = tuple(_REPOINTED)
"""Tables whose rows point to the batch that replaced them."""


def to_repoint(connection: Connection, table: str, batch_id: int, after: int, most: int) -> list[tuple[int, int]]:
    """Return rows that a batch replaced and something else replaced since, as (id, what did), in order.

    Where the batch's own row is the newest, the older one keeps pointing at the batch and is seen again from the moment
    the batch stands no more.

    Args:
        connection: that reads; it looks through the whole batch.
        table: one of `REPOINTED`.
        batch_id: the batch that is to go.
        after: the id to go on after.
        most: rows at most.
    """
    # The plus keeps SQLite from going through the whole batch for every row: the same key is the shorter way.
    rows = connection.exec_driver_sql(
        f"SELECT id, heir FROM (SELECT x.id AS id, (SELECT max(y.superseded_by) FROM {table} y "
        "JOIN import_batch s ON s.id = y.superseded_by AND s.status = 'accepted' "
        f"WHERE {_REPOINTED[table]} AND +y.batch_id = ?1) AS heir "
        f"FROM {table} x WHERE x.superseded_by = ?1 AND x.id > ?2) WHERE heir IS NOT NULL ORDER BY id LIMIT ?3",
        (batch_id, after, most),
    )
    return [(int(row[0]), int(row[1])) for row in rows.fetchall()]


def repoint(connection: Connection, table: str, batch_id: int, rows: Sequence[tuple[int, int]]) -> None:
    """Let rows that a batch replaced be replaced by whatever replaced the batch's own; it shows nothing new."""
    connection.exec_driver_sql(
        f"UPDATE {table} SET superseded_by = ? WHERE id = ? AND superseded_by = ?",
        [(heir, number, batch_id) for number, heir in rows],
    )


_BUILT = {
    "records": "SELECT count(DISTINCT source_record_id) FROM record_detail WHERE batch_id = ?",
    "contacts": "SELECT count(*) FROM contact WHERE batch_id = ?",
    "area_measures": "SELECT count(*) FROM area_measure WHERE batch_id = ?",
    "replaced_records": "SELECT count(*) FROM record_detail WHERE superseded_by = ?",
    "replaced_contacts": "SELECT count(*) FROM contact WHERE superseded_by = ?",
}
_BUILT_ON = {
    "profiles": "SELECT count(DISTINCT m.profile_id) FROM picked p JOIN profile_member m ON m.source_record_id = p.id",
    "links": "SELECT count(*) FROM link l WHERE l.state <> 'undone' AND (l.left_record_id IN (SELECT id FROM picked)"
    " OR l.right_record_id IN (SELECT id FROM picked))",
}
_OF_PROFILES = {
    "flags": ("flag", "status = 'standing'"),
    "consents": ("consent", "status = 'effective'"),
    "grounds": ("ground", "status = 'effective'"),
    "decisions": ("decision", "status = 'signed'"),
    "agenda_items": ("agenda_item", "1 = 1"),
}


def built_on(connection: Connection, batch_id: int) -> dict[str, int]:
    """Return counts of what a batch holds and of what was built on the records it touches."""
    found = {
        name: int(connection.exec_driver_sql(statement, (batch_id,)).scalar() or 0)
        for name, statement in _BUILT.items()
    }
    touched_by(connection, batch_id)
    for name, statement in _BUILT_ON.items():
        found[name] = int(connection.exec_driver_sql(statement).scalar() or 0)
    for name, (table, which) in _OF_PROFILES.items():
        found[name] = int(
            connection.exec_driver_sql(
                f"SELECT count(*) FROM {table} t WHERE t.{which} AND t.profile_id IN (SELECT m.profile_id "
                "FROM picked p JOIN profile_member m ON m.source_record_id = p.id)".replace("t.1 = 1", "1 = 1")
            ).scalar()
            or 0
        )
    return found


def counted(connection: Connection) -> dict[str, int]:
    """Return how many batches stand in each status."""
    rows = connection.execute(select(import_batch.c.status, func.count()).group_by(import_batch.c.status))
    return {row[0]: row[1] for row in rows}


def as_json(value: object) -> str:
    """Return a document as the store keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def without_details(connection: Connection, batch_id: int, profile_ids: Iterable[int]) -> list[int]:
    """Return these people's source records of a batch of which no standing batch says anything any more."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT m.source_record_id FROM picked k CROSS JOIN profile_member m ON m.profile_id = k.id "
        "CROSS JOIN record_detail d ON d.source_record_id = m.source_record_id WHERE +d.batch_id = ? AND NOT EXISTS ("
        "SELECT 1 FROM record_detail o WHERE o.source_record_id = d.source_record_id "
        "AND +o.batch_id IN (SELECT id FROM import_batch WHERE status = 'accepted'))",
        (batch_id,),
    )
    return [row[0] for row in rows]
