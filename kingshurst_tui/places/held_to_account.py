"""Whether what was expected came: rolling past months, against the same as last year and the same as last month.

Nothing that a model expects is shown unless it beats both, on months that it had not seen.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kingshurst_tui.places import expecting

if TYPE_CHECKING:
    from kingshurst_tui.places.expecting import Monthly
    from kingshurst_tui.places.intervals import Numbers

FEWEST_HELD_OUT = 6
"""Months held out without which nothing is said to beat anything."""
LAST_YEAR, LAST_MONTH = "same as last year", "same as last month"
PLAIN = (LAST_YEAR, LAST_MONTH)
A_YEAR = 12
LEAST_WITHIN = {0.8: 0.75, 0.95: 0.92}
"""Shares of past counts that intervals have to have held, by what they say."""
FLOOR = 0.5
"""What stands for a plain figure of nought where deviance is taken, which would else be without end."""


@dataclass(frozen=True, slots=True)
class Errors:
    """One way of expecting, on the months held out.

    Attributes:
        absolute: mean absolute error of a place's count.
        deviance: mean Poisson deviance.
    """

    absolute: float
    deviance: float


@dataclass(frozen=True, slots=True)
class Against:
    """A model beside a plain figure, on the months for which both can be had.

    Attributes:
        months: held out.
        model: its errors on them.
        plain: those of the plain figure.
        absolute: how much less the model errs; above nought where it is better.
        absolute_low: lower end of its interval at 95 per cent (Diebold and Mariano 1995; Harvey, Leybourne and
            Newbold 1997).
        deviance: the same of the deviance.
        deviance_low: lower end.
    """

    months: tuple[str, ...]
    model: Errors
    plain: Errors
    absolute: float
    absolute_low: float
    deviance: float
    deviance_low: float

    @property
    def is_better(self) -> bool:
        """Whether the model is better by both measures, more than chance would have it, on enough months."""
        return len(self.months) >= FEWEST_HELD_OUT and self.absolute_low > 0 and self.deviance_low > 0


@dataclass(frozen=True, slots=True)
class Account:
    """How a model did on past months, so many months ahead.

    Attributes:
        ahead: how many months.
        held_out: the months expected from the months before them.
        against: the model beside each plain figure that can be had.
        within_80: the share of places and months that lay in its interval at 80 per cent; None where none was held out.
        within_95: the same at 95 per cent. Counts are whole, so intervals of small ones hold more often than they say.
    """

    ahead: int
    held_out: tuple[str, ...]
    against: dict[str, Against]
    within_80: float | None
    within_95: float | None

    @property
    def beats(self) -> bool:
        """Whether it beats both plain figures."""
        return all(name in self.against and self.against[name].is_better for name in PLAIN)

    @property
    def intervals_hold(self) -> bool:
        """Whether its intervals held about as often as they say, or more often."""
        if self.within_80 is None or self.within_95 is None:
            return False
        return self.within_80 >= LEAST_WITHIN[0.8] and self.within_95 >= LEAST_WITHIN[0.95]

    @property
    def may_be_shown(self) -> bool:
        """Whether it beats both plain figures and its intervals hold."""
        return self.beats and self.intervals_hold

    @property
    def words(self) -> tuple[str, ...]:
        """The same, in sentences."""
        return _words(self)

    def as_record(self) -> dict[str, Any]:
        """Return it as it is kept and shown: to two figures, which tell no single count."""
        return {**_as_shown(asdict(self)), "beats": self.may_be_shown, "words": list(self.words)}


def hold_to_account(monthly: Monthly, ahead: Sequence[int] = (1, 2, 3)) -> list[Account]:
    """Expect every past month from the months before it, and compare with what came.

    Args:
        monthly: counts of one data set and category over the places of a level.
        ahead: how many months ahead.
    """
    import numpy as np

    counts, first = monthly.counts, int(monthly.months[0][5:])
    whole = [bool(each) for each in ~np.isnan(counts.sum(axis=0))]
    held: dict[int, list[_Held]] = defaultdict(list)
    for known in range(counts.shape[1] - 1):
        steps = [each for each in ahead if known + each < counts.shape[1] and whole[known + each]]
        if not steps or not whole[known]:
            continue
        found = expecting.outlook(counts[:, : known + 1], first, steps)
        for step, outlook in zip(steps, found or (), strict=False):
            target = known + step
            year = counts[:, target - A_YEAR] if target >= A_YEAR and whole[target - A_YEAR] else None
            held[step].append(_Held(monthly.months[target], counts[:, target], outlook, year, counts[:, known]))
    return [_account(step, held[step]) for step in ahead]


@dataclass(frozen=True, slots=True)
class _Held:
    """A month held out: what came, what was expected, and the plain figures."""

    month: str
    came: Numbers
    outlook: expecting.Outlook
    last_year: Numbers | None
    last_month: Numbers


def _account(ahead: int, held: Sequence[_Held]) -> Account:
    import numpy as np

    inside: dict[float, float | None] = {}
    for sure in (0.8, 0.95):
        hits = []
        for each in held:
            low, high = each.outlook.interval(sure)
            hits.append(np.mean((low <= each.came) & (each.came <= high)))
        inside[sure] = float(np.mean(hits)) if hits else None
    against = {}
    if with_year := [each for each in held if each.last_year is not None]:
        against[LAST_YEAR] = _against(ahead, with_year, [each.last_year for each in with_year])
    if held:
        against[LAST_MONTH] = _against(ahead, held, [each.last_month for each in held])
    return Account(ahead, tuple(each.month for each in held), against, inside[0.8], inside[0.95])


def _against(ahead: int, held: Sequence[_Held], plain: Sequence[Any]) -> Against:
    import numpy as np

    def errors(expected: Sequence[Any]) -> tuple[Numbers, Numbers]:
        pairs = list(zip(held, expected, strict=True))
        return (
            np.array([np.mean(np.abs(each.came - one)) for each, one in pairs]),
            np.array([np.mean(_deviance(each.came, one)) for each, one in pairs]),
        )

    mine, theirs = errors([each.outlook.mean for each in held]), errors(plain)
    better = [theirs[0] - mine[0], theirs[1] - mine[1]]
    lows = [_lower_end(each, ahead) for each in better]
    model, other = (Errors(float(each[0].mean()), float(each[1].mean())) for each in (mine, theirs))
    months = tuple(each.month for each in held)
    return Against(months, model, other, float(better[0].mean()), lows[0], float(better[1].mean()), lows[1])


def _deviance(came: Numbers, expected: Numbers) -> Numbers:
    import numpy as np
    from scipy.special import xlogy

    expected = np.maximum(expected, FLOOR)
    return np.asarray(2 * (xlogy(came, came / expected) - (came - expected)))


def _lower_end(differences: Numbers, ahead: int) -> float:
    """Return the lower end of the interval of a mean of differences that follow one another in time."""
    from scipy import stats

    count = len(differences)
    if count == 1:
        return -math.inf  # one month has no spread
    centred = differences - differences.mean()
    variance = float((centred**2).mean())
    for lag in range(1, min(ahead, count)):
        variance += 2 * float((centred[lag:] * centred[:-lag]).sum()) / count
    variance = max(variance, float((centred**2).mean()) / 2)
    small = math.sqrt(max(count + 1 - 2 * ahead + ahead * (ahead - 1) / count, 1.0) / count)
    error = math.sqrt(variance / count) / small
    return float(differences.mean() - stats.t.ppf(0.975, count - 1) * error)


def _as_shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_shown(each) for name, each in value.items()}
    if isinstance(value, float):
        return _two(value) if math.isfinite(value) else None
    return value


def _two(value: float) -> float:
    """Return a number to two figures: the errors rest on exact counts, and more figures might give one away."""
    return float(f"{value:.2g}")


def _words(account: Account) -> tuple[str, ...]:
    ahead = f"{account.ahead} month{'s' if account.ahead > 1 else ''} ahead"
    if not account.held_out:
        return (f"{ahead}: no past month could be held out; the plain figure stands.",)
    verdict = "it beats both plain figures." if account.may_be_shown else "the plain figure stands."
    if account.beats and not account.intervals_hold:
        verdict = "it beats both plain figures, but its intervals hold less often than they say: the plain one stands."
    said = [f"{ahead}, {len(account.held_out)} past months held out: {verdict}"]
    if account.within_80 is not None and account.within_95 is not None:
        said.append(
            f"Of the counts {account.within_80:.0%} lay in its 80 % intervals and {account.within_95:.0%} in its 95 %."
        )
    return (*said, *(_beside(name, account.against.get(name)) for name in PLAIN))


def _beside(name: str, against: Against | None) -> str:
    if against is None:
        return f"Against {name}: no past month has both, so it cannot be said to beat it."
    months = f"{len(against.months)} month{'s' if len(against.months) > 1 else ''}"
    model, plain = _two(against.model.absolute), _two(against.plain.absolute)
    errors = f"mean error {model:g} and {plain:g} a place and month, on {months}"
    if len(against.months) < FEWEST_HELD_OUT:
        return f"Against {name}: {errors}; {FEWEST_HELD_OUT} are needed, so it cannot be said to beat it."
    if against.is_better:
        return (
            f"Against {name}: {errors}; better by {_two(against.absolute):g}, at least {_two(against.absolute_low):g}."
        )
    return f"Against {name}: {errors}; it does not beat it clearly."
