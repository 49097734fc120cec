"""Whom an erasure takes: the profiles behind a pseudonym, the records of people and of data sets, who met them."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection

_LIST = "(SELECT value FROM json_each(?))"


def _list(ids: Collection[int] | Collection[str]) -> str:
    return json.dumps(list(ids))


def profiles_behind(connection: Connection, profile_id: int) -> list[tuple[int, str]]:
    """Return (id, pseudonym) of a profile and of every older one that was merged into it."""
    rows = connection.exec_driver_sql(
        "SELECT id, pseudonym FROM profile WHERE id = ? OR pseudonym IN "
        "(SELECT pseudonym FROM profile_alias WHERE profile_id = ?)",
        (profile_id, profile_id),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def profile_of(connection: Connection, pseudonym: str) -> int | None:
    """Return the profile that a pseudonym leads to today, whatever its state."""
    found = connection.exec_driver_sql(
        "SELECT profile_id FROM profile_alias WHERE pseudonym = ? UNION ALL SELECT id FROM profile WHERE pseudonym = ?",
        (pseudonym, pseudonym),
    ).scalar()
    return None if found is None else int(found)


def being_erased(connection: Connection) -> set[int]:
    """Return the profiles whose erasure is signed for and not carried out yet: nobody joins or parts them."""
    subjects = connection.exec_driver_sql(
        "SELECT subject FROM erasure WHERE status = 'confirmed' AND kind = 'person'"
    ).scalars()
    led = (profile_of(connection, str(subject)) for subject in subjects.all())
    return {number for profile in led if profile is not None for number, _ in profiles_behind(connection, profile)}


def records_of(connection: Connection, profile_ids: Collection[int]) -> list[int]:
    """Return the source records that are linked into these profiles."""
    rows = connection.exec_driver_sql(
        f"SELECT source_record_id FROM profile_member WHERE profile_id IN {_LIST}", (_list(profile_ids),)
    )
    return [int(row[0]) for row in rows]


def every_record(connection: Connection) -> list[int]:
    """Return the number of every source record."""
    return [int(row[0]) for row in connection.exec_driver_sql("SELECT id FROM source_record")]


def marks_of(connection: Connection, record_ids: Collection[int]) -> list[str]:
    """Return the marks of these source records: drawn at random, they die with the rows (db/schema/intake.py)."""
    rows = connection.exec_driver_sql(
        f"SELECT record_mark FROM source_record WHERE id IN {_LIST} AND record_mark IS NOT NULL", (_list(record_ids),)
    )
    return [str(row[0]) for row in rows]


def marked(connection: Connection, marks: Collection[str]) -> list[int]:
    """Return the source records that have one of these marks."""
    rows = connection.exec_driver_sql(
        f"SELECT id FROM source_record WHERE record_mark IN {_LIST} ORDER BY id", (_list(marks),)
    )
    return [int(row[0]) for row in rows]


def holding_only(connection: Connection, record_ids: Collection[int]) -> list[int]:
    """Return the profiles that hold some of these source records and no others."""
    rows = connection.exec_driver_sql(
        f"SELECT DISTINCT profile_id FROM profile_member WHERE source_record_id IN {_LIST} AND NOT EXISTS (SELECT 1 "
        f"FROM profile_member o WHERE o.profile_id = profile_member.profile_id AND o.source_record_id NOT IN {_LIST})",
        (_list(record_ids),) * 2,
    )
    return [int(row[0]) for row in rows]


def met_with(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Return the other profiles whose incidents or counterparts these records are part of."""
    rows = connection.exec_driver_sql(
        f"""
        WITH theirs AS (SELECT id, counterpart_id FROM contact WHERE source_record_id IN {_LIST}),
        others (record_id) AS (
            SELECT counterpart_id FROM theirs WHERE counterpart_id IS NOT NULL
            UNION SELECT source_record_id FROM contact WHERE counterpart_id IN {_LIST}
            UNION SELECT c.source_record_id FROM incident_contact i JOIN incident_contact o USING (incident_id)
                JOIN contact c ON c.id = o.contact_id WHERE i.contact_id IN (SELECT id FROM theirs))
        SELECT DISTINCT m.profile_id FROM others JOIN profile_member m ON m.source_record_id = others.record_id
        WHERE others.record_id NOT IN {_LIST}""",
        (_list(record_ids),) * 3,
    )
    return {int(row[0]) for row in rows}


def data_sets_of(connection: Connection, agency_code: str) -> list[str]:
    """Return the references of every data set of one partner agency."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT reference FROM agreement WHERE agency_code = ? ORDER BY reference", (agency_code,)
    )
    return [str(row[0]) for row in rows]


def records_of_data_sets(connection: Connection, references: Collection[str], most: int) -> list[int]:
    """Return up to ``most`` source records of these data sets."""
    rows = connection.exec_driver_sql(
        f"SELECT id FROM source_record WHERE agreement_ref IN {_LIST} ORDER BY id LIMIT ?", (_list(references), most)
    )
    return [int(row[0]) for row in rows]


def only_in(connection: Connection, references: Collection[str], after: int, most: int) -> list[tuple[int, str]]:
    """Return up to ``most`` profiles after one of which these data sets hold every record, as (id, pseudonym)."""
    rows = connection.exec_driver_sql(
        "SELECT p.id, p.pseudonym FROM profile p WHERE p.id > ? AND EXISTS (SELECT 1 FROM profile_member m "
        "WHERE m.profile_id = p.id) AND NOT EXISTS (SELECT 1 FROM profile_member m JOIN source_record r "
        f"ON r.id = m.source_record_id WHERE m.profile_id = p.id AND r.agreement_ref NOT IN {_LIST}) "
        "ORDER BY p.id LIMIT ?",
        (after, _list(references), most),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def empty_profiles(connection: Connection, most: int) -> list[tuple[int, str]]:
    """Return up to ``most`` profiles of which no record is left, as (id, pseudonym), with those merged into them.

    A merged profile that no alias leads from any more belongs to somebody who is gone already.
    """
    rows = connection.exec_driver_sql(
        "WITH emptied AS (SELECT id FROM profile WHERE status = 'empty' AND NOT EXISTS "
        "(SELECT 1 FROM profile_member m WHERE m.profile_id = profile.id) ORDER BY id LIMIT ?) "
        "SELECT id, pseudonym FROM profile WHERE id IN (SELECT id FROM emptied) OR (status = 'merged' AND ("
        "pseudonym IN (SELECT a.pseudonym FROM profile_alias a WHERE a.profile_id IN (SELECT id FROM emptied)) "
        "OR pseudonym NOT IN (SELECT pseudonym FROM profile_alias))) ORDER BY id",
        (most,),
    )
    return [(int(row[0]), str(row[1])) for row in rows]
