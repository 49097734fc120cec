"""What is said of an organisation itself: where it has its post, when it opened, ended, and what it went into."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.clock import plain_date
from kingshurst_tui.places.published import months_in
from kingshurst_tui.places.vocabulary import Fit, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.found import Organisation
    from kingshurst_tui.places.geography import Geography

NOBODY_LIVES_THERE = "Nobody lives there: counts are told as they are, and not for every so many residents."


class Lies(NamedTuple):
    """Where an organisation has its post.

    Attributes:
        within: name, code, fit and vintage of the LSOA, ward and local authority.
        said: the same in a sentence.
    """

    within: list[dict[str, str]]
    said: list[str]


def plain_day(day: str) -> str:
    """Return an ISO day for people; a year, or nothing, as it is.

    Example:
        >>> plain_day("2018-04-01"), plain_day("2025"), plain_day("")
        ('1 April 2018', '2025', '')
    """
    return plain_date(date.fromisoformat(day)) if len(day) == len("2018-04-01") else day


def named(known: Geography, code: str) -> str:
    """Return an organisation as it is named in a sentence: its name and code; the code where no list names it."""
    name = known.name(code)
    return f"{name} ({code})" if name != code else code


def where_it_lies(known: Geography, one: Organisation) -> Lies:
    """Return the places of an organisation's own postcode. What is counted at it is not counted at these."""
    if not one.postcode:
        return Lies([], ["No list gives its postcode."])
    at = known.postcode(one.postcode)
    if at is None:
        return Lies([], [f"Its postcode is {one.postcode}, which no directory that was taken in has."])
    if not at.is_ours:
        return Lies([], [f"Its postcode is {one.postcode}, outside the borough."])
    within = []
    newest = known.ward_vintages[0] if known.ward_vintages else ""
    for code, fit, of in (
        (at.lsoa, at.fit, ""),
        (at.ward_by_lsoa or at.ward, Fit.BEST_FIT if at.ward_by_lsoa else at.fit, newest if at.ward_by_lsoa else ""),
        (at.local_authority, at.fit, ""),
    ):
        if code:
            within.append({"code": code, "name": known.name(code), "fit": fit.value, "vintage": of})
    names = ", ".join(each["name"] for each in within)
    return Lies(within, [f"Its postcode is {one.postcode}, in {names}. What is counted at it is not counted there."])


def what_became_of_it(known: Geography, one: Organisation) -> list[str]:
    """Return sentences on its end, on what it went into and on what went into it."""
    said = []
    into = " and ".join(named(known, step.code) for step in one.became)
    if one.closed and into:
        said.append(f"It ended on {plain_day(one.closed)} and went into {into}.")
    elif into:
        said.append(f"It went into {into}; on which day is not said.")
    elif one.closed:
        said.append(f"It ended on {plain_day(one.closed)}; no list says what it went into.")
    for step in one.came_of:
        day = step.day or known.organisations[step.code].closed
        when = f" on {plain_day(day)}" if day else ""
        said.append(f"{named(known, step.code)} went into it{when}.")
    return said


def outside_its_time(known: Geography, counted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return organisations that are counted before they opened, and what to say of each.

    One that is counted after its end is none of these: the end is the legal one, and returns go on under the old code.

    Args:
        known: the lists.
        counted: organisations with periods.
    """
    wrong: dict[str, str] = {}
    for code, period in counted:
        one = known.organisations.get(code)
        if one is not None and one.opened and months_in(period)[-1] < one.opened[:7]:
            wrong[code] = f"{named(known, code)} opened on {plain_day(one.opened)}, and is counted in {period}"
    return wrong


def unlisted(known: Geography, level: Level, codes: Collection[str]) -> list[str]:
    """Return the codes of organisations that no list has, though a list of their sort was taken in.

    Sorts are told by the length of the code: 3 characters of a trust, 6 of a practice, 6 figures of a school.
    """
    listed = {len(code) for code, one in known.organisations.items() if one.name and known.level(code) == level}
    return sorted(code for code in codes if known.level(code) != level and len(code) in listed)
