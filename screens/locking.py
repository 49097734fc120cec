"""Closing the store and emptying the screen, and coming back to the same place."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import KingshurstError, StoreUnavailable
from screens.base import KingshurstScreen
from screens.dialog import Dialog
from screens.program_parts import LOCK, PROGRAM_PARTS
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.session import Session
    from screens.app import KingshurstApp

Draft = Callable[["Session"], None]
Place = tuple[str, ...]

ERASED = "Somebody was erased: whatever was read before is closed. Unlock to go on where you were."


@dataclass(frozen=True, slots=True)
class Left:
    """Where somebody was when the program locked; ids only, no text of a record."""

    user_name: str
    mode: str
    memory: object
    above: tuple[tuple[Callable[[], Screen[Any]], object], ...]
    """What builds each screen above the bottom one, and what it remembered."""


class Locking:
    """Locks and unlocks the program.

    Attributes:
        why: the sentence that the unlock screen shows.
    """

    # Words begun in a box that keeps no draft lie here, in memory alone, until their box opens again for the user who
    # typed them. Nobody else's unlocking keeps them.

    def __init__(self, app: KingshurstApp) -> None:
        self._app = app
        self._left: Left | None = None
        self._held: dict[Place, Mapping[str, str]] = {}
        self._held_for = ""
        self.why = ""
        self._unkept: list[Draft] = []
        self._unkept_of = ""
        self._day: date | None = None
        self._erased = 0

    def is_another_day(self, session: Session) -> bool:
        """Return whether the day has turned since somebody signed in: what stands on a screen may have lapsed."""
        return self._day is not None and session.clock.today() != self._day

    async def look_for_erased(self) -> None:
        """Lock where anybody was erased since somebody signed in: what is held in memory may be of them.

        A timer calls this every few seconds. What cannot be read now is asked the next time.
        """
        app = self._app
        if (session := app.session) is None:
            return
        try:
            erased = await app.work.run(_how_many_erased, session)
        except KingshurstError:
            return
        if session is app.session and erased != self._erased:
            app.call_later(self.lock, ERASED)

    @property
    def unkept_drafts(self) -> int:
        """How many drafts could not be written before the store closed; they wait in memory to be tried again."""
        return len(self._unkept)

    @property
    def left_by(self) -> str:
        """Return the user whose work waits behind the lock, or nothing."""
        return "" if self._left is None else self._left.user_name

    async def lock(self, why: str) -> None:
        """Empty the screen at once, then keep the drafts and close the store."""
        from screens.unlock import UnlockScreen

        app = self._app
        session, app.session = app.session, None
        if session is None:
            return
        self.why = why
        self._left = self._where(session)
        drafts = self._drafts()
        self._hold(session)
        app.workers.cancel_all()
        app.clear_notifications()
        app.clear_selection()
        app.forget_clipboard()
        await app.switch_mode(LOCK)
        for part in PROGRAM_PARTS:
            await app.remove_mode(part.mode)
            app.add_mode(part.mode, part.build)
        self._unkept_of = session.user.name
        self._unkept = await app.work.run(_keep_and_close, session, [*self._unkept, *drafts])
        for screen in app.screen_stack:
            if self._unkept and isinstance(screen, UnlockScreen):
                screen.say_unkept(len(self._unkept))

    async def unlock(self, session: Session) -> None:
        """Go back to where this user was, or to the first part of the program."""
        app = self._app
        app.session = session
        self._day = session.clock.today()
        self._erased = await app.work.run(_how_many_erased, session)
        if self._unkept_of != session.user.name:
            self._unkept.clear()
        await self.keep_again()
        app.activity.touch()
        left, self._left = self._left, None
        self.why = ""
        if self._held_for != session.user.name:
            self._held.clear()
        held = bool(self._held)
        if left is None or left.user_name != session.user.name:
            await app.switch_mode(PROGRAM_PARTS[0].mode)
        else:
            await app.switch_mode(left.mode)
            self._recall(left.memory)
            for build, memory in left.above:
                await app.push_screen(build())
                self._recall(memory)
        await app.remove_mode(LOCK)
        app.add_mode(LOCK, app.MODES[LOCK])
        if held:
            app.notify("What you were typing is kept: it stands in its box when you open that again.", markup=False)

    async def keep_again(self) -> None:
        """Try again to keep what a full disk did not take, for the user whose words they are; a timer calls this."""
        session, unkept = self._app.session, self._unkept
        if session is not None and unkept:
            self._unkept = []
            self._unkept = [*await self._app.work.run(_keep, session, unkept), *self._unkept]

    def give_back(self, place: Place) -> Mapping[str, str]:
        """Return what was being typed in a box when the program locked, once; or nothing."""
        return self._held.pop(place, {})

    def begun_words(self) -> bool:
        """Return whether words stand in an open box that keeps no draft."""
        return any(dialog.typed() for dialog in self._dialogs())

    def watch_signals(self) -> None:
        """Lock before the process is stopped."""
        if hasattr(signal, "SIGTSTP") and not self._app.is_headless:
            # Textual's own handler gives the terminal back and stops the process; continuing draws it again.
            stop = signal.getsignal(signal.SIGTSTP)
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTSTP, self._app.call_later, self._lock_and_stop, stop)

    async def _lock_and_stop(self, stop: Any) -> None:
        # First the lock: a stopped process would hold the key in memory, and the store, for as long as it sleeps.
        await self.lock("The program was stopped, and had locked itself before.")
        if callable(stop):
            stop(signal.SIGTSTP, None)

    def _hold(self, session: Session) -> None:
        if self._held_for != session.user.name:
            self._held.clear()
        self._held_for = session.user.name
        self._held |= {dialog.place: words for dialog in self._dialogs() if (words := dialog.typed())}

    def _dialogs(self) -> list[Dialog[Any]]:
        return [screen for screen in self._open_screens() if isinstance(screen, Dialog)]

    def _screens(self) -> list[KingshurstScreen[Any]]:
        return [screen for screen in self._app.screen_stack if isinstance(screen, KingshurstScreen)]

    def _where(self, session: Session) -> Left:
        screens = self._screens()
        rebuilt = [(build, screen.remember()) for screen in screens[1:] if (build := screen.reopen())]
        memory = screens[0].remember() if screens else None
        return Left(session.user.name, self._app.current_mode, memory, tuple(rebuilt))

    def _drafts(self) -> list[Draft]:
        return [draft for screen in self._open_screens() if (draft := screen.draft()) is not None]

    def _open_screens(self) -> list[WorkingScreen[Any]]:
        stacks = [self._app.get_screen_stack(part.mode) for part in PROGRAM_PARTS if self._is_open(part.mode)]
        return [screen for stack in stacks for screen in stack if isinstance(screen, WorkingScreen)]

    def _is_open(self, mode: str) -> bool:
        try:
            return bool(self._app.get_screen_stack(mode))
        except KeyError:
            return False

    def _recall(self, memory: object) -> None:
        screen = self._app.screen
        if memory is not None and isinstance(screen, KingshurstScreen):
            screen.recall(memory)


def _how_many_erased(session: Session) -> int:
    from kingshurst_tui.oversight import erasing  # later: the unlock screen stands before the store is loaded

    return erasing.how_many(session)


def _keep_and_close(session: Session, drafts: list[Draft]) -> list[Draft]:
    unkept = _keep(session, drafts)
    session.close()
    return unkept


def _keep(session: Session, drafts: list[Draft]) -> list[Draft]:
    """Keep drafts; return those that a full or read-only disk did not take."""
    unkept = []
    for draft in drafts:
        try:
            draft(session)
        except StoreUnavailable:
            unkept.append(draft)
        except KingshurstError:
            continue  # whoever may no longer write it has no draft of it
    return unkept
