"""Why a list is empty, and the one next key."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from screens.widgets.text import safe_text


class EmptyState(Static):
    """Says in words why there is nothing to see."""

    def __init__(self, words: str = "", hint: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.say(words, hint)

    def say(self, words: str, hint: str = "") -> None:
        """Show a sentence, and what to do about it."""
        self.update(Content.assemble((safe_text(words), "bold"), "\n" if hint else "", (safe_text(hint), "$muted")))

    def say_no_match(self, typed: str) -> None:
        """Say that nothing matches what was typed."""
        self.say(f"Nothing matches “{typed}”.", "Esc clears what you typed.")
