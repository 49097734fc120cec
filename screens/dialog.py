"""A box over the screen below, for one question."""

from __future__ import annotations

from collections.abc import Mapping
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
    """A typed question: subclasses write :meth:`body` and dismiss with an answer; Esc answers nothing.

    Attributes:
        place: the question, and the screen below it.
        given_back: what :meth:`typed` had returned here before a lock; for :meth:`body` to begin with.
    """

    HELP = "Answer the question in the box, or press Esc: it closes and everything stays as it is."
    BINDING_GROUP_TITLE = "Every dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "cancel", "Cancel", id="dialog-cancel", tooltip="Close the box; nothing is done."),
    ]

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = heading
        self.place: tuple[str, ...] = ()
        self.given_back: Mapping[str, str] = {}

    def about(self) -> str:
        """Return the question."""
        return f"{type(self).__name__} {self._heading}"

    def typed(self) -> Mapping[str, str]:
        """Return what was typed here and no draft keeps; a lock holds it, and the same user gets it back."""
        return {}

    def compose(self) -> ComposeResult:
        """Draw the box, with what a lock took away from the same question in the same place."""
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack[1:] else stack[-1]
        self.place = (below.about() if isinstance(below, WorkingScreen) else "", self.about())
        self.given_back = self.kingshurst.locking.give_back(self.place)
        with VerticalScroll(classes="dialog-box", can_focus=False) as box:
            box.border_title = title(self._heading)
            yield from self.body()

    def body(self) -> ComposeResult:
        """Draw what is inside the box."""
        yield from ()

    def action_cancel(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
