"""The sections of the Board's report about people, panels and data: what each shows, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.pages import Block, Facts, Grid, Interval, Intervals, Listed, Section, Words
from kingshurst_tui.leaving.suppression import HIDDEN
from kingshurst_tui.places.board_activity import TOO_FEW
from kingshurst_tui.places.board_words import area_in_words, plainly, table, together

if TYPE_CHECKING:
    from kingshurst_tui.learning.overlap import AgencyOverlap, Group, Overlap
    from kingshurst_tui.learning.overlap_told import Figure
    from kingshurst_tui.learning.repeat_demand import Demand, Trend
    from kingshurst_tui.learning.what_works import Row, WhatWorks
    from kingshurst_tui.places.board_report import BoardFigures

_NOTHING = Words("Nothing to tell: no agency met enough people.")
_SMALL = "hidden: fewer than 10 people"


def sections(figures: BoardFigures) -> Iterator[Section]:
    """Yield the report's sections in the order in which they are read."""
    yield Section("In short", tuple(_in_short(figures)))
    yield Section("Repeat demand: baseline and trend", tuple(_demand(figures.demand, len(figures.data_sets))))
    whole = figures.overlap[0]
    yield Section(
        "Whether the most frequent people are the same across agencies",
        (
            Words(f"{whole.period.words}, all priority areas."),
            Listed(whole.said),
            _premise(whole),
            *_overlap(whole, with_each=True),
            Words("Already known"),
            Words(figures.known_before.words),
        ),
    )
    for each in figures.overlap[1:]:
        title = f"The same for {area_in_words(each.area)}"
        yield Section(title, tuple(_overlap(each, with_each=False)) or (_NOTHING,))
    yield from figures.places.sections
    activity = figures.activity
    yield Section(
        "What the panels did",
        (Words(activity.said), Facts(activity.counts), table("Actions", activity.actions_head, activity.actions)),
    )
    yield Section(
        "Decisions by lead agency",
        (
            Words(
                "Standing decisions, by the agency that the panel asked to lead, since the first panel. One agency may "
                "be left out: hidden."
            ),
            table("Decisions by lead agency", ("Lead agency", "Decisions"), activity.leads),
        ),
    )
    yield Section("What followed decisions", tuple(_followed(figures.works)))
    yield Section("Data quality and coverage", tuple(_data_sets(figures)))


def _in_short(figures: BoardFigures) -> Iterator[Block]:
    """Yield what somebody with a minute reads; each point says no more than the section that it is of."""
    yield Listed(tuple(_points(figures)))
    if figures.agencies:
        yield Words("Agencies by their codes")
        yield Facts(tuple(sorted(figures.agencies.items())))


def _points(figures: BoardFigures) -> Iterator[str]:
    clear = [each for each in figures.demand.agencies if each.ratio is not None]
    for verdict in ("more", "fewer"):
        if of := [each.title for each in clear if each.words.endswith(f"{verdict} than a year before")]:
            yield f"Repeat demand: {verdict} than a year before at {', '.join(of)}."
    if alike := [each.title for each in clear if each.words.endswith("no clear difference")]:
        yield f"Repeat demand: no clear difference from a year before at {', '.join(alike)}."
    if untold := [each.title for each in figures.demand.agencies if each.ratio is None]:
        yield f"Repeat demand cannot be set against a year before at {', '.join(untold)}: too few, or not known."
    known = [
        f"{each.agency} {one.value:.0%} ({one.low:.0%} to {one.high:.0%})"
        for each in figures.overlap[0].agencies
        if (one := each.groups[-1].known) is not None
        and one.value is not None and one.low is not None and one.high is not None
    ]  # fmt: skip
    if known:
        yield f"Of the people whom an agency met, known to another agency too: {', '.join(known)}."
    yield from figures.places.points
    for name, many in figures.activity.counts:
        if name == "decisions signed":
            yield f"Panels for this purpose, decisions signed since the first: {many}."
    stale = [each.title for each in figures.data_sets if "stale" in each.as_at or not each.kept_out]
    gaps = [each.title for each in figures.data_sets if each.months not in ("none", TOO_FEW, "")]
    yield (
        f"Data: {len(figures.data_sets)} data sets about people"
        + (f"; out of date or empty: {', '.join(stale)}" if stale else "; none is out of date")
        + (f"; with months that did not come in whole: {', '.join(gaps)}." if gaps else ".")
    )


# --- repeat demand ---------------------------------------------------------------------------------------------------


def _demand(demand: Demand, data_sets: int) -> Iterator[Block]:
    yield Listed(demand.said[:2])
    yield Words("By agency")
    yield from _compared(demand.agencies)
    yield _quarters("Repeat incidents of agencies", demand.agencies)
    yield Words("By priority area")
    yield from _compared(demand.areas)
    yield _quarters("Repeat incidents in priority areas", demand.areas)
    yield from _by_area(demand)
    yield Listed(tuple(_not_counted(each, data_sets) for each in demand.said[2:]))


def _not_counted(said: str, data_sets: int) -> str:
    """Return a sentence on quarters that data sets do not speak for; not all their names where it is all of them."""
    quarters, for_which, names = said.partition(", for which they do not speak: ")
    many = names.count("; ") + 1
    if for_which and many >= max(data_sets - 1, 3):
        which = "no data set speaks" if many >= data_sets else "but one no data set speaks"
        return plainly(f"{quarters}, for which {which}.")
    return plainly(said)


