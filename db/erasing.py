"""Erasing a person: what is asked and signed, what is deleted, and the stone that says so without naming anybody.

It spans two files, so it is an intent that two people have signed, then the person's salt destroyed, then every row
deleted, then both files written anew; an opening completes what was cut off in between.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, insert, select, update

from db.schema import metadata, oversight, table_class
from db.users import get_setting, put_setting

BY_RECORD = {
    "link": ("left_record_id", "right_record_id"),
    "relationship": ("from_record_id", "to_record_id"),
    "record_detail": ("source_record_id",),
    "profile_member": ("source_record_id",),
    "withheld_record": ("source_record_id",),
}
"""Tables whose rows go with a source record, by the columns that name it; contacts go first, and then the record."""

BY_CONTACT = {"incident_ruling": ("left_contact_id", "right_contact_id"), "incident_contact": ("contact_id",)}
"""Tables whose rows go with a contact."""

_WRITTEN_ANEW = "erasures-written-anew"
"""The setting that keeps after how many tombstones the files were last written anew; they are never taken away."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """What is to be erased, by whose word, and how far it has come.

    Attributes:
        kind: "person", "data-set" or "partner".
        subject: a pseudonym, the reference of a data set, or the code of a partner agency.
        document: canonical JSON that both signatures cover.
        status: "asked", "refused", "confirmed" or "done".
        signature: of whoever asked.
    """

    id: int
    kind: str
    subject: str
    document: str
    asked_by: str
    asked_at: str
    confirmed_by: str | None
    confirmed_at: str | None
    status: str
    done_at: str | None
    signature: bytes


_SHOWN = select(*(oversight.erasure.c[name] for name in ErasureRow.__dataclass_fields__))


def ask(
    connection: Connection, *, kind: str, subject: str, document: str, asked_by: str, asked_at: str, signature: bytes
) -> int:
    """Keep that somebody asks for an erasure; return its number."""
    row = {
        "kind": kind,
        "subject": subject,
        "document": document,
        "asked_by": asked_by,
        "asked_at": asked_at,
        "signature": signature,
    }
    return int(connection.execute(insert(oversight.erasure).returning(oversight.erasure.c.id), row).scalar_one())


def settle(
    connection: Connection,
    number: int,
    *,
    status: str,
    confirmed_by: str,
    confirmed_at: str,
    confirmation: bytes | None,
) -> None:
    """Keep the second person's answer: "confirmed" or "refused"."""
    connection.execute(
        update(oversight.erasure)
        .where(oversight.erasure.c.id == number)
        .values(status=status, confirmed_by=confirmed_by, confirmed_at=confirmed_at, confirmation=confirmation)
    )


def by_number(connection: Connection, number: int) -> ErasureRow | None:
    """Return one erasure."""
    found = connection.execute(_SHOWN.where(oversight.erasure.c.id == number)).one_or_none()
    return None if found is None else ErasureRow(*found)


def every(connection: Connection, *statuses: str) -> list[ErasureRow]:
    """Return erasures, the oldest first; those of the given statuses, or all."""
    wanted = _SHOWN.order_by(oversight.erasure.c.id)
    if statuses:
        wanted = wanted.where(oversight.erasure.c.status.in_(statuses))
    return [ErasureRow(*row) for row in connection.execute(wanted)]


def finish(connection: Connection, number: int, subjects: Sequence[str], counts: dict[str, int], at: str) -> None:
    """Keep that it is done: a tombstone for each subject, and how many rows of what went."""
    connection.execute(
        update(oversight.erasure).where(oversight.erasure.c.id == number).values(status="done", done_at=at)
    )
    connection.execute(
        insert(oversight.tombstone),
        [
            {"erasure_id": number, "subject": subject, "counts": json.dumps(counts, sort_keys=True), "erased_at": at}
            for subject in subjects
        ],
    )


def is_unfinished(connection: Connection) -> bool:
    """Say whether an erasure was signed for and is not carried out, or is, and the files are not written anew yet."""
    confirmed = select(oversight.erasure.c.id).where(oversight.erasure.c.status == "confirmed").limit(1)
    return connection.execute(confirmed).first() is not None or bool(bytes_due(connection))


