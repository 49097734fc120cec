"""Consents: what was given, whose it is and who settled that; what they open is in openings.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class ConsentRow(NamedTuple):
    """One consent as it was given."""

    id: int
    profile_id: int | None
    kind: str
    purpose: str | None
    agreement_ref: str | None
    forename: str | None
    surname: str | None
    born: str | None
    postcode: str | None
    nhs_number: str | None
    given_by: str
    authority: str
    given_on: str
    expires_on: str | None
    evidence: str | None
    status: str
    withdrawn_on: str | None
    withdrawn_why: str
    recorded_by: str
    recorded_at: str
    reopened_by: str | None = None


class NewConsent(NamedTuple):
    """One consent to be kept; it waits until it is matched."""

    kind: str
    purpose: str | None
    agreement_ref: str | None
    forename: str
    surname: str
    born: str
    postcode: str | None
    nhs_number: str | None
    given_by: str
    authority: str
    given_on: str
    expires_on: str | None
    evidence: str | None
    status: str
    register_version: int
    recorded_by: str
    recorded_at: str


class Sighting(NamedTuple):
    """What a record says of who a person is, for matching a consent."""

    profile_id: int
    record_id: int
    forename: str | None
    surname: str | None
    former_surname: str | None
    born: str | None
    nhs_number: str | None
    postcode: str | None
    agreement_ref: str = ""


_CONSENT_COLUMNS = ", ".join(ConsentRow._fields)
_OF_T = ", ".join(f"t.{name}" for name in ConsentRow._fields)
_CONSENT = f"SELECT {_CONSENT_COLUMNS} FROM waiting_consent"
_NEW_COLUMNS = ", ".join(NewConsent._fields)


def add(connection: Connection, consent: NewConsent) -> int:
    """Keep a consent and return its number, which is never used again."""
    marks = ",".join("?" * len(NewConsent._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO consent ({_NEW_COLUMNS}) VALUES ({marks})",
            tuple(consent),
        ).lastrowid
    )


def by_id(connection: Connection, consent_id: int) -> ConsentRow | None:
    """Return one consent. Needs the sight of a matching act."""
    row = connection.exec_driver_sql(f"{_CONSENT} WHERE id = ?", (consent_id,)).fetchone()
    return ConsentRow(*row) if row else None


def with_status(connection: Connection, *statuses: str) -> list[ConsentRow]:
    """Return the consents of these statuses, the oldest first. Needs the sight of a matching act."""
    marks = ",".join("?" * len(statuses))
    rows = connection.exec_driver_sql(
        f"{_CONSENT} WHERE status IN ({marks}) ORDER BY id",
        statuses,
    )
    return [ConsentRow(*row) for row in rows]


def of_profiles(connection: Connection, profile_ids: Iterable[int]) -> list[ConsentRow]:
    """Return the consents matched to these profiles. Needs the sight of a matching act."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        f"SELECT {_OF_T} FROM picked k CROSS JOIN waiting_consent t ON t.profile_id = k.id ORDER BY t.id"
    )
    return [ConsentRow(*row) for row in rows]


def register(connection: Connection, agreement_ref: str) -> list[ConsentRow]:
    """Return the standing confidentiality consents for one data set. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(
        f"{_CONSENT} WHERE kind = 'confidentiality' AND agreement_ref = ? AND status IN ('waiting', 'effective')",
        (agreement_ref,),
    )
    return [ConsentRow(*row) for row in rows]


def lifting(connection: Connection, born: str) -> list[ConsentRow]:
    """Return the confidentiality consents of everybody born on a day. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(f"{_CONSENT} WHERE born = ? AND kind = 'confidentiality' ORDER BY id", (born,))
    return [ConsentRow(*row) for row in rows]


def open_consents(connection: Connection, profile_id: int | None = None) -> list[ConsentRow]:
    """Return the consents of open profiles: of one, or of all."""
    where, given = ("WHERE profile_id = ?", (profile_id,)) if profile_id is not None else ("", ())
    rows = connection.exec_driver_sql(
        f"SELECT {_CONSENT_COLUMNS} FROM open_consent {where} ORDER BY id",
        given,
    )
    return [ConsentRow(*row) for row in rows]


