"""The room while nobody is to see it: blank at once, locked by its own policy, nothing lost."""

from __future__ import annotations

from collections.abc import Callable

from kingshurst_tui.demo.build import DemoStore
from screens.app import KingshurstApp
from screens.blank import BlankScreen
from screens.confirm import Confirm
from screens.panel_mode import PanelModeScreen
from screens.unlock import UnlockScreen
from tests.screens.conftest import Beat
from tests.screens.in_the_room import enter, kept, on_top, prepare, words
from tests.screens.looking import press, seen, sent_to_terminal, settle

TownApp = Callable[..., KingshurstApp]


async def test_a_blank_screen_shows_nothing_and_comes_back_with_what_was_typed(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await enter(pilot, held)
        assert screen.case is not None
        await press(pilot, "i", "m")
        await pilot.press(*"to be hidden", "ctrl+g")
        await settle(pilot)
        assert isinstance(on_top(app), BlankScreen)
        for secret in ("to be hidden", screen.case.pseudonym, screen.case.who.name, "Case 1"):
            assert secret not in sent_to_terminal(app)
        await press(pilot, "n", "2", "x", "escape", "enter")
        assert isinstance(on_top(app), BlankScreen), "no other key reaches the case"
        await press(pilot, "ctrl+g")
        assert on_top(app) is screen
        assert words(screen) == "to be hidden"
        await press(pilot, "escape", "b")
        assert isinstance(on_top(app), BlankScreen)
        await press(pilot, "b")
        assert "Case 1 of 4" in seen(app)


async def test_the_meeting_locks_by_its_own_policy_and_loses_nothing(
    changing_app: TownApp, town_copy: DemoStore, beat: Beat
) -> None:
    held = prepare(town_copy, lock_minutes=20)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "n", "m")
        await pilot.press(*"half a sent")
        for minute in range(1, 20):
            beat.seconds += 60
            await app.check_rest()
            assert on_top(app) is screen, f"locked after {minute} minutes of a policy of 20"
        beat.seconds += 61
        await app.check_rest()
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "half a sent" not in sent_to_terminal(app)
        assert kept(town_copy, held, 1)["said"].words == "half a sent"
        await pilot.press(*town_copy.passphrases["coordinator"], "enter")
        await settle(pilot)
        back = app.screen
        assert isinstance(back, PanelModeScreen)
        back.heart.pause()
        assert back.case is not None
        assert back.case.case_id == held.cases[1]
        assert words(back) == "half a sent"


async def test_elsewhere_the_usual_rest_locks(changing_app: TownApp, town_copy: DemoStore, beat: Beat) -> None:
    held = prepare(town_copy, lock_minutes=20)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await enter(pilot, held)
        await app.check_rest()
        await press(pilot, "escape")
        assert isinstance(app.screen, Confirm), "one key too many shows the room nothing else"
        await press(pilot, "y")
        beat.seconds += 301
        await app.check_rest()
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
