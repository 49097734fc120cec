"""Which contacts are one incident: a dated, editable rule proposes, people split and join, their word stands.

Only contacts that belong together are grouped; a contact in no group is an incident of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from db.incident_reach import When
    from kingshurst_tui.casework.rules import IncidentRule

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

NO_TIME = -1
"""Stands in ``Tellings.minute`` where the partner stated no time of day."""

ALWAYS = 1 << 30
"""Days apart at most, where time has no say."""

MOST_NEIGHBOURS = 200
"""Contacts after each that it is compared with. A reference, person or place that more share within days is no
evidence of one event, and comparing all of them with all would never end."""

RULED_SAME = "a person's ruling"
SAME_EVENT = "one event of one data set"
SHARED_REFERENCE = "shared reference"
SAME_PERSON = "same person, close in time"
SAME_PLACE = "same place, close in time"

#: The strongest evidence is used first, so that the weaker only adds to what it left.
_STRENGTH = (RULED_SAME, SAME_EVENT, SHARED_REFERENCE, SAME_PERSON, SAME_PLACE)


@dataclass(frozen=True, slots=True)
class Tellings:
    """Contacts as columns, with what tells whether two are one incident; 0 means "none stated".

    Attributes:
        contact: contact ids.
        profile: profile ids, 0 where the record belongs to none yet.
        day: days as ordinals.
        minute: minutes after midnight, or NO_TIME.
        data_set: data sets as numbers.
        event: events as numbers: the same data set and the same reference in it.
        reference: the partner's reference as a number.
        shared: the reference of another agency's that the partner states, in the same numbers.
        place: address and postcode together as a number.
        category: categories as numbers into ``categories``.
    """

    contact: Ints
    profile: Ints
    day: Ints
    minute: Ints
    data_set: Ints
    event: Ints
    reference: Ints
    shared: Ints
    place: Ints
    category: Ints
    categories: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's word on two contacts."""

    left: int
    right: int
    same: bool


