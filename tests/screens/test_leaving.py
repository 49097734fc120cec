"""Minutes and what has left, on a screen: drafted, edited, let go, found by a mark, called back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore, build
from kingshurst_tui.leaving import disclosed
from kingshurst_tui.panels import minutes_approval
from screens.app import KingshurstApp
from screens.disclosures import OVERSIGHT, DisclosuresScreen
from screens.further import FURTHER, Further
from screens.minutes import MinutesScreen
from screens.widgets.virtual_table import VirtualTable
from tests.conftest import NOON, copy_of
from tests.screens.looking import SIZES, assert_harmless, lines, seen, settle

TownApp = Callable[..., KingshurstApp]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """A town in which three panels were held, for copies: nobody looks into it."""
    folder = tmp_path_factory.mktemp("held") / "demo"
    return build(folder, people=300, seed=11, clock=FixedClock(NOON), panels=True)


@pytest.fixture(scope="module")
def town(held: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """The same, which tests that only read share."""
    return copy_of(held, tmp_path_factory.mktemp("read") / "town", held.clock)


@pytest.fixture
def town_copy(held: DemoStore, tmp_path: Path) -> DemoStore:
    """The same, which one test may change."""
    return copy_of(held, tmp_path / "town")


def is_on(app: KingshurstApp, kind: type[Screen[Any]]) -> bool:
    return isinstance(app.screen, kind)


def further(title: str) -> Further:
    return next(each for each in FURTHER if each.title == title)


@pytest.mark.parametrize("size", SIZES)
async def test_minutes_are_drafted_and_read_at_every_size(changing_app: TownApp, size: tuple[int, int]) -> None:
    app = changing_app("coordinator")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        app.go_further(further("Minutes"))
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, MinutesScreen)
        assert screen.panel_id, "the demonstration holds panels that are over"
        if screen._shown is None:
            await pilot.press("d")
            await settle(pilot)
        said = " ".join(seen(app).split())
        assert "Minutes go out by" in said or "Minutes went out" in said
        assert "Version" in said or size == (60, 18)
        assert all(len(line) <= size[0] for line in lines(app))
        assert_harmless(app)
        assert app.faults == []


async def test_a_field_is_edited_and_copies_leave_and_are_called_back(changing_app: TownApp, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    app = changing_app("coordinator")
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        app.go_further(further("Minutes"))
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, MinutesScreen)
        if screen._shown is None or screen._shown.status != minutes_approval.DRAFT:
            if screen._shown is None:
                await pilot.press("d")
            else:
                await pilot.press("x", *"a word is wrong", "enter")
            await settle(pilot)
        table = screen.query_one(VirtualTable)
        table.cursor = next(at for at in range(20) if (row := table.row_at(at)) and row.key == "0/matters")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press(*"The date was changed", "ctrl+s")
        await settle(pilot)
        assert screen._shown is not None
        assert "The date was changed" in screen._shown.fields["matters"]
        await pilot.press("u")
        await settle(pilot)
        from textual.widgets import Input, Select

        box = app.screen
        box.query_one("#field-what", Select).value = "pack"
        box.query_one("#field-form", Select).value = "txt"
        box.query_one("#field-into", Input).value = str(out)
        box.query_one("#field-why", Input).value = "Papers for everybody who is asked"
        await pilot.press("ctrl+s")
        await settle(pilot)
        copies = list(out.iterdir())
        assert copies
        assert is_on(app, MinutesScreen)
        app.go_further(further("What has left"))
        await settle(pilot)
        assert is_on(app, DisclosuresScreen)
        assert "pack for a panel" in seen(app)
        mark = copies[0].stem[-14:]
        await pilot.press("f")
        await settle(pilot)
        await pilot.press(*mark.lower().replace("-", ""), "enter")
        await settle(pilot)
        assert mark in seen(app)
        await pilot.press("x")
        await settle(pilot)
        await pilot.press(*"Sent to the wrong person", "enter")
        await settle(pilot)
        assert "called back" in seen(app)
        assert app.session is not None
        assert disclosed.listed(app.session, OVERSIGHT)[0].state == disclosed.CALLED_BACK
        assert_harmless(app)
        assert app.faults == []


async def test_nobody_who_may_not_is_offered_them(town_app: TownApp) -> None:
    app = town_app("practitioner")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert further("Minutes").is_for(app.session)
        assert not further("What has left").is_for(app.session)
