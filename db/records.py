"""Source records, their details and contacts: how a piece of an extract is staged.

A source record is stable; what it says, and each contact, is a row a batch. A row is seen while its batch is accepted
and no accepted later batch has replaced it (`superseded_by`), so a recall in any order finds every earlier version in
place. Statements here go to the driver as tuples: an import runs them for every row.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection

from db.staged_rows import (
    AS_COUNTERPART,
    BARE,
    CONTACT_COLUMNS,
    DETAIL_COLUMNS,
    ROLE_MARK,
    ContactRow,
    Person,
    Piece,
    Staged,
    StagedRow,
)

_NOT_REPLACED = (
    "({0}.superseded_by IS NULL OR ({0}.superseded_by <> ?1 AND EXISTS (SELECT 1 FROM import_batch s "
    "WHERE s.id = {0}.superseded_by AND s.status <> 'accepted')))"
)
_STANDS = "EXISTS (SELECT 1 FROM import_batch b WHERE b.id = {0}.batch_id AND b.status = 'accepted')"

_KNOWN_PEOPLE = (
    "SELECT r.person_key, r.id, d.id, d.batch_id, d.detail_digest FROM json_each(?2) k "
    "JOIN source_record r ON r.person_key = k.value "
    "LEFT JOIN record_detail d ON d.source_record_id = r.id AND (d.batch_id = ?1 OR ("
    + _STANDS.format("d")
    + " AND "
    + _NOT_REPLACED.format("d")
    + "))"
)
_KNOWN_CONTACTS = (
    "SELECT c.contact_key, c.source_record_id, c.row_digest, c.batch_id, c.id FROM json_each(?2) k "
    "JOIN contact c ON c.contact_key = k.value WHERE c.batch_id = ?1 OR ("
    + _STANDS.format("c")
    + " AND "
    + _NOT_REPLACED.format("c")
    + ")"
)
_KNOWN_RELATIONSHIPS = (
    "SELECT t.id FROM json_each(?2) k JOIN relationship t ON t.from_record_id = k.value ->> 0 "
    "AND t.to_record_id = k.value ->> 1 WHERE t.batch_id <> ?1 AND "
    + _STANDS.format("t")
    + " AND "
    + _NOT_REPLACED.format("t")
)
_MARK_BYTES = 12
_NEW_PERSON = (
    "INSERT INTO source_record "
    "(agreement_ref, agency_code, person_key, partner_reference, first_batch_id, record_mark) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_NEW_PERSONS = (
    "INSERT INTO source_record "
    "(id, agreement_ref, agency_code, person_key, partner_reference, first_batch_id, record_mark) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_NEW_DETAIL = (
    f"INSERT INTO record_detail (source_record_id, batch_id, detail_digest, {', '.join(DETAIL_COLUMNS)}) "
    f"VALUES (?, ?, ?, {', '.join('?' * len(DETAIL_COLUMNS))})"
)
_OTHER_DETAIL = (
    f"UPDATE record_detail SET detail_digest = ?, {', '.join(f'{name} = ?' for name in DETAIL_COLUMNS)} "
    "WHERE source_record_id = ? AND batch_id = ?"
)
_WHO, _KEY, _SAYS = (CONTACT_COLUMNS.index(name) for name in ("source_record_id", "contact_key", "row_digest"))

WRITTEN_AT_ONCE = 50
"""Contacts that a piece writes between one look whether somebody waits and the next; as many whoever waits, so that the
work comes to an end."""

_NEW_CONTACT = f"INSERT INTO contact ({', '.join(CONTACT_COLUMNS)}) VALUES ({', '.join('?' * len(CONTACT_COLUMNS))})"
_NEW_SEALED_CONTACT = (
    f"INSERT INTO contact ({', '.join(CONTACT_COLUMNS)}, sealed, sealed_under) "
    f"VALUES ({', '.join('?' * len(CONTACT_COLUMNS))}, ?, ?)"
)
_NEW_RELATIONSHIP = (
    "INSERT INTO relationship (batch_id, from_record_id, to_record_id, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)

_STANDING = {BARE: 0, AS_COUNTERPART: 1}
_AS_SUBJECT = 2


def _standing(digest: str) -> int:
    """Return how much a mention counts: what is said of a row's own subject most, a bare reference nothing."""
    return _STANDING.get(digest[:1], _AS_SUBJECT)


