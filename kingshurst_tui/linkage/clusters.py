"""Pairs to people: best link first, and no person holds two records that cannot be one.

Taking every chain of links as one person (connected components) makes one wrong link merge two households. Here
the strongest link goes first and a later one is refused when anything across the two groups speaks against it:
different trusted identifiers, a person's decision, or a scored pair that weighs or is guarded against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What people have decided about pairs; it wins over the model."""

    linked: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()


@dataclass(slots=True)
class _Groups:
    """Records in groups, with what each group must not meet."""

    root: dict[int, int]
    members: dict[int, list[int]]
    enemies: dict[int, set[int]]
    numbers: Mapping[int, tuple[str | None, str | None]]
    held: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)

    def find(self, record: int) -> int:
        root = self.root
        while root[record] != record:
            root[record] = root[root[record]]
            record = root[record]
        return record

    def held_by(self, group: int) -> tuple[set[str], set[str]]:
        found = self.held.get(group)
        if found is None:
            nhs, upn = self.numbers.get(group, (None, None))
            found = self.held[group] = ({nhs} if nhs else set(), {upn} if upn else set())
        return found

    def may_join(self, a: int, b: int) -> bool:
        small, large = sorted((a, b), key=lambda group: len(self.members[group]))
        for record in self.members[small]:
            for enemy in self.enemies.get(record, ()):
                if self.find(enemy) == large:
                    return False
        return not self.contradict(a, b)

    def contradict(self, a: int, b: int) -> bool:
        mine, theirs = self.held_by(a), self.held_by(b)
        return any(differ(x, y) for ours, other in zip(mine, theirs, strict=True) for x in ours for y in other)

    def join(self, a: int, b: int) -> int:
        small, large = sorted((a, b), key=lambda group: (len(self.members[group]), -group))
        held, more = self.held_by(large), self.held_by(small)
        held[0].update(more[0])
        held[1].update(more[1])
        self.members[large] += self.members.pop(small)
        self.root[small] = large
        return large


def differ(a: str, b: str) -> bool:
    """Return whether two identifiers are more than one figure apart."""
    if a == b:
        return False
    if len(a) != len(b):
        return True
    return sum(x != y for x, y in zip(a, b, strict=True)) > 1


def cluster(
    records: Iterable[int],
    links: Iterable[tuple[int, int, float]],
    *,
    against: Iterable[Pair] = (),
    numbers: Mapping[int, tuple[str | None, str | None]] | None = None,
    ruling: Ruling | None = None,
) -> list[list[int]]:
    """Return groups of record ids, each one person, ordered by their first id.

    Args:
        records: every record, linked or not.
        links: clear links with their weights.
        against: scored pairs that say "two people".
        numbers: the NHS number and UPN of records that have any.
        ruling: what people decided. A linked pair is one person even where the model says otherwise; a pair kept
            apart is never one person, not even by way of others.
    """
    ruling = ruling or Ruling()
    numbers = numbers or {}
    root = {record: record for record in records}
    enemies: dict[int, set[int]] = {}
    clear = [link for link in links if link[0] in root and link[1] in root]
    plain = _Groups(root, {record: [record] for record in root}, {}, {})
    for a, b, _ in clear:
        _join_plainly(plain, a, b)
    for a, b in ruling.linked:
        if a in root and b in root:
            _join_plainly(plain, a, b)

    # Only where something speaks against a chain need the order of its links matter.
    troubled: set[int] = set()
    apart = {pair for pair in ruling.apart if pair[0] in root and pair[1] in root}
    for a, b in [*(pair for pair in against if pair not in ruling.linked), *apart]:
        if a in root and b in root:
            group = plain.find(a)
            if group == plain.find(b):
                troubled.add(group)
                enemies.setdefault(a, set()).add(b)
                enemies.setdefault(b, set()).add(a)
    for group, members in plain.members.items():
        if len(members) > 1 and group not in troubled and _contradictory(members, numbers):
            troubled.add(group)

    groups: list[list[int]] = [members for group, members in plain.members.items() if group not in troubled]
    if troubled:
        groups += _best_first(plain, troubled, clear, enemies, numbers, ruling, apart)
    return sorted(sorted(group) for group in groups)


def _join_plainly(groups: _Groups, a: int, b: int) -> None:
    a, b = groups.find(a), groups.find(b)
    if a != b:
        groups.join(a, b)


def _contradictory(members: list[int], numbers: Mapping[int, tuple[str | None, str | None]]) -> bool:
    for which in (0, 1):
        held = sorted({number for member in members if (number := numbers.get(member, (None, None))[which])})
        if any(differ(a, b) for i, a in enumerate(held) for b in held[i + 1 :]):
            return True
    return False


def _best_first(
    plain: _Groups,
    troubled: set[int],
    clear: list[tuple[int, int, float]],
    enemies: dict[int, set[int]],
    numbers: Mapping[int, tuple[str | None, str | None]],
    ruling: Ruling,
    apart: set[Pair],
) -> list[list[int]]:
    inside = [record for group in troubled for record in plain.members[group]]
    groups = _Groups({record: record for record in inside}, {record: [record] for record in inside}, enemies, numbers)
    forbidden: dict[int, set[int]] = {}
    for a, b in apart:
        if a not in groups.root or b not in groups.root:
            continue
        forbidden.setdefault(a, set()).add(b)
        forbidden.setdefault(b, set()).add(a)
    # People's links go first and bow only to people's separations.
    by_people = _Groups(groups.root, groups.members, forbidden, {}, groups.held)
    for a, b in sorted(ruling.linked):
        if a in groups.root and b in groups.root:
            x, y = groups.find(a), groups.find(b)
            if x != y and by_people.may_join(x, y):
                groups.join(x, y)
    for a, b, _ in sorted(clear, key=lambda link: (-link[2], link[0], link[1])):
        if a in groups.root:
            x, y = groups.find(a), groups.find(b)
            if x != y and groups.may_join(x, y):
                groups.join(x, y)
    return list(groups.members.values())
