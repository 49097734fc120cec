"""Signing in, locking, resting too long, and what a crash prints."""

from __future__ import annotations

import gc
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.widgets import Input, Static

from kingshurst_tui.keyholding.needs import Needs
from kingshurst_tui.session import Session
from screens.app import KingshurstApp
from screens.ask_words import AskWords
from screens.base import KingshurstScreen
from screens.dialog import Dialog
from screens.form_dialog import FormDialog
from screens.home import HomeScreen
from screens.program_parts import PROGRAM_PARTS
from screens.reason_prompt import ReasonPrompt
from screens.unlock import UnlockScreen
from screens.widgets.fields_form import Field
from screens.widgets.secret_input import SecretInput
from screens.widgets.text import plain
from tests.screens.bad_luck import said
from tests.screens.conftest import PASSPHRASE, Beat
from tests.screens.looking import SIZES, seen, settle

SECRET = "Zebediah Quill"
MakeApp = Callable[..., KingshurstApp]


class RecordScreen(KingshurstScreen[None]):
    """Stands for any screen that shows a record."""

    MODE = "home"

    def __init__(self, record: int, kept: list[str]) -> None:
        super().__init__()
        self.record = record
        self.kept = kept

    def body(self) -> ComposeResult:
        yield Static(plain(SECRET), id="name")
        yield Input(id="words")

    def draft(self) -> Callable[[Session], None]:
        words = self.query_one("#words", Input).value
        return lambda session: self.kept.append(f"{session.user.name}: {words}")

    def unsaved(self) -> str:
        return "A draft is kept."

    def reopen(self) -> Callable[[], KingshurstScreen[Any]]:
        record, kept = self.record, self.kept
        return lambda: RecordScreen(record, kept)

    def remember(self) -> object:
        return self.record

    def recall(self, memory: object) -> None:
        self.query_one("#name", Static).update(plain(f"recalled {memory}"))


