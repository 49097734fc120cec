"""The list of people: who there is, what of them may stand in a row, and by what words they may be found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class ListedPerson(NamedTuple):
    """What a row shows of anybody."""

    profile_id: int
    pseudonym: str
    is_open: int
    under_18: int | None
    do_not_approach: int


class OpenIdentity(NamedTuple):
    """Who one record of an open profile says it is."""

    profile_id: int
    forename: str | None
    middle_names: str | None
    surname: str | None
    former_surname: str | None
    born: str | None
    postcode: str | None
    partner_reference: str | None


_IDENTITY = "profile_id, forename, middle_names, surname, former_surname, born, postcode, partner_reference"


def everybody(connection: Connection) -> list[tuple[int, str]]:
    """Return (id, pseudonym) of every profile, the oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, pseudonym FROM masked_profile WHERE status IN ('open', 'empty') ORDER BY profile_id"
    )
    return [(profile, pseudonym) for profile, pseudonym in rows]


def former_pseudonyms(connection: Connection) -> list[tuple[int, str]]:
    """Return (id, pseudonym) of the pseudonyms that merged profiles went by."""
    rows = connection.exec_driver_sql("SELECT profile_id, pseudonym FROM masked_alias")
    return [(profile, pseudonym) for profile, pseudonym in rows]


def identities(connection: Connection) -> list[OpenIdentity]:
    """Return who everybody is whose profile is open, one row a record."""
    rows = connection.exec_driver_sql(
        f"SELECT {_IDENTITY} FROM open_record WHERE profile_id IS NOT NULL"
    )
    return [OpenIdentity(*row) for row in rows]


def identities_of(connection: Connection, profile_ids: Iterable[int]) -> list[OpenIdentity]:
    """Return who these people are, as far as they are open, their latest record last."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        f"SELECT {_IDENTITY} FROM open_record WHERE profile_id IN (SELECT id FROM picked) "
        "ORDER BY batch_id, record_id"
    )
    return [OpenIdentity(*row) for row in rows]


def own_references(connection: Connection) -> list[tuple[int, str]]:
    """Return (profile, reference) under which the acting agency knows people, open or not."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, partner_reference FROM own_record "
        "WHERE profile_id IS NOT NULL AND partner_reference IS NOT NULL"
    )
    return [(profile, reference) for profile, reference in rows]


def own_references_of(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Return (profile, reference) under which the acting agency knows these people."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT profile_id, partner_reference FROM own_record "
        "WHERE profile_id IN (SELECT id FROM picked) AND partner_reference IS NOT NULL ORDER BY partner_reference"
    )
    return [(profile, reference) for profile, reference in rows]


def listed(connection: Connection, profile_ids: Iterable[int]) -> dict[int, ListedPerson]:
    """Return what a row shows of these people."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id, pseudonym, is_open, under_18, do_not_approach FROM masked_profile "
        "WHERE profile_id IN (SELECT id FROM picked)"
    )
    return {row[0]: ListedPerson(*row) for row in rows}


def still_open(connection: Connection, profile_ids: Iterable[int]) -> set[int]:
    """Return which of these profiles are open for the acting purpose today."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT profile_id FROM masked_profile WHERE is_open = 1 AND profile_id IN (SELECT id FROM picked)"
    )
    return set(rows.scalars())


def agencies_of(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Return (profile, agency) for the agencies that met these people, as far as they may be named."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT profile_id, agency_shown FROM masked_contact "
        "WHERE profile_id IN (SELECT id FROM picked) ORDER BY agency_shown"
    )
    return [(profile, agency) for profile, agency in rows]
