"""Screens that belong to no key of the top line: the palette, home and other screens open them by name.

To add one, write its screen in ``screens/`` and name it here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Further:
    """One such screen.

    Attributes:
        title: what the palette calls it.
        tooltip: one sentence.
        screen: module and class; built without arguments.
        reads: what one must be allowed to consult to be offered it; the session decides all the same.
        operation: to do what to it, where not to consult it.
    """

    title: str
    tooltip: str
    screen: str
    reads: Thing
    operation: Operation = Operation.CONSULT

    def build(self) -> Screen[Any]:
        """Return a fresh screen."""
        module, name = self.screen.split(":")
        screen: Screen[Any] = getattr(importlib.import_module(module), name)()
        return screen

    def is_for(self, session: Session | None) -> bool:
        """Return whether it is offered to whoever is signed in."""
        return session is not None and session.may(self.operation, self.reads)


FURTHER: Final = (
    Further(
        "Actions",
        "What each agency is to do, what comes back by itself, and files that go out and come back.",
        "screens.actions:ActionsScreen",
        Thing.ACTION,
    ),
    Further(
        "Cases",
        "Where each case stands, who leads it now, and which are restricted.",
        "screens.cases:CasesScreen",
        Thing.CASE,
    ),
    Further(
        "Referrals",
        "What your agency sent and was sent; for coordinators also whose each is.",
        "screens.referrals:ReferralsScreen",
        Thing.REFERRAL,
    ),
    Further(
        "The room",
        "The meeting that is being held, or the next: one case a screen, notes, decisions.",
        "screens.panel_mode:PanelModeScreen",
        Thing.PANEL,
    ),
    Further(
        "Dissents",
        "Who disagrees with which decision, with whom it is and by when.",
        "screens.dissents:DissentsScreen",
        Thing.DISSENT,
    ),
    Further(
        "Urgent decisions",
        "Two agencies decide between panels; the next panel ratifies it or not.",
        "screens.urgent:UrgentScreen",
        Thing.DECISION,
    ),
    Further(
        "Going on over a stop",
        "What stopped a decision, who would go on, and the second person.",
        "screens.going_on:GoingOnScreen",
        Thing.GOING_ON,
    ),
    Further(
        "Minutes",
        "The minutes of the latest panel: draft, edit, approve, circulate.",
        "screens.minutes:MinutesScreen",
        Thing.MINUTES,
    ),
    Further(
        "What has left",
        "Every copy that left the store: whose, under which mark, until when; calling it back.",
        "screens.disclosures:DisclosuresScreen",
        Thing.DISCLOSURE,
    ),
    Further(
        "What came of it",
        "What works, each rule’s record, who leads for whom, what was missed.",
        "screens.learning:LearningScreen",
        Thing.OUTCOME,
        Operation.COMBINE,
    ),
    Further(
        "The same people",
        "Whether agencies’ most frequent people are the same, and the report to the Board.",
        "screens.overlap:OverlapScreen",
        Thing.OVERLAP,
        Operation.COMBINE,
    ),
)
