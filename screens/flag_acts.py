"""Saying of a flag whether it was useful; a rule's record is made of what people say, and never of anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.learning import usefulness
from kingshurst_tui.vocabulary import Operation, Thing
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.casework.explaining import FlagShown
    from kingshurst_tui.casework.profile_records import AnyProfile

SAID = "Each person says it once, and may say it anew. Rules of which more people say no come before governance."


async def judge_flag(screen: Any, profile: AnyProfile, flag: FlagShown) -> bool:
    """Ask whether a flag was useful, and why; say whether anything was said."""
    session, reason = screen.session, screen.reason
    if not flag.rule_code:
        screen.notify("Which rule raised it is hidden here, so nobody can say of it whether it helped.", markup=False)
        return False
    own = next((word for word in flag.said if word.by == session.user.name), None)
    begun = Begun(own.at if own else "")
    draft = Draft(Operation.ALTER, Thing.JUDGEMENT, profile.profile_id, f"{flag.flag_id}")
    await screen.ask(draft.load, session)

    def send(given: dict[str, str]) -> None:
        over = str(begun.over or "")
        usefulness.judge(session, flag.flag_id, given["verdict"], given["why"], reason=reason, over=over)

    options = tuple((each, words.capitalize()) for each, words in usefulness.VERDICTS.items())
    done = await screen.app.push_screen_wait(
        FormDialog(
            f"Was this flag useful? {flag.title}",
            (
                Field("verdict", "Useful or not", Kind.CHOICE, required=True, options=options),
                Field("why", "Why", Kind.WORDS, hint="Needed where it was of no use."),
            ),
            send,
            words=SAID,
            values={"verdict": own.verdict, "why": own.why} if own else None,
            draft=draft,
            begun=begun,
        )
    )
    if done:
        screen.notify("Kept.", markup=False)
    return bool(done)
