"""Two people who look like one: each pattern that has cost other linkers a household, and none may be linked."""

from __future__ import annotations

from typing import Any

import pytest

from kingshurst_tui.linkage import model
from tests.linkage.conftest import NHS_NUMBERS, Scored, record

HOME = {"surname": "Pemberton", "address": "14 Marston Way", "postcode": "B37 5QT"}
JACK = {**HOME, "forename": "Jack", "born": "2009-06-14", "sex": "M"}

TWO_PEOPLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "twins of one sex": (JACK, JACK | {"forename": "Harry"}),
    "twins with names alike": (JACK, JACK | {"forename": "Jake"}),
    "twins with one initial": (JACK | {"forename": "James"}, JACK | {"forename": "J"}),
    "twins, boy and girl, names a vowel apart": (
        JACK | {"forename": "Daniel", "sex": None},
        JACK | {"forename": "Danielle", "sex": "F"},
    ),
    "twin named as the other's middle name": (
        JACK | {"forename": "Isla", "middle_names": "Scarlett", "sex": "F"},
        JACK | {"forename": "Scarlett", "middle_names": "Sophie", "sex": "F"},
    ),
    "twins with names a letter apart": (
        JACK | {"forename": "Isabella", "middle_names": "Amelia", "sex": "F"},
        JACK | {"forename": "Isabelle", "middle_names": "Evelyn", "sex": "F"},
    ),
    "twins Hassan and Hussain": (JACK | {"forename": "Hassan"}, JACK | {"forename": "Hussain"}),
    "twins whose numbers were mixed up": (
        JACK | {"nhs_number": NHS_NUMBERS[0]},
        JACK | {"forename": "Harry", "nhs_number": NHS_NUMBERS[0]},
    ),
    "father and son of one name": (JACK, JACK | {"born": "1978-02-03"}),
    "father and son of one name, one without a date of birth": (JACK, JACK | {"born": None}),
    "father and son born on one day": (JACK, JACK | {"born": "1978-06-14"}),
    "brother and sister": (JACK, JACK | {"forename": "Chloe", "sex": "F", "born": "2011-03-01"}),
    "husband and wife": (
        HOME | {"forename": "Alan", "born": "1980-05-05", "sex": "M"},
        HOME | {"forename": "Susan", "born": "1981-09-19", "sex": "F"},
    ),
    "different NHS numbers": (JACK | {"nhs_number": NHS_NUMBERS[0]}, JACK | {"nhs_number": NHS_NUMBERS[1]}),
    "different UPNs": (JACK | {"upn": "E334900020943"}, JACK | {"upn": "J334900020415"}),
    "only the number agrees": (
        JACK | {"nhs_number": NHS_NUMBERS[0]},
        {"forename": "Peter", "surname": "Osei", "born": "1950-12-01", "nhs_number": NHS_NUMBERS[0]},
    ),
    "both born on 1 January 1900": (
        {"forename": "Jack", "surname": "Pemberton", "born": "1900-01-01"},
        {"forename": "Jack", "surname": "Pemberton", "born": "1900-01-01"},
    ),
    "both born on a 1 January, other homes": (
        {"forename": "Jack", "surname": "Pemberton", "born": "1984-01-01", "postcode": "B37 5QT"},
        {"forename": "John", "surname": "Pemberton", "born": "1984-01-01", "postcode": "B36 0AA"},
    ),
    "no forename": (JACK, JACK | {"forename": None}),
    "forename not known": (JACK | {"forename": "Unknown"}, JACK | {"forename": "Unknown"}),
    "a name and nothing else": (
        {"forename": "Jack", "surname": "Pemberton"},
        {"forename": "Jack", "surname": "Pemberton"},
    ),
}


@pytest.mark.parametrize("hazard", TWO_PEOPLE)
def test_two_people_are_not_linked_without_a_person_looking(hazard: str, weighed: Scored) -> None:
    one, other = TWO_PEOPLE[hazard]
    weight, warnings = weighed(record(1, **one), record(2, **other)).get((1, 2), (-99.0, ()))
    assert weight < model.load().clear or warnings


def test_a_son_without_a_date_of_birth_is_not_given_to_the_father(weighed: Scored) -> None:
    father, son = JACK | {"born": "1978-02-03", "nhs_number": None}, JACK
    unclear = JACK | {"born": None}
    pairs = weighed(record(1, **father), record(2, **son), record(3, **unclear))
    assert all(warnings for pair, (_, warnings) in pairs.items() if 3 in pair)


def test_a_record_that_fits_both_twins_goes_to_the_one_it_names(weighed: Scored) -> None:
    isabella = JACK | {"forename": "Isabella", "middle_names": "Amelia", "sex": "F"}
    isabelle = JACK | {"forename": "Isabelle", "middle_names": "Evelyn", "sex": "F"}
    pairs = weighed(record(1, **isabella), record(2, **isabelle), record(3, **isabella | {"middle_names": None}))
    assert pairs[1, 3][1] == ()
    assert pairs[2, 3][1] == ("rival-twin",)


ONE_PERSON: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all the same": (JACK, JACK),
    "a typing error": (JACK, JACK | {"surname": "Pembreton"}),
    "a short form": (JACK | {"forename": "Robert"}, JACK | {"forename": "Bob"}),
    "moved house": (JACK, JACK | {"address": "3 Other Street", "postcode": "B36 9ZZ"}),
    "day and month swapped": (JACK | {"born": "2009-06-04"}, JACK | {"born": "2009-04-06"}),
    "married": (
        HOME | {"forename": "Aisha", "born": "1990-02-03", "sex": "F", "former_surname": "Begum"},
        HOME | {"forename": "Aisha", "born": "1990-02-03", "sex": "F", "surname": "Begum"},
    ),
    "names swapped": (JACK, JACK | {"forename": "Pemberton", "surname": "Jack"}),
    "written over from another script": (
        JACK | {"forename": "Mohammed", "surname": "Yusuf"},
        JACK | {"forename": "Muhammad", "surname": "Yusuf"},
    ),
    "flat written two ways": (JACK | {"address": "Flat 2, 11 Elm Road"}, JACK | {"address": "11/2 Elm Rd"}),
    "capitals and accents": (JACK | {"surname": "Kamiński"}, JACK | {"surname": "KAMINSKI"}),
}


@pytest.mark.parametrize("habit", ONE_PERSON)
def test_one_person_written_down_twice_is_linked(habit: str, weighed: Scored) -> None:
    one, other = ONE_PERSON[habit]
    weight, warnings = weighed(record(1, **one), record(2, **other))[1, 2]
    assert (weight >= model.load().clear, warnings) == (True, ())
