"""Facts one under another: a label, and what is known."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from screens.widgets.text import safe_text

Fact = tuple[str, object]
"""A label and what stands beside it; an empty label continues the line above, an empty value makes a heading."""

LABEL_WIDTH = 18
NARROW = 50
"""Where there are fewer cells, a label stands over its words, not beside them."""


class Facts(Static):
    """Labels on the left, words on the right; what is long wraps under itself."""

    def __init__(self, facts: Iterable[Fact] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, classes=classes)
        self.facts: tuple[Fact, ...] = tuple(facts)

    def on_mount(self) -> None:
        """Draw what was given."""
        self._draw()

    def show(self, facts: Iterable[Fact]) -> None:
        """Show these facts instead."""
        self.facts = tuple(facts)
        self._draw()

    def on_resize(self) -> None:
        """Fit the words to the width."""
        self._draw()

    def _draw(self) -> None:
        whole = self.size.width or 76
        over = whole < NARROW
        width = max(20, whole - 1 if over else whole - LABEL_WIDTH)
        lines: list[Content] = []
        for label, value in self.facts:
            words = safe_text("" if value is None else value)
            if not words:
                lines.append(Content.styled(safe_text(label), "bold $primary"))
                continue
            if over:
                lines += [Content.styled(safe_text(label), "$muted")] if label else []
                lines += [Content.assemble(" ", line) for line in _wrapped(words, width)]
                continue
            for number, line in enumerate(_wrapped(words, width)):
                head = safe_text(label) if number == 0 else ""
                lines.append(Content.assemble((f"{head:<{LABEL_WIDTH - 1}} ", "$muted"), line))
        self.update(Content("\n").join(lines))


def _wrapped(words: str, width: int) -> list[Content]:
    found: list[Content] = []
    for paragraph in words.split("\n"):
        found += Content(paragraph).wrap(width) if paragraph else [Content("")]
    return found
