"""What holds on every part of the program: sizes, banner, status, keys that never hide, and the lock over anything."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.keyholding import users
from screens.app import KingshurstApp
from screens.help import HelpDialog
from screens.palette import Palette
from screens.program_parts import PROGRAM_PARTS
from screens.reason_prompt import ReasonPrompt
from screens.unlock import UnlockScreen
from tests.conftest import NOON
from tests.screens.conftest import Beat
from tests.screens.looking import SIZES, assert_harmless, lines, seen, settle

TownApp = Callable[..., KingshurstApp]


@pytest.mark.parametrize(
    ("user", "size"),
    [
        *((user, SIZES[0]) for user in ("practitioner", "supervisor", "governance", "administrator")),
        *(("coordinator", size) for size in SIZES),
    ],
)
async def test_each_part_opens_for_each_user_at_each_size(town_app: TownApp, user: str, size: tuple[int, int]) -> None:
    app = town_app(user)
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await settle(pilot)
        assert app.session is not None
        for part in PROGRAM_PARTS:
            await pilot.press(part.key)
            await settle(pilot)
            if not part.is_for(app.session):
                assert app.current_mode != part.mode
                continue
            assert app.current_mode == part.mode, part.mode
            assert "Invented people" in seen(app), part.mode
            assert f"{user} ({user}" in seen(app), part.mode
            assert lines(app)[0].rstrip().endswith("^l Lock"), f"{part.mode}: {lines(app)[0]}"
            names = filter(None, (part.title, part.short, part.least))
            assert any(f"▸{part.key} {name}" in lines(app)[0] for name in names)
            assert all(len(line) <= size[0] for line in lines(app))
            assert_harmless(app)
            assert [fault.title for fault in app.faults] == [], part.mode
            await pilot.press("f1")
            await settle(pilot)
            assert isinstance(app.screen, HelpDialog)
            await pilot.press("escape")
            await settle(pilot)


@pytest.mark.parametrize("over", ["dialog", "palette", "help"])
async def test_the_lock_works_over_anything(town_app: TownApp, over: str) -> None:
    app = town_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        if over == "dialog":
            app.push_screen(ReasonPrompt())
        else:
            await pilot.press({"palette": "ctrl+p", "help": "f1"}[over])
        await settle(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert app.session is None
        assert len(app.screen_stack) == 1


async def test_enter_twice_in_the_palette_takes_away_nothing_but_the_palette(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        await pilot.press(*"go to people")
        await settle(pilot)
        palette = app.screen
        assert isinstance(palette, Palette)
        for _ in range(2):
            palette.dismiss()
        await settle(pilot)
        assert len(app.screen_stack) == 1
        assert app.faults == []


async def test_the_palette_locks_and_goes_places(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("colon", *"go to people")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.current_mode == "people"
        await pilot.press("ctrl+p", *"lock now")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)


async def test_somebody_suspended_meanwhile_is_locked_out(town: DemoStore, tmp_path: Path, beat: Beat) -> None:
    store = tmp_path / "store"
    shutil.copytree(town.store, store)
    open_session = partial(vaults.open_session, store, clock=FixedClock(NOON))
    app = KingshurstApp(
        open_session,
        user_name="coordinator",
        sign_in=partial(open_session, "coordinator", town.passphrases["coordinator"]),
        monotonic=beat,
        debounce=0,
    )
    async with app.run_test() as pilot:
        await settle(pilot)
        administrator = open_session("administrator", town.passphrases["administrator"])
        users.set_user_status(administrator, "coordinator", "suspended")
        administrator.close()
        await pilot.press("3")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "may no longer act" in seen(app)
