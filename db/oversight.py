"""What oversight asks of people's records: names and addresses, for comparing inside one combining act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare_pieces
from db.picking import pick


class BorneRow(NamedTuple):
    """A name somebody bears in one partner's record, and where that record says they live."""

    profile_id: int
    forename: str | None
    surname: str | None
    former_surname: str | None
    uprn: str | None
    address: str | None
    postcode: str | None


def borne(connection: Connection) -> Iterator[BorneRow]:
    """Yield every name and address of every person the gates allow; for a combining act."""
    statement = (
        "SELECT profile_id, forename, surname, former_surname, uprn, address, postcode FROM open_record "
        "WHERE profile_id IS NOT NULL"
    )
    for piece in bare_pieces(connection, statement):
        yield from (BorneRow(*row) for row in piece)


def pseudonyms(connection: Connection, profile_ids: Iterable[int]) -> dict[str, int]:
    """Return whose each pseudonym is, earlier ones among them, of these profiles."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT pseudonym, profile_id FROM masked_profile WHERE profile_id IN (SELECT id FROM picked) "
        "UNION SELECT pseudonym, profile_id FROM masked_alias WHERE profile_id IN (SELECT id FROM picked)"
    )
    return {str(pseudonym): int(profile_id) for pseudonym, profile_id in rows}


def names_of(connection: Connection, pseudonym: str) -> tuple[str, ...]:
    """Return every pseudonym that leads to the profile which this one leads to today, this one first."""
    rows = connection.exec_driver_sql(
        "WITH whose (id) AS (SELECT profile_id FROM masked_alias WHERE pseudonym = ?1 "
        "UNION SELECT profile_id FROM masked_profile WHERE pseudonym = ?1) "
        "SELECT pseudonym FROM masked_profile WHERE profile_id IN (SELECT id FROM whose) "
        "UNION SELECT pseudonym FROM masked_alias WHERE profile_id IN (SELECT id FROM whose) ORDER BY 1",
        (pseudonym,),
    )
    return (pseudonym, *(name for (name,) in rows if name != pseudonym))


def referred(connection: Connection) -> list[tuple[int, str | None, str | None]]:
    """Return each referral's number with the forename and surname that were written; for a combining act."""
    rows = connection.exec_driver_sql("SELECT id, forename, surname FROM combined_referral")
    return [(int(number), forename, surname) for number, forename, surname in rows]
