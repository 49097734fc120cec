"""The form of a new action, wherever it is asked for: on a profile, or in the room."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework import actions
from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.vocabulary import Intervention, Operation, Thing
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.acts import Reason
    from screens.working import WorkingScreen


async def ask_for_action(
    screen: WorkingScreen[Any],
    pseudonym: str,
    profile_id: int,
    *,
    reason: Reason,
    decision: int | None = None,
    panel_case: int | None = None,
) -> bool:
    """Ask for an action about somebody and add it; return whether one was added.

    Args:
        screen: that asks.
        pseudonym: about whom; ``profile_id`` is where the draft lies.
        profile_id: the same.
        reason: why one acts.
        decision: the decision that it follows from.
        panel_case: the case of the panel that gives it.
    """
    session = screen.session

    def send(given: dict[str, str]) -> int:
        return actions.add(
            session,
            pseudonym,
            given["text"],
            owner_agency=given["owner_agency"],
            owner_user=given["owner_user"],
            due_on=date.fromisoformat(given["due_on"]),
            outcome_sought=given["outcome_sought"],
            intervention=given["intervention"],
            decision=decision,
            panel_case=panel_case,
            reason=reason,
        )

    agencies = await screen.ask(partner_agencies, session)
    fields = (
        Field("text", "What is to be done", Kind.WORDS, required=True, longest=actions.LONGEST),
        Field("owner_agency", "Which agency does it", Kind.CHOICE, required=True, options=agencies),
        Field("owner_user", "Who of its users (their name here), if known", longest=60),
        Field("due_on", "By when", Kind.DAY, required=True),
        Field("outcome_sought", "What is to be better for the person then", longest=actions.LONGEST),
        Field(
            "intervention",
            "What kind of thing it is",
            Kind.CHOICE,
            options=tuple((kind.value, kind.value.replace("-", " ")) for kind in Intervention),
        ),
    )
    draft = await screen.ask(Draft(Operation.ALTER, Thing.ACTION, profile_id).load, session)
    number = await screen.app.push_screen_wait(FormDialog("An action", fields, send, draft=draft))
    if number is None:
        return False
    screen.notify(f"Action {number} was added.", markup=False)
    return True
