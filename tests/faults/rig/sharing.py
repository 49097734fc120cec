"""What each of several processes does of a long run: a rig of its own, and pieces of work as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.faults.rig import settings
from tests.faults.rig.settings import HOW
from tests.faults.rig.sweeps import Rig, Tally

_rig: list[Rig] = []
_open = ExitStack()


def begin(starts: Path, scratch: Path, kept: Path, every_retry: bool) -> None:
    """Start this process's rig; it ends with the process."""
    _open.enter_context(settings.settled())
    _rig.append(Rig(starts, scratch / f"process-{os.getpid()}", kept, every_retry=every_retry))


def losses(name: str, count: int, seed: int) -> Tally:
    """Lose the power ``count`` times in a scenario."""
    begun = time.monotonic()
    found = _rig[0].power_losses(name, count, seed)
    found.seconds = time.monotonic() - begun
    return found


def kills(name: str, count: int, seed: int) -> Tally:
    """Kill a scenario ``count`` times, at any moment."""
    begun = time.monotonic()
    found = _rig[0].kills(name, count, seed)
    found.seconds = time.monotonic() - begun
    return found


def points(name: str, thinned: bool) -> dict[str, tuple[int, list[int]]]:
    """Return how many calls of a scenario each fault applies to, and at which of them it is tried."""
    rig = _rig[0]
    return {how: (len(rig.points(name, how)), rig.points(name, how, thinned=thinned)) for how in HOW}


def faults(name: str, points: Sequence[tuple[int, str]]) -> dict[str, Tally]:
    """Let these calls of a scenario go wrong, each as it says; return what came of it by kind of fault."""
    return _rig[0].faults(name, points)
