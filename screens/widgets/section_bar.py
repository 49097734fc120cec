"""The parts of a record, each with its key; the one in view is marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.widgets.text import one_line


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a record: the key that shows it, and its name."""

    key: str
    code: str
    title: str


class SectionBar(Static):
    """Shows keys and names of sections; where there is no room, only the keys of those out of view."""

    def __init__(self, sections: Sequence[Section], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sections = tuple(sections)
        self._counts: Mapping[str, int] = {}
        self._here = sections[0].code
        self._ends: list[tuple[int, str]] = []

    def show(self, here: str, sections: Sequence[Section], counts: Mapping[str, int]) -> None:
        """Mark the section in view; ``counts`` stand behind the names."""
        self._here, self._sections, self._counts = here, tuple(sections), counts
        self._draw()

    def on_resize(self) -> None:
        """Fit the names to the width."""
        self._draw()

    def _draw(self) -> None:
        width = self.size.width or 80
        words = [self._words(section, full=True) for section in self._sections]
        if sum(map(len, words)) > width:
            words = [self._words(section, full=section.code == self._here) for section in self._sections]
        parts, column, self._ends = [], 0, []
        for section, said in zip(self._sections, words, strict=True):
            here = section.code == self._here
            parts.append((one_line(said), "bold reverse" if here else "$foreground"))
            column += len(said)
            self._ends.append((column, section.key))
        self.update(Content.assemble(*parts))

    def _words(self, section: Section, *, full: bool) -> str:
        mark = "▸" if section.code == self._here else " "
        count = self._counts.get(section.code)
        number = f" {count}" if count else ""
        return f"{mark}{section.key} {section.title}{number} " if full else f"{mark}{section.key} "

    def on_click(self, event: events.Click) -> None:
        """Show the section where the click fell."""
        event.stop()
        key = next((key for end, key in self._ends if event.x < end), "")
        if key:
            self.app.simulate_key(key)
