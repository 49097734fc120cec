"""What is done with a case, from its list and from a profile: where it stands, who leads it, who may open it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework import case_access, cases, lead_transfers
from kingshurst_tui.casework.cases import NEXT, STATES
from kingshurst_tui.casework.partners import partner_agencies
from kingshurst_tui.vocabulary import Operation, Thing
from screens.action_acts import PANEL
from screens.after_words import case_facts, names_of
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.conflict import say
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.reading import Reading
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.casework.cases import CaseShown
    from screens.working import WorkingScreen


async def deal_with_case(screen: WorkingScreen[Any], pseudonym: str, reason: Reason = PANEL) -> bool:
    """Read how a case stands, ask what to do with it and do it; return whether anything changed."""
    session = screen.session
    case: CaseShown = await screen.ask(cases.read, session, pseudonym, reason)
    may_say, may_restrict = session.may(Operation.ALTER, Thing.CASE), session.may(Operation.ADMINISTER, Thing.CASE)
    offers = [("history", "Read how it stood, and why")]
    if may_say:
        offers += [
            (f"state:{state}", f"It is {STATES[state]}")
            for state in NEXT[case.state]
            if case.is_open or state in cases.WITHOUT_OPENING
        ]
        if case.lead is not None:
            offers.append(("hand", f"Ask another agency to lead ({case.lead.agency} leads now)"))
    if may_restrict and case.restriction is None:
        offers.append(("restrict", "Restrict it: only those on a list may open it"))
    if may_restrict and case.restriction is not None:
        offers.append(("let-in", "Put somebody on its list"))
        if case.restriction.is_mine:
            offers += [("take-off", "Take somebody off its list"), ("end", "End the restriction")]
    chosen = await screen.app.push_screen_wait(Choose(f"The case of {case.pseudonym}", offers))
    if chosen is None:
        return False
    if chosen == "history":
        facts = case_facts(case) if case.states or case.restriction else [("Case", "Nobody has said where it stands.")]
        await screen.app.push_screen_wait(Reading(f"The case of {case.pseudonym}", facts))
        return False
    if chosen == "hand":
        return await _hand_over(screen, case, reason)
    doing, _, state = chosen.partition(":")
    if doing == "state":
        return await _set_state(screen, case, state, reason)
    if doing == "restrict":
        return await _restrict(screen, case, reason)
    return await _keep_list(screen, case, doing, reason)


async def _set_state(screen: WorkingScreen[Any], case: CaseShown, state: str, reason: Reason) -> bool:
    draft = await screen.ask(Draft(Operation.ALTER, Thing.CASE, case.profile_id, state).load, screen.session)

    def box(given: str) -> AskWords:
        return AskWords(f"Why is it {state.replace('-', ' ')}?", STATES[state], given=given, draft=draft)

    doing: dict[str, Any] = {"reason": reason, "over": case.state}
    said, _ = await say(screen, box, draft, cases.set_state, case.pseudonym, state, **doing)
    return said


async def _hand_over(screen: WorkingScreen[Any], case: CaseShown, reason: Reason) -> bool:
    session = screen.session

    def send(given: dict[str, str]) -> int:
        return lead_transfers.ask(session, case.pseudonym, given["to_agency"], given["why"], given["handover"], reason)

    agencies = await screen.ask(partner_agencies, session)
    leads = case.lead.agency if case.lead else ""
    fields = (
        Field("to_agency", "Which agency is to lead", Kind.CHOICE, required=True,
              options=tuple(each for each in agencies if each[0] != leads)),
        Field("why", "Why", Kind.WORDS, required=True, longest=lead_transfers.LONGEST),
        Field("handover", "What they must know: what was done and promised, whom the person trusts", Kind.WORDS,
              required=True, longest=lead_transfers.LONGEST),
    )  # fmt: skip
    draft = Draft(Operation.ALTER, Thing.CASE, case.profile_id, "hand")
    form = FormDialog(
        "Hand the lead over",
        fields,
        send,
        words=f"{leads} leads until the other agency takes it over. The signed decision stays as it is.",
        draft=await screen.ask(draft.load, session),
    )
    number = await screen.app.push_screen_wait(form)
    if number is not None:
        screen.notify(f"Handover {number}: the other agency is asked.", markup=False)
    return number is not None


async def answer_handover(screen: WorkingScreen[Any], number: int, reason: Reason = PANEL) -> bool:
    """Take a lead over, refuse it, or take back what was asked; the room says who may."""
    offers = [
        ("accept", "Take the lead over from now on"),
        ("decline", "Do not take it over, and say why"),
        ("withdraw", "Take back what was asked, and say why"),
    ]
    chosen = await screen.app.push_screen_wait(
        Choose(f"Handover {number}", offers, words="The agency that is asked answers; who asked can take it back.")
    )
    if chosen is None:
        return False
    needed = chosen != "accept"
    words = await screen.app.push_screen_wait(AskWords("In words" if needed else "A word to it, if any", needed=needed))
    if words is None:
        return False
    if chosen == "withdraw":
        await screen.ask(lead_transfers.withdraw, screen.session, number, words, reason)
    else:
        taken = chosen == "accept"
        await screen.ask(lead_transfers.answer, screen.session, number, accepted=taken, words=words, reason=reason)
    return True


async def _restrict(screen: WorkingScreen[Any], case: CaseShown, reason: Reason) -> bool:
    session = screen.session

    def send(given: dict[str, str]) -> None:
        case_access.restrict(session, case.pseudonym, given["why"], names_of(given["others"]), reason)

    fields = (
        Field("why", "Why", Kind.WORDS, required=True, longest=case_access.LONGEST),
        Field("others", "Who else may open it (their names here)", longest=400),
    )
    form = FormDialog(
        "Restrict this case",
        fields,
        send,
        words="Whoever is not on the list reads the mask, whatever opens it for others. You are on it.",
    )
    return bool(await screen.app.push_screen_wait(form))


async def _keep_list(screen: WorkingScreen[Any], case: CaseShown, doing: str, reason: Reason) -> bool:
    session, restriction = screen.session, case.restriction
    if doing == "take-off" and restriction is not None:
        on_list = [(each.user_name, each.user_name) for each in restriction.on_list]
        name = await screen.app.push_screen_wait(Choose("Who comes off the list?", on_list))
        if name is None:
            return False
        await screen.ask(case_access.take_off, session, case.pseudonym, name, reason)
        return True
    if doing == "end":
        why = await screen.app.push_screen_wait(AskWords("Why does the restriction end?"))
        if why is None:
            return False
        await screen.ask(case_access.end, session, case.pseudonym, why, reason)
        return True

    def send(given: dict[str, str]) -> None:
        case_access.let_in(session, case.pseudonym, given["name"], given["why"], reason)

    fields = (
        Field("name", "Who (their name here)", required=True, longest=60),
        Field("why", "Why they need it", Kind.WORDS, required=True, longest=case_access.LONGEST),
    )
    return bool(await screen.app.push_screen_wait(FormDialog("Put somebody on the list", fields, send)))
