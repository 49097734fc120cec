"""Closing the store and emptying the screen, and coming back to the same place."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kingshurst_tui.errors import KingshurstError
from screens.base import KingshurstScreen
from screens.places import LOCK, PLACES
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.session import Session
    from screens.app import KingshurstApp

Draft = Callable[["Session"], None]


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
        unkept_drafts: how many drafts could not be written before the store closed.
    """

    def __init__(self, app: KingshurstApp) -> None:
        self._app = app
        self._left: Left | None = None
        self.why = ""
        self.unkept_drafts = 0

    @property
    def left_by(self) -> str:
        """Return the user whose work waits behind the lock, or nothing."""
        return "" if self._left is None else self._left.user_name

    async def lock(self, why: str) -> None:
        """Empty the screen at once, then keep the drafts and close the store."""
        app = self._app
        session, app.session = app.session, None
        if session is None:
            return
        self.why = why
        self._left = self._where(session)
        drafts = self._drafts()
        app.workers.cancel_all()
        app.clear_notifications()
        app.clear_selection()
        app.forget_clipboard()
        await app.switch_mode(LOCK)
        for place in PLACES:
            await app.remove_mode(place.mode)
            app.add_mode(place.mode, place.build)
        self.unkept_drafts = await app.work.run(_keep_and_close, session, drafts)

    async def unlock(self, session: Session) -> None:
        """Go back to where this user was, or to the first part of the program."""
        app = self._app
        app.session = session
        app.activity.touch()
        left, self._left = self._left, None
        self.why = ""
        if left is None or left.user_name != session.user.name:
            await app.switch_mode(PLACES[0].mode)
        else:
            await app.switch_mode(left.mode)
            self._recall(left.memory)
            for build, memory in left.above:
                await app.push_screen(build())
                self._recall(memory)
        await app.remove_mode(LOCK)
        app.add_mode(LOCK, app.MODES[LOCK])

    def watch_signals(self) -> None:
        """Lock before the process is stopped."""
        if hasattr(signal, "SIGTSTP") and not self._app.is_headless:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTSTP, self._stopped)

    def _stopped(self) -> None:
        # The terminal is not given back: a stopped program would hold the key in memory for as long as it sleeps.
        self._app.call_later(self.lock, "The program was asked to stop, and locked itself instead.")

    def _screens(self) -> list[KingshurstScreen[Any]]:
        return [screen for screen in self._app.screen_stack if isinstance(screen, KingshurstScreen)]

    def _where(self, session: Session) -> Left:
        screens = self._screens()
        rebuilt = [(build, screen.remember()) for screen in screens[1:] if (build := screen.reopen())]
        memory = screens[0].remember() if screens else None
        return Left(session.user.name, self._app.current_mode, memory, tuple(rebuilt))

    def _drafts(self) -> list[Draft]:
        stacks = [self._app.get_screen_stack(place.mode) for place in PLACES if self._is_open(place.mode)]
        screens = [screen for stack in stacks for screen in stack if isinstance(screen, WorkingScreen)]
        return [draft for screen in screens if (draft := screen.draft()) is not None]

    def _is_open(self, mode: str) -> bool:
        try:
            return bool(self._app.get_screen_stack(mode))
        except KeyError:
            return False

    def _recall(self, memory: object) -> None:
        screen = self._app.screen
        if memory is not None and isinstance(screen, KingshurstScreen):
            screen.recall(memory)


def _keep_and_close(session: Session, drafts: list[Draft]) -> int:
    unkept = 0
    for draft in drafts:
        try:
            draft(session)
        except KingshurstError:
            unkept += 1
    session.close()
    return unkept
