"""Turn a partner's row into what is staged: one plan an agreement and header, made once, run for every row.

Columns that the agreement does not list, or that are finer than it allows, are not in the plan: nothing of them is ever
read. What a cell fails is left out and counted; a contact without its date, category, role or person is kept out whole.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from typing import Any

from db.staged_rows import Contact, Person, StagedRow
from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.intake import values
from kingshurst_tui.intake.people import APART, BORN, NOBODY, TELLS_APART, Cells, Digests, PersonReader, series
from kingshurst_tui.intake.places_of_columns import not_found, positions
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.values import Reader
from kingshurst_tui.vocabulary import PRIORITY_OF, Category, ContactRole, PriorityArea

_STAND_INS: dict[str, Any] = {
    "contact.date": (values.EARLIEST_EVENT.isoformat(), None),
    "contact.category": (Category.OTHER.value, PriorityArea.OTHER.value),
    "contact.role": ContactRole.SUBJECT.value,
    "person.role": ContactRole.SUBJECT.value,
    "contact.standing": "fact",
}
"""What a row is checked with where the column of a needed field is missing; nothing of it is ever stored."""

At = tuple[int, Reader, str]
"""Where a field stands in a row, what reads it, and the partner's name of the column."""


class RowPlan:
    """Reads the rows of one extract of shape persons or contacts.

    Args:
        agreement: what may come in, and how it is written.
        header: the extract's column names.
        today: nothing is dated later.
        digest_key: the store's key for row digests.
        tally: where what happens is counted.
        wrong: takes what is wrong with the columns; then rows are read by those that are there, to be checked and
            never to be stored.

    Raises:
        InputRejected: the columns are not those of the agreement, and nothing takes what is wrong.
    """

    def __init__(
        self,
        agreement: Agreement,
        header: Sequence[str],
        today: date,
        digest_key: bytes,
        tally: Tally,
        wrong: list[str] | None = None,
    ) -> None:
        where = positions(agreement, header, wrong)
        self._where = where
        self._gone = not_found(agreement, where) if wrong else frozenset[str]()
        self._may_be_nobody = bool(self._gone & TELLS_APART)
        self._agreement = agreement
        self._tally = tally
        self._digests = Digests(digest_key, agreement.reference)
        # Of health data no digest that the store's keys could make covers what is sealed: outcomes are few and could be
        # tried. What a row says is compared within its extract only, so a key that is forgotten afterwards will do.
        self._sealed = agreement.health
        self._contents = Digests(os.urandom(32), agreement.reference) if agreement.health else self._digests
        self._told: dict[str, list[str]] = {}
        self._width = len(header)
        self._person = PersonReader("person", agreement, where, today, self._digests)
        counterpart = PersonReader("counterpart", agreement, where, today, self._digests)
        self._counterpart = counterpart if counterpart.given else None
        self._contacts = agreement.format.shape == "contacts"
        empty = frozenset(agreement.format.empty)
        self._role_mark = {role.value: self._digests.of(f"role{APART}{role.value}")[:4] for role in ContactRole}
        self._relationship = self._one("counterpart.relationship", values.name_reader(empty, 60))
        self._other_role = self._one(
            "counterpart.role", values.code_reader(dict(agreement.role_codes), "role-not-in-codes", empty)
        )
        if self._contacts:
            self._plan_contact(agreement, empty, today)

    def _one(self, field: str, reader: Reader) -> At:
        """Return what reads a field of a row from its column, or from the agreement's constants."""
        if field in self._gone:
            stand_in = _STAND_INS.get(field)
            return 0, lambda cell: (stand_in, ""), field
        at = next(iter(self._where.get(field, ())), None)
        if at is not None:
            return at[0], reader, at[1]
        constant = self._agreement.constants.get(field)
        return 0, lambda cell: (constant, ""), field

    def _plan_contact(self, agreement: Agreement, empty: frozenset[str], today: date) -> None:
        form = agreement.format
        earliest = values.EARLIEST_EVENT

        def dates(field: str) -> Reader:
            at = next(iter(self._where.get(field, ())), (0, ""))
            return values.date_reader(form.date_of.get(at[1], form.dates), empty, earliest, today)

        def codes(table: Any, fault: str) -> Reader:
            return values.code_reader(dict(table), fault, empty)

        category = self._one("contact.category", codes(agreement.category_codes, "category-not-in-codes"))
        constant = agreement.constants.get("contact.category")
        if constant is not None:
            pair = agreement.category_codes.get(constant)
            fixed = pair or (constant, PRIORITY_OF.get(Category(constant), PriorityArea.OTHER).value)
            category = (0, lambda cell: (fixed, ""), "contact.category")
        has_own_role = "contact.role" in {*agreement.columns.values(), *agreement.constants}
        role_field = "contact.role" if has_own_role else "person.role"
        standing = agreement.standing_codes or {"fact": "fact", "assessment": "assessment"}
        self._required: tuple[tuple[At, str], ...] = (
            (self._one("contact.date", dates("contact.date")), "date-missing"),
            (category, "category-missing"),
            (self._one(role_field, codes(agreement.role_codes, "role-not-in-codes")), "role-missing"),
            (self._one("contact.standing", codes(standing, "standing-not-in-codes")), "standing-missing"),
        )
        # In the order in which `_contact` unpacks them.
        readers: dict[str, Reader] = {
            "contact.reference": values.text_reader(empty, 120),
            "contact.shared_reference": values.text_reader(empty, 120),
            "contact.time": values.time_reader(form.times, empty),
            "contact.reported": dates("contact.reported"),
            "contact.outcome": values.name_reader(empty, 200),
            "contact.postcode": values.postcode_reader(empty),
            "contact.measure": values.number_reader(empty),
        }
        self._optional: list[tuple[int, Reader, int, str]] = []
        for place, (field, reader) in enumerate(readers.items()):
            for index, column in self._where.get(field, ()):
                self._optional.append((place, reader, index, column))
        self._place = [(index, column) for index, column in self._where.get("contact.address", ())]
        self._place_text = values.name_reader(empty, 240)

    def read(self, number: int, cells: Cells) -> StagedRow | None:
        """Return a row made ready, or None where it was kept out or blank; the tally says which."""
        tally = self._tally
        if len(cells) != self._width:
            if not any(cells):
                tally.blank += 1
                return None
            tally.read += 1
            tally.reject(number, "", "wrong-number-of-columns")
            return None
        if not any(cells):
            tally.blank += 1
            return None
        tally.read += 1
        person = self._person.read(number, cells, tally)
        if person is None:
            if not self._may_be_nobody:
                tally.reject(number, "", "nobody-identified")
                return None
            person = NOBODY
        counterpart = self._counterpart.read(number, cells, tally) if self._counterpart is not None else None
        if counterpart is not None and counterpart.key == person.key:
            tally.inconsistent["counterpart-is-the-person"] += 1
            counterpart = None
        relationship = None
        if counterpart is not None:
            index, reader, column = self._relationship
            relationship, fault = reader(cells[index])
            if fault:
                tally.fault(number, column, fault)
        if not self._contacts:
            return StagedRow(number, person, None, counterpart, None, relationship)
        contact = self._contact(number, cells, person)
        if contact is None:
            return None
        other = None
        if counterpart is not None:
            index, reader, column = self._other_role
            role, fault = reader(cells[index])
            if fault:
                tally.fault(number, column, fault)
            elif role is not None:
                other = contact._replace(role=role, row_digest=self._role_mark[role] + contact.row_digest[4:])
        return StagedRow(number, person, contact, counterpart, other, relationship)

    def _contact(self, number: int, cells: Cells, person: Person) -> Contact | None:
        needed: list[Any] = []
        for (index, reader, column), missing in self._required:
            value, fault = reader(cells[index])
            if value is None:
                self._tally.reject(number, column, fault or missing)
                return None
            needed.append(value)
        when, category, role, standing = needed
        given: list[Any] = [None] * 7
        for place, reader, index, column in self._optional:
            value, fault = reader(cells[index])
            if fault:
                self._tally.fault(number, column, fault)
            given[place] = value
        reference, shared, at, reported, outcome, postcode, measure = given
        address = self._address(number, cells) if self._place else None
        day, time_of_day = when
        at = at or time_of_day
        if reported is not None:
            reported = reported[0]
        born = person.detail[BORN]
        if born is not None and born > day:
            self._tally.inconsistent["event-before-birth"] += 1
        if reported is not None and reported < day:
            self._tally.inconsistent["reported-before-event"] += 1
        says = (
            f"{shared}{APART}{day}{APART}{at}{APART}{reported}{APART}{category[0]}{APART}{category[1]}{APART}{standing}"
            f"{APART}{outcome}{APART}{postcode}{APART}{address}{APART}{measure}"
        )
        if reference is not None:
            key = self._digests.near(series(reference), f"event{APART}{reference}")
            content = self._contents.of(says)
        elif self._sealed:
            open_part = (
                f"{shared}{APART}{at}{APART}{reported}{APART}{category[0]}{APART}{category[1]}{APART}{standing}"
                f"{APART}{measure}"
            )
            content = self._contents.of(says)
            key = self._numbered(day, f"row{APART}{person.key}{APART}{role}{APART}{open_part}", content)
        else:
            key = self._digests.near(day, f"row{APART}{person.key}{APART}{role}{APART}{says}")
            content = key[4:]
        return Contact(
            key, self._role_mark[role] + content, reference, shared, day, at, reported, category[0], category[1], role,
            standing, outcome, postcode, address, measure,
        )  # fmt: skip

    def _numbered(self, day: str, said: str, content: str) -> str:
        """Return the key of a row without a reference by what of it lies open; rows that agree in that are numbered."""
        group = self._digests.near(day, f"{day}{APART}{said}")
        told = self._told.setdefault(group, [])
        if content not in told:
            told.append(content)
        return self._digests.near(day, f"{day}{APART}{said}{APART}{told.index(content)}")

    def _address(self, number: int, cells: Cells) -> str | None:
        parts = []
        for index, column in self._place:
            value, fault = self._place_text(cells[index])
            if fault:
                self._tally.fault(number, column, fault)
            if value is not None:
                parts.append(value)
        address = ", ".join(parts)
        if len(address) > values.LONGEST_TEXT:
            self._tally.fault(number, self._place[0][1], "too-long")
            return None
        return address or None
