"""A box over the screen below, for one question."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from screens.bindings import bind
from screens.widgets.text import title
from screens.working import WorkingScreen

Result = TypeVar("Result")


class Dialog(WorkingScreen[Result], ModalScreen[Result]):
    """A typed question: subclasses write :meth:`body` and dismiss with an answer; Esc answers nothing."""

    HELP = "Answer the question in the box, or press Esc: it closes and everything stays as it is."
    BINDING_GROUP_TITLE = "Every dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "cancel", "Cancel", id="dialog-cancel", tooltip="Close the box; nothing is done."),
    ]

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = heading

    def compose(self) -> ComposeResult:
        """Draw the box."""
        with VerticalScroll(classes="dialog-box", can_focus=False) as box:
            box.border_title = title(self._heading)
            yield from self.body()

    def body(self) -> ComposeResult:
        """Draw what is inside the box."""
        yield from ()

    def action_cancel(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
