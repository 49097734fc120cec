"""Places where several agencies meet more than the residents explain, by the rule in force: cited, dated, no score.

Told from published cells alone. The places come in the order of their codes: none is said to be worse than another.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.counting import some
from kingshurst_tui.places import between, intervals, place_rules, standing_since
from kingshurst_tui.places.comparing import borough_of
from kingshurst_tui.places.comparing import in_words as ratio_in_words
from kingshurst_tui.places.published import Range
from kingshurst_tui.places.spread import dispersions_of
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.intervals import Numbers
    from kingshurst_tui.places.place_rules import PlaceRule
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.places.standing_since import Cleared
    from kingshurst_tui.session import Session

CANNOT_SHOW = (
    "It says where several agencies' counts stand above what the number of residents explains; it does not say why. "
    "A shopping street, a station or a school draws people who live elsewhere, one event may be in the counts of "
    "several agencies, and places differ in how much is reported."
)
"""Stands beside every place that stands out."""
NO_RULE = "No rule for places is signed: none is looked for. See: kingshurst places rule list"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One data set's counts that stand above.

    Attributes:
        months: those counted.
        count: what is told of the count.
        expected: what the place's residents would have at the rate of the rest of the borough, from its least to its
            most, outward to whole numbers.
        low: lower end of the interval of the ratio, at 95 per cent.
        high: upper end; None where nothing bounds it.
        clears_at: the most that the count can be said to be without standing above any more, all else equal.
        words: the same in a sentence.
    """

    agreement_ref: str
    title: str
    agency_code: str
    agency_name: str
    months: tuple[str, ...]
    count: Range
    expected: Range
    low: float
    high: float | None
    clears_at: int
    words: str


@dataclass(frozen=True, slots=True)
class StandingOut:
    """A place where several agencies' measures stand together above what its residents explain.

    Attributes:
        rule: code and version.
        agencies: codes of those whose measures stand above.
        evidence: one for each data set that stands above, by agency.
        clears: what would clear it, in a sentence.
        words: the place in a sentence.
        since: ISO day since when it stands out, as far as somebody looked.
        since_words: the same in a sentence, with the versions of the rule.
    """

    code: str
    name: str
    rule: str
    agencies: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    clears: str
    words: str
    since: str = ""
    since_words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rule in force finds today.

    Attributes:
        rule: None where nobody has signed one, and then nothing is looked for.
        places: by code.
        looked_at: measures at places that were looked at together.
        said: what was looked at, and what it cannot show, in sentences.
        cleared: places that stood out within the last year and do so no more, the newest first.
    """

    rule: PlaceRule | None
    places: tuple[StandingOut, ...]
    looked_at: int
    said: tuple[str, ...]
    cleared: tuple[Cleared, ...] = ()


class _Measure(NamedTuple):
    """One data set over the places of the rule's level: counts and what they are held against, an entry a place."""

    published: PublishedSet
    months: tuple[str, ...]
    codes: tuple[str, ...]
    low: Numbers
    high: Numbers
    rest_low: Numbers
    rest_high: Numbers
    exposure: Numbers
    dispersion: float


def standing_out(session: Session) -> Found:
    """Return the places that stand out today, by the rule in force, with what each agency's counts say.

    Since when each does, and which cleared, is kept.

    Raises: Refused.
    """
    from kingshurst_tui.places.geography import geography
    from kingshurst_tui.places.published import shown

    rule, places = place_rules.in_force(session), geography(session)
    if rule is None:
        return standing_since.kept(session, Found(None, (), 0, (NO_RULE,)), (), places.names)
    codes = [*places.codes(Level(rule.level)), *places.codes(Level.WARD), *places.codes(Level.LOCAL_AUTHORITY)]
    sets = shown(session, list(dict.fromkeys(codes)))
    return standing_since.kept(
        session, by_rule(rule, sets, places), [each.agreement_ref for each in sets], places.names
    )


def by_rule(rule: PlaceRule, sets: Sequence[PublishedSet], geography: Geography) -> Found:
    """Return the places at which a rule's agencies stand above, from what is published.

    Args:
        rule: any version.
        sets: the data sets, with the cells of the rule's level, of the wards and of the borough.
        geography: residents and names.
    """
    residents = {
        code: known.number for code in geography.codes(Level(rule.level)) if (known := geography.residents(code))
    }
    codes = [code for code, number in residents.items() if number > 0]
    measures = [found for each in sets if (found := _measure(rule, each, geography, codes, residents)) is not None]
    looked_at = sum(len(each.codes) for each in measures)
    stands = _standing(rule, measures)
    by_place: dict[str, list[Evidence]] = defaultdict(list)
    for measure, which in zip(measures, stands, strict=True):
        low, high = intervals.ratio_interval(
            (measure.low, measure.high), (measure.rest_low, measure.rest_high), measure.exposure, measure.dispersion
        )
        for at in which:
            by_place[measure.codes[at]].append(_evidence(rule, measure, at, float(low[at]), float(high[at])))
    places = [_place(rule, geography, code, sorted(by_place[code], key=_order)) for code in sorted(by_place)]
    said = (
        f"{rule.title} ({rule.name}, in force since {_said(rule.starts_on)}, looked at again on "
        f"{_said(rule.review_on)}): {rule.in_words()}.",
        f"Source: {rule.source}",
        f"{looked_at:,} measures at places were looked at together.",
        *_left_out(sets, measures),
        CANNOT_SHOW,
    )
    return Found(rule, tuple(each for each in places if each is not None), looked_at, said)


