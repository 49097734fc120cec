"""What the lines of the place screen say, and what explains each; plain words and plain pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from kingshurst_tui.interval_bars import LEGEND as BAR_LEGEND
from kingshurst_tui.interval_bars import ratio_bar
from kingshurst_tui.places import forecast_record, standing_out
from kingshurst_tui.places.between import month_in_words
from kingshurst_tui.places.comparing import MANY, NO_DIFFERENCE
from kingshurst_tui.places.intervals import NOT_TELLING
from kingshurst_tui.places.published import months_back
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, NOT_KNOWN
from screens.widgets.facts import Fact
from screens.widgets.heat_strip import LEGEND, ruler, strip
from screens.widgets.month_picture import HIDDEN as HIDDEN_COUNT
from screens.widgets.month_picture import MonthRow
from screens.widgets.tile_map import HIDDEN_TILE, UNKNOWN_TILE, Tile, fifths
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.places.comparing import Compared, Ratio
    from kingshurst_tui.places.forecast_record import Kept, Record
    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.one_place import OnePlace
    from kingshurst_tui.places.published import PublishedSet, Range
    from kingshurst_tui.places.standing_out import Found, StandingOut

Facts = Iterable[Fact]

STRIP: Final = 24
"""Months in the strip of one line."""
PICTURED: Final = 24
"""Months in the picture of a data set's categories; a wide terminal shows them all."""
MOST_CATEGORIES: Final = 12


def months_of(shown: OnePlace) -> tuple[str, ...]:
    """Return the months that strips show, oldest first: all end with the newest that any data set has here."""
    newest = max((each.months[-1] for each in shown.sets if each.months), default="")
    return tuple(months_back(newest, STRIP)) if newest else ()


def of_sets(shown: OnePlace, months: Sequence[str]) -> Iterator[Row]:
    """Return a line for each data set under its agency, the months over them; last what is not known here."""
    if months:
        yield Row("", ("", "", ruler(months, STRIP), "", "", ""), quiet=True)
    pairs = sorted(zip(shown.sets, shown.compared, strict=True), key=lambda pair: (_is_unknown(pair[1]), _agency(pair)))
    heading = None
    for each, compared in pairs:
        here = "Not known here" if _is_unknown(compared) else each.agency_name
        if here != heading:
            heading = here
            yield Row(f"heading:{here}", (here, "", "", "", "", ""), heading=True)
        yield _of_set(each, compared, shown.code, months)


def _of_set(each: PublishedSet, compared: Compared, code: str, months: Sequence[str]) -> Row:
    title, window = each.title, months
    if not any(count != NOT_KNOWN for count in _counts(each, code, months)) and compared.months:
        window = months_back(compared.months[-1], STRIP)
        title = f"to {month_in_words(compared.months[-1])}: {title}"
    return Row(
        each.agreement_ref,
        (
            f" {title}",
            figure(compared.count),
            strip(_counts(each, code, window), STRIP),
            verdict(compared.borough),
            verdict(compared.like),
            verdict(compared.change),
        ),
        quiet=compared.count is None,
        reference=each.agreement_ref,
    )


def _is_unknown(compared: Compared) -> bool:
    return compared.count is None


def _agency(pair: tuple[PublishedSet, Compared]) -> tuple[str, str]:
    return pair[0].agency_name, pair[0].title


def figure(told: Range | None) -> str:
    """Return a count as it may be told in one cell.

    Example:
        >>> from kingshurst_tui.places.published import Range
        >>> figure(None), figure(Range(0, None)), figure(Range(118, 122)), figure(Range(40, None))
        ('?', 'hidden', '118–122', '40 or more')
    """
    if told is None:
        return "?"
    if told.high is None:
        return f"{told.low:,} or more" if told.low else "hidden"
    return f"{told.low:,}–{told.high:,}" if told.low != told.high else f"{told.low:,}"


