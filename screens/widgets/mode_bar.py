"""The top line: where one is, the keys to the other parts of the program, and the lock."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.program_parts import ProgramPart
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

    def __init__(self, parts: Iterable[ProgramPart], here: str) -> None:
        super().__init__("")
        self._parts = list(parts)
        self._here = here
        self._ends: list[tuple[int, str]] = []

    def on_resize(self) -> None:
        """Fit the names to the width."""
        self._draw()

    def _draw(self) -> None:
        width = self.size.width
        titles = [part.title for part in self._parts]
        short = [part.short or part.title for part in self._parts]
        least = [part.least or said for part, said in zip(self._parts, short, strict=True)]
        keys = [part.title if part.mode == self._here else "" for part in self._parts]
        name, words, lock = " ", list(map(self._words, self._parts, keys)), LOCK
        for start, chosen, end, at_the_end in (
            (NAME, titles, " ", LOCK),
            ("", titles, " ", LOCK),
            ("", short, " ", LOCK),
            ("", short, "", LOCK),
            ("", least, "", TIGHT_LOCK),
        ):
            fitted = [
                f"{self._words(part, said).rstrip()}{end}" for part, said in zip(self._parts, chosen, strict=True)
            ]
            if len(start) + sum(map(len, fitted)) <= width - len(at_the_end):
                name, words, lock = start, fitted, at_the_end
                break
        parts: list[tuple[str, str]] = [(name, "bold $primary")]
        column = len(name)
        self._ends = [(column, "")]
        for part, said in zip(self._parts, words, strict=True):
            parts.append((said, "bold reverse" if part.mode == self._here else "$foreground"))
            column += len(said)
            self._ends.append((column, part.key))
        gap = max(0, width - column - len(lock))
        self._ends += [(column + gap, ""), (column + gap + len(lock), LOCK_KEY)]
        self.update(Content.assemble(*parts, " " * gap, (lock, "bold $accent")))

    def _words(self, part: ProgramPart, title: str) -> str:
        mark = "▸" if part.mode == self._here else " "
        return f"{mark}{part.key} {one_line(title)} " if title else f"{mark}{part.key} "

    def on_click(self, event: events.Click) -> None:
        """Go where the click fell, or lock."""
        event.stop()
        key = next((key for end, key in self._ends if event.x < end), "")
        if key:
            self.app.simulate_key(key)
