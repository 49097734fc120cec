"""How far up a dissent has gone, and by when it is answered there: levels and clocks set by the partnership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kingshurst_tui.panels import settings
from kingshurst_tui.working_days import add_working_days, end_of

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

HOURS, WORKING_DAYS = "hours", "working days"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the ladder.

    Attributes:
        name: whose it is to answer.
        setting: the name of its clock among the partnership's settings (kingshurst_tui/panels/settings.py).
        unit: what the clock counts: hours, or working days.
    """

    name: str
    setting: str
    unit: str


LEVELS = (
    Level("the chair", "panel.dissent-chair", HOURS),
    Level("the agencies' managers", "panel.dissent-managers", WORKING_DAYS),
    Level("the partnership's board", "panel.dissent-board", WORKING_DAYS),
)
"""From the chair up: 24 hours, 5 and 14 working days unless the partnership sets others."""

TOP = len(LEVELS) - 1


def due(act: Act, level: int) -> datetime:
    """Return by when a dissent that reaches a level now is to be answered there."""
    return due_after(act, level, act.session.clock.now())


def due_after(act: Act, level: int, moment: datetime) -> datetime:
    """Return when the clock of a level runs out that begins at a moment."""
    clock = settings.value(act, LEVELS[level].setting)
    if LEVELS[level].unit == HOURS:
        return moment + timedelta(hours=clock)
    return end_of(add_working_days(moment.date(), clock))
