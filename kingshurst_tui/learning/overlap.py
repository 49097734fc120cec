"""Whether the most frequent people are the same across agencies: the premise that the partnership began with.

Of each agency's most frequent 1 and 5 per cent: how many other agencies know them, which, and how much of the agency's
demand they are. It stands beside the other figures across cases and not among places: it counts people, everybody at
once, and what leaves this room is suppressed and names nobody; of places nobody can be reached at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import db.overlap
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import plain_date
from kingshurst_tui.errors import UsageError
from kingshurst_tui.learning.overlap_told import Figure, as_told, hidden_figure, may_be_told, not_worked_out
from kingshurst_tui.learning.quarters import latest
from kingshurst_tui.learning.stays_hidden import Hidden, hidden_before, keep, named
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.learning.overlap_counts import Counted, Floats
    from kingshurst_tui.leaving.suppression_terms import Terms

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)
_TWICE = 2
_FIRST_YEAR = 2000
MOST = 5
"""The per cent that "also among the most frequent of another agency" means."""
EVERYBODY = 100
"""Stands for all of an agency's people where a per cent is asked for."""

FREQUENT = (
    "The most frequent 1 or 5 per cent of an agency's people are those met in the most distinct incidents, whatever "
    "their role in them: victims and callers count like anybody. People with as many incidents as the last one in "
    "count in equal parts, so that each group is as large as it says and nobody is chosen among equals."
)
KNOWN = (
    "Known to another agency: met by it in the same period, about whatever it was. Of a data set that holds only "
    "people who consented, or only what began later, that is the least that it can be."
)
DEMAND = "Demand: distinct incidents of that agency; one in which several of the group took part counts once."
EVEN_ONCE = "not told: fewer than that were met more than once, so that the last ones in were met once like most"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole quarters; nobody chooses a day, so that no two figures differ by a few days' people."""

    first: date
    last: date

    @property
    def words(self) -> str:
        """The period as people read it."""
        return f"{plain_date(self.first)} to {plain_date(self.last)}"


def latest_year(today: date, known_to: date | None = None) -> Period:
    """Return the latest four quarters that are over, and not later than anything is known.

    Example:
        >>> latest_year(date(2026, 5, 4)).words
        '1 April 2025 to 31 March 2026'
    """
    quarter = latest(today, 1)[0]
    while known_to is not None and quarter.last > known_to:
        quarter = quarter.before
    return Period(quarter.a_year_before.last + timedelta(days=1), quarter.last)


