"""Decisions as signed, the actions that follow from them, and what is still being written."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

import db.users


class DecisionRow(NamedTuple):
    """One decision as it was signed."""

    id: int
    profile_id: int
    purpose: str
    lead_agency: str
    document: str
    review_on: str
    status: str
    supersedes_id: int | None
    signed_by: str
    signed_at: str
    signature: bytes


class NewDecision(NamedTuple):
    """One decision to be kept."""

    profile_id: int
    purpose: str
    lead_agency: str
    document: str
    review_on: str
    supersedes_id: int | None
    signed_by: str
    signed_at: str
    signature: bytes
    status: str = "signed"


class ActionRow(NamedTuple):
    """One thing that somebody is to do."""

    id: int
    profile_id: int
    decision_id: int | None
    text: str
    owner_agency: str
    owner_user: str | None
    due_on: str
    status: str
    not_done_because: str | None
    closing_note: str | None
    closed_by: str | None
    closed_at: str | None
    outcome_sought: str
    accepted: str
    evidence: str
    panel_case_id: int | None
    owner_reference: str
    version: int


class DraftRow(NamedTuple):
    """What the acting user was writing."""

    thing: str
    thing_id: int
    document: str
    saved_at: str
    over_version: int


AT = "~"
"""Parts what is written from the terminal at which it is, in a draft's thing."""

_DECISION = f"SELECT {', '.join(DecisionRow._fields)} FROM open_decision"
ACTION = f"SELECT {', '.join(ActionRow._fields)} FROM open_action"
_DRAFT = f"SELECT {', '.join(DraftRow._fields)} FROM own_draft"


def of_profile(connection: Connection, profile_id: int) -> list[DecisionRow]:
    """Return the decisions about an open profile, the latest first."""
    rows = connection.exec_driver_sql(f"{_DECISION} WHERE profile_id = ? ORDER BY id DESC", (profile_id,))
    return [DecisionRow(*row) for row in rows]


def by_id(connection: Connection, decision_id: int) -> DecisionRow | None:
    """Return one decision about an open profile, or None."""
    row = connection.exec_driver_sql(f"{_DECISION} WHERE id = ?", (decision_id,)).fetchone()
    return DecisionRow(*row) if row else None


def for_purpose(connection: Connection, purpose: str) -> list[DecisionRow]:
    """Return every decision about an open profile for a purpose, the latest first."""
    rows = connection.exec_driver_sql(f"{_DECISION} WHERE purpose = ? ORDER BY id DESC", (purpose,))
    return [DecisionRow(*row) for row in rows]


def review_due(connection: Connection, purpose: str, until: str) -> list[DecisionRow]:
    """Return the standing and the reopened decisions whose review falls on or before a day, the soonest first."""
    rows = connection.exec_driver_sql(
        f"{_DECISION} WHERE purpose = ? AND (status = 'reopened' OR (status = 'signed' AND review_on <= ?)) "
        "ORDER BY review_on, id",
        (purpose, until),
    )
    return [DecisionRow(*row) for row in rows]


def add(connection: Connection, decision: NewDecision) -> int:
    """Keep a signed decision and return its number."""
    marks = ",".join("?" * len(NewDecision._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO decision ({', '.join(NewDecision._fields)}) VALUES ({marks})", tuple(decision)
        ).lastrowid
    )


def supersede(connection: Connection, decision_id: int) -> None:
    """Mark a decision as replaced by a later one; it stays as it was signed."""
    connection.exec_driver_sql("UPDATE decision SET status = 'superseded' WHERE id = ?", (decision_id,))


def put_status(connection: Connection, decision_id: int, status: str) -> None:
    """Keep where a decision stands; its document stays as it was signed."""
    connection.exec_driver_sql("UPDATE decision SET status = ? WHERE id = ?", (status, decision_id))


def signing_keys(connection: Connection, user_name: str) -> tuple[bytes, ...]:
    """Return the public keys that verify a user's signatures, earlier ones too; none where there is no such user."""
    found = connection.exec_driver_sql('SELECT signing_public FROM "user" WHERE name = ?', (user_name,)).scalar()
    if found is None:
        return ()
    return (bytes(found), *db.users.earlier_keys(connection).get(user_name, ()))


