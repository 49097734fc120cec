"""The top line: where one is, and the keys to the other parts of the program."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.places import Place
from screens.widgets.text import one_line


class ModeBar(Static):
    """Shows the parts of the program with their keys, the current one marked; a click goes there."""

    def __init__(self, places: Iterable[Place], here: str) -> None:
        self._places = list(places)
        self._here = here
        self._ends: list[tuple[int, str]] = []
        super().__init__(self._line())

    def _line(self) -> Content:
        parts: list[tuple[str, str]] = [(" Kingshurst ", "bold $primary")]
        column = len(" Kingshurst ")
        self._ends = [(column, "")]
        for place in self._places:
            here = place.mode == self._here
            words = f"{'▸' if here else ' '}{place.key} {one_line(place.title)} "
            parts.append((words, "bold reverse" if here else "$foreground"))
            column += len(words)
            self._ends.append((column, place.key))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Go where the click fell."""
        event.stop()
        key = next((key for end, key in self._ends if event.x < end), "")
        if key:
            self.app.simulate_key(key)
