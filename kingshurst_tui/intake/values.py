"""Read one value strictly: what is not exactly what it should be is left out and counted, never guessed.

Every reader takes the partner's cell and returns ``(value, fault)``: a value in the store's form, or None and a code
from `FAULTS`; text that had to be cleaned comes with both. An empty cell is ``(None, "")``. Readers remember what they
have seen, within bounds, because extracts repeat themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.gb import nhs, upn

from kingshurst_tui.intake.text import clean, is_clean

FAULTS = {
    "not-a-date": "not a date in the agreement's form",
    "date-out-of-range": "a date outside the sane range",
    "not-a-time": "not a time in the agreement's form",
    "nhs-number-invalid": "not a valid NHS number",
    "upn-invalid": "not a valid UPN",
    "uprn-invalid": "not a UPRN (1 to 12 digits)",
    "postcode-invalid": "not a whole UK postcode",
    "postcode-pseudo": "a stand-in postcode (ZZ99), not a place",
    "sex-not-in-codes": "a value that the agreement's codes do not name",
    "not-a-number": "not a number",
    "hidden-characters": "hidden or control characters, which were taken out",
    "too-long": "longer than the field may be",
    "category-not-in-codes": "a category that the agreement's codes do not name",
    "role-not-in-codes": "a role that the agreement's codes do not name",
    "standing-not-in-codes": "a standing that the agreement's codes do not name",
}
"""Code -> what is wrong, after "holds" in a sentence."""

Read = tuple[Any, str]
Reader = Callable[[Any], Read]

NOTHING: Read = (None, "")
LONGEST_TEXT = 240
_CACHE_SIZE = 50_000
_LONGEST_CACHED = 80

EARLIEST_EVENT = date(1980, 1, 1)
"""No partner's system holds contacts from before this day; an earlier date is a slip."""


def remembered(reader: Reader) -> Reader:
    """Return a reader that answers repeated texts from memory; a full memory is emptied, so it stays bounded."""
    seen: dict[Any, Read] = {}

    def read(value: Any) -> Read:
        try:
            return seen[value]
        except KeyError:
            found = reader(value)
            if type(value) is not str or len(value) <= _LONGEST_CACHED:
                if len(seen) >= _CACHE_SIZE:
                    seen.clear()
                seen[value] = found
            return found

    return read


