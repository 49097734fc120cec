"""How many are expected in the next months: a seasonal count model over all places of a level together.

One Poisson regression tells how the borough goes on (month of year and trend, only as far as they help), and each
place takes its share of it, drawn towards the others' as far as its own months are few (empirical Bayes). Works on
arrays alone; held_to_account.py says whether it may be shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from kingshurst_tui.places.intervals import Numbers

METHOD = "seasonal-counts-1"
"""The method's name and version; its ALGO-CARE answers are filed under it."""
AHEAD = 3
"""Months looked ahead, at most."""
FEWEST_TO_FIT = 6
"""Whole months without which nothing is fitted."""
A_YEAR = 12
FEWEST_FOR_A_TURN = 18
"""Whole months without which a year's turn cannot be told from a trend, and neither is looked for."""
FEWEST_FOR_MONTHS = 36
"""Whole months without which each month of the year has no figure of its own."""


class Monthly(NamedTuple):
    """Counts of one data set and category by place and month.

    Attributes:
        codes: the places, in the order of the rows.
        months: in a row, none left out, oldest first.
        counts: places by months; not a number where the month did not come in whole.
    """

    codes: tuple[str, ...]
    months: tuple[str, ...]
    counts: Numbers


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of one month, place by place.

    Attributes:
        mean: expected counts.
        variance: of the counts that may come: chance, clustering, not knowing the place's own rate or the borough's.
        terms: what the borough's regression took in: "level", "trend", "season", "season and trend", "month of year".
    """

    mean: Numbers
    variance: Numbers
    terms: str

    def interval(self, sure: float) -> tuple[Numbers, Numbers]:
        """Return between which counts the month lies so often, place by place (negative binomial)."""
        import numpy as np
        from scipy import stats

        tail = (1 - sure) / 2
        mean = np.maximum(self.mean, 1e-6)
        spare = np.maximum(self.variance - mean, 1e-6 * mean)
        size = mean**2 / spare
        share = size / (size + mean)
        return stats.nbinom.ppf(tail, size, share), stats.nbinom.ppf(1 - tail, size, share)


def outlook(counts: Numbers, first: int, ahead: Sequence[int], scatter: float | None = None) -> list[Outlook] | None:
    """Return what is expected of the months after the last column; None where too few months are whole.

    Args:
        counts: places by months in a row, not a number where a month is not whole.
        first: the month of the year of the first column, 1 to 12.
        ahead: how many months after the last column, ascending.
        scatter: how much more single counts scatter than independent events would; None takes it from the counts.
    """
    import numpy as np

    whole = ~np.isnan(counts).any(axis=0)
    at = np.flatnonzero(whole)
    if at.size < FEWEST_TO_FIT or not counts[:, at].sum():
        return None
    totals = counts[:, at].sum(axis=0)
    last = counts.shape[1] - 1
    recent = at[-A_YEAR:]
    terms, factors, spread = _borough(totals, at, first, [*recent, *(last + each for each in ahead)])
    shape, then = factors[: recent.size], factors[recent.size :]
    # Shares of the borough's own way through these months, not of the bare months.
    rate, posterior = _rates(counts[:, recent], shape)
    fitted = rate[:, None] * shape[None, :]
    free = max(fitted.size - counts.shape[0], 1)
    if scatter is None:
        scatter = max(float(np.sum((counts[:, recent] - fitted) ** 2 / np.maximum(fitted, 1e-9)) / free), 1.0)
    found = []
    for step, factor in enumerate(then):
        mean = rate * factor
        unsure = 1 / posterior + spread[recent.size + step]
        found.append(Outlook(mean, scatter * mean + mean**2 * unsure, terms))
    return found


def _rates(counts: Numbers, shape: Numbers) -> tuple[Numbers, Numbers]:
    """Return each place's share of the borough's total, and the shape of what is not known of it (gamma)."""
    import numpy as np

    exposure = float(shape.sum())
    total = counts.sum(axis=1)
    bare = total / exposure
    mean = float(bare.mean())
    between = max(float(bare.var(ddof=1)) - mean / exposure, 0.0) if bare.size > 1 else math.inf
    if math.isinf(between):
        return bare, np.maximum(total, 0.5)
    if between == 0.0:
        # The places differ no more than chance alone would have them.
        return np.full_like(bare, mean), np.full_like(bare, max(total.sum(), 0.5))
    prior = mean**2 / between
    shapes = prior + total
    return shapes / (prior / mean + exposure), shapes


def _borough(totals: Numbers, at: Any, first: int, wanted: Sequence[int]) -> tuple[str, Numbers, Numbers]:
    """Return what helped, the borough's expected totals in the wanted months, and their variance over mean squared.

    Of the regressions the one with the least QAIC; a richer one has to be better by TO_SPARE.
    """
    import numpy as np
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    columns = np.asarray(wanted)
    designs = _designs(at, first, columns)
    fits = [(terms, GLM(totals, now, family=families.Poisson()).fit(), later) for terms, now, later in designs]
    richest = fits[-1][1]
    spread = max(float(richest.pearson_chi2) / max(richest.df_resid, 1), 1.0)
    scores = [-2 * float(fit.llf) / spread + 2 * (fit.df_model + 2) for _, fit, _ in fits]
    best = 0
    for number, score in enumerate(scores):
        if score < scores[best] - TO_SPARE:
            best = number
    terms, fit, later = fits[best]
    spread = max(float(fit.pearson_chi2) / max(fit.df_resid, 1), 1.0)
    covariance = np.asarray(fit.cov_params()) * spread
    expected = np.exp(later @ np.asarray(fit.params))
    return terms, expected, np.einsum("ij,jk,ik->i", later, covariance, later) + (spread - 1) / expected


TO_SPARE = 2.0
"""By how much QAIC a richer regression has to be better than a simpler one."""


def _designs(at: Any, first: int, wanted: Any) -> list[tuple[str, Numbers, Numbers]]:
    import numpy as np

    def level(columns: Any) -> Numbers:
        return np.ones((len(columns), 1))

    def trend(columns: Any) -> Numbers:
        return np.column_stack([level(columns), (np.asarray(columns) - at.mean()) / A_YEAR])

    def season(columns: Any) -> Numbers:
        turn = 2 * np.pi * (np.asarray(columns) + first - 1) / A_YEAR
        return np.column_stack([level(columns), np.cos(turn), np.sin(turn)])

    def both(columns: Any) -> Numbers:
        return np.column_stack([season(columns), trend(columns)[:, 1]])

    def months(columns: Any) -> Numbers:
        of_year = (np.asarray(columns) + first - 1) % A_YEAR
        return np.column_stack([(of_year[:, None] == np.arange(A_YEAR)).astype(float), trend(columns)[:, 1]])

    kinds = [("level", level)]
    if at.size >= FEWEST_FOR_A_TURN:
        kinds += [("trend", trend), ("season", season), ("season and trend", both)]
    if at.size >= FEWEST_FOR_MONTHS and len(set((at + first - 1) % A_YEAR)) == A_YEAR:
        kinds.append(("month of year", months))
    return [(terms, make(at), make(wanted)) for terms, make in kinds]
