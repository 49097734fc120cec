"""The line above the footer: who acts, as what, for which purpose, on which day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from kingshurst_tui.dates import show_date
from screens.widgets.text import one_line

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


SAID_FOR: Final = 8.0
"""Seconds for which something that happened stands in the line."""


class StatusBar(Static):
    """Says who is signed in, and the countdown before the program locks itself."""

    def __init__(self) -> None:
        super().__init__("")
        self._facts: list[str] = []
        self._countdown: int | None = None
        self._busy = ""
        self._said = ""
        self._until: Timer | None = None

    def show_session(self, session: Session | None, *, as_of: date | None = None) -> None:
        """Show who acts; ``as_of`` where the screen shows another day than today."""
        self._facts = session_facts(session, as_of=as_of)
        self._draw()

    def show_countdown(self, seconds: int | None) -> None:
        """Show how long until the lock, or take it away."""
        if seconds != self._countdown:
            self._countdown = seconds
            self._draw()

    def show_busy(self, doing: str) -> None:
        """Show what is going on, or take it away."""
        if doing != self._busy:
            self._busy = doing
            self._draw()

    def say(self, words: str) -> None:
        """Say what happened, for a moment, in place of who acts; nothing takes it away at once."""
        if self._until is not None:
            self._until.stop()
            self._until = None
        self._said = words
        if words:
            self._until = self.set_timer(SAID_FOR, self._hush)
        self._draw()

    def _hush(self) -> None:
        self._until, self._said = None, ""
        self._draw()

    def _draw(self) -> None:
        self.set_class(bool(self._said) and self._countdown is None, "-said")
        if self._said and self._countdown is None:
            self.update(Content.styled(one_line(self._said), "bold"))
            return
        words = " · ".join(one_line(fact) for fact in ([f"{self._busy} …"] if self._busy else []) + self._facts)
        if self._countdown is None:
            self.update(Content(words))
        else:
            warning = f" Locking in {self._countdown} s: press any key to stay. "
            self.update(Content.assemble((warning, "bold reverse"), f" {words}"))


def session_facts(session: Session | None, *, as_of: date | None = None) -> list[str]:
    """Return what the status line says of a session, most important first."""
    if session is None:
        return ["Nobody is signed in"]
    facts = [f"{session.user.name} ({session.user.stated_role}, {session.user.agency})"]
    if getattr(session, "read_only", False):
        facts.append("READ ONLY: nothing can be saved")
    if session.purpose:
        facts.append(f"for {session.purpose}")
    facts.append(f"as of {show_date(as_of or session.clock.today())}")
    return facts
