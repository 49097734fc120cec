"""What the Board's report says of places: from published cells alone, so that it tells no more than they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.pages import Block, Grid, Listed, Map, Section, Shape, Words
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.one_place import Area
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session

SHADES = 5
MAPPED = 3
"""Maps of as many data sets at most: those with most LSOAs of which something may be told."""
_FRAME = 0.02


def sections(session: Session) -> tuple[Section, ...]:
    """Return the sections about places; none where nothing of places is held. Raises: Refused."""
    from kingshurst_tui.places.geography import geography
    from kingshurst_tui.places.one_place import found_code
    from kingshurst_tui.places.published import shown

    known = geography(session)
    borough = found_code(known, "") if known.is_known else ""
    if not borough:
        return ()
    wards = known.codes(Level.WARD)
    sets = shown(session, [borough, *wards, *known.codes(Level.LSOA)])
    if not sets:
        return ()
    return (
        Section("Places: what the figures rest on", (_coverage(sets),)),
        Section(f"{known.name(borough)} against the year before, and its wards", tuple(_wards(sets, known, borough))),
        Section("Places that several agencies meet more than their residents explain", tuple(_standing_out(session))),
        Section("Whether agencies' most frequent places are the same", tuple(_same_places(sets, known, borough))),
        Section("Maps", tuple(_maps(session, sets, known))),
    )


def _coverage(sets: Sequence[PublishedSet]) -> Grid:
    return Grid(
        ("Data set", "Agency", "What it is", "Months", "Incomplete months"),
        tuple(
            (
                each.title,
                each.agency_code,
                each.kind + (", lists only counts above nought" if each.positive_only else ""),
                f"{each.months[0]} to {each.months[-1]}" if each.months else "none",
                "; ".join(f"{month}: {why}" for month, why in sorted(each.incomplete.items())) or "none",
            )
            for each in sets
        ),
    )


def _wards(sets: Sequence[PublishedSet], known: Geography, borough: str) -> Iterator[Block]:
    from kingshurst_tui.places.comparing import CANNOT_TELL, MANY, compare_all

    yield Words(
        "More or fewer is said only where the 95 per cent interval, rounding and hiding in it, lies on one side; else "
        f"there is no clear difference. Rates are of residents. {MANY}"
    )
    whole = [(each.title, each.change) for each in compare_all(sets, known, borough)]
    told = [(title, ratio.words) for title, ratio in whole if ratio is not None and ratio.verdict != CANNOT_TELL]
    if told:
        yield Grid(("Data set", "The borough against the year before"), tuple(told))
    named = {title for title, _ in told}
    if untold := [title for title, _ in whole if title not in named]:
        yield Words(f"Of the borough nothing can be told, or not for both years: {'; '.join(untold)}.")
    rows = []
    for ward in known.codes(Level.WARD):
        for each in compare_all(sets, known, ward):
            beside = (each.borough, each.like, each.change)
            differs = [ratio.words for ratio in beside if ratio is not None and ratio.verdict in ("more", "fewer")]
            rows += [(known.name(ward), each.title, " ".join(differs))] if differs else []
    if rows:
        yield Grid(("Ward", "Data set", "What differs clearly"), tuple(rows))
    else:
        yield Words("No ward differs clearly from the rest of the borough, from wards like it or from the year before.")


def _standing_out(session: Session) -> Iterator[Block]:
    from kingshurst_tui.places.standing_out import standing_out

    found = standing_out(session)
    if found.rule is not None:
        yield Words(found.rule.in_words())
    points = [
        f"{each.words} {each.since_words} {' '.join(one.words for one in each.evidence)} {each.clears}"
        for each in found.places
    ]
    yield Listed(tuple(points)) if points else Words("None stands out today.")
    if found.cleared:
        yield Words("Cleared within the last year:")
        yield Listed(tuple(each.words for each in found.cleared))
    yield Listed(found.said)


def _same_places(sets: Sequence[PublishedSet], known: Geography, borough: str) -> Iterator[Block]:
    from kingshurst_tui.places.place_overlap import DEFINED, of_sets

    yield Words(DEFINED)
    rows = []
    for each in of_sets(sets, known, borough):
        for group in each.groups:
            names = ", ".join(known.name(code) for code in group.surely)
            rows.append((f"{each.title} ({each.agency_code})", f"{group.percent} %", group.words, names or "none"))
    yield Grid(("Data set", "Most frequent", "What can be told", "Surely among them"), tuple(rows))


def _maps(session: Session, sets: Sequence[PublishedSet], known: Geography) -> Iterator[Block]:
    from kingshurst_tui.places.one_place import areas

    yield Words(
        "LSOAs by what is told of their counts for every thousand residents in a year, in five groups of like size. "
        "The squares of the first map each stand for one LSOA, as near to its place as fits; the second has each "
        "postcode where it lies, shaded by its LSOA: boundaries are not held here."
    )
    found = [(each, areas(session, each.agreement_ref)) for each in sets]
    found.sort(key=lambda one: (-sum(area.rate is not None for area in one[1]), one[0].agreement_ref))
    drawn = [(each, of) for each, of in found[:MAPPED] if any(area.rate is not None for area in of)]
    if not drawn:
        yield Words("No data set has enough LSOAs of which anything may be told.")
    for each, of in drawn:
        shades, legend = _shades(of)
        yield _tiles(f"{each.title} ({each.agency_code}), each LSOA a square", of, shades, legend)
        by_postcode = _by_postcode(f"{each.title} ({each.agency_code}), where postcodes lie", of, shades, legend, known)
        if by_postcode is not None:
            yield by_postcode


def _shades(of: Sequence[Area]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the shade of each LSOA that has a rate, and what each shade means."""
    rates = sorted(area.rate for area in of if area.rate is not None)
    edges = [rates[min(len(rates) * step // SHADES, len(rates) - 1)] for step in range(1, SHADES)]
    shades = {area.code: sum(area.rate >= edge for edge in edges) for area in of if area.rate is not None}
    steps = [f"{edge:,.0f}" for edge in edges]
    legend = (f"under {steps[0]}", *(f"{a} to {b}" for a, b in pairwise(steps)), f"{steps[-1]} on")
    return shades, legend


def _tiles(title: str, of: Sequence[Area], shades: dict[str, int], legend: tuple[str, ...]) -> Map:
    columns = max(area.column for area in of) + 1
    rows = max(area.row for area in of) + 1
    side = (1 - 2 * _FRAME) / columns
    shapes = tuple(
        Shape(((_FRAME + area.column * side, _FRAME + area.row * side),), shades.get(area.code), area.name, area.words)
        for area in of
    )
    return Map(title, shapes, side * 0.94, rows * side + 2 * _FRAME, legend)


def _by_postcode(
    title: str, of: Sequence[Area], shades: dict[str, int], legend: tuple[str, ...], known: Geography
) -> Map | None:
    """Return every postcode in use where its centre lies, as the look-up has it; None where it has none."""
    points = points_of(known)
    flat = [point for area in of for point in points.get(area.code, ())]
    if not flat:
        return None
    west, east = min(x for x, _ in flat), max(x for x, _ in flat)
    south, north = min(y for _, y in flat), max(y for _, y in flat)
    wide = max(east - west, 1) / (1 - 2 * _FRAME)
    shapes = tuple(
        Shape(
            tuple((_FRAME + (x - west) / wide, _FRAME + (north - y) / wide) for x, y in points.get(area.code, ())),
            shades.get(area.code),
            area.name,
            area.words,
        )
        for area in of
        if points.get(area.code)
    )
    side = min(max(0.35 / len(flat) ** 0.5, 0.005), 0.02)
    return Map(title, shapes, side, (north - south) / wide + 2 * _FRAME, legend, numbered=False)


def points_of(known: Geography) -> dict[str, list[tuple[int, int]]]:
    """Return eastings and northings of the postcodes in use, by LSOA; in metres, one a place where several share it."""
    from kingshurst_tui.places.geography import Located

    found: dict[str, set[tuple[int, int]]] = {}
    for row in known.located.values():
        each = Located(*row)
        if each.lsoa and not each.ended and each.easting is not None and each.northing is not None:
            found.setdefault(each.lsoa, set()).add((each.easting, each.northing))
    return {code: sorted(points) for code, points in found.items()}
