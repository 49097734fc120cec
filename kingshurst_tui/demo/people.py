"""Who lives in the invented town: households, couples, families, twins, namesakes, people who moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from stdnum.gb import upn as upn_check

from kingshurst_tui.demo.dice import Dice, Weighted
from kingshurst_tui.demo.names import BACKGROUNDS, Book, book
from kingshurst_tui.demo.places import Home, home

HOMES_A_BLOCK = 3_400
PEOPLE_A_BLOCK = 5_000

_SHAPES = Weighted(
    ["alone", "couple", "family", "lone parent", "older alone", "older couple", "three generations", "shared"],
    [20.0, 19.0, 25.0, 12.0, 11.0, 7.0, 3.5, 2.5],
)
"""Households by shape, near the 2021 census's mix (Household composition, TS003); the rates are the town's own."""

TWIN_BIRTHS = 0.016
"""Share of maternities with twins (Office for National Statistics, Birth characteristics: 1.4 to 1.6 %)."""

SON_NAMED_AFTER_FATHER = 0.03
NAMESAKES = 0.004
"""Share of adults who bear another townsperson's forename, surname and year of birth beyond what chance brings."""

MOVED_IN_TWO_YEARS = 0.14
"""Households that moved within the town in the two years (census 2021: about a tenth of people move in a year)."""


