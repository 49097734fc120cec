"""The agenda on an invented town: sorted by one fact, narrowed, triaged with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.demo.build import DemoStore
from screens.agenda import AgendaScreen
from screens.app import KingshurstApp
from screens.profile import ProfileScreen
from screens.widgets.virtual_table import VirtualTable
from tests.screens.looking import SIZES, assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]


async def go_to_agenda(pilot: Pilot[int]) -> None:
    await settle(pilot)
    await pilot.press("2")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_everybody_flagged_is_there_with_why(town_app: TownApp, town: DemoStore, size: tuple[int, int]) -> None:
    with town.signed_in("coordinator") as session:
        agenda = open_agenda(session)
    app = town_app()
    async with app.run_test(size=size) as pilot:
        await go_to_agenda(pilot)
        shown = seen(app)
        assert f"{agenda.total} of {agenda.flagged} flagged" in shown
        assert agenda.rows[0].who[:15] in shown
        assert "Flag" in shown
        assert app.screen.query_one(VirtualTable).count == agenda.total
        assert "score" not in shown.lower()
        assert_harmless(app)
        assert app.faults == []


async def test_it_is_sorted_by_the_fact_one_chooses_and_says_so(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        soonest = open_agenda(session, sort="lapses")
    app = town_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go_to_agenda(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "✓ when the latest flag was raised" in seen(app)
        await pilot.press("home", "down", "enter")
        await settle(pilot)
        assert "By when the last flag lapses, the soonest first" in seen(app)
        assert app.screen.query_one(VirtualTable).row_at(0).key == soonest.rows[0].pseudonym  # type: ignore[union-attr]


async def test_a_click_on_a_heading_sorts_by_what_stands_below_it(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        by_name = open_agenda(session, sort="who")
    app = town_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go_to_agenda(pilot)
        table = app.screen.query_one(VirtualTable)
        heading = table.render_line(0).text
        for title, said in (("Lapses", "the soonest first"), ("Inc.", "the most first"), ("Who", "By name")):
            await pilot.click(table, offset=(heading.index(title), 0))
            await settle(pilot)
            assert said in seen(app)
        assert table.row_at(0).key == by_name.rows[0].pseudonym  # type: ignore[union-attr]
        await pilot.click(table, offset=(heading.index("Why"), 0))
        await settle(pilot)
        assert "Sort by one fact" in seen(app), "no fact of that column orders the list: the click asks, as s does"


async def test_it_is_narrowed_to_a_rule_and_widened_again(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        whole = open_agenda(session)
        code, title = whole.rules[0]
        narrow = open_agenda(session, rule=code)
    app = town_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go_to_agenda(pilot)
        screen = app.screen
        assert isinstance(screen, AgendaScreen)
        screen._look(rule=code)
        await settle(pilot)
        assert f"{narrow.total} of {whole.flagged} flagged · only {title}"[:60] in seen(app)
        await pilot.press("x")
        await settle(pilot)
        assert f"{whole.total} of {whole.flagged} flagged" in seen(app)


async def test_triage_asks_why_and_keeps_it(changing_app: TownApp, town_copy: DemoStore) -> None:
    app = changing_app()
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await go_to_agenda(pilot)
        who = str(app.screen.query_one(VirtualTable).row.key)  # type: ignore[union-attr]
        await pilot.press("t")
        await settle(pilot)
        assert "Nothing is chosen for you" in seen(app)
        assert "▸   for the panel" in seen(app)
        await pilot.press("end", "enter")
        await settle(pilot)
        form = app.screen
        form.query_one(TextArea).text = "later"
        form.query_one(Input).value = "1 June 2026"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "at least two words" in seen(app)
        form.query_one(TextArea).text = "in hospital"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "not now, by coordinator on 4 May 2026, back on 1 June 2026" in seen(app)
        await pilot.press("t")
        await settle(pilot)
        assert "▸ ✓ not now" in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        row = next(row for row in open_agenda(session).rows if row.pseudonym == who)
    assert (row.triage, row.triage_why) == ("not-now", "in hospital")


async def test_a_practitioner_sees_the_agenda_and_is_not_offered_triage(town_app: TownApp) -> None:
    app = town_app("practitioner")
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to_agenda(pilot)
        assert "flagged" in seen(app)
        assert "Triage" not in seen(app).splitlines()[-1]
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, AgendaScreen)


async def test_enter_opens_the_profile_within_its_item_without_a_further_entry(
    town_app: TownApp, town: DemoStore
) -> None:
    app = town_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to_agenda(pilot)
        await pilot.press("enter")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ProfileScreen)
        before = entries(town)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert entries(town) - before == 0
        await pilot.press("right_square_bracket")
        await settle(pilot)
        assert "2 of" in seen(app)
        assert app.faults == []


def entries(town: DemoStore) -> int:
    """How many entries the trail has."""
    from kingshurst_tui.oversight.trail import verify_trail

    with town.signed_in("supervisor") as session:
        return verify_trail(session).entries


async def test_enter_before_the_list_has_come_is_not_lost(town_app: TownApp) -> None:
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.switch_mode("agenda")
        table = app.screen.query_one(VirtualTable)
        assert table.count == 0, "the store has not answered yet"
        table.action_open()
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert app.faults == []