def _left_out(sets: Sequence[PublishedSet], measures: Sequence[_Measure]) -> list[str]:
    used = {each.published.agreement_ref for each in measures}
    left = sum(each.agreement_ref not in used for each in sets)
    return (
        [f"{some(left, 'data set is', 'data sets are')} silent about places of this size, and not counted."]
        if left
        else []
    )


def _measure(
    rule: PlaceRule, published: PublishedSet, geography: Geography, codes: Sequence[str], residents: Mapping[str, int]
) -> _Measure | None:
    import numpy as np

    here = [code for code in codes if code in published.places]
    borough = borough_of(geography, here[0]) if here else ""
    categories = between.chosen(published, area=rule.priority_area)
    months = between.windows(published, borough, rule.months).months if borough in published.places else ()
    whole = geography.residents(borough) if borough else None
    if not here or not months or not categories or whole is None:
        return None
    mine = [categories] if rule.priority_area else None
    found = between.bounds([published], [*here, borough], mine)
    low, high, known = (part[0] for part in between.over(published.periods, found, months))
    if not known[-1]:
        return None
    kept = np.flatnonzero(known[:-1])
    lives = np.array([float(residents[here[at]]) for at in kept])
    return _Measure(
        published,
        months,
        tuple(here[at] for at in kept),
        low[kept],
        high[kept],
        np.maximum(low[-1] - high[kept], 0.0),
        high[-1] - low[kept],
        lives / np.maximum(whole.number - lives, 1.0),
        dispersions_of([published], geography, mine)[0],
    )


def _standing(rule: PlaceRule, measures: Sequence[_Measure]) -> list[list[int]]:
    """Return for each measure the places where it stands above, all of them judged together."""
    import numpy as np

    if not measures:
        return []
    from scipy.stats import false_discovery_control

    chances = [
        intervals.chance_above(each.low, each.rest_high, each.exposure, rule.ratio_above, each.dispersion)
        for each in measures
    ]
    judged = false_discovery_control(np.clip(np.concatenate(chances), 0, 1), method="bh")
    found, first = [], 0
    for each in measures:
        mine = judged[first : first + len(each.codes)]
        first += len(each.codes)
        low, _ = intervals.ratio_interval(
            (each.low, each.high), (each.rest_low, each.rest_high), each.exposure, each.dispersion
        )
        enough = each.low >= rule.count_at_least
        stands = (mine <= rule.false_in_a_hundred / 100) & (low > rule.ratio_above) & enough
        found.append([int(at) for at in np.flatnonzero(stands)])
    return found


def _evidence(rule: PlaceRule, measure: _Measure, at: int, low: float, high: float) -> Evidence:
    published = measure.published
    count = between.as_range(float(measure.low[at]), float(measure.high[at]))
    expected = between.as_range(
        math.floor(measure.rest_low[at] * measure.exposure[at]), math.ceil(measure.rest_high[at] * measure.exposure[at])
    )
    top = high if math.isfinite(high) else None
    return Evidence(
        published.agreement_ref, published.title, published.agency_code, published.agency_name, measure.months, count,
        expected, low, top, _clears_at(rule, measure, at),
        f"{published.title} ({published.agency_name}): {between.in_words(count)} in {len(measure.months)} months to "
        f"{between.month_in_words(measure.months[-1])}, where its residents would have {between.in_words(expected)} "
        f"at the rate of the rest of the borough ({ratio_in_words(None, low, high)}).",
    )  # fmt: skip


def _clears_at(rule: PlaceRule, measure: _Measure, at: int) -> int:
    """Return the largest count, a multiple of the base, that would not stand above, were the rest as it is."""
    import numpy as np

    base = measure.published.base
    counts = np.arange(0, int(measure.low[at]) + base, base, dtype=float)
    told = np.where(counts >= measure.published.under, np.maximum(counts - base // 2, measure.published.under), 0.0)
    low, _ = intervals.ratio_interval(
        (told, counts + base), (measure.rest_low[at], measure.rest_high[at]), measure.exposure[at], measure.dispersion
    )
    clear = counts[(low <= rule.ratio_above) | (told < rule.count_at_least)]
    return int(clear[-1]) if clear.size else 0


def _place(rule: PlaceRule, geography: Geography, code: str, evidence: Sequence[Evidence]) -> StandingOut | None:
    names = {each.agency_code: each.agency_name for each in evidence}
    if len(names) < rule.agencies_at_least:
        return None
    clears = "; ".join(f"{each.title} at {each.clears_at:,} or fewer in as many months" for each in evidence)
    return StandingOut(
        code,
        geography.name(code),
        rule.name,
        tuple(names),
        tuple(evidence),
        f"It clears when fewer than {rule.agencies_at_least} agencies stand above: {clears}, the rest of the borough "
        "being as it is; or by another version of the rule.",
        f"{geography.name(code)}: {', '.join(names.values())} each meet more here than its residents explain.",
    )


def _order(evidence: Evidence) -> tuple[str, str]:
    return evidence.agency_code, evidence.agreement_ref


def _said(day: str) -> str:
    from kingshurst_tui.clock import plain_date

    return plain_date(day)
