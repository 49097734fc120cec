"""Profiles: the linked person, which records are theirs, and what rests on that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

import db.panel_cases
from db.picking import pick
from db.schema import afterwards, panels


class ProfileRecord(NamedTuple):
    """A profile as anybody may see it."""

    profile_id: int
    pseudonym: str
    version: int
    status: str


class LinkageRecord(NamedTuple):
    """What linkage reads of a source record; the first twelve are the model's fields."""

    record_id: int
    forename: str | None
    middle_names: str | None
    surname: str | None
    former_surname: str | None
    born: str | None
    sex: str | None
    nhs_number: str | None
    upn: str | None
    uprn: str | None
    address: str | None
    postcode: str | None
    born_quality: str
    profile_id: int | None


class Resting(NamedTuple):
    """One consent, ground, flag, decision, action or restricted note that rests on who a profile is."""

    thing: str
    thing_id: int
    status: str


_LINKAGE = (
    "record_id, forename, middle_names, surname, former_surname, born, sex, nhs_number, upn, uprn, address, postcode, "
    "born_quality, profile_id"
)

_RESTING: tuple[tuple[str, str], ...] = (
    ("consent", "effective"),
    ("ground", "effective"),
    ("flag", "standing"),
    ("decision", "signed"),
    ("action", "open"),
    ("restricted_note", "standing"),
)


def for_linkage(connection: Connection) -> list[LinkageRecord]:
    """Return every gated source record; an act that combines."""
    found = connection.exec_driver_sql(f"SELECT {_LINKAGE} FROM open_record ORDER BY record_id")
    return [LinkageRecord(*row) for row in found]


def linkage_records(connection: Connection, records: Iterable[int]) -> list[LinkageRecord]:
    """Return these gated source records; an act that combines."""
    pick(connection, records)
    found = connection.exec_driver_sql(
        f"SELECT {_LINKAGE} FROM open_record WHERE record_id IN (SELECT id FROM picked) ORDER BY record_id"
    )
    return [LinkageRecord(*row) for row in found]


def members(connection: Connection) -> dict[int, int]:
    """Return the profile of every source record that has one."""
    found = connection.exec_driver_sql("SELECT source_record_id, profile_id FROM profile_member")
    return {row[0]: row[1] for row in found}


def profiles_of(connection: Connection, records: Iterable[int]) -> dict[int, int]:
    """Return the profile of those of these records that have one."""
    pick(connection, records)
    found = connection.exec_driver_sql(
        "SELECT source_record_id, profile_id FROM profile_member WHERE source_record_id IN (SELECT id FROM picked)"
    )
    return {row[0]: row[1] for row in found}


def are_there(connection: Connection, records: Iterable[int]) -> bool:
    """Say whether all of these source records are in the store: members refer to them by number alone."""
    wanted = set(records)
    pick(connection, wanted)
    found = connection.exec_driver_sql("SELECT count(*) FROM source_record WHERE id IN (SELECT id FROM picked)")
    return int(found.scalar_one()) == len(wanted)


def records_of(connection: Connection, profiles: Iterable[int]) -> dict[int, int]:
    """Return the records of these profiles, gated or not, each with its profile."""
    pick(connection, profiles)
    found = connection.exec_driver_sql(
        "SELECT source_record_id, profile_id FROM profile_member WHERE profile_id IN (SELECT id FROM picked)"
    )
    return {row[0]: row[1] for row in found}


def ages(connection: Connection, profiles: Iterable[int] | None = None) -> dict[int, str | None]:
    """Return the day each person turns 18, by profile, of these or (None) of all; an act that combines."""
    only = ""
    if profiles is not None:
        pick(connection, profiles)
        only = "WHERE profile_id IN (SELECT id FROM picked)"
    found = connection.exec_driver_sql(f"SELECT profile_id, adult_on FROM combined_age {only}")
    return {row[0]: row[1] for row in found}


def known(connection: Connection, profiles: Iterable[int]) -> dict[int, ProfileRecord]:
    """Return these profiles as anybody may see them."""
    pick(connection, profiles)
    found = connection.exec_driver_sql(
        "SELECT id, pseudonym, version, status FROM profile WHERE id IN (SELECT id FROM picked)"
    )
    return {row[0]: ProfileRecord(*row) for row in found}