def verdict(ratio: Ratio | None) -> str:
    """Return the one word that an interval allows: a dash for no difference, nothing where it cannot tell."""
    if ratio is None or (ratio.low <= 0 and ratio.high is None):
        return ""
    return "—" if ratio.verdict == NO_DIFFERENCE else ratio.verdict


def facts_of_set(shown: OnePlace, key: str) -> Iterator[Fact]:
    """Return what explains one data set at this place."""
    of = set_named(shown, key)
    if of is None:
        for said in shown.about:
            yield "", said
        yield "", MANY
        yield "Signs", LEGEND
        return
    compared = next(each for each in shown.compared if each.agreement_ref == key)
    for said in compared.words:
        yield "", said
    for label, ratio in (("Borough", compared.borough), ("Like places", compared.like), ("A year", compared.change)):
        if ratio is not None and ratio.high is not None:
            # The middle of what is told says nothing of a hidden count: that of the interval stands for it.
            middle = (ratio.low * ratio.high) ** 0.5 if ratio.ratio is None else ratio.ratio
            yield label, ratio_bar(middle, ratio.low, ratio.high)
    yield "", BAR_LEGEND
    yield from _what_it_is(of, compared)


def _what_it_is(of: PublishedSet, compared: Compared) -> Iterator[Fact]:
    yield "Counts", f"{of.kind}; under {of.under} hidden, others rounded to {of.base}"
    if of.positive_only:
        yield "Nought", "this source lists only counts above nought: a month without any may be nought or not collected"
    for month, why in sorted(of.incomplete.items()):
        yield "? Incomplete", f"{month_in_words(month)}: {why}"
    if compared.dispersion == NOT_TELLING:
        yield "Spread", "too little is shown to tell how counts cluster: intervals take twice what chance alone has"
    elif compared.dispersion > 1:
        yield "Spread", f"months vary {compared.dispersion:.1f} times as much as chance alone: the intervals say so"
    yield "", MANY
    yield "Months", LEGEND


def small_multiples(shown: OnePlace, key: str) -> tuple[date | None, list[MonthRow]]:
    """Return the newest months of each category of a data set, and the first of them; None where there is no set."""
    of = set_named(shown, key)
    if of is None or not of.months:
        return None, []
    # A month that never came in whole is not among the published ones; its column stands all the same.
    months = months_back(of.months[-1], PICTURED)
    first = date(int(months[0][:4]), int(months[0][5:]), 1)
    every = [each for each in of.categories if _is_seen(of, shown.code, each, months)][: MOST_CATEGORIES + 1]
    return first, [
        MonthRow("all" if category == ALL else category, tuple(_pictured(of, shown.code, months, category)))
        for category in every
    ]


def _is_seen(of: PublishedSet, code: str, category: str, months: Sequence[str]) -> bool:
    return category == ALL or any(of.cell(code, month, category) >= 0 for month in months)


def _pictured(of: PublishedSet, code: str, months: Sequence[str], category: str) -> Iterator[int | None]:
    for count in _counts(of, code, months, category):
        yield None if count == NOT_KNOWN else HIDDEN_COUNT if count == HIDDEN else count


def _counts(of: PublishedSet, code: str, months: Sequence[str], category: str = ALL) -> list[int]:
    return [NOT_KNOWN if month in of.incomplete else of.cell(code, month, category) for month in months]


def set_named(shown: OnePlace | None, key: str) -> PublishedSet | None:
    """Return the data set of that reference; None where the key names none of them."""
    if shown is None:
        return None
    return next((each for each in shown.sets if each.agreement_ref == key), None)


def first_set(shown: OnePlace | None) -> PublishedSet | None:
    """Return the data set of the first line; None where none is known here."""
    pairs = zip(shown.sets, shown.compared, strict=True) if shown is not None else ()
    known = [pair for pair in pairs if not _is_unknown(pair[1])]
    return min(known, key=_agency)[0] if known else None


# --- the map --------------------------------------------------------------------------------------------------


