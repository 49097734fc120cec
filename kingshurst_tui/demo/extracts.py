"""Turns what happened into what each partner writes down about it, with the truth of every row beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.events import Telling
from kingshurst_tui.demo.layouts import DataSet
from kingshurst_tui.demo.mistakes import RATES, Written, written_down
from kingshurst_tui.demo.names import book
from kingshurst_tui.demo.people import Household, Person
from kingshurst_tui.demo.writers import Cell, as_moment

_CARED_FOR = 0.7
"""Share of contacts written under the newest of a person's records, where a partner has made two."""

_SHARED = 0.4
"""Share of doubly told incidents where one agency notes the police's reference."""


@dataclass
class Numbers:
    """Counters that run through the whole town: a partner numbers in the order in which it first meets somebody."""

    people: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)

    def next_person(self, data_set: DataSet) -> str:
        """Return a new person reference of the data set's system."""
        number = self.people[data_set.system] = self.people.get(data_set.system, 1_040) + 1
        return data_set.person_reference.format(n=number)

    def next_contact(self, data_set: DataSet, day: date) -> str:
        """Return a new contact reference."""
        number = self.contacts[data_set.reference] = self.contacts.get(data_set.reference, 207) + 1
        return data_set.contact_reference.format(n=number, year=f"{day:%y}", ddmmyy=f"{day:%d%m%y}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One partner's record of a person: its reference ("" where the partner gives none) and what it says."""

    reference: str
    written: Written


@dataclass(slots=True)
class Made:
    """What one block adds to one data set's file and to the truth."""

    rows: list[list[Cell]] = field(default_factory=list)
    records: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    incidents: list[tuple[str, str, str]] = field(default_factory=list)


class Clerk:
    """Writes one block of the town down as each partner would.

    Args:
        dice: the block's draws.
        numbers: the running counters.
        last: the last day an extract may mention.
    """

    def __init__(self, dice: Dice, numbers: Numbers, last: date) -> None:
        self._dice = dice
        self._numbers = numbers
        self._last = last
        self._book = book()
        self._entries: dict[tuple[str, int], list[Entry]] = {}
        self._told: dict[tuple[str, int], str] = {}
        self._listed: set[tuple[str, str]] = set()

    def number(self, data_sets: dict[str, DataSet], tellings: Iterable[Telling]) -> None:
        """Give every telling its agency's reference, before any row is written, so that rows can quote each other's."""
        for telling in tellings:
            key = (telling.data_set, telling.incident.number)
            if key not in self._told:
                self._told[key] = self._numbers.next_contact(data_sets[telling.data_set], telling.day)

    def contacts(self, data_set: DataSet, tellings: Iterable[Telling]) -> Made:
        """Return a data set's rows for these tellings."""
        made = Made()
        for telling in tellings:
            reference = self._told[telling.data_set, telling.incident.number]
            entry = self._entry(data_set, telling.person, telling.day)
            values = _person(data_set, "person", entry)
            self._list(made, data_set, entry.reference, reference, "person", telling.person)
            if telling.other is not None:
                other = self._entry(data_set, telling.other, telling.day)
                values |= _person(data_set, "counterpart", other)
                values["counterpart.role"] = data_set.role_words.get(telling.note, "")
                values["counterpart.relationship"] = telling.relation
                self._list(made, data_set, other.reference, reference, "counterpart", telling.other)
            if data_set.system == "SCH":
                values["person.household"] = f"TEN{telling.person.household.number:06d}"
            elif data_set.system == "SMBC-EH":
                values["person.household"] = f"FAM{telling.person.household.number:06d}"
            self._contact(data_set, telling, reference, values)
            made.rows.append([values.get(ours, "") for ours in data_set.fields])
            made.incidents.append((data_set.reference, reference, f"I{telling.incident.number:09d}"))
        return made

    def people(self, data_set: DataSet, households: Iterable[Household], on: date) -> Made:
        """Return rows of a list of persons: everybody in these households."""
        made = Made()
        for house in households:
            for place, person in enumerate(house.members):
                entry = self._entry(data_set, person, on)
                values = _person(data_set, "person", entry)
                values["person.household"] = f"TEN{house.number:06d}"
                self._extras(data_set, person, values)
                values["-relation"] = "Tenant" if place == 0 else person.part.capitalize()
                made.rows.append([values.get(ours, "") for ours in data_set.fields])
                self._list(made, data_set, entry.reference, "", "person", person)
        return made

    def _list(
        self, made: Made, data_set: DataSet, person_reference: str, contact_reference: str, part: str, person: Person
    ) -> None:
        if not person_reference:
            made.records.append((data_set.reference, "", contact_reference, part, person.true_id))
        elif (data_set.reference, person_reference) not in self._listed:
            self._listed.add((data_set.reference, person_reference))
            made.records.append((data_set.reference, person_reference, "", "", person.true_id))

    def _entry(self, data_set: DataSet, person: Person, on: date) -> Entry:
        if not data_set.system:
            return Entry("", self._written(data_set, person, on))
        kept = self._entries.setdefault((data_set.system, person.number), [])
        if not kept or (len(kept) == 1 and self._dice.chance(RATES.second_record * data_set.care)):
            kept.append(Entry(self._numbers.next_person(data_set), self._written(data_set, person, on)))
        return kept[-1] if len(kept) == 1 or self._dice.chance(_CARED_FOR) else kept[0]

    def _written(self, data_set: DataSet, person: Person, on: date) -> Written:
        return written_down(self._dice, self._book, person, on, data_set.care, data_set.nhs_missing)

    def _contact(self, data_set: DataSet, telling: Telling, reference: str, values: dict[str, Cell]) -> None:
        place = telling.incident.place
        words = data_set.kinds[telling.kind]
        reported = min(self._last, telling.day + timedelta(days=self._dice.below(4) if self._dice.chance(0.4) else 0))
        values["contact.reference"] = reference
        values["contact.date"] = _day(data_set, telling.day)
        values["contact.reported"] = _day(data_set, reported)
        values["contact.time"] = _time(data_set, telling.minute)
        values["contact.category"] = words[telling.incident.number % len(words)]
        values["contact.role"] = data_set.role_words.get(telling.role, telling.role)
        values["contact.outcome"] = "" if telling.other is not None and telling.role == "victim" else telling.note
        values["contact.postcode"] = _postcode(data_set, place.postcode)
        values["contact.address"] = place.line
        values["contact.measure"] = "" if telling.measure is None else f"{telling.measure:g}"
        if data_set.reference == "EDU-EXCLUSIONS":
            values["contact.measure"] = str(self._dice.between(1, 10))
        if "contact.shared_reference" in data_set.fields and self._dice.chance(_SHARED):
            police = self._told.get(("WMP-ASB", telling.incident.number)) or self._told.get(
                ("WMP-INCIDENTS", telling.incident.number)
            )
            values["contact.shared_reference"] = police or ""
        self._extras(data_set, telling.person, values)

    def _extras(self, data_set: DataSet, person: Person, values: dict[str, Cell]) -> None:
        """Fill what the file holds and the agreement does not list: it must be dropped at the door."""
        for ours in data_set.fields:
            if ours.startswith("-"):
                words = _EXTRA.get(ours, ("Y", "N"))
                values[ours] = words[person.number % len(words)]
        if "-title" in data_set.fields:
            values["-title"] = "Mr" if person.sex == "M" else "Ms"


_EXTRA = {
    "-ethnicity": ("1", "2", "3", "4", "0"),
    "-beat": ("KF1", "KF2", "KF3"),
    "-dash": ("9", "14", "16", "6"),
    "-children": ("", "see report"),
    "-risk": ("3", "5", "8"),
    "-notes": ("Rang twice, line poor", "See file", ""),
    "-balance": ("-210.40", "0.00", "35.10"),
    "-grade": ("P2", "P3", "R"),
    "-stop": ("FDR1", "FDR3", "False alarm"),
    "-acuity": ("C1", "C2", "C3", "C4"),
    "-officer": ("North team", "South team"),
    "-type": ("SUSP",),
    "-lead": ("Family support worker", "School nurse"),
    "-gp": ("Dr A", "Dr B"),
    "-worker": ("Duty team", "Locality team"),
    "-keyworker": ("Team A", "Team B"),
    "-support": ("Mental health", "None", "Physical health"),
    "-log": ("1180", "0422", "2091"),
}


_DAMAGED = 0.004
_REPEATED = 0.003


def damage(dice: Dice, data_set: DataSet, rows: list[list[Cell]]) -> None:
    """Spoil a few rows in place, as extracts arrive: dates that no calendar has, words no code list has, rows twice.

    Four rows in a thousand and three in a thousand, and none in a short extract, so that no batch is refused for it.
    """
    if data_set.typed or data_set.shape != "contacts":
        return
    day, category = data_set.fields.index("contact.date"), _place(data_set, "contact.category")
    for _ in range(int(len(rows) * _DAMAGED)):
        row = dice.pick(rows)
        if category is not None and dice.chance(0.4):
            row[category] = "Other - see log"
        else:
            row[day] = dice.pick(("", "00/00/0000", "31/02/2025", "yesterday"))
    for _ in range(int(len(rows) * _REPEATED)):
        rows.insert(dice.below(len(rows)), list(dice.pick(rows)))


def _place(data_set: DataSet, ours: str) -> int | None:
    return data_set.fields.index(ours) if ours in data_set.fields else None


def _person(data_set: DataSet, prefix: str, entry: Entry) -> dict[str, Cell]:
    written = entry.written
    forename, surname = written.forename, written.surname
    if data_set.names == "upper":
        forename, surname = forename.upper(), surname.upper()
    elif data_set.names == "surname upper":
        surname = surname.upper()
    middle, former = written.middle, written.former_surname
    if data_set.ascii or data_set.encoding in ("windows-1252", "latin-1"):
        forename, surname = _plain(forename, data_set), _plain(surname, data_set)
        middle, former = _plain(middle, data_set), _plain(former, data_set)
    unknown = data_set.empty
    born: Any = unknown if written.born is None else _day(data_set, written.born)
    if data_set.typed and written.born is None:
        born = None
    return {
        f"{prefix}.reference": entry.reference,
        f"{prefix}.forename": forename,
        f"{prefix}.middle_names": middle,
        f"{prefix}.surname": surname,
        f"{prefix}.full_name": f"{forename} {surname}",
        f"{prefix}.former_surname": former,
        f"{prefix}.date_of_birth": born,
        f"{prefix}.sex": data_set.sex[written.sex] if written.sex else unknown,
        f"{prefix}.nhs_number": _spaced(data_set, written.nhs_number),
        f"{prefix}.upn": written.upn,
        f"{prefix}.uprn": written.uprn,
        f"{prefix}.address": written.address or unknown,
        f"{prefix}.postcode": _postcode(data_set, written.postcode),
    }


def _spaced(data_set: DataSet, number: str) -> str:
    if number and data_set.reference == "NHS-MENTAL-HEALTH":
        return f"{number[:3]} {number[3:6]} {number[6:]}"
    return number


def _plain(name: str, data_set: DataSet) -> str:
    """Return a name with only the letters that the partner's system can keep."""
    if name.isascii():
        return name
    if not data_set.ascii:
        try:
            name.encode(data_set.encoding)
        except UnicodeEncodeError:
            pass
        else:
            return name
    bare = name.replace("ł", "l").replace("Ł", "L")
    return unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode()


def _day(data_set: DataSet, day: date) -> Cell:
    if data_set.typed:
        return as_moment(day) if data_set.kind == "xlsx" else day
    return day.strftime(data_set.dates)


def _time(data_set: DataSet, minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return data_set.times.replace("%H", f"{hour:02d}").replace("%M", f"{rest:02d}").replace("%S", "00")


def _postcode(data_set: DataSet, code: str) -> str:
    if data_set.postcodes == "tight":
        return code.replace(" ", "")
    return code.lower() if data_set.postcodes == "lower" else code
