"""An interval of counts holds what is true as often as it says, and no word goes further than it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.places import intervals
from kingshurst_tui.places.comparing import in_words, verdict_of

TIMES = 4_000


def _clustered(random: np.random.Generator, mean: float, dispersion: float) -> np.ndarray:
    if dispersion == 1:
        return random.poisson(mean, TIMES)
    return random.negative_binomial(mean / (dispersion - 1), 1 / dispersion, TIMES)


@pytest.mark.parametrize(("mean", "other", "dispersion"), [(12, 900, 1.0), (60, 900, 1.0), (60, 4_000, 3.0)])
def test_a_ratio_s_interval_holds_the_truth_at_least_as_often_as_it_says(
    mean: float, other: float, dispersion: float
) -> None:
    random = np.random.default_rng(11)
    one, rest = _clustered(random, mean, dispersion), _clustered(random, other, dispersion)
    # The counts are shown rounded to 5: the interval is told the two numbers between which each lies.
    shown, shown_rest = (5 * ((each + 2) // 5) for each in (one, rest))
    low, high = intervals.ratio_interval(
        (np.maximum(shown - 2, 0), shown + 2), (shown_rest - 2, shown_rest + 2), 1 / 40, dispersion
    )
    true = mean / other * 40
    covered = np.mean((low <= true) & (true <= high))
    assert covered >= 0.945
    assert np.mean(low > true) <= 0.03  # "more" where there is no more


def test_clustered_counts_taken_for_independent_ones_would_be_too_sure() -> None:
    random = np.random.default_rng(12)
    one, rest = _clustered(random, 60, 3.0), _clustered(random, 4_000, 3.0)
    low, high = intervals.ratio_interval((one, one), (rest, rest), 1 / 40, 1.0)
    assert np.mean((low <= 0.6) & (high >= 0.6)) < 0.85


def test_the_spread_of_months_is_found_again_from_rounded_counts() -> None:
    random = np.random.default_rng(13)
    tables = np.array([random.negative_binomial(25, 1 / 3, (17, 24)), random.poisson(50, (17, 24))])
    found = intervals.dispersion_of(5.0 * ((tables + 2) // 5), None, [5, 5])
    assert 2.5 < found[0] < 3.5
    assert 1 <= found[1] < 1.3


_count = st.integers(0, 500)


@given(_count, _count, _count, _count, st.floats(0.01, 100), st.floats(1, 5))
def test_the_word_is_never_surer_than_the_interval(
    least: int, wider: int, other: int, wider_other: int, exposure: float, dispersion: float
) -> None:
    low, high = (
        float(each)
        for each in intervals.ratio_interval((least, least + wider), (other, other + wider_other), exposure, dispersion)
    )
    assert low <= high
    word = verdict_of(low, high)
    assert (word == "more") <= (low > 1)
    assert (word == "fewer") <= (high < 1)
    # Wherever the counts really lie between what is told, the narrower interval lies within the wider.
    inner = intervals.ratio_interval((least, least), (other, other), exposure, dispersion)
    assert low <= float(inner[0]) + 1e-9
    assert float(inner[1]) <= high + 1e-9
    said = in_words(None, low, high)
    assert "1.00" not in said.split(" to ")[0] or word != "more"
