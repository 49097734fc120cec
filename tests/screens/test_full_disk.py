"""A disk that is full or read-only under the program: nothing shown without its entry, nothing typed is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from kingshurst_tui.casework import decisions
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight.trail import verify_trail
from screens.decision import DecisionScreen
from screens.error_dialog import ErrorDialog
from screens.form_dialog import FormDialog
from screens.profile import ProfileScreen
from screens.unlock import UnlockScreen
from tests.conftest import NOON
from tests.screens.bad_luck import PANEL, AppOn, contents, flagged, name_of, program_on, said, settle_files, sign_in
from tests.screens.conftest import Beat
from tests.screens.looking import settle
from tests.screens.test_decision import fill
from tests.screens.test_profile import choose, unexpected


@pytest.fixture
def app_on(beat: Beat) -> AppOn:
    """Make the program on a town, signed in or before the unlock screen."""
    return program_on(beat)


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
    settle_files(disk.town)
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