def tiles(areas: Sequence[Area], inside: set[str]) -> list[Tile]:
    """Return the tiles of the areas, each with the sign of its fifth."""
    signs = fifths({area.code: area.rate for area in areas if area.rate is not None})
    return [
        Tile(
            area.code,
            area.column,
            area.row,
            signs.get(area.code, HIDDEN_TILE if area.state == HIDDEN else UNKNOWN_TILE),
            area.code in inside,
        )
        for area in areas
    ]


def tile_words(area: Area, of: PublishedSet) -> str:
    """Return what is told of one area."""
    beside = f": {area.beside} than the rest" if area.beside in ("more", "fewer") else ""
    return f"{area.name} ({area.code}): {of.title}: {area.words}{beside}"


# --- what stands out, and what is expected ---------------------------------------------------------------------


def _stands_out(found: Found) -> list[tuple[Row, Facts]]:
    """Return a line for each place that stands out, with its evidence and what would clear it."""
    drawn: list[tuple[Row, Facts]] = []
    for each in found.places:
        least = min(part.low for part in each.evidence)
        row = Row(each.code, (each.name, ", ".join(each.agencies), f"{least:.1f} ×"), reference=each.code)
        drawn.append((row, tuple(_of_standing_out(each, found))))
    if not drawn:
        drawn.append((Row("", ("No place stands out.", "", ""), quiet=True), tuple(("", said) for said in found.said)))
    return drawn


def _of_standing_out(each: StandingOut, found: Found) -> Iterator[Fact]:
    yield "", each.words
    for part in each.evidence:
        yield part.agency_code, part.words
    yield "Would clear it", each.clears
    if found.rule is not None:
        yield "Rule", f"{found.rule.name}: {found.rule.in_words()}"
        yield "Source", f"{found.rule.source}: {found.rule.source_says}"
    for said in found.said:
        yield "", said


def _ahead(record: Record) -> list[tuple[Row, Facts]]:
    """Return a line for each month to come, then for each that came, with how the method had done by then."""
    drawn: list[tuple[Row, Facts]] = []
    for heading, months in (("Months to come", record.ahead), ("What was expected, and what came", record.past)):
        if months:
            said: Facts = tuple(("", words) for words in record.said)
            drawn.append((Row(f"heading:{heading}", (heading, "", "", ""), heading=True), said))
        for each in months:
            key = f"{each.agreement_ref}/{each.category}/{each.month}/{each.ahead}/{each.known_to}"
            by = "a model" if each.beats else "the plain figure"
            # What tells lines of one data set apart comes first: a narrow terminal cuts the end.
            title = f" {each.category or 'all'}: {each.title}"
            row = Row(key, (title, month_in_words(each.month), _expected(each), by))
            drawn.append((row, tuple(_of_month(each, record))))
    if not drawn:
        drawn.append((Row("", ("Nothing is expected.", "", "", ""), quiet=True), tuple(("", w) for w in record.said)))
    return drawn


def _expected(each: Kept) -> str:
    if each.expected == HIDDEN:
        return "hidden"
    if not each.beats or each.high == NOT_KNOWN:
        return f"about {each.expected:,}"
    low = "#" if each.low == HIDDEN else f"{each.low:,}"
    return f"about {each.expected:,} ({low}–{each.high:,})"


def _of_month(each: Kept, record: Record) -> Iterator[Fact]:
    yield "", each.words
    yield "Made", f"{each.ahead} months ahead, knowing {month_in_words(each.known_to)} and before, by {each.method}"
    if each.inside is not None:
        yield "Held", "it lies in the interval" if each.inside else "✗ it does not lie in the interval"
    for said in (*each.account, *record.said):
        yield "", said


READS: Final[dict[str, Callable[..., Any]]] = {
    "standing-out": lambda session, code: standing_out.standing_out(session),
    "ahead": forecast_record.of_place,
}
"""What each part asks for, of a place."""

DRAWS: Final[dict[str, Callable[[Any], list[tuple[Row, Facts]]]]] = {"standing-out": _stands_out, "ahead": _ahead}
"""What draws it."""
