"""How partners write people down wrongly, and how often.

The rates are frozen: they were written down before any linkage model was tuned, and no tuning changes them. Their
sources and how each was carried over stand in docs/invented-town.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.names import Book
from kingshurst_tui.demo.people import Person
from kingshurst_tui.demo.places import shortened


@dataclass(frozen=True)
class ErrorRates:
    """Share of records (not of people) with each habit, before a partner's own factor (extracts.DataSet.care).

    Each rate applies to the records that could show the habit: "married_name" to people who have a former surname,
    "other_spelling" to names with several spellings, "day_month_swapped" to days up to the 12th.
    """

    forename_typo: float = 0.020
    surname_typo: float = 0.022
    short_form: float = 0.070
    initial_only: float = 0.008
    names_swapped: float = 0.006
    middle_as_forename: float = 0.008
    other_spelling: float = 0.120
    married_name: float = 0.060
    marks_dropped: float = 0.300
    born_missing: float = 0.020
    born_default: float = 0.010
    born_century_default: float = 0.003
    day_month_swapped: float = 0.006
    born_digit: float = 0.012
    born_year_off: float = 0.008
    sex_wrong: float = 0.004
    sex_missing: float = 0.030
    upn_missing: float = 0.030
    identifier_of_relative: float = 0.001
    identifier_typo: float = 0.003
    postcode_missing: float = 0.040
    postcode_typo: float = 0.010
    address_missing: float = 0.050
    old_address: float = 0.250
    address_shortened: float = 0.250
    middle_missing: float = 0.550
    middle_initial: float = 0.200
    second_record: float = 0.030


RATES = ErrorRates()


@dataclass(slots=True)
class Written:
    """A person as one partner wrote them down; empty text where it was not asked or not known."""

    forename: str
    middle: str
    surname: str
    former_surname: str
    born: date | None
    sex: str
    nhs_number: str
    upn: str
    uprn: str
    address: str
    postcode: str


_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "ko", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SOUNDS = (("ph", "f"), ("ck", "k"), ("ie", "y"), ("ey", "y"), ("ee", "ea"), ("ll", "l"), ("tt", "t"), ("nn", "n"),
           ("ss", "s"), ("y", "i"), ("c", "k"), ("s", "z"), ("ai", "ay"), ("ou", "o"), ("gh", ""))  # fmt: skip


def mistyped(dice: Dice, word: str) -> str:
    """Return a word with one slip: a letter left out, doubled, transposed or its neighbour struck, or spelt by ear."""
    if len(word) < 3:
        return word
    kind = dice.below(5)
    at = dice.between(1, len(word) - 2)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[: at + 1] + word[at:]
    if kind == 2 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 3:
        for sound, other in _SOUNDS:
            if sound in word[1:]:
                return word[0] + word[1:].replace(sound, other, 1)
    near = _NEAR.get(word[at].lower(), "e")
    return word[:at] + dice.pick(near) + word[at + 1 :]


def without_marks(name: str) -> str:
    """Return a name as systems keep it that take no apostrophe or hyphen."""
    return name.replace("'", "").replace("-", " ")


def written_down(
    dice: Dice,
    book: Book,
    person: Person,
    on: date,
    care: float,
    nhs_missing: float = 0.0,
    rates: ErrorRates = RATES,
) -> Written:
    """Return a person as a partner with such care wrote them down on a day.

    Args:
        dice: the draws.
        book: the names, for other spellings and short forms.
        person: who it truly is.
        on: the day of the record; where they lived then is what is true of it.
        care: a factor on every rate: 0.4 for a tenancy checked against papers, 1.6 for a name taken over a radio.
        nhs_missing: share of records without the NHS number (layouts.DataSet.nhs_missing).
        rates: the frozen table.
    """
    chance = dice.chance
    forename, surname, middle = person.forename, person.surname, person.middle
    if person.former_surname and chance(rates.married_name * care):
        surname = person.former_surname
    if forename in book.spellings and chance(rates.other_spelling * care):
        forename = dice.pick(book.spellings[forename])
    if surname in book.spellings and chance(rates.other_spelling * care):
        surname = dice.pick(book.spellings[surname])
    if forename in book.short and chance(rates.short_form * care):
        forename = dice.pick(book.short[forename])
    elif middle and chance(rates.middle_as_forename * care):
        forename, middle = middle, ""
    elif chance(rates.initial_only * care):
        forename = forename[0]
    if chance(rates.forename_typo * care):
        forename = mistyped(dice, forename)
    if chance(rates.surname_typo * care):
        surname = mistyped(dice, surname)
    if ("'" in surname or "-" in surname) and chance(rates.marks_dropped * care):
        surname = without_marks(surname)
    if middle:
        if chance(min(0.9, rates.middle_missing * care)):
            middle = ""
        elif chance(rates.middle_initial * care):
            middle = middle[0]
    if chance(rates.names_swapped * care):
        forename, surname = surname, forename
    former = person.former_surname if person.former_surname and not chance(min(0.9, 0.3 * care)) else ""
    home = person.household.home_on(on)
    if person.household.former_home is not None and home is person.household.home and chance(rates.old_address * care):
        home = person.household.former_home
    address = home.line
    if chance(rates.address_shortened * care):
        address = shortened(address)
    no_address = chance(rates.address_missing * care)
    code = home.postcode
    if chance(rates.postcode_missing * care):
        code = ""
    elif chance(rates.postcode_typo * care):
        code = code[:-1] + dice.pick("ABDEFGHJLNPQRSTUWXYZ")
    return Written(
        forename=forename,
        middle=middle,
        surname=surname,
        former_surname=former,
        born=_born(dice, person.born, care, rates),
        sex=""
        if chance(rates.sex_missing * care)
        else (_other(person.sex) if chance(rates.sex_wrong * care) else person.sex),
        nhs_number=_identifier(dice, person, nhs_missing, care, rates),
        upn="" if chance(rates.upn_missing * care) else person.upn,
        uprn="" if no_address else home.uprn,
        address="" if no_address else address,
        postcode=code,
    )


def _other(sex: str) -> str:
    return "F" if sex == "M" else "M"


def _born(dice: Dice, born: date, care: float, rates: ErrorRates) -> date | None:
    point = dice.draw()
    for rate, habit in (
        (rates.born_missing, "missing"),
        (rates.born_default, "default"),
        (rates.born_century_default, "century"),
        (rates.born_digit, "digit"),
        (rates.born_year_off, "year"),
    ):
        point -= rate * care
        if point < 0:
            return _slip(dice, born, habit)
    if born.day <= 12 and born.day != born.month and dice.chance(rates.day_month_swapped * care):
        return date(born.year, born.day, born.month)
    return born


def _slip(dice: Dice, born: date, habit: str) -> date | None:
    if habit == "missing":
        return None
    if habit == "default":
        return date(born.year, 1, 1)
    if habit == "century":
        return date(1900, 1, 1)
    if habit == "digit":
        day = min(28, max(1, born.day + dice.pick((-10, -1, 1, 10, 2))))
        return date(born.year, born.month, day)
    # A year is never moved into the future.
    year = born.year + dice.pick((-10, -1, -1))
    return date(year, born.month, min(born.day, 28))


def _identifier(dice: Dice, person: Person, missing: float, care: float, rates: ErrorRates) -> str:
    number = person.nhs_number
    if not number or dice.chance(missing):
        return ""
    if dice.chance(rates.identifier_of_relative * care):
        return dice.pick(person.household.members).nhs_number
    if dice.chance(rates.identifier_typo * care):
        at = dice.between(3, 9)
        return number[:at] + str((int(number[at]) + dice.between(1, 9)) % 10) + number[at + 1 :]
    return number
