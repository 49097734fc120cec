"""The counting behind overlap: exact numbers and drawn ones, which leave this room only through suppression.

People in rows, agencies in columns. Each draw joins the waiting pairs that chance says are one person, finds every
agency's most frequent people anew, and asks again who knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kingshurst_tui.learning.most_frequent import EVERYBODY, Cut, cut, cut_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from kingshurst_tui.learning.link_error import LinkError

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

PERCENTS = (1, 5)
"""The most frequent so many per cent of an agency's people."""
DRAWS = 200
SEED = 20220706
"""Any number would do; a fixed one makes the same store give the same intervals."""


@dataclass(frozen=True, slots=True)
class Met:
    """Who was met by whom, as arrays.

    Attributes:
        agencies: codes; the columns.
        profile: of every distinct (person, agency, incident), the person's row; ``agency`` and ``incident`` likewise.
        in_area: which of them are in the priority area asked for.
        row_of: the row of each profile.
    """

    agencies: tuple[str, ...]
    profile: Ints
    agency: Ints
    incident: Ints
    in_area: Bools
    row_of: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """Exact numbers of one agency, by group: the most frequent 1 per cent, 5 per cent, everybody.

    Attributes:
        at_least: the fewest incidents of anybody in the groups of PERCENTS; 1 says that people met once are in it.
        people: in the group, those at the cut counted in parts.
        known: of them, met by any other agency; ``known_to`` by each, in the order of the agencies.
        frequent_too: of them, also among the most frequent 5 per cent of another agency.
        incidents: distinct incidents that anybody of the group is part of.
        drawn: by name, drawn minus exact shares: (draw, group), of ``known_to`` (draw, group, agency).
    """

    at_least: tuple[int, ...]
    people: tuple[int, ...]
    known: tuple[int, ...]
    known_to: tuple[tuple[int, ...], ...]
    frequent_too: tuple[int, ...]
    incidents: tuple[int, ...]
    drawn: Mapping[str, Floats]


