"""The Board's report: one document from live data, every figure suppressed, defined and dated, let out by the gate.

It stands among the places because its second half is theirs; its first half takes what kingshurst_tui/learning counts
across everybody. It reads no row about a person: whatever it prints was rounded or hidden before it came here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.acts import Reason
from kingshurst_tui.clock import plain_date
from kingshurst_tui.leaving.pages import Block, Document, Facts, Grid, Interval, Intervals, Listed, Section, Words
from kingshurst_tui.leaving.report_copies import release_drawn
from kingshurst_tui.vocabulary import PriorityArea

if TYPE_CHECKING:
    from kingshurst_tui.learning.known_before import KnownBefore
    from kingshurst_tui.learning.overlap import AgencyOverlap, Group, Overlap
    from kingshurst_tui.learning.overlap_told import Figure
    from kingshurst_tui.learning.repeat_demand import Demand, Trend
    from kingshurst_tui.learning.what_works import Row, WhatWorks
    from kingshurst_tui.leaving.gate import Copy, Recipient
    from kingshurst_tui.places.board_activity import Activity, DataSet
    from kingshurst_tui.session import Session

TITLE = "Report to the Board: repeat demand and what the partnership does about it"
FOUR = tuple(str(each) for each in PriorityArea if each is not PriorityArea.OTHER)


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """Everything that the report says, as it may be shown.

    Attributes:
        overlap: all priority areas together, then each of the four.
        places: sections about places; none where nothing of places is held.
    """

    as_at: date
    under: int
    base: int
    demand: Demand
    overlap: tuple[Overlap, ...]
    known_before: KnownBefore
    activity: Activity
    works: WhatWorks
    data_sets: tuple[DataSet, ...]
    places: tuple[Section, ...]


def board_figures(session: Session) -> BoardFigures:
    """Return the report's figures from what is held now. Raises: Refused, StoreUnavailable."""
    from kingshurst_tui.learning.known_before import known_before
    from kingshurst_tui.learning.overlap import overlaps
    from kingshurst_tui.learning.repeat_demand import repeat_demand
    from kingshurst_tui.learning.what_works import what_works
    from kingshurst_tui.places import board_activity, board_places

    found = overlaps(session, ("", *FOUR))
    return BoardFigures(
        session.clock.today(),
        found[0].under,
        found[0].base,
        repeat_demand(session),
        found,
        known_before(session),
        board_activity.activity(session),
        what_works(session),
        board_activity.data_sets(session),
        board_places.sections(session),
    )


