"""What of overlap may be told: which groups, which agencies, and each figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from kingshurst_tui.learning.overlap_counts import Floats
    from kingshurst_tui.leaving.suppression_terms import Terms

_ENDS = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Figure:
    """A part of a whole, as it may be shown.

    Attributes:
        part: rounded; None where hidden, and then the rest is None too.
        whole: rounded.
        value: the share to be expected when the linkage's error is allowed for; ``low`` and ``high`` at 95 per cent.
        words: the same in a sentence.
    """

    part: int | None
    whole: int | None
    value: float | None
    low: float | None
    high: float | None
    words: str


def may_be_told(counts: Sequence[Sequence[int]], terms: Terms, shut: Sequence[bool] = ()) -> list[bool]:
    """Return which groups of a chain, each inside the next, may be told: no number, and no difference, is small.

    Told from the largest down; a smaller one only where what lies between it and the next that is told is not small
    either. What is left hidden then lies anywhere between nothing and the whole around it. (A chain needs no linear
    program: every sum that can be made of what is shown is one of these differences.)
    """
    groups = len(counts[0])
    told = [False] * groups
    around = [0] * len(counts)
    for group in reversed(range(groups)):
        between = [outer - each[group] for outer, each in zip(around, counts, strict=True)]
        enough = all(each[group] >= terms.under for each in counts)
        enough = enough and not (shut and shut[group])
        told[group] = enough and (not any(told) or all(each >= terms.under for each in between))
        if told[group]:
            around = [each[group] for each in counts]
    return told


def as_told(part: int, whole: int, drawn: Floats, terms: Terms, dice: np.random.Generator, *, may_be: bool) -> Figure:
    """Return a figure of exact numbers, rounded, where it may be told; else that it is hidden."""
    from kingshurst_tui.leaving.suppression import rounded

    if not may_be:
        return hidden_figure(terms)
    return figure(rounded(part, terms.base), rounded(whole, terms.base), drawn, terms, dice)


def hidden_figure(terms: Terms) -> Figure:
    """Return what stands for a figure that may not be told."""
    return Figure(None, None, None, None, None, f"hidden: fewer than {terms.under} of either kind")


def figure(part: int, whole: int, drawn: Floats, terms: Terms, dice: np.random.Generator) -> Figure:
    """Return a figure with its interval, made from the rounded numbers and from how chance moves the share.

    Args:
        part: rounded.
        whole: rounded.
        drawn: by how much the share differs in each draw.
        terms: what the numbers were rounded to.
        dice: whence the rest of chance comes: what rounding took away, and how few people there are.
    """
    import numpy as np

    part = min(part, whole)
    size = len(drawn)
    slack = terms.base // 2
    wholes = np.maximum(whole + dice.integers(-slack, slack + 1, size), 1)
    parts = np.clip(part + dice.integers(-slack, slack + 1, size), 0, wholes)
    share = np.clip(parts / wholes + drawn, 0.0, 1.0)
    share = dice.beta(share * wholes + 0.5, (1 - share) * wholes + 0.5)
    low, high = (float(each) for each in np.quantile(share, _ENDS))
    low, high = np.floor(low * 100) / 100, np.ceil(high * 100) / 100
    value = min(max(round(float(np.median(share)), 2), low), high)
    words = (
        f"about {part:,} of about {whole:,} as linked ({part / whole:.0%}); with the linkage's own error "
        f"{value:.0%} ({low:.0%} to {high:.0%})"
    )
    return Figure(part, whole, value, float(low), float(high), words)


def not_worked_out(known: Figure, by_agency: Mapping[str, Figure], terms: Terms) -> dict[str, Figure]:
    """Hide further agencies until nobody can tell from "any" and from the others how many a hidden one knows.

    Whoever is known to any is known to one of them: what the shown ones leave over falls to those that are hidden.
    """
    found = dict(by_agency)
    slack = terms.base // 2
    while known.part is not None:
        hidden = [code for code, each in found.items() if each.part is None]
        shown = {code: each.part for code, each in found.items() if each.part is not None}
        left = known.part - slack - sum(part + slack for part in shown.values()) - (len(hidden) - 1) * (terms.under - 1)
        if not hidden or not shown or left <= 0:
            break
        smallest = min(shown, key=lambda code: (shown[code], code))
        found[smallest] = hidden_figure(terms)
    return found
