"""Whether another data set was published of the same counts: hidden in two ways, they would tell what either hides.

An agreement may be replaced by one of another reference, or one extract come in under two. What is the same is found
by what was shown, whatever the agency, the purpose, and whether a gate is open still; what was shown stays shown and
what was hidden stays hidden across both then.
"""

from __future__ import annotations

import json
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import db.published
from kingshurst_tui.places.kept_cells import Kept, kept_of
from kingshurst_tui.places.protecting import never_shown
from kingshurst_tui.places.reading import level_of
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.places.protecting import Side
    from kingshurst_tui.session import Session

    Cube = NDArray[np.int32]

ENOUGH = 6
"""Of fewer counts that both show it is not told whether they are the same; by chance as many hardly are."""
SHARE = 0.8
"""So many of the counts that are shown are the same: some may have been stated anew."""
NEAR = 5
"""By so much what is shown may differ from the count, as it was rounded."""


class Other(NamedTuple):
    """Another data set that was published.

    Attributes:
        largest: what is shown of it for the largest places, by which it is told whether it may be of the same counts.
        whole: reads all that is shown of it.
    """

    largest: Kept
    whole: Callable[[], Kept]


def others_of(session: Session, reference: str, largest: Iterable[str]) -> list[Other]:
    """Return what was last published of other data sets, of those that know one of these places.

    Args:
        session: who publishes.
        reference: the data set that is published.
        largest: the places that are part of no other in it.
    """
    import numpy as np

    newest = {each.id: each for each in session.look(db.published.newest).values() if each.agreement_ref != reference}
    tops: dict[int, dict[str, Any]] = {}
    for number, _, code, cells in session.look(db.published.cells_of, newest, list(largest)) if newest else ():
        tops.setdefault(number, {})[code] = np.frombuffer(zlib.decompress(cells), "<i4")
    found = []
    for number, places in sorted(tops.items()):
        one = newest[number]
        periods, categories = tuple(json.loads(one.periods)), tuple(json.loads(one.categories))
        shape = (len(periods), len(categories))
        top = Kept(periods, categories, {code: each.reshape(shape) for code, each in places.items()})
        found.append(Other(top, partial(kept_of, session, one)))
    return found


def with_the_same(before: Cube, exact: Cube, sides: tuple[Side, Side, Side], others: Sequence[Other]) -> Cube:
    """Return what was shown before of a cube, in it what others showed of the same counts.

    Args:
        before: of this data set.
        exact: its counts.
        sides: of the cube.
        others: what is shown of other data sets.
    """
    import numpy as np

    found = before.copy()
    for other in others:
        if not _are_the_same(_on(other.largest, sides), exact):
            continue
        whole = other.whole()
        if rows := _crossed(whole, sides[0]):
            found[rows] = np.where(found[rows] == NOT_KNOWN, HIDDEN, found[rows])
        seen = _on(whole, sides)
        near = (seen >= 0) & (np.abs(seen - exact) <= NEAR)
        found = np.where((found == NOT_KNOWN) & near, seen, found)
        found = np.where(seen == HIDDEN, HIDDEN, found)
    return found


def _crossed(kept: Kept, places: Side) -> list[int]:
    """Return the places that may not be shown, as the same counts are shown by places that cross them.

    LSOAs add up to wards and to MSOAs: with one hidden among those that are shown, both sums together tell it.
    Whichever came second is shown for the borough alone.
    """
    theirs = {level for code, level in (kept.levels or {}).items() if kept.cells and (kept.cells[code] >= 0).any()}
    mine = {code: level_of(code) for code in places.names}
    small = {Level.LSOA, Level.WARD}
    crossing = small if Level.MSOA in theirs else {Level.MSOA} if theirs & small else set[Level]()
    return [places.place[code] for code, level in mine.items() if level in crossing]


def _are_the_same(seen: Cube, exact: Cube) -> bool:
    import numpy as np

    shown = int((seen >= 0).sum())
    near = int(((seen >= 0) & (np.abs(seen - exact) <= NEAR)).sum())
    return shown >= ENOUGH and near >= SHARE * shown


def _on(kept: Kept, sides: tuple[Side, Side, Side]) -> Cube:
    """Return what was shown of the cells that both have."""
    import numpy as np

    places, periods, categories = sides
    found = never_shown(tuple(len(side.names) for side in sides))
    rows = [at for at, period in enumerate(kept.periods) if period in periods.place]
    columns = [at for at, category in enumerate(kept.categories) if category in categories.place]
    if not rows or not columns:
        return found
    there = [periods.place[kept.periods[at]] for at in rows]
    across = [categories.place[kept.categories[at]] for at in columns]
    for code, cells in (kept.cells or {}).items():
        if code in places.place:
            found[np.ix_([places.place[code]], there, across)] = cells[np.ix_(rows, columns)]
    return found
