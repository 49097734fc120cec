"""What happens when something fails: it is told in words, its detail is sealed, and a crash ends in order."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.text import Text

from kingshurst_tui.crashes import keep, new_reference, reference_of, where
from kingshurst_tui.errors import StoreLocked
from screens.faults import explain, logger

if TYPE_CHECKING:
    import asyncio

    from screens.app import KingshurstApp

PATIENCE_AFTER_A_CRASH = 5.0
"""Seconds for sealing the detail of a fault and closing the store; what was under way is undone on opening."""


class Failing:
    """What the program does about errors.

    Args:
        app: the program; what it told stands in its ``faults``.
    """

    def __init__(self, app: KingshurstApp) -> None:
        self._app = app
        self._crash: BaseException | None = None

    def note_crash(self, error: BaseException) -> None:
        """Keep the first error that ends the program, for sealing once the terminal has been given back."""
        self._crash = self._crash or error

    def show(self, error: BaseException) -> None:
        """Tell about an error in words: the one place that turns an exception into something on the screen."""
        app, fault = self._app, explain(error)
        app.faults.append(fault)
        app.held_keys.forget()  # what was typed for something that failed goes nowhere else
        if not fault.expected:
            self._keep_detail(error)
        if isinstance(error, StoreLocked) and app.session is not None:
            # Whoever was suspended meanwhile, or whose store was taken over, is not left before a record.
            app.call_later(app.locking.lock, f"{fault.title} {fault.unchanged} {fault.hint}")
            return
        from screens.error_dialog import ErrorDialog

        app.push_screen(ErrorDialog(fault))

    def stray(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take an error that nobody waited for: the loop's own handler would write it to the terminal."""
        error = context.get("exception")
        if isinstance(error, Exception):
            fault = explain(error)
            self._app.faults.append(fault)
            if not fault.expected:
                self._keep_detail(error)

    def _keep_detail(self, error: BaseException) -> None:
        """Seal into the store what an unforeseen error left, on the store's thread; nobody waits for it."""
        if self._app.session is not None:
            self._app.work.hand_over(partial(keep, self._app.session, error))

    def seal_and_close(self) -> None:
        """Seal what a crash left into the store and close it; the terminal has been given back by now."""
        error, session, self._app.session = self._crash, self._app.session, None
        if error is None or session is None:
            return

        def keep_and_close() -> None:
            keep(session, error)
            session.close()

        done = self._app.work.hand_over(keep_and_close)
        with suppress(Exception):
            if done is not None:
                done.result(PATIENCE_AFTER_A_CRASH)


def last_words(error: BaseException | None) -> Text:
    """Return what a program that stops because of a fault says: nothing of the record, and how to report it."""
    reference = new_reference() if error is None else reference_of(error)
    place = "an unknown place" if error is None else where(error)
    logger.critical("%s: stopped by %s at %s", reference, type(error).__name__, place)
    return Text(
        "Kingshurst stopped because of a fault in the program.\n"
        "What was signed or confirmed is kept; what was being typed is kept up to the last draft.\n"
        f"Start it again to go on. To report the fault, give this reference: {reference} ({place})\n"
    )
