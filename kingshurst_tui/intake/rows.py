"""Turn a partner's row into what is staged: one plan an agreement and header, made once, run for every row.

Columns that the agreement does not list, or that are finer than it allows, are not in the plan: nothing of them is ever
read. What a cell fails is left out and counted; a contact without its date, category, role or person is kept out whole.
"""

from __future__ import annotations

import binascii
import difflib
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from db.records import DETAIL_COLUMNS, Contact, Detail, Person, StagedRow
from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.agreements.fields import dropped_at_the_door
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import values
from kingshurst_tui.intake.extract import NOTHING_STORED
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.values import Reader
from kingshurst_tui.vocabulary import Category, ContactRole, PriorityArea

OnRegister = Callable[[Detail], bool]
"""Whether a person, by what a row says of them, is on the data set's register of consents."""

PRIORITY_OF = {
    Category.ASB: PriorityArea.ASB,
    Category.NOISE: PriorityArea.ASB,
    Category.DOMESTIC_ABUSE: PriorityArea.VAWG,
    Category.SEXUAL_OFFENCE: PriorityArea.VAWG,
    Category.HATE: PriorityArea.HATE_CRIME,
}
"""The priority area of a constant category, where the agreement's codes do not say otherwise."""

_SLOT = {name: place for place, name in enumerate(DETAIL_COLUMNS)}
_FORENAME, _MIDDLE, _SURNAME = _SLOT["forename"], _SLOT["middle_names"], _SLOT["surname"]
_BORN, _QUALITY = _SLOT["born"], _SLOT["born_quality"]
_ADDRESS, _POSTCODE = _SLOT["address"], _SLOT["postcode"]

_PERSON_SLOT = {
    "forename": ("forename", 80),
    "middle_names": ("middle_names", 120),
    "surname": ("surname", 80),
    "former_surname": ("former_surname", 80),
    "household": ("household_ref", 120),
}
_BLANK: list[str | None] = [None] * len(DETAIL_COLUMNS)

MOST_GROUPS = 50_000

Cells = Sequence[Any]


