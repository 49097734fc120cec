"""Somebody who has every table of overlap, of all agencies and priority areas, and a solver: what can they tell?

People are counted by what they are to each agency: unknown, known about something else, met in the area, among its most
frequent 5 or 1 per cent. Every figure that is shown is a sum of such numbers, and so is every one that is hidden.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from kingshurst_tui.learning.link_error import stated
from kingshurst_tui.learning.overlap import EVERYBODY, MOST, _agency, _Kept, from_one_side, nobody_told
from kingshurst_tui.learning.overlap_counts import Counted, count, met_of
from kingshurst_tui.leaving.suppression_terms import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kingshurst_tui.learning.overlap import AgencyOverlap, Group
    from kingshurst_tui.learning.overlap_told import Figure

    Row = NDArray[np.float64]

TERMS = Terms(10, 5)
VALUES = 5
KNOWN, MET, FREQUENT, MOST_FREQUENT = 1, 2, 3, 4
GROUPS = ((1, MOST_FREQUENT), (MOST, FREQUENT), (EVERYBODY, MET))
_HALF, _ROUND = 2.5, 0.51


def town(seed: int, agencies: int, people: int, areas: int) -> list[tuple[int, str, int, str]]:
    """Return who was met by whom in which incident about what, some people and some agencies far more than others."""
    dice = np.random.default_rng(seed)
    heat, rows, incident = dice.gamma(0.6, 1.2, people), [], 0
    for agency in range(agencies):
        times = dice.poisson(heat * dice.uniform(0.2, 1.5))
        share = dice.dirichlet(np.ones(areas) * dice.choice([0.4, 2]))
        for person in range(people):
            for _ in range(times[person]):
                incident += 1
                rows.append((person, f"A{agency}", incident, f"area {dice.choice(areas, p=share)}"))
    return rows


NOBODY = Counted((0, 0), (0, 0, 0), (0, 0, 0), (), (0, 0, 0), (0, 0, 0), {})


@dataclass
class Table:
    """What is shown of one agency in one area, and the exact numbers behind it."""

    told: AgencyOverlap
    exact: Counted
    agencies: tuple[str, ...]


def tables(rows: list[tuple[int, str, int, str]], *, mended: bool = True) -> dict[tuple[str, str], Table]:
    """Return every agency's table by area and code; empty text is for all areas together."""
    found: dict[tuple[str, str], Table] = {}
    for area in ("", *sorted({row[3] for row in rows})):
        met = met_of(rows, area or None)
        counted = count(met, stated((), ()))
        made = [
            _agency(code, met.agencies, each, TERMS, _Kept(f"{area}|{code}", frozenset(), set()))
            for code, each in counted.items()
        ]
        for each in from_one_side(made, TERMS).agencies if mended else made:
            found[area, each.agency] = Table(each, counted[each.agency], met.agencies)
        for code in (code for code in met.agencies if mended and code not in counted):
            found[area, code] = Table(nobody_told(code, TERMS), NOBODY, met.agencies)
    return found


@dataclass
class _Hidden:
    words: str
    row: Row


