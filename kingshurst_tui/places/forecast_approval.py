"""The ALGO-CARE answers for what is expected of places: filed and approved by people, before any of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kingshurst_tui.agreements import model_approval
from kingshurst_tui.agreements.model_approval import Answered
from kingshurst_tui.places.expecting import METHOD

if TYPE_CHECKING:
    from db.rules import Approval
    from kingshurst_tui.session import Session

ANSWERED: Final = Answered(
    "place-forecast", METHOD, METHOD, "nothing is expected of any place", "kingshurst places model answers STORE"
)


def shipped_answers() -> list[dict[str, str]]:
    """Return the answers that come with the method; nobody has approved them yet."""
    return model_approval.shipped("kingshurst_tui.places", "forecast_answers.toml")


def install(session: Session) -> None:
    """File the answers with the store for people to read. Raises: Refused."""
    model_approval.put(session, ANSWERED, shipped_answers())


def approve(session: Session) -> None:
    """Approve the answers filed, signed by whoever approves; what is expected may then be shown.

    Raises: Refused (no permission, nothing filed, or a question of ALGO-CARE is not answered).
    """
    model_approval.approve(session, ANSWERED)


def filed(session: Session) -> Approval | None:
    """Return the answers filed and who approved them, or None."""
    return model_approval.filed(session, ANSWERED)


def is_approved(session: Session) -> bool:
    """Say whether what is expected may be shown."""
    found = filed(session)
    return found is not None and found.status == "approved"
