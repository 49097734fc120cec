"""Intervals for counts: how sure a rate, a ratio of two rates, or that one is above another.

Counts are given as two numbers between which they lie, because published ones are rounded or hidden: the lower end of
an interval is had from the worst case on one side and the upper end from the worst case on the other. Counts that
cluster more than independent events do are divided by their dispersion first (quasi-Poisson), which widens everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

SURE = 0.95
"""How often an interval holds what is true."""
NOT_TELLING = 2.0
"""The dispersion taken where nothing that is shown tells it: twice the variance of independent events, so that no
difference is found for want of knowing."""


def count_interval(low: Any, high: Any, dispersion: Any = 1.0, sure: float = SURE) -> tuple[Numbers, Numbers]:
    """Return the interval of what a count is expected to be (Garwood 1936, exact for independent events).

    Args:
        low: the least that the count can be; numbers or arrays.
        high: the most; infinite where nothing bounds it.
        dispersion: variance over mean; 1 for independent events.
        sure: how often it holds.
    """
    import numpy as np
    from scipy.special import gammaincinv

    tail = (1 - sure) / 2
    low, high, dispersion = (np.asarray(each, dtype=float) for each in (low, high, dispersion))
    finite = np.where(np.isfinite(high), high, 0.0)
    under = np.where(low > 0, gammaincinv(np.where(low > 0, low / dispersion, 1.0), tail), 0.0)
    over = gammaincinv(finite / dispersion + 1, 1 - tail)
    return under * dispersion, np.where(np.isfinite(high), over * dispersion, np.inf)


def ratio_interval(
    one: tuple[Any, Any], other: tuple[Any, Any], exposure: Any, dispersion: Any = 1.0, sure: float = SURE
) -> tuple[Numbers, Numbers]:
    """Return the interval of the ratio of two rates, on the share of all that fell to one (Clopper and Pearson 1934).

    Args:
        one: the least and the most that the first count can be.
        other: the same of the second.
        exposure: the residents (or months) of the first over those of the second.
        dispersion: variance over mean of both.
        sure: how often it holds.
    """
    import numpy as np
    from scipy.special import betaincinv

    tail = (1 - sure) / 2
    exposure = np.asarray(exposure, dtype=float)
    least, most, other_least, other_most = (
        np.asarray(each, dtype=float) / np.asarray(dispersion, dtype=float) for each in (*one, *other)
    )
    told_low = (least > 0) & np.isfinite(other_most)
    share = betaincinv(np.where(told_low, least, 1.0), np.where(told_low, other_most, 0.0) + 1, tail)
    low = np.where(told_low, share / (1 - share) / exposure, 0.0)
    told_high = np.isfinite(most) & (other_least > 0)
    share = betaincinv(np.where(told_high, most, 0.0) + 1, np.where(told_high, other_least, 1.0), 1 - tail)
    with np.errstate(divide="ignore"):
        high = np.where(told_high, share / (1 - share) / exposure, np.inf)
    return low, high


def chance_above(least: Any, other_most: Any, exposure: Any, ratio: float, dispersion: Any = 1.0) -> Numbers:
    """Return how likely so large a share of two counts is, were the ratio of their rates no more than ``ratio``.

    Args:
        least: the least that the first count can be.
        other_most: the most that the second can be; infinite where nothing bounds it, and then nothing is unlikely.
        exposure: the residents of the first over those of the second.
        ratio: of the rates, not to be exceeded.
        dispersion: variance over mean of both.
    """
    import numpy as np
    from scipy.special import betainc

    least, other_most, dispersion = (np.asarray(each, dtype=float) for each in (least, other_most, dispersion))
    told = (least > 0) & np.isfinite(other_most)
    share = ratio * np.asarray(exposure, dtype=float)
    share = share / (1 + share)
    first, second = np.where(told, least, 1.0) / dispersion, np.where(told, other_most, 0.0) / dispersion
    return np.where(told, betainc(first, second + 1, share), 1.0)


def dispersion_of(counts: Numbers, counted: Any = None, rounded_to: Any = 1) -> Numbers:
    """Return variance over mean of tables of places by months around what their margins expect; at least 1.

    Args:
        counts: tables by places by periods.
        counted: tables by places: which rows count; all by default.
        rounded_to: for each table, the counts were rounded to a multiple of it, whose own error is taken out.

    Returns: for each table; not a number where it is too small to tell.
    """
    import numpy as np

    counted = np.ones(counts.shape[:2], dtype=bool) if counted is None else counted
    counts = np.where(counted[..., None], counts, 0.0)
    total = counts.sum(axis=(1, 2), keepdims=True)
    expected = counts.sum(axis=2, keepdims=True) * counts.sum(axis=1, keepdims=True) / np.maximum(total, 1.0)
    rounding = (np.asarray(rounded_to, dtype=float).reshape(-1, 1, 1) ** 2 - 1) / 12
    spread = np.where(expected > 0, ((counts - expected) ** 2 - rounding) / np.maximum(expected, 1e-9), 0.0)
    rows, columns = counted.sum(axis=1), counts.shape[2]
    told = (rows >= FEWEST_PLACES) & (columns >= FEWEST_PERIODS) & (total[:, 0, 0] >= rows * columns)
    free = np.maximum((rows - 1) * (columns - 1), 1)
    return np.where(told, np.maximum(spread.sum(axis=(1, 2)) / free, 1.0), np.nan)


FEWEST_PLACES = 2
FEWEST_PERIODS = 6
"""Rows and columns under which a table does not tell how its counts spread; nor with a mean under one."""