def by_pseudonym(connection: Connection, pseudonym: str) -> ProfileRecord | None:
    """Return the profile that a pseudonym means today, following merges; None if there is none."""
    row = connection.exec_driver_sql(
        "SELECT id, pseudonym, version, status FROM profile WHERE pseudonym = ? AND status <> 'merged'", (pseudonym,)
    ).fetchone()
    if row is None:
        row = connection.exec_driver_sql(
            "SELECT p.id, p.pseudonym, p.version, p.status FROM profile_alias a "
            "JOIN profile p ON p.id = a.profile_id WHERE a.pseudonym = ?",
            (pseudonym,),
        ).fetchone()
    return None if row is None else ProfileRecord(*row)


def create(connection: Connection, rows: Sequence[tuple[str, str | None]], at: str, status: str) -> dict[str, int]:
    """Add profiles, (pseudonym, day of turning 18). Returns: their ids by pseudonym."""
    if not rows:
        return {}
    connection.exec_driver_sql(
        "INSERT INTO profile (pseudonym, adult_on, created_at, status) VALUES (?, ?, ?, ?)",
        [(pseudonym, adult_on, at, status) for pseudonym, adult_on in rows],
    )
    marks = ", ".join("?" * len(rows))
    found = connection.exec_driver_sql(
        f"SELECT pseudonym, id FROM profile WHERE pseudonym IN ({marks})", tuple(row[0] for row in rows)
    )
    return {row[0]: row[1] for row in found}


