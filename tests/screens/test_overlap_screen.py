"""Overlap on a screen: figures or hidden, explained beside; the report leaves by a form."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from screens.app import KingshurstApp
from screens.further import FURTHER
from screens.overlap import OverlapScreen
from screens.widgets.virtual_table import VirtualTable
from tests.screens.looking import assert_harmless, lines, seen, settle

if TYPE_CHECKING:
    from pathlib import Path

TownApp = Callable[..., KingshurstApp]


async def test_overlap_is_shown_and_the_report_leaves(town_app: TownApp, tmp_path: Path) -> None:
    app = town_app("supervisor")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.go_further(next(each for each in FURTHER if each.title == "The same people"))
        await settle(pilot)
        assert isinstance(app.screen, OverlapScreen)
        table = app.screen.query_one(VirtualTable)
        said = [row.cells[0] for at in range(80) if (row := table.row_at(at))]
        assert "WMP" in said
        assert any(each.startswith("all its people: known to another agency") for each in said)
        assert all(len(line) <= 80 for line in lines(app))
        await pilot.press("r")
        await settle(pilot)
        await pilot.press("enter", "down", "enter", "tab", *str(tmp_path), "tab", *"smbc:Ada Board", "tab")
        await pilot.press(*"For the Board of May", "ctrl+s")
        await settle(pilot)
        assert any(name.startswith("board-report-") for name in os.listdir(tmp_path)), seen(app)
        assert_harmless(app)
        assert app.faults == []
