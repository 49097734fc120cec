"""Whether the codes of an agency's extract are places of the borough, of one vintage, in the months that it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import rejected
from kingshurst_tui.places.organisations import outside_its_time, unlisted
from kingshurst_tui.places.vocabulary import IN_WORDS, ORGANISATIONS, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

CHECKED = frozenset(
    {Level.POSTCODE, Level.LSOA, Level.MSOA, Level.WARD, Level.LOCAL_AUTHORITY, Level.ORGANISATION, Level.SCHOOL}
)
Counted = tuple[str, str]
"""A place and a month (or year)."""


class CodeFault(NamedTuple):
    """One kind of fault of the places that an extract counts at.

    Attributes:
        title: what is wrong, in a sentence.
        hint: what to do.
        named: each code, with what is wrong with it.
        at: where it was counted so.
    """

    title: str
    hint: str
    named: list[str]
    at: list[Counted]


def faults_of_extract(session: Session, granularity: str, counted: Collection[Counted]) -> list[CodeFault]:
    """Return what is wrong with the places of an extract of counts, as far as its look-ups were taken in."""
    if granularity not in CHECKED:
        return []
    from kingshurst_tui.places.geography import geography

    return list(faults(geography(session), Level(granularity), counted))


def check_codes(geography: Geography, level: Level, counted: Collection[Counted]) -> None:
    """Make sure that what was counted was counted at places of the borough; where no look-up is known, anything may be.

    Args:
        geography: of the borough.
        level: of the codes.
        counted: places with months, YYYY-MM.

    Raises: InputRejected: a place lies outside of the borough, or its code is of another vintage; all of it at once.
    """
    found = list(faults(geography, level, counted))
    if len(found) == 1:
        raise rejected(found[0].title, found[0].hint, found[0].named)
    if found:
        raise rejected(" ".join(each.title for each in found), found[0].hint, [x for each in found for x in each.named])


def faults(geography: Geography, level: Level, counted: Collection[Counted]) -> Iterator[CodeFault]:
    """Yield every kind of fault of the places that something is counted at.

    A postcode that no look-up has may be newer than it and stays; one that is known to be elsewhere does not.
    """
    codes = {code for code, _ in counted}
    if level in ORGANISATIONS:
        yield from _organisations(geography, level, counted)
        return
    if level == Level.POSTCODE:
        elsewhere = sorted({code for code in codes if (at := geography.postcode(code)) and not at.is_ours})
        yield from _outside(geography, elsewhere if geography.located else [], counted)
        return
    if level not in CHECKED or not geography.codes(level):
        return
    yield from _outside(geography, sorted(code for code in codes if geography.level(code) is None), counted)
    known = {code for code in codes if geography.level(code) is not None}
    other = sorted(code for code in known if geography.level(code) != level)
    if other:
        yield CodeFault(
            f"{some(len(other), 'code is', 'codes are')} not of the level {IN_WORDS[level]}.",
            "Check the column of codes, and the granularity in the agreement.",
            [f"{code} is a {_level(geography, code)}" for code in other],
            _at(counted, other),
        )
    if level == Level.WARD:
        yield from _wards(geography, counted)
    elif level == Level.LSOA:
        yield from _lsoas(geography, known - set(other), counted)


def _at(counted: Iterable[Counted], codes: Collection[str]) -> list[Counted]:
    wanted = set(codes)
    return [each for each in counted if each[0] in wanted]


def _level(geography: Geography, code: str) -> str:
    found = geography.level(code)
    return IN_WORDS[found] if found else "place of no level"


def _outside(geography: Geography, codes: list[str], counted: Iterable[Counted]) -> Iterator[CodeFault]:
    if codes:
        names = " and ".join(geography.name(code) for code in geography.boroughs) or "the borough"
        yield CodeFault(
            f"{some(len(codes), 'code is', 'codes are')} of no place of {names}.",
            "Ask the partner for the borough alone; or take in the look-up that has them (kingshurst places import).",
            codes,
            _at(counted, codes),
        )


def _wards(geography: Geography, counted: Iterable[Counted]) -> Iterator[CodeFault]:
    wrong: dict[str, str] = {}
    at: list[Counted] = []
    for code, month in counted:
        begins, ends = geography.begins(code), geography.ends(code)
        if month and begins and month[:4] < begins:
            wrong[code] = f"{geography.name(code)} ({code}) begins in {begins}, and is counted in {month}"
            at.append((code, month))
        elif month and ends and month[:4] > ends:
            wrong[code] = f"{geography.name(code)} ({code}) ended in {ends}, and is counted in {month}"
            at.append((code, month))
    if wrong:
        yield CodeFault(
            f"{some(len(wrong), 'code of a ward is', 'codes of wards are')} of another vintage than its months.",
            "Ask the partner for each month by the wards of that month, or for LSOAs.",
            sorted(wrong.values()),
            at,
        )


def _lsoas(geography: Geography, codes: Collection[str], counted: Iterable[Counted]) -> Iterator[CodeFault]:
    """Two vintages in one extract would count the same ground twice, or leave some out."""
    best = max(geography.vintages(Level.LSOA), key=lambda of: (len(_of(geography, of) & set(codes)), of))
    strangers = sorted(set(codes) - _of(geography, best))
    if strangers:
        yield CodeFault(
            f"The LSOAs are of {best}, and {some(len(strangers), 'code is', 'codes are')} of another vintage.",
            "Ask the partner for one vintage of LSOAs.",
            strangers,
            _at(counted, strangers),
        )


def _of(geography: Geography, vintage: str) -> frozenset[str]:
    return frozenset(geography.codes(Level.LSOA, vintage))


def _organisations(geography: Geography, level: Level, counted: Collection[Counted]) -> Iterator[CodeFault]:
    codes = {code for code, _ in counted}
    if strangers := unlisted(geography, level, codes):
        yield CodeFault(
            f"{some(len(strangers), 'code is', 'codes are')} of no {IN_WORDS[level]} in the lists that were taken in.",
            "Check the codes with the partner; or take in the list that has them (kingshurst places import).",
            strangers,
            _at(counted, strangers),
        )
    timed = [each for each in counted if each[1]]
    if early := outside_its_time(geography, timed):
        yield CodeFault(
            f"{some(len(early), 'organisation is', 'organisations are')} counted before it was open.",
            "Ask the partner under which code it was counted then.",
            sorted(early.values()),
            [each for each in timed if outside_its_time(geography, [each])],
        )
