"""What the tests about deciding share: a meeting that is open with its quorum, and a decision's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework import decision_shown, decisions
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.panels import attendance, meetings
from tests.casework.conftest import PANEL

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from tests.panels.conftest import Meeting

FIELDS: dict[str, Any] = {
    "lead_agency": "SCH",
    "why": "They see the person every week.",
    "why_not_first_contacted": "They met the person once, two years ago.",
    "review_on": "2026-08-03",
    "review_trigger": "A move, or another fire.",
}
MARKED = list(DISCUSSED)
WHY = "The case cannot wait another month."


def begin(meeting: Meeting, *, without: tuple[int, ...] = ()) -> None:
    """Open the meeting; everybody but these is present."""
    session = meeting.town.coordinator
    for member in (meeting.police, meeting.housing, meeting.health):
        attendance.attend(session, member, "apologies" if member in without else "present")
    if meeting.health not in without:
        # Whom the coordinator asked by name alone is there by the chair's word as well.
        attendance.attend(meeting.town.supervisor, meeting.health, "present")
    meetings.open_panel(session, meeting.number)


def decide(
    meeting: Meeting, which: int = 0, *, by: Session | None = None, case: bool = True, **changed: Any
) -> decision_shown.DecisionShown:
    """Sign a decision about one of the meeting's two people, in the room unless ``case`` says otherwise."""
    session = by or meeting.town.coordinator
    pseudonym = meeting.people[which].pseudonym
    number = (meeting.first, meeting.second)[which]
    form = decisions.open_form(session, pseudonym, PANEL)
    return decisions.sign(
        session,
        pseudonym,
        {**FIELDS, **changed},
        [name for name in MARKED if name not in changed],
        version=form.version,
        reason=PANEL,
        panel_case=number if case else None,
    )
