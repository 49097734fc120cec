"""The words for places: levels, what a published file says, how one place lies in another."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How large a place is, smallest first (Office for National Statistics)."""

    POSTCODE = "postcode"
    OUTPUT_AREA = "output-area"
    LSOA = "lsoa"
    MSOA = "msoa"
    """A second way of putting LSOAs together: exactly, and across the edges of wards."""
    WARD = "ward"
    LOCAL_AUTHORITY = "local-authority"
    ORGANISATION = "organisation"
    """A health organisation by its ODS code. Agencies count at it, and nobody lives there."""
    SCHOOL = "school"
    """A school by its unique reference number (URN)."""


ORGANISATIONS = frozenset({Level.ORGANISATION, Level.SCHOOL})
"""Levels of places that are no ground: they have no residents, no deprivation and no place within another level."""


IN_WORDS = {
    Level.POSTCODE: "postcode",
    Level.OUTPUT_AREA: "output area",
    Level.LSOA: "LSOA",
    Level.MSOA: "MSOA",
    Level.WARD: "ward",
    Level.LOCAL_AUTHORITY: "local authority",
    Level.ORGANISATION: "organisation",
    Level.SCHOOL: "school",
}
"""Levels as they are named in a sentence."""


class SourceKind(StrEnum):
    """What a published file says of places."""

    POSTCODES = "postcodes"
    """Where each postcode lies: ONS Postcode Directory, National Statistics Postcode Lookup."""
    LSOA_WARD = "lsoa-to-ward"
    """The ward that each LSOA fits best, of one vintage of wards."""
    LSOA_MSOA = "lsoa-to-msoa"
    """The MSOA in which each LSOA lies, exactly."""
    LSOA_LSOA = "lsoa-to-lsoa"
    """What became of each LSOA from one census to the next."""
    OUTPUT_AREA_LSOA = "output-area-to-lsoa"
    """The LSOA in which each output area lies, exactly."""
    WARD_NAMES = "ward-names"
    """Wards with their names, and from which year."""
    POPULATION = "population"
    """How many live in each place: census or mid-year."""
    DEPRIVATION = "deprivation"
    """English Indices of Deprivation: ranks and deciles."""
    LSOA_BOUNDARIES = "lsoa-boundaries"
    """The boundary of each LSOA, generalised or whole (Open Geography Portal)."""
    WARD_BOUNDARIES = "ward-boundaries"
    """The boundary of each ward, of one vintage."""
    ORGANISATIONS = "organisations"
    """Schools or health organisations with their codes, names, postcodes, and when they opened and closed."""
    SUCCESSIONS = "successions"
    """Which organisation went into which other one, and when."""


class Fit(StrEnum):
    """How a place lies in another one."""

    EXACT = "exact"
    BEST_FIT = "best-fit"
    UNCHANGED = "unchanged"
    SPLIT = "split"
    MERGED = "merged"
    IRREGULAR = "irregular"
    SUCCEEDED = "succeeded"
    """An organisation that ended and went into another one."""
    UNKNOWN = "unknown"


class Figure(StrEnum):
    """A published figure of a place."""

    RESIDENTS = "usual-residents"
    """Census day or the middle of a year."""
    IMD_RANK = "imd-rank"
    """1 is the most deprived LSOA of England."""
    IMD_DECILE = "imd-decile"
    """1 is the most deprived tenth of the LSOAs of England."""


PART, WHOLE, BESIDE = "part", "whole", "beside"
RELATIONS = (PART, WHOLE, BESIDE)
"""What another number of a row is to its count: a part of it, what it is a part of, or neither."""
OF = " / "
"""Between a category and the number beside it: "1 / Waits over four hours"."""
MONTH, FINANCIAL_YEAR, ACADEMIC_YEAR, CALENDAR_YEAR = "month", "financial-year", "academic-year", "calendar-year"
SPANS = (MONTH, FINANCIAL_YEAR, ACADEMIC_YEAR, CALENDAR_YEAR)
"""What a count is of. Years that lie across two calendar years are written 2019/20."""
UNKNOWN, NOT_THERE = "unknown", "not-there"
UNLISTED = (UNKNOWN, NOT_THERE)
"""What it means that an organisation has no row at all in a category: nothing, or that it does not have it."""

HIDDEN = -1
"""In a published cell: under the line, or hidden so that no such number can be worked out."""
NOT_KNOWN = -2
"""In a published cell: the period did not come in, or not whole. Never nought."""
ALL = ""
"""The category of all categories together."""
