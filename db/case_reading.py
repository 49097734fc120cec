"""What is read of one person: through the open views when the profile is open, through the masked ones when not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.picking import pick


class MaskedRow(NamedTuple):
    """What is known of a profile without opening it."""

    profile_id: int
    pseudonym: str
    under_18: int | None
    is_open: int
    do_not_approach: int
    version: int
    status: str


class RecordRow(NamedTuple):
    """One partner's record of the person, as it stands."""

    record_id: int
    agreement_ref: str
    agency_code: str
    partner_reference: str | None
    forename: str | None
    middle_names: str | None
    surname: str | None
    former_surname: str | None
    born: str | None
    born_quality: str
    sex: str | None
    nhs_number: str | None
    upn: str | None
    uprn: str | None
    address: str | None
    postcode: str | None
    batch_id: int


class ContactRow(NamedTuple):
    """One contact of the person."""

    contact_id: int
    record_id: int
    batch_id: int
    agreement_ref: str
    agency_code: str
    partner_reference: str | None
    occurred_on: str
    occurred_at: str | None
    reported_on: str | None
    category: str
    priority_area: str
    role: str
    standing: str
    outcome: str | None
    place_postcode: str | None
    place_address: str | None
    counterpart_id: int | None
    measure: float | None
    incident_id: int | None
    contact_key: str
    row_digest: str
    sealed: bytes | None
    sealed_under: int | None


class MonthCount(NamedTuple):
    """How many contacts, and incidents behind them, one agency had in one month."""

    agency_shown: str
    month: str
    contacts: int
    incidents: int


class OwnContact(NamedTuple):
    """A contact that the acting agency contributed itself."""

    contact_id: int
    agreement_ref: str
    partner_reference: str | None
    occurred_on: str
    category: str
    priority_area: str
    role: str
    incident_id: int | None


class FlagRow(NamedTuple):
    """One flag; rule_code is empty where the rule's name alone would tell."""

    id: int
    rule_code: str
    rule_version: int
    raised_on: str
    lapses_on: str
    evidence: str


class LinkRow(NamedTuple):
    """One link between two of the person's records."""

    id: int
    left_record_id: int
    right_record_id: int
    weight: float
    comparison_vector: str
    model_version: str
    guards: str
    rival_weight: float | None
    state: str
    decided_by: str | None
    decided_at: str | None


_MASKED = "SELECT profile_id, pseudonym, under_18, is_open, do_not_approach, version, status FROM masked_profile"


def by_pseudonym(connection: Connection, pseudonym: str) -> MaskedRow | None:
    """Return the profile that goes, or went, by a pseudonym: one that was merged leads to the kept profile."""
    kept = connection.exec_driver_sql("SELECT profile_id FROM masked_alias WHERE pseudonym = ?", (pseudonym,)).scalar()
    if kept is not None:
        return by_id(connection, kept)
    row = connection.exec_driver_sql(f"{_MASKED} WHERE pseudonym = ?", (pseudonym,)).fetchone()
    return MaskedRow(*row) if row else None


def by_id(connection: Connection, profile_id: int) -> MaskedRow | None:
    """Return one profile's row, or None."""
    row = connection.exec_driver_sql(f"{_MASKED} WHERE profile_id = ?", (profile_id,)).fetchone()
    return MaskedRow(*row) if row else None


def by_ids(connection: Connection, profile_ids: Iterable[int]) -> dict[int, MaskedRow]:
    """Return the rows of many profiles."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(_MASKED.replace("FROM", "FROM picked k CROSS JOIN") + " ON profile_id = k.id")
    return {row[0]: MaskedRow(*row) for row in rows}


def on_agenda(connection: Connection, profile_id: int, purpose: str) -> bool:
    """Return whether a profile is on the agenda: it has a flag today, or was put before a panel that is not over."""
    row = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM masked_agenda_item WHERE profile_id = ? AND purpose = ? "
        "AND triage IN ('untriaged', 'panel')) "
        "OR EXISTS (SELECT 1 FROM masked_flag f, acting WHERE f.profile_id = ? AND f.status = 'standing' "
        "AND acting.today >= f.raised_on AND acting.today < f.lapses_on) "
        "OR EXISTS (SELECT 1 FROM masked_panel_case c JOIN panel m ON m.id = c.panel_id AND m.purpose = ? "
        "AND m.status IN ('preparing', 'open') WHERE c.profile_id = ? AND c.status IN ('listed', 'discussed'))",
        (profile_id, purpose, profile_id, purpose, profile_id),
    ).scalar()
    return bool(row)


def in_caseload(connection: Connection, profile_id: int, user_name: str) -> bool:
    """Return whether a profile is in a user's own caseload."""
    row = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM masked_caseload WHERE profile_id = ? AND user_name = ?)", (profile_id, user_name)
    ).scalar()
    return bool(row)


def records(connection: Connection, profile_id: int) -> list[RecordRow]:
    """Return the records of an open profile."""
    rows = connection.exec_driver_sql(
        "SELECT record_id, agreement_ref, agency_code, partner_reference, forename, middle_names, surname, "
        "former_surname, born, born_quality, sex, nhs_number, upn, uprn, address, postcode, batch_id "
        "FROM open_record WHERE profile_id = ? ORDER BY batch_id DESC, record_id",
        (profile_id,),
    )
    return [RecordRow(*row) for row in rows]


