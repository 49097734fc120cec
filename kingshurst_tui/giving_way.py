"""Work in pieces that makes room: as long as whoever comes in the middle can bear, shorter where somebody did."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.turnstile import Turn

BEARABLE = 0.014
"""Seconds of work in one piece while nobody waits: who comes just after it began waits that long, and for the disk."""

PATIENCE = 0.010
"""The same where somebody waited for one, or lately. A shorter one costs an import more than it saves anybody: each
transaction changes, encrypts and syncs pages that the next one changes again."""

REMEMBERED = 50
"""Pieces for which somebody who waited is remembered: whoever writes once writes again soon."""

NICENESS = 10
"""How much less of a processor than others a large work asks for: halfway to what runs only where nothing else does.
Beside seven acts a second on two cores, 99 of 100 took 30 ms for 39 (benchmarks/fairness.py)."""


def give_way_at_the_processor() -> None:
    """Have this process, and what it starts, come after people at their terminals. Systems without niceness do not."""
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))


@dataclass
class GivingWay:
    """How much the next piece takes on, by how long the one before took for as much.

    Attributes:
        most: in one piece, whatever time it takes.
        fewest: in one piece whoever waits, so that the work comes to an end.
        first: in the first piece, of which nobody knows yet how long it takes; ``most`` where it is 0.
        seconds: of work in one piece, where it ends by itself as soon as somebody waits; else 0, and a piece is as long
            as is bearable.
    """

    most: int
    fewest: int = 4
    first: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.size = self.first or self.most
        self._since_waited = REMEMBERED

    def after(self, turn: Turn, done: int) -> None:
        """Look back at the piece that just ended: how much work its turn was, and whether anybody waited."""
        self._since_waited = 0 if turn.kept_waiting else self._since_waited + 1
        if 2 * done < self.size:
            return  # what was left at the end of something tells little of a whole piece
        seconds = self.seconds or (PATIENCE if self._since_waited < REMEMBERED else BEARABLE)
        # At most twice as much: a piece of a few tells little of one of many.
        fitting = min(int(done * seconds / max(turn.worked, 0.0001)), 2 * done)
        self.size = max(self.fewest, min(self.most, fitting))
