"""A consent as it is handed in: by form or as a register file, checked strictly and all at once."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.vocabulary import ConsentKind

COLUMNS = (
    "kind",
    "purpose",
    "agreement",
    "forename",
    "surname",
    "date_of_birth",
    "postcode",
    "nhs_number",
    "given_by",
    "authority",
    "given_on",
    "expires_on",
    "evidence",
)
"""Columns of a register file: all of them, in any order, and no others."""

SELF = "self"
ADULT = 18
LARGEST_REGISTER = 32 * 1024 * 1024
"""Bytes; about 200,000 consents."""
EARLIEST_BIRTH = date(1900, 1, 2)
"""1 January 1900 stands for "not known" in partners' systems."""

_LONGEST = {"forename": 80, "surname": 80, "given_by": 120, "authority": 120, "evidence": 240}


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """What a person agreed to, as handed in.

    Attributes:
        kind: one of ConsentKind.
        purpose: the purpose the answer is about; empty where confidentiality is lifted.
        agreement: the data set it lifts confidentiality for; empty otherwise.
        born: date of birth.
        given_by: "self", or the name of whoever agreed for the person.
        authority: "self", or what lets that other person agree.
        evidence: what shows it: a form, a note of a conversation.
    """

    kind: str
    purpose: str
    agreement: str
    forename: str
    surname: str
    born: date
    postcode: str
    nhs_number: str
    given_by: str
    authority: str
    given_on: date
    expires_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a consent may refer to, and today."""

    purposes: frozenset[str]
    data_sets: frozenset[str]
    today: date


def checked(fields: Mapping[str, str], known: Known) -> tuple[ConsentGiven | None, list[str]]:
    """Return the consent that a row of fields states, or everything that is wrong with it.

    Args:
        fields: text by the names of COLUMNS.
        known: what it may refer to.
    """
    row = {name: clean(fields.get(name) or "") for name in COLUMNS}
    wrong: list[str] = []
    _check_kind(row, known, wrong)
    for name in ("forename", "surname", "given_by", "authority", "evidence"):
        if not row[name]:
            wrong.append(f"{name}: is missing")
        elif len(row[name]) > _LONGEST[name]:
            wrong.append(f"{name}: is longer than {_LONGEST[name]} letters")
    born = _day(row, "date_of_birth", wrong)
    given_on = _day(row, "given_on", wrong)
    expires_on = _day(row, "expires_on", wrong, needed=False)
    postcode, nhs_number = _postcode(row["postcode"], wrong), _nhs_number(row["nhs_number"], wrong)
    if born and not EARLIEST_BIRTH <= born <= known.today:
        wrong.append("date_of_birth: is not the date of birth of anybody living")
    if given_on and given_on > known.today:
        wrong.append("given_on: lies in the future")
    if given_on and expires_on and expires_on < given_on:
        wrong.append("expires_on: is before given_on")
    self_given, self_authority = row["given_by"].lower() == SELF, row["authority"].lower() == SELF
    if row["given_by"] and row["authority"] and self_given != self_authority:
        # Under 18 a person may give it themselves only where the law says so, and then authority names that law.
        if not (self_given and born and given_on and years_old(born, given_on) < ADULT):
            wrong.append("authority: must be self where given_by is self, and say more where it is somebody else")
    elif self_authority and born and given_on and years_old(born, given_on) < ADULT:
        wrong.append("authority: under 18 on that day; say who has the authority to agree, and which")
    if wrong or born is None or given_on is None:
        return None, wrong
    return (
        ConsentGiven(
            kind=row["kind"],
            purpose=row["purpose"] if row["kind"] != ConsentKind.CONFIDENTIALITY else "",
            agreement=row["agreement"] if row["kind"] == ConsentKind.CONFIDENTIALITY else "",
            forename=row["forename"],
            surname=row["surname"],
            born=born,
            postcode=postcode,
            nhs_number=nhs_number,
            given_by=SELF if self_given else row["given_by"],
            authority=SELF if self_authority else row["authority"],
            given_on=given_on,
            expires_on=expires_on,
            evidence=row["evidence"],
        ),
        [],
    )


def years_old(born: date, on: date) -> int:
    """Return an age in whole years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def read_register(path: Path, known: Known) -> tuple[list[ConsentGiven], str]:
    """Return the consents of a register file and the file's digest.

    Raises: InputRejected with every problem: row number, column and what is wrong, never what the cell held.
    """
    content = _bytes_of(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputRejected(
            "The register is not UTF-8.", "Nothing was stored.", "Save it as CSV UTF-8 and try again."
        ) from None
    problems: list[str] = []
    given: list[ConsentGiven] = []
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [clean(name).lower() for name in next(rows, [])]
        _check_header(header, problems)
        if not problems:
            for number, cells in enumerate(rows, start=2):
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    problems.append(f"row {number}: has {len(cells)} cells, not {len(header)}")
                    continue
                consent, wrong = checked(dict(zip(header, cells, strict=True)), known)
                problems += [f"row {number}, {words}" for words in wrong]
                if consent is not None:
                    given.append(consent)
    except csv.Error as failed:
        problems.append(f"the file stops being CSV: {failed}")
    if not problems and not given:
        problems.append("the file holds no consent")
    if problems:
        raise InputRejected(
            "The register was not accepted.",
            "Nothing was stored.\n" + "\n".join(problems),
            "Correct these and hand the whole file in again.",
            tuple(problems),
        )
    return given, hashlib.sha256(content).hexdigest()


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_REGISTER:
            raise InputRejected("The register is too large.", "Nothing was stored.", "Hand it in in parts.")
        return path.read_bytes()
    except OSError as failed:
        raise InputRejected(
            "The register cannot be read.", f"{failed.strerror}. Nothing was stored.", "Check the path."
        ) from failed


def _check_header(header: list[str], problems: list[str]) -> None:
    problems += [f"column {name}: is missing" for name in COLUMNS if name not in header]
    problems += [f"column {name[:40] or '(no name)'}: is not a register's" for name in header if name not in COLUMNS]
    problems += [f"column {name}: is there twice" for name in COLUMNS if header.count(name) > 1]


def _check_kind(row: dict[str, str], known: Known, wrong: list[str]) -> None:
    if row["kind"] in (ConsentKind.ENGAGE, ConsentKind.DECLINED):
        if row["purpose"] not in known.purposes:
            wrong.append("purpose: is none that the partnership has set")
    elif row["kind"] == ConsentKind.CONFIDENTIALITY:
        if row["agreement"] not in known.data_sets:
            wrong.append("agreement: is no data set of this store")
    else:
        wrong.append(f"kind: is none of {ConsentKind.ENGAGE}, {ConsentKind.DECLINED}, {ConsentKind.CONFIDENTIALITY}")


def _day(row: dict[str, str], name: str, wrong: list[str], *, needed: bool = True) -> date | None:
    if not row[name]:
        if needed:
            wrong.append(f"{name}: is missing")
        return None
    try:
        if len(row[name]) != 10:
            raise ValueError
        return date.fromisoformat(row[name])
    except ValueError:
        wrong.append(f"{name}: is not a date like 2026-05-03")
        return None


def _postcode(text: str, wrong: list[str]) -> str:
    from kingshurst_tui.intake.values import postcode

    if not text:
        return ""
    found = postcode(text)
    if found is None:
        wrong.append("postcode: is not a whole UK postcode")
    return found or ""


def _nhs_number(text: str, wrong: list[str]) -> str:
    from stdnum.exceptions import ValidationError
    from stdnum.gb import nhs

    if not text:
        return ""
    try:
        return str(nhs.validate(text))
    except ValidationError:
        wrong.append("nhs_number: is not a valid NHS number")
        return ""
