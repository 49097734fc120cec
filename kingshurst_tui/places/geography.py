"""How places lie in one another: read once from the store, then plain dictionaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kingshurst_tui.places.found import Comparable, Located, Organisation, Parent, PostcodePlace, Residents, Vintaged
from kingshurst_tui.places.vocabulary import Fit, Level

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

__all__ = ["Comparable", "Geography", "Located", "Parent", "PostcodePlace", "Residents", "Vintaged", "geography"]

LIKE_WARDS = 5
"""How many wards stand beside one: the nearest in deprivation."""

PUBLISHED, REBUILT = "published", "rebuilt from LSOAs"


@dataclass(frozen=True)
class Geography:
    """The places of the borough, as the look-ups that stand in the store have them.

    Attributes:
        sources: the files that it was read from.
        names: by code.
        of_level: what each code is a code of.
        members: codes by level and vintage, in the order of their names.
        up: the larger places of one, by code, level and vintage.
        down: the smaller places of one, by code, level and vintage of the larger.
        years: first and last year of wards.
        people: residents by code and year.
        deciles: of deprivation, by LSOA.
        ranks: of deprivation, by LSOA.
        changes: LSOAs of 2011 by LSOA of 2021, and what became of them.
        located: postcodes, without their space.
        organisations: schools and health organisations by code, of lists or because something is counted there.
        counted: the organisations of which anything was published.
    """

    sources: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    of_level: Mapping[str, Level] = field(default_factory=dict)
    members: Mapping[tuple[Level, str], tuple[str, ...]] = field(default_factory=dict)
    up: Mapping[tuple[str, Level, str], Parent] = field(default_factory=dict)
    down: Mapping[tuple[str, Level, str], tuple[str, ...]] = field(default_factory=dict)
    years: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    deciles: Mapping[str, int] = field(default_factory=dict)
    ranks: Mapping[str, float] = field(default_factory=dict)
    changes: Mapping[str, tuple[tuple[str, Fit], ...]] = field(default_factory=dict)
    located: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether any look-up was imported."""
        return bool(self.sources)

    @cached_property
    def boroughs(self) -> list[str]:
        """Codes of the local authorities whose places these are."""
        return self.codes(Level.LOCAL_AUTHORITY)

    @property
    def wards(self) -> list[str]:
        """Codes of the wards of the newest vintage that LSOAs are looked up in."""
        return self.codes(Level.WARD)

    @cached_property
    def ward_vintages(self) -> tuple[str, ...]:
        """Vintages of wards that LSOAs are looked up in, newest first."""
        return tuple(sorted({of for (_, level, of) in self.up if level == Level.WARD}, reverse=True))

    @cached_property
    def _vintages(self) -> dict[Level, tuple[str, ...]]:
        found: dict[Level, set[str]] = defaultdict(set)
        for level, of in self.members:
            found[level].add(of)
        return {level: tuple(sorted(each, reverse=True)) for level, each in found.items()}

    def vintages(self, level: Level) -> tuple[str, ...]:
        """Return the vintages of which codes of a level are known, newest first."""
        return self._vintages.get(level, ())

    def levels(self) -> list[Level]:
        """Return the levels of which places are known, smallest first."""
        known = {level for level, _ in self.members} | ({Level.POSTCODE} if self.located else set())
        return [level for level in Level if level in known]

    def codes(self, level: Level, vintage: str = "") -> list[str]:
        """Return the borough's places of a level; of the newest vintage unless one is named.

        The newest wards are those that LSOAs are looked up in: of newer ones only the names may be known yet.
        """
        if level == Level.POSTCODE:
            return [each[0] for each in self.located.values() if each[_AUTHORITY] in self.boroughs]
        if level == Level.LOCAL_AUTHORITY and not vintage:
            return sorted({code for (of, _), codes in self.members.items() if of == level for code in codes})
        newest = self.ward_vintages if level == Level.WARD and self.ward_vintages else self.vintages(level)
        of = vintage or (newest[0] if newest else "")
        return list(self.members.get((level, of), ()))

    def name(self, code: str) -> str:
        """Return a place's name; its code where no source names it."""
        return self.names.get(code) or code

    def level(self, code: str) -> Level | None:
        """Return what a code is a code of; None where no look-up has it."""
        return self.of_level.get(code)

    def parent(self, code: str, level: Level, vintage: str = "") -> Parent | None:
        """Return the place of a larger level that one lies in; of the newest vintage unless one is named.

        A postcode's LSOA is where its point lies; its ward is that by its point, exact, and of that vintage alone. For
        the ward that its LSOA fits best ask for the parent of its LSOA: the two differ for some one in twenty.
        """
        if self.of_level.get(code) is None and (found := self.postcode(code)) is not None:
            of = {Level.LSOA: found.lsoa, Level.WARD: found.ward, Level.LOCAL_AUTHORITY: found.local_authority}
            wrong = level == Level.WARD and vintage not in ("", found.ward_vintage)
            return None if wrong or not of.get(level) else Parent(of[level], found.fit)
        for of_vintage in (vintage,) if vintage else self._vintages_of_whole(level):
            if (direct := self.up.get((code, level, of_vintage))) is not None:
                return direct
        if self.of_level.get(code) == Level.OUTPUT_AREA and level in (Level.WARD, Level.LOCAL_AUTHORITY):
            lsoa = self.parent(code, Level.LSOA)
            return self.parent(lsoa.code, level, vintage) if lsoa else None
        if level == Level.LOCAL_AUTHORITY and self.of_level.get(code) in (Level.LSOA, Level.MSOA, Level.WARD):
            return Parent(self.boroughs[0], Fit.EXACT) if len(self.boroughs) == 1 else None
        return None

    def _vintages_of_whole(self, level: Level) -> tuple[str, ...]:
        return self.ward_vintages if level == Level.WARD else self.vintages(level)

    def children(self, code: str, level: Level, vintage: str = "") -> list[str]:
        """Return the places of a smaller level that lie in one; `vintage` is of the larger."""
        mine = self.of_level.get(code)
        if mine == Level.LOCAL_AUTHORITY:
            return [each for each in self.codes(level) if self._lies_in(each, code)]
        if level == Level.POSTCODE:
            return self._postcodes_in.get(code, [])
        if level == Level.OUTPUT_AREA and mine == Level.WARD:
            return [
                area
                for lsoa in self.children(code, Level.LSOA, vintage)
                for area in self.children(lsoa, Level.OUTPUT_AREA)
            ]
        for of in (vintage,) if vintage else self._vintages_of_whole(mine or level):
            if found := self.down.get((code, level, of)):
                return list(found)
        return []

    @cached_property
    def _postcodes_in(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.located.values():
            found[each[_LSOA]].append(each[0])
            found[each[_WARD]].append(each[0])
        return dict(found)

    def _lies_in(self, code: str, authority: str) -> bool:
        if len(self.boroughs) == 1:
            return True
        found = self.parent(code, Level.LOCAL_AUTHORITY)
        return found is not None and found.code == authority

    def begins(self, code: str) -> str:
        """Return the year in which a ward began; empty where no source says."""
        return self.years.get(code, ("", ""))[0]

    def ends(self, code: str) -> str:
        """Return the last year of a ward; empty for one that lasts, or where no source says."""
        return self.years.get(code, ("", ""))[1]

    def residents(self, code: str) -> Residents | None:
        """Return how many live in a place by the newest count: as published, else as the sum of its LSOAs."""
        if given := self.people.get(code):
            year = max(given, key=_year)
            return Residents(given[year], year, PUBLISHED)
        parts = self.lsoas_of([code])
        if parts == [code]:
            parts = [new for new, _ in self._became.get(code, ())]
        years = [set(self.people.get(each, ())) for each in parts]
        both = set.intersection(*years) if years else set()
        if not both:
            return None
        year = max(both, key=_year)
        return Residents(sum(self.people[each][year] for each in parts), year, REBUILT)

    def decile(self, code: str) -> int | None:
        """Return the decile of deprivation of an LSOA: 1 is the most deprived tenth of England."""
        found = self.deciles.get(self._ranked(code))
        return int(found) if found is not None else None

    def rank(self, code: str) -> float | None:
        """Return the rank of deprivation; of a ward the mean of its LSOAs', weighted by residents."""
        if (own := self.ranks.get(self._ranked(code))) is not None:
            return own
        ranks: list[tuple[float, int]] = []
        for each in self.lsoas_of([code]):
            rank, live = self.ranks.get(self._ranked(each)), self.residents(each)
            if rank is None or live is None or each == code:
                return None
            ranks.append((rank, live.number))
        total = sum(live for _, live in ranks)
        return sum(rank * live for rank, live in ranks) / total if total else None

    def _ranked(self, code: str) -> str:
        """Return the LSOA whose rank an LSOA has: its own, or that of the one it was split off."""
        if code in self.ranks or code in self.deciles:
            return code
        before = self.changes.get(code, ())
        return before[0][0] if len(before) == 1 else code

    @cached_property
    def _became(self) -> dict[str, list[tuple[str, Fit]]]:
        found: dict[str, list[tuple[str, Fit]]] = defaultdict(list)
        for new, before in self.changes.items():
            for old, fit in before:
                found[old].append((new, fit))
        return dict(found)

    def like(self, code: str) -> list[str]:
        """Return places of the same level and like deprivation, without the place itself.

        LSOAs: of the same decile. Wards: the five nearest by mean rank.
        """
        level = self.level(code)
        if level == Level.LSOA:
            decile = self.decile(code)
            others = [each for each in self.codes(Level.LSOA) if each != code]
            return [each for each in others if decile is not None and self.decile(each) == decile]
        mine = self.rank(code)
        if level != Level.WARD or mine is None:
            return []
        # Of one vintage: a ward that ended is compared with its own time's.
        of = next((each for each in self.ward_vintages if code in self.members.get((Level.WARD, each), ())), "")
        ranks = {each: self.rank(each) for each in self.codes(Level.WARD, of) if each != code}
        near = sorted((abs(rank - mine), each) for each, rank in ranks.items() if rank is not None)
        return [each for _, each in near[:LIKE_WARDS]]

    @cached_property
    def points(self) -> dict[str, tuple[float, float]]:
        """Easting and northing of the middle of each LSOA: the mean of its postcodes' points, in metres."""
        found: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for each in self.located.values():
            if each[_LSOA] and each[_EAST] is not None and each[_NORTH] is not None and not each[_ENDED]:
                found[each[_LSOA]].add((each[_EAST], each[_NORTH]))
        return {
            code: (sum(east for east, _ in at) / len(at), sum(north for _, north in at) / len(at))
            for code, at in found.items()
        }

    @cached_property
    def _tiles(self) -> dict[str, tuple[int, int]]:
        from kingshurst_tui.places.tiles import tiles

        points = self.points
        return tiles({code: at for code in self.codes(Level.LSOA) if (at := points.get(code) or self._about(code))})

    def _about(self, code: str) -> tuple[float, float] | None:
        """Return the middle of the ward, or the borough, of an LSOA of which no postcode is known."""
        ward = self.parent(code, Level.WARD)
        near = (
            [self.points[each] for each in self.children(ward.code, Level.LSOA) if each in self.points] if ward else []
        )
        near = near or list(self.points.values())
        if not near:
            return None
        return sum(east for east, _ in near) / len(near), sum(north for _, north in near) / len(near)

    def tile(self, code: str) -> tuple[int, int] | None:
        """Return the column and row of an LSOA in a grid of tiles; north is row 0, no two are alike."""
        return self._tiles.get(code)

    def tiles(self) -> dict[str, tuple[int, int]]:
        """Return the column and row of every LSOA, once any postcode has a place; see `points` for which are known."""
        return dict(self._tiles)

    def postcode(self, text: str) -> PostcodePlace | None:
        """Return where a postcode lies, however it is written; None where the look-up does not have it."""
        found = self.located.get("".join(text.split()).upper())
        if found is None:
            return None
        each = Located(*found)
        best = self.parent(each.lsoa, Level.WARD) if each.lsoa else None
        return PostcodePlace(
            each.postcode,
            each.lsoa,
            each.ward,
            each.ward_vintage,
            best.code if best else "",
            each.local_authority,
            Fit(each.fit),
            bool(each.straddles),
            each.ended,
            each.local_authority in self.boroughs,
        )

    @cached_property
    def _sectors(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for each in self.located.values():
            found[each[0][:-2]].add(each[_AUTHORITY])
        return dict(found)

    def straddles(self, code: str) -> dict[str, list[str]]:
        """Return the postcode sectors of a place that other boroughs share, with those boroughs' codes."""
        ours = set(self.boroughs)
        own: set[str] = {text[:-2] for text in self.children(code, Level.POSTCODE)} if self.level(code) else set()
        if (found := self.postcode(code)) is not None:
            own = {found.postcode[:-2]}
        across = [sector for sector in sorted(own) if self._sectors.get(sector, set()) & ours]
        shared = {sector: sorted(self._sectors[sector] - ours - {""}) for sector in across}
        return {sector: others for sector, others in shared.items() if others}

    def disagreement(self) -> tuple[int, int]:
        """Return for how many postcodes the ward by point is not the ward by LSOA, and for how many both are known."""
        from kingshurst_tui.places.postcodes import disagreement

        of = self.ward_vintages[0] if self.ward_vintages else ""
        wards = {
            code: up.code for (code, level, vintage), up in self.up.items() if level == Level.WARD and vintage == of
        }
        ours = set(self.boroughs)
        return disagreement(
            ((each[_LSOA], each[_WARD]) for each in self.located.values() if each[_AUTHORITY] in ours), wards
        )

    def comparable(self, before: Vintaged, after: Vintaged) -> Comparable:
        """Say whether figures for a place of one vintage may stand beside those of another."""
        from kingshurst_tui.places.comparable import comparable

        return comparable(self, before, after)

    def lsoas_of(self, codes: Collection[str]) -> list[str]:
        """Return the LSOAs that places of any level consist of, each once."""
        found: dict[str, None] = {}
        for code in codes:
            level = self.level(code)
            if level == Level.LSOA:
                found[code] = None
            elif level is None:
                place = self.postcode(code)
                found |= {place.lsoa: None} if place and place.lsoa else {}
            elif level == Level.OUTPUT_AREA:
                up = self.parent(code, Level.LSOA)
                found |= {up.code: None} if up else {}
            else:
                found |= dict.fromkeys(self.children(code, Level.LSOA))
        return list(found)


_LSOA, _WARD, _AUTHORITY = (Located._fields.index(name) for name in ("lsoa", "ward", "local_authority"))
_EAST, _NORTH, _ENDED = (Located._fields.index(name) for name in ("easting", "northing", "ended"))


def _year(text: str) -> str:
    return text.removeprefix("mid-")


def geography(session: Session) -> Geography:
    """Return the places of the borough; read anew only where another look-up came in.

    Raises: Refused: the role may not read of places.
    """
    from kingshurst_tui.places.reading_geography import of_session

    return of_session(session)
