"""What is done with an action, from its list and from a profile: each asks, does it, and says what came of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import action_lists, action_steps, actions
from kingshurst_tui.casework.action_shown import NOT_DONE_BECAUSE, ActionShown
from kingshurst_tui.casework.actions import LONGEST
from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from screens.after_words import action_in_full
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.conflict import say
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.session import Session
    from screens.working import WorkingScreen

PANEL = Reason(ReasonCode.PANEL)


def offers(session: Session, action: ActionShown) -> list[tuple[str, str]]:
    """Return what this user may do with an action, and how each reads."""
    speaks = session.user.role in SPEAKS_FOR_EVERY_AGENCY
    own = session.user.agency == action.owner_agency or session.user.name == action.owner_user
    found = [("history", "Read everything that was said of it")]
    if not session.may(Operation.ALTER, Thing.ACTION) or not (own or speaks):
        return found
    entered = "" if own else f", for {action.owner_agency}"
    if action.status == "open":
        if action.accepted != "accepted":
            found.append(("accept", f"Take it on{entered}"))
        if action.accepted != "declined":
            found.append(("decline", f"Refuse it{entered}: it comes back to the panel"))
        found.append(("progress", f"Say how far it has come{entered}"))
        found.append(("evidence", f"Say what shows it{entered}"))
        found.append(("close", f"Say what came of it{entered}"))
        found.append(("change", "Give it another day or owner"))
    else:
        found.append(("close", f"Say anew what came of it{entered}"))
    if speaks and action.because == action_lists.DID_NOT_ACT:
        found.append(("back", "Say that a panel had it again"))
    return found


async def deal_with(screen: WorkingScreen[Any], action: ActionShown, doing: str = "", reason: Reason = PANEL) -> bool:
    """Do one thing with an action, asking which where it is not said; return whether anything changed."""
    may = offers(screen.session, action)
    if not doing:
        chosen = await screen.app.push_screen_wait(Choose(f"Action {action.number}", may))
        if chosen is None:
            return False
        doing = chosen
    if doing not in {code for code, _ in may}:
        screen.notify("That is not for you, or not for an action that stands so.", markup=False)
        return False
    if doing == "history":
        found = await screen.ask(action_steps.read, screen.session, action.number, reason)
        await screen.app.push_screen_wait(Reading(f"Action {action.number}", action_in_full(found)))
        return False
    if doing == "accept":
        return await _accept(screen, action, reason)
    if doing == "change":
        return await _change(screen, action, reason)
    if doing == "close":
        return await _close(screen, action, reason)
    return await _say(screen, action, doing, reason)


async def _draft(screen: WorkingScreen[Any], action: ActionShown, doing: str) -> Draft:
    draft = Draft(Operation.ALTER, Thing.ACTION, action.profile_id, f"{doing}-{action.number}")
    return await screen.ask(draft.load, screen.session)


async def _say(screen: WorkingScreen[Any], action: ActionShown, doing: str, reason: Reason) -> bool:
    draft = await _draft(screen, action, doing)
    question = {
        "decline": "Why does your agency refuse it?",
        "progress": "How far has it come?",
        "evidence": "What shows it?",
        "back": "What becomes of it?",
    }[doing]

    def box(given: str) -> AskWords:
        return AskWords(question, action.text, given=given, draft=draft)

    if doing == "decline":
        said, _ = await say(screen, box, draft, action_steps.decline, action.number, reason=reason)
    elif doing == "back":
        said, _ = await say(screen, box, draft, action_steps.brought_back, action.number, words="words", reason=reason)
    else:
        shows: dict[str, Any] = {"evidence": doing == "evidence", "reason": reason}
        said, _ = await say(screen, box, draft, action_steps.progress, action.number, words="words", **shows)
    if said:
        screen.notify("Refused: it comes back to the next panel." if doing == "decline" else "Kept.", markup=False)
    return said


async def _accept(screen: WorkingScreen[Any], action: ActionShown, reason: Reason) -> bool:
    session, begun = screen.session, Begun()

    def send(given: dict[str, str]) -> None:
        action_steps.accept(
            session,
            action.number,
            owner_user=given["owner_user"],
            owner_reference=given["owner_reference"],
            words=given["words"],
            reason=reason,
            over=begun.over,
        )

    fields = (
        Field("owner_user", "Who does it (their name here), if known", longest=60),
        Field("owner_reference", "What your own system calls it", longest=action_steps.LONGEST_REFERENCE),
        Field("words", "Anything else", longest=LONGEST),
    )
    draft = await _draft(screen, action, "accept")
    form = FormDialog("Take it on", fields, send, words=action.text, draft=draft, begun=begun)
    return bool(await screen.app.push_screen_wait(form))


async def _change(screen: WorkingScreen[Any], action: ActionShown, reason: Reason) -> bool:
    session, begun = screen.session, Begun(action.version)

    def send(given: dict[str, str]) -> None:
        action_steps.change(
            session,
            action.number,
            owner_agency=given["owner_agency"],
            owner_user=given["owner_user"],
            due_on=date.fromisoformat(given["due_on"]) if given["due_on"] else None,
            why=given["why"],
            reason=reason,
            over=begun.over,
        )

    agencies = await screen.ask(partner_agencies, session)
    fields = (
        Field("owner_agency", "Another agency; it is asked anew", Kind.CHOICE, options=agencies),
        Field("owner_user", "Who of it, if known", longest=60),
        Field("due_on", "By when, if not by the day that stands", Kind.DAY),
        Field("why", "Why", Kind.WORDS, required=True, longest=LONGEST),
    )
    draft = await _draft(screen, action, "change")
    form = FormDialog(f"Change action {action.number}", fields, send, words=action.text, draft=draft, begun=begun)
    return bool(await screen.app.push_screen_wait(form))


async def _close(screen: WorkingScreen[Any], action: ActionShown, reason: Reason) -> bool:
    outcomes = [("done", "It was done")] + [(code, f"Not done: {said}") for code, said in NOT_DONE_BECAUSE.items()]
    chosen = await screen.app.push_screen_wait(Choose("What came of the action?", outcomes))
    if chosen is None:
        return False
    draft = await _draft(screen, action, "close")

    def box(given: str) -> AskWords:
        return AskWords("A note, if any", placeholder="Enter leaves it empty", needed=False, given=given, draft=draft)

    because = "" if chosen == "done" else chosen
    doing: dict[str, Any] = {"done": chosen == "done", "because": because, "reason": reason}
    await say(screen, box, draft, actions.close, action.number, words="note", **doing)
    return True
