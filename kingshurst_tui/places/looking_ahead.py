"""What is expected of the next months, place by place; shown only where it beats the plain figures, and kept.

What is expected is worked out from published cells, so that it tells nothing which they do not. Exact counts say
whether the model held on past months, and go no further than this. What comes out is rounded outward to the base and is
hidden under the line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import db.agreements
import db.areas
import db.expected
import db.published
from db.expected import ForecastRow
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.agreements.document import from_text
from kingshurst_tui.clock import stamp
from kingshurst_tui.places import between, counts, expecting, forecast_approval
from kingshurst_tui.places.between import A_YEAR, a_year_before
from kingshurst_tui.places.coverage import months_between
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.held_to_account import LAST_MONTH, LAST_YEAR, Account, hold_to_account
from kingshurst_tui.places.published import AREA_EXTRACT, months_back, shown
from kingshurst_tui.places.spread import dispersions_of
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.places.expecting import Monthly
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.intervals import Numbers
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session

LEVELS = (Level.LSOA, Level.WARD)
SURE = 0.95
"""How often the interval that is shown holds."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One month of one place.

    Attributes:
        known_to: the newest month that it rests on.
        method: METHOD, or the plain figure that stands instead.
        expected: rounded, or HIDDEN.
        low: of the interval at 95 per cent, rounded outward; HIDDEN under the line, NOT_KNOWN for a plain figure.
        high: the same.
        beats: whether a model stands behind it that beats both plain figures.
        last_year: the published count of the same month of last year, HIDDEN or NOT_KNOWN.
        last_month: the same of the newest month known.
    """

    level: str
    code: str
    name: str
    category: str
    month: str
    ahead: int
    known_to: str
    method: str
    expected: int
    low: int
    high: int
    beats: bool
    last_year: int
    last_month: int


@dataclass(frozen=True, slots=True)
class SetAhead:
    """What is expected of one data set, and how its model did on past months.

    Attributes:
        accounts: by level and category, one for each number of months ahead.
        expected: by level, code, category and month; what is hidden is not in it.
        kept: how many were new to the record.
        why_not: in words, where nothing can be expected of it.
    """

    agreement_ref: str
    title: str
    accounts: Mapping[tuple[str, str], tuple[Account, ...]]
    expected: tuple[Expected, ...]
    kept: int = 0
    why_not: str = ""


def expect(session: Session, agreement: str | None = None) -> list[SetAhead]:
    """Fit, hold to account, and keep what is expected of the next months, by data set.

    It takes seconds: screens read ``forecast_record.of_place``, what was kept.

    Raises: Refused (the ALGO-CARE answers are not approved; the role may not).
    """
    if not forecast_approval.is_approved(session):
        with session.act(Operation.COMBINE, Thing.FORECAST, reason=Reason(ReasonCode.MAINTENANCE)) as act:
            act.refuse(
                f"The ALGO-CARE answers for {expecting.METHOD} are not approved.",
                "Nothing was expected of any place.",
                "A supervisor or the governance officer can approve them: kingshurst places model approve STORE",
            )
    lands = geography(session)
    codes = {level: lands.codes(level) for level in LEVELS}
    borough = lands.codes(Level.LOCAL_AUTHORITY)
    sets = shown(session, [*codes[Level.LSOA], *codes[Level.WARD], *borough], agreement=agreement)
    exact = _exact(session, sets, lands)
    found = []
    for published in sets:
        ahead = set_ahead(published, exact[published.agreement_ref], lands)
        kept = 0
        if rows := [_row(session, published, each, ahead) for each in ahead.expected]:
            facts: dict[str, Fact] = {"data_set": published.agreement_ref, "expected": len(rows)}
            with session.act(
                Operation.COMBINE, Thing.FORECAST, reason=Reason(ReasonCode.MAINTENANCE), facts=facts
            ) as act:
                kept = act.write(db.expected.keep, session.purpose, rows)
        found.append(SetAhead(ahead.agreement_ref, ahead.title, ahead.accounts, ahead.expected, kept, ahead.why_not))
    return found


def _exact(session: Session, sets: Sequence[PublishedSet], lands: Geography) -> dict[str, counts.Counts]:
    """Return the exact counts behind published sets; they do not leave this module."""
    today, references = session.clock.today().isoformat(), [each.agreement_ref for each in sets]
    with session.act(
        Operation.COMBINE, Thing.FORECAST, reason=Reason(ReasonCode.MAINTENANCE), combine=True,
        facts={"data_sets": len(references)},
    ) as act:  # fmt: skip
        signed = {
            row.reference: from_text(row.document)
            for row in act.read(db.agreements.every)
            if row.status == "live" and row.reference in references
        }
        people = [each.agreement_ref for each in sets if each.kind != AREA_EXTRACT]
        met = act.read(db.published.incidents_there, people) if people else []
    return {
        reference: counts.from_contacts([row for row in met if row.agreement_ref == reference], lands)
        if reference in people
        else counts.from_extract(one, session.look(db.areas.current, session.purpose, today, reference), lands)
        for reference, one in signed.items()
    }


def set_ahead(published: PublishedSet, exact: counts.Counts, lands: Geography) -> SetAhead:
    """Return what is expected of one data set, level by level and category by category.

    Args:
        published: what is shown of it, for the borough, its wards and its LSOAs.
        exact: its counts.
        lands: how its places lie in one another.
    """
    months = _whole_months(published)
    accounts: dict[tuple[str, str], tuple[Account, ...]] = {}
    expected: list[Expected] = []
    if len(months) < expecting.FEWEST_TO_FIT:
        why = f"{len(months)} months came in whole; {expecting.FEWEST_TO_FIT} are needed to expect anything."
        return SetAhead(published.agreement_ref, published.title, {}, (), 0, why)
    for level in LEVELS:
        codes = tuple(code for code in lands.codes(level) if code in published.places)
        for category in (each for each in published.categories if each not in published.beside):
            told = _told(published, codes, category, months)
            if not told and not _any_shown(published, codes, category, months):
                continue  # whatever was expected of it would be hidden
            monthly = monthly_counts(exact, lands, level, codes, months, category)
            found = tuple(hold_to_account(monthly, range(1, expecting.AHEAD + 1)))
            accounts[level.value, category] = found
            seen = as_published(published, lands, codes, category, months)
            expected += _expected(published, lands, level, category, (monthly, seen), found, frozenset(told))
    return SetAhead(published.agreement_ref, published.title, accounts, tuple(expected))


def monthly_counts(
    exact: counts.Counts, lands: Geography, level: Level, codes: Sequence[str], months: Sequence[str], category: str
) -> Monthly:
    """Return exact counts as a table of places by months in a row; months that are not whole are not numbers."""
    import numpy as np

    every = tuple(months_between(months[0], months[-1]))
    column = {month: at for at, month in enumerate(every) if month in set(months)}
    row = {code: at for at, code in enumerate(codes)}
    table = np.full((len(codes), len(every)), np.nan)
    table[:, list(column.values())] = 0.0
    within: dict[str, int | None] = {}
    for (code, month, of), count in exact.cells.items():
        if month not in column or (category and of != category):
            continue
        if code not in within:
            parent = lands.parent(code, level) if level != exact.leaves else None
            within[code] = row.get(parent.code if parent else code)
        at = within[code]
        if at is not None:
            table[at, column[month]] += count
    return expecting.Monthly(tuple(codes), every, table)


class Seen(NamedTuple):
    """A data set as whoever has its published cells can tell it.

    Attributes:
        monthly: the borough's months, each shared out over the places as their newest year is.
        wide: by how much the least and the most that a place's newest year can be differ, a month.
        scatter: how much more counts scatter than independent events would.
    """

    monthly: Monthly
    wide: Numbers
    scatter: float


MOST_UNSURE = 0.25
"""Where the borough's months are told less closely than within so much of all of them, nothing is made of them."""


