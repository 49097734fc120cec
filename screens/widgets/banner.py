"""The line that says the people are invented."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

DEMO_WORDS = "Invented people: this is a demonstration."


class Banner(Static):
    """Stands on every screen of a demonstration store."""

    def __init__(self) -> None:
        super().__init__(Content(DEMO_WORDS))
