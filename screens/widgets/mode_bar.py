"""The top line: where one is, the keys to the other parts of the program, and the lock."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.places import Place
from screens.widgets.text import one_line

NAME = " Kingshurst "
LOCK = " ^l Lock "
"""Stands at the right end whatever the width: no layout may hide it."""
TIGHT_LOCK = " ^l Lock"
"""The same where the line is just as long as all that stands in it."""
LOCK_KEY = "ctrl+l"


class ModeBar(Static):
    """Shows the parts of the program with their keys, the current one marked; a click goes there.

    Where there is no room for all names, they are short ones, and at last the other parts show their keys alone.
    """

    def __init__(self, places: Iterable[Place], here: str) -> None:
        super().__init__("")
        self._places = list(places)
        self._here = here
        self._ends: list[tuple[int, str]] = []

    def on_resize(self) -> None:
        """Fit the names to the width."""
        self._draw()

    def _draw(self) -> None:
        width = self.size.width
        titles = [place.title for place in self._places]
        short = [place.short or place.title for place in self._places]
        least = [place.least or said for place, said in zip(self._places, short, strict=True)]
        keys = [place.title if place.mode == self._here else "" for place in self._places]
        name, words, lock = " ", list(map(self._words, self._places, keys)), LOCK
        for start, chosen, end, at_the_end in (
            (NAME, titles, " ", LOCK),
            ("", titles, " ", LOCK),
            ("", short, " ", LOCK),
            ("", short, "", LOCK),
            ("", least, "", TIGHT_LOCK),
        ):
            fitted = [
                f"{self._words(place, said).rstrip()}{end}" for place, said in zip(self._places, chosen, strict=True)
            ]
            if len(start) + sum(map(len, fitted)) <= width - len(at_the_end):
                name, words, lock = start, fitted, at_the_end
                break
        parts: list[tuple[str, str]] = [(name, "bold $primary")]
        column = len(name)
        self._ends = [(column, "")]
        for place, said in zip(self._places, words, strict=True):
            parts.append((said, "bold reverse" if place.mode == self._here else "$foreground"))
            column += len(said)
            self._ends.append((column, place.key))
        gap = max(0, width - column - len(lock))
        self._ends += [(column + gap, ""), (column + gap + len(lock), LOCK_KEY)]
        self.update(Content.assemble(*parts, " " * gap, (lock, "bold $accent")))

    def _words(self, place: Place, title: str) -> str:
        mark = "▸" if place.mode == self._here else " "
        return f"{mark}{place.key} {one_line(title)} " if title else f"{mark}{place.key} "

    def on_click(self, event: events.Click) -> None:
        """Go where the click fell, or lock."""
        event.stop()
        key = next((key for end, key in self._ends if event.x < end), "")
        if key:
            self.app.simulate_key(key)
