"""What the tests about panels share: the demonstration's town, and a meeting that is being prepared in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pytest

import db.agenda
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.panels import cases, meetings, members
from kingshurst_tui.panels.records import OnePanel, PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL, Town

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

QUESTION = "Who leads, now that three agencies meet her every week?"
FACTS = PanelFacts(
    "Repeat contact panel",
    date(2026, 5, 18),
    kind="monthly",
    areas=("anti-social-behaviour",),
    begins_at="14:00",
    chair="supervisor",
    minute_taker="coordinator",
    quorum=QuorumRule(2, ("police",), 3),
    information_by=date(2026, 5, 14),
)


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    """The demonstration, to be changed."""
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


@dataclass
class Meeting:
    """A meeting with its members and two open cases."""

    town: Town
    number: int
    police: int
    housing: int
    health: int
    observer: int
    first: int
    second: int
    people: tuple[PersonLine, PersonLine]

    def shown(self) -> OnePanel:
        """Return the meeting as the coordinator sees it."""
        return meetings.one(self.town.coordinator, self.number)


def open_people(town: Town, many: int) -> list[PersonLine]:
    """Return open, flagged adults with whom no panel has had anything to do."""
    with town.coordinator.act(Operation.CONSULT, Thing.PANEL, reason=PANEL) as act:
        known = {item.profile_id for item in act.read(db.agenda.items).values() if item.triage != "untriaged"}
        for table in ("panel_case", "decision", "action"):
            known |= set(act.connection.exec_driver_sql(f"SELECT profile_id FROM {table}").scalars())
    found = [
        line
        for line in town.lines("flagged")
        if line.is_open and line.under_18 is False and line.profile_id not in known
    ]
    assert len(found) >= many
    return found[:many]


@pytest.fixture
def meeting(town: Town) -> Meeting:
    """A meeting being prepared: police (the supervisor's agency), housing (the practitioner's), health, an observer."""
    coordinator = town.coordinator
    number = meetings.new(coordinator, FACTS)
    police = members.invite(coordinator, number, agency="WMP", user_name="supervisor")
    housing = members.invite(coordinator, number, agency="SCH", user_name="practitioner")
    nurse = {"name": "Invented Nurse", "standing": "deputy", "deputy_for": "Invented Consultant"}
    health = members.invite(coordinator, number, agency="NHS", **nurse)
    observer = members.invite(coordinator, number, agency="EDU", name="Invented Trainee", standing="observer")
    first, second = open_people(town, 2)
    first_case = cases.add(coordinator, number, first.pseudonym, question=QUESTION, brought_by="flag")
    second_case = cases.add(coordinator, number, second.pseudonym, question=QUESTION, brought_by="flag")
    return Meeting(town, number, police, housing, health, observer, first_case, second_case, (first, second))
