"""Who are the most frequent so many per cent, where several have as many incidents as the last one in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the most frequent so many per cent begin.

    Attributes:
        at: the incidents of the last ones in.
        part: what part each of those counts who have exactly so many; whoever has more counts whole.
    """

    at: int
    part: float

    def weights(self, counts: Ints) -> Floats:
        """Return how much each person counts."""
        found: Floats = (counts > self.at) + self.part * (counts == self.at)
        return found


def cut(counts: Ints, percent: float) -> Cut:
    """Return where the most frequent so many per cent of the people met begin.

    Ties: people who have as many incidents as the last one in count in equal parts, which add up to the places that
    are left. So the group is as large as it says, and nobody is chosen among equals.

    Example:
        >>> import numpy as np
        >>> cut(np.array([9, 4, 4, 4, 4, 2, 1, 1, 1, 1]), 30)
        Cut(at=4, part=0.5)
    """
    import numpy as np

    return cut_of(np.bincount(counts[counts > 0], minlength=2)[::-1].cumsum()[::-1].astype(float), percent)


def cut_of(with_at_least: Floats, percent: float) -> Cut:
    """Return the same from how many people have at least so many incidents."""
    if len(with_at_least) < 2 or not with_at_least[1]:
        return Cut(1, 0.0)
    wanted = float(with_at_least[1]) * percent / 100
    last = int((with_at_least >= wanted).nonzero()[0][-1])
    more = float(with_at_least[last + 1]) if last + 1 < len(with_at_least) else 0.0
    return Cut(last, (wanted - more) / (float(with_at_least[last]) - more))


EVERYBODY = Cut(0, 0.0)
"""A cut that leaves nobody out."""
