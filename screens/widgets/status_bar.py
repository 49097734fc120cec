"""The line above the footer: who acts, as what, for which purpose, on which day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from kingshurst_tui.dates import show_date
from screens.widgets.text import one_line

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


class StatusBar(Static):
    """Says who is signed in, and the countdown before the program locks itself."""

    def __init__(self) -> None:
        super().__init__("")
        self._facts: list[str] = []
        self._countdown: int | None = None
        self._busy = ""

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

    def _draw(self) -> None:
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
