"""Readers of where and when something was counted: codes of one level, months, and years of each kind."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from kingshurst_tui.intake import values
from kingshurst_tui.intake.values import Read, Reader
from kingshurst_tui.places.vocabulary import CALENDAR_YEAR
from kingshurst_tui.vocabulary import Granularity

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
