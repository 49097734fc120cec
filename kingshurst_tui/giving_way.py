"""Work in pieces that makes room: large while nobody waits for a turn at writing, small where somebody did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.turnstile import Turn

PATIENCE = 0.01
"""Seconds that one piece may take where somebody waited for it; two of them are what a colleague waits for at worst."""

REMEMBERED = 50
"""Pieces for which somebody who waited is remembered: whoever writes once writes again soon."""


@dataclass
class GivingWay:
    """How much the next piece takes on.

    Attributes:
        most: in one piece while nobody waits; its time should still be bearable for who comes in its middle.
        fewest: in one piece whoever waits, so that the work comes to an end.
    """

    most: int
    fewest: int = 4

    def __post_init__(self) -> None:
        self.size = self.most
        self._since_waited = REMEMBERED

    def after(self, turn: Turn, done: int) -> None:
        """Look back at the piece that just ended: how long its turn was, and whether anybody waited."""
        self._since_waited = 0 if turn.kept_waiting else self._since_waited + 1
        self.size = self.most
        if self._since_waited < REMEMBERED:
            self.size = max(self.fewest, min(self.most, int(done * PATIENCE / max(turn.seconds, 0.001))))