def _as_text(value: Any) -> str:
    """Return a typed cell as a person would have typed it: 123.0 is 123."""
    if type(value) is str:
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else ("" if value != value else repr(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return clean(str(value))


def text_reader(empty: frozenset[str], longest: int = LONGEST_TEXT) -> Reader:
    """Return a reader of plain text."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        if len(text) > longest:
            return None, "too-long"
        if type(value) is str and not is_clean(value):
            return text, "hidden-characters"
        return text, ""

    return read


def name_reader(empty: frozenset[str], longest: int) -> Reader:
    """Return a reader of text that repeats itself: names, addresses, outcomes."""
    return remembered(text_reader(empty, longest))


def date_reader(form: str, empty: frozenset[str], earliest: date, latest: date) -> Reader:
    """Return a reader of dates by one strict form; typed dates of a workbook or Parquet file are taken as they are.

    The value is ``(ISO day, HH:MM or None)``: the time where the form or the typed cell has one.
    """
    timed = "%H" in form

    def read(value: Any) -> Read:
        moment: datetime
        with_time = timed
        if isinstance(value, datetime):
            moment, with_time = value, bool(value.hour or value.minute)
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a local day
        else:
            text = _as_text(value)
            if not text or text in empty:
                return NOTHING
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007 - a local day
                # strptime takes 1/2/26 for 01/02/2026; strict means that it would be written so.
                if moment.strftime(form) != text and moment.strftime(form).casefold() != text.casefold():
                    return None, "not-a-date"
            except ValueError:
                return None, "not-a-date"
        if not earliest <= moment.date() <= latest:
            return None, "date-out-of-range"
        return (moment.date().isoformat(), moment.strftime("%H:%M") if with_time else None), ""

    return remembered(read)


def birth_reader(form: str, empty: frozenset[str], earliest: date, today: date) -> Reader:
    """Return a reader of dates of birth.

    A form with a two-digit year reads 69 to 99 as 1969 to 1999 (POSIX); a birth it would put in the future was a
    century earlier, because nothing else is possible.
    """
    plain = date_reader(form, empty, earliest, today)
    if "%y" not in form:
        return plain
    later = date_reader(form, empty, today, date(2068, 12, 31))

    def read(value: Any) -> Read:
        found = plain(value)
        if found[1] == "date-out-of-range" and later(value)[0] is not None:
            day = date.fromisoformat(later(value)[0][0])
            try:
                day = day.replace(year=day.year - 100)
            except ValueError:
                return None, "not-a-date"
            return ((day.isoformat(), None), "") if day >= earliest else found
        return found

    return read


def time_reader(form: str, empty: frozenset[str]) -> Reader:
    """Return a reader of times of day."""

    def read(value: Any) -> Read:
        if isinstance(value, (datetime, time)):
            return value.strftime("%H:%M"), ""
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        try:
            return datetime.strptime(text, form).strftime("%H:%M"), ""  # noqa: DTZ007 - a wall-clock time
        except ValueError:
            return None, "not-a-time"

    return remembered(read)


_POSTCODE = re.compile(
    r"(GIR|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY]))"
    r" *([0-9][ABD-HJLNP-UW-Z]{2})"
)
_POSTCODE_AT_END = re.compile(r"(?:^|[\s,])" + _POSTCODE.pattern + r"$")


def postcode(text: str) -> str | None:
    """Return a whole UK postcode as ``B36 8LR``, or None."""
    found = _POSTCODE.fullmatch(text.upper())
    return f"{found[1]} {found[2]}" if found else None


def postcode_at_end(address: str) -> str | None:
    """Return the postcode an address ends with, as the partner wrote it there, or None."""
    found = _POSTCODE_AT_END.search(address.upper())
    return f"{found[1]} {found[2]}" if found else None


def postcode_reader(empty: frozenset[str]) -> Reader:
    """Return a reader of whole postcodes."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        found = postcode(text)
        if found is not None:
            return found, ""
        # "No fixed abode" and "not known" in the NHS's tables: a code, and no place.
        return None, "postcode-pseudo" if text.upper().startswith("ZZ99") else "postcode-invalid"

    return remembered(read)


def _checked(validate: Callable[[str], str], fault: str, empty: frozenset[str]) -> Reader:
    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        try:
            return validate(text), ""
        except ValidationError:
            return None, fault

    return read


def nhs_number_reader(empty: frozenset[str]) -> Reader:
    """Return a reader of NHS numbers: ten digits with their check digit."""
    return _checked(nhs.validate, "nhs-number-invalid", empty)


def upn_reader(empty: frozenset[str]) -> Reader:
    """Return a reader of unique pupil numbers with their check letter."""
    return _checked(upn.validate, "upn-invalid", empty)


def uprn_reader(empty: frozenset[str]) -> Reader:
    """Return a reader of unique property reference numbers."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        if text.isascii() and text.isdigit() and len(text) <= 12 and text.strip("0"):
            return text.lstrip("0"), ""
        return None, "uprn-invalid"

    return read


_SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}
# "Not known" and "not specified" in the NHS data dictionary, and what other partners write for them.
_SEX_UNKNOWN = frozenset(
    {"", "u", "i", "x", "n", "unknown", "not known", "not specified", "indeterminate", "other", "0", "9"}
)


def sex_reader(codes: dict[str, str], empty: frozenset[str]) -> Reader:
    """Return a reader of sex: by the agreement's codes, or by the usual words where it has none."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        if codes:
            return (codes[text] or None, "") if text in codes else (None, "sex-not-in-codes")
        word = text.casefold()
        if word in _SEX_UNKNOWN:
            return NOTHING
        return (_SEXES[word], "") if word in _SEXES else (None, "sex-not-in-codes")

    return remembered(read)


def code_reader(codes: dict[str, Any], fault: str, empty: frozenset[str]) -> Reader:
    """Return a reader of a closed list in the partner's words; a listed empty value has its meaning."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if text in codes:
            return codes[text], ""
        if not text or text in empty:
            return NOTHING
        return None, fault

    return remembered(read)


def number_reader(empty: frozenset[str]) -> Reader:
    """Return a reader of numbers, with or without thousands commas and a per cent sign."""

    def read(value: Any) -> Read:
        text = _as_text(value)
        if not text or text in empty:
            return NOTHING
        try:
            number = float(text.replace(",", "").rstrip("% "))
        except ValueError:
            return None, "not-a-number"
        if number != number or abs(number) > 1e12:
            return None, "not-a-number"
        return number, ""

    return read


_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "master", "rev", "prof", "sir", "lady"})
_PARTICLES = frozenset({"van", "von", "de", "du", "da", "di", "der", "den", "la", "le", "al", "el", "bin", "ibn", "st"})


def split_name(full: str) -> tuple[str | None, str | None, str | None]:
    """Return forename, middle names and surname of a name written as one.

    "SURNAME, Forename Middle" by its comma; otherwise the last word, with the particles before it, is the surname.
    """
    before, comma, after = full.partition(",")
    words = [word for word in (after if comma else full).split() if word.casefold().rstrip(".") not in _TITLES]
    if comma and before.strip():
        given, surname = words, before.strip()
    elif len(words) < 2:
        return None, None, (words[0] if words else None)
    else:
        cut = len(words) - 1
        while cut > 1 and words[cut - 1].casefold() in _PARTICLES:
            cut -= 1
        given, surname = words[:cut], " ".join(words[cut:])
    return (given[0] if given else None), (" ".join(given[1:]) or None), surname