def contacts(connection: Connection, profile_id: int) -> list[ContactRow]:
    """Return the contacts of an open profile, the newest first."""
    rows = connection.exec_driver_sql(
        "SELECT contact_id, record_id, batch_id, agreement_ref, agency_code, partner_reference, occurred_on, "
        "occurred_at, reported_on, category, priority_area, role, standing, outcome, place_postcode, place_address, "
        "counterpart_id, measure, incident_id, contact_key, row_digest, sealed, sealed_under "
        "FROM open_contact WHERE profile_id = ? "
        "ORDER BY occurred_on DESC, occurred_at DESC, contact_id DESC",
        (profile_id,),
    )
    return [ContactRow(*row) for row in rows]


def pseudonyms_of_records(connection: Connection, record_ids: Iterable[int]) -> dict[int, str]:
    """Return whose records these are, by pseudonym."""
    pick(connection, record_ids)
    rows = connection.exec_driver_sql(
        "SELECT m.source_record_id, p.pseudonym FROM picked k CROSS JOIN profile_member m ON m.source_record_id = k.id "
        "JOIN masked_profile p ON p.profile_id = m.profile_id"
    )
    return {row[0]: row[1] for row in rows}


def month_counts(connection: Connection, profile_id: int) -> list[MonthCount]:
    """Return how often agencies met the person, by month; of anybody."""
    rows = connection.exec_driver_sql(
        "SELECT agency_shown, month, count(*), count(DISTINCT coalesce(incident_id, -contact_id)) "
        "FROM masked_contact WHERE profile_id = ? GROUP BY agency_shown, month ORDER BY agency_shown, month",
        (profile_id,),
    )
    return [MonthCount(*row) for row in rows]


def own_references(connection: Connection, profile_id: int) -> list[tuple[str, str]]:
    """Return (data set, reference) under which the acting agency knows the person."""
    rows = connection.exec_driver_sql(
        "SELECT agreement_ref, partner_reference FROM own_record WHERE profile_id = ? "
        "AND partner_reference IS NOT NULL ORDER BY agreement_ref, partner_reference",
        (profile_id,),
    )
    return [(ref, reference) for ref, reference in rows]


def own_contacts(connection: Connection, profile_id: int) -> list[OwnContact]:
    """Return the acting agency's own contacts with the person, the newest first."""
    rows = connection.exec_driver_sql(
        "SELECT contact_id, agreement_ref, partner_reference, occurred_on, category, priority_area, role, incident_id "
        "FROM own_contact WHERE profile_id = ? ORDER BY occurred_on DESC, contact_id DESC",
        (profile_id,),
    )
    return [OwnContact(*row) for row in rows]


def flags(connection: Connection, profile_id: int, *, masked: bool) -> list[FlagRow]:
    """Return the flags of a profile that were raised and not taken back, the newest first."""
    view, evidence = ("masked_flag", "''") if masked else ("open_flag", "evidence")
    rows = connection.exec_driver_sql(
        f"SELECT id, rule_code, rule_version, raised_on, lapses_on, {evidence} FROM {view} "
        "WHERE profile_id = ? AND status = 'standing' ORDER BY raised_on DESC, id DESC",
        (profile_id,),
    )
    return [FlagRow(*row) for row in rows]


def links(connection: Connection, profile_id: int) -> list[LinkRow]:
    """Return the links among the records of an open profile, the strongest first."""
    rows = connection.exec_driver_sql(
        "SELECT l.id, l.left_record_id, l.right_record_id, l.weight, l.comparison_vector, l.model_version, l.guards, "
        "l.rival_weight, l.state, l.decided_by, l.decided_at FROM open_link l "
        "JOIN profile_member m ON m.source_record_id = l.right_record_id AND m.profile_id = l.profile_id "
        "WHERE l.profile_id = ? ORDER BY l.weight DESC, l.id",
        (profile_id,),
    )
    return [LinkRow(*row) for row in rows]


class BatchRow(NamedTuple):
    """What an accepted batch covers, and when it came."""

    id: int
    agreement_ref: str
    as_at: str | None
    received_at: str
    last_day: str | None


def accepted_batches(connection: Connection) -> list[BatchRow]:
    """Return the batches that stand, the oldest first; about no person."""
    rows = connection.exec_driver_sql(
        "SELECT id, agreement_ref, as_at, received_at, last_day FROM import_batch WHERE status = 'accepted' ORDER BY id"
    )
    return [BatchRow(*row) for row in rows]


class GatedDataSet(NamedTuple):
    """A data set that was given a gate for the acting purpose, with the agreement as it was signed."""

    reference: str
    title: str
    agency_code: str
    document: str
    document_digest: str
    sensitive: int
    is_live: int
    is_shared: int


def gated_data_sets(connection: Connection) -> list[GatedDataSet]:
    """Return the data sets with a gate for the acting purpose, by reference; about no person."""
    rows = connection.exec_driver_sql(
        "SELECT g.agreement_ref, a.title, g.agency_code, a.document, a.document_digest, g.sensitive, "
        "g.status = 'live' AND c.today BETWEEN g.opens AND g.closes, g.agency_code = c.agency OR EXISTS (SELECT 1 "
        "FROM gate_recipient x WHERE x.agreement_ref = g.agreement_ref AND x.agency_code = c.agency) FROM acting c "
        "JOIN gate g ON g.purpose = c.purpose JOIN agreement a ON a.reference = g.agreement_ref "
        "AND a.version = (SELECT max(b.version) FROM agreement b WHERE b.reference = a.reference) "
        "ORDER BY g.agreement_ref"
    )
    return [GatedDataSet(*row) for row in rows]


def caseload(connection: Connection, user_name: str) -> list[int]:
    """Return the profiles in a user's caseload, the latest first."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id FROM masked_caseload WHERE user_name = ? ORDER BY since DESC, profile_id", (user_name,)
    )
    return list(rows.scalars())
