"""Recording what came of a decision: which part of life, then a form that others' words are never lost in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.learning import outcomes
from kingshurst_tui.learning.outcomes import MONTHS, TITLES
from kingshurst_tui.learning.rates import REGRESSION
from kingshurst_tui.vocabulary import Domain, Effect, Operation, Thing
from screens.choose import Choose
from screens.drafting import Begun, Draft
from screens.form_dialog import FormDialog
from screens.outcome_words import DOMAINS, EFFECTS, domain_words, effect_words
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.learning.outcomes import Outcomes, OutcomeShown

FIELDS = (
    Field(
        "effect",
        TITLES["effect"],
        Kind.CHOICE,
        required=True,
        hint="“No effect” and “unknown” are answers like any other; unknown needs no measure.",
        options=tuple((each.value, words.capitalize()) for each, words in EFFECTS.items()),
    ),
    Field("measured_on", TITLES["measured_on"], Kind.DAY, required=True, hint="The day that “now” speaks of."),
    Field("baseline", TITLES["baseline"], Kind.WORDS, hint="This person's own before: in words, or a figure."),
    Field("now", TITLES["now"], Kind.WORDS, hint="The same, measured again."),
    Field(
        "person_view",
        TITLES["person_view"],
        Kind.WORDS,
        required=True,
        hint="In their words; where nobody asked, “not asked”.",
    ),
    Field("source", TITLES["source"], hint="Whose word this is, or which record.", longest=400),
)


async def record(screen: Any, found: Outcomes, decision: int, months: int, domain: str, reason: Reason) -> bool:
    """Ask what came of a decision in one part of life and record it; say whether anything was recorded.

    Args:
        screen: that asks.
        found: what is recorded about the person.
        decision: the decision's number.
        months: after how many; 0 asks.
        domain: the part of life; empty asks.
        reason: why one acts.
    """
    months = months or await _months(screen, found, decision)
    domain = domain or (await _domain(screen, found, decision, months) if months else "")
    if not (months and domain):
        return False
    standing = _standing(found, decision, months, domain)
    begun = Begun(standing.version if standing else 0)
    draft = Draft(Operation.ALTER, Thing.OUTCOME, found.profile_id, f"{decision}-{months}-{domain}")
    await screen.ask(draft.load, screen.session)
    session = screen.session

    def send(given: dict[str, str]) -> int:
        return outcomes.record(
            session,
            decision,
            Domain(domain),
            months,
            Effect(given["effect"]),
            measured_on=date.fromisoformat(given["measured_on"]),
            baseline=given["baseline"],
            now=given["now"],
            person_view=given["person_view"],
            source=given["source"],
            reason=reason,
            version=int(begun.over or 0),
        )

    made = await screen.app.push_screen_wait(
        FormDialog(
            f"Decision {decision} after {months} months: {domain_words(domain)}",
            FIELDS,
            send,
            words=REGRESSION,
            values=_begins_with(found, decision, months, domain, standing),
            draft=draft,
            begun=begun,
        )
    )
    if made is None:
        return False
    screen.notify("Recorded; the earlier word stays on record." if standing else "Recorded.", markup=False)
    return True


async def _months(screen: Any, found: Outcomes, decision: int) -> int:
    due = {each.months for each in found.due if each.decision == decision}
    offers = [(str(each), f"After {each} months{'' if each in due else ' (recorded)'}") for each in MONTHS]
    chosen = await screen.app.push_screen_wait(Choose("After how many months?", offers))
    return int(chosen or 0)


async def _domain(screen: Any, found: Outcomes, decision: int, months: int) -> str:
    offers = []
    for domain, words in DOMAINS.items():
        standing = _standing(found, decision, months, domain)
        said = f" (recorded: {effect_words(standing.effect)}; say it anew)" if standing else ""
        offers.append((domain, f"{words.capitalize()}{said}"))
    chosen = await screen.app.push_screen_wait(Choose("Which part of their life?", offers))
    return str(chosen or "")


def _standing(found: Outcomes, decision: int, months: int, domain: str) -> OutcomeShown | None:
    wanted = (decision, months, domain)
    return next((each for each in found.outcomes if (each.decision, each.months, each.domain) == wanted), None)


def _begins_with(
    found: Outcomes, decision: int, months: int, domain: str, standing: OutcomeShown | None
) -> dict[str, str]:
    """Return what stands, to be said anew; else no more than the same person's own before, as it was first recorded."""
    if standing is not None:
        named = {name: str(getattr(standing, name)) for name in TITLES if name != "measured_on"}
        return {**named, "measured_on": standing.measured_on.isoformat()}
    line = [each for each in found.outcomes if (each.decision, each.domain) == (decision, domain) and each.baseline]
    first = min(line, key=lambda each: each.months, default=None)
    return {"baseline": first.baseline} if first is not None else {}
