"""Taking times and saying what they mean: medians, and ratios of things measured in turn within one run.

A shared machine is slow or fast as a whole, so absolute times travel badly; two things timed in turn stand in
a ratio that does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one thing, in seconds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle time, in seconds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.name}: median {spell(self.median)}"
            f" (from {spell(min(self.seconds))} to {spell(max(self.seconds))}, {len(self.seconds)} runs)"
        )


def spell(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    if seconds >= 10:
        return f"{seconds:.0f} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.2f} ms"


def timed(work: Callable[[], object]) -> float:
    """Do a piece of work and return the seconds it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(runs: int, **works: Callable[[], object]) -> dict[str, Times]:
    """Time several pieces of work alternately, so that a slow spell of the machine meets them all."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            seconds[name].append(timed(work))
    return {name: Times(name.replace("_", " "), tuple(taken)) for name, taken in seconds.items()}


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the time that the given share (0 to 1) of the runs stayed under or at."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def ratio(ours: Times, theirs: Times, *, at_most: float | None = None) -> None:
    """Print how many times as long as the other ours took, and what was asked."""
    print(ours)
    print(theirs)
    times = ours.median / theirs.median
    asked = "reported" if at_most is None else f"asked at most {at_most:g}: {'within' if times <= at_most else 'OVER'}"
    print(f"ratio {ours.name} / {theirs.name}: {times:.2f} ({asked})")


def bound(ours: Times, at_most: float) -> None:
    """Print a time against the time that was asked for, in seconds."""
    verdict = "within" if ours.median <= at_most else "OVER"
    print(f"{ours}; asked at most {spell(at_most)}: {verdict}")
