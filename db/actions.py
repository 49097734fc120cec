"""Actions as they are kept, and every step that was taken with one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from db.decisions import ACTION, ActionRow


class StepRow(NamedTuple):
    """One thing that was said of an action."""

    id: int
    action_id: int
    profile_id: int
    step: str
    words: str
    made_by: str
    entered_for: str
    made_at: str


class NewAction(NamedTuple):
    """One action to be kept."""

    profile_id: int
    decision_id: int | None
    text: str
    owner_agency: str
    owner_user: str | None
    due_on: str
    outcome_sought: str
    panel_case_id: int | None
    intervention: str


def add(connection: Connection, action: NewAction) -> int:
    """Keep an action and return its number."""
    marks = ",".join("?" * len(NewAction._fields))
    return int(
        connection.exec_driver_sql(
            f"INSERT INTO action ({', '.join(NewAction._fields)}) VALUES ({marks})", tuple(action)
        ).lastrowid
    )


def add_step(
    connection: Connection,
    action_id: int,
    profile_id: int,
    step: str,
    words: str,
    made_by: str,
    entered_for: str,
    made_at: str,
) -> None:
    """Keep what was said of an action; the action's version rises with it."""
    connection.exec_driver_sql(
        "INSERT INTO action_step (action_id, profile_id, step, words, made_by, entered_for, made_at) "
        "VALUES (?,?,?,?,?,?,?)",
        (action_id, profile_id, step, words, made_by, entered_for, made_at),
    )
    connection.exec_driver_sql("UPDATE action SET version = version + 1 WHERE id = ?", (action_id,))


def answer(connection: Connection, action_id: int, accepted: str, owner_user: str | None, owner_reference: str) -> None:
    """Say whether the owner takes an action on, who of theirs does it, and what they call it."""
    connection.exec_driver_sql(
        "UPDATE action SET accepted = ?, owner_user = ?, owner_reference = ? WHERE id = ?",
        (accepted, owner_user, owner_reference, action_id),
    )


def put_evidence(connection: Connection, action_id: int, evidence: str) -> None:
    """Keep what shows that something was done."""
    connection.exec_driver_sql("UPDATE action SET evidence = ? WHERE id = ?", (evidence, action_id))


def change(
    connection: Connection, action_id: int, owner_agency: str, owner_user: str | None, due_on: str, accepted: str
) -> None:
    """Give an action another owner, or another day."""
    connection.exec_driver_sql(
        "UPDATE action SET owner_agency = ?, owner_user = ?, due_on = ?, accepted = ? WHERE id = ?",
        (owner_agency, owner_user, due_on, accepted, action_id),
    )


def close(
    connection: Connection, action_id: int, status: str, because: str | None, note: str, closed_by: str, closed_at: str
) -> None:
    """Say what came of an action."""
    connection.exec_driver_sql(
        "UPDATE action SET status = ?, not_done_because = ?, closing_note = ?, closed_by = ?, closed_at = ? "
        "WHERE id = ?",
        (status, because, note, closed_by, closed_at, action_id),
    )


def every(connection: Connection, agency: str = "", *, with_closed: bool = False) -> list[ActionRow]:
    """Return the actions about open profiles, of one agency or of all: those to be done first, the soonest first."""
    rows = connection.exec_driver_sql(
        f"{ACTION} WHERE (? = '' OR owner_agency = ?) AND (? OR status = 'open') ORDER BY status <> 'open', due_on, id",
        (agency, agency, with_closed),
    )
    return [ActionRow(*row) for row in rows]


def of_panel(connection: Connection, panel_id: int) -> list[ActionRow]:
    """Return the actions that the cases of one panel gave, of open profiles, by number."""
    rows = connection.exec_driver_sql(
        f"{ACTION} WHERE panel_case_id IN (SELECT id FROM masked_panel_case WHERE panel_id = ?) ORDER BY id",
        (panel_id,),
    )
    return [ActionRow(*row) for row in rows]


def left_undone(connection: Connection, today: str) -> list[ActionRow]:
    """Return what comes back: open and overdue or refused; not done because the agency did not act, and not seen since.

    What an agency did not do comes back until somebody brought it back, or a later decision about the person was
    signed.
    """
    rows = connection.exec_driver_sql(
        f"{ACTION} AS a WHERE (status = 'open' AND (due_on < ? OR accepted = 'declined')) "
        "OR (status = 'not-done' AND not_done_because = 'agency-did-not-act' "
        "AND NOT EXISTS (SELECT 1 FROM open_action_step s WHERE s.action_id = a.id AND s.step = 'brought-back') "
        "AND NOT EXISTS (SELECT 1 FROM open_decision d WHERE d.profile_id = a.profile_id "
        "AND d.signed_at > a.closed_at)) ORDER BY due_on, id",
        (today,),
    )
    return [ActionRow(*row) for row in rows]


def steps(connection: Connection, action_ids: Iterable[int]) -> list[StepRow]:
    """Return what was said of these actions, in order."""
    wanted = tuple(action_ids)
    found: list[StepRow] = []
    for first in range(0, len(wanted), 500):
        part = wanted[first : first + 500]
        rows = connection.exec_driver_sql(
            f"SELECT {', '.join(StepRow._fields)} FROM open_action_step "
            f"WHERE action_id IN ({','.join('?' * len(part))}) ORDER BY id",
            part,
        )
        found += [StepRow(*row) for row in rows]
    return found