def tombstones(connection: Connection) -> int:
    """Return how many there are; none is ever taken away."""
    return int(connection.execute(select(func.count()).select_from(oversight.tombstone)).scalar_one())


def bytes_due(connection: Connection) -> int:
    """Return how many tombstones there are, where the files were not written anew since the latest of them; or 0."""
    there = tombstones(connection)
    return there if there != int(get_setting(connection, _WRITTEN_ANEW) or 0) else 0


def settle_bytes(connection: Connection, count: int) -> None:
    """Keep that the files were written anew after so many tombstones."""
    put_setting(connection, _WRITTEN_ANEW, str(count))


def is_erased(connection: Connection, subject: str) -> bool:
    """Say whether this subject has a tombstone."""
    found = select(oversight.tombstone.c.id).where(oversight.tombstone.c.subject == subject).limit(1)
    return connection.execute(found).first() is not None


# --- deleting --------------------------------------------------------------------------------------------------------

_LIST = "(SELECT value FROM json_each(?))"


def _list(ids: Collection[int] | Collection[str]) -> str:
    return json.dumps(list(ids))


def by_profile() -> list[Table]:
    """Return every table whose rows belong to a profile, those that refer to others first."""
    return [
        table
        for table in reversed(metadata.sorted_tables)
        if table_class(table) == "personal" and "profile_id" in table.columns and table.name not in BY_RECORD
    ]


def delete_records(connection: Connection, record_ids: Collection[int]) -> dict[str, int]:
    """Delete source records and all that partners told of them; return how many rows of which table went."""
    gone: dict[str, int] = {}
    ids = _list(record_ids)
    contacts = [
        int(row[0])
        for row in connection.exec_driver_sql(f"SELECT id FROM contact WHERE source_record_id IN {_LIST}", (ids,))
    ]
    held = connection.exec_driver_sql(
        f"SELECT DISTINCT incident_id FROM incident_contact WHERE contact_id IN {_LIST}", (_list(contacts),)
    )
    incidents = [int(number) for number in held.scalars()]
    for table, columns in BY_CONTACT.items():
        _delete(connection, gone, table, columns, _list(contacts))
    connection.exec_driver_sql(f"UPDATE contact SET counterpart_id = NULL WHERE counterpart_id IN {_LIST}", (ids,))
    _delete(connection, gone, "contact", ("source_record_id",), ids)
    for table, columns in BY_RECORD.items():
        _delete(connection, gone, table, columns, ids)
    _delete(connection, gone, "source_record", ("id",), ids)
    connection.exec_driver_sql(
        f"DELETE FROM incident WHERE id IN {_LIST} "
        "AND NOT EXISTS (SELECT 1 FROM incident_contact i WHERE i.incident_id = incident.id)",
        (_list(incidents),),
    )
    return gone


def delete_profiles(connection: Connection, profile_ids: Collection[int]) -> dict[str, int]:
    """Delete profiles whose records are gone, and all that was decided, flagged and written about them."""
    gone: dict[str, int] = {}
    ids = _list(profile_ids)
    # A signed decision is kept until the person is erased; the trigger looks at this (db/triggers.py).
    connection.exec_driver_sql(f"UPDATE profile SET status = 'erased' WHERE id IN {_LIST}", (ids,))
    _forget_why_it_left(connection, ids)
    flags = connection.exec_driver_sql(f"SELECT id FROM flag WHERE profile_id IN {_LIST}", (ids,)).scalars().all()
    _delete(connection, gone, "flag_agreement", ("flag_id",), _list(flags))
    for table in by_profile():
        _delete(connection, gone, table.name, ("profile_id",), ids)
    # A draft's thing is the profile that it is about (casework/drafts.py); of a dissent, the decision.
    rows = connection.exec_driver_sql(
        f"DELETE FROM draft WHERE thing_id IN {_LIST} AND thing NOT LIKE 'form-dissent%'", (ids,)
    ).rowcount
    if rows:
        gone["draft"] = rows
    _delete(connection, gone, "profile", ("id",), ids)
    return gone


