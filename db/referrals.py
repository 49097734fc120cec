"""Referrals between agencies and to the panel: as sent, answered and told of, and whose they were found to be."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection

from db.consents import Sighting


class NewReferral(NamedTuple):
    """One referral to be kept."""

    profile_id: int | None
    purpose: str
    from_agency: str
    to_agency: str
    forename: str | None
    surname: str | None
    born: str | None
    postcode: str | None
    own_reference: str | None
    document: str
    urgency: str
    lawful_basis: str
    disclosed: str
    sent_by: str
    sent_at: str
    reconciled: str


class ReferralRow(NamedTuple):
    """One referral, as far as its sender and its receiver may see it."""

    id: int
    purpose: str
    from_agency: str
    to_agency: str
    forename: str | None
    surname: str | None
    born: str | None
    postcode: str | None
    own_reference: str | None
    document: str
    urgency: str
    lawful_basis: str
    disclosed: str
    sent_by: str
    sent_at: str
    status: str
    answer: str
    answered_by: str | None
    answered_at: str | None
    feedback_due_on: str | None
    feedback: str
    feedback_by: str | None
    feedback_at: str | None
    version: int

    @property
    def nhs_number(self) -> str | None:
        """None: a referral names nobody by it."""
        return None


class FoundRow(NamedTuple):
    """Whose a referral was found to be; for the act that finds out, and nobody else."""

    id: int
    profile_id: int | None
    reconciled: str
    reconciled_by: str | None


class StepRow(NamedTuple):
    """One thing that was said of a referral."""

    id: int
    referral_id: int
    step: str
    words: str
    made_by: str
    made_at: str


_COLUMNS = ", ".join(ReferralRow._fields)
_OWN = f"SELECT {_COLUMNS} FROM own_referral"
_EVERY = f"SELECT {_COLUMNS} FROM combined_referral"
_OPEN = f"SELECT {_COLUMNS} FROM open_referral"


def add(connection: Connection, referral: NewReferral) -> int:
    """Keep a referral and return its number."""
    marks = ",".join("?" * len(NewReferral._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO referral ({', '.join(NewReferral._fields)}) VALUES ({marks})", tuple(referral)
        ).lastrowid
    )


def add_step(
    connection: Connection, number: int, profile_id: int | None, step: str, words: str, made_by: str, made_at: str
) -> None:
    """Keep what was said of a referral; its version rises with it."""
    connection.exec_driver_sql(
        "INSERT INTO referral_step (referral_id, profile_id, step, words, made_by, made_at) VALUES (?,?,?,?,?,?)",
        (number, profile_id, step, words, made_by, made_at),
    )
    connection.exec_driver_sql("UPDATE referral SET version = version + 1 WHERE id = ?", (number,))


def own(connection: Connection, purpose: str) -> list[ReferralRow]:
    """Return what the acting agency sent or was sent, the latest first."""
    rows = connection.exec_driver_sql(f"{_OWN} WHERE purpose = ? ORDER BY id DESC", (purpose,))
    return [ReferralRow(*row) for row in rows]


def own_by_id(connection: Connection, number: int) -> ReferralRow | None:
    """Return one that the acting agency sent or was sent, or None."""
    row = connection.exec_driver_sql(f"{_OWN} WHERE id = ?", (number,)).fetchone()
    return ReferralRow(*row) if row else None


def of_profile(connection: Connection, profile_id: int) -> list[ReferralRow]:
    """Return the referrals of an open profile, the latest first."""
    rows = connection.exec_driver_sql(f"{_OPEN} WHERE profile_id = ? ORDER BY id DESC", (profile_id,))
    return [ReferralRow(*row) for row in rows]


def every(connection: Connection, purpose: str) -> list[ReferralRow]:
    """Return all referrals for a purpose, the oldest first. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(f"{_EVERY} WHERE purpose = ? ORDER BY id", (purpose,))
    return [ReferralRow(*row) for row in rows]


def by_id(connection: Connection, number: int) -> ReferralRow | None:
    """Return one referral. Needs the sight of a matching act."""
    row = connection.exec_driver_sql(f"{_EVERY} WHERE id = ?", (number,)).fetchone()
    return ReferralRow(*row) if row else None


def sent_from(connection: Connection) -> frozenset[str]:
    """Return the agencies that have sent a referral."""
    return frozenset(connection.exec_driver_sql("SELECT DISTINCT from_agency FROM masked_referral").scalars())


def found(connection: Connection, purpose: str) -> dict[int, FoundRow]:
    """Return whose the referrals of a purpose were found to be, by number. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(
        "SELECT id, profile_id, reconciled, reconciled_by FROM combined_referral WHERE purpose = ?", (purpose,)
    )
    return {row[0]: FoundRow(*row) for row in rows}


def steps(connection: Connection, number: int) -> list[StepRow]:
    """Return what was said of one of the acting agency's own referrals, in order."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(StepRow._fields)} FROM own_referral_step WHERE referral_id = ? ORDER BY id", (number,)
    )
    return [StepRow(*row) for row in rows]


def every_step(connection: Connection, number: int) -> list[StepRow]:
    """Return what was said of any referral, in order, but for whose it was found to be. Sight of a matching act."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(StepRow._fields)} FROM open_referral_step WHERE referral_id = ? AND step <> 'reconciled' "
        "ORDER BY id",
        (number,),
    )
    return [StepRow(*row) for row in rows]


def answer(
    connection: Connection, number: int, status: str, words: str, by: str, at: str, feedback_due_on: str | None
) -> None:
    """Keep the receiver's answer, and by which day the referrer hears what came of it."""
    connection.exec_driver_sql(
        "UPDATE referral SET status = ?, answer = ?, answered_by = ?, answered_at = ?, feedback_due_on = ? "
        "WHERE id = ?",
        (status, words, by, at, feedback_due_on, number),
    )


