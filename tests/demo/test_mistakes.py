"""What is observed is what is stated: each habit of error alone, at its frozen rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from math import sqrt

import pytest

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.mistakes import RATES, ErrorRates, Written, mistyped, written_down
from kingshurst_tui.demo.names import book
from kingshurst_tui.demo.people import Person, Settlers
from kingshurst_tui.demo.town import SHARED
from tests.conftest import ROOT
from tests.demo.conftest import TODAY

NO_ERRORS = ErrorRates(**{one.name: 0.0 for one in fields(ErrorRates)})
NAMES = book()

Habit = Callable[[Person], bool]
Seen = Callable[[Person, Written], bool]

HABITS: dict[str, tuple[Habit, Seen]] = {
    "forename_typo": (lambda p: len(p.forename) > 2, lambda p, w: w.forename != p.forename),
    "surname_typo": (lambda p: len(p.surname) > 2, lambda p, w: w.surname != p.surname),
    "short_form": (lambda p: p.forename in NAMES.short, lambda p, w: w.forename in NAMES.short[p.forename]),
    "initial_only": (lambda p: True, lambda p, w: w.forename == p.forename[0]),
    "names_swapped": (lambda p: True, lambda p, w: (w.forename, w.surname) == (p.surname, p.forename)),
    "middle_as_forename": (lambda p: bool(p.middle), lambda p, w: w.forename == p.middle),
    "married_name": (
        lambda p: p.former_surname not in ("", p.surname),
        lambda p, w: w.surname == p.former_surname,
    ),
    "marks_dropped": (lambda p: bool(set("'-") & set(p.surname)), lambda p, w: w.surname != p.surname),
    "born_missing": (lambda p: True, lambda p, w: w.born is None),
    "born_default": (lambda p: (p.born.month, p.born.day) != (1, 1), lambda p, w: w.born != p.born),
    "born_century_default": (lambda p: True, lambda p, w: w.born is not None and w.born.year == 1900),
    "day_month_swapped": (
        lambda p: p.born.day <= 12 and p.born.day != p.born.month,
        lambda p, w: w.born is not None and (w.born.month, w.born.day) == (p.born.day, p.born.month),
    ),
    "born_year_off": (lambda p: p.born.day <= 28, lambda p, w: w.born != p.born),
    "sex_wrong": (lambda p: True, lambda p, w: w.sex not in ("", p.sex)),
    "sex_missing": (lambda p: True, lambda p, w: w.sex == ""),
    "identifier_typo": (lambda p: bool(p.nhs_number), lambda p, w: w.nhs_number != p.nhs_number),
    "upn_missing": (lambda p: bool(p.upn), lambda p, w: w.upn == ""),
    "postcode_missing": (lambda p: True, lambda p, w: w.postcode == ""),
    "address_missing": (lambda p: True, lambda p, w: w.address == ""),
    "old_address": (
        lambda p: p.household.former_home is not None,
        lambda p, w: p.household.former_home is not None and w.uprn == p.household.former_home.uprn,
    ),
    "middle_missing": (lambda p: bool(p.middle), lambda p, w: w.middle == ""),
    "middle_initial": (lambda p: len(p.middle) > 1, lambda p, w: len(w.middle) == 1),
}


@pytest.fixture(scope="module")
def people() -> list[Person]:
    settlers = Settlers(Dice(5, 0), 0, 4_000, TODAY)
    settlers.settle()
    return settlers.people


@pytest.mark.parametrize("name", HABITS)
def test_a_habit_is_seen_as_often_as_stated(people: list[Person], name: str) -> None:
    shows, seen = HABITS[name]
    rate: float = getattr(RATES, name)
    rates = replace(NO_ERRORS, **{name: rate})
    dice = Dice(9, 0)
    tried = found = 0
    fit = [person for person in people if shows(person)]
    for person in fit * -(-6_000 // len(fit)):
        tried += 1
        found += seen(person, written_down(dice, NAMES, person, TODAY, 1.0, rates=rates))
    # Five standard deviations either side: one seed in a million would fail by chance.
    assert abs(found - tried * rate) < 5 * sqrt(tried * rate * (1 - rate)) + 1


def test_a_partner_who_takes_no_care_makes_more_mistakes(people: list[Person]) -> None:
    wrong = {}
    for care in (0.4, 1.6):
        dice = Dice(10, 0)
        records = [(person, written_down(dice, NAMES, person, TODAY, care)) for person in people]
        wrong[care] = sum((w.forename, w.surname, w.born) != (p.forename, p.surname, p.born) for p, w in records) / len(
            people
        )
    assert 0.04 < wrong[0.4] < 0.14
    assert 0.18 < wrong[1.6] < 0.40


def test_with_no_errors_a_record_says_who_it_is(people: list[Person]) -> None:
    dice = Dice(11, 0)
    for person in people[:500]:
        written = written_down(dice, NAMES, person, TODAY, 1.6, rates=NO_ERRORS)
        assert (written.forename, written.middle, written.surname) == (person.forename, person.middle, person.surname)
        assert (written.born, written.sex, written.nhs_number) == (person.born, person.sex, person.nhs_number)
        assert written.postcode == person.household.home.postcode


def test_a_slip_changes_a_name_little() -> None:
    dice = Dice(12, 0)
    for name in ("Mohammed", "Jo", "Siobhan", "O'Brien", "Wojciechowski"):
        for _ in range(200):
            slipped = mistyped(dice, name)
            assert abs(len(slipped) - len(name)) <= 2
            assert slipped[:1] == name[:1]


def test_the_rates_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "invented-town.md").read_text("utf-8")
    stated = {float(found) for found in re.findall(r"\b0\.\d{3}\b", text)}
    assert {getattr(RATES, one.name) for one in fields(ErrorRates)} <= stated
    assert {one.nhs_missing for one in SHARED if "person.nhs_number" in one.fields} <= stated
