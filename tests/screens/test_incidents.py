"""Ruling on a profile's timeline that reports are one incident, or that they are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.profile_words import grouped
from screens.widgets.timeline import Timeline
from tests.screens.looking import seen, settle
from tests.screens.test_profile import choose, flagged, go_to

TownApp = Callable[..., KingshurstApp]
SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)


def read(town: DemoStore, pseudonym: str) -> Profile:
    with town.signed_in("coordinator") as session:
        profile = open_profile(session, pseudonym, SAFEGUARDING)
    assert isinstance(profile, Profile)
    return profile


def one_with_several_reports(town: DemoStore) -> tuple[str, str]:
    """A pseudonym, and a line of their timeline that holds several reports."""
    with town.signed_in("coordinator") as session:
        people = [row.pseudonym for row in open_agenda(session).rows if row.is_open]
    for pseudonym in people:
        lines = grouped(read(town, pseudonym))
        for key, reports in lines.items():
            if len(reports) > 1 and len(lines) > 1:
                return pseudonym, key
    raise AssertionError("nobody in the town has an incident of several reports")


async def test_reports_are_told_apart_and_joined_again_with_a_reason(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    pseudonym, key = one_with_several_reports(town_copy)
    contacts = {report.contact_id for report in grouped(read(town_copy, pseudonym))[key]}
    app = changing_app("practitioner")
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await go_to(pilot, pseudonym)
        await pilot.press("i")
        await settle(pilot)
        assert app.screen is screen, "only where the incidents are in view"
        await pilot.press("t")
        await settle(pilot)
        screen.query_one(Timeline).go_to(key)
        await pilot.press("i")
        await settle(pilot)
        await choose(pilot, "reports are an incident each")
        await pilot.press("enter")
        await settle(pilot)
        assert "Say it in a few words" in seen(app)
        await pilot.press(*"two visits", "enter")
        await settle(pilot)
        assert "Several incidents from now on" in seen(app)
        lines = grouped(read(town_copy, pseudonym))
        assert {each[0].contact_id for each in lines.values() if len(each) == 1} >= contacts
        here = screen._parts.lines[screen._parts.line_here]
        assert here[0].contact_id in contacts, "the cursor stays with what was ruled on"
        await pilot.press("i")
        await settle(pilot)
        await choose(pilot, "One incident with")
        await pilot.press(*"one quarrel", "enter")
        await settle(pilot)
        assert "One incident from now on" in seen(app)
        joined = grouped(read(town_copy, pseudonym)).values()
        assert any(len(each) > 1 and here[0].contact_id in {report.contact_id for report in each} for each in joined)
        assert app.faults == []


@pytest.mark.parametrize(("user", "is_open"), [("supervisor", True), ("coordinator", False)])
async def test_neither_a_mask_nor_a_supervisor_is_asked(
    town_app: TownApp, town: DemoStore, user: str, is_open: bool
) -> None:
    row = flagged(town, is_open=is_open)
    app = town_app(user)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, row.pseudonym)
        if app.screen is not screen:
            await pilot.press("s")
            await settle(pilot)
        await pilot.press("t", "i")
        await settle(pilot)
        assert app.screen is screen
        assert "One incident?" not in seen(app)
