"""From groups to profiles: ids stay with their people, and a run cut off anywhere leaves everybody whole."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from db.profiles import LinkageRecord
from kingshurst_tui.linkage import plan as planning
from kingshurst_tui.linkage.plan import Plan, plan

IDS = list(range(1, 15))
partitions = st.lists(st.integers(0, 5), min_size=len(IDS), max_size=len(IDS))
had_before = st.lists(st.one_of(st.none(), st.integers(1, 6)), min_size=len(IDS), max_size=len(IDS))


def groups_of(labels: list[int]) -> list[list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for record, label in zip(IDS, labels, strict=True):
        found[label].append(record)
    return sorted(found.values())


def planned(groups: list[list[int]], had: dict[int, int | None]) -> Plan:
    records = {r: LinkageRecord._make((r, *[None] * 11, "absent", had[r])) for r in IDS}
    return plan(groups, records, {}, [], {}, [])


def carried_out(made: Plan, had: dict[int, int | None], pieces: int) -> dict[int, int | None]:
    """What the store's members are after so many pieces."""
    now = dict(had)
    following = max([profile for profile in had.values() if profile is not None], default=0) + 1
    for piece in made.pieces[:pieces]:
        assert all(now[record] == profile for record, profile in piece.expected.items())
        for person in piece.persons:
            profile = person.keeps
            if profile is None:
                profile, following = following, following + 1
            for younger in person.absorbs:
                now = {record: profile if kept == younger else kept for record, kept in now.items()}
            for record in person.arriving:
                now[record] = profile
    return now


def people(members: dict[int, int | None]) -> set[frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for record, profile in members.items():
        if profile is not None:
            found[profile].add(record)
    return {frozenset(group) for group in found.values()}


@given(labels=partitions, before=had_before)
def test_every_group_becomes_one_profile_and_ids_stay_with_their_people(
    labels: list[int], before: list[int | None]
) -> None:
    had = dict(zip(IDS, before, strict=True))
    groups = groups_of(labels)
    made = planned(groups, had)
    after = carried_out(made, had, len(made.pieces))
    assert people(after) == {frozenset(group) for group in groups}
    for group in groups:
        owners = {had[record] for record in group}
        if len(owners) == 1 and None not in owners and all(had[r] not in owners for r in set(IDS) - set(group)):
            assert {after[record] for record in group} == owners
    again = planned(groups, after)
    assert (again.pieces, again.unchanged, again.merged, again.split, again.new) == ([], len(groups), 0, 0, 0)


@given(labels=partitions, before=had_before, cut=st.integers(0, 6))
def test_a_run_cut_off_anywhere_leaves_whole_people_and_is_finished_by_the_next(
    labels: list[int], before: list[int | None], cut: int
) -> None:
    had = dict(zip(IDS, before, strict=True))
    groups = groups_of(labels)
    original, planning.PIECE = planning.PIECE, 2  # as many pieces as there can be
    try:
        made = planned(groups, had)
    finally:
        planning.PIECE = original
    halfway = carried_out(made, had, cut)
    wanted = {frozenset(group) for group in groups}
    old = people(had)
    assert all(group in wanted or group in old for group in people(halfway))
    again = planned(groups, halfway)
    assert people(carried_out(again, halfway, len(again.pieces))) == wanted
