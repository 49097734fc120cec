"""Restricted notes on the screen: written, read, superseded; kept over a lock as deep as they will lie."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.widgets import TextArea

import db.decisions
from kingshurst_tui.casework import profiles, restricted_notes
from kingshurst_tui.demo.build import DemoStore
from screens.app import KingshurstApp
from screens.conflict import Conflict
from screens.profile import ProfileScreen
from screens.unlock import UnlockScreen
from screens.widgets.secret_input import SecretInput
from tests.screens.looking import SIZES, seen, settle
from tests.screens.test_profile import SAFEGUARDING, choose, flagged, go_to
from tests.screens.test_stale_edits import flat

TownApp = Callable[..., KingshurstApp]
WORDS = "The quince tree hides the second door"


async def test_a_note_is_written_read_and_superseded(changing_app: TownApp, town_copy: DemoStore) -> None:
    who = flagged(town_copy, is_open=True).pseudonym
    app = changing_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await go_to(pilot, who)
        await pilot.press("r")
        await settle(pilot)
        assert "There is no restricted note" in seen(app)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Write a restricted note")
        app.screen.query_one(TextArea).text = WORDS
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "▸r Notes 1" in seen(app)
        assert WORDS in seen(app)
        assert "the signature holds" in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        await choose(pilot, "Write another in its place")
        app.screen.query_one(TextArea).text = "It is a pear tree"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "superseded" in seen(app)
        assert "It is a pear tree" in seen(app)
        assert app.faults == []


@pytest.mark.parametrize("user", ["governance", "supervisor"])
async def test_only_who_reads_them_has_the_part(changing_app: TownApp, town_copy: DemoStore, user: str) -> None:
    who = flagged(town_copy, is_open=True).pseudonym
    with town_copy.signed_in("coordinator") as session:
        restricted_notes.write(session, who, WORDS, SAFEGUARDING)
    app = changing_app(user)
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        await go_to(pilot, who)
        screen = app.screen
        assert isinstance(screen, ProfileScreen)
        reads = user == "supervisor"
        assert ("notes" in {section.code for section in screen.sections}) is reads
        await pilot.press("r")
        await settle(pilot)
        assert (WORDS in seen(app)) is reads
        profile = screen.profile
        assert profile is not None
        assert getattr(profile, "notes_kept_back", 0) == (0 if reads else 1)
        assert app.faults == []


async def test_a_note_half_written_survives_the_lock_and_lies_sealed(
    changing_app: TownApp, town_copy: DemoStore
) -> None:
    who = flagged(town_copy, is_open=True).pseudonym
    app = changing_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await go_to(pilot, who)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Write a restricted note")
        app.screen.query_one(TextArea).focus()
        await pilot.press(*"quince")
        await settle(pilot)
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "quince" not in seen(app)
        app.screen.query_one(SecretInput).value = town_copy.passphrases["coordinator"]
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Write a restricted note")
        assert app.screen.query_one(TextArea).text == "quince"
        assert app.faults == []
    with town_copy.signed_in("coordinator") as session:
        kept = session.look(db.decisions.drafts)
    assert kept
    assert not any("quince" in draft.document for draft in kept)


async def test_one_note_written_at_two_terminals_is_signed_once(changing_app: TownApp, town_copy: DemoStore) -> None:
    who = flagged(town_copy, is_open=True).pseudonym
    with town_copy.signed_in("coordinator") as elsewhere:
        profile = profiles.open_profile(elsewhere, who, SAFEGUARDING)
        place = (elsewhere, profile.profile_id, who)
        assert restricted_notes.drafts_of(elsewhere, profile.profile_id) == ()
        restricted_notes.keep_draft(*place, {"text": WORDS})
        app = changing_app()
        async with app.run_test(size=(100, 40)) as pilot:
            await go_to(pilot, who)
            await pilot.press("n")
            await settle(pilot)
            await choose(pilot, "Write a restricted note")
            assert app.screen.query_one(TextArea).text == WORDS
            restricted_notes.write(elsewhere, who, WORDS, SAFEGUARDING, seen=0)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert "You signed these words at another terminal already" in flat(app)
            # Other words stand beside those that were signed, until their writer has chosen.
            app.screen.query_one(TextArea).text = "It is a pear tree"
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert isinstance(app.screen, Conflict)
            assert "You wrote a note about this person at another terminal meanwhile" in flat(app)
            assert WORDS[:16] in flat(app)
            await pilot.press("ctrl+s")
            await settle(pilot)
            await pilot.press("ctrl+s")
            await settle(pilot)
            assert app.faults == []
        notes = restricted_notes.listed(elsewhere, who, SAFEGUARDING)
        assert [note.text for note in notes] == ["It is a pear tree", WORDS]
        assert restricted_notes.drafts_of(elsewhere, profile.profile_id) == ()
