"""A decision: nothing prefilled, kept as typed through a lock and a kill, signed, superseded, never edited."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select, TextArea

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decisions
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.conflict import Conflict
from screens.decision import DecisionScreen
from screens.decision_words import from_answers, to_answers
from screens.unlock import UnlockScreen
from screens.widgets.secret_input import SecretInput
from tests.screens.looking import SIZES, assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
WORDS = "They know the family and the family asked for one visitor."


def somebody_open(town: DemoStore) -> str:
    with town.signed_in("coordinator") as session:
        return next(row.pseudonym for row in open_agenda(session).rows if row.is_open)


async def go_to(pilot: Pilot[int], pseudonym: str) -> DecisionScreen:
    await settle(pilot)
    screen = DecisionScreen(pseudonym)
    await pilot.app.push_screen(screen)
    await settle(pilot)
    return screen


def fill(screen: DecisionScreen) -> None:
    """Write what is needed, and mark the rest as not discussed."""
    screen.query_one("#field-lead_agency", Select).value = "SCH"
    for name in ("why", "why_not_first_contacted", "review_trigger"):
        screen.query_one(f"#field-{name}", TextArea).text = WORDS
    screen.query_one("#field-review_on", Input).value = "1 September 2026"
    for name in DISCUSSED:
        screen.query_one(f"#skip-{name}", Checkbox).value = True


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_is_prefilled(town_app: TownApp, town: DemoStore, size: tuple[int, int]) -> None:
    app = town_app()
    async with app.run_test(size=size) as pilot:
        screen = await go_to(pilot, somebody_open(town))
        assert "Nothing is chosen for you" in " ".join(seen(app).split())
        assert screen.query_one("#field-lead_agency", Select).value is Select.NULL
        assert not any(screen.answers().values())
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "things to put right" in seen(app)
        assert_harmless(app)
        assert app.faults == []


async def test_help_and_ticks_read_without_colour(town_app: TownApp, town: DemoStore) -> None:
    app = town_app()
    async with app.run_test(size=(80, 60)) as pilot:
        screen = await go_to(pilot, somebody_open(town))
        await pilot.press("f1")
        await settle(pilot)
        shown = " ".join(seen(app).split())
        assert "No agency is proposed" in shown
        assert shown.index("Check the form, then sign it.") < shown.index("Lock now")
        assert "super+c" not in shown
        assert "Scroll Left" not in shown
        await pilot.press("f1")
        await settle(pilot)
        assert app.screen is screen
        box = screen.query_one(f"#skip-{next(iter(DISCUSSED))}", Checkbox)
        box.scroll_visible(animate=False, immediate=True)
        box.focus()
        await settle(pilot)
        assert "[ ] Not discussed" in seen(app)
        assert "[x]" not in seen(app)
        await pilot.press("space")
        await settle(pilot)
        assert "[x] Not discussed" in seen(app)
        await pilot.press("ctrl+d")
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)
        assert "Do not do it" in seen(app)
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert app.faults == []


async def test_nobody_is_decided_about_behind_a_mask(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        masked = next(row.pseudonym for row in open_agenda(session).rows if not row.is_open)
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, masked)
        assert "Nobody is decided about while their profile is masked" in " ".join(seen(app).split())


async def test_what_is_typed_survives_a_lock(changing_app: TownApp, town_copy: DemoStore) -> None:
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, somebody_open(town_copy))
        # So long that only the lock can have kept it.
        app.debounce = 1000.0
        screen.query_one("#field-lead_agency", Select).value = "NHS"
        screen.query_one("#field-review_on", Input).value = "3 March 2027"
        screen.query_one("#field-why", TextArea).focus()
        await pilot.press(*"a joint visit")
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "a joint visit" not in seen(app)
        assert app.locking.unkept_drafts == 0
        app.screen.query_one(SecretInput).value = town_copy.passphrases["coordinator"]
        await pilot.press("enter")
        await settle(pilot)
        screen = app.screen  # type: ignore[assignment]
        assert isinstance(screen, DecisionScreen)
        assert screen.answers()["why"] == "a joint visit"
        assert screen.query_one("#field-lead_agency", Select).value == "NHS"
        assert screen.query_one("#field-review_on", Input).value == "3 March 2027"
        assert app.faults == []


async def test_what_is_typed_survives_a_kill(changing_app: TownApp, town_copy: DemoStore) -> None:
    pseudonym = somebody_open(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, pseudonym)
        screen.query_one("#field-why", TextArea).focus()
        await pilot.press(*"half a thought")
        await settle(pilot)
        assert "Draft kept" in seen(app)
        # Whoever kills the process now closes nothing: another one finds the draft.
        with town_copy.signed_in("coordinator") as session:
            assert decisions.open_form(session, pseudonym, PANEL).fields == {"why": "half a thought"}


async def test_an_agency_and_a_day_come_back_and_stay(changing_app: TownApp, town_copy: DemoStore) -> None:
    pseudonym = somebody_open(town_copy)
    kept = {"lead_agency": "NHS", "review_on": "2027-03-03"}
    with town_copy.signed_in("coordinator") as session:
        form = decisions.open_form(session, pseudonym, PANEL)
        decisions.save_draft(session, form.profile_id, kept, [], form.version)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, pseudonym)
        assert screen.query_one("#field-lead_agency", Select).value == "NHS"
        assert screen.query_one("#field-review_on", Input).value == "3 March 2027"
        screen.query_one("#field-why", TextArea).focus()
        await pilot.press(*"more")
        await settle(pilot)
        with town_copy.signed_in("coordinator") as session:
            assert decisions.open_form(session, pseudonym, PANEL).fields == kept | {"why": "more"}


@pytest.mark.parametrize("typed", ["", "a thought"])
async def test_esc_goes_back_and_keeps_what_was_typed(changing_app: TownApp, town_copy: DemoStore, typed: str) -> None:
    pseudonym = somebody_open(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, pseudonym)
        app.debounce = 1000.0
        screen.query_one("#field-why", TextArea).focus()
        await pilot.press(*typed)
        await pilot.press("escape")
        await settle(pilot)
        assert screen not in app.screen_stack
        assert app.is_running
        assert app.faults == []
        with town_copy.signed_in("coordinator") as session:
            assert decisions.open_form(session, pseudonym, PANEL).fields == ({"why": typed} if typed else {})


async def test_however_fast_one_types_the_draft_is_kept(changing_app: TownApp, town_copy: DemoStore) -> None:
    pseudonym = somebody_open(town_copy)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await go_to(pilot, pseudonym)
        app.debounce = 1000.0
        screen.query_one("#field-why", TextArea).focus()
        await pilot.press(*"never resting")
        screen.keep_draft()  # what the timer does every moment, see SAVED_EVERY
        await settle(pilot)
        with town_copy.signed_in("coordinator") as session:
            assert decisions.open_form(session, pseudonym, PANEL).fields == {"why": "never resting"}


async def test_it_is_signed_after_asking_and_supersedes(changing_app: TownApp, town_copy: DemoStore) -> None:
    pseudonym = somebody_open(town_copy)
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        for turn in (1, 2):
            screen = await go_to(pilot, pseudonym)
            fill(screen)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert "Sign this decision with your key?" in seen(app)
            if turn == 2:
                assert "supersedes the earlier decision" in " ".join(seen(app).split())
            await pilot.press("enter")
            await settle(pilot)
            assert app.screen is screen, "Enter is the safe answer"
            await pilot.press("ctrl+s")
            await settle(pilot)
            await pilot.press("y")
            await settle(pilot)
            assert screen not in app.screen_stack
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        signed = [each for each in decisions.listed(session, PANEL) if each.pseudonym == pseudonym]
    assert [each.status for each in signed] == ["signed", "superseded"]
    assert all(each.signature_holds for each in signed)
    assert signed[0].fields["why"] == WORDS


async def test_what_the_room_finds_wrong_stands_beside_its_field(changing_app: TownApp, town_copy: DemoStore) -> None:
    app = changing_app()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await go_to(pilot, somebody_open(town_copy))
        fill(screen)
        screen.query_one("#field-review_on", Input).value = "1 Jan 2020"
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert "Must lie after today" in seen(app)
        assert app.faults == []


async def test_a_colleague_who_was_quicker_is_shown_field_by_field(changing_app: TownApp, town_copy: DemoStore) -> None:
    pseudonym = somebody_open(town_copy)
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        screen = await go_to(pilot, pseudonym)
        fill(screen)
        with town_copy.signed_in("practitioner") as session:
            form = decisions.open_form(session, pseudonym, PANEL)
            theirs, skipped = from_answers(screen.answers())
            theirs["why"] = "Somebody else's words."
            decisions.sign(session, pseudonym, theirs, skipped, version=form.version, reason=PANEL)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, Conflict)
        shown = " ".join(seen(app).split())
        assert "practitioner was quicker" in shown
        assert "Somebody else's words." in shown
        await pilot.press("space", "ctrl+s")
        await settle(pilot)
        assert screen.answers()["why"] == "Somebody else's words."
        # It would supersede what a colleague signed a moment ago: why is asked.
        screen.query_one("#field-why_superseded", TextArea).text = "Both of us meant the same, in one voice"
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert screen not in app.screen_stack
        assert app.faults == []


def test_lists_come_back_as_they_were_written() -> None:
    typed = {
        "options": "Joint visit | trusted | takes two weeks\nLetter",
        "supporting": "wmp | agrees | will stand back",
        "why": "because",
        "dissent": "not discussed",
    }
    fields, skipped = from_answers(typed)
    assert fields["options"] == [
        {"option": "Joint visit", "for": "trusted", "against": "takes two weeks"},
        {"option": "Letter", "for": "", "against": ""},
    ]
    assert fields["supporting"] == [{"agency": "WMP", "stance": "agrees", "words": "will stand back"}]
    assert skipped == ["dissent"]
    assert to_answers(fields, tuple(skipped)) == typed | {"supporting": "WMP | agrees | will stand back"}
