"""Bad input and bad luck before a screen: a clear notice, nobody's record, the store as it was, the program goes on.

Files do not come in through a screen: what is wrong with those is tested on the command line, in tests/intake.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from db.migrations import running
from kingshurst_tui import vaults
from kingshurst_tui.casework import decisions
from kingshurst_tui.casework.agenda import AgendaRow, open_agenda
from kingshurst_tui.casework.profiles import Profile, open_profile
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Reason, Session
from kingshurst_tui.vocabulary import ReasonCode, Role
from screens.app import KingshurstApp
from screens.decision import DecisionScreen
from screens.error_dialog import ErrorDialog
from screens.form_dialog import FormDialog
from screens.places import PLACES
from screens.profile import ProfileScreen
from screens.unlock import UnlockScreen
from screens.widgets.secret_input import SecretInput
from tests.conftest import NOON, ROOT
from tests.screens.conftest import Beat
from tests.screens.looking import seen, settle
from tests.screens.test_decision import fill
from tests.screens.test_profile import choose, unexpected

AppOn = Callable[..., KingshurstApp]
PANEL = Reason(ReasonCode.PANEL)


def said(app: KingshurstApp) -> str:
    """What stands on the screen, as running text."""
    return " ".join(re.sub("[\u2500-\u259f]", " ", seen(app)).split())


@pytest.fixture
def app_on(beat: Beat) -> AppOn:
    """Make the program on a town, signed in or before the unlock screen."""

    def make(town: DemoStore, user: str = "coordinator", *, signed_in: bool = True) -> KingshurstApp:
        open_session: Callable[[str, str], Session] = partial(vaults.open_session, town.store, clock=town.clock)
        return KingshurstApp(
            open_session,
            user_name=user,
            store_name="a town of one's own",
            demo=True,
            sign_in=partial(open_session, user, town.passphrases[user]) if signed_in else None,
            monotonic=beat,
            debounce=0,
        )

    return make


async def sign_in(pilot: Pilot[int], passphrase: str) -> None:
    await settle(pilot)
    pilot.app.screen.query_one(SecretInput).value = passphrase
    pilot.app.screen.query_one(SecretInput).focus()
    await pilot.press("enter")
    await settle(pilot)


def contents(folder: Path) -> dict[str, bytes]:
    """What the store's own files hold; its log comes and goes with whoever has it open."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.glob("*"))
        if path.name == "vault.json" or path.suffix == ".db"
    }


def flagged(town: DemoStore, *, is_open: bool = True) -> AgendaRow:
    with town.signed_in("coordinator") as session:
        return next(row for row in open_agenda(session).rows if row.is_open is is_open)


def name_of(town: DemoStore, pseudonym: str) -> str:
    with town.signed_in("coordinator") as session:
        found = open_profile(session, pseudonym, PANEL)
    assert isinstance(found, Profile)
    return found.who.name


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
        vaults.set_user_status(session, "coordinator", "suspended")


