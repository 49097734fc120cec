"""Scored pairs to groups of records, each one person; the bulk in numpy, only what is disputed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kingshurst_tui.linkage import clusters, guards
from kingshurst_tui.linkage.clusters import Ruling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kingshurst_tui.linkage.engine import Scored
    from kingshurst_tui.linkage.model import LinkModel

    Ids = NDArray[np.int64]

Numbers = Mapping[int, tuple[str | None, str | None]]
"""The NHS number and the UPN of records that state any."""


def is_clear(scored: Scored, used: LinkModel) -> NDArray[np.bool_]:
    """Return which pairs the model links by itself: heavy enough, and no guard holds."""
    clear: NDArray[np.bool_] = (scored.weight >= used.clear) & (scored.guards == 0)
    return clear


def groups_of(
    records: Sequence[int], scored: Scored, used: LinkModel, numbers: Numbers, ruling: Ruling | None = None
) -> list[list[int]]:
    """Return groups of record ids, each one person, ordered by their first id.

    Most groups are undisputed: nothing in them speaks against a chain of their links, so the chain is the group.
    The rest goes through clusters.cluster, best link first.
    """
    ruling = ruling or Ruling()
    ids = np.array(sorted(records), np.int64)
    clear = is_clear(scored, used)
    against = (scored.weight < 0) | ((scored.guards & guards.AGAINST) > 0)
    left, right, weight = scored.left[clear], scored.right[clear], scored.weight[clear]
    by_people = _inside(ids, ruling.linked)
    first = np.concatenate([np.searchsorted(ids, left), by_people[0]])
    second = np.concatenate([np.searchsorted(ids, right), by_people[1]])
    component = components(len(ids), first, second)
    enemies = np.searchsorted(ids, scored.left[against]), np.searchsorted(ids, scored.right[against])
    together = component[enemies[0]] == component[enemies[1]]
    enemies = enemies[0][together], enemies[1][together]
    apart = _inside(ids, ruling.apart)
    troubled = np.zeros(len(ids), np.bool_)
    troubled[component[enemies[0]]] = True
    troubled[component[apart[0][component[apart[0]] == component[apart[1]]]]] = True
    troubled[_of_several_numbers(ids, component, numbers)] = True
    disputed = troubled[component]
    groups = _split(ids[~disputed], component[~disputed])
    if disputed.any():
        kept = disputed[np.searchsorted(ids, left)]
        groups += clusters.cluster(
            ids[disputed].tolist(),
            zip(left[kept].tolist(), right[kept].tolist(), weight[kept].tolist(), strict=True),
            against=zip(ids[enemies[0]].tolist(), ids[enemies[1]].tolist(), strict=True),
            numbers=numbers,
            ruling=ruling,
        )
    return sorted(groups)


def components(size: int, first: Ids, second: Ids) -> Ids:
    """Return the lowest place each place is connected with, by pairs of places; connected components."""
    lowest = np.arange(size)
    while True:
        a, b = lowest[first], lowest[second]
        if (a == b).all():
            return lowest
        low, high = np.minimum(a, b), np.maximum(a, b)
        np.minimum.at(lowest, high, low)
        while (lowest[lowest] != lowest).any():
            lowest = lowest[lowest]


def _inside(ids: Ids, pairs: frozenset[tuple[int, int]]) -> tuple[Ids, Ids]:
    """Return the places of pairs whose two records are both here."""
    if not pairs or not len(ids):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    given = np.array(sorted(pairs), np.int64)
    places = np.minimum(np.searchsorted(ids, given), len(ids) - 1)
    here = (ids[places] == given).all(axis=1)
    return places[here, 0], places[here, 1]


def _of_several_numbers(ids: Ids, component: Ids, numbers: Numbers) -> list[int]:
    """Return components whose records state more than one NHS number, or more than one UPN."""
    found: set[int] = set()
    if not numbers:
        return []
    places = component[np.searchsorted(ids, np.fromiter(numbers, np.int64, len(numbers)))].tolist()
    for which in (0, 1):
        held: dict[int, str] = {}
        for place, stated in zip(places, numbers.values(), strict=True):
            number = stated[which]
            if number and held.setdefault(place, number) != number:
                found.add(place)
    return sorted(found)


def _split(ids: Ids, component: Ids) -> list[list[int]]:
    if not len(ids):
        return []
    order = np.argsort(component, kind="stable")
    ordered, keys = ids[order].tolist(), component[order]
    ends = [*(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(ordered)]
    return [ordered[start:end] for start, end in zip([0, *ends], ends, strict=False)]