class _Attack:
    def __init__(self, found: dict[tuple[str, str], Table]) -> None:
        self.areas = sorted({area for area, _ in found})
        self.codes = sorted({code for _, code in found})
        self.kinds = np.array(list(itertools.product(range(5), repeat=len(self.codes))))
        self.rows: list[Row] = []
        self.limits: list[float] = []
        self.of_sizes: list[bool] = []
        self.hidden: list[_Hidden] = []
        for area, code in itertools.product(self.areas, self.codes):
            if (area, code) in found:
                self._of(area, code, found[area, code])
            else:
                self._between(self._sum(area, code, lambda mine: mine >= MET), 0, 0, of_size=True)
        for code in self.codes:
            self._areas_together(code)
        nowhere_else = (self.kinds == KNOWN).any(axis=1)
        zero = np.tile(nowhere_else, len(self.areas)) & (np.repeat(self.areas, len(self.kinds)) == "")
        self._bounds = [(0.0, 0.0 if each else None) for each in zero]

    def _row(self, area: str, which: NDArray[np.bool_]) -> Row:
        found = np.zeros((len(self.areas), len(self.kinds)))
        found[self.areas.index(area)] = which
        return found.ravel()

    def _sum(self, area: str, code: str, which: Callable[[Any], Any]) -> Row:
        return self._row(area, which(self.kinds[:, self.codes.index(code)]))

    def _between(self, row: Row, low: float, high: float, *, of_size: bool = False) -> None:
        self.rows += [row, -row]
        self.limits += [high, -low]
        self.of_sizes += [of_size, of_size]

    def _shown(self, row: Row, number: int, *, of_size: bool = False) -> None:
        self._between(row, max(number - _HALF, TERMS.under - 0.5), number + _HALF, of_size=of_size)

    def _of(self, area: str, code: str, table: Table) -> None:
        at = self.codes.index(code)
        everybody = self._sum(area, code, lambda mine: mine >= MET)
        others = np.delete(self.kinds, at, 1)
        for number, ((percent, least), group) in enumerate(zip(GROUPS, table.told.groups, strict=True)):
            inside = self.kinds[:, at] >= least
            whole = self._row(area, inside)
            if percent != EVERYBODY:
                self._between(whole - percent / 100 * everybody, -_ROUND, _ROUND, of_size=True)
            if group.not_told.startswith("hidden"):
                self._between(whole, 0, TERMS.under - 0.5, of_size=True)
            of = {"known": (others >= KNOWN).any(axis=1), "too": (others >= FREQUENT).any(axis=1)}
            if percent != EVERYBODY:
                met = (each for each in self.codes if each != code and each in table.agencies)
                of |= {each: self.kinds[:, self.codes.index(each)] >= KNOWN for each in met}
            for name, which in of.items():
                figure = _figure(group, name)
                part, rest = self._row(area, inside & which), self._row(area, inside & ~which)
                if figure is not None and figure.part is not None and figure.whole is not None:
                    self._shown(part, figure.part)
                    self._shown(whole, figure.whole, of_size=True)
                    self._between(rest, TERMS.under - 0.5, np.inf)
                elif table.exact.people[number] >= TERMS.under:
                    words = f"{area or 'all areas'}, {code}, {percent} %, {name}"
                    self.hidden += [_Hidden(words, part), _Hidden(f"not: {words}", rest)]

    def _areas_together(self, code: str) -> None:
        """Whoever an area's table counts is counted for all areas together, and whoever is, in some area."""
        at = self.codes.index(code)
        for other in range(len(self.codes)):
            both = (self.kinds[:, at] >= MET) & (self.kinds[:, other] >= KNOWN)
            rows = [self._row(area, both) for area in self.areas]
            for row in rows[1:]:
                self._between(rows[0] - row, 0, np.inf)
            self._between(np.sum(rows[1:], axis=0) - rows[0], 0, np.inf)

    def told(self) -> Iterator[str]:
        """Yield each hidden figure that is told to fewer than VALUES numbers, and not by how large groups are alone."""
        limits = np.array(self.limits)
        sizes = np.isfinite(limits) & np.array(self.of_sizes)
        for each in self.hidden:
            low, high = self._ends(each.row, np.isfinite(limits))
            if high - low < VALUES - 1 - 1e-6:
                least, most = self._ends(each.row, sizes)
                if most - least >= VALUES - 1 - 1e-6:
                    yield f"{each.words}: {low:.1f} to {high:.1f}"

    def _ends(self, row: Row, which: NDArray[np.bool_]) -> tuple[float, float]:
        known, limits = sparse.csr_matrix(np.array(self.rows)[which]), np.array(self.limits)[which]
        least, most = (
            linprog(sign * row, A_ub=known, b_ub=limits, bounds=self._bounds, method="highs") for sign in (1, -1)
        )
        assert least.success, least.message
        return float(least.fun), -float(most.fun) if most.success else np.inf


def _figure(group: Group, name: str) -> Figure | None:
    return {"known": group.known, "too": group.frequent_too, **group.known_to}.get(name)


def told_of(found: dict[tuple[str, str], Table]) -> tuple[int, list[str]]:
    """Return how many hidden figures were attacked, and those that were told to fewer than VALUES numbers."""
    attack = _Attack(found)
    return len(attack.hidden), list(attack.told())
