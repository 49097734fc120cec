"""Read who a row is about: the subject, or the counterpart."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import Any

from db.staged_rows import AS_COUNTERPART, BARE, DETAIL_COLUMNS, Person
from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.intake import values
from kingshurst_tui.intake.places_of_columns import Where
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.values import Reader

_SLOT = {name: place for place, name in enumerate(DETAIL_COLUMNS)}
_FORENAME, _MIDDLE, _SURNAME = _SLOT["forename"], _SLOT["middle_names"], _SLOT["surname"]
BORN, _QUALITY = _SLOT["born"], _SLOT["born_quality"]
_ADDRESS, _POSTCODE = _SLOT["address"], _SLOT["postcode"]

_PERSON_SLOT = {
    "forename": ("forename", 80),
    "middle_names": ("middle_names", 120),
    "surname": ("surname", 80),
    "former_surname": ("former_surname", 80),
    "household": ("household_ref", 120),
}
_BLANK: list[str | None] = [None] * len(DETAIL_COLUMNS)

NOBODY = Person("", None, "", tuple(_BLANK))
"""Stands for whoever a row is about, where the column that would tell is missing."""
TELLS_APART = frozenset(
    f"person.{name}"
    for name in (
        "reference",
        "full_name",
        "surname",
        "forename",
        "date_of_birth",
        "address",
        "postcode",
        "nhs_number",
        "upn",
    )
)
"""Fields by which somebody can be told from others."""

MOST_GROUPS = 50_000
PEOPLE_SEEN = 50_000
"""Rows about the same person mostly say the same of them: so many are recognised without being read again."""

Cells = Sequence[Any]
APART = "\x1f"
"""Stands between the parts of what is digested; cleaned text never holds it."""

_RUN = re.compile(r"[0-9]{5,}")


def series(reference: str) -> str:
    """Return what the references that a partner dealt out around the same time have in common.

    Example:
        >>> series("20DA/0012345/26")
        '20DA/0012'
    """
    run = _RUN.search(reference)
    return reference[: run.end() - 3] if run else reference[:-3]


class Digests:
    """Keyed digests under which the same person or event of one data set is found again; they name no one."""

    def __init__(self, key: bytes, agreement_ref: str) -> None:
        self._base = hashlib.blake2b(
            digest_size=12, key=key[:64], person=hashlib.sha256(agreement_ref.encode()).digest()[:16]
        )
        self._groups: dict[str, str] = {}

    def of(self, text: str) -> str:
        """Return 16 characters for what tells a thing from others; its parts are joined by `APART`."""
        digest = self._base.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        return binascii.b2a_base64(digest.digest(), newline=False).decode()

    def near(self, group: str, text: str) -> str:
        """Return 16 characters of which the first four stand for a group.

        Things of one group lie side by side in an index, so an extract in the partner's order touches few pages of it.
        """
        found = self._groups.get(group)
        if found is None:
            if len(self._groups) > MOST_GROUPS:
                self._groups.clear()
            found = self._groups[group] = self.of(f"group{APART}{group}")[:4]
        return found + self.of(text)[:12]


def _default_quality(born: str) -> str:
    # 1 January is what systems write when only the year, or nothing, is known.
    return "default" if born.endswith("-01-01") else "stated"


class PersonReader:
    """Reads one person of a row.

    Args:
        prefix: ``person`` or ``counterpart``.
        agreement: how the partner writes.
        where: the columns.
        today: nobody is born later.
        digests: under which the person is found again.
    """

    def __init__(self, prefix: str, agreement: Agreement, where: Where, today: date, digests: Digests) -> None:
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
        own = [index for field, found in where.items() if field.startswith(f"{prefix}.") for index, _ in found]
        self._raw = itemgetter(*own) if own and form.shape == "contacts" else None
        self._seen: dict[Any, Person] = {}
        self.given = any(field.startswith(f"{prefix}.") for field in where)
        self._blank = list(_BLANK)
        for field, constant in agreement.constants.items():
            side, _, ours = field.partition(".")
            if side == prefix and ours in names:
                slot, reader = names[ours]
                self._blank[_SLOT[slot]] = reader(constant)[0]
        self._nothing = (*self._blank[:_QUALITY], "absent", *self._blank[_QUALITY + 1 :])
        self._standing = AS_COUNTERPART if prefix == "counterpart" else ""

    def read(self, number: int, cells: Cells, tally: Tally) -> Person | None:
        """Return who a row is about, or None where it names nobody."""
        if self._raw is None:
            return self._read(number, cells, tally)
        raw = self._raw(cells)
        person = self._seen.get(raw)
        if person is None:
            noted = tally.noted
            person = self._read(number, cells, tally)
            if person is not None and noted == tally.noted:
                if len(self._seen) >= PEOPLE_SEEN:
                    self._seen.clear()
                self._seen[raw] = person
        return person

    def _read(self, number: int, cells: Cells, tally: Tally) -> Person | None:
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
                detail[BORN] = value[0]
        born = detail[BORN]
        detail[_QUALITY] = "absent" if born is None else _default_quality(born)
        if self._addresses:
            self._address(number, cells, detail, tally)
        reference: str | None = None
        if self._reference is not None:
            reference, fault = self._text(cells[self._reference[0]])
            if fault:
                tally.fault(number, self._reference[1], fault)
        if reference is not None:
            key = self._digests.near(series(reference), f"reference{APART}{reference}")
        elif (detail[_SURNAME] or detail[_FORENAME]) and (
            born or detail[_POSTCODE] or detail[_ADDRESS] or detail[_SLOT["nhs_number"]] or detail[_SLOT["upn"]]
        ):
            # No reference of the partner's: the same name, birth and place is the same record of this data set.
            place = detail[_POSTCODE] or detail[_ADDRESS] or ""
            numbers = (detail[_SLOT["nhs_number"]], detail[_SLOT["upn"]])
            told = ("person", detail[_FORENAME], detail[_SURNAME], born, place, *numbers)
            key = self._digests.near(place, APART.join([part or "" for part in told]))
        else:
            return None
        frozen = tuple(detail)
        if frozen == self._nothing:
            return Person(key, reference, BARE, frozen)
        digest = self._digests.of(APART.join(["detail", *(part or "" for part in frozen)]))
        return Person(key, reference, self._standing + digest, frozen)

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