@dataclass(slots=True)
class Person:
    """One invented person, as they truly are."""

    number: int
    sex: str
    forename: str
    middle: str
    surname: str
    former_surname: str
    born: date
    background: str
    nhs_number: str
    upn: str
    household: Household
    part: str  # adult, partner, child, parent: the place in the household

    @property
    def true_id(self) -> str:
        """The id that only the truth uses."""
        return f"T{self.number:07d}"

    def age(self, on: date) -> int:
        """Return the age in whole years on a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(slots=True)
class Household:
    """People of one home, with the home they left if they moved."""

    number: int
    home: Home
    council_tenant: bool
    former_home: Home | None = None
    moved_on: date | None = None
    members: list[Person] = field(default_factory=list)
    background: str = "british"

    def home_on(self, day: date) -> Home:
        """Return where they lived on a day."""
        if self.former_home is not None and self.moved_on is not None and day < self.moved_on:
            return self.former_home
        return self.home


class Settlers:
    """Makes one block of the town, household by household.

    Args:
        dice: the block's own draws.
        block: its number; homes and people are numbered through the whole town.
        people: how many people to make, exactly.
        today: the town's last day.
    """

    def __init__(self, dice: Dice, block: int, people: int, today: date) -> None:
        self._dice = dice
        self._book: Book = book()
        self._wanted = people
        self._today = today
        self._next_person = block * PEOPLE_A_BLOCK
        self._next_home = block * HOMES_A_BLOCK
        self._households = 0
        self.people: list[Person] = []
        self.households: list[Household] = []

    def settle(self) -> list[Household]:
        """Return the block's households. The first few always hold twins and a father and son of one name."""
        while len(self.people) < self._wanted:
            self._household(len(self.households))
        self._add_namesakes()
        return self.households

    def _household(self, ordinal: int) -> None:
        dice = self._dice
        shape = "family" if ordinal in (2, 3) else dice.weighted(_SHAPES)
        house = Household(
            number=self._next_home,
            home=home(self._next_home),
            council_tenant=dice.chance(0.42),
            background=dice.weighted(BACKGROUNDS),
        )
        self._next_home += 1
        if dice.chance(MOVED_IN_TWO_YEARS):
            house.former_home = home(self._next_home)
            house.moved_on = self._today - timedelta(days=dice.between(20, 700))
            self._next_home += 1
        before = len(self.people)
        self._fill(house, shape, ordinal)
        house.members = self.people[before:]
        self.households.append(house)

    def _fill(self, house: Household, shape: str, ordinal: int) -> None:
        dice = self._dice
        family = self._book.surname(dice, house.background, "M")
        if shape == "shared":
            for _ in range(dice.between(3, 6)):
                own = dice.weighted(BACKGROUNDS)
                sex = dice.pick("FM")
                self._add(house, sex, self._book.surname(dice, own, sex), dice.between(19, 62), "adult", own)
            return
        if shape == "alone":
            sex = dice.pick("FMM")
            self._add(house, sex, self._surname(family, house, sex), dice.between(20, 66), "adult")
            return
        if shape == "older alone":
            sex = dice.pick("FFM")
            person = self._add(house, sex, self._surname(family, house, sex), dice.between(67, 94), "adult")
            if person is not None and sex == "F":
                person.former_surname = self._book.surname(dice, house.background, "F")
            return
        age = dice.between(66, 88) if shape == "older couple" else dice.between(22, 63)
        if shape in ("family", "lone parent", "three generations"):
            age = dice.between(21, 50)
        parents: list[Person | None] = []
        if shape == "lone parent":
            sex = "F" if dice.chance(0.86) else "M"
            parents.append(self._add(house, sex, self._surname(family, house, sex), age, "adult"))
        else:
            parents.append(self._add(house, "M", family, age, "adult"))
            parents.append(self._partner(house, family, max(19, age + dice.between(-6, 3))))
        if shape in ("family", "lone parent", "three generations"):
            self._children(house, family, parents, min(age, 48), ordinal)
        if shape == "three generations":
            self._add(house, "F", self._surname(family, house, "F"), age + dice.between(22, 32), "parent")

    def _partner(self, house: Household, family: str, age: int) -> Person | None:
        dice = self._dice
        background = dice.weighted(BACKGROUNDS) if dice.chance(0.08) else house.background
        maiden = self._book.surname(dice, background, "F")
        sex = "M" if dice.chance(0.02) else "F"
        took_name = sex == "F" and dice.chance(0.62) and self._book.goes_with(family, "F")
        surname = family if took_name else maiden
        person = self._add(house, sex, surname, age, "partner", background)
        if person is not None and took_name:
            person.former_surname = maiden
        return person

    def _children(self, house: Household, family: str, parents: list[Person | None], age: int, ordinal: int) -> None:
        dice = self._dice
        eldest = max(0, min(age - 18, 24))
        years = sorted({dice.between(0, eldest) for _ in range(1 + dice.count(1.1))}, reverse=True)
        if ordinal in (2, 3):
            years = [min(eldest, 15)]
        for years_old in years:
            born = self._birthday(years_old)
            sex = dice.pick("FM")
            first = self._add(house, sex, self._surname(family, house, sex), years_old, "child", born=born)
            if dice.chance(TWIN_BIRTHS) or ordinal == 2:
                other = sex if dice.chance(0.65) else ("F" if sex == "M" else "M")
                twin = self._add(house, other, self._surname(family, house, other), years_old, "child", born=born)
                if first is not None and twin is not None:
                    # Twins are often given names that begin alike.
                    if dice.chance(0.3):
                        self._alike(first, twin)
                    if twin.forename == first.forename:
                        twin.forename, twin.middle = twin.middle or "Alex", ""
            father = parents[0]
            named_after = dice.chance(SON_NAMED_AFTER_FATHER) or ordinal == 3
            if first is not None and father is not None and father.sex == "M" and named_after:
                first.sex, first.forename, first.surname = "M", father.forename, father.surname

    def _alike(self, first: Person, twin: Person) -> None:
        for _ in range(12):
            name = self._book.forename(self._dice, twin.background, twin.sex, twin.born.year)
            if name[0] == first.forename[0] and name != first.forename:
                twin.forename = name
                return

    def _surname(self, family: str, house: Household, sex: str) -> str:
        return family if self._book.goes_with(family, sex) else self._book.surname(self._dice, house.background, sex)

    def _birthday(self, age: int) -> date:
        return self._today - timedelta(days=int((age + self._dice.draw()) * 365.25) + 1)

    def _add(
        self,
        house: Household,
        sex: str,
        surname: str,
        age: int,
        part: str,
        background: str | None = None,
        born: date | None = None,
    ) -> Person | None:
        if len(self.people) >= self._wanted:
            return None
        dice = self._dice
        background = background or house.background
        born = born or self._birthday(age)
        number = self._next_person
        self._next_person += 1
        forename = self._book.forename(dice, background, sex, born.year)
        middle = self._book.forename(dice, background, sex, born.year) if dice.chance(0.62) else ""
        person = Person(
            number=number,
            sex=sex,
            forename=forename,
            middle=middle if middle != forename else "",
            surname=surname,
            former_surname="",
            born=born,
            background=background,
            nhs_number=nhs_number(number) if dice.chance(0.9) else "",
            upn=unique_pupil_number(number, born) if person_is_pupil(born, self._today) else "",
            household=house,
            part=part,
        )
        self.people.append(person)
        return person

    def _add_namesakes(self) -> None:
        adults = [person for person in self.people if person.part == "adult"]
        for _ in range(max(1, int(len(adults) * NAMESAKES))):
            one, other = self._dice.pick(adults), self._dice.pick(adults)
            if one is not other and one.household is not other.household and one.sex == other.sex:
                other.forename, other.surname = one.forename, one.surname
                other.born = one.born + timedelta(days=self._dice.between(-300, 300))


def person_is_pupil(born: date, today: date) -> bool:
    """Tell whether somebody was of school age, 5 to 18, at some time in the town's two years."""
    return 4 * 365 < (today - born).days < 20 * 365


def nhs_number(number: int) -> str:
    """Return a valid NHS number of the range that is never issued (999), or "" where the check digit would be 10.

    The range holds 909,091 numbers for 1,000,000 people: who has none is one of those whose number nobody knows.
    """
    digits = f"999{number * 7_919 % 1_000_000:06d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
    if check == 10:
        return ""
    return digits + str(check % 11)


def unique_pupil_number(number: int, born: date) -> str:
    """Return a UPN with a right check letter, of Solihull (334) and of a school number (9xxx) that is not in use."""
    school, serial = divmod(number, 1_000)
    body = f"334{9_000 + school % 1_000}{(born.year + 5) % 100:02d}{serial:03d}"
    return upn_check.calc_check_digit(body) + body
