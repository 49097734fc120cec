"""Pairs of records and waiting consents as rows and facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.dates import say_date
from kingshurst_tui.vocabulary import ConsentKind
from screens.profile_words import said_day
from screens.widgets.virtual_table import Row
from screens.widgets.waterfall import Piece

if TYPE_CHECKING:
    from kingshurst_tui.casework.consent_review import WaitingConsent
    from kingshurst_tui.linkage.explanation import Step, Waterfall
    from kingshurst_tui.linkage.pairs_shown import Pair, Side
    from screens.widgets.facts import Fact

FIELDS = {
    "forename": "Forename",
    "middle_names": "Middle names",
    "surname": "Surname",
    "former_surname": "Former surname",
    "born": "Born",
    "sex": "Sex",
    "nhs_number": "NHS number",
    "upn": "UPN",
    "address": "Address",
    "postcode": "Postcode",
}
"""What both sides are compared in, in the order of reading."""

MASKED = "masked"


def side_name(side: Side) -> str:
    """Return how one side is called: its pseudonym, its agency and one's own reference."""
    reference = f" {side.reference}" if side.reference else ""
    return f"{side.pseudonym or 'Masked,'} {side.agency}{reference}"


def pieces(fall: Waterfall) -> list[Piece]:
    """Return the bars of a waterfall; the field is named once."""
    return [Piece(step_words(step), step.bits) for step in fall.steps]


def step_words(step: Step) -> str:
    """Return what one bar stands for."""
    if step.label.casefold().startswith(step.title.casefold()):
        return f"{step.label[:1].upper()}{step.label[1:]}"
    return f"{step.title}: {step.label}"


def pair_row(pair: Pair) -> Row:
    """Return a pair as a line."""
    proposed = (f"{pair.proposed_by} would link them",) if pair.proposed_by else ()
    warnings = "; ".join((*proposed, *pair.waterfall.guards))
    cells = (f"{pair.waterfall.total:+.1f}", side_name(pair.left), side_name(pair.right), warnings)
    return Row(pair.link_id, cells, quiet=pair.masked)


def pair_facts(pair: Pair) -> list[Fact]:
    """Return both sides, field by field; of a masked one nothing that it holds."""
    facts: list[Fact] = [("One", side_name(pair.left)), ("Other", side_name(pair.right))]
    if pair.proposed_by:
        facts.append(("Proposed", f"{pair.proposed_by} would link them; it opens a mask, so a second person decides"))
    if pair.waterfall.rival is not None:
        facts.append(("Nearest rival", f"{pair.waterfall.rival:+.1f} with another person"))
    if pair.masked:
        facts.append(("Masked", "Only how the fields compare is shown, below; not of whom, nor what they hold."))
        return facts
    for name, title in FIELDS.items():
        left, right = _held(pair.left, name), _held(pair.right, name)
        if not left and not right:
            continue
        same = left.casefold() == right.casefold()
        sign = "=" if same else "?" if not left or not right else "≠"
        facts.append((title, left if same else f"{left or 'not held'}  {sign}  {right or 'not held'}"))
    return facts


def judged_in_words(pair: Pair) -> str:
    """Return what the model warns of and how it links by itself, or that people decided."""
    fall = pair.waterfall
    said = [f"! {warning}" for warning in fall.guards]
    if fall.by_hand:
        said.append("Decided by people; the model did not compare these two records.")
    else:
        said.append(f"The model links by itself from {fall.clear:+.1f} where nothing warns.")
    return "\n".join(said)


def _held(side: Side, name: str) -> str:
    value = (side.fields or {}).get(name) or ""
    return said_day(value) if name == "born" else value


def compared_in_words(compared: Sequence[tuple[str, str]]) -> str:
    """Return how a consent compares with a candidate, in a line."""
    return ", ".join(f"{field} {how}" for field, how in compared if how not in ("not given", "not held"))


_KINDS: dict[str, str] = {
    ConsentKind.ENGAGE: "agrees to engage",
    ConsentKind.DECLINED: "DECLINES to engage, which would end an agreement",
}


def consent_facts(consent: WaitingConsent) -> list[Fact]:
    """Return a waiting consent and how it compares with each candidate; what was given stays closed (v)."""
    given_by = "the person" if consent.given_by == "self" else "somebody for the person"
    facts: list[Fact] = [
        ("Consent", f"number {consent.number}, {_KINDS.get(consent.kind, consent.kind)}: {consent.purpose}"),
        ("Given", f"on {say_date(consent.given_on)} by {given_by}; v shows it as it was given"),
        ("Evidence", consent.evidence or "none named"),
        ("It waits because", consent.because),
    ]
    for each in consent.candidates:
        marks = [word for word in ("under 18" if each.under_18 else "", "open already" if each.is_open else "") if word]
        facts.append((each.pseudonym, ", ".join(marks) or "masked"))
        facts += [(" ", f"{field}: {how}") for field, how in each.compared]
    if not consent.candidates:
        facts.append(("Could be", "nobody in the store: it takes effect when they come in, or is set aside"))
    return facts
