"""Dip samples: which entries were drawn, what was answered, how it was judged, who signed off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection


class SampleRow(NamedTuple):
    """One sample, with how far it has come."""

    id: int
    document: str
    drawn_by: str
    drawn_at: str
    signed_off_by: str | None
    signed_off_at: str | None
    signature: bytes | None
    items: int
    unanswered: int
    answered: int
    justified: int
    not_justified: int


class ItemRow(NamedTuple):
    """One entry drawn; what was typed is sealed."""

    id: int
    sample_id: int
    seq: int
    asked_of: str
    answer: bytes | None
    answered_by: str | None
    answered_at: str | None
    status: str
    judgement: bytes | None
    judged_by: str | None
    judged_at: str | None


_ITEM = (
    "SELECT id, sample_id, seq, asked_of, answer, answered_by, answered_at, status, judgement, judged_by, judged_at "
    "FROM dip_item"
)


def add(connection: Connection, document: str, drawn_by: str, at: str, drawn: Iterable[tuple[int, str]]) -> int:
    """Keep a sample with its entries (number, who is asked) and return its number."""
    sample = connection.exec_driver_sql(
        "INSERT INTO dip_sample (document, drawn_by, drawn_at) VALUES (?,?,?) RETURNING id", (document, drawn_by, at)
    ).scalar_one()
    connection.exec_driver_sql(
        "INSERT INTO dip_item (sample_id, seq, asked_of) VALUES (?,?,?)", [(sample, seq, who) for seq, who in drawn]
    )
    return int(sample)


def every(connection: Connection, number: int | None = None) -> list[SampleRow]:
    """Return all samples, the newest first; or that one."""
    rows = connection.exec_driver_sql(
        "SELECT s.id, s.document, s.drawn_by, s.drawn_at, s.signed_off_by, s.signed_off_at, s.signature, count(i.id), "
        "sum(i.status = 'open'), sum(i.status = 'answered'), sum(i.status = 'justified'), "
        "sum(i.status = 'not-justified') FROM dip_sample s JOIN dip_item i ON i.sample_id = s.id "
        "WHERE ? IS NULL OR s.id = ? GROUP BY s.id ORDER BY s.id DESC",
        (number, number),
    )
    return [SampleRow(*row) for row in rows]


def items(connection: Connection, sample: int) -> list[ItemRow]:
    """Return the entries of a sample, by number."""
    rows = connection.exec_driver_sql(f"{_ITEM} WHERE sample_id = ? ORDER BY seq", (sample,))
    return [ItemRow(*row) for row in rows]


def item(connection: Connection, number: int) -> ItemRow | None:
    """Return one entry drawn."""
    row = connection.exec_driver_sql(f"{_ITEM} WHERE id = ?", (number,)).first()
    return ItemRow(*row) if row else None


def asked_of(connection: Connection, user_name: str) -> list[ItemRow]:
    """Return what a user is asked about and has not answered."""
    rows = connection.exec_driver_sql(f"{_ITEM} WHERE asked_of = ? AND status = 'open' ORDER BY id", (user_name,))
    return [ItemRow(*row) for row in rows]


def to_judge(connection: Connection, user_name: str) -> int:
    """Return how many answers wait for a judgement by somebody else than who acted; this user is not who acted."""
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM dip_item WHERE status = 'answered' AND asked_of <> ?", (user_name,)
    ).scalar()
    return int(found or 0)


def put_answer(connection: Connection, number: int, sealed: bytes, by: str, at: str) -> bool:
    """Keep an answer; say whether it was still open."""
    done = connection.exec_driver_sql(
        "UPDATE dip_item SET answer = ?, answered_by = ?, answered_at = ?, status = 'answered' "
        "WHERE id = ? AND status = 'open'",
        (sealed, by, at, number),
    )
    return bool(done.rowcount)


def put_judgement(connection: Connection, number: int, status: str, sealed: bytes, by: str, at: str) -> bool:
    """Keep a judgement; say whether none was kept before."""
    done = connection.exec_driver_sql(
        "UPDATE dip_item SET judgement = ?, judged_by = ?, judged_at = ?, status = ? "
        "WHERE id = ? AND status IN ('open', 'answered')",
        (sealed, by, at, status, number),
    )
    return bool(done.rowcount)


def sign_off(connection: Connection, sample: int, by: str, at: str, signature: bytes) -> bool:
    """Keep who signed a sample off; say whether nobody had."""
    done = connection.exec_driver_sql(
        "UPDATE dip_sample SET signed_off_by = ?, signed_off_at = ?, signature = ? "
        "WHERE id = ? AND signed_off_by IS NULL",
        (by, at, signature, sample),
    )
    return bool(done.rowcount)
