"""A key written on the screen that can also be clicked."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.bindings import key_name
from screens.widgets.text import one_line


class KeyButton(Static):
    """Shows a key and what it does; a click presses the key."""

    def __init__(self, key: str, words: str, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        self.key = key
        super().__init__(
            Content.assemble((f" {key_name(key)} ", "$accent bold"), (f"{one_line(words)} ", "$foreground")),
            id=id,
        )

    def on_click(self, event: events.Click) -> None:
        """Press the key."""
        event.stop()
        self.app.simulate_key(self.key)
