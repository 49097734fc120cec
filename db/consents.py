"""Consents, and the openings that they and grounds make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare
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


class OpeningRow(NamedTuple):
    """From when until when a profile is open for a purpose, and why."""

    profile_id: int
    purpose: str
    opens: str
    closes: str
    basis: str
    basis_id: int


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


_SIGHTING = (
    "SELECT r.profile_id, r.record_id, r.forename, r.surname, r.former_surname, r.born, r.nhs_number, r.postcode, "
    "r.agreement_ref FROM open_record r JOIN profile p ON p.id = r.profile_id WHERE p.status = 'open'"
)


def put_opening(connection: Connection, opening: OpeningRow, *, unless_confirmed_by: str | None = None) -> None:
    """Open a profile for a purpose; a later word on the same basis replaces the earlier."""
    connection.exec_driver_sql(
        "INSERT INTO opening (profile_id, purpose, opens, closes, basis, basis_id, unless_confirmed_by) "
        "VALUES (?,?,?,?,?,?,?) ON CONFLICT (basis, basis_id) DO UPDATE SET profile_id = excluded.profile_id, "
        "purpose = excluded.purpose, opens = excluded.opens, closes = excluded.closes, "
        "unless_confirmed_by = excluded.unless_confirmed_by",
        (*opening, unless_confirmed_by),
    )


def close_opening(connection: Connection, basis: str, basis_id: int, last_day: str) -> None:
    """End an opening: that day is its last. It never gets longer."""
    connection.exec_driver_sql(
        "UPDATE opening SET closes = min(closes, ?), unless_confirmed_by = NULL WHERE basis = ? AND basis_id = ?",
        (last_day, basis, basis_id),
    )


def close_unconfirmed(connection: Connection, now: str, yesterday: str) -> None:
    """Close what was opened for vital interests and has had no second person in time."""
    due = bare(connection).execute(
        "SELECT basis_id FROM opening WHERE unless_confirmed_by IS NOT NULL AND unless_confirmed_by < ?", (now,)
    )
    for (ground_id,) in due.fetchall():
        close_opening(connection, "ground", ground_id, yesterday)
        connection.exec_driver_sql("UPDATE ground SET status = 'ended' WHERE id = ?", (ground_id,))


def openings(connection: Connection, profile_id: int) -> list[OpeningRow]:
    """Return when and why a profile is or was open, the latest first."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, purpose, opens, closes, basis, basis_id FROM masked_opening WHERE profile_id = ? "
        "ORDER BY opens DESC, basis_id DESC",
        (profile_id,),
    )
    return [OpeningRow(*row) for row in rows]


class ConsentOpening(NamedTuple):
    """A profile that a consent opened, by numbers and users."""

    consent_id: int
    profile_id: int
    recorded_by: str
    recorded_at: str
    settled_by: str | None
    opens: str


def opened_since(connection: Connection, day: str) -> list[ConsentOpening]:
    """Return what consents opened for the acting purpose that were handed in, or took effect, since a day."""
    rows = connection.exec_driver_sql(
        "SELECT c.id, o.profile_id, c.recorded_by, c.recorded_at, c.settled_by, o.opens FROM masked_opening o "
        "JOIN masked_consent c ON c.id = o.basis_id, acting a WHERE o.basis = 'consent' AND o.purpose = a.purpose "
        "AND (c.recorded_at >= ? OR o.opens >= ?) ORDER BY o.opens DESC, c.id DESC",
        (day, day),
    )
    return [ConsentOpening(*row) for row in rows]


def register_version(connection: Connection) -> int:
    """Return the version of the register of confidentiality consents; 0 before the first."""
    found = connection.exec_driver_sql("SELECT max(version) FROM consent_register").scalar()
    return int(found or 0)


def register_seen(connection: Connection, file_digest: str) -> bool:
    """Return whether a register file was received before."""
    found = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM consent_register WHERE file_digest = ?)", (file_digest,)
    ).scalar()
    return bool(found)


def add_register(connection: Connection, version: int, file_digest: str, received_at: str, rows: int) -> None:
    """Keep that the register changed: its version is part of a "consented only" batch's digest."""
    connection.exec_driver_sql(
        "INSERT INTO consent_register (version, file_digest, received_at, rows) VALUES (?,?,?,?)",
        (version, file_digest, received_at, rows),
    )


def known_data_sets(connection: Connection) -> frozenset[str]:
    """Return the references of all agreements; about no person."""
    return frozenset(connection.exec_driver_sql("SELECT DISTINCT reference FROM agreement").scalars())


def agency_of(connection: Connection, agreement_ref: str) -> str:
    """Return whose data set this is; empty where there is none. About no person."""
    found = connection.exec_driver_sql(
        "SELECT agency_code FROM agreement WHERE reference = ? ORDER BY version DESC LIMIT 1", (agreement_ref,)
    ).scalar()
    return str(found or "")


class RegisteredRecord(NamedTuple):
    """Who one record of a "consented only" data set says it is of."""

    record_id: int
    profile_id: int | None
    forename: str | None
    surname: str | None
    born: str | None
    nhs_number: str | None


_REGISTERED = "SELECT r.record_id, r.profile_id, r.forename, r.surname, r.born, r.nhs_number FROM registered_record r"


def registered_like(
    connection: Connection, agreement_ref: str, born: str | None, nhs_number: str | None
) -> list[RegisteredRecord]:
    """Return the records of a data set born on a day or with an NHS number. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(
        f"{_REGISTERED} WHERE r.agreement_ref = ? AND (r.born = ? OR r.nhs_number = ?)",
        (agreement_ref, born, nhs_number),
    )
    return [RegisteredRecord(*row) for row in rows]


def registered_of(connection: Connection, agreement_ref: str, profile_ids: Iterable[int]) -> list[RegisteredRecord]:
    """Return the records of a data set that belong to these profiles. Needs the sight of a matching act."""
    pick(connection, profile_ids)
    # From the members on: the view reaches a record's profile last, and would be read whole for every profile.
    members = "FROM picked k CROSS JOIN profile_member pm ON pm.profile_id = k.id CROSS JOIN"
    rows = connection.exec_driver_sql(
        _REGISTERED.replace("FROM", members) + " ON r.record_id = pm.source_record_id WHERE r.agreement_ref = ?",
        (agreement_ref,),
    )
    return [RegisteredRecord(*row) for row in rows]


def withhold(connection: Connection, agreement_ref: str, from_days: Iterable[tuple[int, str | None]]) -> None:
    """Say from which day each of these records is seen by nobody; None lets it be seen."""
    pairs = list(from_days)
    connection.exec_driver_sql(
        "DELETE FROM withheld_record WHERE source_record_id = ?", [(record,) for record, _ in pairs] or [(0,)]
    )
    rows = [(record, agreement_ref, day) for record, day in pairs if day is not None]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO withheld_record (source_record_id, agreement_ref, from_day) VALUES (?,?,?)", rows
        )


def withheld(connection: Connection, record_ids: Iterable[int]) -> dict[int, str]:
    """Return from which day those of these records that are withheld, or will be, are."""
    pick(connection, record_ids)
    rows = connection.exec_driver_sql(
        "SELECT source_record_id, from_day FROM withheld_record WHERE source_record_id IN (SELECT id FROM picked)"
    )
    return {row[0]: row[1] for row in rows}
