"""Area measures: counts for a place and a month, and the only shape that a coarser agreement takes.

An extract with a count on each row gives its counts; one with a row an event (police.uk's street files) is counted at
the door, so that no single event is stored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from db.areas import AreaCount
from kingshurst_tui.agreements.document import MEASURE, Agreement
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import values
from kingshurst_tui.intake.area_readers import area_reader, month_reader, year_reader
from kingshurst_tui.intake.extract import NOTHING_STORED
from kingshurst_tui.intake.people import Cells
from kingshurst_tui.intake.places_of_columns import not_found, positions
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.text import plain_words
from kingshurst_tui.intake.values import Reader
from kingshurst_tui.places.vocabulary import MONTH, OF, PART, WHOLE

MOST_CELLS = 3_000_000
"""Distinct places, months and categories held in memory."""

TOTALS = frozenset(
    {"all", "total", "grand total", "all categories", "all crime", "all crimes", "total crime", "all incidents"}
)
"""Categories that are the sum of the others, unless the agreement's code list has them, written plainly."""

CellReader = Callable[[Cells], tuple[Any, str, str]]
"""Reads a value, what is wrong with it, and the partner's column, from the cells of a row."""

MOST_OF_A_CELL = 1_000_000
"""More of one category in one place and month is a slip of the pen; and what is worked out of counts has 32 bits."""


def _is_count(value: float | None) -> bool:
    return value is not None and 0 <= value <= MOST_OF_A_CELL and value == int(value)


def _no_count(value: float | None) -> str:
    if value is None:
        return "count-missing"
    if value > MOST_OF_A_CELL:
        return "count-too-large"
    return "negative-count" if value < 0 else "not-a-count"