def as_published(
    published: PublishedSet, lands: Geography, codes: Sequence[str], category: str, months: Sequence[str]
) -> Seen | None:
    """Return what the model may know of the months of some places, from published cells alone; None if too little."""
    import numpy as np

    borough = [code for code in lands.codes(Level.LOCAL_AUTHORITY) if code in published.places][:1]
    if not borough or not codes:
        return None
    column = (published.categories.index(category),)
    chosen = None if column == (0,) else [column]
    at = [published.periods.index(month) for month in months]
    whole = between.bounds([published], borough, chosen)
    low, high = whole.low[0, 0, at], whole.high[0, 0, at]
    totals = (low + high) / 2
    if not np.isfinite(high).all() or (high - low).sum() > MOST_UNSURE * totals.sum():
        return None
    recent = list(months[-A_YEAR:])
    least, most, _ = (
        part[0] for part in between.over(published.periods, between.bounds([published], codes, chosen), recent)
    )
    bounded = np.isfinite(most)
    year = np.where(bounded, (least + np.where(bounded, most, 0.0)) / 2, 0.0)
    # What the others leave over is shared among the places of which nothing is told.
    left = max(float(totals[-A_YEAR:].sum() - year.sum()), 0.0)
    year = np.where(bounded, year, np.maximum(least, left / max(int((~bounded).sum()), 1)))
    if not year.sum():
        return None
    (scatter,) = dispersions_of([published], lands, chosen)
    every = tuple(months_between(months[0], months[-1]))
    table = np.full((len(codes), len(every)), np.nan)
    table[:, [every.index(month) for month in months]] = (year / year.sum())[:, None] * totals[None, :]
    return Seen(expecting.Monthly(tuple(codes), every, table), (most - least) / len(recent), scatter)


def _whole_months(published: PublishedSet) -> list[str]:
    known = {
        published.periods[at]
        for rows in published.places.values()
        for at, cells in enumerate(rows)
        if cells[0] != NOT_KNOWN
    }
    return [month for month in published.months if month in known and month not in published.incomplete]


