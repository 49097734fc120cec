"""A document as plain records, drawn alike as a page, a PDF, a DOCX or plain text, for one named person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

from kingshurst_tui.clock import plain_date
from kingshurst_tui.interval_bars import along, ratio_bar, share_bar
from kingshurst_tui.leaving.maps import Map
from kingshurst_tui.terminal_text import safe_text

if TYPE_CHECKING:
    from kingshurst_tui.leaving.gate import Recipient


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph, or several where it has line breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Named facts, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Points, one a line."""

    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """One figure with its interval; no figure where it is hidden or cannot be told."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    words: str

    def along(self, scale: str) -> tuple[float, float, float] | None:
        """Return where the low end, the figure and the high end lie on a line from 0 to 1, or None.

        In hundredths, as the words say them: a picture can be measured, and tells no more than what is written.
        """
        if self.value is None or self.low is None or self.high is None:
            return None
        low, value, high = (round(each, 2) for each in (self.low, self.value, self.high))
        if scale == "ratio":
            return along(low), along(value), along(high)
        return min(max(low, 0.0), 1.0), min(max(value, 0.0), 1.0), min(max(high, 0.0), 1.0)

    def bar(self, scale: str) -> str:
        """Return the same in letters."""
        if scale == "ratio":
            return ratio_bar(self.value, self.low, self.high)
        if self.value is None or self.low is None or self.high is None:
            return ""
        return share_bar(self.value, self.low, self.high)


ENDS = {"ratio": ("a quarter as many", "as many", "four times as many"), "share": ("none", "half", "all")}
"""Of each scale what the left end, the middle and the right end of its line mean."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Figures drawn one under another on the same line, the words of each beside it.

    Attributes:
        scale: "ratio" (from a quarter over as many to four times) or "share" (from none to all).
    """

    rows: tuple[Interval, ...]
    scale: str = "ratio"

    @property
    def ends(self) -> tuple[str, ...]:
        """Return what the left end, the middle and the right end of the line mean; nothing where no line is drawn."""
        return ENDS[self.scale] if any(row.along(self.scale) for row in self.rows) else ()


Block: TypeAlias = Words | Facts | Listed | Grid | Intervals | Map


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What one person is handed.

    Attributes:
        lines: what stands under the title (when, where, what it is).
    """

    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]

    def mark_line(self, recipient: Recipient) -> str:
        """Return what stands on every page: whose copy it is, under which mark, until when."""
        if not recipient.agency:
            return plain(f"Copy {recipient.mark}")  # the person's own: theirs to keep, and no name for who finds it
        until = f" Keep until {plain_date(recipient.keep_until)}, then destroy it." if recipient.keep_until else ""
        return plain(f"Copy {recipient.mark} for {recipient.name} ({recipient.agency}).{until}")


def plain(text: object) -> str:
    """Return text that every form can draw: no control characters, nothing that hides or reorders."""
    return safe_text(text)


def paragraphs(text: object) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [line.strip() for line in plain(text).split("\n") if line.strip()]


def facts(rows: Iterable[tuple[str, str]]) -> Facts:
    """Return those named facts that say something."""
    return Facts(tuple((name, words) for name, words in rows if words.strip()))


def draw(form: str, document: Document, recipient: Recipient) -> bytes:
    """Return a document in one of FORMS, for one person.

    Args:
        form: "html", "pdf", "docx" or "txt".
        document: what it says.
        recipient: whose copy it is, with its mark.
    """
    module = import_module(_DRAWN_BY[form])
    return cast(Callable[[Document, "Recipient"], bytes], module.drawn)(document, recipient)


_DRAWN_BY = {
    "html": "kingshurst_tui.leaving.html_pages",
    "pdf": "kingshurst_tui.leaving.pdf_pages",
    "docx": "kingshurst_tui.leaving.docx_pages",
    "txt": "kingshurst_tui.leaving.text_pages",
}
FORMS = tuple(_DRAWN_BY)
"""The forms in which a document leaves; what draws each is loaded when it is asked for."""
