"""Whether the codes of an agency's extract are places of the borough, of one vintage, in the months that it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from kingshurst_tui.counting import some
from kingshurst_tui.places.drafts import rejected
from kingshurst_tui.places.vocabulary import IN_WORDS, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

CHECKED = frozenset(
    {Level.POSTCODE, Level.LSOA, Level.MSOA, Level.WARD, Level.LOCAL_AUTHORITY, Level.ORGANISATION, Level.SCHOOL}
)


def check_extract(session: Session, granularity: str, counted: Collection[tuple[str, str]]) -> None:
    """Make sure that an extract of counts is of places of the borough, as far as its look-ups were taken in.

    Raises: InputRejected.
    """
    if granularity in CHECKED:
        from kingshurst_tui.places.geography import geography

        check_codes(geography(session), Level(granularity), counted)


def check_codes(geography: Geography, level: Level, counted: Collection[tuple[str, str]]) -> None:
    """Make sure that what was counted was counted at places of the borough; where no look-up is known, anything may be.

    A postcode that no look-up has may be newer than it and stays; one that is known to be elsewhere does not.

    Args:
        geography: of the borough.
        level: of the codes.
        counted: places with months, YYYY-MM.

    Raises: InputRejected: a place lies outside of the borough, or its code is of another vintage.
    """
    if level == Level.POSTCODE and geography.located:
        elsewhere = sorted({code for code, _ in counted if (at := geography.postcode(code)) and not at.is_ours})
        _refuse_outside(geography, elsewhere)
        return
    if level not in CHECKED or not geography.codes(level):
        return
    codes = {code for code, _ in counted}
    _refuse_outside(geography, sorted(code for code in codes if geography.level(code) is None))
    of_other_level = [
        f"{code} is a {_level(geography, code)}" for code in sorted(codes) if geography.level(code) != level
    ]
    if of_other_level:
        raise rejected(
            f"{some(len(of_other_level), 'code is', 'codes are')} not of the level {IN_WORDS[level]}.",
            "Check the column of codes, and the granularity in the agreement.",
            of_other_level,
        )
    if level == Level.WARD:
        _check_wards(geography, counted)
    elif level == Level.LSOA:
        _check_lsoas(geography, codes)


def _level(geography: Geography, code: str) -> str:
    found = geography.level(code)
    return IN_WORDS[found] if found else "place of no level"


def _refuse_outside(geography: Geography, codes: Collection[str]) -> None:
    if codes:
        names = " and ".join(geography.name(code) for code in geography.boroughs) or "the borough"
        raise rejected(
            f"{some(len(codes), 'code is', 'codes are')} of no place of {names}.",
            "Ask the partner for the borough alone; or take in the look-up that has them (kingshurst places import).",
            codes,
        )


def _check_wards(geography: Geography, counted: Iterable[tuple[str, str]]) -> None:
    wrong: dict[str, str] = {}
    for code, month in counted:
        begins, ends = geography.begins(code), geography.ends(code)
        if begins and month[:4] < begins:
            wrong[code] = f"{geography.name(code)} ({code}) begins in {begins}, and is counted in {month}"
        elif ends and month[:4] > ends:
            wrong[code] = f"{geography.name(code)} ({code}) ended in {ends}, and is counted in {month}"
    if wrong:
        raise rejected(
            f"{some(len(wrong), 'code of a ward is', 'codes of wards are')} of another vintage than its months.",
            "Ask the partner for each month by the wards of that month, or for LSOAs.",
            sorted(wrong.values()),
        )


def _check_lsoas(geography: Geography, codes: Collection[str]) -> None:
    """Two vintages in one extract would count the same ground twice, or leave some out."""
    best = max(geography.vintages(Level.LSOA), key=lambda of: (len(_of(geography, of) & set(codes)), of))
    strangers = sorted(set(codes) - _of(geography, best))
    if strangers:
        raise rejected(
            f"The LSOAs are of {best}, and {some(len(strangers), 'code is', 'codes are')} of another vintage.",
            "Ask the partner for one vintage of LSOAs.",
            strangers,
        )


def _of(geography: Geography, vintage: str) -> frozenset[str]:
    return frozenset(geography.codes(Level.LSOA, vintage))
