"""What may be shown where organisations have categories of their own: no eye clinic, no such category.

No organisation is a part of another one, so each is protected by itself. A category that one has no row for at all
is, where the agreement says so, one that it does not have: it is not known there, and covers nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places.category_lines import lined
from kingshurst_tui.places.protecting import Side, protected
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.places.counts import Cells

    Cube = NDArray[np.int32]


def protected_by_organisation(
    exact: Cube,
    sides: tuple[Side, Side, Side],
    cells: Cells,
    measures: Mapping[str, str],
    gone: Collection[str],
    terms: Terms,
    before: Cube,
    key: bytes,
) -> Cube:
    """Return what may be shown of a cube of organisations, those with the same categories together.

    Args:
        exact: with its totals.
        sides: organisations, periods, and every category with the numbers beside it.
        cells: the counts: what is not in them is not there.
        measures: the numbers beside them.
        gone: categories that no row carries any more.
        terms: of the agreement.
        before: what was shown until now.
        key: of the lots.
    """
    import numpy as np

    places, periods, categories = sides
    has: dict[str, set[str]] = defaultdict(set)
    for code, _, category in cells:
        has[code].add(category)
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    for code, at in places.place.items():
        groups[frozenset(has[code])].append(at)
    # What was hidden once stays hidden, whether it is there now or not.
    shown = np.where(before == NOT_KNOWN, NOT_KNOWN, HIDDEN).astype(np.int32)
    for of, rows in groups.items():
        mine = lined(of, measures, gone)
        columns = [categories.place[name] for name in mine.names if name in categories.place]
        part = np.ix_(rows, range(len(periods.names)), columns)
        names = tuple(places.names[at] for at in rows)
        shown[part] = protected(
            exact[part],
            (Side(names, {}), periods, mine),
            under=terms.under,
            base=terms.base,
            before=before[part],
            key=key,
        )
    return shown