@pytest.mark.parametrize(
    ("harm", "title", "hint", "code"),
    [
        (newer_tables, "made by another version of Kingshurst", "Open it with the version", 1),
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
        for place in PLACES:
            if place.is_for(app.session) or place.mode == "data-sets":  # agreements are about nobody
                continue
            closed += 1
            await pilot.press(place.key)
            await settle(pilot)
            assert app.current_mode == "home", "its key does nothing"
            await app.switch_mode(place.mode)
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


# --- a disk that is full or read-only --------------------------------------------------------------------


@dataclass
class Disk:
    """A small disk of its own with a town on it."""

    folder: Path
    town: DemoStore

    def fill(self) -> None:
        """Leave no room at all."""
        filler = os.open(self.folder / "filler", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, b"\0" * 4096):
                pass
        except OSError:
            pass
        finally:
            os.close(filler)

    def free(self) -> None:
        """Make room again."""
        (self.folder / "filler").unlink()

    def remount(self, how: str) -> None:
        """Make the disk read-only (``ro``), or writable again (``rw``)."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)

    def trail_holds(self) -> bool:
        """Verify the audit trail."""
        with self.town.signed_in("supervisor") as session:
            return verify_trail(session).holds


@pytest.fixture
def disk(tmp_path: Path, town_copy: DemoStore) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    shutil.copytree(town_copy.folder, folder / "town")
    town_copy.folder = folder / "town"
    yield Disk(folder, town_copy)
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_on_a_read_only_disk_the_unlock_screen_says_so_and_opens_later(app_on: AppOn, disk: Disk) -> None:
    before = contents(disk.town.store)
    disk.remount("ro")
    app = app_on(disk.town, signed_in=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, disk.town.passphrases["coordinator"])
        shown = said(app)
        assert "The disk cannot be written" in shown
        assert "Nothing was changed" in shown
        assert "until an audit entry can be written" in shown
        assert app.faults[-1].exit_code == 1
        assert app.session is None
        disk.remount("rw")
        assert contents(disk.town.store) == before
        await sign_in(pilot, disk.town.passphrases["coordinator"])
        assert app.current_mode == "home"


async def test_on_a_full_disk_the_unlock_screen_says_so_and_opens_later(app_on: AppOn, disk: Disk) -> None:
    before = contents(disk.town.store)
    disk.fill()
    app = app_on(disk.town, signed_in=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, disk.town.passphrases["coordinator"])
        assert "The disk is full" in said(app)
        assert app.faults[-1].exit_code == 1
        disk.free()
        assert contents(disk.town.store) == before
        await sign_in(pilot, disk.town.passphrases["coordinator"])
        assert app.current_mode == "home"


async def test_on_a_full_disk_no_profile_is_shown_until_its_entry_can_be_written(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    name = name_of(disk.town, row.pseudonym)
    app = app_on(disk.town)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        disk.fill()
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        shown = said(app)
        assert "The disk is full" in shown
        assert "Free some space and retry" in shown
        assert name not in shown
        disk.free()
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert name in said(app)
        assert "The disk is full" not in said(app)
    assert disk.trail_holds()


async def test_a_reason_typed_before_the_disk_was_full_is_not_asked_for_again(app_on: AppOn, disk: Disk) -> None:
    stranger = unexpected(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(stranger))
        await settle(pilot)
        assert "Why do you open" in said(app)
        disk.fill()
        await pilot.press("w", *"asked by the ward", "enter")
        await settle(pilot)
        assert "The disk is full" in said(app)
        assert stranger not in said(app)
        disk.free()
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "Why do you open" not in said(app)
        assert stranger in said(app)
    assert disk.trail_holds()


async def writing(pilot: Pilot[int], pseudonym: str) -> DecisionScreen:
    await settle(pilot)
    screen = DecisionScreen(pseudonym)
    await pilot.app.push_screen(screen)
    await settle(pilot)
    screen.query_one("#field-why", TextArea).focus()
    return screen


def draft_of(town: DemoStore, pseudonym: str) -> str:
    with town.signed_in("coordinator") as session:
        return str(decisions.open_form(session, pseudonym, PANEL).fields.get("why", ""))


async def test_a_draft_that_a_full_disk_does_not_take_is_tried_again(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await writing(pilot, row.pseudonym)
        disk.fill()
        await pilot.press(*"kept in mind")
        await settle(pilot)
        assert app.screen is screen, "no box comes between one's fingers and the form"
        assert "Not kept yet: The disk is full" in said(app)
        assert screen.answers()["why"] == "kept in mind"
        await pilot.press("escape")
        await settle(pilot)
        assert "Leave without the draft?" in said(app)
        await pilot.press("n")
        await settle(pilot)
        assert app.screen is screen
        disk.free()
        screen.keep_draft()  # what its timer does every moment
        await settle(pilot)
        assert "Draft kept." in said(app)
        assert app.faults == []
    assert draft_of(disk.town, row.pseudonym) == "kept in mind"
    assert disk.trail_holds()


async def test_a_decision_that_a_full_disk_does_not_take_is_signed_once_afterwards(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await writing(pilot, row.pseudonym)
        fill(screen)
        await settle(pilot)
        disk.fill()
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, ErrorDialog)
        assert "The disk is full" in said(app)
        assert app.faults[-1].exit_code == 1
        await pilot.press("escape")
        await settle(pilot)
        assert screen.answers()["review_on"], "the form is as it was"
        disk.free()
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert screen not in app.screen_stack
    with disk.town.signed_in("coordinator") as session:
        signed = [each for each in decisions.listed(session, PANEL) if each.pseudonym == row.pseudonym]
    assert [each.status for each in signed] == ["signed"]
    assert disk.trail_holds()


async def test_a_draft_outlasts_a_lock_on_a_full_disk(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await writing(pilot, row.pseudonym)
        disk.fill()
        await pilot.press(*"in spite of all")
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "One draft could not be written" in said(app)
        assert "in spite of all" not in said(app)
        disk.free()
        await sign_in(pilot, disk.town.passphrases["coordinator"])
        screen = app.screen  # type: ignore[assignment]
        assert isinstance(screen, DecisionScreen)
        assert screen.answers()["why"] == "in spite of all"
        assert app.locking.unkept_drafts == 0
    assert draft_of(disk.town, row.pseudonym) == "in spite of all"


async def test_leaving_on_a_full_disk_stops_before_words_are_lost(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(100, 40)) as pilot:
        await writing(pilot, row.pseudonym)
        disk.fill()
        await pilot.press(*"half", "ctrl+q")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert "will be lost if you leave" in said(app)
        await pilot.press("ctrl+q")
        await settle(pilot)
    assert app.return_code == 0
    disk.free()
    assert disk.trail_holds()


async def test_a_form_in_a_box_tries_its_draft_again(app_on: AppOn, disk: Disk) -> None:
    row = flagged(disk.town)
    app = app_on(disk.town)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await app.push_screen(ProfileScreen(row.pseudonym, agenda_day=NOON.date()))
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        await choose(pilot, "Propose a ground")
        box = app.screen
        assert isinstance(box, FormDialog)
        disk.fill()
        box.query_one("#field-why", TextArea).focus()
        await pilot.press(*"a worry")
        await settle(pilot)
        assert app.screen is box
        assert "Not kept as a draft yet: The disk is full" in said(app)
        disk.free()
        box._keep_draft()  # what its timer does in a moment
        await settle(pilot)
        assert str(box.query_one("#form-refused", Static).render()) == ""
        assert app.faults == []


# --- while the program is open ---------------------------------------------------------------------------


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


KILLED = """
import os, signal, sys
from pathlib import Path
from kingshurst_tui import vaults
from kingshurst_tui.session import Reason
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