def _told(published: PublishedSet, codes: Sequence[str], category: str, months: Sequence[str]) -> list[str]:
    """Return the places whose newest year is told by what is published, as closely as a rounded mean of it would.

    Else what is expected might tell what is hidden.
    """
    column = (published.categories.index(category),)
    if not codes:
        return []
    last = set(months_back(months[-1], A_YEAR))
    recent = [month for month in months if month in last]
    found = between.bounds([published], codes, None if column == (0,) else [column])
    low, high, known = (part[0] for part in between.over(published.periods, found, recent))
    close = known & (high - low <= published.base * len(recent)) & (low >= published.under * len(recent) / 2)
    return [code for code, told in zip(codes, close, strict=True) if told]


def _any_shown(published: PublishedSet, codes: Sequence[str], category: str, months: Sequence[str]) -> bool:
    """Say whether any of the newest year's months is shown of any place: only then is there a plain figure."""
    column = published.categories.index(category)
    at = [published.periods.index(month) for month in months[-A_YEAR:]]
    return any(published.places[code][row][column] >= 0 for code in codes for row in at)


def _expected(
    published: PublishedSet,
    lands: Geography,
    level: Level,
    category: str,
    counted: tuple[Monthly, Seen | None],
    accounts: Sequence[Account],
    told: frozenset[str],
) -> list[Expected]:
    monthly, seen = counted
    outlooks = _outlooks(seen, [each.ahead for each in accounts])
    known_to, found = monthly.months[-1], []
    for account, outlook in zip(accounts, outlooks, strict=True):
        month = months_after(known_to, account.ahead)
        span = outlook.interval(SURE) if outlook is not None else None
        for at, code in enumerate(monthly.codes):
            plain = {
                LAST_YEAR: published.cell(code, a_year_before(month), category),
                LAST_MONTH: published.cell(code, known_to, category),
            }
            if account.may_be_shown:
                if outlook is None or span is None or code not in told or seen is None or math.isinf(seen.wide[at]):
                    continue
                method, ends = expecting.METHOD, (float(span[0][at]), float(span[1][at]))
                cells = as_shown(float(outlook.mean[at]), *ends, published.under, published.base)
            else:
                method = LAST_YEAR if plain[LAST_YEAR] != NOT_KNOWN else LAST_MONTH
                cells = (plain[method], NOT_KNOWN, NOT_KNOWN)
            if cells[0] >= 0:
                found.append(
                    Expected(
                        level.value,
                        code,
                        lands.name(code),
                        category,
                        month,
                        account.ahead,
                        known_to,
                        method,
                        *cells,
                        account.may_be_shown,
                        plain[LAST_YEAR],
                        plain[LAST_MONTH],
                    )
                )
    return found


def _outlooks(seen: Seen | None, steps: Sequence[int]) -> Sequence[expecting.Outlook | None]:
    """Return what is expected of each month ahead, told from published cells; none where too little is published."""
    import numpy as np

    found = seen and expecting.outlook(seen.monthly.counts, int(seen.monthly.months[0][5:]), steps, seen.scatter)
    if seen is None or found is None:
        return [None] * len(steps)
    # The place's year lies anywhere between its least and its most (uniform): that widens the interval.
    unsure = np.where(np.isfinite(seen.wide), seen.wide, 0.0) ** 2 / 12
    return [replace(each, variance=each.variance + unsure) for each in found]


def as_shown(mean: float, low: float, high: float, under: int, base: int) -> tuple[int, int, int]:
    """Return an expected count and its interval as they may be shown.

    Args:
        mean: what is expected.
        low: the least of its interval.
        high: the most.
        under: what is expected to be fewer is hidden, its interval too.
        base: they are rounded to a multiple of it, the ends outward.

    Example:
        >>> as_shown(23.4, 13.0, 36.0, 10, 5), as_shown(12.0, 6.0, 19.0, 10, 5), as_shown(9.9, 4.0, 17.0, 10, 5)
        ((25, 10, 40), (10, -1, 20), (-1, -1, -1))
    """
    if mean < under:
        return HIDDEN, HIDDEN, HIDDEN
    least = int(low // base * base)
    return int((mean + base / 2) // base * base), least if least >= under else HIDDEN, int(-(-high // base) * base)


def months_after(month: str, number: int) -> str:
    """Return the month so many after another.

    Example:
        >>> months_after("2024-11", 3)
        '2025-02'
    """
    at = int(month[:4]) * 12 + int(month[5:]) - 1 + number
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def _row(session: Session, published: PublishedSet, one: Expected, ahead: SetAhead) -> ForecastRow:
    account = next(each for each in ahead.accounts[one.level, one.category] if each.ahead == one.ahead)
    return ForecastRow(
        published.agreement_ref,
        one.level,
        one.code,
        one.category,
        one.month,
        one.ahead,
        one.known_to,
        one.method,
        one.expected,
        one.low,
        one.high,
        int(one.beats),
        json.dumps(account.as_record()),
        session.user.name,
        stamp(session.clock.now()),
    )
