"""How much a data set's counts cluster, told from the wards' months that are shown.

Calls come in runs: one quarrel rings five times. Counts that cluster vary more than independent events, and an
interval that took them for independent would be too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.places import intervals
from kingshurst_tui.places.published import is_month
from kingshurst_tui.places.vocabulary import HIDDEN, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.published import PublishedSet

MONTHS = 24
"""Months looked at, the newest."""


def dispersions_of(
    sets: Sequence[PublishedSet], geography: Geography, categories: Sequence[tuple[int, ...]] | None = None
) -> list[float]:
    """Return variance over mean, at least 1; NOT_TELLING where too little is shown to tell.

    Args:
        sets: data sets of the same periods.
        geography: which places are wards.
        categories: for each set the numbers of those that are counted together; all by default.
    """
    import numpy as np

    periods = sets[0].periods
    months = [at for at, period in enumerate(periods) if is_month(period)][-MONTHS:]
    wards = [each for each in geography.codes(Level.WARD) if all(each in one.places for one in sets)]
    mine = categories or [(0,)] * len(sets)
    found = [math.nan] * len(sets)
    if wards and months:
        cells = np.array([_shown(one, wards, months, of) for one, of in zip(sets, mine, strict=True)], dtype=float)
        # The error of a sum of rounded numbers is that of each, added up.
        base = [one.base * math.sqrt(len(of)) for one, of in zip(sets, mine, strict=True)]
        found = list(intervals.dispersion_of(cells, (cells >= 0).all(axis=2), base))
        for which, one in enumerate(sets):
            if one.incomplete:
                kept = [number for number, at in enumerate(months) if periods[at] not in one.incomplete]
                part = cells[which : which + 1][:, :, kept]
                found[which] = intervals.dispersion_of(part, (part >= 0).all(axis=2), base[which])[0]
    return [intervals.NOT_TELLING if math.isnan(each) else float(each) for each in found]


def _shown(
    published: PublishedSet, wards: Sequence[str], months: Sequence[int], categories: tuple[int, ...]
) -> list[list[int]]:
    if len(categories) == 1:
        (only,) = categories
        return [[published.places[ward][at][only] for at in months] for ward in wards]
    return [[_together(published.places[ward][at], categories) for at in months] for ward in wards]


def _together(row: Sequence[int], categories: tuple[int, ...]) -> int:
    cells = [row[at] for at in categories]
    return sum(cells) if min(cells) >= 0 else HIDDEN
