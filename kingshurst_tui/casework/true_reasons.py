"""Which reason is entered for looking at somebody, whatever was asked for."""

from __future__ import annotations

import db.case_reading
from db.case_reading import MaskedRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.errors import ReasonNeeded
from kingshurst_tui.vocabulary import ReasonCode

EXPECTED_REASONS = frozenset({ReasonCode.PANEL, ReasonCode.CASELOAD})
"""Reasons that are enough for a profile on the agenda or in one's own caseload, and for no other."""


def true_reason(act: Act, row: MaskedRow, reason: Reason) -> Reason:
    """Return the reason to enter: of the two that need no words, the one that holds. Raises: ReasonNeeded."""
    if reason.code not in (*EXPECTED_REASONS, ReasonCode.FINDING):
        return reason
    user, purpose = act.session.user.name, act.session.purpose
    holding = []
    if act.read(db.case_reading.in_caseload, row.profile_id, user):
        holding.append(ReasonCode.CASELOAD)
    if act.read(db.case_reading.on_agenda, row.profile_id, purpose):
        holding.append(ReasonCode.PANEL)
    if not holding:
        raise ReasonNeeded(
            "Say why you open this profile.",
            "It is neither on the agenda nor in your own caseload. Nothing was shown.",
            "Give the reason in words, or one of the usual ones.",
        )
    return reason if reason.code in holding else Reason(holding[0], reason.text)