def met_of(rows: Sequence[tuple[Any, ...]], area: str | None) -> Met:
    """Return rows of db.overlap.met as arrays, each person, agency and incident once."""
    import numpy as np

    agencies = tuple(sorted({row[1] for row in rows}))
    place = {code: at for at, code in enumerate(agencies)}
    profile, row = np.unique(np.fromiter((row[0] for row in rows), np.int64, len(rows)), return_inverse=True)
    agency = np.fromiter((place[row[1]] for row in rows), np.int64, len(rows))
    _, incident = np.unique(np.fromiter((row[2] for row in rows), np.int64, len(rows)), return_inverse=True)
    wanted = np.fromiter((area is None or row[3] == area for row in rows), np.bool_, len(rows))
    # An incident may be told under two priority areas; in each it counts once, and once in all.
    keys = (row.astype(np.int64) * (incident.max(initial=0) + 1) + incident) * max(len(agencies), 1) + agency
    order = np.lexsort((~wanted, keys))
    keys = keys[order]
    first = np.ones(len(keys), np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    kept = order[first]
    return Met(
        agencies,
        row[kept],
        agency[kept],
        incident[kept],
        wanted[kept],
        {int(number): at for at, number in enumerate(profile)},
    )


def count(met: Met, error: LinkError) -> dict[str, Counted]:
    """Return the numbers of every agency that met anybody in the priority area."""
    import numpy as np

    people, agencies = len(met.row_of), len(met.agencies)
    at = met.profile * agencies + met.agency
    counts = np.bincount(at[met.in_area], minlength=people * agencies).reshape(people, agencies)
    known = np.bincount(at, minlength=people * agencies).reshape(people, agencies) > 0
    cuts = [[cut(counts[:, agency], percent) for agency in range(agencies)] for percent in PERCENTS]
    often = np.stack([cuts[-1][agency].weights(counts[:, agency]) for agency in range(agencies)], axis=1)
    drawn = _draws(met, counts, known, error)
    dice = np.random.default_rng(SEED + 1)
    found = {}
    for agency, code in enumerate(met.agencies):
        if not counts[:, agency].any():
            continue
        mine = met.in_area & (met.agency == agency)
        weights = [each[agency].weights(counts[:, agency]) for each in cuts]
        weights.append((counts[:, agency] > 0).astype(float))
        others = np.delete(known, agency, axis=1).any(axis=1)
        too = np.delete(often, agency, axis=1).max(axis=1, initial=0.0)
        found[code] = Counted(
            tuple(each[agency].at for each in cuts),
            tuple(_whole(each.sum()) for each in weights),
            tuple(_whole(each @ others) for each in weights),
            tuple(tuple(_whole(each @ known[:, other]) for other in range(agencies)) for each in weights),
            tuple(_whole(each @ too) for each in weights),
            tuple(_incidents(met, mine, each) for each in weights),
            {name: values[:, agency] for name, values in drawn.items()}
            | {"demand": drawn["demand"][:, agency] + _by_chance(counts[:, agency], weights, dice)},
        )
    return found


def _by_chance(counts: Ints, weights: Sequence[Floats], dice: np.random.Generator) -> Floats:
    """Return what chance adds to each group's share of all incidents, drawn: incidents of one person come together."""
    import numpy as np

    total = max(float(counts.sum()), 1.0)
    spread = []
    for each in weights:
        share = float(each @ counts) / total
        spread.append(float(np.sqrt(((counts * (each - share * (counts > 0))) ** 2).sum())) / total)
    drawn: Floats = dice.normal(0.0, 1.0, (DRAWS, 1)) * np.array(spread)[None, :]
    return drawn


def _whole(number: Any) -> int:
    return round(float(number))


def _incidents(met: Met, mine: Bools, weights: Floats) -> int:
    """Return how many distinct incidents anybody who counts is part of; each as far as whoever counts most in it."""
    import numpy as np

    most = np.zeros(int(met.incident.max(initial=0)) + 1)
    np.maximum.at(most, met.incident[mine], weights[met.profile[mine]])
    return _whole(most.sum())


def _draws(met: Met, counts: Ints, known: Bools, error: LinkError) -> dict[str, Floats]:
    """Return drawn minus exact shares by name: (draw, agency, group), for ``known_to`` (draw, agency, group, other).

    Only people of a waiting pair move; what everybody else adds is counted once.
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    dice = np.random.default_rng(SEED)
    pairs, of = _pairs(met, error)
    moving = np.unique(pairs)
    still = np.ones(len(counts), np.bool_)
    still[moving] = False
    ends = np.searchsorted(moving, pairs)
    same = _told_twice(met, pairs, counts.shape)
    fixed = _Tails(counts[still], known[still])
    base = fixed.shares(counts[moving], known[moving])
    drawn: list[tuple[Floats, ...]] = []
    for _ in range(DRAWS):
        chosen = error.drawn(dice)[of]
        joined = ends[chosen]
        graph = coo_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(len(moving), len(moving)))
        number, label = connected_components(graph, directed=False)
        sums = np.zeros((number, counts.shape[1]), np.int64)
        np.add.at(sums, label, counts[moving])
        np.subtract.at(sums, label[joined[:, 0]], same[chosen])
        knows = np.zeros((number, counts.shape[1]), np.bool_)
        np.logical_or.at(knows, label, known[moving])
        wrong, missed = (dice.beta(each.yes, each.no) for each in (error.false, error.missed))
        shares = fixed.shares(np.maximum(sums, 0), knows)
        # A link that is wrong told of somebody else; one that nobody proposed told of nobody.
        drawn.append((*(np.minimum(each * (1 - wrong) / (1 - missed), 1) for each in shares[:3]), shares[3]))
    names = ("known", "known_to", "frequent_too", "demand")
    return {name: np.array([each[n] for each in drawn]) - base[n] for n, name in enumerate(names)}


def _pairs(met: Met, error: LinkError) -> tuple[Ints, Ints]:
    """Return the pairs of which both are here, as rows, and which of the waiting pairs they are."""
    import numpy as np

    here = [n for n, pair in enumerate(error.pairs) if pair[0] in met.row_of and pair[1] in met.row_of]
    rows = [(met.row_of[error.pairs[n][0]], met.row_of[error.pairs[n][1]]) for n in here]
    return np.array(rows, np.int64).reshape(-1, 2), np.array(here, np.int64)


def _told_twice(met: Met, pairs: Ints, shape: tuple[int, ...]) -> Ints:
    """Return, for each pair and agency, in how many incidents of the area that agency names both."""
    import numpy as np

    moving = np.unique(pairs)
    touched = met.in_area & np.isin(met.profile, moving)
    told: dict[int, set[tuple[int, int]]] = {}
    rows = zip(met.profile[touched].tolist(), met.agency[touched].tolist(), met.incident[touched].tolist(), strict=True)
    for person, agency, incident in rows:
        told.setdefault(person, set()).add((agency, incident))
    same = np.zeros((len(pairs), shape[1]), np.int64)
    for number, (left, right) in enumerate(pairs.tolist()):
        for agency, _ in told.get(left, set()) & told.get(right, set()):
            same[number, agency] += 1
    return same


class _Tails:
    """People who stand still, added up from the most incidents down: so a cut anywhere is one look."""

    def __init__(self, counts: Ints, known: Bools) -> None:
        import numpy as np

        self._counts, self._known = counts, known
        self._agencies = counts.shape[1]
        most = int(counts.max(initial=0)) + 2
        self._people = np.zeros((self._agencies, most))
        self._known_any = np.zeros((self._agencies, most))
        self._known_to = np.zeros((self._agencies, most, self._agencies))
        self._demand = np.zeros((self._agencies, most))
        any_other = _any_other(known)
        for agency in range(self._agencies):
            mine = counts[:, agency]

            def tail(weights: Any, mine: Any = mine) -> Any:
                return np.bincount(mine, weights, minlength=most)[::-1].cumsum()[::-1]

            self._people[agency] = tail(np.ones(len(mine)))
            self._demand[agency] = tail(mine.astype(float))
            self._known_any[agency] = tail(any_other[:, agency].astype(float))
            for other in range(self._agencies):
                self._known_to[agency, :, other] = tail(known[:, other].astype(float))
        # Whoever two agencies meet more than once is looked at again in each draw; they are few.
        self._often = counts[(counts > 1).sum(axis=1) > 1]

    def shares(self, counts: Ints, known: Bools) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the shares of everybody, these people among them: known, known to each, frequent too, demand."""
        import numpy as np

        agencies, most = self._agencies, self._people.shape[1]
        deep = max(most, int(counts.max(initial=0)) + 2)
        cuts = [[EVERYBODY] * agencies for _ in range(len(PERCENTS) + 1)]
        for agency in range(agencies):
            of = np.bincount(counts[:, agency], minlength=deep)[::-1].cumsum()[::-1].astype(float)
            of[:most] += self._people[agency]
            for number, percent in enumerate(PERCENTS):
                cuts[number][agency] = cut_of(of, percent)
        any_other, knows = _any_other(known), known.astype(float)
        shape = (agencies, len(cuts))
        people, known_any, too, demand = (np.zeros(shape) for _ in range(4))
        known_to = np.zeros((*shape, agencies))
        often = [self._weights(cuts[-2], those) for those in (self._often, counts)]
        for group, least in enumerate(cuts):
            inside = self._weights(least, counts)
            people[:, group] = self._tail(self._people, least) + inside.sum(axis=0)
            known_any[:, group] = self._tail(self._known_any, least) + (inside * any_other).sum(axis=0)
            known_to[:, group] = self._tail(self._known_to, least) + inside.T @ knows
            demand[:, group] = self._tail(self._demand, least) + (counts * inside).sum(axis=0)
            for those, frequent in zip((self._often, counts), often, strict=True):
                too[:, group] += (self._weights(least, those) * _most_of_others(frequent)).sum(axis=0)
        of_all = np.maximum(people, 1e-9)
        return known_any / of_all, known_to / of_all[:, :, None], too / of_all, demand / np.maximum(demand[:, -1:], 1)

    def _weights(self, cuts: Sequence[Cut], counts: Ints) -> Floats:
        import numpy as np

        at, part = np.array([each.at for each in cuts]), np.array([each.part for each in cuts])
        found: Floats = (counts > at) + part * (counts == at)
        return found

    def _tail(self, tails: Floats, cuts: Sequence[Cut]) -> Floats:
        """Return what everybody who stands still adds, those at the cut in parts."""
        import numpy as np

        column, most = np.arange(self._agencies), self._people.shape[1]
        more = tails[column, np.minimum([each.at + 1 for each in cuts], most - 1)]
        same = tails[column, np.minimum([each.at for each in cuts], most - 1)] - more
        part = np.array([each.part for each in cuts])
        found: Floats = more + same * (part[:, None] if tails.ndim > 2 else part)
        return found


def _most_of_others(weights: Floats) -> Floats:
    """Return, for each agency, the largest weight that somebody has with any of the others."""
    import numpy as np

    if weights.shape[1] < 2:
        return np.zeros_like(weights)
    best = np.sort(weights, axis=1)
    found: Floats = np.where(weights == best[:, -1:], best[:, -2:-1], best[:, -1:])
    return found


def _any_other(known: Bools) -> Bools:
    """Return, for each agency, who is known to any of the others."""
    number = known.sum(axis=1)
    others: Bools = (number[:, None] - known) > 0
    return others
