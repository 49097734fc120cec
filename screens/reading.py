"""A box to read something in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from screens.bindings import MOVE, bind
from screens.dialog import Dialog
from screens.widgets.facts import Fact, Facts
from screens.widgets.key_button import KeyButton


class Reading(Dialog[None]):
    """Shows facts in full; arrow keys scroll, Esc or Enter closes."""

    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "cancel", "Close", id="reading-close", tooltip="Close the box."),
        bind("down,j", "roll(1)", "Down", id="reading-down", tooltip="Scroll down.", group=MOVE, show=False),
        bind("up,k", "roll(-1)", "Up", id="reading-up", tooltip="Scroll up.", group=MOVE, show=False),
        bind("pagedown,space", "roll(10)", "On", id="reading-on", tooltip="A page on.", group=MOVE, show=False),
        bind("pageup", "roll(-10)", "Back", id="reading-back", tooltip="A page back.", group=MOVE, show=False),
    ]

    def __init__(self, heading: str, facts: Iterable[Fact]) -> None:
        super().__init__(heading)
        self._facts = tuple(facts)

    def body(self) -> ComposeResult:
        """Draw the facts."""
        yield Facts(self._facts)
        yield KeyButton("escape", "Close")

    def on_mount(self) -> None:
        """Say the keys where no length of the text hides them."""
        self.query_one(".dialog-box", VerticalScroll).border_subtitle = self.keys_in_sight()

    def keys_in_sight(self) -> str:
        """Return the keys that are said on the edge of the box."""
        return "↑ ↓ scroll · Esc Close"

    def action_roll(self, by: int) -> None:
        """Scroll the box."""
        self.query_one(".dialog-box", VerticalScroll).scroll_relative(y=by, animate=False)
