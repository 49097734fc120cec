"""Signing in, and coming back after a lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from kingshurst_tui.errors import WrongPassphrase
from screens.bindings import bind
from screens.faults import explain
from screens.hardening import keeps_copies
from screens.widgets.banner import Banner
from screens.widgets.key_button import KeyButton
from screens.widgets.secret_input import SecretInput
from screens.widgets.text import plain
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

FREE_ATTEMPTS = 3
"""Wrong passphrases before one has to wait."""
WAIT_SECONDS = (2, 5, 15, 30, 60)
"""Seconds to wait after each further one; the last goes on for ever."""


class UnlockScreen(WorkingScreen[None]):
    """Asks for a name and a passphrase; nothing of a record is behind it."""

    HELP = """Type your user name and passphrase. The passphrase is shown as dots and cannot be copied.
Nobody can open the store without one: a forgotten passphrase is replaced by an administrator."""
    BINDING_GROUP_TITLE = "Unlock"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", "Open", id="unlock-open", tooltip="Open the store.", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._wrong = 0
        self._again_in = 0
        self._opening = False

    def compose(self) -> ComposeResult:
        """Draw the two fields."""
        app = self.kingshurst
        if app.demo:
            yield Banner()
        with Vertical(id="unlock-box"):
            yield Static(Content("Kingshurst"), id="unlock-title")
            yield Static(plain(app.store_name), id="unlock-store")
            yield Static(Content("User name"), classes="label")
            yield Input(value=app.locking.left_by or app.user_name, id="user-name", compact=True)
            yield Static(Content("Passphrase"), classes="label")
            yield SecretInput(id="passphrase")
            yield Static("", id="unlock-words")
            if keeps_copies():
                yield Static(
                    Content("tmux or screen is running: it keeps copies of what it shows, which a lock cannot reach."),
                    classes="-muted",
                )
            yield KeyButton("enter", "Open")
            yield KeyButton("ctrl+q", "Leave")

    def on_mount(self) -> None:
        """Put the cursor where something is missing, or open at once where nothing is asked."""
        self.set_interval(1.0, self.count_down, name="attempts")
        sign_in, self.kingshurst.sign_in = self.kingshurst.sign_in, None
        if sign_in is not None:
            self.call_after_refresh(self._open, sign_in)
        self._say(self.kingshurst.locking.why)
        self.query_one("#passphrase" if self.query_one("#user-name", Input).value else "#user-name").focus()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Go to the passphrase, or open."""
        event.stop()
        if event.input.id == "user-name":
            self.query_one("#passphrase").focus()
        else:
            self.action_open()

    def action_open(self) -> None:
        """Open the store with what was typed."""
        name = self.query_one("#user-name", Input).value.strip()
        if self._again_in or self._opening:
            return
        passphrase = self.query_one(SecretInput).take()
        if not name or not passphrase:
            self._say("Type a user name and a passphrase.", problem=True)
            return
        self._open(partial(self.kingshurst.open_session, name, passphrase))

    def _open(self, opener: Callable[[], Session]) -> None:
        self._opening = True
        self._say("Opening the store …")
        self.run_work(opener, then=self._opened, failed=self._refused, group="open")

    def _opened(self, session: Session) -> None:
        # The program's own pump goes on from here: this screen, and its workers, are about to be removed.
        self.app.call_later(self.kingshurst.locking.unlock, session)

    def _refused(self, error: Exception) -> None:
        self._opening = False
        fault = explain(error)
        self.kingshurst.faults.append(fault)
        words = [fault.title, fault.unchanged, fault.hint]
        if isinstance(error, WrongPassphrase):
            self._wrong += 1
            if self._wrong >= FREE_ATTEMPTS:
                self._again_in = WAIT_SECONDS[min(self._wrong - FREE_ATTEMPTS, len(WAIT_SECONDS) - 1)]
                words.append(f"Wait {self._again_in} seconds before the next try.")
        self._say(" ".join(part for part in words if part), problem=True)
        self.query_one("#passphrase").focus()

    def count_down(self) -> None:
        """Let one second of the wait pass; a timer calls this."""
        if self._again_in:
            self._again_in -= 1
            if not self._again_in:
                self._say("You can try again now.")

    def say_unkept(self, count: int) -> None:
        """Say that drafts wait in memory because the store could not take them."""
        what = "One draft" if count == 1 else f"{count} drafts"
        words = f"{what} could not be written and will be lost if you leave. Sign in again: it is tried once more."
        self._say(f"{self.kingshurst.locking.why} {words}".strip(), problem=True)

    def _say(self, words: str, *, problem: bool = False) -> None:
        line = self.query_one("#unlock-words", Static)
        line.set_class(problem, "problem")
        line.update(plain(f"! {words}" if problem else words))