_AHEAD = (
    "SELECT count(*) FROM json_each(?) k CROSS JOIN contact c ON c.contact_key = k.value",
    "SELECT count(*) FROM json_each(?) k CROSS JOIN source_record r ON r.person_key = k.value "
    "CROSS JOIN contact c ON c.source_record_id = r.id",
)
"""These touch the pages of the indexes in which a piece's rows find their places."""


def ahead_of(rows: Sequence[StagedRow], left: Sequence[ContactRow]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what to ask so that the pages which staging these rows will change are held when it has the turn."""
    contacts = [row.contact.contact_key for row in rows if row.contact is not None]
    people = [person.key for row in rows for person in (row.person, row.counterpart) if person is not None]
    by_key, by_person = _AHEAD
    return [(by_key, (json.dumps(contacts + [row[_KEY] for row in left]),)), (by_person, (json.dumps(people),))]


def stage_piece(connection: Connection, piece: Piece) -> Staged:
    """Write one piece of an extract, invisible until its batch is accepted.

    What an earlier batch said of the same person or event is marked as replaced by this batch; the mark means nothing
    until the batch is accepted, and nothing again once it is recalled.
    """
    staged = Staged()
    ids = _people(connection, piece, staged)
    _relationships(connection, piece, staged, ids)
    new = list(piece.left)
    if any(row.contact is not None for row in piece.rows):
        new += _contacts(connection, piece, staged, ids)
    staged.left = _write_contacts(connection, piece, new)
    return staged


def _people(connection: Connection, piece: Piece, staged: Staged) -> dict[str, int]:
    """Stage people and what is said of them; return the source record of everybody in the piece by key."""
    ids: dict[str, int] = {}
    people: dict[str, Person] = {}
    changed: dict[str, Person] = {}
    moved: set[str] = set()
    persons_only = not piece.details_by_last_row
    known = piece.known
    # Unpacked, not asked by name: this loop runs for every row, and a name costs more than a place.
    for number, subject, _, counterpart, _, _ in piece.rows:
        for person in (subject,) if counterpart is None else (subject, counterpart):
            key = person[0]
            before = known.get(key)
            if before is not None:
                digest: str | None = changed[key].digest if key in changed else before[1]
                ids[key] = before[0]
            else:
                digest = people[key].digest if key in people else None
            if digest is None:
                people[key] = person
            elif persons_only and person is subject and _standing(digest) == _AS_SUBJECT:
                (staged.repeated if digest == person.digest else staged.conflicting).append(number)
            elif digest != person[2] and _standing(person[2]) >= _standing(digest):
                staged.restated += 1
                (people if key in people else changed)[key] = person
                if before is not None and _standing(person[2]) > _standing(digest):
                    moved.add(key)
    if people and not piece.all_known:
        _look_up(connection, piece, staged, people, changed, moved)
    new = [person for key, person in people.items() if key not in staged.known]
    if new:
        _add_people(connection, piece, staged, new)
    fresh = [key for key in people if staged.known[key][1] == ""]
    if fresh:
        connection.exec_driver_sql(
            _NEW_DETAIL,
            [(staged.known[key][0], piece.batch_id, people[key].digest, *people[key].detail) for key in fresh],
        )
        for key in fresh:
            staged.known[key] = (staged.known[key][0], people[key].digest)
    staged.persons = len(fresh)
    ids.update((key, found[0]) for key, found in staged.known.items())
    if changed:
        connection.exec_driver_sql(
            _OTHER_DETAIL,
            [(person.digest, *person.detail, ids[key], piece.batch_id) for key, person in changed.items()],
        )
        for key, person in changed.items():
            staged.known[key] = (ids[key], person.digest)
    if not piece.first_of_data_set:
        for key in moved:
            _put_in_line(connection, piece.batch_id, ids[key])
    return ids


def _put_in_line(connection: Connection, batch_id: int, record_id: int) -> None:
    """Put this batch's details of a person below those that count more, and above all others.

    Each row points to the batch whose row comes next, so that a recall in any order leaves exactly one to be seen.
    """
    rows = connection.exec_driver_sql(
        "SELECT d.id, d.batch_id, d.detail_digest, d.superseded_by FROM record_detail d "
        f"WHERE d.source_record_id = ?2 AND (d.batch_id = ?1 OR {_STANDS.format('d')})",
        (batch_id, record_id),
    ).fetchall()
    (mine,) = (row for row in rows if row[1] == batch_id)
    line = sorted((row for row in rows if row[1] != batch_id), key=lambda row: (_standing(row[2]), row[1]))
    below = [row for row in line if _standing(row[2]) <= _standing(mine[2])]
    above = line[len(below) :]
    points = {row[0]: mine[3] for row in line if row[3] == batch_id}
    points[mine[0]] = above[0][1] if above else None
    if below:
        points[below[-1][0]] = batch_id
    connection.exec_driver_sql(
        "UPDATE record_detail SET superseded_by = ? WHERE id = ?", [(batch, row) for row, batch in points.items()]
    )


def _look_up(
    connection: Connection,
    piece: Piece,
    staged: Staged,
    people: dict[str, Person],
    changed: dict[str, Person],
    moved: set[str],
) -> None:
    """Find people of earlier batches, and of this one where memory did not hold them; mark what is replaced.

    Those whose place in the line of their details is another than the last are added to ``moved``.
    """
    replaced: list[tuple[int, int]] = []
    here: dict[str, str] = {}
    rows = connection.exec_driver_sql(_KNOWN_PEOPLE, (piece.batch_id, json.dumps(list(people))))
    for key, record_id, detail_id, batch_id, digest in rows.fetchall():
        staged.known.setdefault(key, (record_id, ""))
        if batch_id == piece.batch_id:
            here[key] = digest
        elif detail_id is not None and _standing(people[key].digest) >= _standing(digest):
            replaced.append((piece.batch_id, detail_id))
        elif detail_id is not None:
            moved.add(key)
    staged.existing.extend(record_id for record_id, _ in staged.known.values())
    for key, digest in here.items():
        staged.known[key] = (staged.known[key][0], digest)
        person = people.pop(key)
        moved.discard(key)
        if digest == person.digest or _standing(person.digest) < _standing(digest):
            continue
        if piece.details_by_last_row or _standing(digest) < _AS_SUBJECT:
            staged.restated += 1
            changed[key] = person
            if _standing(person.digest) > _standing(digest):
                moved.add(key)
    if not piece.details_by_last_row:
        for row in piece.rows:
            found = here.get(row.person.key)
            if found is not None and _standing(found) == _AS_SUBJECT:
                (staged.repeated if found == row.person.digest else staged.conflicting).append(row.number)
    if replaced:
        connection.exec_driver_sql("UPDATE record_detail SET superseded_by = ? WHERE id = ?", replaced)


def _add_people(connection: Connection, piece: Piece, staged: Staged, new: list[Person]) -> None:
    first, *rest = new
    drawn = secrets.token_hex(_MARK_BYTES * len(new))
    marks = iter([drawn[at : at + 2 * _MARK_BYTES] for at in range(0, len(drawn), 2 * _MARK_BYTES)])
    told = (piece.agreement_ref, piece.agency_code, first.key, first.reference, piece.batch_id)
    added = connection.exec_driver_sql(_NEW_PERSON, (*told, next(marks)))
    # Ids are dealt in order within one transaction, so the rest need not be asked for one by one.
    record_id = int(added.lastrowid)
    staged.known[first.key] = (record_id, "")
    rows = []
    for person in rest:
        record_id += 1
        staged.known[person.key] = (record_id, "")
        told = (piece.agreement_ref, piece.agency_code, person.key, person.reference, piece.batch_id)
        rows.append((record_id, *told, next(marks)))
    if rows:
        connection.exec_driver_sql(_NEW_PERSONS, rows)


def _contacts(connection: Connection, piece: Piece, staged: Staged, ids: dict[str, int]) -> list[ContactRow]:
    """Mark what these rows replace; return the contacts that are to be written."""
    seen: dict[tuple[str, int, str], str] = {
        (row[_KEY], row[_WHO], row[_SAYS][:ROLE_MARK]): row[_SAYS] for row in piece.left
    }
    replaced: list[tuple[int, int]] = []
    keys = {contact[0] for _, _, contact, _, _, _ in piece.rows if contact is not None}
    rows = connection.exec_driver_sql(_KNOWN_CONTACTS, (piece.batch_id, json.dumps(list(keys))))
    for contact_key, record_id, told, batch_id, contact_id in rows.fetchall():
        if batch_id == piece.batch_id:
            seen[(contact_key, record_id, told[:ROLE_MARK])] = told
        else:
            replaced.append((piece.batch_id, contact_id))
            staged.existing.append(record_id)
    if replaced:
        staged.replaced = len(replaced)
        connection.exec_driver_sql("UPDATE contact SET superseded_by = ? WHERE id = ?", replaced)
    new: list[ContactRow] = []
    batch, ref = piece.batch_id, piece.agreement_ref
    for number, person, contact, counterpart, other, _ in piece.rows:
        if contact is None:
            continue
        person_id = ids[person[0]]
        other_id = ids[counterpart[0]] if counterpart is not None else None
        digest = contact[1]
        slot = (contact[0], person_id, digest[:ROLE_MARK])
        before = seen.get(slot)
        if before is None:
            seen[slot] = digest
            new.append((batch, ref, person_id, other_id, *contact))
        elif before != digest:
            staged.conflicting.append(number)
            continue
        elif other is None:
            staged.repeated.append(number)
        if other is not None and other_id is not None:
            slot = (other[0], other_id, other[1][:ROLE_MARK])
            if slot not in seen:
                seen[slot] = other[1]
                new.append((batch, ref, other_id, person_id, *other))
            elif before is not None:
                staged.repeated.append(number)
    staged.contacts = len(new)
    return new


def _write_contacts(connection: Connection, piece: Piece, new: Sequence[ContactRow]) -> Sequence[ContactRow]:
    """Write contacts until all are, or somebody waits; return what is left."""
    written = 0
    while written < len(new) and not (written and piece.cut_short()):
        rows = new[written : written + WRITTEN_AT_ONCE]
        if piece.seal is None:
            connection.exec_driver_sql(_NEW_CONTACT, rows)
        else:
            connection.exec_driver_sql(_NEW_SEALED_CONTACT, [piece.seal(row) for row in rows])
        written += len(rows)
    return new[written:]


def _relationships(connection: Connection, piece: Piece, staged: Staged, ids: dict[str, int]) -> None:
    stated = {
        (ids[row.person.key], ids[row.counterpart.key], row.relationship)
        for row in piece.rows
        if row.relationship is not None and row.counterpart is not None
    }
    if not stated:
        return
    if not piece.first_of_data_set:
        pairs = json.dumps([pair[:2] for pair in stated])
        rows = connection.exec_driver_sql(_KNOWN_RELATIONSHIPS, (piece.batch_id, pairs)).fetchall()
        if rows:
            connection.exec_driver_sql(
                "UPDATE relationship SET superseded_by = ? WHERE id = ?", [(piece.batch_id, row[0]) for row in rows]
            )
    connection.exec_driver_sql(_NEW_RELATIONSHIP, [(piece.batch_id, *pair) for pair in sorted(stated)])


def holds_any(connection: Connection, agreement_ref: str) -> bool:
    """Return whether the store holds any source record of a data set."""
    return (
        connection.exec_driver_sql(
            "SELECT 1 FROM source_record WHERE agreement_ref = ? LIMIT 1", (agreement_ref,)
        ).first()
        is not None
    )
