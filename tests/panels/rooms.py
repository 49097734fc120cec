"""A meeting with cases on its agenda, for tests of the room: written as the rooms that prepare it would."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection

import db.panel_notes
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.people import open_list, page
from kingshurst_tui.clock import stamp
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

PANEL = Reason(ReasonCode.PANEL)
AGENCIES = ("EDU", "KTP", "NHS", "SCH", "SMBC", "WMP")


@dataclass(frozen=True)
class Held:
    """A meeting: its number, and its cases' in their order with the pseudonyms."""

    panel: int
    cases: tuple[int, ...]
    pseudonyms: tuple[str, ...]
    profiles: tuple[int, ...]


def people(session: Session, *, masked: bool = False) -> list[tuple[int, str]]:
    """Return (profile, pseudonym) of everybody who is open, or masked."""
    listed = open_list(session, PANEL, which="everybody")
    lines = page(session, listed, 0, listed.total)
    return [(line.profile_id, line.pseudonym) for line in lines if (not line.name) is masked and line.pseudonym]


def hold(
    session: Session,
    *,
    cases: int = 3,
    masked: int = 0,
    status: str = "open",
    chair: str = "coordinator",
    minute_taker: str = "practitioner",
    minutes: int = 6,
    lock_minutes: int = 10,
) -> Held:
    """Make a meeting with so many open cases, and masked ones after them."""
    who = people(session)[:cases] + people(session, masked=True)[:masked]
    now = stamp(session.clock.now())

    def write(connection: Connection) -> tuple[int, list[int]]:
        panel = connection.exec_driver_sql(
            "INSERT INTO panel (held_on, title, purpose, areas, chair, minute_taker, quorum, lock_minutes, status, "
            "made_by) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                now[:10],
                "May panel",
                session.purpose,
                "[]",
                chair,
                minute_taker,
                "{}",
                lock_minutes,
                status,
                "coordinator",
            ),
        ).lastrowid
        for code in AGENCIES:
            connection.exec_driver_sql(
                "INSERT INTO panel_member (panel_id, agency_code, display_name, attendance) VALUES (?,?,?,'present')",
                (panel, code, f"Member of {code}"),
            )
        made = [
            connection.exec_driver_sql(
                "INSERT INTO panel_case (panel_id, profile_id, place, minutes, question, brought_by, proposed_by, "
                "proposed_at) VALUES (?,?,?,?,?,?,?,?)",
                (panel, profile, place, minutes, f"Who leads for {pseudonym}?", "flag", "coordinator", now),
            ).lastrowid
            for place, (profile, pseudonym) in enumerate(who, start=1)
        ]
        return int(panel), [int(each) for each in made]

    panel, made = session.stage(Operation.ALTER, Thing.PANEL, write)
    return Held(panel, tuple(made), tuple(each for _, each in who), tuple(each for each, _ in who))


def first_view(session: Session, held: Held, at: int, agency: str, words: dict[str, str]) -> None:
    """Write an agency's first view of a case."""

    def write(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO first_view (panel_case_id, profile_id, agency_code, document, written_by, written_at) "
            "VALUES (?,?,?,?,?,?)",
            (held.cases[at], held.profiles[at], agency, json.dumps(words), "practitioner", "2026-05-01T09:00:00.000Z"),
        )

    session.stage(Operation.ALTER, Thing.FIRST_VIEW, write)


def say(session: Session, statement: str, *given: object) -> None:
    """Change something of a meeting as a room beside this one would, and raise its counter."""

    def write(connection: Connection) -> None:
        connection.exec_driver_sql(statement, given)
        for (panel,) in connection.exec_driver_sql("SELECT id FROM panel").fetchall():
            db.panel_notes.changed(connection, panel)

    session.stage(Operation.ALTER, Thing.PANEL, write)


def step_out(session: Session, held: Held, at: int, agency: str, user: str) -> None:
    """Let a user declare an interest in a case and step out."""

    def write(connection: Connection) -> None:
        member = connection.exec_driver_sql(
            "INSERT INTO panel_member (panel_id, agency_code, display_name, user_name) VALUES (?,?,?,?)",
            (held.panel, agency, user.title(), user),
        ).lastrowid
        connection.exec_driver_sql(
            "INSERT INTO conflict_of_interest (panel_id, panel_member_id, profile_id, interest, step, declared_by, "
            "declared_at) VALUES (?,?,?,?,?,?,?)",
            (held.panel, member, held.profiles[at], "A neighbour", "stepped-out", user, "2026-05-04T11:00:00.000Z"),
        )

    session.stage(Operation.ALTER, Thing.PANEL, write)
