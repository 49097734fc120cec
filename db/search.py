"""What a search and the list of people are made of: names of open profiles, pseudonyms of anybody, own references."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class NamedRow(NamedTuple):
    """What an open profile may be found by, as one record has it."""

    profile_id: int
    forename: str | None
    middle_names: str | None
    surname: str | None
    former_surname: str | None
    born: str | None
    postcode: str | None


class PersonRow(NamedTuple):
    """One line of the list of people, before agencies and names are added."""

    profile_id: int
    pseudonym: str
    under_18: int | None
    is_open: int
    do_not_approach: int


_OPEN_NOW = (
    "SELECT DISTINCT o.profile_id FROM masked_opening o, acting a WHERE o.purpose = a.purpose "
    "AND a.today BETWEEN o.opens AND o.closes"
)


def named(connection: Connection) -> list[NamedRow]:
    """Return the records of every open profile, the newest first."""
    pick(connection, connection.exec_driver_sql(_OPEN_NOW).scalars().all())
    rows = connection.exec_driver_sql(
        "SELECT profile_id, forename, middle_names, surname, former_surname, born, postcode "
        "FROM picked k CROSS JOIN open_record r ON r.profile_id = k.id ORDER BY batch_id DESC, record_id"
    )
    return [NamedRow(*row) for row in rows]


def acting_for(connection: Connection) -> tuple[str, str]:
    """Return the purpose acted for, and the day."""
    purpose, today = connection.exec_driver_sql("SELECT purpose, today FROM acting").one()
    return purpose, today


def everybody(connection: Connection) -> list[tuple[int, str]]:
    """Return the id and pseudonym of every profile, the oldest first."""
    rows = connection.exec_driver_sql("SELECT id, pseudonym FROM profile WHERE status = 'open' ORDER BY id")
    return [(number, pseudonym) for number, pseudonym in rows]


def aliases(connection: Connection) -> list[tuple[str, int]]:
    """Return the pseudonyms of profiles that were merged, with the profile that was kept."""
    rows = connection.exec_driver_sql("SELECT pseudonym, profile_id FROM masked_alias")
    return [(pseudonym, kept) for pseudonym, kept in rows]


def own_references(connection: Connection) -> list[tuple[int, str]]:
    """Return the acting agency's own references with whose they are."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, partner_reference FROM own_record "
        "WHERE profile_id IS NOT NULL AND partner_reference IS NOT NULL"
    )
    return [(profile, reference) for profile, reference in rows]


def own_references_of(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Return (profile, reference) under which the acting agency knows these people."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT profile_id, partner_reference FROM picked k CROSS JOIN own_record r ON r.profile_id = k.id "
        "WHERE partner_reference IS NOT NULL ORDER BY partner_reference"
    )
    return [(profile, reference) for profile, reference in rows]


_LISTS = {
    "everybody": "SELECT id FROM profile WHERE status = 'open' ORDER BY id",
    "open": f"SELECT id FROM profile WHERE status = 'open' AND id IN ({_OPEN_NOW}) ORDER BY id",
    "flagged": "SELECT DISTINCT f.profile_id FROM masked_flag f, acting a WHERE f.status = 'standing' "
    "AND a.today >= f.raised_on AND a.today < f.lapses_on ORDER BY f.profile_id",
    "ours": "SELECT DISTINCT profile_id FROM own_record WHERE profile_id IS NOT NULL ORDER BY profile_id",
    "caseload": "SELECT c.profile_id FROM masked_caseload c, acting a WHERE c.user_name = a.user_name "
    "ORDER BY c.profile_id",
}
LISTS = tuple(_LISTS)
"""The lists of people there are."""


def ids(connection: Connection, which: str) -> list[int]:
    """Return the profiles of one of LISTS, the oldest first."""
    return list(connection.exec_driver_sql(_LISTS[which]).scalars())


def people(connection: Connection, profile_ids: Iterable[int]) -> list[PersonRow]:
    """Return the lines of these profiles, the oldest first."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, pseudonym, under_18, is_open, do_not_approach FROM picked k "
        "CROSS JOIN masked_profile p ON p.profile_id = k.id ORDER BY profile_id"
    )
    return [PersonRow(*row) for row in rows]


def names(connection: Connection, profile_ids: Iterable[int]) -> list[NamedRow]:
    """Return the records of those of these profiles that are open, the newest first."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, forename, middle_names, surname, former_surname, born, postcode "
        "FROM picked k CROSS JOIN open_record r ON r.profile_id = k.id ORDER BY batch_id DESC, record_id"
    )
    return [NamedRow(*row) for row in rows]


def agencies(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """Return (profile, agency as a mask may name it, latest month) for these profiles."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, agency_shown, max(month) FROM picked k CROSS JOIN masked_contact c ON c.profile_id = k.id "
        "GROUP BY profile_id, agency_shown ORDER BY agency_shown"
    )
    return [(profile, agency, month) for profile, agency, month in rows]


def agencies_open(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """Return (profile, agency by its own name, latest month) for those of these profiles that are open."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, agency_code, substr(max(occurred_on), 1, 7) FROM picked k "
        "CROSS JOIN open_contact c ON c.profile_id = k.id GROUP BY profile_id, agency_code ORDER BY agency_code"
    )
    return [(profile, agency, month) for profile, agency, month in rows]


def flag_counts(connection: Connection, profile_ids: Iterable[int]) -> dict[int, int]:
    """Return how many flags each of these profiles has today."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT f.profile_id, count(*) FROM picked k CROSS JOIN masked_flag f ON f.profile_id = k.id, acting a "
        "WHERE f.status = 'standing' AND a.today >= f.raised_on AND a.today < f.lapses_on GROUP BY f.profile_id"
    )
    return {row[0]: row[1] for row in rows}
