"""Interests that people declare in a case, or in the whole meeting, and what was done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.panel_information
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels import cases
from kingshurst_tui.panels.members import row_of
from kingshurst_tui.panels.records import STEPS, Conflict
from kingshurst_tui.panels.running import BUSINESS, runs, still_open
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

LONGEST = 500


def conflicts(act: Act, panel_id: int) -> tuple[Conflict, ...]:
    """Return the interests that were declared for a meeting, in order; words about a masked profile are left out."""
    return tuple(
        Conflict(
            row.id,
            row.panel_member_id,
            row.display_name,
            row.agency_code,
            row.panel_case_id,
            row.pseudonym or "",
            row.interest,
            row.step,
            row.declared_by,
            row.declared_at,
        )
        for row in act.read(db.panel_information.interests, panel_id)
    )


def declare(session: Session, member_id: int, interest: str, step: str, *, case_id: int | None = None) -> int:
    """Declare an interest, one's own, or as whoever runs the meeting for somebody who says so; return its number.

    Nothing takes one back: a later one, with another step, stands beside it.

    Args:
        session: who enters it.
        member_id: whose interest it is, by their number at the meeting.
        interest: in words.
        step: one of STEPS; whoever stepped out counts for no quorum in that case.
        case_id: in which case; None for the whole meeting.

    Raises: InputRejected, NotFound, Refused (somebody else's interest).
    """
    words = clean(interest)
    wrong = []
    if not words or len(words) > LONGEST:
        wrong.append(f"interest: say what it is, in 1 to {LONGEST} letters")
    if step not in STEPS:
        wrong.append(f"step: one of {', '.join(STEPS)}")
    if wrong:
        raise InputRejected(
            "The interest was not kept.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    with session.act(Operation.COLLECT, Thing.PANEL, reason=BUSINESS, facts={"step": "interest"}) as act:
        row = row_of(act, member_id)
        panel = still_open(act, row.panel_id)
        if row.user_name != session.user.name and not runs(session, panel.chair, panel.minute_taker):
            act.refuse(
                "That is somebody else's interest.", "Nothing was changed.", "They declare it, or who runs the panel."
            )
        about = None
        if case_id is not None:
            case = cases.row_of(act, case_id)
            if case.panel_id != row.panel_id:
                act.refuse("The case is on another panel's agenda.", "Nothing was changed.")
            about = case.profile_id
            act.concerns([case.pseudonym])
        number = act.write(
            db.panel_information.add_interest,
            panel_id=row.panel_id,
            member_id=member_id,
            profile_id=about,
            interest=words,
            step=step,
            by=session.user.name,
            at=stamp(session.clock.now()),
        )
        act.note(panel=row.panel_id, member=member_id, taken=step)
    return number
