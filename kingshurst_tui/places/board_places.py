"""What the Board's report says of places: from published cells alone, so that it tells no more than they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.pages import Block, Grid, Listed, Section, Words
from kingshurst_tui.places.vocabulary import Level

if TYPE_CHECKING:
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.session import Session


def sections(session: Session) -> tuple[Section, ...]:
    """Return the sections about places; none where nothing of places is held. Raises: Refused."""
    from kingshurst_tui.places.board_maps import maps
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
        Section("Maps", tuple(maps(session, sets, known))),
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
