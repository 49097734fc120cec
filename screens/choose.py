"""A box to choose one thing from a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.bindings import MOVE, bind
from screens.dialog import Dialog
from screens.widgets.text import one_line, plain


class Choose(Dialog[str | None]):
    """Answers with the value of the line chosen, or nothing; what holds now is marked, nothing is chosen."""

    BINDING_GROUP_TITLE = "Choosing"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("j", "walk(1)", "Down", id="choose-down", tooltip="Move down.", group=MOVE, show=False),
        bind("k", "walk(-1)", "Up", id="choose-up", tooltip="Move up.", group=MOVE, show=False),
    ]

    def __init__(
        self,
        heading: str,
        options: Sequence[tuple[str, str]],
        holds: Sequence[str] = (),
        words: str = "",
        *,
        at: str = "",
    ) -> None:
        """Ask.

        Args:
            heading: the question.
            options: pairs of value and words.
            holds: the values that hold now; they are marked.
            words: a sentence above the list.
            at: the value at which the cursor begins, the first if none.
        """
        super().__init__(heading)
        self._options = tuple(options)
        self._holds = frozenset(holds)
        self._words = words
        self._at = at
        self._marked: int | None = None

    def body(self) -> ComposeResult:
        """Draw the list."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words -muted")
        choices = OptionList(*(Option(self._said(at)) for at in range(len(self._options))), compact=True)
        choices.highlighted = next((at for at, (value, _) in enumerate(self._options) if value == self._at), 0)
        yield choices
        yield Static(plain("Enter chooses, Esc leaves everything as it is."), classes="-muted")

    def _said(self, at: int, *, here: bool = False) -> Content:
        value, words = self._options[at]
        return plain(f"{'▸' if here else ' '} {'✓' if value in self._holds else ' '} {one_line(words)}")

    @on(OptionList.OptionHighlighted)
    def mark(self, event: OptionList.OptionHighlighted) -> None:
        """Mark the line at the cursor by a sign, not by colour alone."""
        event.stop()
        if self._marked is not None:
            event.option_list.replace_option_prompt_at_index(self._marked, self._said(self._marked))
        self._marked = event.option_index
        event.option_list.replace_option_prompt_at_index(self._marked, self._said(self._marked, here=True))

    def action_walk(self, by: int) -> None:
        """Move along the list."""
        choices = self.query_one(OptionList)
        (choices.action_cursor_down if by > 0 else choices.action_cursor_up)()

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        event.stop()
        self.dismiss(self._options[event.option_index][0])
