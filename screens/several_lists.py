"""A part of the program with several lists, of which one is in view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from screens.base import KingshurstScreen
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.section_bar import Section, SectionBar


class SeveralLists(KingshurstScreen[None]):
    """A part with several lists; it begins with the first.

    Attributes:
        LISTS: one a list; its code is the id of its ``ListAndDetail``.
    """

    LISTS: ClassVar[tuple[Section, ...]]

    def __init__(self) -> None:
        super().__init__()
        self._here = self.LISTS[0].code

    def on_mount(self) -> None:
        """Begin with the first list."""
        for section in self.LISTS[1:]:
            self.query_one(f"#{section.code}").display = False

    def counts(self) -> Mapping[str, int]:
        """Return how much stands in each list, by its code; nothing is said of one that is left out."""
        return {}

    def say(self) -> None:
        """Draw the line of lists, with what stands in each."""
        self.query_one(SectionBar).show(self._here, self.LISTS, self.counts())

    def action_show(self, code: str) -> None:
        """Show one list."""
        self._here = code
        for section in self.LISTS:
            self.query_one(f"#{section.code}").display = section.code == code
        self.query_one(f"#{code}", ListAndDetail).table.focus()
        self.say()
        self.refresh_bindings()

    def remember(self) -> object:
        """Return the list in view."""
        return self._here

    def recall(self, memory: object) -> None:
        """Show that list."""
        if isinstance(memory, str):
            self.action_show(memory)
