"""Flags: what rules count, and which runs are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.bare_rows import bare_rows
from db.incident_reach import CONTACTS_OF_PICKED
from db.picking import pick


class CountedContact(NamedTuple):
    """A contact in the columns that rules look at."""

    contact_id: int
    profile_id: int
    agency_code: str
    agreement_ref: str
    occurred_on: str
    category: str
    priority_area: str
    role: str
    standing: str
    counterpart_profile: int | None
    measure: float | None
    incident_id: int | None
    adult_on: str | None


class FlagRecord(NamedTuple):
    """One kept flag."""

    id: int
    profile_id: int
    rule_code: str
    rule_version: int
    raised_on: str
    lapses_on: str
    evidence: str
    status: str


class NewFlag(NamedTuple):
    """One flag to be kept, with the data sets it rests on."""

    profile_id: int
    rule_code: str
    rule_version: int
    raised_on: str
    lapses_on: str
    evidence: str
    agreements: tuple[str, ...]


_COUNTED = (
    "SELECT c.contact_id, c.profile_id, c.agency_code, c.agreement_ref, c.occurred_on, c.category, c.priority_area, "
    "c.role, c.standing, other.profile_id, c.measure, c.incident_id, a.adult_on "
    f"FROM {CONTACTS_OF_PICKED} CROSS JOIN open_contact c ON c.contact_id = k.id "
    "JOIN combined_age a ON a.profile_id = c.profile_id "
    "LEFT JOIN profile_member other ON other.source_record_id = c.counterpart_id"
)
_FLAG = "SELECT f.id, f.profile_id, f.rule_code, f.rule_version, f.raised_on, f.lapses_on, f.evidence, f.status"


def everybody(connection: Connection) -> list[int]:
    """Return the id of every profile."""
    return list(connection.exec_driver_sql("SELECT id FROM profile ORDER BY id").scalars().all())


def counted_contacts(connection: Connection, profile_ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return rows of CountedContact of these people. Needs sight of all gated rows."""
    pick(connection, profile_ids)
    return bare_rows(connection, _COUNTED)


def kept_flags(connection: Connection, profile_ids: Iterable[int]) -> list[FlagRecord]:
    """Return the flags kept of these people, closed gates or not. Needs sight of all gated rows."""
    pick(connection, profile_ids)
    rows = connection.exec_driver_sql(
        f"{_FLAG} FROM picked p CROSS JOIN combined_flag f ON f.profile_id = p.id ORDER BY f.id"
    )
    return [FlagRecord(*row) for row in rows.fetchall()]


def add_flags(connection: Connection, flags: list[NewFlag]) -> list[int]:
    """Keep new flags; return their ids in order."""
    ids: list[int] = []
    for number, flag in enumerate(flags):
        if number == 0:
            first = connection.exec_driver_sql(
                "INSERT INTO flag (profile_id, rule_code, rule_version, raised_on, lapses_on, evidence) "
                "VALUES (?,?,?,?,?,?)",
                flag[:6],
            ).lastrowid
            ids.append(first)
        else:
            # The sequence has given the first id, and nobody else writes in this transaction.
            ids.append(ids[0] + number)
    if len(flags) > 1:
        connection.exec_driver_sql(
            "INSERT INTO flag (id, profile_id, rule_code, rule_version, raised_on, lapses_on, evidence) "
            "VALUES (?,?,?,?,?,?,?)",
            [(number, *flag[:6]) for number, flag in zip(ids[1:], flags[1:], strict=True)],
        )
    _put_agreements(connection, [(number, flag.agreements) for number, flag in zip(ids, flags, strict=True)])
    return ids


def correct_flags(connection: Connection, flags: list[tuple[int, NewFlag]]) -> None:
    """Say anew, for flags that stand, from when to when and on what."""
    if not flags:
        return
    connection.exec_driver_sql(
        "UPDATE flag SET raised_on = ?, lapses_on = ?, evidence = ?, status = 'standing' WHERE id = ?",
        [(flag.raised_on, flag.lapses_on, flag.evidence, number) for number, flag in flags],
    )
    connection.exec_driver_sql("DELETE FROM flag_agreement WHERE flag_id = ?", [(number,) for number, _ in flags])
    _put_agreements(connection, [(number, flag.agreements) for number, flag in flags])


def _put_agreements(connection: Connection, flags: list[tuple[int, tuple[str, ...]]]) -> None:
    rows = [(number, agreement) for number, agreements in flags for agreement in agreements]
    if rows:
        connection.exec_driver_sql("INSERT INTO flag_agreement (flag_id, agreement_ref) VALUES (?,?)", rows)


def set_status(connection: Connection, flag_ids: Iterable[int], status: str) -> None:
    """Set the status of flags: standing, withdrawn, superseded."""
    rows = [(status, number) for number in flag_ids]
    if rows:
        connection.exec_driver_sql("UPDATE flag SET status = ? WHERE id = ?", rows)


def overtaken(connection: Connection) -> list[int]:
    """Return the profiles whose standing flags count records withheld by now. Needs sight of all."""
    return list(connection.exec_driver_sql("SELECT profile_id FROM combined_overtaken").scalars())


def standing(connection: Connection) -> list[tuple[int, str, int, str, str]]:
    """Return (profile, rule, version, raised on, lapses on) of flags that stand on open gates. Needs sight of all."""
    rows = connection.exec_driver_sql(
        "SELECT profile_id, rule_code, rule_version, raised_on, lapses_on FROM open_flag WHERE status = 'standing'"
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def rest_on(connection: Connection, flag_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the data sets that flags rest on, by flag; it names nobody."""
    pick(connection, flag_ids)
    rows = connection.exec_driver_sql(
        "SELECT a.flag_id, a.agreement_ref FROM picked k CROSS JOIN flag_agreement a ON a.flag_id = k.id"
    )
    found: dict[int, set[str]] = {}
    for flag, reference in rows:
        found.setdefault(flag, set()).add(reference)
    return {flag: frozenset(references) for flag, references in found.items()}
