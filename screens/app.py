"""The terminal program: its parts, the keys that work everywhere, and who is signed in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from kingshurst_tui.crashes import where
from kingshurst_tui.errors import ExitCode, StoreLocked
from screens.activity import Activity
from screens.base import KingshurstScreen
from screens.failing import Failing, last_words
from screens.faults import Fault, logger
from screens.hanging_up import HangingUp
from screens.held_keys import HeldKeys
from screens.keys_everywhere import KEYS_EVERYWHERE
from screens.locking import Locking
from screens.program_parts import LOCK, PROGRAM_PARTS, part_named
from screens.themes import THEMES
from screens.widgets.guard import GuardFilter
from screens.widgets.status_bar import StatusBar
from screens.work import Work
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.notifications import SeverityLevel
    from textual.worker import Worker

    from kingshurst_tui.keyholding.needs import Needs
    from kingshurst_tui.session import Session
    from screens.further import Further

LOOKS_FOR_ERASED = 3.0
"""Seconds between two looks whether somebody was erased."""

OpenSession = Callable[[str, str], "Session"]
"""Opens the store for a user name and a passphrase; runs on the store's thread."""


def _unlock_screen() -> Screen[None]:
    from screens.unlock import UnlockScreen

    return UnlockScreen()


def _palette(name: str) -> Callable[[], type[Provider]]:
    def load() -> type[Provider]:
        from screens import palette

        provider: type[Provider] = getattr(palette, name)
        return provider

    return load


