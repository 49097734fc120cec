"""What is read of a meeting and its cases while it runs."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection


class PanelRow(NamedTuple):
    """One meeting; about no person."""

    id: int
    held_on: str
    title: str
    purpose: str
    chair: str
    minute_taker: str
    lock_minutes: int
    status: str


class CaseRow(NamedTuple):
    """One case of a meeting, as far as it may be seen without opening the profile."""

    id: int
    panel_id: int
    profile_id: int
    place: int
    minutes: int
    question: str
    brought_by: str
    proposed_by: str
    proposed_at: str
    status: str
    status_why: str
    opened_at: str | None
    seconds: int
    revealed_at: str | None
    decision_id: int | None
    version: int


class LineRow(NamedTuple):
    """One line of the agenda at the side."""

    id: int
    profile_id: int
    place: int
    pseudonym: str
    status: str
    minutes: int
    seconds: int
    decision_id: int | None
    version: int
    is_open: int
    revealed_at: str | None


class ViewRow(NamedTuple):
    """An agency's first view; its document is empty until it may be read."""

    agency_code: str
    document: str
    written_by: str
    entered_for: str
    written_at: str


class OutcomeRow(NamedTuple):
    """What came of a decision, in one domain after so many months."""

    id: int
    decision_id: int
    domain: str
    months: int
    measured_on: str
    baseline: str
    now: str
    effect: str
    person_view: str
    source: str


class AskedRow(NamedTuple):
    """What an agency was asked to find out, and what it said."""

    agency_code: str
    question: str
    due_on: str
    status: str
    answer: str
    answered_at: str | None


def panel(connection: Connection, panel_id: int) -> PanelRow | None:
    """Return one meeting."""
    row = connection.exec_driver_sql(
        f"SELECT {', '.join(PanelRow._fields)} FROM panel WHERE id = ?", (panel_id,)
    ).fetchone()
    return PanelRow(*row) if row else None


def being_held(connection: Connection, purpose: str) -> int:
    """Return the meeting that is open for a purpose, else the next in preparation, else 0."""
    found = connection.exec_driver_sql(
        "SELECT id FROM panel WHERE purpose = ? AND status IN ('open', 'preparing') "
        "ORDER BY status <> 'open', held_on, id LIMIT 1",
        (purpose,),
    ).scalar()
    return int(found or 0)


def case(connection: Connection, case_id: int) -> CaseRow | None:
    """Return one case."""
    row = connection.exec_driver_sql(
        f"SELECT {', '.join(CaseRow._fields)} FROM masked_panel_case WHERE id = ?", (case_id,)
    ).fetchone()
    return CaseRow(*row) if row else None


def brought_id(connection: Connection, case_id: int) -> int | None:
    """Return which flag, decision, referral or action brought a case of an open profile."""
    found = connection.exec_driver_sql("SELECT brought_id FROM open_panel_case WHERE id = ?", (case_id,)).scalar()
    return None if found is None else int(found)


def lines(connection: Connection, panel_id: int) -> list[LineRow]:
    """Return the cases of a meeting in their order, but those taken off or only proposed."""
    rows = connection.exec_driver_sql(
        "SELECT c.id, c.profile_id, c.place, p.pseudonym, c.status, c.minutes, c.seconds, c.decision_id, c.version, "
        "p.is_open, c.revealed_at FROM masked_panel_case c JOIN masked_profile p ON p.profile_id = c.profile_id "
        "WHERE c.panel_id = ? AND c.status NOT IN ('taken-off', 'proposed') ORDER BY c.place, c.id",
        (panel_id,),
    )
    return [LineRow(*row) for row in rows]


def agencies(connection: Connection, panel_id: int) -> list[str]:
    """Return the agencies that are asked to a meeting as members, by code."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT agency_code FROM panel_member WHERE panel_id = ? AND standing <> 'observer' "
        "ORDER BY agency_code",
        (panel_id,),
    )
    return list(rows.scalars())


def views(connection: Connection, case_id: int) -> list[ViewRow]:
    """Return the first views on a case of an open profile."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(ViewRow._fields)} FROM open_first_view WHERE panel_case_id = ? ORDER BY agency_code",
        (case_id,),
    )
    return [ViewRow(*row) for row in rows]


def asked(connection: Connection, case_id: int) -> list[AskedRow]:
    """Return what agencies were asked for a case of an open profile."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(AskedRow._fields)} FROM open_information_request WHERE panel_case_id = ? "
        "AND status <> 'taken-back' ORDER BY agency_code, id",
        (case_id,),
    )
    return [AskedRow(*row) for row in rows]


def outcomes(connection: Connection, profile_id: int) -> list[OutcomeRow]:
    """Return what came of the decisions about an open profile, the latest first."""
    rows = connection.exec_driver_sql(
        f"SELECT {', '.join(OutcomeRow._fields)} FROM open_outcome WHERE profile_id = ? AND status = 'standing' "
        "ORDER BY measured_on DESC, id DESC",
        (profile_id,),
    )
    return [OutcomeRow(*row) for row in rows]


def steps_out(connection: Connection, panel_id: int, profile_id: int, user_name: str) -> bool:
    """Return whether a user has stepped out of a case, or of the whole meeting, for an interest of their own."""
    found = connection.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM masked_conflict_of_interest c JOIN panel_member m ON m.id = c.panel_member_id "
        "WHERE c.panel_id = ? AND m.user_name = ? AND c.step = 'stepped-out' "
        "AND (c.profile_id IS NULL OR c.profile_id = ?))",
        (panel_id, user_name, profile_id),
    ).scalar()
    return bool(found)


def first_before_panel(connection: Connection, case_id: int, at: str) -> None:
    """Keep when a case first came before the panel."""
    connection.exec_driver_sql("UPDATE panel_case SET opened_at = ? WHERE id = ?", (at, case_id))