def declined_on(connection: Connection, profile_ids: Iterable[int], purpose: str) -> dict[int, str]:
    """Return on which day those of these people who declined last did so, where they have not agreed since."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        "SELECT r.profile_id, max(r.given_on) FROM masked_refusal r WHERE r.purpose = ? "
        "AND r.profile_id IN (SELECT id FROM picked) AND NOT EXISTS (SELECT 1 FROM opening o, acting a "
        "WHERE o.profile_id = r.profile_id AND o.purpose = r.purpose AND o.basis = 'consent' "
        "AND a.today BETWEEN o.opens AND o.closes) GROUP BY r.profile_id",
        (purpose,),
    )
    return {row[0]: row[1] for row in rows}


def count_waiting(connection: Connection, reviewer: str = "") -> int:
    """Return how many consents wait: in all, or for a reviewer who did not hand them in."""
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM consent WHERE status IN ('waiting', 'reopened') AND (? = '' OR recorded_by <> ?)",
        (reviewer, reviewer),
    ).scalar()
    return int(found or 0)


def set_match(connection: Connection, consent_id: int, profile_id: int | None, status: str) -> None:
    """Say whose consent it is, and where it stands."""
    connection.exec_driver_sql(
        "UPDATE consent SET profile_id = ?, status = ?, withdrawn_on = NULL, withdrawn_why = '', reopened_by = NULL "
        "WHERE id = ?",
        (profile_id, status, consent_id),
    )


def reopen(connection: Connection, consent_id: int, why: str, by: str) -> None:
    """Put a consent that had ended back before a reviewer other than whoever brought it back."""
    connection.exec_driver_sql(
        "UPDATE consent SET status = 'reopened', withdrawn_on = NULL, withdrawn_why = ?, reopened_by = ? WHERE id = ?",
        (why, by, consent_id),
    )


def put_second_person(connection: Connection, consent_id: int, settled_by: str, settled_at: str) -> None:
    """Keep who said whose consent it is, besides whoever handed it in."""
    connection.exec_driver_sql(
        "UPDATE consent SET settled_by = ?, settled_at = ? WHERE id = ?", (settled_by, settled_at, consent_id)
    )


def rests_on_sensitive(connection: Connection, profile_id: int, categories: Iterable[str]) -> bool:
    """Return whether a profile holds records of a sensitive data set, or contacts of these categories.

    Needs the sight of a matching act.
    """
    listed = tuple(categories)
    found = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM open_record r JOIN gate g ON g.agreement_ref = r.agreement_ref "
        "WHERE r.profile_id = ? AND g.sensitive = 1) OR EXISTS (SELECT 1 FROM open_contact "
        f"WHERE profile_id = ? AND category IN ({','.join('?' * len(listed))}))",
        (profile_id, profile_id, *listed),
    ).scalar()
    return bool(found)


class MaskedConsentRow(NamedTuple):
    """An agreement or a refusal of somebody masked, by numbers and users."""

    id: int
    profile_id: int
    kind: str
    purpose: str
    given_on: str
    status: str
    recorded_by: str


def on_masks(connection: Connection) -> list[MaskedConsentRow]:
    """Return what stands, or was reopened, of people who are masked for the acting purpose; the latest first."""
    rows = connection.exec_driver_sql(
        "SELECT c.id, c.profile_id, c.kind, c.purpose, c.given_on, c.status, c.recorded_by FROM masked_consent c "
        "JOIN masked_profile p ON p.profile_id = c.profile_id, acting a WHERE c.purpose = a.purpose AND NOT p.is_open "
        "AND c.status IN ('effective', 'refused', 'reopened') AND coalesce(c.expires_on, a.today) >= a.today "
        "ORDER BY c.id DESC"
    )
    return [MaskedConsentRow(*row) for row in rows]


def known_to(connection: Connection, profile_id: int, agency: str) -> bool:
    """Return whether an agency has sent a record of a person itself. Needs the sight of a matching act."""
    found = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM open_record WHERE profile_id = ? AND agency_code = ?)", (profile_id, agency)
    ).scalar()
    return bool(found)


def withdraw(connection: Connection, consent_id: int, on: str, why: str) -> None:
    """Mark a consent as withdrawn on a day."""
    connection.exec_driver_sql(
        "UPDATE consent SET status = 'withdrawn', withdrawn_on = ?, withdrawn_why = ? WHERE id = ?",
        (on, why, consent_id),
    )


_SIGHTING = (
    "SELECT r.profile_id, r.record_id, r.forename, r.surname, r.former_surname, r.born, r.nhs_number, r.postcode, "
    "r.agreement_ref FROM open_record r JOIN profile p ON p.id = r.profile_id WHERE p.status = 'open'"
)


def sightings(connection: Connection, born: str) -> list[Sighting]:
    """Return the records of everybody born on a day. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(f"{_SIGHTING} AND r.born = ?", (born,))
    return [Sighting(*row) for row in rows]


def sightings_of(connection: Connection, profile_ids: Iterable[int]) -> list[Sighting]:
    """Return every record of these profiles. Needs the sight of a matching act."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        _SIGHTING.replace("FROM", "FROM picked k CROSS JOIN") + " AND r.profile_id = k.id"
    )
    return [Sighting(*row) for row in rows]
