"""What may name somebody who is erased and hangs on no profile: what found nobody yet, drafts, minutes."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection

import db.referrals
from db.consents import Sighting
from db.decisions import AT

_LIST = "(SELECT value FROM json_each(?))"


def _list(ids: Collection[int]) -> str:
    return json.dumps(list(ids))


class Unmatched(NamedTuple):
    """A referral or a consent that found nobody yet, or is whose it was found to be no longer, and whom it names.

    Attributes:
        reopened_on: the pseudonym of whoever it was matched with, until who that is turned out otherwise.
    """

    kind: str
    number: int
    forename: str | None
    surname: str | None
    born: str | None
    postcode: str | None
    sent_by: str
    sent_at: str
    reopened_on: str | None = None


class DraftText(NamedTuple):
    """What somebody was writing: in which form, about what (a number of the form's own), and the words."""

    number: int
    form: str
    of: int
    document: str


def sightings(connection: Connection, record_ids: Collection[int]) -> list[Sighting]:
    """Return what these source records say of who they are of, withheld ones too; under sight ``combine``."""
    rows = connection.exec_driver_sql(
        f"""
        SELECT profile_id, record_id, forename, surname, former_surname, born, nhs_number, postcode, agreement_ref
            FROM open_record WHERE record_id IN {_LIST}
        UNION SELECT profile_id, record_id, forename, surname, NULL, born, nhs_number, postcode, agreement_ref
            FROM registered_record WHERE record_id IN {_LIST}""",
        (_list(record_ids),) * 2,
    )
    return [Sighting(*row) for row in rows]


def marks_of(connection: Connection, record_ids: Collection[int]) -> list[str]:
    """Return the numbers and references by which these records can be named; under sight ``combine``."""
    rows = connection.exec_driver_sql(
        f"SELECT nhs_number FROM registered_record WHERE record_id IN {_LIST} "
        f"UNION SELECT partner_reference FROM registered_record WHERE record_id IN {_LIST}",
        (_list(record_ids),) * 2,
    )
    return [str(mark) for mark in rows.scalars() if mark]


_OF_NOBODY = "(w.profile_id IS NULL OR w.status = 'reopened')"
"""Consents that found nobody yet, and those that were matched with somebody who turned out to be several people."""


def unmatched(connection: Connection, profile_ids: Collection[int]) -> list[Unmatched]:
    """Return the referrals and consents that are nobody's yet, or nobody's any more; under sight ``combine``.

    Args:
        connection: of an act.
        profile_ids: whose reopened consents are left out.
    """
    consents = connection.exec_driver_sql(
        "SELECT 'consent', w.id, w.forename, w.surname, w.born, w.postcode, w.recorded_by, w.recorded_at, p.pseudonym "
        f"FROM waiting_consent w LEFT JOIN profile p ON p.id = w.profile_id WHERE {_OF_NOBODY} "
        f"AND coalesce(w.profile_id, 0) NOT IN {_LIST} ORDER BY w.id",
        (_list(profile_ids),),
    )
    found = [Unmatched("referral", *row) for row in db.referrals.unreconciled(connection)]
    return found + [Unmatched(*row) for row in consents]


def naming_exactly(connection: Connection, record_ids: Collection[int]) -> dict[str, set[int]]:
    """Return the referrals and consents that name who these records name, by number; under sight ``combine``.

    Of those that found nobody yet, and of consents that were reopened on whatever profile; one that stands is its own.
    """
    consents = connection.exec_driver_sql(
        f"""
        SELECT DISTINCT w.id FROM waiting_consent w JOIN registered_record r
            ON (r.surname = w.surname COLLATE NOCASE AND r.forename = w.forename COLLATE NOCASE AND r.born IS w.born)
                OR r.nhs_number = w.nhs_number
            WHERE {_OF_NOBODY} AND r.record_id IN {_LIST}""",
        (_list(record_ids),),
    )
    return {
        "referral": set(db.referrals.naming(connection, record_ids)),
        "consent": {int(number) for number in consents.scalars()},
    }


def delete_waiting(connection: Connection, record_ids: Collection[int]) -> dict[str, int]:
    """Delete consents and referrals that are nobody's and name who these records name; under sight ``combine``."""
    gone: dict[str, int] = {}
    for kind, numbers in naming_exactly(connection, record_ids).items():
        gone |= delete_unmatched(connection, kind, numbers)
    return gone


def delete_unmatched(connection: Connection, kind: str, numbers: Collection[int]) -> dict[str, int]:
    """Delete referrals, or consents, by number; return how many rows of which table went."""
    if kind == "referral":
        return db.referrals.delete(connection, numbers)
    gone = {
        table: connection.exec_driver_sql(f"DELETE FROM {table} WHERE {which} IN {_LIST}", (_list(numbers),)).rowcount
        for table, which in (("reopening", "thing = 'consent' AND thing_id"), ("consent", "id"))
    }
    return {table: rows for table, rows in gone.items() if rows}


def perhaps_the_same(connection: Connection, profile_ids: Collection[int]) -> list[tuple[int, str]]:
    """Return the other profiles, (id, pseudonym), with a record that waits to be reviewed as one of these people's."""
    rows = connection.exec_driver_sql(
        f"""
        WITH sides (mine, other) AS (
            SELECT left_record_id, right_record_id FROM link WHERE state = 'review'
            UNION ALL SELECT right_record_id, left_record_id FROM link WHERE state = 'review')
        SELECT DISTINCT p.id, p.pseudonym FROM profile_member m JOIN sides s ON s.mine = m.source_record_id
            JOIN profile_member o ON o.source_record_id = s.other JOIN profile p ON p.id = o.profile_id
            WHERE m.profile_id IN {_LIST} AND o.profile_id NOT IN {_LIST} ORDER BY p.id""",
        (_list(profile_ids),) * 2,
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def kept_words(connection: Connection, after: int) -> list[tuple[int, bool]]:
    """Return the entries after one of which typed words are kept; and whether each is a search that found nobody."""
    rows = connection.exec_driver_sql(
        "SELECT w.seq, e.thing = 'search' AND NOT EXISTS (SELECT 1 FROM audit_subject s WHERE s.seq = w.seq) "
        "FROM audit_words w JOIN audit_entry e ON e.seq = w.seq WHERE w.seq > ? ORDER BY w.seq",
        (after,),
    )
    return [(int(row[0]), bool(row[1])) for row in rows]


REASONS = (
    ("disclosure", "why"),
    ("disclosure", "called_back_why"),
    ("import_batch", "recall_reason"),
    ("panel_member", "attendance_why"),
    ("agreement", "status_why"),
)
"""Words that somebody typed of what is about several people or none, as (table, column); they lie in the clear."""


def reasons(connection: Connection) -> list[tuple[str, str, int, str]]:
    """Return such words that stand: table, column, number and words."""
    return [
        (table, column, int(row[0]), str(row[1]))
        for table, column in REASONS
        for row in connection.exec_driver_sql(f"SELECT id, {column} FROM {table} WHERE coalesce({column}, '') <> ''")
    ]


def forget_reason(connection: Connection, table: str, column: str, number: int, left: str = "") -> None:
    """Take away words that name somebody, but for those that are ``left``; what was done stays on record."""
    if (table, column) not in REASONS:
        raise ValueError(f"{table}.{column} holds no such words")
    connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE id = ?", (left, number))


def minutes_words(connection: Connection) -> list[tuple[int, int, str]]:
    """Return what minutes say of whole meetings: panel, version and document."""
    rows = connection.exec_driver_sql("SELECT panel_id, version, document FROM minutes ORDER BY id")
    return [(int(row[0]), int(row[1]), str(row[2])) for row in rows]


def every_draft(connection: Connection) -> list[DraftText]:
    """Return what everybody is writing; under sight ``combine``."""
    rows = connection.exec_driver_sql("SELECT id, thing, thing_id, document FROM combined_draft ORDER BY id")
    return [_draft(*row) for row in rows]


_NUMBERED = {
    "form-information-request-": "SELECT id FROM information_request WHERE profile_id IN {people}",
    "form-consent-aside-": "SELECT id FROM consent WHERE profile_id IN {people}",
    "form-consent-end-": "SELECT id FROM consent WHERE profile_id IN {people}",
    # The longer name first: each is found by how it begins.
    "form-dip-sample-answer-": "SELECT id FROM dip_item WHERE seq IN "
    "(SELECT seq FROM audit_subject WHERE pseudonym IN {names})",
    "form-dip-sample-": "SELECT id FROM dip_item WHERE seq IN "
    "(SELECT seq FROM audit_subject WHERE pseudonym IN {names})",
    "form-link-": "SELECT id FROM link WHERE left_record_id IN {records} OR right_record_id IN {records}",
}
"""Forms that name in their own name of what they are, by its number, last."""


def begun_from(
    connection: Connection, profile_ids: Collection[int], record_ids: Collection[int], pseudonyms: Collection[str]
) -> set[tuple[str, int]]:
    """Return the forms, with their numbers, that were begun from something of these people that is no profile."""
    found = {
        ("form-dissent", int(number))
        for number in connection.exec_driver_sql(
            f"SELECT id FROM decision WHERE profile_id IN {_LIST}", (_list(profile_ids),)
        ).scalars()
    }
    lists = {"people": _list(profile_ids), "records": _list(record_ids), "names": json.dumps(list(pseudonyms))}
    for form, query in _NUMBERED.items():
        given = next(lists[name] for name in lists if f"{{{name}}}" in query)
        rows = connection.exec_driver_sql(
            query.format(people=_LIST, records=_LIST, names=_LIST), (given,) * query.count("{")
        )
        found |= {(form, int(number)) for number in rows.scalars()}
    return found


def _draft(number: int, thing: str, thing_id: int, document: str) -> DraftText:
    """Return a draft by its form: a name that ends in a number is taken apart (screens/drafting.py)."""
    form = thing.partition(AT)[0]
    known = next((each for each in _NUMBERED if form.startswith(each)), None)
    of = form.rpartition("-")[2]
    if known is not None and of.isdecimal():
        return DraftText(number, known, int(of), document)
    return DraftText(number, form, thing_id, document)


def delete_drafts(connection: Connection, numbers: Collection[int]) -> int:
    """Delete what people were writing, by number; return how many."""
    return connection.exec_driver_sql(f"DELETE FROM draft WHERE id IN {_LIST}", (_list(numbers),)).rowcount
