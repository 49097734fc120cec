"""What home says of roles: that one's own waits, and whose waits for one's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.granting import role_lines
from kingshurst_tui.vocabulary import Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


def own(session: Session) -> HomeSection | None:
    """Return that the signed-in user's role waits, and for whom; None where it does not."""
    if not session.user.is_waiting:
        return None
    mine = [line for line in role_lines.listing(session) if line.user == session.user.name]
    items = [
        HomeItem(
            Thing.GRANT,
            line.user,
            "you",
            line.waits_words or "no role is proposed for you: an administrator does that",
            warning="Until then you see and do next to nothing",
        )
        for line in mine
    ]
    return section("own-role", "Your role waits for a second person", "", items)


def for_me(session: Session) -> HomeSection | None:
    """Return whose role waits for the signed-in user's signature; None where they could be nobody's second person."""
    lines = role_lines.waiting_for_me(session)
    items = [
        HomeItem(
            Thing.GRANT,
            line.user,
            line.user,
            f"{line.waits_role}, proposed by {line.proposed_by}, waits for you or another",
        )
        for line in lines
    ]
    if not items:
        return None
    return section("roles", "Roles that need a second person", "No role needs a second person.", items)
