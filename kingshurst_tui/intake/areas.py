"""Area measures: counts for a place and a month, and the only shape that a coarser agreement takes.

An extract with a count on each row gives its counts; one with a row an event (police.uk's street files) is counted at
the door, so that no single event is stored.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from db.records import AreaCount
from kingshurst_tui.agreements.document import MEASURE, Agreement
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import values
from kingshurst_tui.intake.extract import NOTHING_STORED
from kingshurst_tui.intake.people import Cells
from kingshurst_tui.intake.places_of_columns import not_found, positions
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.text import plain_words
from kingshurst_tui.intake.values import Read, Reader
from kingshurst_tui.places.vocabulary import CALENDAR_YEAR, MONTH, OF, PART, WHOLE
from kingshurst_tui.vocabulary import Granularity

MOST_CELLS = 3_000_000
"""Distinct places, months and categories held in memory."""

TOTALS = frozenset(
    {"all", "total", "grand total", "all categories", "all crime", "all crimes", "total crime", "all incidents"}
)
"""Categories that are the sum of the others, unless the agreement's code list has them, written plainly."""

CellReader = Callable[[Cells], tuple[Any, str, str]]
"""Reads a value, what is wrong with it, and the partner's column, from the cells of a row."""

_FORMS: dict[Granularity, re.Pattern[str]] = {
    Granularity.LSOA: re.compile(r"[EW]01[0-9]{6}"),
    Granularity.MSOA: re.compile(r"[EW]02[0-9]{6}"),
    Granularity.WARD: re.compile(r"[EW]05[0-9]{6}"),
    Granularity.LOCAL_AUTHORITY: re.compile(r"E0[6-9][0-9]{6}|W06[0-9]{6}"),
    Granularity.ORGANISATION: re.compile(r"(?![EW][01]\d{7}$)(?=.*[A-Z])[A-Z0-9]{3,9}"),
    Granularity.SCHOOL: re.compile(r"[1-9][0-9]{5}"),
}
"""The codes of the ONS (GSS, nine characters), the NHS (ODS: 3 for a trust, 6 for a practice) and the DfE (URN)."""


def area_reader(level: Granularity, empty: frozenset[str]) -> Reader:
    """Return a reader of area codes at exactly the agreement's level."""

    def read(value: Any) -> Read:
        text, fault = plain(value)
        if text is None:
            return None, fault
        if level is Granularity.ADDRESS:
            return text, ""
        code = text.upper()
        if level is Granularity.POSTCODE:
            found = values.postcode(code)
            return (found, "") if found else (None, "area-code-invalid")
        is_postcode = values.postcode(code) is not None
        if _FORMS[level].fullmatch(code) and not is_postcode:
            return code, ""
        finer = is_postcode or any(
            form.fullmatch(code)
            for other, form in _FORMS.items()
            if list(_FORMS).index(other) < list(_FORMS).index(level)
        )
        return None, "finer-than-agreed" if finer else "area-code-invalid"

    plain = values.text_reader(empty, 60 if level is not Granularity.ADDRESS else 240)
    return values.remembered(read)


def month_reader(form: str, empty: frozenset[str], today: date) -> Reader:
    """Return a reader of months by one strict form, which may name a day too."""

    def read(value: Any) -> Read:
        if isinstance(value, date):
            moment = date(value.year, value.month, 1)
        else:
            text, fault = plain(value)
            if text is None:
                return None, fault
            try:
                parsed = datetime.strptime(text, form)  # noqa: DTZ007 - a local month
            except ValueError:
                return None, "not-a-month"
            moment = parsed.date().replace(day=1)
        if not values.EARLIEST_EVENT <= moment <= today:
            return None, "date-out-of-range"
        return moment.isoformat()[:7], ""

    plain = values.text_reader(empty, 40)
    return values.remembered(read)


_YEAR = re.compile(r"(\d{4})(?:\s*(?:[-/]|to)\s*(\d{4}|\d{2})|(\d{2}))?")


def year_reader(span: str, empty: frozenset[str], today: date) -> Reader:
    """Return a reader of years: of the calendar (2019), or across two of them (2019-20, 201920), as 2019/20."""

    def read(value: Any) -> Read:
        text, fault = plain(str(value) if isinstance(value, (int, float)) else value)
        if text is None:
            return None, fault
        found = _YEAR.fullmatch(text.removesuffix(".0"))
        last = (found[2] or found[3] or "") if found else ""
        if found is None or bool(last) == (span == CALENDAR_YEAR):
            return None, "not-a-year"
        first = int(found[1])
        if last and int(last[-2:]) != (first + 1) % 100:
            return None, "not-a-year"
        if not values.EARLIEST_EVENT.year <= first <= today.year:
            return None, "date-out-of-range"
        return f"{first}/{last[-2:]}" if last else str(first), ""

    plain = values.text_reader(empty, 40)
    return values.remembered(read)


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
