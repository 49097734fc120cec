"""What every full screen shares: top line, banner, status line, footer, and going back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer

from screens.bindings import MOVE, bind
from screens.program_parts import PROGRAM_PARTS
from screens.widgets.banner import Banner
from screens.widgets.mode_bar import ModeBar
from screens.widgets.status_bar import StatusBar
from screens.working import WorkingScreen

if TYPE_CHECKING:
    from textual.screen import Screen


Result = TypeVar("Result")


class KingshurstScreen(WorkingScreen[Result]):
    """A full screen. Subclasses write :meth:`body` and name their ``MODE``.

    80 x 24 holds one top line, the banner of a demonstration, the body, one status line and the footer. The
    classes ``-narrow``, ``-normal`` and ``-wide`` (from 0, 80 and 120 columns) and ``-short`` and ``-tall`` (from 0
    and 30 lines) are on the screen for its stylesheet to go by.
    """

    MODE: ClassVar[str] = ""
    """The part of the program it belongs to, marked in the top line."""
    BINDING_GROUP_TITLE = "Every screen"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "escape",
            "back",
            "Back",
            id="back",
            tooltip="Go back one level; what was typed is kept as a draft.",
            group=MOVE,
            show=False,
        ),
        bind("ctrl+r,f5", "reload", "Refresh", id="refresh", tooltip="Ask the store again.", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Draw what every screen has around the body."""
        places = (part for part in PROGRAM_PARTS if part.is_for(self.kingshurst.session))
        yield ModeBar(places, self.MODE or self.app.current_mode)
        if self.kingshurst.demo:
            yield Banner()
        yield from self.body()
        yield StatusBar()
        yield Footer(show_command_palette=False, compact=True)

    def is_beside(self, mode: str) -> bool:
        """Say whether this belongs to another part than the one it was opened in; the part's key then leads back."""
        return bool(self.MODE) and mode != self.MODE

    def body(self) -> ComposeResult:
        """Draw what is this screen's own."""
        yield from ()

    def on_mount(self) -> None:
        """Say who acts, and ask for what the screen shows."""
        self.query_one(StatusBar).show_session(self.kingshurst.session)
        self.reload()

    def reload(self) -> None:
        """Ask the store for what this screen shows; the default asks for nothing."""

    def action_reload(self) -> None:
        """Ask the store again."""
        self.reload()

    def action_back(self) -> None:
        """Go back one level; the bottom screen of a part stays."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()

    def show_busy(self, doing: str) -> None:
        """Say in the status line what is going on."""
        self.query_one(StatusBar).show_busy(doing)

    def rest(self) -> float | None:
        """Return the seconds of rest after which the program locks while this is shown; None as everywhere."""
        return None

    # What the lock needs to know. Nothing here may hold text of a record.

    def about(self) -> str:
        """Return which screen this is and what one stands on."""
        # A box may open over a screen that is not drawn yet: on it one stands on nothing.
        return f"{type(self).__name__} {self.remember() if self.is_mounted else None!r}"

    def unsaved(self) -> str:
        """Return what somebody would want to know before quitting, in a sentence; or nothing."""
        return ""

    def reopen(self) -> Callable[[], Screen[Any]] | None:
        """Return what builds this screen again after a lock, by ids only; or nothing to leave it closed."""
        return None

    def remember(self) -> object:
        """Return where one was (the id at the cursor), for :meth:`recall` on the screen built again."""
        return None

    def recall(self, memory: object) -> None:
        """Go back to where one was."""