@dataclass(frozen=True, slots=True)
class Because:
    """Why two contacts were joined."""

    left: int
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Two or more contacts that are one incident, in order of id, with what joined them."""

    contacts: tuple[int, ...]
    first_day: int
    because: tuple[Because, ...]


def incidents(tellings: Tellings, rule: IncidentRule, rulings: Iterable[Ruling] = ()) -> list[Incident]:
    """Return the incidents of two or more contacts.

    The answer depends on the contacts alone, not on their order. Closeness never joins two references of one
    data set (the partner told them apart), nor contacts more than ``rule.at_most_days`` apart in a chain.
    """
    order = np.argsort(tellings.contact, kind="stable")
    places = {int(contact): place for place, contact in enumerate(tellings.contact[order].tolist())}
    said = [ruling for ruling in rulings if ruling.left in places and ruling.right in places]
    pairs = _Pairs(tellings, order)
    pairs.add(
        RULED_SAME,
        np.array([places[ruling.left] for ruling in said if ruling.same], dtype=np.int64),
        np.array([places[ruling.right] for ruling in said if ruling.same], dtype=np.int64),
    )
    pairs.add(SAME_EVENT, *pairs.near(pairs.event, ALWAYS))
    pairs.add(SHARED_REFERENCE, *pairs.referring(rule))
    pairs.add(SAME_PERSON, *pairs.close(pairs.profile, rule, tellings.categories))
    pairs.add(SAME_PLACE, *pairs.close(pairs.place, rule, tellings.categories))
    apart = {frozenset((places[ruling.left], places[ruling.right])) for ruling in said if not ruling.same}
    return _Joining(pairs, apart, rule).joined()


class _Pairs:
    """Pairs of contacts, by position in order of contact id, that some evidence would join."""

    def __init__(self, tellings: Tellings, order: Ints) -> None:
        self.contact = tellings.contact[order]
        self.profile = tellings.profile[order]
        self.day = tellings.day[order]
        self.minute = tellings.minute[order]
        self.data_set = tellings.data_set[order]
        self.event = tellings.event[order]
        self.reference = tellings.reference[order]
        self.shared = tellings.shared[order]
        self.place = tellings.place[order]
        self.category = tellings.category[order]
        self._found: list[tuple[int, Ints, Ints]] = []

    def add(self, why: str, left: Ints, right: Ints) -> None:
        self._found.append((_STRENGTH.index(why), np.minimum(left, right), np.maximum(left, right)))

    def in_order(self) -> Iterable[tuple[int, int, int]]:
        """Yield (strength, left, right): the strongest first, then the closest, then the oldest."""
        strength = np.concatenate([np.full(len(left), rank) for rank, left, _ in self._found])
        left = np.concatenate([left for _, left, _ in self._found])
        right = np.concatenate([right for _, _, right in self._found])
        order = np.lexsort((right, left, self.minutes_apart(left, right), strength))
        return zip(strength[order].tolist(), left[order].tolist(), right[order].tolist(), strict=True)

    def minutes_apart(self, left: Ints, right: Ints) -> Ints:
        days = np.abs(self.day[left] - self.day[right]) * 1440
        timed = (self.minute[left] != NO_TIME) & (self.minute[right] != NO_TIME)
        exact = np.abs((self.day[left] - self.day[right]) * 1440 + self.minute[left] - self.minute[right])
        return np.asarray(np.where(timed, exact, days))

    def near(self, owner: Ints, days: int) -> tuple[Ints, Ints]:
        """Return every pair of contacts that hold the same value, not 0, so many days apart at most.

        Every pair, because each is judged by itself: what lies between two contacts has no say in whether they are
        one.
        """
        rows = np.flatnonzero(owner != 0)
        rows = rows[np.lexsort((self.contact[rows], self.day[rows], owner[rows]))]
        lefts, rights = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for step in range(1, min(len(rows), MOST_NEIGHBOURS)):
            left, right = rows[:-step], rows[step:]
            near = (owner[left] == owner[right]) & (self.day[right] - self.day[left] <= days)
            if not near.any():
                break
            lefts.append(left[near])
            rights.append(right[near])
        return np.concatenate(lefts), np.concatenate(rights)

    def referring(self, rule: IncidentRule) -> tuple[Ints, Ints]:
        """Return pairs of which one states the other's reference, or that state one and the same third."""
        stating = np.flatnonzero(self.shared != 0)
        named = np.flatnonzero(np.isin(self.reference, self.shared[stating]) & (self.reference != 0))
        named = named[np.argsort(self.reference[named], kind="stable")]
        first = np.searchsorted(self.reference[named], self.shared[stating], side="left")
        last = np.searchsorted(self.reference[named], self.shared[stating], side="right")
        width = last - first
        left = np.repeat(stating, width)
        offset = np.arange(len(left)) - np.repeat(np.cumsum(width) - width, width)
        right = named[np.repeat(first, width) + offset] if len(named) else left
        by_third = self.near(self.shared, rule.reference_within_days)
        left, right = np.r_[left, by_third[0]], np.r_[right, by_third[1]]
        near = np.abs(self.day[left] - self.day[right]) <= rule.reference_within_days
        keep = near & (self.data_set[left] != self.data_set[right])
        return left[keep], right[keep]

    def close(self, owner: Ints, rule: IncidentRule, categories: Sequence[str]) -> tuple[Ints, Ints]:
        """Return pairs of one owner (person or place), two data sets, compatible category, close in time."""
        compatible = _compatible(rule, categories)
        left, right = self.near(owner, rule.days_of_reach)
        keep = self.data_set[left] != self.data_set[right]
        keep &= compatible[self.category[left], self.category[right]]
        left, right = left[keep], right[keep]
        timed = (self.minute[left] != NO_TIME) & (self.minute[right] != NO_TIME)
        apart = self.minutes_apart(left, right)
        near = np.where(timed, apart <= rule.within_hours * 60, apart <= rule.within_days * 1440)
        return left[near], right[near]


