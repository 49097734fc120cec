"""Bad input before a screen: a clear notice, nobody's record, the store as it was, the program goes on.

Files do not come in through a screen: what is wrong with those is tested on the command line, in tests/intake.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.widgets import TextArea

from db.migrations import running
from kingshurst_tui.casework import decisions
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.keyholding import users
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.vocabulary import Role
from screens.decision import DecisionScreen
from screens.error_dialog import ErrorDialog
from screens.program_parts import PROGRAM_PARTS
from screens.unlock import UnlockScreen
from tests.screens.bad_luck import PANEL, AppOn, contents, flagged, program_on, said, settle_files, sign_in
from tests.screens.conftest import Beat
from tests.screens.looking import seen, settle


@pytest.fixture
def app_on(beat: Beat) -> AppOn:
    """Make the program on a town, signed in or before the unlock screen."""
    return program_on(beat)


# --- before anybody is signed in -------------------------------------------------------------------------


def newer_tables(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    # To a program that knows no later step than an earlier one, this store is of a newer version.
    patch.setattr(running, "NEWEST", "0000")


def newer_header(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    header = town.store / "vault.json"
    header.write_text(json.dumps(json.loads(header.read_text()) | {"format": "kingshurst-vault/99"}))


def altered_header(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    header = town.store / "vault.json"
    header.write_text(json.dumps(json.loads(header.read_text()) | {"generation": 1, "demonstration": False}))


def damaged_header(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    (town.store / "vault.json").write_text('{"format": ')


def damaged_data(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    with (town.store / "data.1.db").open("r+b") as file:
        file.seek(512)
        file.write(b"\0" * 8192)


def no_store(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(town.store)


def suspended(town: DemoStore, patch: pytest.MonkeyPatch) -> None:
    with town.signed_in("administrator") as session:
        users.set_user_status(session, "coordinator", "suspended")


@pytest.mark.parametrize(
    ("harm", "title", "hint", "code"),
    [
        (newer_tables, "made by a newer version of Kingshurst", "Install the newer version", 1),
        (newer_header, "made by a newer version of Kingshurst", "Install the newer version", 1),
        (altered_header, "header is not what was written", "latest copy", 6),
        (damaged_header, "header cannot be understood", "latest copy", 6),
        (damaged_data, "The store's file is damaged", "latest copy", 6),
        (no_store, "There is no store here", "Check the path", 1),
        (suspended, "may not open the store", "An administrator can say why", 5),
    ],
)
async def test_a_store_that_cannot_be_opened_is_said_and_left_alone(
    app_on: AppOn,
    town_copy: DemoStore,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[DemoStore, pytest.MonkeyPatch], None],
    title: str,
    hint: str,
    code: int,
) -> None:
    settle_files(town_copy)
    harm(town_copy, monkeypatch)
    before = contents(town_copy.store)
    app = app_on(town_copy, signed_in=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, town_copy.passphrases["coordinator"])
        shown = said(app)
        assert title in shown
        assert "Nothing was changed" in shown
        assert hint in shown
        assert app.faults[-1].exit_code == code
        assert app.session is None
        assert isinstance(app.screen, UnlockScreen), "the program goes on"
        monkeypatch.undo()
        assert contents(town_copy.store) == before


async def test_a_wrong_passphrase_changes_nothing_and_the_right_one_opens(app_on: AppOn, town_copy: DemoStore) -> None:
    settle_files(town_copy)
    before = contents(town_copy.store)
    app = app_on(town_copy, signed_in=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "not the one at all")
        shown = said(app)
        assert "That name and passphrase do not open this store" in shown
        assert "Nothing was changed" in shown
        assert "Check the name, the keyboard" in shown
        assert app.faults[-1].exit_code == 5
        assert contents(town_copy.store) == before
        assert isinstance(town_copy.clock, FixedClock)
        town_copy.clock.move(timedelta(minutes=1))  # further tries wait
        assert isinstance(app.screen, UnlockScreen)
        app.screen.count_down()
        await sign_in(pilot, town_copy.passphrases["coordinator"])
        assert app.session is not None
        assert app.current_mode == "home"


# --- without permission ----------------------------------------------------------------------------------


@pytest.mark.parametrize("user", list(Role))
async def test_a_part_that_is_not_for_a_role_is_not_offered_and_refuses(
    app_on: AppOn, town_copy: DemoStore, user: str
) -> None:
    with town_copy.signed_in("supervisor") as session:
        before = verify_trail(session).entries
    app = app_on(town_copy, user)
    closed = 0
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        for part in PROGRAM_PARTS:
            if part.is_for(app.session) or part.mode == "data-sets":  # agreements are about nobody
                continue
            closed += 1
            await pilot.press(part.key)
            await settle(pilot)
            assert app.current_mode == "home", "its key does nothing"
            await app.switch_mode(part.mode)
            await settle(pilot)
            assert isinstance(app.screen, ErrorDialog)
            assert app.faults[-1].exit_code == 3
            assert f"The role of {user} may not" in said(app)
            await pilot.press("escape")
            await settle(pilot)
            assert not re.search("KH-[0-9A-Z]{4}-", seen(app))
            await app.switch_mode("home")
            await settle(pilot)
        assert app.is_running
    with town_copy.signed_in("supervisor") as session:
        found = verify_trail(session)
    assert found.holds
    assert found.entries >= before + closed, "each refusal is in the trail"


@pytest.mark.parametrize(
    ("user", "place", "key", "offer"),
    [
        ("practitioner", "2", "t", "Triage"),
        ("supervisor", "2", "t", "Triage"),
        ("coordinator", "5", "o", "Gate"),
        ("practitioner", "5", "o", "Gate"),
    ],
)
async def test_an_act_that_is_not_for_a_role_is_neither_offered_nor_done(
    app_on: AppOn, town_copy: DemoStore, user: str, place: str, key: str, offer: str
) -> None:
    app = app_on(town_copy, user)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press(place)
        await settle(pilot)
        page, before = app.screen, seen(app)
        assert offer not in before.splitlines()[-1]
        await pilot.press(key)
        await settle(pilot)
        assert app.screen is page
        assert app.faults == []


async def test_a_decision_by_a_role_that_may_not_sign_is_refused(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    app = app_on(town_copy, "supervisor")
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(DecisionScreen(row.pseudonym))
        await settle(pilot)
        app.screen.query_one("#field-why", TextArea).focus()
        await pilot.press("x")
        await settle(pilot)
        assert "The role of supervisor may not" in said(app)
        assert app.faults[-1].exit_code == 3
        assert app.is_running
    with town_copy.signed_in("coordinator") as session:
        assert [each for each in decisions.listed(session, PANEL) if each.pseudonym == row.pseudonym] == []
