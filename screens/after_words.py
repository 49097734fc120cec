"""Actions, referrals and cases as rows and facts, without any drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.casework.cases import STATES
from kingshurst_tui.casework.referral_form import KNOWS, URGENCY
from kingshurst_tui.dates import say_date, show_date
from screens.profile_words import action_facts, said_day
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kingshurst_tui.casework.action_shown import ActionShown
    from kingshurst_tui.casework.action_steps import ActionInFull
    from kingshurst_tui.casework.case_access import Restriction
    from kingshurst_tui.casework.cases import CaseShown
    from kingshurst_tui.casework.lead_transfers import TransferShown
    from kingshurst_tui.casework.reconciling import ToReconcile
    from kingshurst_tui.casework.referrals_shown import ReferralShown
    from screens.widgets.facts import Fact


def listed_action(action: ActionShown) -> Row:
    """Return one action as a line of a list of actions."""
    late = action.overdue or action.accepted == "declined" or action.because == "agency-did-not-act"
    cells = (
        "!" if late else "",
        action.pseudonym,
        action.text,
        action.stands(),
        f"{action.owner_agency} {action.owner_user}".strip(),
        show_date(action.due_on),
    )
    return Row(action.number, cells, quiet=action.status != "open", reference=str(action.number))


def action_in_full(found: ActionInFull) -> list[Fact]:
    """Return one action with everything that was said of it."""
    return [*action_facts(found.action), *(("Said", step.in_words()) for step in found.steps)]


def referral_row(each: ReferralShown) -> Row:
    """Return one referral as a line."""
    sign = "!" if each.overdue or each.urgency == "today" else ""
    due = show_date(each.feedback_due_on) if each.feedback_due_on and each.status == "accepted" else ""
    cells = (sign, str(each.number), f"{each.from_agency} to {each.to}", each.who, each.urgency, each.status, due)
    over = each.status in ("done", "rejected", "revoked")
    return Row(f"sent:{each.number}", cells, quiet=over, reference=str(each.number))


def referral_facts(each: ReferralShown) -> list[Fact]:
    """Return one referral in full, as its sender and its receiver see it."""
    born = say_date(each.born) if each.born else ""
    facts: list[Fact] = [
        ("Referral", f"{each.number}, from {each.from_agency} to {each.to}, {said_day(each.sent_at)}"),
        ("Who is meant", ", ".join(part for part in (each.who, born, each.postcode) if part)),
        ("Their own reference", each.own_reference or "not given"),
        ("Why", each.why),
        ("Asked for", each.asked),
        ("How soon", URGENCY.get(each.urgency, each.urgency)),
        ("The person", KNOWS.get(each.person_knows, each.person_knows)),
        ("Disclosed on", each.lawful_basis),
    ]
    if each.disclosed:
        facts.append(("Disclosed besides", each.disclosed))
    if each.answered_by:
        facts.append((each.status.capitalize(), f"{each.answer} ({each.answered_by}, {said_day(each.answered_at)})"))
    if each.feedback_due_on:
        late = "; overdue" if each.overdue else ""
        facts.append(("Feedback by", f"{say_date(each.feedback_due_on)}{late}"))
    if each.feedback:
        facts.append(("Feedback", f"{each.feedback} ({each.feedback_by}, {said_day(each.feedback_at)})"))
    return facts + [("Said", step.in_words()) for step in each.steps]


def reconcile_row(each: ToReconcile) -> Row:
    """Return a referral whose person nobody has named as a line."""
    referral = each.referral
    found = f"{len(each.candidates)} like it" if each.candidates else "nobody like it"
    cells = ("?", str(referral.number), f"{referral.from_agency} to {referral.to}", referral.who, "", found, "")
    return Row(f"whose:{referral.number}", cells, reference=str(referral.number))


def reconcile_facts(each: ToReconcile) -> list[Fact]:
    """Return what speaks for and against each candidate, masked."""
    facts: list[Fact] = [
        ("Referral", f"{each.referral.number}: {each.referral.who}"),
        ("Compared", each.because),
    ]
    for candidate in each.candidates:
        said = ", ".join(f"{field} {how}" for field, how in candidate.compared)
        facts.append((candidate.pseudonym, f"{'open' if candidate.is_open else 'masked'}; {said}"))
    if not each.candidates:
        facts.append(("Candidates", "nobody here; Enter says so, and it comes back when somebody is"))
    return facts


def case_row(each: CaseShown) -> Row:
    """Return one case as a line."""
    state = each.states[0] if each.states else None
    cells = (
        "▪" if each.restriction else "",
        each.pseudonym,
        each.state.replace("-", " "),
        each.lead.agency if each.lead else "",
        (state.why if state else "") if each.is_open else "masked",
        said_day(state.changed_at) if state else "",
    )
    return Row(f"case:{each.pseudonym}", cells, quiet=each.state in ("closed", "stood-down"))


def case_facts(each: CaseShown) -> list[Fact]:
    """Return one case in full, as far as it may be seen."""
    facts: list[Fact] = [("Case", f"{each.pseudonym}{'' if each.is_open else ', masked'}")]
    if each.restriction:
        facts.append(("Restricted", restriction_words(each.restriction)))
    if each.lead:
        facts.append(("Leads now", f"{each.lead.agency}, by {each.lead.because}"))
    facts += [(STATES[state.state].partition(":")[0].capitalize(), state.in_words()) for state in each.states]
    return facts


def restriction_words(restriction: Restriction) -> str:
    """Return what a restricted case says of itself, and who is on its list."""
    names = ", ".join(each.user_name for each in restriction.on_list)
    why = f" {restriction.why}" if restriction.why else ""
    return f"{restriction.in_words()}{why} On it: {names}."


def handover_row(each: TransferShown) -> Row:
    """Return a lead that is asked for as a line."""
    cells = ("?", each.pseudonym, each.status, f"{each.from_agency} → {each.to_agency}", each.why,
             said_day(each.asked_at))  # fmt: skip
    return Row(f"handover:{each.number}", cells, quiet=each.status != "asked", reference=str(each.number))


def handover_facts(each: TransferShown) -> list[Fact]:
    """Return a handover in full."""
    facts: list[Fact] = [
        ("Handover", f"{each.number}, of {each.pseudonym}: {each.from_agency} asks {each.to_agency} to lead"),
        ("Why", each.why),
        ("What they must know", each.handover),
        ("Asked by", f"{each.asked_by}, {said_day(each.asked_at)}"),
    ]
    if each.answered_by:
        facts.append((each.status.capitalize(), f"{each.answer} ({each.answered_by}, {said_day(each.answered_at)})"))
    return facts


def handover_of_profile(each: TransferShown) -> Row:
    """Return a handover as a line among the decisions of a profile."""
    cells = (f"Handover: {each.why}", each.status, f"{each.from_agency} → {each.to_agency}", said_day(each.asked_at))
    return Row(f"handover:{each.number}", cells, quiet=each.status != "asked")


def referral_of_profile(each: ReferralShown) -> Row:
    """Return a referral as a line among the decisions of a profile."""
    cells = (f"Referral: {each.why}", each.status, f"{each.from_agency} → {each.to}", said_day(each.sent_at))
    return Row(f"referral:{each.number}", cells, quiet=each.status in ("done", "rejected", "revoked"))


def names_of(typed: str) -> Sequence[str]:
    """Return the users that somebody typed, separated by commas or spaces."""
    return [name for name in typed.replace(",", " ").split() if name]