def closeness(rule: IncidentRule) -> Callable[[When, When], bool]:
    """Return what says of any two contacts of one person or place whether they may be one incident.

    It is the same question as ``_Pairs.close``, for one pair: a change is weighed in no larger a neighbourhood.
    """
    together: set[tuple[str, str]] = {(one, other) for group in rule.compatible for one in group for other in group}

    def close(one: When, other: When) -> bool:
        if one.agreement_ref == other.agreement_ref:
            return False
        if one.category != other.category and (one.category, other.category) not in together:
            return False
        days = abs(one.day - other.day)
        if one.minute is None or other.minute is None:
            return days <= rule.within_days
        return abs((one.day - other.day) * 1440 + one.minute - other.minute) <= rule.within_hours * 60

    return close


def _compatible(rule: IncidentRule, categories: Sequence[str]) -> Bools:
    table = np.eye(len(categories), dtype=bool)
    numbers = {category: number for number, category in enumerate(categories)}
    for group in rule.compatible:
        inside = [numbers[category] for category in group if category in numbers]
        table[np.ix_(inside, inside)] = True
    return table


class _Joining:
    """A union of sets that says no where the partners or a person told contacts apart."""

    def __init__(self, pairs: _Pairs, apart: set[frozenset[int]], rule: IncidentRule) -> None:
        self._pairs = pairs
        self._rule = rule
        self._parent: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._because: dict[int, list[Because]] = {}
        self._apart: dict[int, set[int]] = {}
        for pair in apart:
            left, right = sorted(pair)
            self._apart.setdefault(left, set()).add(right)
            self._apart.setdefault(right, set()).add(left)

    def joined(self) -> list[Incident]:
        for strength, left, right in self._pairs.in_order():
            one, other = self._root(left), self._root(right)
            if one != other and self._may_join(strength, one, other):
                self._join(one, other, Because(*self._ids(left, right), _STRENGTH[strength]))
        roots = sorted(root for root, members in self._members.items() if len(members) > 1)
        return [self._incident(root) for root in roots]

    def _ids(self, left: int, right: int) -> tuple[int, int]:
        return int(self._pairs.contact[left]), int(self._pairs.contact[right])

    def _root(self, place: int) -> int:
        parent = self._parent.setdefault(place, place)
        while parent != place:
            self._parent[place] = self._parent[parent]
            place, parent = parent, self._parent[parent]
        self._members.setdefault(place, [place])
        return place

    def _may_join(self, strength: int, one: int, other: int) -> bool:
        ours, theirs = self._members[one], self._members[other]
        if self._apart and strength > 0:
            theirs_set = set(theirs)
            if any(self._apart.get(member, set()) & theirs_set for member in ours):
                return False
        if strength < _STRENGTH.index(SAME_PERSON):
            return True
        together = ours + theirs
        # What a shared reference stretched may take in what lies inside it, and grow no further.
        longest = max(self._rule.at_most_days, self._days_of(ours), self._days_of(theirs))
        if self._days_of(together) > longest:
            return False
        events = set(zip(self._pairs.data_set[together].tolist(), self._pairs.event[together].tolist(), strict=True))
        return len({data_set for data_set, _ in events}) == len(events)

    def _days_of(self, members: list[int]) -> int:
        days = self._pairs.day[members]
        return int(days.max() - days.min())

    def _join(self, one: int, other: int, because: Because) -> None:
        keep, gone = min(one, other), max(one, other)
        self._parent[gone] = keep
        self._members[keep] += self._members.pop(gone)
        self._because.setdefault(keep, []).extend([*self._because.pop(gone, []), because])

    def _incident(self, root: int) -> Incident:
        members = sorted(self._members[root])
        return Incident(
            contacts=tuple(int(self._pairs.contact[member]) for member in members),
            first_day=int(self._pairs.day[members].min()),
            because=tuple(sorted(self._because[root], key=lambda why: (why.left, why.right))),
        )