def set_status(connection: Connection, number: int, status: str) -> None:
    """Say where a referral stands."""
    connection.exec_driver_sql("UPDATE referral SET status = ? WHERE id = ?", (status, number))


def feed_back(connection: Connection, number: int, words: str, by: str, at: str) -> None:
    """Keep what the referrer was told of what came of it."""
    connection.exec_driver_sql(
        "UPDATE referral SET feedback = ?, feedback_by = ?, feedback_at = ? WHERE id = ?", (words, by, at, number)
    )


def reconcile(connection: Connection, number: int, profile_id: int | None, how: str, by: str, at: str) -> None:
    """Keep whose it is: "matched", "new" (nobody's here), or "waiting" again. What was said of it goes along."""
    connection.exec_driver_sql(
        "UPDATE referral SET profile_id = ?, reconciled = ?, reconciled_by = ?, reconciled_at = ? WHERE id = ?",
        (profile_id, how, by, at, number),
    )
    connection.exec_driver_sql("UPDATE referral_step SET profile_id = ? WHERE referral_id = ?", (profile_id, number))


def part(connection: Connection, profile_id: int) -> None:
    """Let a person say anew whose the referrals of a profile are that turned out to be several people."""
    connection.exec_driver_sql("UPDATE referral_step SET profile_id = NULL WHERE profile_id = ?", (profile_id,))
    connection.exec_driver_sql(
        "UPDATE referral SET profile_id = NULL, reconciled = 'waiting', reconciled_by = NULL, reconciled_at = NULL "
        "WHERE profile_id = ?",
        (profile_id,),
    )


def sightings_at(connection: Connection, surname: str, postcode: str) -> list[Sighting]:
    """Return the records of a surname at a postcode. Needs the sight of a matching act."""
    rows = connection.exec_driver_sql(
        "SELECT r.profile_id, r.record_id, r.forename, r.surname, r.former_surname, r.born, r.nhs_number, r.postcode, "
        "r.agreement_ref FROM open_record r JOIN profile p ON p.id = r.profile_id WHERE p.status = 'open' "
        "AND r.postcode = ? AND r.surname = ? COLLATE NOCASE",
        (postcode, surname),
    )
    return [Sighting(*row) for row in rows]


def under_references(
    connection: Connection, references: Collection[tuple[str, str]]
) -> dict[tuple[str, str], set[int]]:
    """Return whose records agencies keep under these references of theirs: (agency, reference) to profiles.

    One look through the records for all of them. Needs the sight of a matching act.
    """
    rows = connection.exec_driver_sql(
        "SELECT r.agency_code, r.partner_reference, r.profile_id FROM open_record r WHERE r.profile_id IS NOT NULL "
        "AND r.partner_reference IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted({reference for _, reference in references})),),
    )
    found: dict[tuple[str, str], set[int]] = {}
    for agency, reference, profile in rows:
        found.setdefault((agency, reference), set()).add(profile)
    return found


def naming(connection: Connection, record_ids: Collection[int]) -> list[int]:
    """Return the referrals that found nobody yet and name who these records name; under sight ``combine``.

    The same forename and surname with the same date of birth or, where the referrer knew none, the same postcode; or
    the referrer's own reference.
    """
    numbers = connection.exec_driver_sql(
        """
        SELECT DISTINCT w.id FROM combined_referral w JOIN registered_record r
            ON (r.surname = w.surname COLLATE NOCASE
                AND (w.forename IS NULL OR r.forename = w.forename COLLATE NOCASE)
                AND (r.born = w.born OR (w.born IS NULL AND r.postcode = w.postcode)))
                OR (r.agency_code = w.from_agency AND r.partner_reference = w.own_reference)
            WHERE w.profile_id IS NULL AND r.record_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(record_ids)),),
    )
    return [int(number) for number in numbers.scalars()]


def matched_with(connection: Connection, profile_ids: Collection[int]) -> list[int]:
    """Return the referrals that were found to be these people's, by number."""
    numbers = connection.exec_driver_sql(
        "SELECT id FROM referral WHERE profile_id IN (SELECT value FROM json_each(?))", (json.dumps(list(profile_ids)),)
    )
    return [int(number) for number in numbers.scalars()]


def unreconciled(connection: Connection) -> list[tuple[int, str | None, str | None, str | None, str | None, str, str]]:
    """Return every referral that found nobody yet; under sight ``combine``.

    Each as number, forename, surname, date of birth, postcode, the agency that sent it and when.
    """
    rows = connection.exec_driver_sql(
        "SELECT id, forename, surname, born, postcode, from_agency, sent_at FROM combined_referral "
        "WHERE profile_id IS NULL ORDER BY id"
    )
    return [(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows]


def delete(connection: Connection, numbers: Collection[int]) -> dict[str, int]:
    """Delete referrals with all that was said of them; return how many rows of which table went."""
    listed = json.dumps(list(numbers))
    gone = {}
    for table, column in (("referral_step", "referral_id"), ("referral", "id")):
        rows = connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", (listed,)
        ).rowcount
        if rows:
            gone[table] = rows
    return gone
