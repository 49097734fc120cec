"""A yes or a no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from screens.bindings import bind
from screens.dialog import Dialog
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain


class Confirm(Dialog[bool]):
    """Asks before something that cannot simply be undone; Enter and Esc are the safe answer."""

    BINDING_GROUP_TITLE = "Yes or no"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("y", "answer(True)", "Yes", id="confirm-yes", tooltip="Do it."),
        bind("n,enter,escape", "answer(False)", "No", id="confirm-no", tooltip="Do not do it."),
    ]

    def __init__(self, question: str, consequence: str = "", yes: str = "Yes", no: str = "No") -> None:
        super().__init__(question)
        self._consequence = consequence
        self._yes = yes
        self._no = no

    def body(self) -> ComposeResult:
        """Say what would happen, and the two keys."""
        if self._consequence:
            yield Static(plain(self._consequence), classes="dialog-words")
        with Horizontal(classes="dialog-keys"):
            yield KeyButton("y", self._yes)
            yield KeyButton("n", self._no)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
