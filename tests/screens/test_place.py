"""A place at a time: what is published of it, said in words that its intervals allow; no count finer than that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.demo.geography import Ground
from kingshurst_tui.demo.places import postcode
from kingshurst_tui.places import map_areas, one_place
from kingshurst_tui.places.vocabulary import Level
from screens.app import KingshurstApp
from screens.place import PlaceScreen
from screens.place_words import AGENCIES, MAP
from screens.widgets.tile_map import TileMap
from screens.widgets.virtual_table import VirtualTable
from tests.screens.looking import SIZES, assert_harmless, lines, seen, settle

TownApp = Callable[..., KingshurstApp]


async def opened(pilot: Pilot[int]) -> PlaceScreen:
    await settle(pilot)
    await pilot.press("9")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, PlaceScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_each_data_set_has_its_count_its_months_and_a_word_that_its_interval_allows(
    town_app: TownApp, size: tuple[int, int]
) -> None:
    app = town_app()
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        shown = screen._shown
        assert shown is not None
        assert shown.sets
        table = screen.query_one(f"#{AGENCIES} VirtualTable", VirtualTable)
        rows = {row.key: row.cells for at in range(60) if (row := table.row_at(at))}
        for compared in shown.compared:
            said = rows[compared.agreement_ref]
            if compared.borough is not None and compared.borough.low <= 1 <= (compared.borough.high or 1):
                assert said[3] in ("", "—")
        assert shown.name in seen(app)
        assert all(len(line) <= size[0] for line in lines(app))
        assert_harmless(app)
        assert app.faults == []


async def test_one_goes_to_a_place_by_its_name_and_to_the_larger_one(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await opened(pilot)
        assert screen._shown is not None
        known = screen._shown.geography
        ward = known.wards[0]
        await pilot.press("slash")
        await settle(pilot)
        app.screen.query_one(Input).value = known.name(ward)
        await pilot.press("enter")
        await settle(pilot)
        assert screen._code == ward
        await pilot.press("u")
        await settle(pilot)
        assert known.level(screen._code) == Level.LOCAL_AUTHORITY
        await pilot.press("slash")
        await settle(pilot)
        app.screen.query_one(Input).value = "Atlantis"
        await pilot.press("enter")
        await settle(pilot)
        assert "No look-up has the place" in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert known.level(screen._code) == Level.LOCAL_AUTHORITY
        # A part of names asks which of them is meant.
        await pilot.press("slash")
        await settle(pilot)
        app.screen.query_one(Input).value = "003"
        await pilot.press("enter")
        await settle(pilot)
        assert "Which place?" in seen(app)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert known.name(screen._code).startswith("Kingshurst 003B")


async def test_a_tile_of_the_map_opens_its_area(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("down", "down", "t")
        await settle(pilot)
        assert screen._part == MAP
        there = screen.query_one(TileMap).at_cursor
        assert there
        assert there in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen._code == there
        assert screen._part == AGENCIES
        assert app.faults == []


def test_a_hidden_area_has_no_rate_and_is_drawn_as_hidden() -> None:
    from kingshurst_tui.places.vocabulary import HIDDEN
    from screens.place_rows import tiles
    from screens.widgets.tile_map import HIDDEN_TILE

    hidden = map_areas.Area("E01990001", "Kingshurst 002", 0, 0, None, HIDDEN, "hidden")
    shown = map_areas.Area("E01990002", "Kingshurst 003", 1, 0, 20.0, 0, "18 to 22")
    assert [tile.sign for tile in tiles([hidden, shown], {"E01990002"})] == [HIDDEN_TILE, "1·"]


def test_a_month_that_did_not_come_in_has_its_column_so_that_the_others_stand_under_their_own() -> None:
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.places.vocabulary import NOT_KNOWN
    from screens.place_rows import small_multiples
    from screens.widgets.small_multiples import drawn as pictured
    from tests.places.borough import lands

    months = ("2026-01", "2026-03")  # February never came in whole, and so was not published
    counts = PublishedSet(
        "A",
        "Calls",
        "WMP",
        "Police",
        months,
        ("",),
        {},
        10,
        5,
        Level.LSOA,
        {"E01": [[40], [50]]},
        {"2026-02": "missing"},
    )
    place = one_place.OnePlace("E01", "", Level.LSOA, (), (counts,), (), "", lands())
    (drawn,) = small_multiples(place, "A")
    assert drawn.months == ("2026-01", "2026-02", "2026-03")
    assert drawn.counts == (40, NOT_KNOWN, 50)
    assert pictured(drawn, 2, 5)[2:4] == ["▅ █  ", "█?█  "]


async def test_a_postcode_is_gone_to_from_its_lsoa_and_by_typing_and_shows_calendar_years_alone(
    town_app: TownApp, town: DemoStore
) -> None:
    block = Ground(homes=100, today=town.clock.today())
    flats, lsoa = postcode(block.flats), block.code(block.met_by_all)
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert flats in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen._code == flats
        words = seen(app)
        assert "calendar year" in words
        assert "2025 " in words
        await pilot.press("m")
        await settle(pilot)
        assert "not shown by month" in seen(app)
        await pilot.press("u")
        await settle(pilot)
        assert screen._code == lsoa
        # Another of which nothing is shown can be typed, and is said to be hidden.
        await pilot.press("slash")
        await settle(pilot)
        app.screen.query_one(Input).value = postcode(block.flats + block.areas)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        assert "2025 hidden" in seen(app)
        assert app.faults == []


async def test_a_place_that_stands_out_says_since_when_and_every_part_is_explained_in_a_line(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("o")
        await settle(pilot)
        words = seen(app)
        assert "4 May 2026" in words
        assert "Least: times what residents explain" in words
        for key, said in (("a", "— no clear difference"), ("x", "nothing beats it"), ("t", "1,000 residents")):
            await pilot.press(key)
            await settle(pilot)
            assert said in " ".join(seen(app).split())
        assert app.faults == []
