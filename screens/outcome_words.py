"""What came of decisions, as rows and facts; no effect and unknown stand beside better and worse, and are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.learning.rates import REGRESSION
from kingshurst_tui.vocabulary import Domain, Effect
from screens.profile_words import said_day
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.learning.outcomes import Due, Outcomes, OutcomeShown
    from kingshurst_tui.learning.rates import BeforeAndAfter
    from screens.widgets.facts import Fact

DECISION, SINCE, DUE, OUTCOME = "decision", "since", "due", "outcome"
"""What a row is, as its key begins; the decision's number follows, then the months or the outcome's number."""
BAR = 20
"""Cells of the longer of two bars."""
EFFECTS = {
    Effect.BETTER: "better",
    Effect.NONE: "no effect",
    Effect.WORSE: "worse",
    Effect.UNKNOWN: "unknown",
}


def domain_words(domain: str) -> str:
    """Return the part of life as people read it."""
    return domain.replace("-", " ")


DOMAINS = {each.value: domain_words(each) for each in Domain}


def effect_words(effect: str) -> str:
    """Return what came of it as people read it."""
    return EFFECTS[Effect(effect)]


def counted(found: Outcomes) -> str:
    """Return how many outcomes of each kind are recorded, those without effect and the unknown like any other."""
    if not found.since:
        return "no decision about this person is in force"
    if not found.outcomes:
        return "nothing is recorded yet"
    number = {each: sum(one.effect == each for one in found.outcomes) for each in Effect}
    return ", ".join(f"{number[each]} {words}" for each, words in EFFECTS.items())


def rows(found: Outcomes) -> Iterator[Row]:
    """Yield each decision, how often the person was met around it, then what is recorded and what is to be asked."""
    for decision, day, since in found.since:
        yield Row(f"{DECISION}:{decision}:", ("■", f"Decision {decision} of {say_date(day)}", "", ""), heading=True)
        met = f"{since.before} before, {since.after} after"
        yield Row(f"{SINCE}:{decision}:", ("", "How often they were met", met, _told(since)))
        for each in found.outcomes:
            if each.decision == decision:
                what = f"{domain_words(each.domain)}, after {each.months} months"
                cells = ("", what.capitalize(), show_date(each.measured_on), effect_words(each.effect))
                yield Row(f"{OUTCOME}:{decision}:{each.number}", cells)
        for one in found.due:
            if one.decision == decision:
                cells = ("?", f"To ask after {one.months} months", f"due {show_date(one.due_on)}", "")
                yield Row(f"{DUE}:{decision}:{one.months}", cells)


def facts(found: Outcomes, row: Row) -> list[Fact]:
    """Return what stands behind a row."""
    kind, _, rest = str(row.key).partition(":")
    decision, number = (int(part or 0) for part in rest.split(":"))
    if kind == OUTCOME:
        return [fact for each in found.outcomes if each.number == number for fact in outcome_facts(found, each)]
    if kind == DUE:
        return [
            fact for each in found.due if (each.decision, each.months) == (decision, number) for fact in due_facts(each)
        ]
    return [fact for each, _, since in found.since if each == decision for fact in since_facts(since)]


def due_facts(each: Due) -> list[Fact]:
    """Return what is to be asked after, and how."""
    return [
        ("To be asked", f"what came of decision {each.decision} after {each.months} months"),
        ("Due", say_date(each.due_on)),
        ("How", "n or Enter records it, a part of life at a time, against what was so before."),
        ("", ""),
        ("“No effect” and “unknown” are answers like any other, and are counted.", ""),
    ]


def since_facts(since: BeforeAndAfter) -> list[Fact]:
    """Return the picture of how often somebody was met before and after, and what it says in words."""
    drawn: list[Fact] = list(_bars(since))
    return [*drawn, *(("", words) for words in since.words if words != REGRESSION)]


def outcome_facts(found: Outcomes, each: OutcomeShown) -> list[Fact]:
    """Return one outcome in full, with the others of the same part of life: the person against their own before."""
    line = [one for one in found.outcomes if (one.decision, one.domain) == (each.decision, each.domain)]
    said: list[Fact] = [(f"{domain_words(each.domain).capitalize()}, decision {each.decision}", "")]
    said.append(("Before", each.baseline or "not recorded"))
    for one in sorted(line, key=lambda one: one.months):
        mark = "▸ " if one.number == each.number and len(line) > 1 else ""
        measured = f"{effect_words(one.effect)} ({say_date(one.measured_on)})"
        said.append((f"{mark}{one.months} months", f"{measured}: {one.now}" if one.now else measured))
    said += [
        ("They say", each.person_view),
        ("From", each.source or "no source named"),
        ("Recorded", f"by {each.recorded_by} on {said_day(each.recorded_at)}{_anew(each)}"),
    ]
    return said


def _told(since: BeforeAndAfter) -> str:
    """Return what can be told from the interval in a word; a ratio without its interval would say too much."""
    if since.low is None or since.high is None:
        return "unknown"
    return "cannot tell" if since.low <= 1 <= since.high else "less often" if since.high < 1 else "more often"


def _anew(each: OutcomeShown) -> str:
    earlier = each.version - 1
    return f"; said anew {'once' if earlier == 1 else f'{earlier} times'}, the earlier words stay" if earlier else ""


def _bars(since: BeforeAndAfter) -> Iterator[Fact]:
    rates = (since.rate_before, since.rate_after)
    most = max((rate for rate in rates if rate), default=0.0)
    sides = (since.exposure.before, since.exposure.after)
    for name, rate, days in zip(("Before", "After"), rates, sides, strict=True):
        if rate is None:
            yield name, f"? unknown ({days} days can be spoken for)"
            continue
        bar = "▇" * round(rate / most * BAR) if most else ""
        yield name, f"{bar or '·'} {rate:.1f} a month"
