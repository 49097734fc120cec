"""Which screen deals with which kind of thing: the one place where one screen leads to another by an id."""

from __future__ import annotations

import importlib
from typing import Any, Final

from textual.screen import Screen

from kingshurst_tui.vocabulary import Thing
from screens.program_parts import PROGRAM_PARTS

SCREENS: Final[dict[Thing, str]] = {
    Thing.PROFILE: "screens.profile:ProfileScreen",
    Thing.SAMPLE: "screens.dip_samples:SamplesScreen",
    Thing.SAMPLE_ANSWER: "screens.dip_samples:QuestionsScreen",
    Thing.GRANT: "screens.roles:RolesScreen",
    Thing.PANEL: "screens.meeting:MeetingScreen",
    Thing.GOING_ON: "screens.going_on:GoingOnScreen",
    Thing.MANIFEST: "screens.manifest:ManifestScreen",
    Thing.DECISION: "screens.urgent:UrgentScreen",
    Thing.DISSENT: "screens.dissents:DissentsScreen",
    Thing.MINUTES: "screens.minutes:MinutesScreen",
    Thing.DISCLOSURE: "screens.disclosures:DisclosuresScreen",
    Thing.ACTION: "screens.actions:ActionsScreen",
    Thing.CASE: "screens.cases:CasesScreen",
    Thing.REFERRAL: "screens.referrals:ReferralsScreen",
    Thing.OUTCOME: "screens.outcomes:OutcomesScreen",
    Thing.RULE: "screens.learning:LearningScreen",
    Thing.PLACE_RULE: "screens.place:StandingOutScreen",
    Thing.BOARD_REPORT: "screens.overlap:OverlapScreen",
}
"""Things with a screen of their own, built from what names them: ``Thing.PROFILE: "screens.profile:ProfileScreen"``."""

PARTS: Final[dict[Thing, str]] = {
    Thing.SEARCH: "people",
    Thing.LINK: "review",
    Thing.CONSENT: "review",
    Thing.GROUND: "consents",
    Thing.AGENDA: "agenda",
    Thing.FLAG: "agenda",
    Thing.AGREEMENT: "data-sets",
    Thing.BATCH: "data-sets",
    Thing.AUDIT: "audit",
}
"""Things that are dealt with in a part of the program."""


def open_thing(screen: Screen[Any], thing: Thing, thing_id: int | str, *, siblings: tuple[int | str, ...] = ()) -> None:
    """Go to where a thing is dealt with; say so where there is no such place.

    Args:
        screen: where one comes from.
        thing: what kind of thing.
        thing_id: what names it.
        siblings: the ids of the list one comes from, so that one can go on to the next.
    """
    if thing in SCREENS:
        module, name = SCREENS[thing].split(":")
        screen.app.push_screen(getattr(importlib.import_module(module), name)(thing_id, siblings=siblings))
    elif PARTS.get(thing) in {part.mode for part in PROGRAM_PARTS}:
        screen.app.call_later(screen.app.switch_mode, PARTS[thing])
    else:
        screen.notify(f"There is no screen for this ({thing}) yet.", markup=False)
