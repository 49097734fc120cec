"""A profile and its mask: what is shown first, what is never shown, and what can be done from there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, TextArea

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import approach, grounds
from kingshurst_tui.casework.agenda import open_agenda
from kingshurst_tui.casework.agenda_rows import AgendaRow
from kingshurst_tui.casework.profile_records import MaskedProfile, Profile
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.vocabulary import ReasonCode
from screens.app import KingshurstApp
from screens.profile import ProfileScreen
from screens.reason_prompt import ReasonPrompt
from screens.unlock import UnlockScreen
from screens.widgets.secret_input import SecretInput
from tests.conftest import NOON
from tests.screens.looking import SIZES, assert_harmless, seen, settle

TownApp = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)
SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)


def flagged(town: DemoStore, *, is_open: bool) -> AgendaRow:
    """Somebody on the agenda, open or masked."""
    with town.signed_in("coordinator") as session:
        rows = open_agenda(session).rows
    return next(row for row in rows if row.is_open is is_open)


def opened(town: DemoStore, pseudonym: str, user: str = "coordinator") -> Profile | MaskedProfile:
    with town.signed_in(user) as session:
        return open_profile(session, pseudonym, SAFEGUARDING)


async def go_to(pilot: Pilot[int], pseudonym: str) -> ProfileScreen:
    await settle(pilot)
    screen = ProfileScreen(pseudonym)
    await pilot.app.push_screen(screen)
    await settle(pilot)
    return screen


async def choose(pilot: Pilot[int], words: str) -> None:
    """Choose a line of the open list by its words."""
    from screens.choose import Choose

    dialog = pilot.app.screen
    assert isinstance(dialog, Choose)
    at = next(number for number, (_, said) in enumerate(dialog._options) if words in said)
    await pilot.press("home", *["down"] * at, "enter")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_an_open_profile_shows_who_what_and_why(
    town_app: TownApp, town: DemoStore, size: tuple[int, int]
) -> None:
    row = flagged(town, is_open=True)
    profile = opened(town, row.pseudonym)
    assert isinstance(profile, Profile)
    app = town_app()
    async with app.run_test(size=size) as pilot:
        await go_to(pilot, row.pseudonym)
        assert profile.who.name in seen(app)
        assert "open" in seen(app)
        for key, words in (
            ("t", profile.timeline[0].category[:12]),
            ("f", "Rule"),
            ("l", "record"),
            ("c", "Consent"),
            ("d", "Status"),
            ("o", "Name"),
        ):
            await pilot.press(key)
            await settle(pilot)
            assert words in seen(app), key
            assert_harmless(app)
        assert app.faults == []


async def test_a_profile_that_is_not_there_offers_nothing_to_do_with_it(town_app: TownApp, town: DemoStore) -> None:
    app = town_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, flagged(town, is_open=True).pseudonym)
        assert "n New" in seen(app).splitlines()[-1]
        await pilot.press("escape")
        await go_to(pilot, "KH-0000-0000")
        assert "There is no such profile." in seen(app)
        assert "n New" not in seen(app).splitlines()[-1]
        assert "Wrong person" not in seen(app).splitlines()[-1]
        await pilot.press("n", "w")
        await settle(pilot)
        assert "There is no such profile." in seen(app)
        assert app.faults == []


async def test_a_link_shows_what_speaks_for_and_against_it(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("coordinator") as session:
        rows = [row for row in open_agenda(session).rows if row.is_open]
    linked = next(row for row in rows if isinstance(found := opened(town, row.pseudonym), Profile) and found.links)
    app = town_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await go_to(pilot, linked.pseudonym)
        await pilot.press("l")
        await settle(pilot)
        assert "against" in seen(app)
        assert "Beforehand" in seen(app)
        assert "all together" in seen(app)
        assert "The model links by itself from" in seen(app)
        await pilot.press("f")
        await settle(pilot)
        for label in ("Rule", "Counts", "Window", "Incidents", "Clears", "Source"):
            assert label in seen(app)


async def test_a_mask_shows_counts_and_rules_and_nothing_else(town_app: TownApp, town: DemoStore) -> None:
    row = flagged(town, is_open=False)
    app = town_app()
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await go_to(pilot, row.pseudonym)
        shown = seen(app)
        assert "MASKED" in shown
        assert row.pseudonym in shown
        assert "Incidents by agency and month" in shown
        assert "How to approach" in shown
        assert [section.code for section in screen.sections] == ["overview", "flags", "basis"]
        await pilot.press("l", "d")
        await settle(pilot)
        assert "Identifier" not in seen(app)
        assert app.faults == []


async def test_an_agency_sees_its_own_reference_on_a_mask(town_app: TownApp, town: DemoStore) -> None:
    with town.signed_in("practitioner") as session:
        rows = [row for row in open_agenda(session).rows if not row.is_open]
        known = next(
            mask
            for row in rows
            if isinstance(mask := open_profile(session, row.pseudonym, PANEL), MaskedProfile) and mask.own_contacts
        )
    app = town_app("practitioner")
    async with app.run_test(size=(140, 40)) as pilot:
        await go_to(pilot, known.pseudonym)
        assert f"known to you as {known.own_references[0][1]}" in seen(app)
        await pilot.press("t")
        await settle(pilot)
        assert known.own_contacts[0].category in seen(app)
        assert "your own contacts" not in seen(app) or "own" in seen(app)


async def test_somebody_off_the_agenda_is_opened_for_a_reason_only(town_app: TownApp, town: DemoStore) -> None:
    stranger = unexpected(town)
    app = town_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await go_to(pilot, stranger)
        assert isinstance(app.screen, ReasonPrompt)
        await pilot.press("escape")
        await settle(pilot)
        assert not isinstance(app.screen, ProfileScreen), "no reason, no profile"
        await go_to(pilot, stranger)
        await pilot.press("p")
        await settle(pilot)
        assert isinstance(app.screen, ReasonPrompt), "panel business is no reason for somebody off the agenda"
        await pilot.press("a")
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert stranger in seen(app)
        assert app.faults == []


def unexpected(town: DemoStore) -> str:
    """Somebody who is neither on the agenda nor in anybody's caseload."""
    from kingshurst_tui.casework import people

    with town.signed_in("coordinator") as session:
        on_agenda = {row.pseudonym for row in open_agenda(session).rows}
        listed = people.open_list(session, PANEL)
        lines = people.page(session, listed, 0, listed.total)
    return next(line.pseudonym for line in lines if line.pseudonym not in on_agenda)


