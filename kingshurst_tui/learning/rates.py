"""How often somebody was met before and after a day, over the days that sources can speak for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kingshurst_tui.casework.sources import Source

WINDOW = 180
"""Days looked at before a decision and after it, at most."""
SHORTEST = 30
"""Days without which nothing is said of a side: one month of an agency's records."""
A_MONTH = 365.25 / 12

REGRESSION = (
    "Somebody is put before a panel when they are met most, and most people are met less often afterwards whatever is "
    "done (regression to the mean): a fall by itself does not show that a decision helped."
)
"""Stands beside every before-and-after figure."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """The days that sources can speak for, before and after a day.

    Attributes:
        before: days before it, at most ``WINDOW``.
        after: days after it, at most ``WINDOW``.
        limits: what shortens them, in sentences.
    """

    first: date
    day: date
    last: date
    limits: tuple[str, ...]

    @property
    def before(self) -> int:
        """Days before."""
        return max((self.day - self.first).days, 0)

    @property
    def after(self) -> int:
        """Days after; the day itself is in neither."""
        return max((self.last - self.day).days, 0)

    @property
    def is_enough(self) -> bool:
        """Whether both sides are long enough to say anything."""
        return self.before >= SHORTEST and self.after >= SHORTEST


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """Distinct incidents before and after a day.

    Attributes:
        ratio: the rate after over the rate before; None where either side is too short, or there was none before.
        low: its exact interval at 95 per cent (Clopper and Pearson 1934, on the share of all that came after), as if
            incidents came independently.
        words: the same in a sentence; ends with what it cannot show.
    """

    exposure: Exposure
    before: int
    after: int
    ratio: float | None
    low: float | None
    high: float | None
    words: tuple[str, ...]

    @property
    def rate_before(self) -> float | None:
        """Incidents a month; None where the side is too short."""
        return a_month(self.before, self.exposure.before)

    @property
    def rate_after(self) -> float | None:
        """Incidents a month; None where the side is too short."""
        return a_month(self.after, self.exposure.after)


def a_month(count: int, days: int) -> float | None:
    """Return a count as a rate a month; None where the days are too few."""
    return count / days * A_MONTH if days >= SHORTEST else None


def exposure_around(day: date, today: date, known: Sequence[Source]) -> Exposure:
    """Return the days before and after a day for which every live data set can speak.

    A data set that begins later shortens the time before, and one whose last batch is old the time after; nothing that
    is not known is counted as nothing.
    """
    first, last = day - timedelta(days=WINDOW), min(day + timedelta(days=WINDOW), today)
    limits: list[str] = []
    for source in known:
        if not (source.is_live and source.is_shared) or source.known_to is None:
            continue
        if source.covers_from is not None and source.covers_from > first:
            first = min(source.covers_from, day)
            limits.append(f"{source.title} ({source.agency}) begins on {_said(source.covers_from)}")
        if source.known_to < last:
            last = max(source.known_to, day)
            limits.append(f"{source.title} ({source.agency}) is known to {_said(source.known_to)}")
    return Exposure(first, day, last, tuple(dict.fromkeys(limits)))


def compare(days: Iterable[date], exposure: Exposure) -> BeforeAndAfter:
    """Compare how many distinct incidents fell into the days before and after.

    Args:
        days: the day of each distinct incident, in whatever order.
        exposure: the days that sources can speak for.
    """
    before = after = 0
    for day in days:
        before += exposure.first <= day < exposure.day
        after += exposure.day < day <= exposure.last
    said: tuple[str, ...]
    if not exposure.is_enough:
        said = (
            "Unknown: the data sets cannot speak for "
            f"{SHORTEST} days before and {SHORTEST} after {_said(exposure.day)}.",
        )
        return BeforeAndAfter(exposure, before, after, None, None, None, (*said, *_limits(exposure)))
    ratio, low, high = _ratio(before, after, exposure)
    said = (
        f"{before} in {exposure.before} days before, {after} in {exposure.after} days after: "
        f"{_rate(before, exposure.before)} a month, then {_rate(after, exposure.after)}.",
        _difference(ratio, low, high),
        REGRESSION,
    )
    return BeforeAndAfter(exposure, before, after, ratio, low, high, (*said, *_limits(exposure)))


def _ratio(before: int, after: int, exposure: Exposure) -> tuple[float | None, float | None, float | None]:
    if not before:
        return None, None, None
    from statsmodels.stats.proportion import proportion_confint

    # Given how many there were in all, those after are a share of them (Przyborowski and Wilenski 1940).
    low, high = proportion_confint(after, before + after, method="beta")
    ratio, days = after / before, exposure.before / exposure.after
    return ratio * days, float(low / (1 - low)) * days, float(high / (1 - high)) * days


def _difference(ratio: float | None, low: float | None, high: float | None) -> str:
    if ratio is None or low is None or high is None:
        return "Nothing before to compare with."
    said = f"After / before: {ratio:.2f} (95 % interval {low:.2f} to {high:.2f})"
    if low <= 1 <= high:
        return f"{said}; no difference can be told from chance."
    return f"{said}; {'fewer' if high < 1 else 'more'} than chance alone would give."


def _limits(exposure: Exposure) -> tuple[str, ...]:
    return tuple(f"{limit}: days beyond are not counted." for limit in exposure.limits)


def _rate(count: int, days: int) -> str:
    rate = a_month(count, days)
    return "unknown" if rate is None else f"{rate:.1f}"


def _said(day: date) -> str:
    from kingshurst_tui.clock import plain_date

    return plain_date(day)
