"""Somebody else was quicker: both versions on the screen, field by field, and no typed word is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import actions, decisions, drafts, profile_records, profiles
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.triage import set_triage
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.ask_words import AskWords
from screens.conflict import Conflict
from screens.form_dialog import FormDialog
from screens.profile_acts import ProfileActs
from tests.screens.looking import assert_harmless, seen, settle
from tests.screens.test_decision import go_to as go_to_decision
from tests.screens.test_profile import choose
from tests.screens.test_profile import go_to as go_to_profile

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)


def flat(app: KingshurstApp) -> str:
    """Everything on the screen in one line, without the frames of boxes."""
    return " ".join(seen(app).replace("┃", " ").split())


def action_of_somebody(town: DemoStore) -> tuple[str, int]:
    """Add an action about somebody whose profile is open."""
    with town.signed_in("coordinator") as session:
        who = next(row.pseudonym for row in open_agenda(session).rows if row.is_open)
        due = date(2026, 5, 20)
        return who, actions.add(session, who, "Visit", owner_agency="SCH", due_on=due, reason=PANEL)


async def begin_to_close(pilot: Pilot[int], who: str, number: int) -> None:
    """Go as far as the note about an action that was done."""
    screen = await go_to_profile(pilot, who)
    screen.run_worker(ProfileActs(screen).with_action(number, "close"), group="act", exit_on_error=False)
    await settle(pilot)
    await choose(pilot, "It was done")


async def test_an_action_closed_meanwhile_is_shown_and_gone_over_with_both_notes(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, number = action_of_somebody(town_copy)
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await begin_to_close(pilot, who, number)
        await pilot.press(*"I went")
        with town_copy.signed_in("practitioner") as session:
            actions.close(session, number, done=False, because="no-resource", note="nobody free", reason=PANEL)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Conflict)
        shown = flat(app)
        assert "practitioner was" in shown
        assert "no resource" in shown
        assert "nobody free" in shown
        assert "Begun from" in shown
        assert_harmless(app)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        profile = profiles.open_profile(session, who, PANEL)
        assert isinstance(profile, profile_records.Profile)
        (note,) = [each.note for each in profile.actions if each.number == number]
        assert note == "I went\nBefore, by practitioner: not done: there was no resource: nobody free"
        assert session.look(drafts.of, f"form-action-close-{number}", profile.profile_id) == ()


async def test_a_sentence_that_was_being_typed_is_in_its_line_again_after_a_kill(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, number = action_of_somebody(town_copy)
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await begin_to_close(pilot, who, number)
        await pilot.press(*"They had moved")
        await settle(pilot)
        while app.screen.query_one(Input).value != "They had moved" or not _kept(town_copy, who, number):
            await pilot.pause(0.01)
    # Whoever was killed wrote nothing more; the line begins with what was kept.
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await begin_to_close(pilot, who, number)
        assert isinstance(app.screen, AskWords)
        assert app.screen.query_one(Input).value == "They had moved"


def _kept(town: DemoStore, who: str, number: int) -> bool:
    with town.signed_in("coordinator") as session:
        profile = profiles.open_profile(session, who, PANEL)
        found = session.look(drafts.of, f"form-action-close-{number}", profile.profile_id)
    return any(each.written == {"words": "They had moved"} for each in found)


async def test_a_triage_made_meanwhile_stands_beside_mine_until_i_choose(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("coordinator") as session:
        first = open_agenda(session).rows[0]
    app = changing_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        await choose(pilot, "for a single agency")
        form = app.screen
        assert isinstance(form, FormDialog)
        form.query_one("#field-why", TextArea).text = "Housing deals with it"
        with town_copy.signed_in("coordinator") as session:
            set_triage(session, first.pseudonym, "another-panel", "MARAC has them", version=first.version)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, Conflict)
        assert "MARAC has them" in flat(app)
        # The words: both, one after the other; the triage stays mine.
        await pilot.press("down", "space", "space", "ctrl+s")
        await settle(pilot)
        assert form.query_one("#field-why", TextArea).text == "MARAC has them\nHousing deals with it"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        row = next(row for row in open_agenda(session).rows if row.pseudonym == first.pseudonym)
    assert (row.triage, row.triage_why) == ("single-agency", "MARAC has them\nHousing deals with it")


async def test_who_writes_one_decision_at_two_terminals_is_told_and_chooses(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who, _ = action_of_somebody(town_copy)
    app = changing_app()
    with town_copy.signed_in("coordinator") as there:
        async with app.run_test(size=(100, 40)) as pilot:
            screen = await go_to_decision(pilot, who)
            form = decisions.open_form(there, who, PANEL)
            decisions.save_draft(there, form.profile_id, {"why": "From the car"}, [], form.version)
            screen.query_one("#field-why", TextArea).text = "From the office"
            await settle(pilot)
            while "another terminal" not in flat(app):
                await pilot.pause(0.01)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert isinstance(app.screen, Conflict)
            assert "From the car" in flat(app)
            await pilot.press("space", "ctrl+s")
            await settle(pilot)
            assert screen.answers()["why"] == "From the car"
            await settle(pilot)
            assert app.faults == []
        kept = decisions.open_form(there, who, PANEL).drafts
        assert [each.written["fields"] for each in kept] == [{"why": "From the car"}]