def release_board_report(
    session: Session,
    *,
    form: str,
    into: Path,
    recipients: Sequence[Recipient],
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let the report leave, a copy a named recipient, made anew from what is held now. Raises: what the gate raises."""
    return release_drawn(
        session,
        document(board_figures(session)),
        kind="board-report",
        name="board-report",
        form=form,
        into=into,
        recipients=recipients,
        why=why,
        reason=reason,
        expires_on=expires_on,
    )


def document(figures: BoardFigures) -> Document:
    """Return the report as plain records."""
    return Document(
        TITLE,
        (
            f"As at {plain_date(figures.as_at)}, from the data held on that day. Nobody is named, and no figure is "
            f"about fewer than {figures.under} people: smaller numbers are hidden, nought too, with as many others as "
            f"it takes that none can be worked out; the rest are rounded to {figures.base}. Intervals are at 95 per "
            "cent. Under each heading stands how its figures are made.",
        ),
        tuple(_sections(figures)),
    )


def _sections(figures: BoardFigures) -> Iterator[Section]:
    demand, whole = figures.demand, figures.overlap[0]
    yield Section(
        "Repeat demand: baseline and trend",
        (
            Listed(demand.said[:2]),
            Words("By agency"),
            *_compared(demand.agencies),
            _quarters(demand.agencies),
            Words("By priority area"),
            *_compared(demand.areas),
            _quarters(demand.areas),
            *_by_area(demand),
            Listed(demand.said[2:]),
        ),
    )
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
        yield Section(f"The same for {each.area}", tuple(_overlap(each, with_each=False)) or (_NOTHING,))
    yield from figures.places
    activity = figures.activity
    yield Section(
        "What the panels did",
        (Words(activity.said), Facts(activity.counts), Grid(activity.actions_head, activity.actions)),
    )
    yield Section(
        "Decisions by lead agency",
        (
            Words(
                "Standing decisions, by the agency that the panel asked to lead. One agency may be left out: hidden."
            ),
            Grid(("Lead agency", "Decisions"), activity.leads),
        ),
    )
    works = figures.works
    yield Section(
        "What followed decisions",
        (
            _followed((works.all, *works.by_lead, *works.by_intervention)),
            *(
                Words(
                    f"After {months} months people recorded: "
                    + ", ".join(f"{effect} {many}" for effect, many in effects.items() if effect)
                )
                for months, effects in works.effects
            ),
            Listed(works.said),
        ),
    )
    yield Section(
        "Data quality and coverage",
        (
            Words(
                "Each data set with a gate for this purpose, by its latest batch. A month is incomplete where far "
                "fewer rows came than in the months around it, and missing where none came: unknown, never nought."
            ),
            Grid(
                ("Data set", "Agency", "Speaks for", "As at", "Rows kept out", "Incomplete or missing months"),
                tuple(
                    (each.title, each.agency, each.covers, each.as_at, each.kept_out, each.months)
                    for each in figures.data_sets
                ),
            ),
        ),
    )


_NOTHING = Words("Nothing to tell: no agency met enough people.")


def _compared(trends: Iterable[Trend]) -> Iterator[Block]:
    shown, rest = [], dict[str, list[str]]()
    for each in trends:
        if each.ratio is not None:
            shown.append(Interval(each.title, each.ratio, each.low, each.high, each.words))
        else:
            rest.setdefault(each.words, []).append(each.title)
    if shown:
        yield Intervals(tuple(shown))
    if rest:
        yield Listed(tuple(f"{', '.join(titles)}: {words}" for words, titles in rest.items()))


def _by_area(demand: Demand) -> Iterator[Block]:
    if not demand.year:
        yield Words("By agency and priority area: no quarter is known of every data set.")
        return
    yield Words(f"By agency and priority area, repeat incidents in {demand.year}, which every data set speaks for")
    table = demand.by_area
    yield Grid(
        ("Agency", *table.columns),
        tuple((row, *(table.cell(row, column) for column in table.columns)) for row in table.rows),
    )


def _quarters(trends: Sequence[Trend]) -> Grid:
    titles = sorted({title for each in trends for title in each.quarters})
    rows = []
    for each in trends:
        cells = [each.table.cell("repeat", title) if title in each.quarters else "not known" for title in titles]
        rows.append((each.title, *cells))
    return Grid(("Repeat incidents", *titles), tuple(rows))


def _overlap(found: Overlap, *, with_each: bool) -> Iterator[Block]:
    from kingshurst_tui.learning.overlap import title_of

    for agency in found.agencies:
        rows = []
        for group in agency.groups:
            rows += [
                Interval(f"{agency.agency}, {title_of(group.percent)}: {name}", one.value, one.low, one.high, one.words)
                for name, one in _figures(group, with_each=with_each)
            ]
        if rows:
            yield Intervals(tuple(rows), "share")
    hidden = [
        f"{agency.agency}: {', '.join(gone)}: {why}"
        for agency in found.agencies
        for why, gone in _hidden(agency).items()
    ]
    if hidden:
        yield Listed(tuple(hidden))


def _hidden(agency: AgencyOverlap) -> dict[str, list[str]]:
    """Return the groups of which nothing is told, by why."""
    from kingshurst_tui.learning.overlap import title_of

    found: dict[str, list[str]] = {}
    for group in agency.groups:
        if not list(_figures(group, with_each=False)):
            why = group.not_told or (group.known.words if group.known else "hidden")
            found.setdefault(why, []).append(title_of(group.percent))
    return found


def _premise(found: Overlap) -> Grid:
    """Return the premise in one table: whom others know, among the most frequent and among everybody."""

    def said(figure: Figure | None) -> str:
        if figure is None or figure.value is None or figure.low is None or figure.high is None:
            return "hidden"
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


def _followed(rows: Iterable[Row]) -> Intervals:
    return Intervals(tuple(Interval(row.title, row.ratio, row.low, row.high, row.words) for row in rows))
