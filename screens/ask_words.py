"""A box that asks for a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from screens.dialog import Dialog
from screens.widgets.key_button import KeyButton
from screens.widgets.text import plain

if TYPE_CHECKING:
    from textual.timer import Timer

    from kingshurst_tui.session import Session
    from screens.drafting import Draft

SHORTEST = 3
"""Fewer characters than this say nothing."""
WORDS = "words"
"""What the line is called where a lock holds it."""


class AskWords(Dialog[str | None]):
    """Answers with what was typed, or nothing; what is typed is given only on Enter."""

    def __init__(
        self,
        heading: str,
        words: str = "",
        *,
        placeholder: str = "In a few words, then Enter",
        needed: bool = True,
        given: str = "",
        draft: Draft | None = None,
    ) -> None:
        """Ask.

        Args:
            heading: the question.
            words: a sentence under it.
            placeholder: what stands in the empty line.
            needed: whether nothing is no answer.
            given: what the line begins with.
            draft: where what is typed is kept, so that a lock or a kill loses nothing.
        """
        super().__init__(heading)
        self._given = given
        self._draft = draft
        self._rest: Timer | None = None
        self._words = words
        self._placeholder = placeholder
        self._needed = needed

    def about(self) -> str:
        """Return the question with the words under it."""
        return f"{super().about()} {self._words}"

    def typed(self) -> Mapping[str, str]:
        """Return the words in the line."""
        line = self.query_one_optional(Input)
        return {WORDS: line.value} if self._draft is None and line is not None and line.value else {}

    def draft(self) -> Callable[[Session], None] | None:
        """Keep the words before the store closes."""
        draft, line = self._draft, self.query_one_optional(Input)
        if draft is None or line is None:
            return None
        answers = {WORDS: line.value}
        return lambda session: draft.keep(session, answers)

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """Keep what is typed when the fingers rest."""
        event.stop()
        if self._draft is not None and event.value != self._begun():
            self._rest = self._rest or self.set_timer(self.kingshurst.debounce or 0.01, self._keep)

    def _keep(self) -> None:
        self._rest = None
        line = self.query_one_optional(Input)
        if self._draft is None or line is None or self.kingshurst.session is None:
            return
        # What cannot be kept is tried again with the next letter; it stays in the line.
        self.run_work(self._draft.keep, self.session, {WORDS: line.value}, failed=lambda _: None, group="draft")

    def _begun(self) -> str:
        kept = self._draft.answers.get(WORDS, "") if self._draft is not None else self.given_back.get(WORDS, "")
        return self._given or kept

    def body(self) -> ComposeResult:
        """Draw the question and the line."""
        if self._words:
            yield Static(plain(self._words), classes="dialog-words")
        yield Input(self._begun(), placeholder=self._placeholder, max_length=400, compact=True)
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
