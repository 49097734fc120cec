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

from kingshurst_tui.errors import StoreLocked, WrongPassphrase
from screens.bindings import bind
from screens.faults import explain
from screens.hardening import keeps_copies
from screens.widgets.banner import Banner
from screens.widgets.key_button import KeyButton
from screens.widgets.secret_input import SecretInput
from screens.widgets.text import plain
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from kingshurst_tui.keyholding.needs import Needs
    from kingshurst_tui.session import Session

COPIES = "tmux or screen is running: it keeps copies of what it shows, which a lock cannot reach."
AGAIN = "You can try again now."
NOT_CHANGED = "Nothing was changed."
KEYRING = "Your passphrase opens the store together with the keyring of this login, which has to be unlocked."


class UnlockScreen(WorkingScreen[None]):
    """Asks for a name and a passphrase; nothing of a record is behind it."""

    HELP = """Type your user name and passphrase. The passphrase is shown as dots and cannot be copied.
Nobody can open the store without one. A forgotten passphrase, or a keyring that is gone, is a case for the printed
recovery key: kingshurst recover STORE --user NAME. Each wrong passphrase doubles the wait before the next try, from
1 second to 5 minutes; the trail tells how many there were."""
    # What is typed while the screen comes up must never land, readable, in the line of the user name.
    AUTO_FOCUS = ""
    BINDING_GROUP_TITLE = "Unlock"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", "Open", id="unlock-open", tooltip="Open the store.", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        #: Seconds until somebody may try again, by name; the store counts, this only says so.
        self._waits: dict[str, int] = {}
        self._said = ""
        self._opening = False

    def compose(self) -> ComposeResult:
        """Draw the two fields."""
        app = self.kingshurst
        if app.demo:
            yield Banner()
        with Vertical(id="unlock-box"):
            yield Static(Content("Kingshurst"), id="unlock-title")
            yield Static(plain(app.store_name), id="unlock-store")
            if app.locking.left_by:
                yield Static(plain(f"Locked for {app.locking.left_by}"), id="unlock-left-by")
            yield Static(Content("User name"), classes="label")
            yield Input(value=app.locking.left_by or app.user_name, id="user-name", compact=True)
            yield Static(Content("Passphrase"), classes="label")
            yield SecretInput(id="passphrase")
            yield Static(Content(KEYRING), id="unlock-needs")
            yield Static("", id="unlock-words")
            for caution in (*((COPIES,) if keeps_copies() else ()), *app.cautions):
                yield Static(Content(caution), classes="-muted")
            yield KeyButton("enter", "Open")
            yield KeyButton("ctrl+q", "Leave")

    def on_mount(self) -> None:
        """Put the cursor where something is missing, or open at once where nothing is asked."""
        self.set_interval(1.0, self.count_down, name="attempts")
        sign_in, self.kingshurst.sign_in = self.kingshurst.sign_in, None
        if sign_in is not None:
            self.call_after_refresh(self._open, sign_in)
        self._say(self.kingshurst.locking.why)
        # Asking what a user needs loads the store's modules: the first picture does not wait for them.
        self.call_after_refresh(self.named)
        name = self.query_one("#user-name", Input)
        # At once, not when the queue comes to it: keys may be waiting already.
        self.set_focus(self.query_one("#passphrase") if name.value else name)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Go to the passphrase, or open."""
        event.stop()
        if event.input.id == "user-name":
            self.query_one("#passphrase").focus()
        else:
            self.action_open()

    @on(Input.Blurred, "#user-name")
    def named(self) -> None:
        """Say what signing in will ask of whoever is named, where that is more than a passphrase."""
        needs, name = self.kingshurst.needs, self._who()
        self.query_one("#unlock-needs").display = False
        if needs is not None and name:
            self.run_work(partial(needs, name), then=partial(self._needs, name), failed=lambda _: None, group="needs")

    def action_open(self) -> None:
        """Open the store with what was typed."""
        name = self.query_one("#user-name", Input).value.strip()
        if self._waits.get(name) or self._opening:
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
        if isinstance(error, StoreLocked) and error.again_in:
            # The line below counts down; what the error says of the wait would stand still beside it.
            tried = isinstance(error, WrongPassphrase)
            words = [fault.title, NOT_CHANGED, fault.hint] if tried else [fault.unchanged, fault.hint]
            self._waits[self._who()] = error.again_in
        self._say(" ".join(part for part in words if part), problem=True)
        self.query_one("#passphrase").focus()

    def _who(self) -> str:
        return self.query_one("#user-name", Input).value.strip()

    def _needs(self, name: str, found: Needs) -> None:
        if name != self._who() or self._opening:
            return
        self.query_one("#unlock-needs").display = found.keyring
        if found.again_in:
            self._waits[name] = found.again_in
            self._draw()

    def count_down(self) -> None:
        """Let one second of each wait pass; a timer calls this."""
        over = [name for name, left in self._waits.items() if left <= 1]
        self._waits = {name: left - 1 for name, left in self._waits.items() if left > 1}
        if self._who() in over:
            self._said = f"{self._said} {AGAIN}".strip()
            self._draw()
        elif self._who() in self._waits:
            self._draw()

    def say_unkept(self, count: int) -> None:
        """Say that drafts wait in memory because the store could not take them."""
        what = "One draft" if count == 1 else f"{count} drafts"
        words = f"{what} could not be written and will be lost if you leave. Sign in again: it is tried once more."
        self._say(f"{self.kingshurst.locking.why} {words}".strip(), problem=True)

    def _say(self, words: str, *, problem: bool = False) -> None:
        self._said = f"! {words}" if problem else words
        self.query_one("#unlock-words", Static).set_class(problem, "problem")
        self._draw()

    def _draw(self) -> None:
        left = self._waits.get(self._who(), 0)
        wait = f"The next try can be made in {_in_words(left)}." if left else ""
        self.query_one("#unlock-words", Static).update(plain(f"{self._said} {wait}".strip()))


def _in_words(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return "1 second" if rest == 1 else f"{rest} seconds"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