def calendar_year(year: int, today: date) -> Period:
    """Return a calendar year that is over. Raises: UsageError."""
    if not _FIRST_YEAR <= year < today.year:
        raise UsageError(f"{year} is no year that is over.", "Nothing was counted.", f"At the latest {today.year - 1}.")
    return Period(date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Group:
    """The most frequent so many per cent of one agency's people; EVERYBODY for all of them.

    Attributes:
        people: how many, rounded; None where hidden.
        not_told: why nothing is said of it; empty where something is.
        known: of them, known to any other agency.
        known_to: to each of the others, by code; nothing for EVERYBODY.
        frequent_too: of them, also among the most frequent 5 per cent of another agency.
        demand: of the agency's incidents, those that they are part of; None for EVERYBODY.
    """

    percent: int
    people: int | None
    not_told: str
    known: Figure | None
    known_to: Mapping[str, Figure]
    frequent_too: Figure | None
    demand: Figure | None


@dataclass(frozen=True, slots=True)
class AgencyOverlap:
    """One agency's most frequent people, and everybody it met."""

    agency: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far agencies meet the same people.

    Attributes:
        area: a priority area; empty for all.
        agencies: those that met anybody, by code.
        said: definitions, what is not covered, and what the intervals rest on.
    """

    period: Period
    area: str
    as_at: date
    under: int
    base: int
    agencies: tuple[AgencyOverlap, ...]
    said: tuple[str, ...]


def overlap(session: Session, area: str = "", *, year: int | None = None) -> Overlap:
    """Return how far agencies meet the same people. Raises: Refused, UsageError (no such area, a year not over)."""
    return overlaps(session, (area,), year=year)[0]


def overlaps(session: Session, areas: Sequence[str], *, year: int | None = None) -> tuple[Overlap, ...]:
    """Return the same for several priority areas, read once; empty text for all together. Raises: as ``overlap``."""
    from kingshurst_tui.learning.link_error import error_of
    from kingshurst_tui.learning.overlap_counts import DRAWS, count, met_of
    from kingshurst_tui.leaving.suppression_terms import terms_of

    known = [str(each) for each in PriorityArea]
    if wrong := [each for each in areas if each and each not in known]:
        raise UsageError(f"{wrong[0]!r} is no priority area.", "Nothing was counted.", f"One of: {', '.join(known)}.")
    today = session.clock.today()
    known_to = [each.known_to for each in session.look(known_sources) if each.is_live and each.known_to]
    period = latest_year(today, max(known_to, default=None)) if year is None else calendar_year(year, today)
    facts = {"first": period.first.isoformat(), "last": period.last.isoformat(), "areas": ",".join(areas) or None}
    with session.act(Operation.COMBINE, Thing.OVERLAP, reason=_OVERSIGHT, combine=True, facts={**facts}) as act:
        rows = act.read(db.overlap.met, facts["first"] or "", facts["last"] or "")
        error, terms, before = error_of(act), terms_of(act), hidden_before(act)
        said = (FREQUENT, KNOWN, DEMAND, error.words.format(draws=DRAWS), *_not_covered(act, period))
    # What follows takes longer than anybody should have a turn at writing; the entry is committed, nothing is shown.
    found: list[Overlap] = []
    hidden: set[str] = set()
    for area in areas:
        met = met_of(rows, area or None)
        counted = count(met, error)
        whose = {code: named(facts["last"] or "", area, code) for code in counted}
        agencies = [
            _agency(code, met.agencies, each, terms, _Kept(whose[code], before, hidden))
            for code, each in counted.items()
        ]
        # That one met nobody about it is not told from its absence.
        agencies += [nobody_told(code, terms) for code in met.agencies if code not in counted]
        told = from_one_side(sorted(agencies, key=lambda each: each.agency), terms)
        for code, group in told.anew:
            hidden.add(named(whose[code], "too", str(group)))
        found.append(Overlap(period, area, today, terms.under, terms.base, told.agencies, said))
    keep(session, Thing.OVERLAP, hidden, before)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was hidden of one agency in earlier reports, and what is hidden now."""

    whose: str
    before: Hidden
    now: set[str]

    def may(self, name: str, counts: Sequence[Sequence[int]], terms: Terms) -> list[bool]:
        """Return which groups may be told: none that was hidden before, and none that would tell such a one."""
        names = [named(self.whose, name, str(group)) for group in range(len(counts[0]))]
        shut = [each in self.before for each in names]
        told = may_be_told(counts, terms, shut)
        self.now.update(each for each, is_told in zip(names, told, strict=True) if not is_told)
        return told


def _not_covered(act: Act, period: Period) -> list[str]:
    gaps = []
    for source in act.read(known_sources):
        known_to = source.known_to
        if not (source.is_live and source.is_shared):
            continue
        if known_to is None:
            gaps.append(f"{source.title} ({source.agency}): nothing has come in")
        elif known_to < period.last:
            gaps.append(f"{source.title} ({source.agency}) is known to {plain_date(known_to)}")
        elif source.covers_from is not None and source.covers_from > period.first:
            gaps.append(f"{source.title} ({source.agency}) begins on {plain_date(source.covers_from)}")
    return [f"Not known for the whole period, so that more may be: {'; '.join(gaps)}."] if gaps else []


def _agency(code: str, agencies: Sequence[str], counted: Counted, terms: Terms, kept: _Kept) -> AgencyOverlap:
    import numpy as np

    from kingshurst_tui.learning.overlap_counts import PERCENTS

    dice = np.random.default_rng(len(code))
    groups = range(len(PERCENTS) + 1)

    def told(name: str, part: Sequence[int], drawn: Floats) -> list[Figure]:
        rest = [whole - min(each, whole) for each, whole in zip(part, counted.people, strict=True)]
        may = kept.may(name, [part, rest], terms)
        return [as_told(part[g], counted.people[g], drawn[:, g], terms, dice, may_be=may[g]) for g in groups]

    known = told("known", counted.known, counted.drawn["known"])
    too = told("too", counted.frequent_too, counted.drawn["frequent_too"])
    may = kept.may("demand", [counted.incidents], terms)
    everything = counted.incidents[-1]
    demand = [
        as_told(counted.incidents[g], everything, counted.drawn["demand"][:, g], terms, dice, may_be=may[g] and may[-1])
        for g in groups
    ]
    each = {
        other: told(other, [counted.known_to[g][at] for g in groups], counted.drawn["known_to"][:, :, at])
        for at, other in enumerate(agencies)
        if other != code
    }
    made = []
    for group, percent in enumerate((*PERCENTS, EVERYBODY)):
        why = EVEN_ONCE if percent != EVERYBODY and counted.at_least[group] < _TWICE else ""
        if counted.people[group] < terms.under:
            why = _few(terms)
        if why:
            made.append(Group(percent, None, why, None, {}, None, None))
            continue
        # Of everybody, whom each other agency knows would be told from both sides, and hidden on one of them alone.
        of_group = {} if percent == EVERYBODY else {other: figures[group] for other, figures in each.items()}
        made.append(
            Group(
                percent,
                known[group].whole or too[group].whole,
                "",
                known[group],
                not_worked_out(known[group], of_group, terms),
                too[group],
                None if percent == EVERYBODY else demand[group],
            )
        )
    return AgencyOverlap(code, tuple(made))


def nobody_told(code: str, terms: Terms) -> AgencyOverlap:
    """Return what is said of an agency that met fewer people than are told of, or nobody."""
    from kingshurst_tui.learning.overlap_counts import PERCENTS

    groups = (Group(percent, None, _few(terms), None, {}, None, None) for percent in (*PERCENTS, EVERYBODY))
    return AgencyOverlap(code, tuple(groups))


def _few(terms: Terms) -> str:
    return f"hidden: fewer than {terms.under} people"


class OneSide(NamedTuple):
    """Agencies of which nothing is told that another agency's figures hide, and what was hidden for it.

    Attributes:
        anew: agency and which of its groups: how many are also among another agency's most frequent is hidden now.
    """

    agencies: tuple[AgencyOverlap, ...]
    anew: tuple[tuple[str, int], ...]


def from_one_side(agencies: Sequence[AgencyOverlap], terms: Terms) -> OneSide:
    """Hide what would tell from one agency's side what is hidden on another's.

    Of all people of one agency, those among another's most frequent are the people of that group whom the one knows.
    Of two agencies' most frequent, those that are both are the same people whichever is asked first.
    """
    anew: list[tuple[str, int]] = []
    made = []
    for mine in agencies:
        others = [each for each in agencies if each.agency != mine.agency]
        groups = list(mine.groups)
        for at, group in enumerate(groups):
            if group.frequent_too is None or group.frequent_too.part is None:
                continue
            if not all(_tells(each, mine.agency, group.percent) for each in others):
                groups[at] = replace(group, frequent_too=hidden_figure(terms))
                anew.append((mine.agency, at))
        made.append(replace(mine, groups=tuple(groups)))
    return OneSide(tuple(made), tuple(anew))


def _tells(other: AgencyOverlap, code: str, percent: int) -> bool:
    """Say whether another agency's most frequent are told as far as a figure of this agency's group tells of them."""
    (theirs,) = (each for each in other.groups if each.percent == MOST)
    if theirs.not_told:
        return percent != EVERYBODY
    if percent == EVERYBODY:
        return code in theirs.known_to and theirs.known_to[code].part is not None
    return theirs.frequent_too is not None and theirs.frequent_too.part is not None


def title_of(percent: int) -> str:
    """Return what a group is called."""
    return "all its people" if percent == EVERYBODY else f"the most frequent {percent} %"
