"""What is shown of single postcodes: years of the calendar, all categories together, where a partner may share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.places import between
from kingshurst_tui.places.published import PublishedSet, Range, codes_shown, shown
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.session import Session

DEFINED = (
    "A postcode is shown by calendar year, all categories together, where there are 10 or more (or what the agreement "
    "sets) and its neighbours stay hidden; it is compared with nothing, as some 15 to 20 homes have one."
)
"""Stands beside every figure of a postcode. The number of homes: the briefing paper."""


@dataclass(frozen=True, slots=True)
class PostcodeYear:
    """One calendar year.

    Attributes:
        shown: what is told of the postcode's count; None where it is hidden.
        lsoa: the same of the LSOA that it lies in; None where that is hidden.
    """

    year: str
    shown: Range | None
    lsoa: Range | None


@dataclass(frozen=True, slots=True)
class PostcodeYears:
    """One data set that may be shared by postcode.

    Attributes:
        under: counts below it are hidden, nought too; an agreement may set another than 10.
        years: those that came in whole, oldest first.
    """

    postcode: str
    lsoa: str
    agreement_ref: str
    title: str
    agency_code: str
    agency_name: str
    under: int
    base: int
    made_at: str
    years: tuple[PostcodeYear, ...]

    @property
    def words(self) -> str:
        """The years in a sentence."""
        if not self.years:
            return f"{self.title} ({self.agency_name}): no whole calendar year has come in."
        return f"{self.title} ({self.agency_name}): {'; '.join(map(in_words, self.years))}."

    @property
    def newest(self) -> PostcodeYear | None:
        """The newest year of which something is shown."""
        return next((each for each in reversed(self.years) if each.shown is not None), None)


def in_words(of: PostcodeYear) -> str:
    """Return what is told of one year.

    Example:
        >>> in_words(PostcodeYear("2025", Range(28, 32), Range(53, 57)))
        '28 to 32 in 2025, of 53 to 57 in its LSOA'
    """
    if of.shown is None:
        return f"hidden in {of.year}"
    beside = f", of {between.in_words(of.lsoa)} in its LSOA" if of.lsoa is not None else ""
    return f"{between.in_words(of.shown)} in {of.year}{beside}"


def of_postcode(sets: Sequence[PublishedSet], postcode: str, lsoa: str) -> tuple[PostcodeYears, ...]:
    """Return what is told of a postcode, by data set that may be shared so finely.

    Args:
        sets: with the cells of the postcode, if there are any, and of its LSOA.
        postcode: as people write it.
        lsoa: in which it lies.
    """
    return tuple(_years(each, postcode, lsoa) for each in sets if Level.POSTCODE.value in each.levels)


def told(session: Session, known: Geography, within: str = "") -> list[PostcodeYears]:
    """Return every postcode of which something is shown, by its LSOA, then by postcode and data set.

    Args:
        session: who looks.
        known: where postcodes lie.
        within: an LSOA, a ward or the borough; all by default.

    Raises: Refused.
    """
    inside = set(known.lsoas_of([within])) if within else None
    lies = {
        code: at.lsoa
        for code, level in codes_shown(session).items()
        if level == Level.POSTCODE and (at := known.postcode(code)) is not None
        if inside is None or at.lsoa in inside
    }
    sets = shown(session, [*lies, *lies.values()]) if lies else []
    order = sorted(lies, key=lambda code: (known.name(lies[code]), code))
    every = [years for code in order for years in of_postcode(sets, code, lies[code])]
    return [years for years in every if years.newest is not None]


def _years(of: PublishedSet, postcode: str, lsoa: str) -> PostcodeYears:
    years = [period for period in of.periods if len(period) == len("2025")]
    found = tuple(
        PostcodeYear(year, _told(of, postcode, year), _told(of, lsoa, year))
        for year in years
        if of.cell(lsoa, year) != NOT_KNOWN
    )
    return PostcodeYears(
        postcode, lsoa, of.agreement_ref, of.title, of.agency_code, of.agency_name, of.under, of.base, of.made_at, found
    )


def _told(of: PublishedSet, code: str, year: str) -> Range | None:
    return None if of.cell(code, year) in (HIDDEN, NOT_KNOWN) else of.bounds(code, year)