def put_members(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Say whose records these are: (source record, profile)."""
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO profile_member (source_record_id, profile_id) VALUES (?, ?) "
            "ON CONFLICT (source_record_id) DO UPDATE SET profile_id = excluded.profile_id",
            list(rows),
        )


def drop_members(connection: Connection, records: Iterable[int]) -> None:
    """Take records that are leaving the store out of their profiles."""
    pick(connection, records)
    connection.exec_driver_sql("DELETE FROM profile_member WHERE source_record_id IN (SELECT id FROM picked)")


def set_ages(connection: Connection, rows: Sequence[tuple[str | None, int]]) -> None:
    """Set the day of turning 18: (day, profile)."""
    if rows:
        connection.exec_driver_sql("UPDATE profile SET adult_on = ? WHERE id = ?", list(rows))


def touch(connection: Connection, profiles: Iterable[int]) -> None:
    """Raise the version of profiles whose records changed, so that stale edits are noticed."""
    rows = [(profile,) for profile in profiles]
    if rows:
        connection.exec_driver_sql("UPDATE profile SET version = version + 1 WHERE id = ?", rows)
        connection.exec_driver_sql(
            "INSERT INTO change_counter (name, value) VALUES ('profiles', 1) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1"
        )


def staged(connection: Connection, limit: int) -> list[tuple[int, str]]:
    """Return profiles that wait to be accepted, (id, pseudonym), oldest first."""
    found = connection.exec_driver_sql(
        "SELECT id, pseudonym FROM profile WHERE status = 'staged' ORDER BY id LIMIT ?", (limit,)
    )
    return [(row[0], row[1]) for row in found]


def count_staged(connection: Connection) -> int:
    """Return how many profiles wait to be accepted."""
    return int(connection.exec_driver_sql("SELECT count(*) FROM profile WHERE status = 'staged'").scalar_one())


def set_status(connection: Connection, profiles: Iterable[int], status: str) -> None:
    """Set the status of profiles: staged, open, merged, empty."""
    rows = [(status, profile) for profile in profiles]
    if rows:
        connection.exec_driver_sql("UPDATE profile SET status = ? WHERE id = ?", rows)


def without_records(connection: Connection, profiles: Iterable[int]) -> list[int]:
    """Return those of these profiles that have no record left."""
    pick(connection, profiles)
    found = connection.exec_driver_sql(
        "SELECT id FROM picked WHERE NOT EXISTS (SELECT 1 FROM profile_member m WHERE m.profile_id = picked.id)"
    )
    return [row[0] for row in found]


def merge(connection: Connection, younger: int, older: int, at: str) -> None:
    """Let everything of one profile become another's, and leave an alias.

    Consents, grounds and openings go along: it is the same person who gave them. Flags do not; they are recomputed
    for the older profile and withdrawn from the younger.
    """
    pair = (older, younger)
    connection.exec_driver_sql("UPDATE profile_member SET profile_id = ? WHERE profile_id = ?", pair)
    _carry_approach(connection, younger, older)
    connection.exec_driver_sql("UPDATE profile SET status = 'merged', version = version + 1 WHERE id = ?", (younger,))
    for table in ("consent", "ground", "opening", "action", "decision", "reopening", "notice", "approach_word",
                  "restricted_note", "profile_alias"):  # fmt: skip
        connection.exec_driver_sql(f"UPDATE {table} SET profile_id = ? WHERE profile_id = ?", pair)
    # Where both were on one panel, the older profile's place there stays.
    db.panel_cases.join_cases(connection, younger, older)
    for table in ("agenda_item", "caseload", *panels.GO_WITH_THEIR_PERSON, *afterwards.GO_WITH_THEIR_PERSON):
        connection.exec_driver_sql(f"UPDATE OR IGNORE {table} SET profile_id = ? WHERE profile_id = ?", pair)
    connection.exec_driver_sql("DELETE FROM caseload WHERE profile_id = ?", (younger,))
    # What somebody is writing about the younger goes along; each terminal's draft is its own (casework/drafts.py).
    connection.exec_driver_sql("UPDATE OR IGNORE draft SET thing_id = ? WHERE thing_id = ?", pair)
    connection.exec_driver_sql(
        "INSERT INTO profile_alias (pseudonym, profile_id, since) SELECT pseudonym, ?, ? FROM profile WHERE id = ? "
        "ON CONFLICT (pseudonym) DO UPDATE SET profile_id = excluded.profile_id",
        (older, at, younger),
    )


def _carry_approach(connection: Connection, younger: int, older: int) -> None:
    connection.exec_driver_sql(
        "UPDATE profile SET do_not_approach = 1 WHERE id = ? "
        "AND EXISTS (SELECT 1 FROM profile y WHERE y.id = ? AND y.do_not_approach = 1)",
        (older, younger),
    )


def resting(connection: Connection, profiles: Iterable[int]) -> dict[int, list[Resting]]:
    """Return what rests on who each of these profiles is, as it stands: by profile."""
    pick(connection, profiles)
    found: dict[int, list[Resting]] = {}
    for thing, status in _RESTING:
        for profile, row_id in connection.exec_driver_sql(
            f"SELECT profile_id, id FROM {thing} WHERE profile_id IN (SELECT id FROM picked) AND status = ? "
            "ORDER BY id",
            (status,),
        ):
            found.setdefault(profile, []).append(Resting(thing.replace("_", "-"), row_id, status))
    return found


def reopen(connection: Connection, profile: int, things: Sequence[Resting], because: str, at: str) -> None:
    """Reopen what rested on a profile that is not who it was thought to be, and close what it had opened."""
    connection.exec_driver_sql("DELETE FROM opening WHERE profile_id = ?", (profile,))
    for thing in things:
        if thing.thing in ("consent", "ground", "decision"):
            connection.exec_driver_sql(f"UPDATE {thing.thing} SET status = 'reopened' WHERE id = ?", (thing.thing_id,))
    note_reopened(connection, profile, things, because, at)


def note_reopened(connection: Connection, profile: int, things: Sequence[Resting], because: str, at: str) -> None:
    """List things for somebody to look at again, leaving them as they stand."""
    if things:
        connection.exec_driver_sql(
            "INSERT INTO reopening (profile_id, thing, thing_id, because, reopened_at) VALUES (?, ?, ?, ?, ?)",
            [(profile, thing.thing, thing.thing_id, because, at) for thing in things],
        )


def waiting_reopenings(connection: Connection, profile: int | None = None) -> list[tuple[int, int, str, int, str, str]]:
    """Return what nobody has looked at since it was reopened.

    Returns: (reopening id, profile, thing, thing id, because, reopened at), oldest first.
    """
    only = "" if profile is None else "AND profile_id = ?"
    found = connection.exec_driver_sql(
        "SELECT id, profile_id, thing, thing_id, because, reopened_at FROM masked_reopening "
        f"WHERE settled_at IS NULL {only} ORDER BY id",
        () if profile is None else (profile,),
    )
    return [tuple(row) for row in found]


def record_references(connection: Connection) -> list[tuple[int, str, str]]:
    """Return the partner's own reference of each gated record that has one: (record, agreement, reference)."""
    found = connection.exec_driver_sql(
        "SELECT record_id, agreement_ref, partner_reference FROM open_record WHERE partner_reference IS NOT NULL"
    )
    return [tuple(row) for row in found]


def contact_references(connection: Connection) -> list[tuple[int, str, str]]:
    """Return the partner's reference of each gated contact that has one: (record, agreement, reference)."""
    found = connection.exec_driver_sql(
        "SELECT record_id, agreement_ref, partner_reference FROM open_contact WHERE partner_reference IS NOT NULL"
    )
    return [tuple(row) for row in found]
