"""When a rule holds: pure arithmetic over columns of contacts, for one person as for a million contacts.

A rule is met on a day when the distinct incidents of the window ending that day satisfy it. A run is one
longest stretch of such days. Among the contacts that a rule counts, an incident happened on the day of its
first, and it is from all agencies that told of it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from kingshurst_tui.casework.rules import POLICE_AGE, Rule, Threshold
from kingshurst_tui.vocabulary import AgencyKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_NEVER = np.int64(-(1 << 40))
UNKNOWN_AGE = -1
"""Stands in ``Contacts.age`` where no stated date of birth is known."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts as columns of one length. Words are numbers into ``words``.

    Attributes:
        contact: contact ids.
        profile: profile ids.
        incident: incidents as numbers; two contacts with one number are one incident.
        day: days as ordinals (``date.toordinal``).
        age: whole years on that day, UNKNOWN_AGE where no date of birth is stated.
        counterpart: the other party's profile id, 0 where none is stated.
        measure: the number that the contact carries, NaN where none.
    """

    contact: Ints
    profile: Ints
    incident: Ints
    day: Ints
    age: Ints
    counterpart: Ints
    measure: Floats
    agency: Ints
    agreement: Ints
    category: Ints
    priority_area: Ints
    role: Ints
    standing: Ints
    words: Sequence[str]

    def take(self, chosen: Bools | Ints) -> Contacts:
        """Return the chosen rows."""
        names = [column.name for column in fields(self) if column.name != "words"]
        return Contacts(words=self.words, **{name: getattr(self, name)[chosen] for name in names})

    def __len__(self) -> int:
        return len(self.contact)


@dataclass(frozen=True, slots=True)
class Runs:
    """Stretches of days on which a rule held, sorted by group and first day.

    Attributes:
        group: what the incidents belong to: a profile, or a profile and a counterpart.
        raised: the first day on which the rule held.
        lapses: the first day after, on which it no longer did.
    """

    group: Ints
    raised: Ints
    lapses: Ints

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True)
class Flagging:
    """One run of one rule for one profile, with the contacts that it rests on.

    Attributes:
        counterpart: the other party's profile id for a rule that goes by pairs, else 0.
        raised_on: ordinal of the first day.
        lapses_on: ordinal of the first day after.
        rows: positions of its contacts in the Contacts it came from, in order of day.
    """

    rule: Rule
    profile: int
    counterpart: int
    raised_on: int
    lapses_on: int
    rows: Ints


def merge(group: Ints, start: Ints, end: Ints) -> Runs:
    """Return the union of stretches [start, end) a group; stretches that touch become one."""
    keep = start < end
    group, start, end = group[keep], start[keep], end[keep]
    if not len(group):
        return Runs(group, start, end)
    order = np.lexsort((start, group))
    group, start, end = group[order], start[order], end[order]
    new_group = np.r_[True, group[1:] != group[:-1]]
    # The furthest end so far in a group: lifting each group above the last lets one running maximum do all.
    lift = np.cumsum(new_group) * (end.max() - start.min() + 1)
    furthest = np.maximum.accumulate(end + lift) - lift
    first = new_group.copy()
    first[1:] |= start[1:] > furthest[:-1]
    last = np.r_[first[1:], True]
    return Runs(group[first], start[first], furthest[last])


def runs(group: Ints, incident: Ints, day: Ints, agency: Ints, any_of: Iterable[Threshold]) -> Runs:
    """Return when any of the thresholds held for each group.

    Args:
        group: whose incidents they are; incidents of different groups never add up.
        incident: incidents as numbers; the same number in two groups is counted in each.
        day: ordinals; an incident happened on the first of its days.
        agency: agencies as numbers.
        any_of: the thresholds, of which one is enough.
    """
    events = _events(group, incident, day, agency)
    found = [_runs_of(*events, threshold) for threshold in any_of]
    return merge(
        np.concatenate([each.group for each in found]),
        np.concatenate([each.raised for each in found]),
        np.concatenate([each.lapses for each in found]),
    )


def _events(group: Ints, incident: Ints, day: Ints, agency: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return distinct (group, incident, first day, agency), sorted by group, day and incident."""
    order = np.lexsort((day, incident, group))
    group, incident, day, agency = group[order], incident[order], day[order], agency[order]
    new = _changes(group, incident)
    # After that sort the first row of an incident holds its first day.
    day = day[new][np.cumsum(new) - 1] if len(group) else day
    order = np.lexsort((agency, incident, day, group))
    group, incident, day, agency = group[order], incident[order], day[order], agency[order]
    distinct = _changes(group, incident, agency)
    return group[distinct], incident[distinct], day[distinct], agency[distinct]


