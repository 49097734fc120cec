"""What came of decisions, on a screen: figures with intervals or hidden, samples opened and judged, nobody named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from screens.app import KingshurstApp
from screens.further import FURTHER
from screens.learning import LearningScreen
from screens.unflagged import UnflaggedScreen
from screens.widgets.virtual_table import VirtualTable
from tests.screens.looking import SIZES, assert_harmless, lines, seen, settle

TownApp = Callable[..., KingshurstApp]


def further(title: str) -> int:
    return next(at for at, each in enumerate(FURTHER) if each.title == title)


@pytest.mark.parametrize("size", SIZES)
async def test_figures_are_shown_with_what_they_cannot_show(town_app: TownApp, size: tuple[int, int]) -> None:
    app = town_app("supervisor")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        app.go_further(FURTHER[further("What came of it")])
        await settle(pilot)
        assert isinstance(app.screen, LearningScreen)
        table = app.screen.query_one(VirtualTable)
        said = [row.cells[1] for at in range(60) if (row := table.row_at(at))]
        assert any(each.startswith("What followed decisions") for each in said)
        assert "What rules missed" in said
        if size[1] >= 40:
            assert "does not show that the lead" in " ".join(seen(app).split())
        assert all(len(line) <= size[0] for line in lines(app))
        assert_harmless(app)
        assert app.faults == []


async def test_a_sample_is_drawn_opened_and_judged(town_app: TownApp) -> None:
    app = town_app("supervisor")
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        app.go_further(FURTHER[further("What came of it")])
        await settle(pilot)
        await pilot.press("d")
        await settle(pilot)
        await pilot.press("4", "ctrl+s")
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, UnflaggedScreen)
        assert "nobody has looked yet" in seen(app)
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter", "down", "enter", "tab", *"one call about a lost key", "ctrl+s")
        await settle(pilot)
        # Why is for readers of the open profile; that somebody said so, and what, is for all.
        assert seen(app).count("nobody has looked yet") == 3
        assert app.faults == []


async def test_who_may_not_combine_is_not_offered_it(town_app: TownApp) -> None:
    app = town_app("practitioner")
    async with app.run_test() as pilot:
        await settle(pilot)
        assert not FURTHER[further("What came of it")].is_for(app.session)
