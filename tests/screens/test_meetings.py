"""A panel called and prepared by keyboard alone; what each agency writes first stays its own on every screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, TextArea

from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.triage import set_triage
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.panels import cases, first_views, meetings, members, proposals
from kingshurst_tui.panels.records import PanelFacts, QuorumRule
from screens.app import KingshurstApp
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.confirm import Confirm
from screens.form_dialog import FormDialog
from screens.meeting import MeetingScreen
from screens.meetings import MeetingsScreen
from screens.minutes import MinutesScreen
from tests.screens.looking import SIZES, assert_harmless, lines, press, seen, settle

TownApp = Callable[..., KingshurstApp]
QUESTION = "Who leads, now that three agencies meet her every week?"


def prepared(town: DemoStore, *, cap: int = 20) -> tuple[int, int, list[str]]:
    """Call a panel with one open case on it; return its number, the case's, and whose profile is open, theirs first."""
    with town.signed_in("coordinator") as session:
        who = [row.pseudonym for row in open_agenda(session).rows if row.is_open and row.under_18 is False]
        facts = PanelFacts(
            "Screen panel",
            date(2026, 5, 18),
            begins_at="14:00",
            chair="supervisor",
            minute_taker="coordinator",
            quorum=QuorumRule(2, (), cap),
        )
        number = meetings.new(session, facts)
        members.invite(session, number, agency="SCH", user_name="practitioner")
        members.invite(session, number, agency="NHS", name="Invented Nurse")
        set_triage(session, who[1], "panel")
        return number, cases.add(session, number, who[0], question=QUESTION), who


async def go(pilot: Pilot[int], number: int, part: str = "") -> None:
    """Go to a panel being prepared, and to a part of it."""
    await settle(pilot)
    pilot.app.push_screen(MeetingScreen(number))
    await settle(pilot)
    if part:
        await pilot.press(part)
        await settle(pilot)


async def keep(pilot: Pilot[int]) -> None:
    """Send a form."""
    await press(pilot, "ctrl+s")


@pytest.mark.parametrize("size", SIZES)
async def test_every_part_is_drawn_at_every_size(
    changing_app: TownApp, town_copy: DemoStore, size: tuple[int, int]
) -> None:
    number, case, _ = prepared(town_copy)
    with town_copy.signed_in("practitioner") as session:
        first_views.write(session, case, {"known": "Zebra twelve"})
    app = changing_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "8")
        assert isinstance(app.screen, MeetingsScreen)
        assert "Screen" in seen(app)
        await go(pilot, number)
        for part in ("a", "c", "m", "i", "v", "t"):
            await pilot.press(part)
            await settle(pilot)
            assert all(len(line) <= size[0] for line in lines(app))
            assert_harmless(app)
            assert "Zebra" not in seen(app), part
        assert app.faults == []