async def test_do_not_approach_and_safe_contact_come_first(changing_app: TownApp, town_copy: DemoStore) -> None:
    row = flagged(town_copy, is_open=False)
    with town_copy.signed_in("coordinator") as session:
        approach.say(session, row.pseudonym, do_not_approach=True, safe_contact="by letter to the school", reason=PANEL)
    app = changing_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, row.pseudonym)
        first = next(line for line in seen(app).splitlines()[2:] if line.strip())
        assert "DO NOT APPROACH" in first


async def test_a_ground_opens_a_profile_once_a_second_person_agrees(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    row = flagged(town_copy, is_open=False)
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Propose a ground")
        form = app.screen
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "3 things to put right" in seen(app)
        form.query_one(Select).value = "safeguarding"
        form.query_one(TextArea).text = "She was seen with an injury that nobody could explain."
        form.query_one(Input).value = "1/12/2027"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "must lie within a year" in seen(app).lower()
        form.query_one(Input).value = "1 Dec 2026"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "Ground 1 is proposed" in seen(app)
        assert "MASKED" in seen(app)
        assert app.faults == []
    app = changing_app("supervisor")
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("6", "b")
        await settle(pilot)
        assert row.pseudonym in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        await choose(pilot, "Agree to it")
        assert "the profile is open" in seen(app)
        assert app.faults == []
    assert isinstance(opened(town_copy, row.pseudonym), Profile)


async def test_whoever_proposed_a_ground_cannot_confirm_it(changing_app: TownApp, town_copy: DemoStore) -> None:
    row = flagged(town_copy, is_open=False)
    with town_copy.signed_in("coordinator") as session:
        until = NOON.date() + timedelta(days=30)
        grounds.propose(session, row.pseudonym, "safeguarding", "A reason in a sentence.", until, PANEL)
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("c", "enter")
        await settle(pilot)
        await choose(pilot, "Agree to it")
        assert "must be somebody else" in seen(app)
    assert isinstance(opened(town_copy, row.pseudonym), MaskedProfile)


async def test_the_wrong_person_is_one_key_away_and_says_what_it_reopens(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("coordinator") as session:
        rows = [row for row in open_agenda(session).rows if row.is_open]
    row = next(
        row for row in rows if isinstance(found := opened(town_copy, row.pseudonym), Profile) and len(found.records) > 1
    )
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("w")
        await settle(pilot)
        assert "Which record is somebody else's?" in seen(app)
        await pilot.press("home", "enter")
        await settle(pilot)
        shown = seen(app)
        assert "afterwards there are 2 people" in shown
        assert "1 consent" in shown
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen), "Enter is the safe answer"
        await pilot.press("w")
        await settle(pilot)
        await pilot.press("home", "enter")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        await pilot.press(*"father and son", "enter")
        await settle(pilot)
        assert "Parted" in seen(app)
        if isinstance(app.screen, ReasonPrompt):
            # What is left of them is flagged no more, so that reading on asks for a reason.
            await pilot.press("a")
            await settle(pilot)
        assert "MASKED" in seen(app), "the consent rested on the whole and is reopened"
        assert app.faults == []


async def test_a_practitioner_reports_the_wrong_person(changing_app: TownApp, town_copy: DemoStore) -> None:
    row = flagged(town_copy, is_open=False)
    app = changing_app("practitioner")
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("w")
        await settle(pilot)
        await pilot.press(*"this is their brother", "enter")
        await settle(pilot)
        assert "somebody will look at who this is" in seen(app)
        assert app.faults == []


async def test_the_lock_comes_back_to_the_same_part_of_the_same_profile(town_app: TownApp, town: DemoStore) -> None:
    row = flagged(town, is_open=True)
    name = opened(town, row.pseudonym)
    assert isinstance(name, Profile)
    app = town_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("f")
        await settle(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert name.who.name not in seen(app)
        app.screen.query_one(SecretInput).value = town.passphrases["coordinator"]
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert "▸f Flags" in seen(app)
        assert app.faults == []


async def test_a_form_half_filled_in_survives_the_lock(changing_app: TownApp, town_copy: DemoStore) -> None:
    row = flagged(town_copy, is_open=False)
    app = changing_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Propose a ground")
        app.screen.query_one(TextArea).focus()
        await pilot.press(*"she was seen")
        await settle(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot)
        app.screen.query_one(SecretInput).value = town_copy.passphrases["coordinator"]
        await pilot.press("enter")
        await settle(pilot)
        for again in ("she was seen", ""):
            await pilot.press("n")
            await settle(pilot)
            await choose(pilot, "Propose a ground")
            assert app.screen.query_one(TextArea).text == again, "Esc forgets it"
            await pilot.press("escape")
            await settle(pilot)
            if again:
                assert "What you typed here is forgotten" in seen(app)
                await pilot.press("n")
                await settle(pilot)
                assert app.screen.query_one(TextArea).text == again
                await pilot.press("escape")
                await settle(pilot)
                await pilot.press("y")
                await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert app.faults == []


async def test_a_supervisor_sees_who_has_looked_at_a_profile(town_app: TownApp, town: DemoStore) -> None:
    row = flagged(town, is_open=False)
    app = town_app("supervisor")
    async with app.run_test(size=(120, 40)) as pilot:
        await go_to(pilot, row.pseudonym)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "who has looked")
        assert f"match “{row.pseudonym}”" in seen(app)
        assert "supervisor" in seen(app)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, ProfileScreen)
        assert app.faults == []