def _forget_why_it_left(connection: Connection, ids: str) -> None:
    """Take away the words of copies that were about these people and nobody else; that they left stays on record."""
    connection.exec_driver_sql(
        f"UPDATE disclosure SET why = '', called_back_why = '' WHERE id IN "
        f"(SELECT disclosure_id FROM disclosure_subject WHERE profile_id IN {_LIST}) AND NOT EXISTS "
        f"(SELECT 1 FROM disclosure_subject o WHERE o.disclosure_id = disclosure.id AND o.profile_id NOT IN {_LIST})",
        (ids, ids),
    )


def reconciling_entries(connection: Connection) -> list[int]:
    """Return the entries of finding out whose referrals are: they name nobody, and the words sealed beside them do."""
    rows = connection.exec_driver_sql(
        "SELECT e.seq FROM audit_entry e JOIN audit_words w ON w.seq = e.seq "
        "WHERE e.operation = 'combine' AND e.thing = 'referral' ORDER BY e.seq"
    )
    return [int(seq) for seq in rows.scalars()]


def delete_words(connection: Connection, pseudonyms: Collection[str], seqs: Collection[int] = ()) -> int:
    """Delete what was typed for, and in dip samples about, entries that name one of these, or of these numbers.

    The tree stays.
    """
    connection.exec_driver_sql(
        f"UPDATE dip_item SET answer = NULL, judgement = NULL WHERE seq IN {_LIST} OR "
        f"seq IN (SELECT seq FROM audit_subject WHERE pseudonym IN {_LIST})",
        (_list(seqs), _list(pseudonyms)),
    )
    return connection.exec_driver_sql(
        f"DELETE FROM audit_words WHERE seq IN {_LIST} OR "
        f"seq IN (SELECT seq FROM audit_subject WHERE pseudonym IN {_LIST})",
        (_list(seqs), _list(pseudonyms)),
    ).rowcount


def delete_data_set(connection: Connection, references: Collection[str]) -> dict[str, int]:
    """Delete what is left of data sets whose batches were recalled: area counts, consents, reports, details of rows."""
    gone: dict[str, int] = {}
    refs = _list(references)
    for table in ("area_measure", "consent", "withheld_record"):
        _delete(connection, gone, table, ("agreement_ref",), refs)
    batches = f"(SELECT id FROM import_batch WHERE agreement_ref IN {_LIST})"
    for table in ("rejected_row", "compartment_key"):
        rows = connection.exec_driver_sql(f"DELETE FROM {table} WHERE batch_id IN {batches}", (refs,)).rowcount
        if rows:
            gone[table] = rows
    connection.exec_driver_sql(
        f"UPDATE import_batch SET report = '', quality = '' WHERE agreement_ref IN {_LIST}", (refs,)
    )
    return gone


def delete_flags_on(connection: Connection, references: Collection[str], most: int) -> set[int]:
    """Delete up to ``most`` flags that rest on these data sets; return whose they were; what holds is raised anew."""
    resting = f"(SELECT flag_id FROM flag_agreement WHERE agreement_ref IN {_LIST} LIMIT ?)"
    refs = _list(references)
    rows = connection.exec_driver_sql(f"SELECT id, profile_id FROM flag WHERE id IN {resting}", (refs, most)).all()
    flags = _list([row[0] for row in rows])
    connection.exec_driver_sql(f"DELETE FROM flag_agreement WHERE flag_id IN {_LIST}", (flags,))
    connection.exec_driver_sql(f"DELETE FROM flag WHERE id IN {_LIST}", (flags,))
    return {int(row[1]) for row in rows}


def _delete(connection: Connection, gone: dict[str, int], table: str, columns: Sequence[str], ids: str) -> None:
    where = " OR ".join(f"{column} IN {_LIST}" for column in columns)
    rows = connection.exec_driver_sql(f"DELETE FROM {table} WHERE {where}", (ids,) * len(columns)).rowcount
    if rows:
        gone[table] = gone.get(table, 0) + rows
