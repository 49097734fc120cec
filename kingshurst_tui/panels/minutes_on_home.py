"""Minutes that wait to be drafted, approved or circulated, by when; and copies that are to be destroyed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.disclosures
import db.minutes
import db.panels
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.panels.minutes_approval import APPROVED, DRAFT
from kingshurst_tui.panels.minutes_targets import targets
from kingshurst_tui.panels.running import panel_facts
from kingshurst_tui.permissions import WATCHES
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.panels.records import Panel

LATEST = 12
"""Meetings that are looked at: a year of monthly ones."""


def to_write(act: Act) -> HomeSection | None:
    """Return the meetings whose minutes or actions have not gone out; nothing where none was held."""
    if not act.session.may(Operation.ALTER, Thing.MINUTES):
        return None
    held = [row for row in act.read(db.panels.every) if row.status == "closed"][:LATEST]
    if not held:
        return None
    items = [item for row in held if (item := _waits(act, panel_facts(act, row.id))) is not None]
    return section("minutes", "Minutes to write, approve or circulate", "All minutes have gone out.", items)


def _waits(act: Act, panel: Panel) -> HomeItem | None:
    when = targets(act, panel)
    are_actions_out = when.actions_sent is not None or not act.read(db.actions.of_panel, panel.number)
    if when.minutes_sent is not None and are_actions_out:
        return None
    rows = act.read(db.minutes.versions, panel.number)
    state = rows[0].status if rows else ""
    words = {"": "draft the minutes", DRAFT: "approve the minutes", APPROVED: "circulate the minutes"}
    asked = [words[state if state in words else ""]] if when.minutes_sent is None else []
    late = when.minutes_sent is None and act.session.clock.today() > when.minutes_due
    if not are_actions_out and rows:
        asked.insert(0, "circulate the actions")
    late = late or (not are_actions_out and when.now > when.actions_due)
    due = when.minutes_due if are_actions_out else when.actions_due.date()
    return HomeItem(
        Thing.MINUTES,
        panel.number,
        "",
        f"{panel.title}: {', then '.join(asked)}",
        due=due,
        warning="Overdue" if late else "",
    )


def to_destroy(act: Act) -> HomeSection | None:
    """Return, for supervisors, what has left and should have been destroyed by now, or was called back."""
    if act.session.user.role not in WATCHES:
        return None
    rows = act.read(db.disclosures.listed)
    if not rows:
        return None
    today = act.session.clock.today()
    items = [
        HomeItem(
            Thing.DISCLOSURE,
            row.id,
            "",
            f"{row.kind} by {row.made_by}: "
            + ("called back" if row.status == "called-back" else "its day has passed; its copies are to be destroyed"),
            due=date.fromisoformat(row.expires_on),
        )
        for row in rows
        if row.status == "called-back" or date.fromisoformat(row.expires_on) < today
    ]
    return section("left", "Copies that are to be destroyed", "No copy is to be destroyed.", items)
