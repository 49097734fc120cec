"""From a profile to what was said of its decision: dissents from it, and what the panel saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from textual.screen import Screen

    from kingshurst_tui.casework.decision_shown import DecisionShown
    from kingshurst_tui.casework.profile_records import AnyProfile
    from kingshurst_tui.session import Session


def disputes(profile: AnyProfile, session: Session) -> list[tuple[str, str, bool]]:
    """Return what can be done about the decision that stands: code, words, whether it is offered."""
    decision = _standing(profile)
    return [
        (
            "dissent",
            "Look at dissents from the decision, or dissent from it",
            decision is not None and session.may(Operation.CONSULT, Thing.DISSENT),
        ),
        ("seen", "See what the panel saw when it decided", decision is not None and decision.panel is not None),
    ]


async def dispute(screen: Screen[Any], profile: AnyProfile, chosen: str) -> bool:
    """Go there; nothing of the profile is changed."""
    from screens.dissents import DissentsScreen
    from screens.seen import SeenScreen

    decision = _standing(profile)
    if decision is not None and chosen == "dissent":
        screen.app.push_screen(DissentsScreen(decision=decision.number))
    elif decision is not None and decision.panel is not None:
        screen.app.push_screen(SeenScreen(int(decision.panel["case"])))
    return False


def _standing(profile: AnyProfile) -> DecisionShown | None:
    decisions = profile.decisions if isinstance(profile, Profile) else ()
    return next((each for each in decisions if each.status in ("signed", "reopened")), None)
