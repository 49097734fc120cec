"""One incident: what joins contacts, what keeps them apart, and that people have the last word."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kingshurst_tui.casework.incidents import (
    NO_TIME,
    SAME_EVENT,
    SAME_PERSON,
    SAME_PLACE,
    SHARED_REFERENCE,
    Incident,
    Ruling,
    Tellings,
    incidents,
)
from kingshurst_tui.casework.rules import shipped_incident_rule
from kingshurst_tui.vocabulary import Category

CATEGORIES = [category.value for category in Category]
RULE = shipped_incident_rule()


@dataclass
class Told:
    contact: int
    day: int = 100
    profile: int = 1
    minute: int = NO_TIME
    data_set: int = 1
    event: int = 0
    reference: int = 0
    shared: int = 0
    place: int = 0
    category: str = "anti-social-behaviour"


def tellings(*told: Told) -> Tellings:
    def column(name: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in told], dtype=np.int64)

    return Tellings(
        **{name: column(name) for name in ("contact", "profile", "day", "minute", "data_set")},
        event=np.array([one.event or 1000 + one.contact for one in told], dtype=np.int64),
        **{name: column(name) for name in ("reference", "shared", "place")},
        category=np.array([CATEGORIES.index(one.category) for one in told], dtype=np.int64),
        categories=CATEGORIES,
    )


def grouped(*told: Told, rulings: tuple[Ruling, ...] = ()) -> list[tuple[int, ...]]:
    return [incident.contacts for incident in incidents(tellings(*told), RULE, rulings)]


def why(*told: Told) -> list[str]:
    return [because.why for incident in incidents(tellings(*told), RULE) for because in incident.because]


def test_one_event_told_to_three_agencies_is_one_incident() -> None:
    police = Told(1, reference=501)
    council = Told(2, data_set=2, category="noise")
    landlord = Told(3, data_set=3, shared=501, day=104)
    assert grouped(police, council, landlord) == [(1, 2, 3)]
    assert sorted(why(police, council, landlord)) == [SAME_PERSON, SHARED_REFERENCE]


def test_both_parties_of_one_event_share_it() -> None:
    victim, suspect = Told(1, event=7), Told(2, profile=2, event=7)
    assert grouped(victim, suspect) == [(1, 2)]
    assert why(victim, suspect) == [SAME_EVENT]


def test_neighbours_who_tell_different_agencies_of_one_place_tell_of_one_incident() -> None:
    assert why(Told(1, place=9), Told(2, profile=2, data_set=2, place=9, category="noise")) == [SAME_PLACE]
    assert grouped(Told(1, place=9), Told(2, profile=2, data_set=2, place=8)) == []


def test_an_agency_that_numbers_two_events_means_two() -> None:
    assert grouped(Told(1), Told(2)) == []
    # Nor does a second agency's telling in between make them one.
    assert grouped(Told(1), Told(2), Told(3, data_set=2)) == [(1, 3)]


def test_hours_are_compared_where_both_state_a_time_and_days_where_one_does_not() -> None:
    late, early = Told(1, minute=23 * 60), Told(2, data_set=2, day=101, minute=11 * 60)
    assert grouped(late, early) == [(1, 2)]
    assert grouped(late, Told(2, data_set=2, day=101, minute=11 * 60 + 1)) == []
    assert grouped(late, Told(2, data_set=2)) == [(1, 2)]
    assert grouped(late, Told(2, data_set=2, day=101)) == []


def test_categories_that_cannot_be_one_event_stay_apart() -> None:
    assert grouped(Told(1, category="school-absence"), Told(2, data_set=2, category="noise")) == []


def test_a_reference_used_again_years_later_joins_nothing() -> None:
    assert grouped(Told(1, reference=501), Told(2, data_set=2, shared=501, day=500, profile=2)) == []


def test_near_contacts_do_not_chain_into_one_long_incident() -> None:
    hours = [number * 10 for number in range(30)]
    often = [
        Told(number, day=100 + hour // 24, minute=hour % 24 * 60, data_set=number)
        for number, hour in enumerate(hours, start=1)
    ]
    found = incidents(tellings(*often), RULE)
    assert found
    for incident in found:
        days = [often[contact - 1].day for contact in incident.contacts]
        assert max(days) - min(days) <= RULE.at_most_days


def test_what_lies_between_two_contacts_has_no_say() -> None:
    one, other = Told(1, shared=501, profile=1), Told(3, day=103, shared=501, profile=2, data_set=2)
    assert grouped(one, other) == [(1, 3)]
    assert grouped(one, Told(2, day=102, shared=501, profile=3), other) == [(1, 2, 3)]
    far = Told(2, day=900, shared=501, profile=3)
    assert grouped(one, far, other) == [(1, 3)]


def test_people_have_the_last_word() -> None:
    one, other = Told(1), Told(2, data_set=2)
    assert grouped(one, other, rulings=(Ruling(1, 2, same=False),)) == []
    far = Told(3, day=300, profile=2, data_set=2, category="fire")
    assert grouped(one, far, rulings=(Ruling(1, 3, same=True),)) == [(1, 3)]
    # Kept apart also through a third contact that would join either.
    third = Told(4, data_set=3)
    split = grouped(one, other, third, rulings=(Ruling(1, 2, same=False),))
    assert not any({1, 2} <= set(contacts) for contacts in split)


told_lists = st.lists(
    st.builds(
        Told,
        contact=st.just(0),
        day=st.integers(100, 106),
        profile=st.integers(0, 3),
        minute=st.sampled_from([NO_TIME, 0, 600, 1439]),
        data_set=st.integers(1, 3),
        reference=st.integers(0, 4),
        shared=st.integers(0, 4),
        place=st.integers(0, 2),
        category=st.sampled_from(["noise", "violence", "ambulance-call", "school-absence"]),
    ),
    max_size=16,
)


@settings(max_examples=150, deadline=None)
@given(told=told_lists, seed=st.integers(0, 9))
def test_the_order_of_arrival_changes_nothing(told: list[Told], seed: int) -> None:
    for number, one in enumerate(told, start=1):
        one.contact = number
    shuffled = told.copy()
    random.Random(seed).shuffle(shuffled)
    first: list[Incident] = incidents(tellings(*told), RULE)
    assert first == incidents(tellings(*shuffled), RULE)
    everybody = [contact for incident in first for contact in incident.contacts]
    assert len(everybody) == len(set(everybody))
    # What joined an incident spans it: one reason less than it has contacts.
    assert all(len(incident.because) == len(incident.contacts) - 1 for incident in first)