async def test_a_panel_is_called_by_keyboard_and_its_form_says_what_cannot_be(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("8", "n")
        await settle(pilot)
        assert isinstance(app.screen, FormDialog)
        await pilot.press(*"May panel", "tab", *"18 May 2026", "tab", *"14:00")
        for field in ("chair", "minute_taker"):
            app.screen.query_one(f"#field-{field}", Select).value = "coordinator"
        await keep(pilot)
        assert isinstance(app.screen, FormDialog)
        assert "Whoever chairs does not take the minutes" in seen(app).replace("\n", " ")
        app.screen.query_one("#field-chair", Select).value = "supervisor"
        await keep(pilot)
        assert isinstance(app.screen, MeetingsScreen)
        assert "May panel" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        panel = next(each.panel for each in meetings.panels(session) if each.panel.title == "May panel")
        assert (panel.held_on, panel.begins_at, panel.chair) == (date(2026, 5, 18), "14:00", "supervisor")
        assert panel.quorum == QuorumRule(2, (), 20)


async def test_a_candidate_is_added_by_one_key_ordered_and_taken_off(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, first, who = prepared(town_copy)
    app = changing_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go(pilot, number, "c")
        screen = app.screen
        assert isinstance(screen, MeetingScreen)
        screen.listed.table.go_to(who[1])
        await settle(pilot)
        assert "flagged since" in seen(app)
        await press(pilot, "enter")
        await pilot.press("a", "end", "K")
        await settle(pilot)
        with town_copy.signed_in("coordinator") as session:
            listed = meetings.one(session, number).listed
        assert [each.pseudonym for each in listed] == [who[1], who[0]]
        await pilot.press("x", "enter")
        await settle(pilot)
        assert isinstance(app.screen, AskWords)
        await pilot.press(*"no", "enter")
        await settle(pilot)
        await pilot.press("ctrl+u", *"moved to another borough", "enter")
        await settle(pilot)
        assert "moved to another borough" in seen(app) or "taken off" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        assert [each.number for each in meetings.one(session, number).listed] == [first]


async def test_going_over_the_load_asks_why_on_the_spot(changing_app: TownApp, town_copy: DemoStore) -> None:
    number, _, who = prepared(town_copy, cap=1)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "c")
        assert isinstance(app.screen, MeetingScreen)
        app.screen.listed.table.go_to(who[1])
        await press(pilot, "enter")
        assert isinstance(app.screen, AskWords)
        assert "load is 1 case" in seen(app)
        await pilot.press(*"leaves hospital tomorrow", "enter")
        await settle(pilot)
        assert "2 of 1 cases" in seen(app)
        assert app.faults == []


async def test_an_agency_writes_its_own_first_view_and_a_lock_keeps_it(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, case, _ = prepared(town_copy)
    app = changing_app("practitioner")
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "v")
        await press(pilot, "enter")
        app.screen.query_one("#field-known", TextArea).focus()
        await pilot.press(*"She pays")
        await settle(pilot)
        await press(pilot, "ctrl+l")
        assert "She pays" not in seen(app)
        app.screen.query_one("#passphrase", Input).value = town_copy.passphrases["practitioner"]
        await press(pilot, "enter")
        await pilot.press("v", "enter")
        await settle(pilot)
        assert "here again" in seen(app)
        assert app.screen.query_one("#field-known", TextArea).text == "She pays"
        await keep(pilot)
        assert isinstance(app.screen, MeetingScreen)
        assert "written" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("practitioner") as session:
        assert [each.known for each in first_views.read(session, case)] == ["She pays"]
    with town_copy.signed_in("coordinator") as session:
        assert [each.known for each in first_views.read(session, case)] == [""]


async def test_showing_all_before_everybody_wrote_asks_why(changing_app: TownApp, town_copy: DemoStore) -> None:
    number, case, _ = prepared(town_copy)
    with town_copy.signed_in("practitioner") as session:
        first_views.write(session, case, {"known": "Zebra twelve"})
    app = changing_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go(pilot, number, "v")
        assert "Zebra" not in seen(app)
        await press(pilot, "r")
        assert isinstance(app.screen, Choose)
        await press(pilot, "enter")
        assert isinstance(app.screen, AskWords)
        assert "NHS" in seen(app)
        await pilot.press(*"the nurse is ill this week", "enter")
        await settle(pilot)
        assert "Zebra twelve" in seen(app)
        assert app.faults == []


async def test_whoever_does_not_prepare_proposes_and_is_offered_nothing_else(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, _, who = prepared(town_copy)
    app = changing_app("practitioner")
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number)
        for key in ("x", "e", "o", "K", "enter"):
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(app.screen, MeetingScreen), key
        await press(pilot, "c")
        assert "Nobody waits" in seen(app)
        await pilot.press("a", "n")
        await settle(pilot)
        await pilot.press(*who[1], "tab", *QUESTION)
        await keep(pilot)
        assert "Not on the agenda" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        made = next(each for each in meetings.one(session, number).cases if each.status == "proposed")
        assert (made.pseudonym, made.proposed_by) == (who[1], "practitioner")
        proposals.accept(session, made.number)


async def test_attendance_is_written_down_and_the_missing_quorum_stands_first(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, _, _ = prepared(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "o")
        for keys in (("enter",), ("down", "enter"), ("down", "down", "enter")):
            assert isinstance(app.screen, Choose)
            await pilot.press(*keys)
            await settle(pilot)
        assert "NO QUORUM: 0 agencies are there" in seen(app)
        assert "Confidentiality was NOT read out" in " ".join(seen(app).split())
        await pilot.press("m", "p")
        await settle(pilot)
        assert "quorum met" in seen(app)
        await press(pilot, "enter")
        # To "absent", past what somebody else might be.
        await pilot.press("down", "down", "down", "enter")
        await settle(pilot)
        assert "NO QUORUM: 1 agency is there" in seen(app)
        assert app.faults == []


async def test_a_panel_opens_with_everybody_there_and_their_word_in_one_go_and_once_held_offers_what_is_left(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, _, _ = prepared(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "o")
        for _ in range(3):
            await press(pilot, "enter")
        with town_copy.signed_in("coordinator") as session:
            shown = meetings.one(session, number)
        assert shown.panel.confidentiality == "agreed"
        assert {(each.attendance, bool(each.confidentiality_at)) for each in shown.members} == {("present", True)}
        await pilot.press("o", "y")
        await settle(pilot)
        await pilot.press(*"Everybody was called away", "enter")
        await settle(pilot)
        foot = lines(app)[-1]
        assert "u Minutes" in foot
        assert "M Sign" in foot
        assert "n New" not in foot
        for key in ("n", "x", "e", "o", "m", "enter", "p", "f"):
            await pilot.press(key)
            await settle(pilot)
            assert isinstance(app.screen, MeetingScreen), key
        # Typed fast, a box opens over a screen that is not drawn yet.
        app.push_screen(MinutesScreen(number))
        app.push_screen(Confirm("Close the panel?"))
        await settle(pilot)
        assert "Close the panel?" in seen(app)
        assert app.faults == []


async def test_agencies_are_asked_about_every_case_and_answer_for_themselves(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    number, _, who = prepared(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "a")
        await press(pilot, "n")
        await pilot.press(*who[1], "tab", *QUESTION)
        await keep(pilot)
        await pilot.press("i", "n")
        await settle(pilot)
        form = app.screen
        assert form.query_one("#field-agencies", Input).value == "NHS, SCH"
        form.query_one("#field-case", Select).value = "every"
        form.query_one("#field-question", TextArea).focus()
        await pilot.press(*"Is there a tenancy?")
        await keep(pilot)
        assert isinstance(app.screen, MeetingScreen)
        assert "i Asked 4" in seen(app)
        assert app.faults == []
    app = changing_app("practitioner")
    async with app.run_test(size=(80, 24)) as pilot:
        await go(pilot, number, "i")
        assert isinstance(app.screen, MeetingScreen)
        own = next(each for each in app.screen.shown.requests if each.agency == "SCH")  # type: ignore[union-attr]
        app.screen.listed.table.go_to(own.number)
        await press(pilot, "enter")
        app.screen.query_one("#field-status", Select).value = "sent"
        app.screen.query_one("#field-answer", TextArea).focus()
        await pilot.press(*"Since 2019")
        await keep(pilot)
        assert "i Asked 3" in seen(app)
        assert "Since 2019" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        assert len(meetings.one(session, number).listed) == 2
