"""Finding as people type: what may be seen, misspellings and all, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.casework import consent_receiving, consent_withdrawal, people, search
from kingshurst_tui.casework.search_index import Findable, SearchIndex
from kingshurst_tui.errors import Refused
from tests.casework.conftest import CONSENT, PANEL

if TYPE_CHECKING:
    from tests.casework.conftest import Town


def _open(number: int, pseudonym: str, name: str, **other: tuple[str, ...]) -> Findable:
    fields = {"born": ("1980-05-03",), "postcodes": ("B37 6AA",), "references": (), **other}
    return Findable(number, pseudonym, name, (name,), pseudonyms=(pseudonym,), **fields)


def _masked(number: int, pseudonym: str, *references: str, merged: tuple[str, ...] = ()) -> Findable:
    return Findable(number, pseudonym, "", (), (), (), references, (pseudonym, *merged))


INDEX = SearchIndex(
    [
        _open(1, "KH-AAAA-0001", "Siân O'Brien"),
        _open(2, "KH-AAAA-0002", "Stephen Smith", born=("1971-12-01",), references=("SCH-44",)),
        _open(3, "KH-AAAA-0003", "Stephanie Smythe", postcodes=("B36 8LR",)),
        _open(4, "KH-AAAA-0004", "José Núñez-Smith"),
        _masked(5, "KH-BBBB-0005", "SCH-123", merged=("KH-CCCC-0009",)),
        _masked(6, "KH-BBBB-0006"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("smith", [2, 4]),
        ("smith steph", [2]),
        ("Steph", [3, 2]),
        ("stephen smiht", [2]),
        ("obrien", [1]),
        ("O’Brien, sian", [1]),
        ("nunez", [4]),
        ("03/05/1980 smith", [4]),
        ("1 December 1971", [2]),
        ("1971-12-01", [2]),
        ("b36 8", [3]),
        ("kh-bbbb-0005", [5]),
        ("bbbb 0005", [5]),
        ("KH-CCCC-0009", [5]),
        ("sch-123", [5]),
        ("SCH-4", [2]),
        ("stephen jones", []),
        ("31/02/1980", []),
        ("kh", []),
        ("", []),
    ],
)
def test_people_are_found_by_what_was_typed_so_far(typed: str, found: list[int]) -> None:
    hits = INDEX.find(typed)
    exact = [hit.profile_id for hit in hits.hits if "nearly" not in hit.matched]
    assert sorted(exact or [hit.profile_id for hit in hits.hits]) == sorted(found)


def test_what_is_spelt_so_comes_before_what_is_spelt_nearly_so() -> None:
    assert [(hit.profile_id, hit.matched) for hit in INDEX.find("smith").hits] == [
        (4, "name"),
        (2, "name"),
    ]
    assert [(hit.profile_id, hit.matched) for hit in INDEX.find("stephan").hits] == [
        (3, "name begins so"),
        (2, "name is spelt nearly so"),
    ]


def test_no_more_hits_are_shown_than_asked_for_and_all_are_counted() -> None:
    index = SearchIndex(_open(number, f"KH-AAAA-{number:04d}", "Jane Green") for number in range(1000))
    hits = index.find("green", limit=10)
    assert (len(hits.hits), hits.total) == (10, 1000)


@given(st.text(max_size=130))
def test_anything_may_be_typed(typed: str) -> None:
    hits = INDEX.find(typed)
    assert hits.total >= len(hits.hits)
    assert {hit.profile_id for hit in hits.hits if not hit.name} <= {5, 6}


def test_a_masked_persons_name_finds_what_an_absent_ones_does(town: Town) -> None:
    person = town.masked_adult()
    absent = search.search(town.practitioner, "Zebedee Quixotic-Unknown", PANEL)
    for typed in (person.surname, f"{person.forename} {person.surname}", f"{person.surname} {person.born}"):
        hits = search.search(town.practitioner, typed, PANEL)
        assert person.pseudonym not in {hit.pseudonym for hit in hits.hits}
    assert search.search(town.practitioner, f"{person.forename} {person.surname} {person.born}", PANEL) == absent
    assert search.search(town.practitioner, person.pseudonym, PANEL).hits[0].name == ""


def test_a_search_under_way_sees_what_another_user_changed(town: Town) -> None:
    person = town.masked_adult(known=True)
    name = f"{person.forename} {person.surname} {person.born}"
    assert search.find(town.supervisor, name, PANEL).total == 0
    received = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    assert search.find(town.supervisor, name, PANEL).total == 1
    consent_withdrawal.withdraw(town.practitioner, received.number, "asked to", CONSENT)
    assert search.find(town.supervisor, name, PANEL).total == 0


def test_an_own_reference_finds_a_masked_person_for_that_agency_alone(town: Town) -> None:
    line, reference = next(
        (line, reference)
        for line in _seen_by_practitioner(town)
        for reference in line.own_references
        if not line.is_open and any(figure.isdigit() for figure in reference)
    )
    theirs = search.search(town.practitioner, reference, PANEL)
    assert line.pseudonym in {hit.pseudonym for hit in theirs.hits}
    assert search.search(town.coordinator, reference, PANEL).total == 0


def _seen_by_practitioner(town: Town) -> list[people.PersonLine]:
    listed = people.open_list(town.practitioner, PANEL, which="ours")
    return list(people.page(town.practitioner, listed, 0, listed.total))


def test_the_administrator_searches_nobody(town: Town) -> None:
    with pytest.raises(Refused):
        search.search(town.user("administrator"), "smith", PANEL)
