"""What followed decisions, across cases, against flagged people whom no panel has discussed yet.

Everything here is counted by the machine over everybody and comes out as figures of at least ten people, each with its
interval; nobody is named, and nothing is said of one person.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.outcomes
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.learning.rates import A_MONTH, REGRESSION, Exposure, exposure_around
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Effect, Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.casework.sources import Source

FEWEST = 10
"""People in a row, and people they are compared with, below which its figures stay hidden."""
EACH = 3
"""Flagged people compared with each person decided about, at most."""
HIDDEN = f"fewer than {FEWEST} people: hidden"

CAN_SHOW = (
    "Each person decided about is set beside up to three people who stood flagged on the same day, whom no panel has "
    "discussed, with as many distinct incidents before it as can be found. The figure is how their change differs "
    "(difference in differences, Poisson regression with people as clusters). It takes away what falls for both alike: "
    "seasons, new recording, most of the fall that follows any peak."
)
CANNOT_SHOW = (
    "It does not show that the lead agency caused the difference: panels choose whom they discuss, the two groups may "
    "differ in what is not recorded, an action may lower what is reported and not what happens, and of several rows "
    "looked at together one in twenty falls outside its interval by chance."
)


@dataclass(frozen=True, slots=True)
class Series:
    """Of one person, the distinct incidents before and after a day, and the days of either side."""

    person: int
    before: int
    after: int
    exposure: Exposure


@dataclass(frozen=True, slots=True)
class Row:
    """What followed the decisions of one kind.

    Attributes:
        title: which: "all", an agency's code, a kind of intervention.
        people: decided about and counted, rounded; None where they are too few to show.
        compared: people they are set beside, rounded.
        before: their distinct incidents a month before; ``after`` the same after.
        compared_before: of those they are set beside; ``compared_after`` the same after.
        ratio: their change over the change of those they are set beside; None where hidden or not estimable.
        low: its interval at 95 per cent.
        words: the row in a sentence.
    """

    title: str
    people: int | None = None
    compared: int | None = None
    before: float | None = None
    after: float | None = None
    compared_before: float | None = None
    compared_after: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = HIDDEN


@dataclass(frozen=True, slots=True)
class WhatWorks:
    """What followed decisions for the acting purpose.

    Attributes:
        decided: people decided about; ``counted`` those with enough days on both sides that could be set beside others.
        by_lead: a row an agency; ``by_intervention`` a row a kind of action.
        effects: what people recorded, by months after: how many of each effect, each at least ten or hidden.
        said: what it can and cannot show, and what shortens it, in sentences.
    """

    decided: int | None
    counted: int | None
    all: Row
    by_lead: tuple[Row, ...]
    by_intervention: tuple[Row, ...]
    effects: tuple[tuple[int, Mapping[str, str]], ...]
    said: tuple[str, ...] = field(default=())


def what_works(session: Session) -> WhatWorks:
    """Return what followed decisions, with intervals, small numbers hidden. Raises: Refused."""
    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=Reason(ReasonCode.OVERSIGHT), combine=True) as act:
        found = _read(act)
        act.note(decided=found.decided, rows=len(found.by_lead) + len(found.by_intervention))
    return found


def _read(act: Act) -> WhatWorks:
    today, purpose = act.session.clock.today(), act.session.purpose
    known = act.read(known_sources)
    decided = act.read(db.outcomes.first_decisions, purpose)
    flags = act.read(db.outcomes.flag_runs)
    discussed = act.read(db.outcomes.ever_before_a_panel)
    waiting = {profile for profile, _, _, _ in flags} - discussed - {row.profile_id for row in decided}
    days = _days(act.read(db.outcomes.incident_days, [*(row.profile_id for row in decided), *sorted(waiting)]))
    runs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for profile, _, raised, lapses in flags:
        if profile in waiting:
            runs[profile].append((raised, lapses))
    matched = _Matching(days, runs, known, today)
    pairs: dict[int, tuple[Series, list[Series]]] = {}
    lead: dict[int, str] = {}
    of_decision: dict[int, int] = {}
    limits: list[str] = []
    for row in decided:
        exposure = exposure_around(date.fromisoformat(row.decided_on), today, known)
        limits += exposure.limits
        if exposure.is_enough:
            mine = _series(row.profile_id, days, exposure)
            pairs[row.profile_id] = (mine, matched.beside(mine))
            lead[row.profile_id] = row.lead_agency
            of_decision[row.decision_id] = row.profile_id
    kinds: dict[str, set[int]] = defaultdict(set)
    for decision, kind in act.read(db.outcomes.interventions):
        if decision in of_decision:
            kinds[kind].add(of_decision[decision])
    said = (CAN_SHOW, CANNOT_SHOW, REGRESSION, *(f"{limit}." for limit in dict.fromkeys(limits)))
    return WhatWorks(
        _shown(len(decided)),
        _shown(len(pairs)),
        _row("all decisions", pairs.values()),
        tuple(_row(agency, [pairs[p] for p in lead if lead[p] == agency]) for agency in sorted(set(lead.values()))),
        tuple(_row(kind, [pairs[p] for p in sorted(people)]) for kind, people in sorted(kinds.items())),
        _effects(act, act.read(db.outcomes.every_effect, purpose)),
        said,
    )


def _days(rows: Iterable[tuple[int, str, str]]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = defaultdict(list)
    for profile, day, _ in rows:
        found[profile].append(date.fromisoformat(day))
    for each in found.values():
        each.sort()
    return found


def _series(person: int, days: Mapping[int, Sequence[date]], exposure: Exposure) -> Series:
    mine = days.get(person, ())
    first, day = bisect_left(mine, exposure.first), bisect_left(mine, exposure.day)
    then, last = bisect_left(mine, exposure.day + timedelta(1)), bisect_left(mine, exposure.last + timedelta(1))
    return Series(person, day - first, last - then, exposure)


class _Matching:
    """Sets people beside one another: flagged on the same day, never discussed, as many incidents before it."""

    def __init__(
        self,
        days: Mapping[int, Sequence[date]],
        runs: Mapping[int, Sequence[tuple[str, str]]],
        known: Sequence[Source],
        today: date,
    ) -> None:
        self._days, self._runs, self._known, self._today = days, runs, known, today
        self._used: Counter[int] = Counter()

    def beside(self, mine: Series) -> list[Series]:
        """Return up to EACH people; the nearest by incidents before, those used least first, then by number."""
        day = mine.exposure.day.isoformat()
        standing = (
            person for person, runs in self._runs.items() if any(raised <= day < lapses for raised, lapses in runs)
        )
        others = [_series(person, self._days, mine.exposure) for person in standing]
        # A person with five incidents is no likeness of one with twenty: half or double at most.
        near = [each for each in others if each.before <= 2 * mine.before and mine.before <= 2 * each.before]
        near.sort(key=lambda each: (abs(each.before - mine.before), self._used[each.person], each.person))
        for each in near[:EACH]:
            self._used[each.person] += 1
        return near[:EACH]


def _row(title: str, pairs: Iterable[tuple[Series, list[Series]]]) -> Row:
    both = [(mine, others) for mine, others in pairs if others]
    beside = {each.person for _, others in both for each in others}
    if len(both) < FEWEST or len(beside) < FEWEST:
        return Row(title)
    mine, others = [each for each, _ in both], [each for _, found in both for each in found]
    ratio, low, high = _difference(mine, others)
    rates = (*_rates(mine), *_rates(others))
    people, compared = _shown(len(mine)), _shown(len(beside))
    words = (
        f"About {people} people: {rates[0]:.2f} distinct incidents a month before, {rates[1]:.2f} after; about "
        f"{compared} people not discussed: {rates[2]:.2f} and {rates[3]:.2f}. {_in_words(ratio, low, high)}"
    )
    return Row(title, people, compared, *rates, ratio, low, high, words)


def _rates(people: Sequence[Series]) -> tuple[float, float]:
    before = sum(each.before for each in people) / sum(each.exposure.before for each in people)
    after = sum(each.after for each in people) / sum(each.exposure.after for each in people)
    return before * A_MONTH, after * A_MONTH


def _difference(mine: Sequence[Series], others: Sequence[Series]) -> tuple[float | None, float | None, float | None]:
    """Return the ratio of the two changes with its interval, by generalised estimating equations.

    A person used beside several others is one cluster; the covariance is corrected for few clusters (Mancl and
    DeRouen 2001), which widens it.
    """
    sides = [[sum(getattr(each, side) for each in group) for side in ("before", "after")] for group in (mine, others)]
    if not all(count for group in sides for count in group):
        return None, None, None  # a side without any incident has no ratio
    import numpy as np
    import statsmodels.api as sm

    counts, offsets, design, clusters = [], [], [], []
    for decided, group in ((1.0, mine), (0.0, others)):
        for each in group:
            for after, count, length in (
                (0.0, each.before, each.exposure.before),
                (1.0, each.after, each.exposure.after),
            ):
                counts.append(float(count))
                offsets.append(float(np.log(length)))
                design.append((1.0, decided, after, decided * after))
                clusters.append(each.person)
    model = sm.GEE(
        np.array(counts),
        np.array(design),
        groups=np.array(clusters),
        family=sm.families.Poisson(),
        offset=np.array(offsets),
        cov_struct=sm.cov_struct.Independence(),
    )
    fitted = model.fit(cov_type="bias_reduced")
    low, high = fitted.conf_int()[3]
    found = tuple(float(np.exp(value)) for value in (fitted.params[3], low, high))
    return found if all(np.isfinite(found)) else (None, None, None)  # type: ignore[return-value]


def _in_words(ratio: float | None, low: float | None, high: float | None) -> str:
    if ratio is None or low is None or high is None:
        return "No comparison can be made: one side has no incident."
    said = f"Set against them the change is {ratio:.2f} times (95 % interval {low:.2f} to {high:.2f}): "
    if low <= 1 <= high:
        return said + "no difference can be told from chance."
    return said + ("fewer than theirs." if high < 1 else "more than theirs.")


def _effects(act: Act, rows: Iterable[tuple[int, str, int, str]]) -> tuple[tuple[int, Mapping[str, str]], ...]:
    from kingshurst_tui.leaving.suppression import suppressed_list
    from kingshurst_tui.leaving.suppression_terms import lot_key, terms_of

    (under, base), key = terms_of(act), lot_key(act)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for _, _, months, effect in rows:
        counts[months][effect] += 1
    return tuple(
        (
            months,
            suppressed_list(
                {each.value: counts[months][each.value] for each in Effect}, under=under, base=base, key=key
            ),
        )
        for months in sorted(counts)
    )


def _shown(count: int) -> int | None:
    """Return a number as figures are shown: none where it is small, else rounded."""
    from kingshurst_tui.leaving.suppression import rounded

    return rounded(count) if count >= FEWEST else None