def _compared(trends: Iterable[Trend]) -> Iterator[Block]:
    shown, rest = [], []
    for each in trends:
        title = area_in_words(each.title)
        if each.ratio is not None:
            shown.append(Interval(title, each.ratio, each.low, each.high, plainly(each.words)))
        else:
            rest.append((title, plainly(each.words)))
    if shown:
        yield Intervals(tuple(shown))
    if rest:
        yield Listed(tuple(f"{', '.join(titles)}: {words}" for words, titles in together(rest)))


def _by_area(demand: Demand) -> Iterator[Block]:
    if not demand.year:
        yield Words("By agency and priority area: no quarter is known of every data set.")
        return
    what = plainly(f"By agency and priority area, repeat incidents in {demand.year}, which every data set speaks for")
    cells = demand.by_area
    drawn = table(
        what,
        ("Agency", *(area_in_words(each) for each in cells.columns)),
        [(row, *(cells.cell(row, column) for column in cells.columns)) for row in cells.rows],
    )
    if isinstance(drawn, Grid):
        yield Words(what)
    yield drawn


def _quarters(what: str, trends: Sequence[Trend]) -> Block:
    titles = sorted({title for each in trends for title in each.quarters})
    rows = []
    for each in trends:
        cells = [each.table.cell("repeat", title) if title in each.quarters else "not known" for title in titles]
        rows.append((area_in_words(each.title), *cells))
    return table(what, ("Repeat incidents", *(plainly(title) for title in titles)), rows)


# --- overlap ---------------------------------------------------------------------------------------------------------


def _overlap(found: Overlap, *, with_each: bool) -> Iterator[Block]:
    from kingshurst_tui.learning.overlap import title_of

    rows = [
        Interval(f"{agency.agency}, {title_of(group.percent)}: {name}", one.value, one.low, one.high, one.words)
        for agency in found.agencies
        for group in agency.groups
        for name, one in _figures(group, with_each=with_each)
    ]
    if rows:
        yield Intervals(tuple(rows), "share")
    hidden = together(
        (f"{agency.agency} ({', '.join(gone)})", why)
        for agency in found.agencies
        for why, gone in _hidden(agency).items()
    )
    if hidden:
        yield Listed(tuple(f"{why.capitalize()}: {'; '.join(of)}." for why, of in hidden))


def _hidden(agency: AgencyOverlap) -> Mapping[str, list[str]]:
    """Return the groups of which nothing is told, by why."""
    from kingshurst_tui.learning.overlap import title_of

    found: dict[str, list[str]] = {}
    for group in agency.groups:
        if not list(_figures(group, with_each=False)):
            why = group.not_told or (group.known.words if group.known else HIDDEN)
            found.setdefault(why, []).append(title_of(group.percent).removeprefix("the "))
    return found


def _premise(found: Overlap) -> Block:
    """Return the premise in one table: whom others know, among the most frequent and among everybody."""

    def said(figure: Figure | None) -> str:
        if figure is None or figure.value is None or figure.low is None or figure.high is None:
            return HIDDEN
        return f"{figure.value:.0%} ({figure.low:.0%} to {figure.high:.0%})"

    return Grid(
        (
            "Agency",
            "Of its most frequent 5 %, known to another agency",
            "Of all its people, known to another agency",
            "Of its incidents, those of its most frequent 5 %",
        ),
        tuple(
            (each.agency, said(five.known), said(everybody.known), said(five.demand))
            for each in found.agencies
            for _, five, everybody in (each.groups,)
        ),
    )


def _figures(group: Group, *, with_each: bool) -> Iterator[tuple[str, Figure]]:
    of_each = group.known_to.items() if with_each else ()
    every = [
        ("known to another agency", group.known),
        *((f"known to {code}", one) for code, one in of_each),
        ("also among the most frequent of another agency", group.frequent_too),
        ("share of the agency's incidents", group.demand),
    ]
    yield from ((name, one) for name, one in every if one is not None and one.part is not None)


# --- what followed, and the data -------------------------------------------------------------------------------------


def _followed(works: WhatWorks) -> Iterator[Block]:
    rows: tuple[Row, ...] = (works.all, *works.by_lead, *works.by_intervention)
    told = [each for each in rows if each.ratio is not None]
    if told:
        yield Intervals(tuple(Interval(row.title, row.ratio, row.low, row.high, row.words) for row in told))
    if untold := together((each.title, each.words) for each in rows if each.ratio is None):
        yield Listed(tuple(f"{', '.join(titles)}: {words}" for words, titles in untold))
    for months, effects in works.effects:
        said = ", ".join(f"{effect} {many}" for effect, many in effects.items() if effect)
        yield Words(f"After {months} months people recorded: {said}")
    # How far each data set reaches stands in one table, under the next heading.
    yield Listed(tuple(each for each in works.said if " is known to " not in each))


def _data_sets(figures: BoardFigures) -> Iterator[Block]:
    yield Words(
        "Each data set about people with a gate for this purpose, by its latest batch. As at: the last day that it "
        "speaks for. Rows kept out: those that the agreement or a check kept out of that batch. A month is incomplete "
        "where far fewer rows came than in the months around it, and missing where none came: unknown, never nought; "
        f"{TOO_FEW}: so few rows come that a month without any would be no surprise. Data sets by area stand under "
        "Places."
    )
    yield Grid(
        ("Agency", "Data set", "Speaks for", "As at", "Rows kept out", "Incomplete or missing months"),
        tuple(
            (each.agency, each.title, each.covers, each.as_at, each.kept_out, plainly(each.months))
            for each in sorted(figures.data_sets, key=lambda each: (each.agency, each.title))
        ),
    )
