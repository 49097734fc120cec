"""By when actions and minutes of a meeting go out, and whether they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import db.minutes
from kingshurst_tui.dates import say_date, show_time
from kingshurst_tui.panels import settings
from kingshurst_tui.panels.records import Panel
from kingshurst_tui.working_days import add_working_days

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act


@dataclass(frozen=True, slots=True)
class Targets:
    """By when actions and minutes go out, and whether they did.

    Attributes:
        actions_sent: when they first did; None where they have not.
    """

    actions_due: datetime
    actions_sent: datetime | None
    minutes_due: date
    minutes_sent: datetime | None
    now: datetime

    def in_words(self) -> tuple[str, str]:
        """Return a line for the actions and one for the minutes."""
        return (
            _target("Actions", _moment(self.actions_due), self.actions_sent, self.actions_due, self.now),
            _target(
                "Minutes",
                f"the end of {say_date(self.minutes_due)}",
                self.minutes_sent,
                datetime.combine(self.minutes_due + timedelta(days=1), datetime.min.time(), self.now.tzinfo),
                self.now,
            ),
        )


def targets(act: Act, panel: Panel) -> Targets:
    """Return by when actions and minutes of a meeting go out, and when they did, whichever version did."""
    rows = act.read(db.minutes.versions, panel.number)
    closed = _instant(panel.closed_at) or datetime.combine(panel.held_on, datetime.max.time(), UTC)
    return Targets(
        closed + timedelta(hours=settings.value(act, "panel.actions-hours")),
        min((sent for each in rows if (sent := _instant(each.actions_sent_at))), default=None),
        add_working_days(panel.held_on, settings.value(act, "panel.minutes-days")),
        min((sent for each in rows if (sent := _instant(each.minutes_sent_at))), default=None),
        act.session.clock.now(),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _target(what: str, by: str, sent: datetime | None, due: datetime, now: datetime) -> str:
    if sent is not None:
        return f"{what} went out on {_moment(sent)}: {'in time' if sent <= due else f'late, due by {by}'}."
    return f"{what} go out by {by}{': overdue' if now > due else ''}."


def _moment(moment: datetime) -> str:
    return show_time(moment.astimezone())
