"""What goes wrong while the program is open: an agreement lapses, the store is taken away, a colleague is killed."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from textual.widgets import Input

import db.case_reading
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import drafts
from kingshurst_tui.casework.search import find
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import NotFound
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.panels import meetings
from kingshurst_tui.panels.records import PanelFacts
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.error_dialog import ErrorDialog
from screens.meeting import MeetingScreen
from screens.profile import ProfileScreen
from screens.unlock import UnlockScreen
from tests.conftest import NOON, ROOT
from tests.screens.bad_luck import PANEL, AppOn, flagged, name_of, program_on, said, sign_in
from tests.screens.conftest import Beat
from tests.screens.looking import settle


def erased(town: DemoStore, pseudonym: str) -> None:
    asked = Reason(ReasonCode.RIGHTS, "The person asked for it in a letter of 2 May 2026.")
    with town.signed_in("governance") as governance:
        number = erasure.ask(governance, erasing.PERSON, pseudonym, asked)
    with town.signed_in("supervisor") as supervisor:
        erasure.confirm(supervisor, number, asked, also=())


def profile_of(session: Session, pseudonym: str) -> int:
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=[pseudonym]) as act:
        found = act.read(db.case_reading.by_pseudonym, pseudonym)
    assert found is not None
    return found.profile_id


@pytest.fixture
def app_on(beat: Beat) -> AppOn:
    """Make the program on a town, signed in or before the unlock screen."""
    return program_on(beat)


async def test_a_profile_in_view_closes_on_the_day_its_agreements_lapse(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    name = name_of(town_copy, row.pseudonym)
    clock = town_copy.clock
    assert isinstance(clock, FixedClock)
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        assert name in said(app)
        clock.move(timedelta(days=500))
        app.call_later(app.check_rest)  # what a timer does every second
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "Another day has begun" in said(app)
        assert name not in said(app)
        await sign_in(pilot, town_copy.passphrases["coordinator"])
        assert name not in said(app)
        assert not [fault for fault in app.faults if not fault.expected]


async def test_whoever_is_erased_stands_on_no_other_terminal(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    name = name_of(town_copy, row.pseudonym)
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        assert app.session is not None
        find(app.session, name, PANEL)
        profile_id = profile_of(app.session, row.pseudonym)
        app.check_erased()  # what a timer does every few seconds
        await settle(pilot)
        assert name in said(app)
        erased(town_copy, row.pseudonym)
        app.check_erased()
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "Somebody was erased" in said(app)
        await sign_in(pilot, town_copy.passphrases["coordinator"])
        assert name not in said(app)
        with pytest.raises(NotFound):
            drafts.keep(app.session, Operation.ALTER, Thing.ACTION, "form-action", profile_id, {"what": name})
        assert not [fault for fault in app.faults if not fault.expected]


async def test_reading_again_after_a_lapse_takes_the_profile_out_of_view(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    name = name_of(town_copy, row.pseudonym)
    clock = town_copy.clock
    assert isinstance(clock, FixedClock)
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = ProfileScreen(row.pseudonym, agenda_day=NOON.date())
        await app.push_screen(screen)
        await settle(pilot)
        assert name in said(app)
        clock.move(timedelta(days=500))
        screen.reload()
        await settle(pilot)
        assert name not in said(app)


async def test_a_store_taken_away_beside_the_open_program(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    name = name_of(town_copy, row.pseudonym)
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        shutil.rmtree(town_copy.store)
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        assert name not in said(app)
        assert "The store is not there any more" in said(app)
        await pilot.press("ctrl+l")
        await settle(pilot)
        await sign_in(pilot, town_copy.passphrases["coordinator"])
        assert "There is no store here" in said(app)
        assert isinstance(app.screen, UnlockScreen)


async def test_a_screen_that_cannot_be_read_again_says_so_once_and_can_be_left(
    app_on: AppOn, town_copy: DemoStore
) -> None:
    with town_copy.signed_in("coordinator") as session:
        number = meetings.new(session, PanelFacts("A panel", date(2026, 5, 18), chair="supervisor"))
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(MeetingScreen(number))
        await settle(pilot)
        shutil.rmtree(town_copy.store)
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert isinstance(app.screen, ErrorDialog)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, MeetingScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert not isinstance(app.screen, MeetingScreen | ErrorDialog)


KILLED = """
import os, signal, sys
from pathlib import Path
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
session = vaults.open_session(Path(sys.argv[1]), "administrator", sys.argv[2])
with session.act(Operation.ADMINISTER, Thing.STORE, reason=Reason(ReasonCode.MAINTENANCE)) as act:
    act.connection.exec_driver_sql("UPDATE setting SET value = 'half' WHERE 0")
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_a_colleague_killed_in_the_middle_of_writing_stops_nobody(app_on: AppOn, town_copy: DemoStore) -> None:
    row = flagged(town_copy)
    name = name_of(town_copy, row.pseudonym)
    app = app_on(town_copy)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        killed = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", KILLED, str(town_copy.store), town_copy.passphrases["administrator"]],
            cwd=ROOT,
            capture_output=True,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        assert name in said(app)
        assert app.faults == []
    with town_copy.signed_in("supervisor") as session:
        assert verify_trail(session).holds


# --- files -----------------------------------------------------------------------------------------------


async def test_the_data_sets_screen_names_the_command_that_brings_files_in(app_on: AppOn, town: DemoStore) -> None:
    app = app_on(town)
    async with app.run_test(size=(140, 40)) as pilot:
        await settle(pilot)
        await pilot.press("5")
        await settle(pilot)
        assert "bring extracts in with: kingshurst import" in said(app)
        assert not app.screen.query(Input)
        await pilot.press("f1")
        await settle(pilot)
        assert "kingshurst import STORE FILE --agreement REF" in said(app)
