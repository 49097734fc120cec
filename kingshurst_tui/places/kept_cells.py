"""What was shown of a data set until now, and what is shown of it from now on: nothing that was said is unsaid."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import db.published
from kingshurst_tui.places import counts
from kingshurst_tui.places.protecting import Side, never_shown
from kingshurst_tui.places.published import months_in
from kingshurst_tui.places.vocabulary import ALL, NOT_KNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.session import Session


@dataclass(frozen=True)
class Kept:
    """What was shown of one data set until now.

    Attributes:
        cells: for each place, shown counts by period and category.
        beside: categories that are other numbers of the same rows.
        gaps: months in which an organisation was not there.
    """

    periods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    cells: Mapping[str, NDArray[np.int32]] | None = None
    levels: Mapping[str, str] | None = None
    number: int = 0
    beside: frozenset[str] = frozenset()
    gaps: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ToKeep:
    """What is shown of it from now on; periods and places that came in no more are kept, so that nothing is unsaid.

    Attributes:
        gone: periods that were published and are not known any more.
    """

    periods: tuple[str, ...]
    categories: tuple[str, ...]
    cells: Mapping[str, NDArray[np.int32]]
    levels: Mapping[str, str]
    gone: tuple[str, ...] = ()


def kept_of(session: Session, last: db.published.Publication | None) -> Kept:
    """Return what the newest publication of a data set shows; nothing where there is none."""
    import numpy as np

    if last is None:
        return Kept()
    periods, categories = tuple(json.loads(last.periods)), tuple(json.loads(last.categories))
    rows = session.look(db.published.cells, last.id)
    cells = {
        row.code: np.frombuffer(zlib.decompress(row.cells), "<i4").reshape(len(periods), len(categories))
        for row in rows
    }
    said = json.loads(last.details)
    out = {code: [month for _, of, _ in every for month in of] for code, every in said.get("gaps", {}).items()}
    levels = {row.code: row.level for row in rows}
    return Kept(periods, categories, cells, levels, last.number, frozenset(said.get("beside", ())), out)


def aligned(kept: Kept, sides: tuple[Side, Side, Side]) -> NDArray[np.int32]:
    """Return what was shown of the cells of a cube."""
    import numpy as np

    places, periods, categories = sides
    before = never_shown(tuple(len(side.names) for side in sides))
    was = [at for at, period in enumerate(kept.periods) if period in periods.place]
    now = [periods.place[kept.periods[at]] for at in was]
    columns = [categories.place[category] for category in kept.categories]
    for code, cells in (kept.cells or {}).items():
        if code in places.place and was:
            before[np.ix_([places.place[code]], now, columns)] = cells[was]
    return before


def together(shown: NDArray[np.int32], sides: tuple[Side, Side, Side], levels: Mapping[str, str], kept: Kept) -> ToKeep:
    """Return what is shown now with what was shown of periods and places that are not in it."""
    import numpy as np

    places, periods, categories = sides
    gone = tuple(period for period in kept.periods if period not in periods.place)
    every = tuple(sorted({*periods.names, *gone}, key=lambda period: (months_in(period)[0], len(months_in(period)))))
    at = {period: number for number, period in enumerate(every)}
    cells: dict[str, NDArray[np.int32]] = {}
    for code in {**dict.fromkeys(places.names), **dict.fromkeys(kept.cells or {})}:
        made = np.full((len(every), len(categories.names)), NOT_KNOWN, np.int32)
        if kept.cells and code in kept.cells:
            rows = [at[period] for period in kept.periods]
            made[np.ix_(rows, [categories.place[category] for category in kept.categories])] = kept.cells[code]
        if code in places.place:
            made[[at[period] for period in periods.names]] = shown[places.place[code]]
        cells[code] = made
    return ToKeep(every, categories.names, cells, {**(kept.levels or {}), **levels}, gone)


def is_same(made: ToKeep, kept: Kept) -> bool:
    """Say whether nothing is to be shown but what is shown."""
    import numpy as np

    return (
        (made.periods, made.categories, dict(made.levels)) == (kept.periods, kept.categories, dict(kept.levels or {}))
        and kept.cells is not None
        and all(np.array_equal(cells, kept.cells[code]) for code, cells in made.cells.items())
    )


def beside_of(made: ToKeep, found: counts.Counts, kept: Kept) -> list[str]:
    """Return which of the categories are other numbers of the same rows."""
    own = {ALL, *found.categories, *(set(kept.categories) - kept.beside)}
    return [category for category in made.categories if category not in own]


def packed(cells: NDArray[np.int32]) -> bytes:
    """Return the cells of a place as the store keeps them."""
    return zlib.compress(cells.astype("<i4").tobytes(), 6)
