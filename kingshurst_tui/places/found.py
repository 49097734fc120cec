"""What the geography answers: records of where a place lies, who lives there, what may be compared."""

from __future__ import annotations

from typing import NamedTuple

from kingshurst_tui.places.vocabulary import Fit


class Parent(NamedTuple):
    """The place that one lies in, and whether it does whole.

    Attributes:
        code: of the larger place.
        fit: exact, or best-fit where the smaller one may lie across an edge.
    """

    code: str
    fit: Fit


class Residents(NamedTuple):
    """How many live in a place.

    Attributes:
        number: of usual residents.
        year: of the count, as published: 2021, mid-2015.
        how: "published", or "rebuilt from LSOAs".
    """

    number: int
    year: str
    how: str


class Vintaged(NamedTuple):
    """A code and the vintage of codes that it is of: a ward's code may live on while its edge moves."""

    code: str
    vintage: str


class Comparable(NamedTuple):
    """Whether figures of two places may be set side by side.

    Attributes:
        yes: whether they may.
        how: how, or why not, in a sentence.
        lsoas: the LSOAs that both are to be made of anew; empty where figures stand side by side as they are.
    """

    yes: bool
    how: str
    lsoas: tuple[str, ...] = ()


class Step(NamedTuple):
    """That one organisation went into another: the other one's code, and the first day of it (empty: not said)."""

    code: str
    day: str


class Organisation(NamedTuple):
    """A place that agencies count at and where nobody lives.

    Attributes:
        postcode: of its own address; empty where no list gives one.
        opened: ISO day; empty where no list says.
        closed: its last day by law; empty for one that goes on, or where no list says.
        became: those that it went into.
        came_of: those that went into it.
    """

    code: str
    name: str
    postcode: str = ""
    opened: str = ""
    closed: str = ""
    became: tuple[Step, ...] = ()
    came_of: tuple[Step, ...] = ()


ENDED, STOPS, NOT_YET, MISSING = "ended", "stops", "not yet open", "missing"


class Gap(NamedTuple):
    """Months that are not known of one organisation, and why.

    Attributes:
        kind: ENDED, STOPS, NOT_YET or MISSING.
        months: oldest first.
        words: why, in a sentence.
    """

    kind: str
    months: tuple[str, ...]
    words: str


class Share(NamedTuple):
    """A category that is a part of another one; both of all categories together."""

    part: str
    whole: str


class PostcodePlace(NamedTuple):
    """Where a postcode lies; an empty code is not known.

    Attributes:
        ward: by its point, of `ward_vintage`.
        ward_by_lsoa: the ward that its LSOA fits best, of the newest vintage; differs for some one in twenty.
        straddles: whether homes of the same postcode sector (B37 6) lie in another borough.
        ended: YYYY-MM of its end; empty for one in use.
        is_ours: whether it lies in the borough.
    """

    postcode: str
    lsoa: str
    ward: str
    ward_vintage: str
    ward_by_lsoa: str
    local_authority: str
    fit: Fit
    straddles: bool
    ended: str
    is_ours: bool


class Located(NamedTuple):
    """A postcode as it was read: what of it a screen may ask for."""

    postcode: str
    lsoa: str
    ward: str
    ward_vintage: str
    local_authority: str
    easting: int | None
    northing: int | None
    fit: str
    straddles: int
    ended: str
