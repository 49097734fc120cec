"""What the lines of the place screen say, and what explains each; plain words and plain pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import some
from kingshurst_tui.interval_bars import LEGEND as BAR_LEGEND
from kingshurst_tui.interval_bars import ratio_bar
from kingshurst_tui.places.between import chosen, in_words, month_in_words
from kingshurst_tui.places.comparing import MANY, NO_DIFFERENCE
from kingshurst_tui.places.intervals import NOT_TELLING
from kingshurst_tui.places.postcode_years import DEFINED
from kingshurst_tui.places.published import AREA_EXTRACT, months_back
from kingshurst_tui.places.vocabulary import ALL, HIDDEN, MONTH, NOT_KNOWN, Level
from screens.widgets.facts import Fact
from screens.widgets.heat_strip import LEGEND, ruler, strip
from screens.widgets.small_multiples import Panel
from screens.widgets.tile_map import HIDDEN_TILE, UNKNOWN_TILE, Tile, fifths
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.places.comparing import Compared, Ratio
    from kingshurst_tui.places.map_areas import Area
    from kingshurst_tui.places.one_place import OnePlace
    from kingshurst_tui.places.postcode_years import PostcodeYears
    from kingshurst_tui.places.published import PublishedSet, Range

Facts = Iterable[Fact]

STRIP: Final = 24
"""Months in the strip of one line."""
PICTURED: Final = 48
"""Months in a picture at most; the newest that fit are drawn."""
MOST_PICTURES: Final = 24

COUNTED: Final[tuple[Fact, ...]] = (
    ("Counted", "over the newest months that are known, 12 where there are as many; whole quarters where months hide"),
    ("Months", LEGEND),
    ("Borough", "its count for each resident beside that of the rest of the borough"),
    ("Like", "the same beside places of like deprivation"),
    ("A year", "the same months beside those of the year before"),
    ("", "more, fewer: the whole 95 % interval says so · — no clear difference · empty: cannot be told"),
)
"""What the columns of the first part are."""


def months_of(shown: OnePlace) -> tuple[str, ...]:
    """Return the months that strips show, oldest first: all end with the newest that any data set has here."""
    newest = max((each.months[-1] for each in shown.sets if each.months), default="")
    return tuple(months_back(newest, STRIP)) if newest else ()


def of_sets(shown: OnePlace, months: Sequence[str]) -> Iterator[Row]:
    """Return a line for each data set under its agency, the months over them; last what is not known here."""
    if shown.level is Level.POSTCODE:
        yield from _of_postcode(shown)
        return
    if months:
        yield Row("", ("", "", ruler(months, STRIP), "", "", ""), quiet=True)
    pairs = sorted(zip(shown.sets, shown.compared, strict=True), key=lambda pair: (_is_unknown(pair[1]), _agency(pair)))
    heading = None
    for each, compared in pairs:
        here = "Not known here" if _is_unknown(compared) else each.agency_name
        if here != heading:
            heading = here
            yield Row(f"heading:{here}", (here, "", "", "", "", ""), heading=True)
        yield _of_set(each, compared, shown, months)


def _of_postcode(shown: OnePlace) -> Iterator[Row]:
    yield Row("", ("", "newest year", "by calendar year", "", "", ""), quiet=True)
    for each in sorted(shown.postcode, key=lambda one: (one.agency_name, one.title)):
        newest = each.newest
        years = "  ".join(f"{year.year} {figure(year.shown) if year.shown else 'hidden'}" for year in each.years[-2:])
        yield Row(f"heading:{each.agreement_ref}", (each.agency_name, "", "", "", "", ""), heading=True)
        yield Row(
            each.agreement_ref,
            (f" {each.title}", figure(newest.shown) if newest else "hidden", years, "", "", ""),
            quiet=newest is None,
            reference=each.agreement_ref,
        )
    finer = {each.agreement_ref for each in shown.postcode}
    if any(each.agreement_ref not in finer for each in shown.sets):
        yield Row("heading:larger", ("Not shared by postcode: u shows its LSOA", "", "", "", "", ""), heading=True)


def _of_set(each: PublishedSet, compared: Compared, shown: OnePlace, months: Sequence[str]) -> Row:
    title, window, code = each.title, months, shown.code
    if not any(count != NOT_KNOWN for count in _counts_of(each, code, months, shown.area)) and compared.months:
        window = months_back(compared.months[-1], STRIP)
        title = f"to {month_in_words(compared.months[-1])}: {title}"
    return Row(
        each.agreement_ref,
        (
            f" {title}",
            figure(compared.count),
            strip(_counts_of(each, code, window, shown.area), STRIP) if each.span == MONTH else BY_YEAR,
            verdict(compared.borough),
            verdict(compared.like),
            verdict(compared.change),
        ),
        quiet=compared.count is None,
        reference=each.agreement_ref,
    )


BY_YEAR: Final = "counted by the year"


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
    if shown.level is Level.POSTCODE:
        yield from _about_postcode(shown, key)
        return
    if of is None:
        for said in shown.about:
            yield "", said
        yield from COUNTED
        yield "", MANY
        return
    compared = next(each for each in shown.compared if each.agreement_ref == key)
    for said in compared.words:
        yield "", said
    told = (("Borough", compared.borough), ("Like places", compared.like), ("A year", compared.change))
    drawn = [(label, ratio) for label, ratio in told if ratio is not None and ratio.high is not None]
    for label, ratio in drawn:
        if ratio.high is not None:
            # The middle of what is told says nothing of a hidden count: that of the interval stands for it.
            middle = (ratio.low * ratio.high) ** 0.5 if ratio.ratio is None else ratio.ratio
            yield label, ratio_bar(middle, ratio.low, ratio.high)
    if drawn:
        yield "", BAR_LEGEND
    yield from _what_it_is(of, compared)


def _about_postcode(shown: OnePlace, key: str) -> Iterator[Fact]:
    years = next((each for each in shown.postcode if each.agreement_ref == key), None)
    if years is not None:
        yield from facts_of_postcode(years)
        return
    for said in shown.about:
        yield "", said
    yield "", DEFINED
    if not shown.postcode:
        yield "", "No partner shares counts by postcode: u shows the LSOA."


def facts_of_postcode(of: PostcodeYears) -> Iterator[Fact]:
    """Return what explains the years of one postcode in one data set."""
    yield "", f"{of.title} ({of.agency_name}), {of.postcode}:"
    for each in of.years:
        beside = f", of {in_words(each.lsoa)} in its LSOA" if each.lsoa is not None else ""
        yield each.year, (in_words(each.shown) if each.shown is not None else "hidden") + beside
    if not of.years:
        yield "", "No whole calendar year has come in."
    yield "Unit", f"counts as the partner sends them; under {of.under} hidden, others rounded to {of.base}"
    yield "Published", plain_date(of.made_at[:10])
    yield "", DEFINED


def _what_it_is(of: PublishedSet, compared: Compared) -> Iterator[Fact]:
    unit = "counts as the partner sends them" if of.kind == AREA_EXTRACT else "distinct incidents behind contacts"
    yield "Unit", f"{unit}; under {of.under} hidden, nought too, others rounded to {of.base}"
    drawn = f"drawn on {plain_date(of.drawn_on)}, " if of.drawn_on else ""
    yield "As at", f"{drawn}published on {plain_date(of.made_at[:10])}" if of.made_at else "not kept"
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


def small_multiples(shown: OnePlace, key: str) -> list[Panel]:
    """Return a picture for each category of a data set; where the key names none, one for each data set."""
    of, together = set_named(shown, key), in_area(shown.area) if shown.area else "all together"
    if of is None:
        known = [pair for pair in zip(shown.sets, shown.compared, strict=True) if _any_shown(pair[0], shown)]
        return [_panel(each, shown, None, f"{each.agency_code} {each.title}") for each, _ in sorted(known, key=_agency)]
    months = of.months[-PICTURED:]
    every = [of.categories[number] for number in chosen(of, area=shown.area)] if shown.area else of.categories[1:]
    counts = {each: _counts(of, shown.code, months, each) for each in every}
    seen = [each for each in every if any(count >= 0 for count in counts[each])]
    # All together come first, then the most frequent.
    seen.sort(key=lambda each: (-sum(max(count, 0) for count in counts[each]), each))
    first = [_panel(of, shown, None, together)]
    return [*first, *(_panel(of, shown, each, each) for each in seen[: MOST_PICTURES - 1])]


def hidden_in_words(shown: OnePlace, key: str) -> str:
    """Return what is not pictured because no month of it is shown."""
    of, pictured = set_named(shown, key), len(small_multiples(shown, key))
    if of is None:
        left, one, more = len(shown.sets) - pictured, "data set", "data sets"
    else:
        every = len(chosen(of, area=shown.area)) if shown.area else len(of.categories) - 1
        left, one, more = every - (pictured - 1), "category", "categories"
    return f"{some(left, one, more)} more: no month shown" if left else ""


def _any_shown(of: PublishedSet, shown: OnePlace) -> bool:
    return any(count >= 0 for count in _counts_of(of, shown.code, of.months[-PICTURED:], shown.area))


def _panel(of: PublishedSet, shown: OnePlace, category: str | None, title: str) -> Panel:
    # A month that never came in whole is not among the published ones; its column stands all the same.
    months = months_back(of.months[-1], PICTURED) if of.months else []
    months = [month for month in months if month >= min(of.months)]
    of_all = category is None
    counts = (
        _counts_of(of, shown.code, months, shown.area) if of_all else _counts(of, shown.code, months, category or ALL)
    )
    highest = max(counts, default=0)
    top = f"to about {highest:,} a month" if highest > 0 else "no month is shown"
    return Panel(title, top, tuple(months), tuple(counts))


def _counts(of: PublishedSet, code: str, months: Sequence[str], category: str = ALL) -> list[int]:
    return [NOT_KNOWN if month in of.incomplete else of.cell(code, month, category) for month in months]


def _counts_of(of: PublishedSet, code: str, months: Sequence[str], area: str) -> list[int]:
    """Return the counts of a priority area's categories together, of all where it names none."""
    if not area:
        return _counts(of, code, months)
    every = [_counts(of, code, months, of.categories[number]) for number in chosen(of, area=area)]
    if not every:
        return [NOT_KNOWN] * len(months)
    return [min(counts) if min(counts) < 0 else sum(counts) for counts in zip(*every, strict=True)]


def in_area(area: str) -> str:
    """Return a priority area in words.

    Example:
        >>> in_area("anti-social-behaviour"), in_area("hate-crime")
        ('anti-social behaviour', 'hate crime')
    """
    return area.replace("-", " ").replace("anti social", "anti-social")


def set_named(shown: OnePlace | None, key: str) -> PublishedSet | None:
    """Return the data set of that reference; None where the key names none of them."""
    if shown is None:
        return None
    return next((each for each in shown.sets if each.agreement_ref == key), None)


def first_set(shown: OnePlace | None) -> PublishedSet | None:
    """Return the data set of which most is told here; None where nothing is of any."""
    if shown is not None and shown.level is Level.POSTCODE:
        finest = {each.agreement_ref for each in shown.postcode}
        return next((each for each in shown.sets if each.agreement_ref in finest), next(iter(shown.sets), None))
    pairs = zip(shown.sets, shown.compared, strict=True) if shown is not None else ()
    known = [(compared.count.low, each) for each, compared in pairs if compared.count is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


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
