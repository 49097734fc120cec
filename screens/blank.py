"""A blank screen over everything, at once: nothing is closed, nothing typed is lost, one key brings it back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.bindings import bind
from screens.widgets.text import plain


class BlankScreen(ModalScreen[None]):
    """Covers the screen; b or ctrl+g takes it away. It is no lock: that comes by itself when nobody is there."""

    HELP = "The screen is blank. b or ctrl+g brings back what was there; ctrl+l locks."
    BINDING_GROUP_TITLE = "Blank screen"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("b", "unblank", "Bring it back", id="blank-back", tooltip="Bring back what was on the screen."),
    ]

    def compose(self) -> ComposeResult:
        """Draw nothing but the way back."""
        yield Static(plain("b brings it back"), id="blank-words")

    def on_mount(self) -> None:
        """Take away what floats above the screen."""
        self.app.clear_notifications()

    def action_unblank(self) -> None:
        """Bring back what was on the screen."""
        self.dismiss()
