"""The line that narrows a list while one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from screens.bindings import MOVE, bind

if TYPE_CHECKING:
    from screens.app import KingshurstApp


class FilterInput(Input):
    """Posts what was typed once the fingers rest; Enter and Down go to the list, Esc clears, then leaves."""

    HELP = "Type to narrow the list. Enter or Down goes to the list, Esc clears what was typed."
    BINDING_GROUP_TITLE = "Filters"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down,enter", "to_list", "To the list", id="filter-to-list", tooltip="Go to the list.", group=MOVE),
        bind("escape", "clear", "Clear", id="filter-clear", tooltip="Clear what was typed, or go back to the list."),
    ]

    @dataclass
    class Settled(Message):
        """Typing came to rest."""

        filter_input: FilterInput
        text: str

        @property
        def control(self) -> FilterInput:
            """The line."""
            return self.filter_input

    @dataclass
    class Left(Message):
        """Somebody wants to go on to the list."""

        filter_input: FilterInput

        @property
        def control(self) -> FilterInput:
            """The line."""
            return self.filter_input

    def __init__(self, placeholder: str, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(placeholder=placeholder, id=id, compact=True, max_length=120, select_on_focus=False)
        self._rest: Timer | None = None
        self._settled = ""

    def begin_with(self, text: str) -> None:
        """Show by what the list is narrowed already; nothing is posted before that is changed."""
        with self.prevent(Input.Changed):
            self.value = text
        self._settled = text.strip()

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Wait for the fingers to rest."""
        event.stop()
        if self._rest is not None:
            self._rest.stop()
        quiet = cast("KingshurstApp", self.app).debounce
        if quiet:
            self._rest = self.set_timer(quiet, self._settle)
        else:
            self._settle()

    def _settle(self) -> None:
        text = self.value.strip()
        if text != self._settled:
            self._settled = text
            self.post_message(self.Settled(self, text))

    def action_to_list(self) -> None:
        """Go to the list with what was typed so far."""
        self._settle()
        self.post_message(self.Left(self))

    def action_clear(self) -> None:
        """Clear what was typed; where nothing was, go back to the list."""
        if self.value:
            self.value = ""
            self._settle()
        else:
            self.post_message(self.Left(self))
