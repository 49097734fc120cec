"""Leaving when the terminal has gone: the store closes and the process ends, though nothing can be drawn any more."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Final

from kingshurst_tui.errors import ExitCode

if TYPE_CHECKING:
    from screens.app import KingshurstApp

GRACE: Final = 5.0
"""Seconds for keeping drafts and closing the store in order; after them the process ends as it is. What was being
written to the store then is undone when it is opened again, as after a power cut."""


class HangingUp:
    """Watches for the end of the terminal, by its signal and by the terminal itself.

    Attributes:
        begun: whether the terminal has gone and the program is leaving.
    """

    def __init__(self, app: KingshurstApp) -> None:
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._once = threading.Lock()
        self.begun = False

    def watch(self) -> None:
        """Begin to watch; call on the interface's thread."""
        self._loop = asyncio.get_running_loop()
        if hasattr(signal, "SIGHUP"):
            # Not the loop's own handler: that one never runs while the loop waits to write to a dead terminal.
            signal.signal(signal.SIGHUP, self._signalled)
        if hasattr(select, "poll"):
            threading.Thread(target=self._wait_for_the_end, name="kingshurst-terminal", daemon=True).start()

    def is_gone(self) -> bool:
        """Return whether the terminal has gone; where it has, the program begins to leave."""
        if not self.begun and _hung_up(0):
            self._leave()
        return self.begun

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._leave()

    def _wait_for_the_end(self) -> None:
        if _hung_up(None):
            self._leave()

    def _leave(self) -> None:
        if not self._once.acquire(blocking=False):
            return
        self.begun = True
        threading.Thread(target=self._see_it_through, name="kingshurst-leaving", daemon=True).start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._app.call_later, self._app.leave, ExitCode.LOCKED)

    def _see_it_through(self) -> None:
        waiting = threading.Event()
        for _ in range(int(GRACE / 0.05)):
            self._throw_away_drawing()
            waiting.wait(0.05)
        os._exit(ExitCode.LOCKED)

    def _throw_away_drawing(self) -> None:
        # Textual hands drawing to a thread through a queue of 30. That thread dies with the terminal, and whoever
        # puts into the full queue then waits for ever: the interface, or Textual's own leaving.
        writer = getattr(self._app._driver, "_writer_thread", None)
        if writer is None or writer.is_alive():
            return
        try:
            while True:
                writer._queue.get_nowait()
        except queue.Empty:
            pass


def _hung_up(timeout: int | None) -> bool:
    """Return whether the terminal has hung up, after waiting that many milliseconds for it or without end."""
    try:
        descriptor = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        if not hasattr(select, "poll") or (timeout is None and not os.isatty(descriptor)):
            return False
        watched = select.poll()
        watched.register(descriptor, 0)
        return any(event & select.POLLHUP for _, event in watched.poll(timeout))
    except (OSError, ValueError):
        return False
