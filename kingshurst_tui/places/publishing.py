"""Works out what of the counts for places may be shown, and keeps it: the one way by which counts go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kingshurst_tui.session import Session


def refresh(session: Session) -> int:
    """Publish what has come in since it was last published, for the session's purpose; return how many data sets.

    Raises: Refused (the role sees no area measures), StoreUnavailable.
    """
    raise NotImplementedError
