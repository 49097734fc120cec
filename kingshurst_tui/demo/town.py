"""Writes the whole invented town: extracts, agreements, registers and truth, block by block in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from kingshurst_tui.demo import (
    areas,
    frequent,
    layouts_council,
    layouts_health,
    layouts_housing,
    layouts_more,
    layouts_safety,
    layouts_schools,
    registers,
)
from kingshurst_tui.demo.agreements import agreement_text
from kingshurst_tui.demo.areas import months
from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.events import DAYS, Chronicle, Telling, background, latest
from kingshurst_tui.demo.extracts import Clerk, Made, Numbers, damage
from kingshurst_tui.demo.geography import Ground, write_places
from kingshurst_tui.demo.layouts import DataSet
from kingshurst_tui.demo.people import HOMES_A_BLOCK, PEOPLE_A_BLOCK, Settlers
from kingshurst_tui.demo.truth import Truth
from kingshurst_tui.demo.writers import CsvWriter, Open, ParquetWriter, Writer, XlsxWriter

FEWEST, MOST = 200, 1_000_000

SHARED = (
    *layouts_safety.DATA_SETS,
    *layouts_health.DATA_SETS,
    *layouts_housing.DATA_SETS,
    *layouts_council.DATA_SETS,
    *layouts_schools.DATA_SETS,
)
"""Data sets about people whose gates open."""

DATA_SETS: dict[str, DataSet] = {one.reference: one for one in (*SHARED, *layouts_more.AREAS, *layouts_more.SHUT)}
"""All of them by reference: SHARED, three of area counts, one assessed red and one lapsed."""


@dataclass(frozen=True, slots=True)
class TownSummary:
    """What was written.

    Attributes:
        rows: rows by data set.
        frequent: people with a story, by story and whether it is current or past.
        consents: rows of the register of consents.
    """

    people: int
    households: int
    rows: dict[str, int]
    frequent: dict[str, int]
    consents: int


def write_town(folder: Path, people: int, seed: int, today: date) -> TownSummary:
    """Write an invented town: the same seed, size and day give the same bytes.

    Args:
        folder: gets ``partners/`` (extracts, ``agreements/``, ``places/``, consents.csv, users.csv) and ``truth/``.
        people: how many live there, 200 to 1,000,000.
        seed: which town.
        today: its last day; contacts run from two years to ten days before it.

    Raises:
        ValueError: the number of people is out of range.
        OSError: a file cannot be written.
    """
    if not FEWEST <= people <= MOST:
        raise ValueError(f"the invented town holds {FEWEST} to {MOST:,} people, not {people:,}")
    partners, truth_folder = folder / "partners", folder / "truth"
    (partners / "agreements").mkdir(parents=True, exist_ok=True)
    truth_folder.mkdir(parents=True, exist_ok=True)
    for data_set in DATA_SETS.values():
        path = partners / "agreements" / f"{data_set.reference.lower()}.toml"
        path.write_text(agreement_text(data_set, today), encoding="utf-8", newline="\n")
    with Open() as files:
        town = _Town(partners, truth_folder, files, seed, today)
        number = frequent.frequent_users(people)
        blocks = -(-people // PEOPLE_A_BLOCK)
        for block in range(blocks):
            here = min(PEOPLE_A_BLOCK, people - block * PEOPLE_A_BLOCK)
            town.block(block, here, round(number * here / people))
        town.areas(blocks)
        return town.summary(people)


class _Town:
    def __init__(self, partners: Path, truth_folder: Path, files: Open, seed: int, today: date) -> None:
        self._seed, self._today, self._partners = seed, today, partners
        self._writers = {one.reference: files.add(_writer(partners / one.file, one)) for one in DATA_SETS.values()}
        self._consents = files.add(CsvWriter(partners / "consents.csv", registers.CONSENT_COLUMNS))
        users = files.add(CsvWriter(partners / "users.csv", registers.USER_COLUMNS))
        users.rows(registers.USERS)
        self._truth = Truth(truth_folder, files)
        self._numbers = Numbers()
        self._rows: Counter[str] = Counter()
        self._frequent: Counter[str] = Counter()
        self._households = self._homes = self._agreed = 0

    def block(self, block: int, people: int, number: int) -> None:
        dice = Dice(self._seed, block)
        settlers = Settlers(dice, block, people, self._today)
        households = settlers.settle()
        self._households += len(households)
        self._homes = households[-1].number
        chronicle = Chronicle(dice, self._today, block)
        lived = frequent.live(chronicle, households, number)
        background(chronicle, households)
        if block == 0:
            latest(chronicle, households, {one.person.number for one in lived})
        self._truth.people(settlers.people)
        self._truth.stories(lived)
        for one in lived:
            self._frequent[f"{one.story.name} ({'current' if one.current else 'past'})"] += 1
        clerk = Clerk(dice, self._numbers, chronicle.last)
        listed_on = self._today - timedelta(days=DAYS)
        tenants = [house for house in households if house.council_tenant]
        self._add(layouts_housing.TENANTS, clerk.people(layouts_housing.TENANTS, tenants, listed_on))
        self._add(layouts_more.GP, clerk.people(layouts_more.GP, households[::20], listed_on))
        chronicle.tellings = [one for one in chronicle.tellings if not self._lost(dice, one)]
        tellings = sorted(
            chronicle.tellings,
            key=lambda one: (one.data_set, one.day, one.minute, one.other is None, one.person.number),
        )
        clerk.number(DATA_SETS, tellings)
        for reference, told in groupby(tellings, key=lambda one: one.data_set):
            made = clerk.contacts(DATA_SETS[reference], told)
            damage(dice, DATA_SETS[reference], made.rows)
            self._add(DATA_SETS[reference], made)
        agreed = registers.consents(dice, self._today, tellings, lived, first_block=block == 0)
        self._consents.rows(agreed)
        self._agreed += len(agreed)

    def _lost(self, dice: Dice, telling: Telling) -> bool:
        """Tell whether a noise complaint fell into the month in which the council changed its system."""
        if telling.data_set != layouts_council.NOISE.reference:
            return False
        return (telling.day.year, telling.day.month) == months(self._today)[-14] and dice.chance(0.9)

    def _add(self, data_set: DataSet, made: Made) -> None:
        self._writers[data_set.reference].rows(made.rows)
        self._truth.made(made)
        self._rows[data_set.reference] += len(made.rows)

    def areas(self, blocks: int) -> None:
        dice = Dice(self._seed, blocks)
        ground = Ground(self._homes + 1 if blocks == 1 else blocks * HOMES_A_BLOCK, self._today)
        write_places(self._partners / "places", ground, self._seed)
        for data_set, rows in (
            (layouts_more.CRIME_BY_AREA, list(areas.crimes(dice, ground))),
            (layouts_more.FIRE_BY_POSTCODE, list(areas.fires(dice, ground))),
            (layouts_more.REPORTS_BY_AREA, list(areas.reports(dice, ground))),
        ):
            self._writers[data_set.reference].rows(rows)
            self._rows[data_set.reference] += len(rows)

    def summary(self, people: int) -> TownSummary:
        return TownSummary(
            people,
            self._households,
            {reference: self._rows[reference] for reference in DATA_SETS},
            dict(sorted(self._frequent.items())),
            self._agreed,
        )


def _writer(path: Path, data_set: DataSet) -> Writer:
    header = [theirs for theirs, _ in data_set.columns]
    if data_set.kind == "xlsx":
        return XlsxWriter(path, header, data_set.sheet, data_set.header_row, f"{data_set.title} (invented)")
    if data_set.kind == "parquet":
        return ParquetWriter(path, header, [ours in _DATES for ours in data_set.fields])
    return CsvWriter(path, header, data_set.encoding, data_set.delimiter)


_DATES = {"person.date_of_birth", "contact.date", "contact.reported"}
