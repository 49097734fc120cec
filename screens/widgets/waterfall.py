"""What speaks for a link and what against it, each piece with its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget

from screens.widgets.text import one_line
from screens.widgets.virtual_table import fit

LABEL_WIDTH = 46
FIGURE_WIDTH = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence.

    Attributes:
        words: what was compared and how it compared ("surname: the same").
        weight: in bits; above zero speaks for one person, below zero against.
    """

    words: str
    weight: float


class Waterfall(Widget):
    """Bars to the right of the line speak for, bars to the left against; the last line is the sum."""

    HELP = """Each line is one comparison. Bars to the right speak for one person, bars to the left against.
The figure is the weight in bits: each one more makes one person twice as likely against two."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._pieces: Sequence[Piece] = ()
        self._total: float | None = None

    def show_pieces(self, pieces: Sequence[Piece], total: float) -> None:
        """Show the pieces in the order given, then the whole weight."""
        self._pieces, self._total = pieces, total
        self.styles.height = len(pieces) + 2
        self.refresh(layout=True)

    def render(self) -> VisualType:
        """Draw the bars."""
        return Content("\n".join(self.lines(max(self.size.width, 40))))

    def lines(self, width: int) -> list[str]:
        """Return the picture's lines for that many cells."""
        if self._total is None:
            return []
        label = min(LABEL_WIDTH, width // 2)
        side = max(2, (width - label - FIGURE_WIDTH - 3) // 2)
        most = max((abs(piece.weight) for piece in self._pieces), default=1.0) or 1.0
        head = f"{'':{label}} {'against':<{side}}│{'for':>{side}}"
        lines = [head]
        for piece in self._pieces:
            length = max(1, round(abs(piece.weight) / most * side)) if piece.weight else 0
            bar = "█" * length
            left, right = ("", bar) if piece.weight > 0 else (bar, "")
            lines.append(
                f"{fit(one_line(piece.words), label)} {left:>{side}}│{right:<{side}} {piece.weight:+{FIGURE_WIDTH}.1f}"
            )
        lines.append(f"{'all together':{label}} {'':{side}}│{'':{side}} {self._total:+{FIGURE_WIDTH}.1f}")
        return lines
