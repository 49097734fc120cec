"""Which agencies the partnership has, for choosing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.users

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


def partner_agencies(session: Session) -> tuple[tuple[str, str], ...]:
    """Return code and name of every partner agency, by code; about no person."""
    return tuple((code, f"{name} ({code})") for code, (name, _) in sorted(session.look(db.users.agencies).items()))
