"""The list of people and the home screen on an invented town."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from db.trail import TrailFilter
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import search
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import open_trail
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.people import LISTS
from screens.widgets.filter_input import FilterInput
from screens.widgets.virtual_table import VirtualTable
from tests.screens.looking import SIZES, assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]


def names_in(town: DemoStore) -> set[str]:
    """Every whole name of the town's people, as the truth has it."""
    with (town.folder / "truth" / "people.csv").open(encoding="utf-8") as file:
        return {f"{row['forename']} {row['surname']}" for row in csv.DictReader(file)}


def open_person(town: DemoStore) -> tuple[str, str]:
    """Name and pseudonym of somebody whose profile is open."""
    with town.signed_in("coordinator") as session:
        index = search.index(session, Reason(ReasonCode.CASELOAD))
        named = [hit for letter in "aeiou" for hit in index.find(letter).hits if hit.name]
        if not named:
            for name in sorted(names_in(town)):
                named += [hit for hit in index.find(name).hits if hit.name]
                if named:
                    break
    return named[0].name, named[0].pseudonym


@pytest.mark.parametrize("size", SIZES)
async def test_the_list_shows_everybody_masked_unless_open(
    town_app: TownApp, town: DemoStore, size: tuple[int, int]
) -> None:
    app = town_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        table = app.screen.query_one(VirtualTable)
        assert f"{table.count:,} people: everybody" in seen(app)
        assert "masked" in seen(app)
        assert "▸" in seen(app)
        assert_harmless(app)
        for words in list(LISTS.values())[1:]:
            await pilot.press("f2")
            await settle(pilot)
            assert f"people: {words}"[: size[0] - 20] in seen(app)
        assert app.faults == []


async def test_somebody_open_is_found_by_a_misspelt_name_and_by_pseudonym(town_app: TownApp, town: DemoStore) -> None:
    name, pseudonym = open_person(town)
    surname = name.split()[-1]
    misspelt = f"{surname[:2]}{surname[3]}{surname[2]}{surname[4:]}" if len(surname) > 4 else surname
    app = town_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("3", "/")
        for typed in (name, f"{name.split()[0]} {misspelt}", pseudonym):
            app.screen.query_one(FilterInput).value = typed
            await settle(pilot)
            assert name in seen(app), typed
            assert pseudonym in seen(app), typed
        assert app.faults == []


async def test_letters_typed_on_the_list_go_into_the_line(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        assert app.screen.query_one(VirtualTable).has_focus
        await pilot.press(*"jgly")
        await settle(pilot)
        line = app.screen.query_one(FilterInput)
        assert (line.value, line.has_focus) == ("jgly", True)
        assert app.faults == []


async def test_nobody_masked_is_found_by_name(town_app: TownApp, town: DemoStore) -> None:
    app = town_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        session = app.session
        assert session is not None
        with town.signed_in("coordinator") as other:
            index = search.index(other, Reason(ReasonCode.CASELOAD))
            hidden = [name for name in sorted(names_in(town)) if not index.find(name).hits][:3]
        assert hidden, "most people of the town are masked"
        for name in hidden:
            app.screen.query_one(FilterInput).value = name
            await settle(pilot)
            assert f"Nothing matches “{name}”." in seen(app)
        await pilot.press("slash", "escape")
        await settle(pilot)
        assert "people: everybody" in seen(app)


def searches(town: DemoStore) -> list[str]:
    """The searches in the trail, oldest first."""
    with town.signed_in("supervisor") as session:
        lines = open_trail(session, TrailFilter()).lines
    return [line.words for line in reversed(lines) if line.thing == "search" and line.words]


async def test_the_trail_keeps_the_search_at_which_typing_came_to_rest(town_app: TownApp, town: DemoStore) -> None:
    before = searches(town)
    app = town_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        # So long that only leaving the line, or locking, ends the search.
        app.debounce = 1000.0
        await pilot.press("3", "slash", *"quill", "enter")
        await settle(pilot)
        await pilot.press("slash", "escape", *"moxon")
        app.screen.query_one(FilterInput)._settle()
        await settle(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot)
    assert searches(town)[len(before) :] == ["quill", "moxon"]
