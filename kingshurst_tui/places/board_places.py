"""What the Board's report says of places: from published cells alone, so that it tells no more than they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kingshurst_tui.clock import plain_date
from kingshurst_tui.leaving.pages import Block, Grid, Listed, Section, Words
from kingshurst_tui.places import between
from kingshurst_tui.places.between import month_in_words
from kingshurst_tui.places.board_words import plainly, together
from kingshurst_tui.places.map_areas import rate_in_words
from kingshurst_tui.places.published import PEOPLES_CONTACTS
from kingshurst_tui.places.vocabulary import MONTH, ORGANISATIONS, Level

if TYPE_CHECKING:
    from kingshurst_tui.places.comparing import Compared
    from kingshurst_tui.places.geography import Geography
    from kingshurst_tui.places.published import PublishedSet
    from kingshurst_tui.places.standing_out import Found
    from kingshurst_tui.session import Session


class OfPlaces(NamedTuple):
    """What the report says of places.

    Attributes:
        points: in short, a sentence each.
    """

    points: tuple[str, ...]
    sections: tuple[Section, ...]


def of_places(session: Session) -> OfPlaces:
    """Return what the report says of places; nothing where nothing of places is held. Raises: Refused."""
    from kingshurst_tui.places.board_maps import maps
    from kingshurst_tui.places.comparing import compare_all
    from kingshurst_tui.places.geography import geography
    from kingshurst_tui.places.one_place import found_code
    from kingshurst_tui.places.published import shown
    from kingshurst_tui.places.standing_out import standing_out

    known = geography(session)
    borough = found_code(known, "") if known.is_known else ""
    if not borough:
        return OfPlaces((), ())
    wards = known.codes(Level.WARD)
    sets = shown(session, [borough, *wards, *known.codes(Level.LSOA)])
    if not sets:
        return OfPlaces((), ())
    whole = compare_all(sets, known, borough)
    of_wards = {ward: compare_all(sets, known, ward) for ward in wards}
    found = standing_out(session)
    title = f"{known.name(borough)} against the year before, and its wards"
    return OfPlaces(
        tuple(_points(whole, of_wards, found, known)),
        (
            Section("Places: what the figures rest on", tuple(_coverage(sets))),
            Section(title, tuple(_wards(whole, of_wards, known))),
            Section("Places that several agencies meet more than their residents explain", tuple(_standing_out(found))),
            Section("Whether agencies' most frequent places are the same", tuple(_same_places(sets, known, borough))),
            Section("Maps", tuple(maps(session, sets, known))),
        ),
    )


def _points(
    whole: Sequence[Compared], of_wards: Mapping[str, Sequence[Compared]], found: Found, known: Geography
) -> Iterator[str]:
    for verdict in ("more", "fewer"):
        if of := [each.title for each in whole if each.change is not None and each.change.verdict == verdict]:
            yield f"Places: in the whole borough {verdict} than in the same months of the year before: {'; '.join(of)}."
    wards = [
        known.name(ward)
        for ward, every in of_wards.items()
        if any(each.borough is not None and each.borough.verdict in ("more", "fewer") for each in every)
    ]
    if wards:
        yield f"Places: wards that clearly differ from the rest of the borough in some data set: {', '.join(wards)}."
    else:
        yield "Places: no ward clearly differs from the rest of the borough."
    if found.rule is not None:
        names = ", ".join(each.name for each in found.places) or "none today"
        yield f"Places where several agencies meet more than residents explain, by the rule in force: {names}."


MOST_GAPS = 5
"""So many organisations' own gaps are told of one data set."""


def _coverage(sets: Sequence[PublishedSet]) -> Iterator[Block]:
    """Yield what each data set speaks for; data sets of which the same is to be said stand together."""
    yield Words(
        "Incidents of people count where each incident's first contact was; counts that a partner sends by area are "
        "as it sends them. Unless a line says otherwise, a source lists only what there was, no noughts. A month that "
        "did not come in whole is not known, and never counted as nought or as few."
    )
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in sets:
        gaps = [f"{month_in_words(month)}: {why}" for month, why in sorted(each.incomplete.items())]
        gaps += [gap.words for _, every in sorted(each.gaps.items()) for gap in every][:MOST_GAPS]
        by_what = "Counts by organisation" if each.leaves in ORGANISATIONS else "Counts by area"
        years = ", ".join(each.periods) if each.span != MONTH else ""
        what = (
            "Incidents of people" if each.kind == PEOPLES_CONTACTS else by_what,
            f"{plainly(each.months[0])} to {plainly(each.months[-1])}" if each.months else years or "none",
            "; ".join(gaps) or "none",
        )
        # How far people's data sets reach stands under Data quality and coverage.
        as_at = f", as at {plain_date(each.drawn_on)}" if each.kind != PEOPLES_CONTACTS and each.drawn_on else ""
        found.setdefault(what, []).append(f"{each.title} ({each.agency_code}){as_at}")
    yield Grid(
        ("Counted", "Months", "Not whole, and why", "Data sets"),
        tuple((*what, "; ".join(titles)) for what, titles in sorted(found.items())),
    )