class KingshurstApp(App[int], inherit_bindings=False):
    """The panel's instrument at a terminal.

    Args:
        open_session: opens the store; the program never sees how.
        user_name: the name to offer on the unlock screen.
        store_name: how the store is called on the unlock screen.
        demo: whether the people in the store are invented, which every screen then says.
        sign_in: opens a session without asking, for the demonstration only.
        idle_seconds: rest after which the program locks itself.
        monotonic: a clock that never goes back.
        debounce: seconds of quiet after the last key before a list is filtered.
        theme: the theme to begin with.
        cautions: what the unlock screen says about this machine.
    """

    TITLE = "Kingshurst"
    CSS_PATH: ClassVar = ["styles/tokens.tcss", "styles/frame.tcss"]
    MODES: ClassVar = {LOCK: _unlock_screen, **{part.mode: part.build for part in PROGRAM_PARTS}}
    DEFAULT_MODE = LOCK
    ALLOW_SELECT = False
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {_palette(name) for name in ("Navigate", "Record", "View", "Help")}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDING_GROUP_TITLE = "Anywhere"
    BINDINGS: ClassVar[list[BindingType]] = KEYS_EVERYWHERE

    def __init__(
        self,
        open_session: OpenSession,
        *,
        user_name: str = "",
        store_name: str = "",
        demo: bool = False,
        sign_in: Callable[[], Session] | None = None,
        needs: Callable[[str], Needs] | None = None,
        idle_seconds: float = 300.0,
        monotonic: Callable[[], float] = time.monotonic,
        debounce: float = 0.13,
        theme: str = "",
        cautions: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.cautions = cautions
        self.open_session = open_session
        self.user_name = user_name
        self.store_name = store_name
        self.demo = demo
        self.sign_in = sign_in
        self.needs = needs
        self.debounce = debounce
        self.animation_level = "none"
        self.session: Session | None = None
        self.work = Work()
        self.activity = Activity(monotonic, idle_seconds)
        self._idle_seconds = idle_seconds
        self.locking = Locking(self)
        self.hanging_up = HangingUp(self)
        self.failing = Failing(self)
        self.held_keys = HeldKeys(self, super().on_event)
        self.faults: list[Fault] = []
        self._guard = GuardFilter()
        self._held_text = ""
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme if theme in {each.name for each in THEMES} else THEMES[0].name
        self._said_small = False

    # --- drawing -----------------------------------------------------------------------------------------

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's own filters and, last, the one that lets no control character out."""
        return [*super().get_line_filters(), self._guard]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return none of Textual's own commands: one of them writes a picture of the record to disk."""
        return ()

    # --- starting and stopping ---------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Watch for rest and for signals."""
        asyncio.get_running_loop().set_exception_handler(self.failing.stray)
        self.set_interval(1.0, self.check_rest, name="idle")
        self.set_interval(LOOKS_FOR_ERASED, self.check_erased, name="erased")
        self.locking.watch_signals()
        if not self.is_headless:
            self.hanging_up.watch()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say what happened: in a corner, or in the status line where a meeting has the screen."""
        stack = self.screen_stack if self.session is not None else []
        if not any(isinstance(screen, WorkingScreen) and screen.SAYS_BELOW for screen in stack):
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
            return
        for screen in stack:
            for bar in screen.query(StatusBar):
                bar.say(f"{'! ' if severity != 'information' else ''}{message}")

    def on_resize(self, event: events.Resize) -> None:
        """Say once that the terminal is small; everything goes on working."""
        if not self._said_small and (event.size.width < 60 or event.size.height < 18):
            self._said_small = True
            self.notify("Kingshurst reads best in a terminal of 80 by 24 or more.", markup=False)

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is there."""
        if isinstance(event, events.Key | events.MouseEvent | events.Paste):
            self.activity.touch()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and await self.held_keys.take(event):
            return
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Say of a key that goes nowhere for this role why it does not."""
        part = next((part for part in PROGRAM_PARTS if part.key == event.key), None)
        if self.session is not None and part is not None and not part.is_for(self.session):
            role = self.session.user.role
            why = f"waits until your role of {role} is confirmed" if self.session.user.is_waiting else ""
            why = why or f"is not for the role of {role}"
            self.notify(f"{part.key} {part.title} {why}.", markup=False)

    async def check_rest(self) -> None:
        """Warn before the idle lock, and lock when its time has come; a timer calls this every second."""
        if self.session is None:
            return
        if self.locking.is_another_day(self.session):
            await self.locking.lock("Another day has begun: agreements and grounds may have lapsed.")
            return
        await self.locking.keep_again()
        self.activity.limit = self._rest_here()
        if self.activity.is_over():
            await self.locking.lock("Nobody was here for a while.")
            return
        for screen in self.screen_stack:
            for bar in screen.query(StatusBar):
                bar.show_countdown(self.activity.countdown())

    def check_erased(self) -> None:
        """Lock where somebody was erased meanwhile; a timer calls this, and waits for nothing."""
        if self.session is not None:
            look = self.locking.look_for_erased
            _: Worker[None] = self.run_worker(look, group="erased", exclusive=True, exit_on_error=False)

    def _rest_here(self) -> float:
        """Return how long nobody may be there: a meeting has its own policy, whatever is open above its screen."""
        screens = (screen for screen in reversed(self.screen_stack) if isinstance(screen, KingshurstScreen))
        policy = next((rest for screen in screens if (rest := screen.rest()) is not None), None)
        return self._idle_seconds if policy is None or not self._idle_seconds else policy

    @property
    def is_blank(self) -> bool:
        """Whether a blank screen covers everything."""
        from screens.blank import BlankScreen

        return any(isinstance(screen, BlankScreen) for screen in self.screen_stack)

    def action_blank(self) -> None:
        """Blank the screen at once, or bring back what was there."""
        from screens.blank import BlankScreen

        if isinstance(self.screen, BlankScreen):
            self.screen.action_unblank()
        elif not self.is_blank:
            self.push_screen(BlankScreen())

    def action_roles(self) -> None:
        """Show who holds which role and what each may do."""
        from screens.roles import RolesScreen

        if self.session is not None and not any(isinstance(screen, RolesScreen) for screen in self.screen_stack):
            self.push_screen(RolesScreen())

    def action_command_palette(self) -> None:
        """Show the palette."""
        from screens.palette import Palette

        if self.use_command_palette and not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def go_further(self, further: Further) -> None:
        """Open a screen that belongs to no key of the top line."""
        screen = further.build()
        if self.session is not None and not any(type(each) is type(screen) for each in self.screen_stack):
            self.push_screen(screen)

    async def action_quit(self) -> None:
        """Leave, after asking where something would have to be written again."""
        screens = [screen for screen in self.screen_stack if isinstance(screen, KingshurstScreen)]
        unsaved = next((words for screen in screens if (words := screen.unsaved())), "")
        if self.locking.begun_words():
            unsaved = f"What you began to type in the open box is given up. {unsaved}".strip()
        if unsaved and self.session is not None:
            from screens.confirm import Confirm

            if not isinstance(self.screen, Confirm):
                self.push_screen(Confirm("Leave Kingshurst?", unsaved, yes="Leave"), self._leave_if)
            return
        await self.leave()

    async def _leave_if(self, sure: bool | None) -> None:
        if sure:
            await self.leave()

    async def leave(self, return_code: int = ExitCode.DONE) -> None:
        """Keep drafts, close the store and end the program."""
        if self.session is not None:
            await self.locking.lock("")
            if self.locking.unkept_drafts and return_code == ExitCode.DONE:
                return  # the unlock screen says so, and leaving from there leaves
        self.work.close()
        self.exit(return_code, return_code=return_code)

    def panic(self, *renderables: RenderableType) -> None:
        """Stop because of a fault; a terminal that has gone is none, and its program leaves in order."""
        if not self.hanging_up.is_gone():
            super().panic(*renderables)

    def _handle_exception(self, error: Exception) -> None:
        # Fingers may rest after the lock (a list that is filtered a moment after the last key): nothing is asked then.
        if isinstance(error, StoreLocked) and self.session is None:
            logger.info("asked for after the lock: %s", where(error))
            return
        self.failing.note_crash(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own version prints every local variable, and so the record in view, into the scrollback.
        self._exit_renderables.append(last_words(self._exception))
        self._close_messages_no_wait()

    # --- the clipboard ------------------------------------------------------------------------------------

    @property
    def clipboard(self) -> str:
        """What was cut or copied within the program, for pasting within it; a lock empties it."""
        return self._held_text

    def copy_to_clipboard(self, text: str) -> None:
        """Hold the text inside the program only; the system's clipboard belongs to everybody."""
        self._held_text = text

    def copy_reference(self, reference: str) -> None:
        """Send a reference, which says nothing about a person, to the terminal's clipboard."""
        super().copy_to_clipboard(reference)
        self._clipboard = ""
        self.notify(f"{reference} was sent to the terminal’s clipboard.", markup=False)

    def forget_clipboard(self) -> None:
        """Empty the clipboard inside the program."""
        self._held_text = ""

    # --- keys --------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key works now: while locked only help and leaving do."""
        if self.session is None:
            return action in {"quit", "focus_next", "focus_previous", "say_quit", "help", "keys", "next_theme"}
        if action == "go" and parameters:
            return part_named(str(parameters[0])).is_for(self.session)
        return True

    async def action_go(self, mode: str) -> None:
        """Go to a part of the program."""
        await self.go(mode)

    async def go(self, mode: str) -> None:
        """Show a part of the program as it was left; from what was opened above one's own part, that part."""
        if mode != self.current_mode:
            await self.switch_mode(mode)
        elif len(self.screen_stack) > 1 and isinstance(self.screen, KingshurstScreen) and self.screen.is_beside(mode):
            await self.pop_screen()

    async def action_lock(self) -> None:
        """Lock now."""
        await self.locking.lock("")

    def action_help(self) -> None:
        """Show help for the focused thing."""
        from screens.help import HelpDialog

        if isinstance(self.screen, HelpDialog):
            self.screen.action_cancel()
        else:
            self.push_screen(HelpDialog.for_screen(self.screen))

    def action_keys(self) -> None:
        """Show all the keys that work here."""
        from screens.help import HelpDialog

        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog.for_screen(self.screen, keys_only=True))

    def action_next_theme(self) -> None:
        """Go to the next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_say_quit(self) -> None:
        """Say how to leave, to those whose hand goes to ctrl+c."""
        words = "ctrl+q leaves. y copies the reference of a row; other text is not copied out of this program."
        self.notify(words, markup=False)
