"""What the Board's report says of places: from published cells alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kingshurst_tui.leaving.pages import Section
    from kingshurst_tui.session import Session


def sections(session: Session) -> tuple[Section, ...]:
    """Return the sections about places; none where nothing of places is held. Raises: Refused."""
    del session
    return ()
