"""Reports of what went wrong in the program: for administrators, who see no case, and these hold none."""

from __future__ import annotations

import db.crashes
from db.crashes import CrashReport
from db.keys import SealBroken
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import IntegrityFailure, NotFound
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing


def listed(session: Session, reason: Reason) -> list[CrashReport]:
    """Return every report without its detail, the newest first. Raises: Refused."""
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=reason, facts={"step": "crash-list"}) as act:
        return act.read(db.crashes.newest_first)


def shown(session: Session, reference: str, reason: Reason) -> str:
    """Return the detail of one report. Raises: Refused, NotFound, IntegrityFailure."""
    with session.act(Operation.ADMINISTER, Thing.STORE, reason=reason, facts={"step": "crash-show"}) as act:
        try:
            found = act.read(db.crashes.detail, reference, session.crash_key())
        except SealBroken:
            raise IntegrityFailure(
                "The report does not open.", "It is not what was sealed. Nothing was changed.", "Run: kingshurst check"
            ) from None
    if found is None:
        raise NotFound("There is no report of that reference.", "Nothing was shown.", "See: kingshurst crash list")
    return found
