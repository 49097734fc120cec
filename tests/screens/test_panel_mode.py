"""The room: a case at a time by keyboard alone, from the panel's opening to its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kingshurst_tui.casework import decisions
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.panels import manifest, notes, room
from kingshurst_tui.panels.notes import Typed
from screens.app import KingshurstApp
from screens.confirm import Confirm
from screens.decision import DecisionScreen
from screens.minutes import MinutesScreen
from screens.room_notes import RoomNotes
from tests.panels.rooms import AGENCIES, PANEL, first_view, say
from tests.screens.conftest import Beat
from tests.screens.hostile import HOSTILE
from tests.screens.in_the_room import at_once, enter, kept, on_top, prepare, pulse, words
from tests.screens.looking import SIZES, assert_harmless, press, seen, sent_to_terminal, settle

TownApp = Callable[..., KingshurstApp]


# --- looking at a case -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_a_case_is_read_by_keys_alone_and_the_name_only_when_asked_for(
    size: tuple[int, int], changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=size) as pilot:
        screen = await enter(pilot, held)
        assert screen.case is not None
        name = screen.case.who.name
        assert "Case 1 of 4" in seen(app)
        for key in "tusevac":
            await press(pilot, key)
            assert_harmless(app)
            assert name not in sent_to_terminal(app), f"the name stands on {key} unasked"
        await press(pilot, "i")
        assert name in seen(app)
        await press(pilot, "n")
        assert screen.case.case_id == held.cases[1]
        assert screen.case.who.name not in seen(app)
        await press(pilot, "p", "p", "right", "f", "4", "enter")
        assert screen.case.is_masked
        assert screen.case.pseudonym in seen(app)
        await press(pilot, "t", "d", "i")
        assert on_top(app) is screen
        assert_harmless(app)
        assert app.faults == []


async def test_the_agenda_stands_at_the_side_where_there_is_room(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await enter(pilot, held)
        for pseudonym in held.pseudonyms:
            assert pseudonym in seen(app)


async def test_time_over_is_said_in_words_and_stops_behind_a_blank_screen(
    changing_app: TownApp, town_copy: DemoStore, beat: Beat
) -> None:
    held = prepare(town_copy, minutes=2)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await pulse(pilot, screen)
        beat.seconds += 100
        await pulse(pilot, screen)
        assert "1:40 of 2 minutes" in seen(app)
        await press(pilot, "b")
        beat.seconds += 100
        await pulse(pilot, screen)
        await press(pilot, "b")
        await pulse(pilot, screen)
        beat.seconds += 30
        await pulse(pilot, screen)
        assert "! OVER TIME now: 2:10 of 2" in seen(app)
        await press(pilot, "n")
        assert "0:00 of 2 minutes" in seen(app)
        await press(pilot, "p")
        assert "2:10 of 2" in seen(app), "the time of a case is kept when one leaves it"


async def test_keys_pressed_at_once_reach_what_the_one_before_them_opened(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy, masked=0)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        at_once(app, "n", "m", *"open and paid", "tab", *"on drums", "escape", "n", "m", *"panda")
        await settle(pilot)
        assert screen.case is not None
        assert screen.case.case_id == held.cases[2]
        assert words(screen) == "panda"
        found = kept(town_copy, held, 1)
        assert (found["said"].words, found["matters"].words) == ("open and paid", "on drums")
        at_once(app, "escape", "n", "m", *"nobody's words", "d")
        await settle(pilot)
        assert on_top(app) is screen, "what was meant for a case that is not there is let go"
        assert words(screen) == "panda"
        at_once(app, "f", "1", "enter", "m", *"first", "escape", "d", "enter", *"hous", "enter", "tab", *"Rent is owed")
        await settle(pilot)
        form = app.screen
        assert isinstance(form, DecisionScreen)
        assert (form.answers()["lead_agency"], form.answers()["why"]) == ("SCH", "Rent is owed")
        at_once(app, "escape", "b", "n", "x", "b")
        await settle(pilot)
        assert on_top(app) is screen
        assert words(screen) == "first"
        assert app.faults == []


async def test_the_chair_shows_the_first_views_by_one_key_and_says_why_some_are_missing(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    with town_copy.signed_in("practitioner") as other:
        first_view(other, held, 0, "SCH", {"known": "Rent is late", "worry": "The winter"})
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await enter(pilot, held)
        await press(pilot, "r")
        assert "✓ Written         SCH  (1 of " in seen(app)
        assert "○ Not written     EDU, " in seen(app)
        await pilot.press(*"The others are not here and cannot write one today", "enter")
        await settle(pilot)
        assert "The winter" in seen(app)
        assert app.faults == []


async def test_once_no_case_is_left_the_screen_says_what_comes_next_and_covers_no_word(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "n", "n", "n", "n")
        assert "This is the last case. Still to be discussed: 1, 2, 3, 4; f goes there" in seen(app)
        assert not app.screen.query("Toast")
        assert "M signs" not in seen(app)
        with town_copy.signed_in("coordinator") as other:
            for case in held.cases[:3]:
                say(other, "UPDATE panel_case SET status = 'discussed' WHERE id = ?", case)
        await pulse(pilot, screen)
        said = " ".join(seen(app).split())
        assert "Every case is done but the masked (4). o closes the meeting and puts them off" in said
        assert all(each in said for each in ("M Sign", "o Close", "U Minutes", "^q Quit"))
        await press(pilot, "U")
        assert isinstance(app.screen, MinutesScreen)
        assert app.faults == []


async def test_the_decision_form_is_one_key_from_the_case(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy, lock_minutes=20)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "d")
        assert isinstance(app.screen, DecisionScreen)
        assert app.screen.pseudonym == held.pseudonyms[0]
        await app.check_rest()
        assert app.activity.limit == 20 * 60, "the policy of the meeting holds above its screen as well"
        await press(pilot, "escape")
        assert on_top(app) is screen


async def test_a_meeting_is_run_by_keys_alone_from_its_opening_to_its_end(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy, status="preparing", masked=0)
    app = changing_app()
    pressed: list[int] = []
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "o", "enter")
        for place, pseudonym in enumerate(held.pseudonyms, start=1):
            assert f"Case {place} of 3" in seen(app)
            keys = 0
            for part in (
                ["m"], "She would rather be asked once", ["escape", "d"],
                ["enter", "down", "enter", "tab"], "They know her and hold the keys to the flat", ["tab"],
                "The first call was about a lock that housing mends", ["tab"], "20/6/2026", ["tab"], "A second notice",
                ["ctrl+n", "ctrl+s", "y"],
            ):  # fmt: skip
                if isinstance(part, str):
                    await pilot.press(*part)
                else:
                    keys += len(part)
                    await press(pilot, *part)
            assert on_top(app) is screen, f"case {place} was not signed:\n{seen(app)}"
            assert screen.case is not None
            assert (screen.case.pseudonym, screen.case.decision_id is not None) == (pseudonym, True)
            pressed.append(keys + 1)
            await press(pilot, "n")
        await press(pilot, "o", "y")
        assert screen.agenda is not None
        assert screen.agenda.status == "closed"
        assert app.faults == []
    assert set(pressed) == {14}, "presses a case besides the words themselves"
    assert all(kept(town_copy, held, at)["said"].words for at in range(3))


async def test_the_answers_of_all_without_an_account_are_entered_in_one_box(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy, cases=1, masked=0)
    with town_copy.signed_in("coordinator") as session:
        version = decisions.open_form(session, held.pseudonyms[0], PANEL).version
        said = {"lead_agency": "SCH", "review_on": "2026-09-01"} | dict.fromkeys(
            ("why", "why_not_first_contacted", "review_trigger"), "They know the family and are let in."
        )
        number = decisions.sign(
            session,
            held.pseudonyms[0],
            said,
            list(DISCUSSED),
            version=version,
            reason=PANEL,
            panel_case=held.cases[0],
        ).number
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        at_once(app, "E", "ctrl+s", "a", "a", "d", "b", "x", "enter", *f"{number}", "enter", "ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, Confirm)
        assert "agrees: 3, dissents: 1, abstains: 1" in " ".join(seen(app).split())
        await press(pilot, "n")
        assert f"✓ agrees, but not with {number}" in seen(app), "what was put down stays until it is signed"
        await press(pilot, "escape", "E")
        assert seen(app).count("○ not said") == len(AGENCIES), "nobody's answer is filled in"
        assert_harmless(app)
        await press(pilot, *"aaaad", "ctrl+s", "y")
        assert on_top(app) is screen
        assert "Signed: 5 of 6" in seen(app)
        assert app.faults == []
    with town_copy.signed_in("supervisor") as session:
        shown = manifest.read(session, held.panel, PANEL)
    assert shown is not None
    assert [each.stance for each in shown.signatures] == ["agrees"] * 4 + ["dissents"]
    assert all(each.holds and each.entered_for == each.name for each in shown.signatures)
    assert [each.name for each in shown.unsigned] == ["Member of WMP"]


# --- who may -------------------------------------------------------------------------------------------------------


async def test_a_supervisor_reads_along_and_writes_nothing(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    app = changing_app("supervisor")
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await enter(pilot, held)
        await press(pilot, "m")
        assert not screen.notes.has_focus_within
        assert "reads the notes and writes none" in " ".join(seen(app).split())
        await press(pilot, "r", "o", "d")
        assert on_top(app) is screen
        assert app.faults == []


async def test_a_meeting_is_opened_and_closed_from_the_room(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy, status="preparing")
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await enter(pilot, held)
        assert "not opened yet" in seen(app)
        await press(pilot, "o")
        assert "Read out before anything else" in seen(app)
        await press(pilot, "enter")
        assert screen.agenda is not None
        assert screen.agenda.status == "open"
        assert "not opened yet" not in seen(app)
        await press(pilot, "o", "y")
        await pilot.press(*"There was no time left for these cases today", "enter")
        await settle(pilot)
        assert screen.agenda.status == "closed"
        assert screen.query_one(RoomNotes).border_title != "Kept."
        assert app.faults == []


async def test_a_stranger_s_words_do_nothing_to_the_terminal(changing_app: TownApp, town_copy: DemoStore) -> None:
    held = prepare(town_copy)
    with town_copy.signed_in("coordinator") as session:
        for number, nasty in enumerate(HOSTILE):
            notes.keep(session, held.panel, held.cases[0], {"said": Typed(nasty, number)})
        say(session, "UPDATE panel_case SET question = ?", HOSTILE[0])
        first_view(session, held, 0, "SCH", {"known": HOSTILE[0], "worry": HOSTILE[-1]})
        say(session, "UPDATE panel_case SET revealed_at = '2026-05-04T11:00:00.000Z'")
    app = changing_app()
    async with app.run_test(size=(80, 40)) as pilot:
        await enter(pilot, held)
        for key in "ctusevam":
            await press(pilot, key)
            assert_harmless(app)
        assert app.faults == []


async def test_an_action_given_in_the_room_stands_under_its_case_and_is_heard_elsewhere(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    held = prepare(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 40)) as pilot:
        screen = await enter(pilot, held)
        with town_copy.signed_in("practitioner") as other:
            counter = room.open_case(other, held.panel, held.cases[0]).counter
            await press(pilot, "A")
            await pilot.press(*"Mend the lock", "tab", "enter", "down", "enter", "tab", "tab", *"20/5/2026")
            await press(pilot, "ctrl+s")
            assert on_top(app) is screen
            assert room.hear(other, held.panel, held.cases[0], counter).counter > counter
        await press(pilot, "a")
        assert "Mend the lock" in seen(app)
        assert app.faults == []
