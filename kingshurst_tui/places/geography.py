"""How places lie in one another: read once from the store, then plain dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.places.vocabulary import Fit, Level

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


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
    """

    yes: bool
    how: str


class PostcodePlace(NamedTuple):
    """Where a postcode lies; an empty code is not known.

    Attributes:
        ward: by its point, of `ward_vintage`.
        ward_by_lsoa: the ward that its LSOA fits best, of the newest vintage; differs for some one in twenty.
        straddles: whether homes of the same postcode sector lie in another borough.
        ended: YYYY-MM of its end; empty for one in use.
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


@dataclass(frozen=True)
class Geography:
    """The places of the borough, as the look-ups that stand in the store have them."""

    sources: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    ward_vintages: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether any look-up was imported."""
        return bool(self.sources)

    @property
    def wards(self) -> list[str]:
        """Codes of the wards of the newest vintage that LSOAs are looked up in."""
        return self.codes(Level.WARD)

    def levels(self) -> list[Level]:
        """Return the levels of which places are known, smallest first."""
        raise NotImplementedError

    def codes(self, level: Level, vintage: str = "") -> list[str]:
        """Return the borough's places of a level; of the newest vintage unless one is named."""
        raise NotImplementedError

    def name(self, code: str) -> str:
        """Return a place's name; its code where no source names it."""
        return self.names.get(code, code)

    def level(self, code: str) -> Level | None:
        """Return what a code is a code of; None where no look-up has it."""
        raise NotImplementedError

    def parent(self, code: str, level: Level, vintage: str = "") -> Parent | None:
        """Return the place of a larger level that one lies in."""
        raise NotImplementedError

    def children(self, code: str, level: Level, vintage: str = "") -> list[str]:
        """Return the places of a smaller level that lie in one."""
        raise NotImplementedError

    def begins(self, code: str) -> str:
        """Return the year in which a ward began; empty where no source says."""
        raise NotImplementedError

    def ends(self, code: str) -> str:
        """Return the last year of a ward; empty for one that lasts."""
        raise NotImplementedError

    def residents(self, code: str) -> Residents | None:
        """Return how many live in a place: as published, else the sum of its LSOAs, which is said."""
        raise NotImplementedError

    def decile(self, code: str) -> int | None:
        """Return the decile of deprivation of an LSOA: 1 is the most deprived tenth of England."""
        raise NotImplementedError

    def rank(self, code: str) -> float | None:
        """Return the rank of deprivation; of a ward the mean of its LSOAs', weighted by residents."""
        raise NotImplementedError

    def like(self, code: str) -> list[str]:
        """Return places of the same level and like deprivation, without the place itself.

        LSOAs: of the same decile. Wards: the five nearest by mean rank.
        """
        raise NotImplementedError

    def tile(self, code: str) -> tuple[int, int] | None:
        """Return the column and row of an LSOA in a grid of tiles; north is row 0, no two are alike."""
        raise NotImplementedError

    def tiles(self) -> dict[str, tuple[int, int]]:
        """Return the column and row of every LSOA."""
        raise NotImplementedError

    def postcode(self, text: str) -> PostcodePlace | None:
        """Return where a postcode lies, however it is written; None where the look-up does not have it."""
        raise NotImplementedError

    def straddles(self, code: str) -> list[str]:
        """Return the other boroughs that postcodes of a place's postcode sectors lie in."""
        raise NotImplementedError

    def comparable(self, before: Vintaged, after: Vintaged) -> Comparable:
        """Say whether figures for a place of one vintage may stand beside those of another."""
        raise NotImplementedError

    def lsoas_of(self, codes: Collection[str]) -> list[str]:
        """Return the LSOAs that places of any level consist of, each once."""
        raise NotImplementedError


def geography(session: Session) -> Geography:
    """Return the places of the borough; read anew only where another look-up came in.

    Raises: Refused: the role may not read of places.
    """
    raise NotImplementedError
