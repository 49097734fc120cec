"""Published lists of organisations: which columns they have, also where they come without a line of names.

Sources of the forms:

- Department for Education, Get Information About Schools, "All establishment data" (``edubasealldata*.csv``: URN,
  EstablishmentName, OpenDate and CloseDate as DD-MM-YYYY, Postcode, DistrictAdministrative (code)) and "All
  establishment links" (``links_edubasealldata*.csv``: URN, LinkURN, LinkName, LinkType, LinkEstablishedDate), both in
  Windows-1252.
- NHS England, Organisation Data Service: reports of 27 columns without names (``etr``, ``ect``, ``epraccur``,
  ``ebranchs``: code, name, two areas, five lines of address, postcode, days of opening and closing as YYYYMMDD), and
  successors in five columns without names (``succ``, ``succarc``: code, successor's code, reason, day as YYYYMMDD,
  whether that one was succeeded too); or with names (Organisation Code, Successor Organisation Code, Succession
  Effective Date). A day of succession is the legal one: an organisation may report under its own code for longer.
- Lists of practices: Code, Name, Address, Postcode; Practice.Code, Practice.Name, Postcode.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

ROLES: tuple[tuple[str, str], ...] = (
    ("urn", r"urn"),
    ("link", r"linkurn|successororganisationcode|successorcode"),
    ("link-type", r"linktype"),
    ("link-date", r"linkestablish(?:ed|ment)date|successioneffectivedate|successiondate"),
    ("organisation", r"organisationcode|orgcode|odscode|practicecode"),
    ("organisation-name", r"establishmentname|schoolname|organisationname|practicename"),
    ("opened", r"opendate|legalstartdate"),
    ("closed", r"closedate|legalenddate"),
    ("authority", r"districtadministrativecode"),
)
"""Roles of columns and how they are named, squeezed; beside those of places."""
PLAIN_CODE, PLAIN_NAME = "code", "name"
"""What lists of practices call theirs."""

_ODS_CODE = re.compile(r"(?![EW][01]\d{7}$)(?=.*[A-Z])[A-Z0-9]{3,9}")
_URN = re.compile(r"[1-9]\d{5}")
_DAY = re.compile(r"\d{8}|")
_OF_LIST = (
    *("Organisation Code", "Organisation Name", "National Grouping", "Health Geography"),
    *(f"Address Line {number}" for number in range(1, 6)),
    *("Postcode", "Open Date", "Close Date"),
)
_OF_SUCCESSORS = (
    "Organisation Code", "Successor Organisation Code", "Reason", "Succession Effective Date", "Succeeded",
)  # fmt: skip
_FORMS = {
    r"\d\d-\d\d-\d{4}": "%d-%m-%Y",
    r"\d{8}": "%Y%m%d",
    r"\d{4}-\d\d-\d\d": "%Y-%m-%d",
    r"\d\d/\d\d/\d{4}": "%d/%m/%Y",
}


_EARLIEST = date(500, 1, 1)
"""Some schools are older than the kingdom."""


def is_ods_code(text: str) -> bool:
    """Return whether a text may be a code of the Organisation Data Service: 3 characters of a trust, 6 of a practice.

    Example:
        >>> is_ods_code("RR1"), is_ods_code("M85136002"), is_ods_code("E01010118"), is_ods_code("104038")
        (True, True, False, False)
    """
    return _ODS_CODE.fullmatch(text) is not None


def is_urn(text: str) -> bool:
    """Return whether a text may be the unique reference number of a school."""
    return _URN.fullmatch(text) is not None


def names_where_none(first: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of a file whose first line is an organisation already; empty for any other."""
    cells = [str(cell).strip() for cell in first]
    if len(cells) == len(_OF_SUCCESSORS) and all(map(is_ods_code, cells[:2])) and re.fullmatch(r"\d{8}", cells[3]):
        return _OF_SUCCESSORS
    if len(cells) >= len(_OF_LIST) and is_ods_code(cells[0]) and all(map(_DAY.fullmatch, cells[10:12])):
        return (*_OF_LIST, *(f"Field {number}" for number in range(len(_OF_LIST) + 1, len(cells) + 1)))
    return ()


def day_of(text: str) -> str:
    """Return a published day as ISO; empty where none is given.

    Raises: ValueError: it is no day.

    Example:
        >>> day_of("31-08-2019"), day_of("20180401"), day_of("")
        ('2019-08-31', '2018-04-01', '')
    """
    plain = text.strip().removesuffix(".0").removesuffix(" 00:00:00")
    if not plain:
        return ""
    form = next((form for shape, form in _FORMS.items() if re.fullmatch(shape, plain, re.ASCII)), "")
    try:
        found = datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day as published
    except ValueError:
        found = date.min
    if found < _EARLIEST:
        raise ValueError(plain[:40])
    return found.isoformat()
