"""How right the links are, against records whose truth is known: precision and recall with their intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kingshurst_tui.linkage.model import LinkModel


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the Wilson score interval at 95 per cent."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """Return the share; 1 where there was nothing to get wrong."""
        return self.count / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the Wilson score interval (Wilson 1927), which stays sensible at 0 and 1."""
        if not self.of:
            return 0.0, 1.0
        z = 1.959964
        middle = self.value + z * z / (2 * self.of)
        spread = z * math.sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of * self.of))
        whole = 1 + z * z / self.of
        return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.4f} ({low:.4f} to {high:.4f}; {self.count:,} of {self.of:,})"


@dataclass(frozen=True, slots=True)
class Figures:
    """How one set of records was linked.

    Attributes:
        records: how many were compared.
        people: how many people they truly are.
        precision: of pairs of records in one profile, those that are one person.
        recall: of all pairs that are one person, those in one profile.
        clear_precision: of clear links, those that are right.
        recall_after_review: of all true pairs, those in one profile or waiting for people.
        waiting: pairs of records that wait for people.
        profiles: how many profiles were made.
    """

    records: int
    people: int
    precision: Share
    recall: Share
    clear_precision: Share
    recall_after_review: Share
    waiting: int
    profiles: int


def evaluate(records: Sequence[Sequence[Any]], truth: Mapping[int, object], used: LinkModel) -> Figures:
    """Link records and compare with the truth.

    Args:
        records: rows of prepare.FIELDS.
        truth: whom each record id is about.
        used: the model.
    """
    from kingshurst_tui.linkage import engine, grouping, prepare

    scored = engine.score(prepare.as_table(records), used)
    numbers = {record[0]: (record[7], record[8]) for record in records if record[7] or record[8]}
    groups = grouping.groups_of([record[0] for record in records], scored, used, numbers)
    group_of = {record: number for number, group in enumerate(groups) for record in group}
    right = made = 0
    for group in groups:
        right += _pairs(Counter(truth[record] for record in group).values())
        made += _pairs([len(group)])
    true_pairs = _pairs(Counter(truth[record[0]] for record in records).values())
    clear = grouping.is_clear(scored, used)
    clear_right = clear_made = waiting = found = 0
    for left, right_id, weight, is_clear in zip(
        scored.left.tolist(), scored.right.tolist(), scored.weight.tolist(), clear.tolist(), strict=True
    ):
        same = truth[left] == truth[right_id]
        clear_made += is_clear
        clear_right += is_clear and same
        if weight >= used.review and group_of[left] != group_of[right_id]:
            waiting += 1
            found += same
    return Figures(
        records=len(records),
        people=len(set(truth.values())),
        precision=Share(right, made),
        recall=Share(right, true_pairs),
        clear_precision=Share(clear_right, clear_made),
        recall_after_review=Share(right + found, true_pairs),
        waiting=waiting,
        profiles=len(groups),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
