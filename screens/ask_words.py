"""A box that asks for a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.dialog import Dialog
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain

SHORTEST = 3
"""Fewer characters than this say nothing."""
WORDS = "words"
"""What the line is called where a lock holds it."""


class AskWords(Dialog[str | None]):
    """Answers with what was typed, or nothing; what is typed is given only on Enter."""

    def __init__(
        self, heading: str, words: str = "", *, placeholder: str = "In a few words, then Enter", needed: bool = True
    ) -> None:
        super().__init__(heading)
        self._words = words
        self._placeholder = placeholder
        self._needed = needed

    def about(self) -> str:
        """Return the question with the words under it."""
        return f"{super().about()} {self._words}"

    def typed(self) -> Mapping[str, str]:
        """Return the words in the line."""
        line = self.query_one_optional(Input)
        return {WORDS: line.value} if line is not None and line.value else {}

    def body(self) -> ComposeResult:
        """Draw the question and the line."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words")
        yield Input(self.given_back.get(WORDS, ""), placeholder=self._placeholder, max_length=400, compact=True)
        yield Static("", classes="problem")
        yield KeyButton("escape", "Leave everything as it is")

    def on_mount(self) -> None:
        """Keep the place for the problem closed."""
        self.query_one(".problem").display = False

    @on(Input.Submitted)
    def say(self, event: Input.Submitted) -> None:
        """Answer with what was typed."""
        event.stop()
        words = event.value.strip()
        if self._needed and len(words) < SHORTEST:
            problem = self.query_one(".problem", Static)
            problem.update(plain("Say it in a few words, or press Esc."))
            problem.display = True
            return
        self.dismiss(words)