def positions(agreement: Agreement, header: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Return, for each field of ours, where in the extract it stands and under which of the partner's names.

    Raises:
        InputRejected: an agreed column is missing or there twice; all of them at once.
    """
    wanted = {
        column: field
        for column, field in agreement.columns.items()
        if not dropped_at_the_door(field, agreement.granularity)
    }
    count = Counter(header)
    problems: list[str] = []
    found: dict[str, list[tuple[int, str]]] = {}
    for column, field in wanted.items():
        if not count[column]:
            near = difflib.get_close_matches(column, [name for name in header if name not in wanted], 1, 0.8)
            problems.append(
                f"Column {column!r} is missing." + (f" The extract has {near[0]!r}: is that the one?" if near else "")
            )
        elif count[column] > 1:
            problems.append(f"Column {column!r} is there {count[column]} times: which one is meant cannot be known.")
        else:
            found.setdefault(field, []).append((header.index(column), column))
    if problems:
        raise InputRejected(
            "The extract's columns are not those of the agreement.",
            "\n".join([*problems, NOTHING_STORED]),
            "Ask the partner for the agreed columns, or agree the change in a new version of the agreement.",
            problems=tuple(problems),
        )
    return found


class Digests:
    """Keyed digests under which the same person or event of one data set is found again; they name no one."""

    def __init__(self, key: bytes, agreement_ref: str) -> None:
        self._base = hashlib.blake2b(
            digest_size=12, key=key[:64], person=hashlib.sha256(agreement_ref.encode()).digest()[:16]
        )
        self._groups: dict[object, str] = {}

    def of(self, *parts: object) -> str:
        """Return 16 characters for what tells a thing from others of its kind."""
        digest = self._base.copy()
        digest.update(repr(parts).encode("utf-8", "surrogatepass"))
        return binascii.b2a_base64(digest.digest(), newline=False).decode()

    def near(self, group: object, *parts: object) -> str:
        """Return 16 characters of which the first four stand for a group.

        Things of one group lie side by side in an index, so an extract in the partner's order touches few pages of it.
        """
        found = self._groups.get(group)
        if found is None:
            if len(self._groups) > MOST_GROUPS:
                self._groups.clear()
            found = self._groups[group] = self.of("group", group)[:4]
        return found + self.of(*parts)[:12]


def _default_quality(born: str) -> str:
    # 1 January is what systems write when only the year, or nothing, is known.
    return "default" if born.endswith("-01-01") else "stated"


class _Side:
    """Reads one person of a row: the subject, or the counterpart."""

    def __init__(
        self, prefix: str, agreement: Agreement, where: dict[str, list[tuple[int, str]]], today: date, digests: Digests
    ) -> None:
        self._digests = digests
        empty = frozenset(agreement.format.empty)
        form = agreement.format
        names: dict[str, tuple[str, Reader]] = {
            ours: (slot, values.name_reader(empty, longest)) for ours, (slot, longest) in _PERSON_SLOT.items()
        }
        names |= {
            "sex": ("sex", values.sex_reader(dict(agreement.sex_codes), empty)),
            "nhs_number": ("nhs_number", values.nhs_number_reader(empty)),
            "upn": ("upn", values.upn_reader(empty)),
            "uprn": ("uprn", values.uprn_reader(empty)),
            "postcode": ("postcode", values.postcode_reader(empty)),
        }
        self.plan: list[tuple[int, Reader, int, str]] = []
        for ours, (slot, reader) in names.items():
            for index, column in where.get(f"{prefix}.{ours}", ()):
                self.plan.append((index, reader, _SLOT[slot], column))
        self._text = values.text_reader(empty, 120)
        self._full = values.name_reader(empty, 240)
        self._part = values.name_reader(empty, 240)
        self._reference = next(iter(where.get(f"{prefix}.reference", ())), None)
        self._full_name = next(iter(where.get(f"{prefix}.full_name", ())), None)
        self._addresses = where.get(f"{prefix}.address", [])
        self._born = next(iter(where.get(f"{prefix}.date_of_birth", ())), None)
        self._has_postcode = f"{prefix}.postcode" in where
        if self._born is not None:
            self._day = values.birth_reader(form.date_of.get(self._born[1], form.dates), empty, form.born_from, today)
        self.given = any(field.startswith(f"{prefix}.") for field in where)
        self._blank = list(_BLANK)
        for field, constant in agreement.constants.items():
            side, _, ours = field.partition(".")
            if side == prefix and ours in names:
                slot, reader = names[ours]
                self._blank[_SLOT[slot]] = reader(constant)[0]

    def read(self, number: int, cells: Cells, tally: Tally) -> Person | None:
        """Return who a row is about, or None where it names nobody."""
        detail = self._blank.copy()
        for index, reader, slot, column in self.plan:
            value, fault = reader(cells[index])
            if fault:
                tally.fault(number, column, fault)
            if value is not None:
                detail[slot] = value
        if self._full_name is not None:
            self._split(number, cells, detail, tally)
        if self._born is not None:
            value, fault = self._day(cells[self._born[0]])
            if fault:
                tally.fault(number, self._born[1], fault)
            elif value is not None:
                detail[_BORN] = value[0]
        born = detail[_BORN]
        detail[_QUALITY] = "absent" if born is None else _default_quality(born)
        if self._addresses:
            self._address(number, cells, detail, tally)
        reference: str | None = None
        if self._reference is not None:
            reference, fault = self._text(cells[self._reference[0]])
            if fault:
                tally.fault(number, self._reference[1], fault)
        if reference is not None:
            key = self._digests.near(reference[:-3], "reference", reference)
        elif (detail[_SURNAME] or detail[_FORENAME]) and (
            born or detail[_POSTCODE] or detail[_ADDRESS] or detail[_SLOT["nhs_number"]] or detail[_SLOT["upn"]]
        ):
            # No reference of the partner's: the same name, birth and place is the same record of this data set.
            place = detail[_POSTCODE] or detail[_ADDRESS]
            numbers = (detail[_SLOT["nhs_number"]], detail[_SLOT["upn"]])
            key = self._digests.near(place, "person", detail[_FORENAME], detail[_SURNAME], born, place, *numbers)
        else:
            return None
        frozen = tuple(detail)
        return Person(key, reference, self._digests.of("detail", *frozen), frozen)

    def _split(self, number: int, cells: Cells, detail: list[str | None], tally: Tally) -> None:
        assert self._full_name is not None  # noqa: S101 - for the type checker
        value, fault = self._full(cells[self._full_name[0]])
        if fault:
            tally.fault(number, self._full_name[1], fault)
        if value is None:
            return
        forename, middle, surname = values.split_name(value)
        for slot, part, longest in ((_FORENAME, forename, 80), (_MIDDLE, middle, 120), (_SURNAME, surname, 80)):
            if detail[slot] is None and part is not None:
                if len(part) > longest:
                    tally.fault(number, self._full_name[1], "too-long")
                else:
                    detail[slot] = part

    def _address(self, number: int, cells: Cells, detail: list[str | None], tally: Tally) -> None:
        parts = []
        for index, column in self._addresses:
            value, fault = self._part(cells[index])
            if fault:
                tally.fault(number, column, fault)
            if value is not None:
                parts.append(value)
        if not parts:
            return
        address = parts[0] if len(parts) == 1 else ", ".join(parts)
        if len(address) > values.LONGEST_TEXT:
            tally.fault(number, self._addresses[0][1], "too-long")
            return
        detail[_ADDRESS] = address
        if not self._has_postcode:
            # Written by the partner at the end of the address: read there, not guessed.
            detail[_POSTCODE] = values.postcode_at_end(address)


class RowPlan:
    """Reads the rows of one extract of shape persons or contacts.

    Args:
        agreement: what may come in, and how it is written.
        header: the extract's column names.
        today: nothing is dated later.
        digest_key: the store's key for row digests.
        tally: where what happens is counted.
        on_register: for a "consented only" agreement, who may come in.

    Raises:
        InputRejected: the columns are not those of the agreement.
    """

    def __init__(
        self,
        agreement: Agreement,
        header: Sequence[str],
        today: date,
        digest_key: bytes,
        tally: Tally,
        on_register: OnRegister | None = None,
    ) -> None:
        where = positions(agreement, header)
        self._where = where
        self._agreement = agreement
        self._tally = tally
        self._on_register = on_register
        self._digests = Digests(digest_key, agreement.reference)
        self._width = len(header)
        self._person = _Side("person", agreement, where, today, self._digests)
        counterpart = _Side("counterpart", agreement, where, today, self._digests)
        self._counterpart = counterpart if counterpart.given else None
        self._contacts = agreement.format.shape == "contacts"
        empty = frozenset(agreement.format.empty)
        self._role_mark = {role.value: self._digests.of("role", role.value)[:4] for role in ContactRole}
        self._relationship = self._one("counterpart.relationship", values.name_reader(empty, 60))
        self._other_role = self._one(
            "counterpart.role", values.code_reader(dict(agreement.role_codes), "role-not-in-codes", empty)
        )
        if self._contacts:
            self._plan_contact(agreement, empty, today)

    def _one(self, field: str, reader: Reader) -> Callable[[Cells], tuple[Any, str, str]]:
        """Return what reads a field of a row from its column, or from the agreement's constants."""
        at = next(iter(self._where.get(field, ())), None)
        constant = self._agreement.constants.get(field)
        if at is None:
            return lambda cells: (constant, "", field)
        index, column = at

        def read(cells: Cells) -> tuple[Any, str, str]:
            value, fault = reader(cells[index])
            return value, fault, column

        return read

    def _plan_contact(self, agreement: Agreement, empty: frozenset[str], today: date) -> None:
        form = agreement.format
        earliest = values.EARLIEST_EVENT

        def dates(field: str) -> Reader:
            at = next(iter(self._where.get(field, ())), (0, ""))
            return values.date_reader(form.date_of.get(at[1], form.dates), empty, earliest, today)

        categories: dict[str, Any] = dict(agreement.category_codes)
        constant = agreement.constants.get("contact.category")
        if constant is not None:
            ours = categories.get(constant) or (constant, PRIORITY_OF.get(Category(constant), PriorityArea.OTHER).value)
            self._category: Callable[[Cells], tuple[Any, str, str]] = lambda cells: (ours, "", "contact.category")
        else:
            self._category = self._one(
                "contact.category", values.code_reader(categories, "category-not-in-codes", empty)
            )
        role_field = (
            "contact.role" if {"contact.role"} & (set(self._where) | set(agreement.constants)) else "person.role"
        )
        self._role = self._one(role_field, values.code_reader(dict(agreement.role_codes), "role-not-in-codes", empty))
        standing = dict(agreement.standing_codes) or {"fact": "fact", "assessment": "assessment"}
        self._standing = self._one("contact.standing", values.code_reader(standing, "standing-not-in-codes", empty))
        self._date = self._one("contact.date", dates("contact.date"))
        # Optional fields, in the order of Contact's: (place in the row's optional values, reader, column index, column).
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
        """Return a row made ready, or None where it was kept out, dropped or blank; the tally says which."""
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
            tally.reject(number, "", "nobody-identified")
            return None
        if self._on_register is not None and not self._on_register(person.detail):
            tally.dropped += 1
            return None
        counterpart = self._counterpart.read(number, cells, tally) if self._counterpart is not None else None
        if counterpart is not None and self._on_register is not None and not self._on_register(counterpart.detail):
            tally.dropped_counterparts += 1
            counterpart = None
        if counterpart is not None and counterpart.key == person.key:
            tally.inconsistent["counterpart-is-the-person"] += 1
            counterpart = None
        relationship = None
        if counterpart is not None:
            relationship, fault, column = self._relationship(cells)
            if fault:
                tally.fault(number, column, fault)
        if not self._contacts:
            return StagedRow(number, person, None, counterpart, None, relationship)
        contact = self._contact(number, cells, person)
        if contact is None:
            return None
        other = None
        if counterpart is not None:
            role, fault, column = self._other_role(cells)
            if fault:
                tally.fault(number, column, fault)
            elif role is not None:
                other = contact._replace(role=role, row_digest=self._role_mark[role] + contact.row_digest[4:])
        return StagedRow(number, person, contact, counterpart, other, relationship)

    def _required(self, number: int, cells: Cells, read: Callable[[Cells], tuple[Any, str, str]], missing: str) -> Any:
        value, fault, column = read(cells)
        if value is None:
            self._tally.reject(number, column, fault or missing)
        return value

    def _contact(self, number: int, cells: Cells, person: Person) -> Contact | None:
        when = self._required(number, cells, self._date, "date-missing")
        if when is None:
            return None
        category = self._required(number, cells, self._category, "category-missing")
        if category is None:
            return None
        role = self._required(number, cells, self._role, "role-missing")
        if role is None:
            return None
        standing = self._required(number, cells, self._standing, "standing-missing")
        if standing is None:
            return None
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
        born = person.detail[_BORN]
        if born is not None and born > day:
            self._tally.inconsistent["event-before-birth"] += 1
        if reported is not None and reported < day:
            self._tally.inconsistent["reported-before-event"] += 1
        says = (shared, day, at, reported, *category, standing, outcome, postcode, address, measure)
        if reference is not None:
            key = self._digests.near(reference[:-3], "event", reference)
            content = self._digests.of("says", *says)
        else:
            key = self._digests.near(day, "row", person.key, role, *says)
            content = key[4:]
        return Contact(
            key, self._role_mark[role] + content, reference, shared, day, at, reported, category[0], category[1], role,
            standing, outcome, postcode, address, measure,
        )  # fmt: skip

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