def _changes(*columns: Ints) -> Bools:
    changed = np.zeros(len(columns[0]), dtype=bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _runs_of(group: Ints, incident: Ints, day: Ints, agency: Ints, threshold: Threshold) -> Runs:
    """Return when one threshold held.

    From event i on it holds until the n-th latest incident, or the m-th latest agency, leaves the window.
    Both days only grow within a group, so the days on which it holds are the union of one stretch an event.
    """
    if not len(group):
        return Runs(group, day, day)
    new_incident = _changes(group, incident)
    first_row = np.flatnonzero(new_incident)
    rank = np.cumsum(new_incident) - 1
    earlier = rank - (threshold.at_least - 1)
    earlier_row = first_row[np.maximum(earlier, 0)]
    enough = (earlier >= 0) & (group[earlier_row] == group)
    # Most people meet agencies once or twice: only those with incidents enough are looked at any further.
    enough &= day - day[earlier_row] < threshold.within_days
    oldest = day[earlier_row]
    if threshold.agencies_at_least > 1:
        candidates = np.isin(group, np.unique(group[enough]))
        latest = np.full(len(group), _NEVER)
        latest[candidates] = _nth_latest_agency(
            group[candidates], day[candidates], agency[candidates], threshold.agencies_at_least
        )
        oldest = np.minimum(oldest, latest)
    return merge(group[enough], day[enough], oldest[enough] + threshold.within_days)


def _nth_latest_agency(group: Ints, day: Ints, agency: Ints, wanted: int) -> Ints:
    """Return, an event, the day since which ``wanted`` agencies have been heard of; _NEVER if not so many."""
    codes = np.unique(agency)
    if not len(group) or len(codes) < wanted:
        return np.full(len(group), _NEVER)
    position = np.arange(len(group))
    group_start = np.maximum.accumulate(np.where(_changes(group), position, 0))
    latest = np.empty((len(codes), len(group)), dtype=np.int64)
    for row, code in enumerate(codes):
        seen = np.maximum.accumulate(np.where(agency == code, position, -1))
        latest[row] = np.where(seen >= group_start, day[seen], _NEVER)
    place = len(codes) - wanted
    return np.asarray(np.partition(latest, place, axis=0)[place])


def counted(rule: Rule, contacts: Contacts, kinds: Mapping[str, str]) -> Bools:
    """Return which contacts a rule counts.

    Args:
        rule: the rule.
        contacts: any contacts, of any people.
        kinds: kind of agency (vocabulary.AgencyKind) by agency code.
    """
    words = contacts.words
    kept = _among(contacts.standing, rule.standings, words)
    for column, wanted in (
        (contacts.category, rule.categories),
        (contacts.priority_area, rule.priority_areas),
        (contacts.role, rule.roles),
        (contacts.agency, rule.agencies),
        (contacts.agency, tuple(code for code in words if kinds.get(code) in rule.kinds)),
    ):
        if wanted:
            kept &= _among(column, wanted, words)
    if rule.kinds and not any(kinds.get(code) in rule.kinds for code in words):
        kept[:] = False
    if rule.min_age is not None:
        kept &= contacts.age >= rule.min_age
    if rule.max_age is not None:
        kept &= (contacts.age <= rule.max_age) & (contacts.age != UNKNOWN_AGE)
    if rule.measure_at_least is not None:
        kept &= contacts.measure >= rule.measure_at_least
    if rule.measure_above is not None:
        kept &= contacts.measure > rule.measure_above
    if rule.by_counterpart:
        kept &= contacts.counterpart != 0
    police = tuple(code for code, kind in kinds.items() if kind == AgencyKind.POLICE)
    too_young = (contacts.age != UNKNOWN_AGE) & (contacts.age < POLICE_AGE)
    kept &= ~(_among(contacts.agency, police, words) & too_young)
    return kept


def _among(column: Ints, wanted: Sequence[str], words: Sequence[str]) -> Bools:
    table = np.zeros(len(words) + 1, dtype=bool)
    chosen = set(wanted)
    for number, word in enumerate(words):
        table[number] = word in chosen
    return np.asarray(table[column])


def _groups(rule: Rule, contacts: Contacts) -> tuple[Ints, Ints, Ints]:
    """Return each contact's group number, and the profile and counterpart of each group."""
    if not rule.by_counterpart:
        profiles, group = np.unique(contacts.profile, return_inverse=True)
        return group.astype(np.int64), profiles, np.zeros(len(profiles), dtype=np.int64)
    pairs = np.stack([contacts.profile, contacts.counterpart], axis=1)
    unique, group = np.unique(pairs, axis=0, return_inverse=True)
    return group.reshape(-1).astype(np.int64), unique[:, 0], unique[:, 1]


def flaggings(rule: Rule, contacts: Contacts, kinds: Mapping[str, str]) -> list[Flagging]:
    """Return every run of one rule, with the contacts of the windows on which it rests."""
    rows = np.flatnonzero(counted(rule, contacts, kinds))
    mine = contacts.take(rows)
    group, profile_of, counterpart_of = _groups(rule, mine)
    found = runs(group, mine.incident, mine.day, mine.agency, rule.any_of)
    if not len(found):
        return []
    # Incidents count on their first day, so a telling is placed, like its incident, by that day.
    order = np.lexsort((mine.contact, mine.incident, mine.day, group))
    group, day, rows = group[order], mine.day[order], rows[order]
    incident_day = _first_days(group, mine.incident[order], day)
    by_day = np.lexsort((incident_day, group))
    group, incident_day, rows = group[by_day], incident_day[by_day], rows[by_day]
    width = np.int64(1 << 24)
    place = group * width + incident_day
    first = np.searchsorted(place, found.group * width + found.raised - rule.longest_window + 1, side="left")
    last = np.searchsorted(place, found.group * width + found.lapses, side="left")
    return [
        Flagging(
            rule,
            int(profile_of[found.group[number]]),
            int(counterpart_of[found.group[number]]),
            int(found.raised[number]),
            int(found.lapses[number]),
            rows[first[number] : last[number]],
        )
        for number in range(len(found))
    ]


def _first_days(group: Ints, incident: Ints, day: Ints) -> Ints:
    order = np.lexsort((day, incident, group))
    new = _changes(group[order], incident[order])
    firsts = day[order][new][np.cumsum(new) - 1]
    out = np.empty_like(day)
    out[order] = firsts
    return out