def _wards(whole: Sequence[Compared], of_wards: Mapping[str, Sequence[Compared]], known: Geography) -> Iterator[Block]:
    from kingshurst_tui.places.comparing import CANNOT_TELL, MANY

    yield Words(
        "Counted: over the newest whole months, 12 at most; as cells are rounded or hidden, between which two numbers. "
        "Rate: for every 1,000 residents in a year, as an interval. Beside the year before: the same months of it. "
        "More or fewer is said only where the 95 per cent interval, rounding and hiding in it, lies on one side; else "
        f"there is no clear difference. {MANY}"
    )
    told = [each for each in whole if each.change is not None and each.change.verdict != CANNOT_TELL]
    rows = [
        (
            f"{each.title} ({each.agency_code})",
            f"{between.in_words(each.count)} in {_span(each.months)}" if each.count else "",
            rate_in_words(each.rate.low, each.rate.high) if each.rate and each.rate.high is not None else "not told",
            _short(each.change.words) if each.change else "",
        )
        for each in told
    ]
    if rows:
        yield Grid(("Data set", "Counted", "Rate", "Beside the year before"), tuple(rows))
    if untold := [each.title for each in whole if each not in told]:
        yield Words(f"Of the borough nothing can be told, or not for both years: {'; '.join(untold)}.")
    rows = []
    for ward, every in of_wards.items():
        for each in every:
            beside = (each.borough, each.like, each.change)
            differs = [ratio.words for ratio in beside if ratio is not None and ratio.verdict in ("more", "fewer")]
            if differs and each.count is not None:
                counted = f"{between.in_words(each.count)} in {_span(each.months)}"
                rows.append((known.name(ward), f"{each.title} ({each.agency_code})", counted, "\n".join(differs)))
    if rows:
        yield Grid(("Ward", "Data set", "Counted", "What differs clearly"), tuple(rows))
    else:
        yield Words("No ward differs clearly from the rest of the borough, from wards like it or from the year before.")


def _span(months: Sequence[str]) -> str:
    first, last = month_in_words(months[0]), month_in_words(months[-1])
    return first if first == last else f"{len(months)} months, {first} to {last}"


def _short(words: str) -> str:
    """Return a ratio's words without what the column's name says."""
    return words.partition(": ")[2].rstrip(".") or words


def _standing_out(found: Found) -> Iterator[Block]:
    # By which rule, its source and what it cannot show come first: each place says only its own.
    yield Listed(found.said)
    points = [
        f"{each.words} {each.since_words} {' '.join(one.words for one in each.evidence)} {each.clears}"
        for each in found.places
    ]
    yield Listed(tuple(points)) if points else Words("None stands out today.")
    if found.cleared:
        yield Words("Cleared within the last year:")
        yield Listed(tuple(each.words for each in found.cleared))


def _same_places(sets: Sequence[PublishedSet], known: Geography, borough: str) -> Iterator[Block]:
    from kingshurst_tui.places.place_overlap import DEFINED, of_sets

    yield Words(DEFINED)
    rows, untold = [], []
    for each in of_sets(sets, known, borough):
        title = f"{each.title} ({each.agency_code})"
        for group in each.groups:
            names = ", ".join(known.name(code) for code in group.surely)
            if group.surely or group.demand is not None:
                rows.append((title, f"{group.percent} %", group.words, names or "none"))
            else:
                untold.append((title, f"{group.percent} %: {group.words}"))
    if rows:
        yield Grid(("Data set", "Most frequent", "What can be told", "Surely among them"), tuple(rows))
    every = {title for title, _ in untold} | {row[0] for row in rows}
    points = []
    for why, titles in together(untold):
        points.append(f"{why}: {'; '.join(titles) if set(titles) != every else 'every data set'}.")
    if points:
        yield Listed(tuple(points))
