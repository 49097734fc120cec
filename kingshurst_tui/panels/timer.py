"""For how long a case was before the panel: counted by the chair's terminal, kept with the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.panel_notes
import db.panel_room
from kingshurst_tui.counting import some
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session

OVER = "OVER TIME"
"""How a time begins that is over."""

KEPT_EVERY = 10
"""Seconds after which the time is kept; a power cut loses no more of it."""


def counts(session: Session, chair: str, minute_taker: str, status: str) -> bool:
    """Return whether this terminal counts the time of the case on its screen: the chair's does, while it is held.

    Where the chair takes the notes at no terminal of their own (their name is no user's), the minute-taker's does.
    """
    if status != "open" or not session.may(Operation.ALTER, Thing.MINUTES):
        return False
    return session.user.name == (chair or minute_taker)


def keep(session: Session, case_id: int, seconds: int) -> int:
    """Keep for how long a case was before the panel; return the time that stands, which never goes back.

    Raises: Refused, StoreUnavailable.
    """

    def write(connection: Connection) -> int:
        case = db.panel_room.case(connection, case_id)
        if case is None or case.seconds >= seconds:
            return case.seconds if case is not None else seconds
        db.panel_notes.set_seconds(connection, case_id, seconds)
        return seconds

    return session.stage(Operation.ALTER, Thing.MINUTES, write)


def in_words(seconds: int, minutes: int) -> str:
    """Return the time so far beside the time there is: "4:12 of 6 minutes", "OVER TIME by 2 minutes: 8:03 of 6"."""
    spent = f"{seconds // 60}:{seconds % 60:02d}"
    over = seconds - minutes * 60
    if not minutes:
        return f"{spent}, no time was set"
    if over < 0:
        return f"{spent} of {some(minutes, 'minute')}"
    by = f"by {some(over // 60, 'minute')}" if over >= 60 else "now"
    return f"{OVER} {by}: {spent} of {minutes}"
