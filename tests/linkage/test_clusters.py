"""Groups of records: what may never stand together does not, whatever chain of links there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.linkage import model
from kingshurst_tui.linkage.clusters import Ruling, cluster, differ
from kingshurst_tui.linkage.engine import Scored
from kingshurst_tui.linkage.grouping import Numbers, groups_of

IDS = range(1, 13)
pairs = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] < pair[1])
weights = st.floats(10, 40, allow_nan=False)
numbers = st.one_of(st.none(), st.sampled_from(("9990000018", "9990000026", "9990000034")))


@given(
    links=st.dictionaries(pairs, weights, max_size=30),
    against=st.sets(pairs, max_size=6),
    held=st.dictionaries(st.sampled_from(IDS), numbers, max_size=8),
    linked=st.sets(pairs, max_size=3),
    apart=st.sets(pairs, max_size=4),
)
def test_groups_keep_every_promise(
    links: dict[tuple[int, int], float],
    against: set[tuple[int, int]],
    held: dict[int, str | None],
    linked: set[tuple[int, int]],
    apart: set[tuple[int, int]],
) -> None:
    ruling = Ruling(frozenset(linked - apart), frozenset(apart))
    known: Numbers = {record: (number, None) for record, number in held.items()}
    edges = [(a, b, weight) for (a, b), weight in links.items()]
    groups = cluster(IDS, edges, against=against, numbers=known, ruling=ruling)
    assert sorted(record for group in groups for record in group) == list(IDS)
    by_people = {frozenset(pair) for pair in ruling.linked}
    for group in groups:
        inside = {frozenset(pair) for pair in combinations(group, 2)}
        assert not inside & {frozenset(pair) for pair in apart}
        if not inside & by_people:
            numbers_held = {held[record] for record in group if held.get(record)}
            assert len(numbers_held) <= 1
            assert not inside & {frozenset(pair) for pair in against}
    assert bulk(links, against, known, ruling) == groups
    again = cluster(reversed(IDS), reversed(edges), against=against, numbers=known, ruling=ruling)
    assert again == groups


def bulk(
    links: dict[tuple[int, int], float],
    against: set[tuple[int, int]],
    known: Numbers,
    ruling: Ruling,
) -> list[list[int]]:
    """The same by way of the bulk path, from pairs as a run scores them."""
    rows = [*((a, b, weight, 0) for (a, b), weight in links.items()), *((a, b, -5.0, 0) for a, b in against)]
    left, right, weight, bits = zip(*rows, strict=True) if rows else ((), (), (), ())
    scored = Scored(
        np.array(left, np.int64),
        np.array(right, np.int64),
        np.array(weight, np.float64),
        {},
        {},
        np.array(bits, np.int32),
        len(IDS),
        0,
    )
    return groups_of(list(IDS), scored, model.load(), known, ruling)


def test_different_identifiers_never_meet_by_way_of_a_third_record() -> None:
    groups = cluster(
        [1, 2, 3], [(1, 2, 20.0), (2, 3, 15.0)], numbers={1: ("9990000018", None), 3: ("9990000026", None)}
    )
    assert groups == [[1, 2], [3]]


def test_the_stronger_link_goes_first() -> None:
    groups = cluster([1, 2, 3], [(1, 2, 11.0), (2, 3, 30.0)], against=[(1, 3)])
    assert groups == [[1], [2, 3]]


def test_a_persons_separation_stops_a_chain() -> None:
    links = [(1, 2, 30.0), (2, 3, 30.0), (3, 4, 29.0)]
    assert cluster([1, 2, 3, 4], links, ruling=Ruling(apart=frozenset({(1, 4)}))) == [[1, 2, 3], [4]]


def test_a_persons_link_wins_over_the_model() -> None:
    groups = cluster([1, 2], [], against=[(1, 2)], ruling=Ruling(linked=frozenset({(1, 2)})))
    assert groups == [[1, 2]]


def test_one_wrong_figure_is_no_conflict() -> None:
    assert not differ("9990000018", "9990000019")
    assert differ("9990000018", "9990000081")
    assert differ("999000001", "9990000018")
