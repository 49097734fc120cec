"""What is asked before anything leaves: where to, why, for whom, until when, in which form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.dates import read_date
from kingshurst_tui.leaving import minutes_copies, packs
from kingshurst_tui.leaving.pages import FORMS
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.acts import Reason
    from kingshurst_tui.leaving.gate import Copy
    from kingshurst_tui.session import Session

WHAT = (
    ("minutes", "Minutes, to each what their agency may see"),
    ("actions", "Actions, to each agency its own"),
    ("pack", "A pack for each attendee"),
)
NOT_APPROVED = "The minutes are not approved and do not leave yet."
WORDS = "Each copy is marked and listed for supervisors. The files are yours alone; how they travel is up to you."


def leaving_fields(*, approved: bool) -> tuple[Field, ...]:
    """Return what is asked before copies leave; minutes are among it once they are approved."""
    what = WHAT if approved else tuple(each for each in WHAT if each[0] != "minutes")
    return (
        Field("what", "What leaves", Kind.CHOICE, required=True, options=what),
        Field("form", "As", Kind.CHOICE, required=True, options=tuple((each, each.upper()) for each in FORMS)),
        Field("into", "Into which folder", required=True, hint="It is there already, and is not the store's own."),
        Field("why", "Why it leaves", required=True, hint="Supervisors read it.", longest=500),
        Field("names", "For whom alone", hint="Names with commas between; none is everybody who is asked."),
        Field("until", "Kept until", Kind.DAY, hint="None is what the partnership set."),
    )


def let_leave(session: Session, panel_id: int, reason: Reason) -> Callable[[dict[str, str]], tuple[Copy, ...]]:
    """Return what lets copies leave with a form's answers."""

    def send(answers: dict[str, str]) -> tuple[Copy, ...]:
        names = [each.strip() for each in answers["names"].split(",") if each.strip()]
        into, until = Path(answers["into"].strip()).expanduser(), read_date(answers["until"])
        form, why = answers["form"], answers["why"]
        if answers["what"] == "pack":
            return packs.release_packs(
                session, panel_id, form=form, into=into, why=why, reason=reason, names=names, expires_on=until
            )
        return minutes_copies.circulate(
            session,
            panel_id,
            what=answers["what"],
            form=form,
            into=into,
            why=why,
            reason=reason,
            names=names,
            expires_on=until,
        )

    return send