async def sign_in(pilot: Any, passphrase: str = PASSPHRASE) -> None:
    pilot.app.screen.query_one(SecretInput).value = passphrase
    await pilot.press("enter")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_signing_in_shows_home_and_who_acts(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "Passphrase" in seen(app)
        assert "Invented people" in seen(app)
        await sign_in(pilot)
        assert app.current_mode == "home"
        assert "coordinator" in seen(app)
        assert "Invented people" in seen(app)
        assert app.faults == []


async def test_a_wrong_passphrase_is_said_in_words_and_each_doubles_the_wait(
    make_app: MakeApp, users_store: Path, tmp_path: Path
) -> None:
    # The store remembers wrong passphrases, so this one is not shared.
    shutil.copytree(users_store, tmp_path / "store")
    app = make_app(folder=tmp_path / "store")
    async with app.run_test() as pilot:
        await sign_in(pilot, "wrong")
        assert app.session is None
        assert "do not open this store" in said(app)
        # A second of the processor's time may have passed meanwhile.
        assert "The next try can be made in 1 second." in said(app) or "You can try again now." in said(app)
        await sign_in(pilot)
        assert app.session is None, "the right passphrase waits as well"
        screen = app.screen
        assert isinstance(screen, UnlockScreen)
        screen.count_down()
        await settle(pilot)
        assert "You can try again now." in said(app)
        await sign_in(pilot)  # the clock of the store stands still, and it is the store that counts
        assert app.session is None
        assert "was not tried" in said(app)


async def test_what_signing_in_asks_for_is_said_before_it_is_typed(make_app: MakeApp) -> None:
    app = make_app()
    app.needs = {
        "coordinator": Needs(),
        "governance": Needs(keyring=True),
        "supervisor": Needs(again_in=75),
    }.__getitem__
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "keyring" not in seen(app)
        for name, said in (
            ("governance", "keyring of this login"),
            ("supervisor", "The next try can be made in 1 min 15 s."),
        ):
            field = app.screen.query_one("#user-name", Input)
            field.focus()
            field.value = name
            app.screen.query_one(SecretInput).focus()
            await settle(pilot)
            assert said in " ".join(seen(app).split())
        assert "keyring of this login" not in seen(app)


async def test_the_passphrase_is_neither_shown_nor_copied(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(*"sesame")
        field = app.screen.query_one(SecretInput)
        field.select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        assert field.value == "sesame"
        assert "sesame" not in seen(app)


async def test_locking_keeps_drafts_empties_everything_and_comes_back(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    kept: list[str] = []
    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        screen = RecordScreen(7, kept)
        gone = weakref.ref(screen)
        await app.push_screen(screen)
        screen.query_one("#words", Input).value = "half a sentence"
        app.copy_to_clipboard(SECRET)
        app.notify(SECRET, markup=False)
        await settle(pilot)
        assert SECRET in seen(app)
        session = app.session
        del screen
        await pilot.press("ctrl+l")
        await settle(pilot)
        assert kept == ["coordinator: half a sentence"]
        assert app.session is None
        assert session is not None
        with pytest.raises(Exception, match=r".*"):
            session.look(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        assert SECRET not in seen(app)
        assert SECRET not in app.export_screenshot()
        assert app.clipboard == ""
        for key in ("ctrl+p", "1", "3", "escape"):
            await pilot.press(key)
        await settle(pilot)
        assert isinstance(app.screen, UnlockScreen)
        del session
        gc.collect()
        assert gone() is None, "the screen that held the record is gone from memory"
        app.screen.query_one(SecretInput).focus()
        await sign_in(pilot)
        assert isinstance(app.screen, RecordScreen)
        assert "recalled 7" in seen(app)
        assert app.faults == []


async def test_another_user_does_not_come_back_to_that_place(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    async with app.run_test() as pilot:
        await settle(pilot)
        await app.push_screen(RecordScreen(7, []))
        await pilot.press("ctrl+l")
        await settle(pilot)
        app.screen.query_one("#user-name", Input).value = "supervisor"
        await sign_in(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "supervisor" in seen(app)


def boxes() -> list[tuple[Dialog[Any], str]]:
    """Boxes that keep no draft, and where one types in them."""
    form = FormDialog("Approach", (Field("safe", "How to reach them"),), lambda given: None)
    return [(AskWords("Why?"), "Input"), (ReasonPrompt(), "#reason-words"), (form, "#field-safe")]


@pytest.mark.parametrize("which", range(3))
async def test_words_begun_in_a_box_are_given_back_to_whoever_typed_them_and_to_nobody_else(
    make_app: MakeApp, which: int
) -> None:
    app = make_app(signed_in=True)

    async def ask_about(record: int) -> str:
        if record not in (getattr(screen, "record", 0) for screen in app.screen_stack):
            await app.push_screen(RecordScreen(record, []))
        box, line = boxes()[which]
        await app.push_screen(box)
        await settle(pilot)
        return app.screen.query_one(line, Input).value

    async with app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert await ask_about(7) == ""
        if isinstance(app.screen, ReasonPrompt):
            await pilot.press("w")
        app.screen.query_one(boxes()[which][1]).focus()
        await pilot.press(*"half a reas")
        await pilot.press("ctrl+q")
        await settle(pilot)
        assert "given up" in seen(app)
        await pilot.press("n", "ctrl+l")
        await settle(pilot)
        assert "half a reas" not in seen(app)
        await sign_in(pilot)
        assert "What you were typing is kept" in seen(app)
        assert await ask_about(8) == "", "another record, another question"
        await pilot.press("escape")
        await settle(pilot)
        await app.pop_screen()
        assert await ask_about(7) == "half a reas"
        await pilot.press("ctrl+l")
        await settle(pilot)
        app.screen.query_one("#user-name", Input).value = "supervisor"
        await sign_in(pilot)
        assert await ask_about(7) == ""
        await pilot.press("escape", "ctrl+l")
        await settle(pilot)
        app.screen.query_one("#user-name", Input).value = "coordinator"
        await sign_in(pilot)
        assert await ask_about(7) == "", "what somebody else's unlocking forgot stays forgotten"
        assert app.faults == []


async def test_rest_warns_then_locks(make_app: MakeApp, beat: Beat) -> None:
    app = make_app(signed_in=True)
    async with app.run_test() as pilot:
        await settle(pilot)
        beat.seconds += 275
        await app.check_rest()
        await settle(pilot)
        assert "Locking in 25 s" in seen(app)
        await pilot.press("tab")
        await app.check_rest()
        await settle(pilot)
        assert "Locking in" not in seen(app)
        beat.seconds += 301
        app.call_later(app.check_rest)
        await settle(pilot)
        assert app.session is None
        assert "Nobody was here for a while" in seen(app)


async def test_leaving_asks_when_something_is_unsaved(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    async with app.run_test() as pilot:
        await settle(pilot)
        await app.push_screen(RecordScreen(7, []))
        await pilot.press("ctrl+q")
        await settle(pilot)
        assert "Leave Kingshurst?" in seen(app)
        await pilot.press("n")
        await settle(pilot)
        assert "coordinator" in seen(app)
        await pilot.press("ctrl+q", "y")
        await settle(pilot)
        assert app.session is None
    assert app.return_code == 0


async def test_the_palette_finds_no_picture_of_the_screen(make_app: MakeApp) -> None:
    app = make_app(signed_in=True)
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)
        await pilot.press(*"screenshot")
        await settle(pilot)
        assert "Save" not in seen(app)
        assert "SVG" not in seen(app)


async def test_a_crash_names_a_reference_and_no_record(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(signed_in=True)
    with pytest.raises(RuntimeError, match="planted"):  # noqa: PT012  the program must run to crash
        async with app.run_test() as pilot:
            await settle(pilot)

            def crash() -> None:
                held = SECRET
                raise RuntimeError(f"planted {held}")

            app.call_later(crash)
            await pilot.pause()
    printed = "".join(capsys.readouterr())
    assert SECRET not in printed + caplog.text
    assert "KH-" in printed
    assert app.return_code == 1


@pytest.mark.parametrize("user", ["coordinator", ""])
async def test_what_is_typed_after_a_lock_goes_into_the_passphrase(make_app: MakeApp, beat: Beat, user: str) -> None:
    app = make_app(user)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.screen.query_one("#user-name", Input).value = "coordinator"
        app.screen.set_focus(app.screen.query_one(SecretInput))
        await sign_in(pilot)
        assert app.session is not None
        beat.seconds += 10_000
        await app.check_rest()
        await pilot.press(*"secret")
        await settle(pilot)
        assert "Locked for coordinator" in seen(app)
        assert app.screen.query_one(SecretInput).has_focus
        assert app.screen.query_one(SecretInput).value == "secret"
        assert "secret" not in seen(app)
        assert app.faults == []


async def test_a_key_to_a_room_that_is_not_for_the_role_says_so(make_app: MakeApp) -> None:
    app = make_app("practitioner", signed_in=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        assert app.current_mode == "home"
        assert "7 Audit is not for the role of" in seen(app)
        assert app.faults == []


async def test_every_room_has_its_title_in_the_top_line_of_80_columns(make_app: MakeApp) -> None:
    app = make_app("supervisor", signed_in=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        top = seen(app).splitlines()[0]
        for part in PROGRAM_PARTS:
            assert f"{part.key} {part.least or part.short or part.title}" in top
        assert top.rstrip().endswith("^l Lock")