def actions_of(connection: Connection, profile_id: int) -> list[ActionRow]:
    """Return the actions about an open profile, those to be done first."""
    rows = connection.exec_driver_sql(
        f"{ACTION} WHERE profile_id = ? ORDER BY status <> 'open', due_on, id", (profile_id,)
    )
    return [ActionRow(*row) for row in rows]


def action_by_id(connection: Connection, action_id: int) -> ActionRow | None:
    """Return one action about an open profile, or None."""
    row = connection.exec_driver_sql(f"{ACTION} WHERE id = ?", (action_id,)).fetchone()
    return ActionRow(*row) if row else None


def actions_due(connection: Connection, until: str, user_name: str, agency: str) -> list[ActionRow]:
    """Return the open actions of a user, or of their agency where it names nobody, due by a day."""
    rows = connection.exec_driver_sql(
        f"{ACTION} WHERE status = 'open' AND due_on <= ? "
        "AND (owner_user = ? OR (owner_user IS NULL AND owner_agency = ?)) ORDER BY due_on, id",
        (until, user_name, agency),
    )
    return [ActionRow(*row) for row in rows]


_OF_A_ROW = {
    "form-dissent": "decision",
    "form-information-request-": "information_request",
    "form-consent-aside-": "consent",
    "form-consent-end-": "consent",
    "form-link-": "link",
}
"""Forms that are of no profile but of a row about somebody: of a decision by the draft's own number, else by the number
that ends their name (db/erasure_traces.py finds them by it)."""


def can_be_drafted(connection: Connection, form: str, thing_id: int) -> bool:
    """Say whether what a draft is about is there: a draft refers to no row, so nothing else would keep it out.

    Args:
        form: its name, without the terminal's mark.
        thing_id: a profile, or for a dissent a decision; 0 where nobody is known yet.
    """
    named = next((each for each in _OF_A_ROW if form.startswith(each)), None)
    number = form.rpartition("-")[2]
    if thing_id:
        table, wanted = _OF_A_ROW[form] if form == "form-dissent" else "profile", thing_id
    elif named is not None and number.isdecimal():
        table, wanted = _OF_A_ROW[named], int(number)
    else:
        return True
    return connection.exec_driver_sql(f"SELECT id FROM {table} WHERE id = ?", (wanted,)).first() is not None


def save_draft(
    connection: Connection,
    user_name: str,
    thing: str,
    thing_id: int,
    document: str,
    saved_at: str,
    over_version: int,
) -> None:
    """Keep what a user has written so far in place of what they had."""
    connection.exec_driver_sql(
        "INSERT INTO draft (user_name, thing, thing_id, document, saved_at, over_version) VALUES (?,?,?,?,?,?) "
        "ON CONFLICT (user_name, thing, thing_id) DO UPDATE SET document = excluded.document, "
        "saved_at = excluded.saved_at, over_version = excluded.over_version",
        (user_name, thing, thing_id, document, saved_at, over_version),
    )


def drafts_of(connection: Connection, thing: str, thing_id: int) -> list[DraftRow]:
    """Return what the acting user was writing about one thing at each of their terminals, the latest first."""
    rows = connection.exec_driver_sql(
        f"{_DRAFT} WHERE thing_id = ? AND (thing = ? OR substr(thing, 1, ?) = ?) ORDER BY saved_at DESC, id DESC",
        (thing_id, thing, len(thing) + 1, f"{thing}{AT}"),
    )
    return [DraftRow(*row) for row in rows]


def drafts(connection: Connection) -> list[DraftRow]:
    """Return everything the acting user was writing, the latest first."""
    return [DraftRow(*row) for row in connection.exec_driver_sql(f"{_DRAFT} ORDER BY saved_at DESC")]


def drop_draft(connection: Connection, user_name: str, thing: str, thing_id: int) -> None:
    """Forget what a user was writing about one thing."""
    connection.exec_driver_sql(
        "DELETE FROM draft WHERE user_name = ? AND thing = ? AND thing_id = ?", (user_name, thing, thing_id)
    )