class AreaPlan:
    """Reads and counts the rows of one extract of area measures.

    Args:
        agreement: what may come in, and how it is written.
        header: the extract's column names.
        today: no month is later.
        tally: where what happens is counted.
        wrong: takes what is wrong with the columns; then rows are read by those that are there, and counted nowhere.

    Attributes:
        places: of each place and month how many rows there are, and the first of them.

    Raises:
        InputRejected: the columns are not those of the agreement, and nothing takes what is wrong.
    """

    def __init__(
        self,
        agreement: Agreement,
        header: Sequence[str],
        today: date,
        tally: Tally,
        wrong: list[str] | None = None,
    ) -> None:
        where = positions(agreement, header, wrong)
        gone = not_found(agreement, where) if wrong else frozenset[str]()
        self._partial = bool(gone)
        empty = frozenset(agreement.format.empty)
        self._tally = tally
        self._width = len(header)
        self._counts: dict[tuple[str, str, str], int] = {}
        self.places: dict[tuple[str, str], tuple[int, int]] = {}
        self._references: dict[str, tuple[str, str, str]] = {}
        text = values.text_reader(empty, 80)

        def one(field: str, reader: Reader) -> CellReader:
            at = next(iter(where.get(field, ())), None)
            if field in gone:
                return lambda cells: ("", "", field)
            if at is None:
                given = agreement.constants.get(field)
                fixed = reader(given)[0] if given is not None else None
                return lambda cells: (fixed, "", field)
            return lambda cells: (*reader(cells[at[0]]), at[1])

        self._code = one("area.code", area_reader(agreement.granularity, empty))
        self._category = one("area.category", values.remembered(text))
        self._reference = one("contact.reference", values.text_reader(empty, 120))
        self._count = one("area.count", values.number_reader(empty)) if "area.count" in where else None
        if "area.rate" in where:
            self._count = self._from_rate(one, values.number_reader(empty))
        self._totals: dict[tuple[str, str], tuple[int, int, str]] = {}
        self._named = {plain_words(name) for name in agreement.category_codes}
        self._is_settled = False
        number = values.remembered(values.number_reader(empty))
        self._span = agreement.format.span
        self._beside: dict[tuple[str, str, str], int] = {}
        self._measures = [
            (name, relation, one(f"{MEASURE}{name}", values.number_reader(empty)))
            for name, relation in agreement.measures.values()
        ]
        if self._span != MONTH:
            self._month = one("area.month", year_reader(self._span, empty, today))
        elif "area.month" in where or "area.month" in agreement.constants:
            self._month = one("area.month", month_reader(agreement.format.months, empty, today))
        elif gone & {"area.month", "area.year", "area.month_number"}:
            self._month = lambda cells: ("", "", "")
        else:
            year, month = one("area.year", number), one("area.month_number", number)

            def joined(cells: Cells) -> tuple[Any, str, str]:
                (y, fault, column), (m, month_fault, month_column) = year(cells), month(cells)
                if y is None or m is None:
                    return None, fault or month_fault, column if y is None else month_column
                if y != int(y) or m != int(m) or not 1 <= m <= 12:
                    return None, "not-a-month", month_column
                inside = (values.EARLIEST_EVENT.year, 1) <= (y, m) <= (today.year, today.month)
                return (f"{int(y):04d}-{int(m):02d}", "", column) if inside else (None, "date-out-of-range", column)

            self._month = joined

    @staticmethod
    def _from_rate(one: Callable[[str, Reader], CellReader], number: Reader) -> CellReader:
        """Return a reader of counts by a rate, so many for every so many, and the number that it is a rate of."""
        rate, denominator, per = (one(f"area.{name}", number) for name in ("rate", "denominator", "per"))

        def read(cells: Cells) -> tuple[Any, str, str]:
            (share, fault, column), (of, _, _), (every, _, _) = rate(cells), denominator(cells), per(cells)
            if share is None:
                return None, fault, column
            if not of or of < 0 or not every or every < 0:
                return None, "rate-without-denominator", column
            # Rates are published rounded; what they are of is a whole number.
            return (round(share * of / every) if share >= 0 else share), "", column

        return read

    def read(self, number: int, cells: Cells) -> None:
        """Count one row, or keep it out; the tally says which."""
        tally = self._tally
        if not any(cells):
            tally.blank += 1
            return
        tally.read += 1
        if len(cells) != self._width:
            tally.reject(number, "", "wrong-number-of-columns")
            return
        cell: list[str | None] = []
        wrong: list[tuple[str, str]] = []
        for read, missing in (
            (self._code, "area-code-missing"),
            (self._month, "month-missing"),
            (self._category, "category-missing"),
        ):
            value, fault, column = read(cells)
            if value is None:
                wrong.append((column, fault or missing))
            cell.append(value)
        if cell[0]:
            self._note_place(number, cell[0], cell[1] or "")
        if wrong:
            self._keep_out(number, cells, wrong)
            return
        key = (str(cell[0]), str(cell[1]), str(cell[2]))
        if self._partial:
            self._check_count(number, cells)
        elif self._count is None:
            self._one_event(number, cells, key)
        else:
            self._stated_count(number, cells, key)
        if len(self._counts) > MOST_CELLS:
            raise InputRejected(
                f"The extract has more than {MOST_CELLS:,} places, months and categories.",
                NOTHING_STORED,
                "Ask the partner to send it in parts.",
            )

    def _note_place(self, number: int, code: str, month: str) -> None:
        rows, first = self.places.get((code, month), (0, number))
        self.places[code, month] = (rows + 1, first)

    def _keep_out(self, number: int, cells: Cells, wrong: Sequence[tuple[str, str]]) -> None:
        """Keep a row out, for the first of what is wrong with it; the rest is noted, its numbers too."""
        column, fault = wrong[0]
        self._tally.reject(number, column, fault)
        every = [fault for _, fault in wrong[1:]]
        readers = [] if self._count is None else [self._count, *(read for _, _, read in self._measures)]
        for value, number_fault, _ in (read(cells) for read in readers):
            if not _is_count(value):
                every.append(number_fault or _no_count(value))
        for each in dict.fromkeys(every):
            self._tally.reject_also(number, each)

    def _one_event(self, number: int, cells: Cells, key: tuple[str, str, str]) -> None:
        reference, fault, column = self._reference(cells)
        if fault:
            self._tally.fault(number, column, fault)
        if reference is not None:
            before = self._references.get(reference)
            if before == key:
                self._tally.repeated += 1
                return
            if before is not None:
                self._tally.reject(number, column, "repeated-with-other-content")
                return
            if len(self._references) < MOST_CELLS:
                self._references[reference] = key
        self._counts[key] = self._counts.get(key, 0) + 1
        self._tally.accepted += 1

    def _check_count(self, number: int, cells: Cells) -> None:
        value, fault, column = self._count(cells) if self._count is not None else (0, "", "")
        if not _is_count(value):
            self._tally.reject(number, column, fault or _no_count(value))

    def _stated_count(self, number: int, cells: Cells, key: tuple[str, str, str]) -> None:
        assert self._count is not None  # noqa: S101 - for the type checker
        value, fault, column = self._count(cells)
        if not _is_count(value):
            # A suppressed count ("*", "<5") is unknown, and unknown is not zero.
            self._tally.reject(number, column, fault or _no_count(value))
            return
        if plain_words(key[2]) in TOTALS - self._named:
            self._stated_total(number, column, key, int(value))
            return
        beside = self._numbers_beside(number, cells, key, int(value))
        if beside is None:
            return
        before = self._counts.get(key)
        if before is None:
            self._counts[key] = int(value)
            self._beside |= beside
            self._tally.accepted += 1
        elif before == value and all(self._beside.get(at) == found for at, found in beside.items()):
            self._tally.repeated += 1
        else:
            self._tally.reject(number, column, "counted-twice")

    def _numbers_beside(
        self, number: int, cells: Cells, key: tuple[str, str, str], count: int
    ) -> dict[tuple[str, str, str], int] | None:
        """Return the other numbers of a row; None where one of them keeps the row out."""
        found = {}
        if self._measures and OF in key[2]:
            self._tally.reject(number, "", "category-unclear")
            return None
        for name, relation, read in self._measures:
            value, fault, column = read(cells)
            if relation == WHOLE and value is not None and value >= 0:
                # Of wholes halves are published: a pupil on the rolls of two schools is half a pupil of each.
                value = math.floor(value + 0.5)
            if not _is_count(value):
                self._tally.reject(number, column, fault or _no_count(value))
                return None
            if (relation == PART and value > count) or (relation == WHOLE and value < count):
                self._tally.reject(number, column, "part-above-whole")
                return None
            found[key[0], key[1], f"{key[2]}{OF}{name}"] = int(value)
        return found

    def _stated_total(self, number: int, column: str, key: tuple[str, str, str], value: int) -> None:
        place = (key[0], key[1])
        before = self._totals.setdefault(place, (value, number, key[2]))
        if before[1] == number:
            self._tally.accepted += 1
        elif before[0] == value:
            self._tally.repeated += 1
        else:
            self._tally.reject(number, column, "counted-twice")

    def settle(self) -> None:
        """Compare totals that the extract states with the sums of their parts. They are not kept beside their parts."""
        if self._is_settled:
            return
        self._is_settled = True
        sums: dict[tuple[str, str], int] = {}
        for (code, month, _), count in self._counts.items():
            sums[code, month] = sums.get((code, month), 0) + count
        for place, (value, number, name) in self._totals.items():
            if not sums:
                # An extract of totals alone: they are what it counts.
                self._counts[(*place, name)] = value
            elif value != sums.get(place, 0):
                self._tally.accepted -= 1
                self._tally.reject(number, "", "not-the-sum")

    def months(self) -> dict[str, int]:
        """Return the sum of all counts a month; of counts by year none."""
        self.settle()
        found: dict[str, int] = {}
        if self._span != MONTH:
            return found
        for (_, month, _), count in self._counts.items():
            found[month] = found.get(month, 0) + count
        return found

    def counts(self) -> Iterator[AreaCount]:
        """Yield what is to be stored, in order."""
        both = self._counts | self._beside
        for key in sorted(both):
            yield AreaCount(*key, both[key])
