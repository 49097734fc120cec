"""Data sets: gates, who can open them, what came last, how good it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from kingshurst_tui.agreements import standing_today
from kingshurst_tui.demo.build import DemoStore
from screens.app import KingshurstApp
from tests.screens.looking import SIZES, assert_harmless, seen, settle
from tests.screens.test_profile import choose

TownApp = Callable[..., KingshurstApp]


async def go(pilot: Pilot[int], *keys: str) -> None:
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_every_gate_with_its_last_import_answers_and_quality(
    town_app: TownApp, town: DemoStore, size: tuple[int, int]
) -> None:
    with town.signed_in("governance") as session:
        standings = standing_today.listed(session)
    live = sum(standing.state == "live" for standing in standings)
    app = town_app("governance")
    async with app.run_test(size=size) as pilot:
        await go(pilot, "5")
        assert f"{live} of {len(standings)} gates open" in seen(app)
        assert standings[0].row.reference in seen(app)
        for key, words in (("enter", "Agreement"), ("a", "Advisory"), ("Q", "Batch")):
            await go(pilot, key)
            assert words in seen(app), key
            assert_harmless(app)
            await go(pilot, "escape")
        assert app.faults == []


async def test_suspending_closes_the_gate_at_once_and_says_who_can_open_it(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    app = changing_app("governance")
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go(pilot, "5", "o")
        await choose(pilot, "Close the gate")
        await pilot.press(*"wrong extract sent", "enter")
        await settle(pilot)
        shown = " ".join(seen(app).split())
        assert "✗ suspended" in shown
        assert "wrong extract sent" in shown
        assert "Who can open it" in shown
        assert "2 closed" in shown  # the one whose term is over, and this
        assert app.faults == []


async def test_a_batch_is_taken_back_after_seeing_what_was_built_on_it(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    app = changing_app("governance")
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go(pilot, "5", "b")
        await pilot.press("home", "enter")
        await settle(pilot)
        await choose(pilot, "Take it back")
        assert "Taken out, withdrawn or reopened" in " ".join(seen(app).split())
        await go(pilot, "y")
        await pilot.press(*"sent by mistake", "enter")
        await settle(pilot)
        assert "is taken back" in seen(app)
        assert "everything about it is unknown" in " ".join(seen(app).split())
        assert app.faults == []


async def test_a_coordinator_is_not_offered_the_gate(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await go(pilot, "5", "o")
        assert "gates open" in seen(app)
        assert "Gate" not in seen(app).splitlines()[-1]


async def test_what_decides_by_rule_is_shown_with_who_approved_it(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(100, 40)) as pilot:
        for words, found in (("rules that flag", "Threshold"), ("model that links", "✓ approved")):
            await go(pilot, "5", "m")
            await choose(pilot, words)
            assert found in seen(app)
            await go(pilot, "escape")
        assert app.faults == []
