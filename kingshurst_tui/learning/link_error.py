"""How wrong the links may be, as chances to draw from: what figures about people across agencies carry with them.

Three errors. Pairs of records that wait for people: each may be one person. Pairs of one person that nobody proposes.
And links that are wrong. How often each happens is taken from the pairs that people here decided about, on top of what
was measured on invented towns, which counts for little: a partnership's own records are not an invented town's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.overlap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from db.overlap import JudgedPair, WaitingPair
    from kingshurst_tui.acts import Act

AGAINST, FAINT, MIDDLING, STRONG = "says two people", "under 4 bits", "4 to 8 bits", "8 bits or more"
"""Kinds of waiting pairs: a guard says "two people"; or by weight."""

_MEASURED_PAIRS = {AGAINST: (103, 125), FAINT: (13, 19), MIDDLING: (144, 147), STRONG: (426, 429)}
"""Of waiting pairs of profiles in three invented towns of 2,000, 2,000 and 8,000 (seeds 11, 12 and 13; model town-1),
how many were one person."""
_WEIGHS_PAIRS = 20
"""As how many pairs, of each kind, that measurement counts at most."""

_FALSE = (2, 15_930)
"""Wrong among clear links in a town of 20,000 used for no training (docs/linkage.md)."""
_MISSED = (168, 16_633)
"""Of pairs of records of one person, those neither linked nor waiting, in the same three towns."""
_WEIGHS_RATES = 200
"""As how many pairs either of these counts at most."""

_HALF = 0.5
"""Added to either side: an error that was never seen is not impossible (Jeffreys' prior)."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A rate that is not known exactly, as a Beta distribution over what it may be."""

    yes: float
    no: float

    @property
    def mean(self) -> float:
        """The rate to be expected."""
        return self.yes / (self.yes + self.no)


@dataclass(frozen=True, slots=True)
class LinkError:
    """What may be wrong with the links.

    Attributes:
        pairs: two profiles each that wait for people.
        kinds: of each pair, its kind.
        one_person: of each kind, the chance that it is one person.
        false: the chance that a link between two agencies' records is wrong.
        missed: the chance that one person's records were neither linked nor proposed.
        judged: how many pairs people here have decided about.
    """

    pairs: tuple[tuple[int, int], ...]
    kinds: tuple[str, ...]
    one_person: Mapping[str, Chance]
    false: Chance
    missed: Chance
    judged: int

    @property
    def words(self) -> str:
        """What the intervals rest on, in a sentence."""
        measured = "what was measured on invented towns, counted as few pairs"
        own = f"the {self.judged:,} pairs that people here decided about, and " if self.judged >= _FEWEST_SAID else ""
        return (
            f"The linkage's own error is in every interval: {_many(len(self.pairs))} pairs of profiles wait for people "
            f"and each may be one person; one person's records may not have been proposed at all; a link may be wrong. "
            f"How often is drawn anew {{draws}} times from {own}{measured}."
        )

    def drawn(self, dice: np.random.Generator) -> NDArray[np.bool_]:
        """Return which of the pairs are one person this time."""
        import numpy as np

        kinds = tuple(self.one_person)
        rates = np.array([dice.beta(self.one_person[kind].yes, self.one_person[kind].no) for kind in kinds])
        place = {kind: at for at, kind in enumerate(kinds)}
        of = np.array([place[kind] for kind in self.kinds], np.int64)
        chosen: NDArray[np.bool_] = dice.random(len(of)) < rates[of]
        return chosen


_FEWEST_SAID = 10


def _many(count: int) -> str:
    return f"{count:,}" if count >= _FEWEST_SAID else "few"


def error_of(act: Act) -> LinkError:
    """Return what may be wrong with the links that stand; an act that combines."""
    return stated(act.read(db.overlap.waiting), act.read(db.overlap.judged))


def stated(waiting: Sequence[WaitingPair], judged: Sequence[JudgedPair]) -> LinkError:
    """Return the same from the pairs that wait and those that people decided about."""
    from kingshurst_tui.linkage import model

    clear = model.load().clear
    said: Counter[tuple[str, bool]] = Counter()
    taken_back = 0
    for each in judged:
        if not each.guards and each.weight >= clear:
            taken_back += not each.is_one  # a clear link that somebody took back
        else:
            said[kind_of(each.weight, each.guards), each.is_one] += 1
    return LinkError(
        tuple((each.left, each.right) for each in waiting),
        tuple(kind_of(each.weight, each.guards) for each in waiting),
        {
            kind: _chance(counted, _WEIGHS_PAIRS, said[kind, True], said[kind, False])
            for kind, counted in _MEASURED_PAIRS.items()
        },
        _chance(_FALSE, _WEIGHS_RATES, taken_back, 0),
        _chance(_MISSED, _WEIGHS_RATES, 0, 0),
        sum(said.values()) + taken_back,
    )


def kind_of(weight: float, guards: str) -> str:
    """Return which kind a waiting pair is of."""
    from kingshurst_tui.linkage.guards import AGAINST as BITS
    from kingshurst_tui.linkage.guards import BIT

    if any(BIT.get(word, 0) & BITS for word in guards.split()):
        return AGAINST
    return FAINT if weight < 4 else MIDDLING if weight < 8 else STRONG


def _chance(measured: tuple[int, int], weighs: int, yes: int, no: int) -> Chance:
    count, of = measured
    part = min(1.0, weighs / of)
    return Chance(_HALF + count * part + yes, _HALF + (of - count) * part + no)
