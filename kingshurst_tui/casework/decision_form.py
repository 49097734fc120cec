"""What a decision must say before anybody signs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kingshurst_tui.casework.words_needed import is_a_reason
from kingshurst_tui.vocabulary import AgencyKind, Category

ASKED = {
    "lead_agency": "Which agency leads",
    "why": "Why this agency",
    # One question, whichever agency leads: to follow the first contact must cost as many words as not to.
    "why_not_first_contacted": "Why not the agency contacted first; or, where it leads, why it and not another",
    "review_on": "When this is reviewed",
    "review_trigger": "What would bring the review forward",
}
"""What every decision says. Nothing is prefilled, and no agency is proposed."""

DISCUSSED = {
    "options": "Options considered, with what speaks for and against each",
    "supporting": "Supporting agencies and where each stands",
    "necessity": "Why this is necessary and proportionate",
    "equality": "Equality and capacity",
    "safeguarding_threshold": "Whether a safeguarding threshold is met",
    "person_view": "The person's own view",
    "person_told_by": "Who tells the person",
    "tool_showed": "What the tool showed",
    "tool_agreed": "Whether the panel agreed with it",
    "dissent": "Dissent, who and on what grounds",
}
"""What a decision says or marks as not discussed."""

WHERE_POLICE_LEAD_ON_HEALTH = {
    "health_member": "Which health member of the panel was present",
    "police_lead_why": "Why police lead although the contacts are about mental health",
}
"""Asked only where police would lead on mental-health contacts alone."""

WHERE_SUPERSEDING = {"why_superseded": "Why the decision that somebody else signed no longer holds"}
"""Asked only where signing would supersede what another person signed."""

FIELDS = (*ASKED, *WHERE_SUPERSEDING, *DISCUSSED, *WHERE_POLICE_LEAD_ON_HEALTH)
TITLES = ASKED | WHERE_SUPERSEDING | DISCUSSED | WHERE_POLICE_LEAD_ON_HEALTH
"""Each field as it is asked for."""
LISTS = {"options": ("option", "for", "against"), "supporting": ("agency", "stance", "words")}
"""Fields that hold several entries, with the parts of each."""
NOT_DISCUSSED = "not discussed"
"""How a field that the panel did not come to reads."""
LONGEST = 8_000
"""Letters in one field."""

CRISIS_CATEGORIES = frozenset(
    {
        Category.MENTAL_HEALTH.value,
        Category.CONCERN_FOR_SAFETY.value,
        Category.AMBULANCE_CALL.value,
        Category.EMERGENCY_ATTENDANCE.value,
    }
)
"""Contacts of a person in crisis. Where there is nothing else, and mental health among them, a police lead is the
Serenity Integrated Mentoring model, withdrawn after criticism (House 2022, BJPsych Bulletin)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the form is checked against.

    Attributes:
        agencies: kind (vocabulary.AgencyKind) by code of every partner agency.
        first_contacted: the agencies whose contact is the earliest on record, as far as the signer may see.
        first_unseen: data sets on record that the signer may not see, so that somebody else may have been first.
        categories: categories of the person's contacts.
        today: the day.
        supersedes: who signed the decision that this one would supersede; empty where nobody else did.
        crisis_unseen: data sets on record that the signer may not see and that may hold mental-health contacts.
    """

    agencies: Mapping[str, str]
    first_contacted: tuple[str, ...]
    categories: frozenset[str]
    today: date
    first_unseen: tuple[str, ...] = ()
    supersedes: str = ""
    crisis_unseen: tuple[str, ...] = ()

    def crisis_alone(self) -> bool:
        """Say whether the person's contacts are those of a mental-health crisis and nothing else."""
        return Category.MENTAL_HEALTH.value in self.categories and self.categories <= CRISIS_CATEGORIES


def problems(fields: Mapping[str, Any], not_discussed: Sequence[str], facts: Facts) -> list[str]:
    """Return everything that stands in the way of signing, in words; nothing when it may be signed.

    Args:
        fields: what was written, by name; ``options`` and ``supporting`` are lists of records of text.
        not_discussed: names of DISCUSSED that the panel marked so.
        facts: what is known.
    """
    wrong = [f"{name}: is no field of a decision" for name in fields if name not in FIELDS]
    wrong += [f"{name}: cannot be marked as not discussed" for name in not_discussed if name not in DISCUSSED]
    lead = _text(fields, "lead_agency")
    if not lead:
        wrong.append(f"{ASKED['lead_agency']}: is not chosen")
    elif lead not in facts.agencies:
        wrong.append(f"{ASKED['lead_agency']}: is no partner agency")
    wrong += [f"{ASKED[name]}: is missing" for name in ("why", "review_trigger") if not _text(fields, name)]
    wrong += _first(fields, facts)
    if facts.supersedes and not is_a_reason(_text(fields, "why_superseded")):
        wrong.append(f"{WHERE_SUPERSEDING['why_superseded']} ({facts.supersedes}): say it in words")
    wrong += _review(fields, facts)
    for name, title in DISCUSSED.items():
        filled = bool(fields.get(name)) if name in ("options", "supporting") else bool(_text(fields, name))
        if filled and name in not_discussed:
            wrong.append(f"{title}: is filled in and marked as not discussed")
        elif not filled and name not in not_discussed:
            wrong.append(f"{title}: is empty; fill it in or mark it as not discussed")
    wrong += _lists(fields, facts)
    wrong += [
        f"{name}: is longer than {LONGEST} letters"
        for name, value in fields.items()
        if isinstance(value, str) and len(value) > LONGEST
    ]
    if facts.agencies.get(lead) == AgencyKind.POLICE and facts.crisis_alone():
        wrong += [
            f"{title}: is asked, because this person's contacts are about mental health alone"
            for name, title in WHERE_POLICE_LEAD_ON_HEALTH.items()
            if not _text(fields, name)
        ]
    return wrong


def mark_the_rest(fields: Mapping[str, Any], not_discussed: Sequence[str]) -> tuple[str, ...]:
    """Return what is marked as not discussed once everything that is still empty is: on purpose, all at once."""
    return tuple(name for name in DISCUSSED if name in not_discussed or not fields.get(name))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _first(fields: Mapping[str, Any], facts: Facts) -> list[str]:
    """Ask why not whoever was first, or why them: asking only some would nudge, and where it is unseen would tell."""
    if _text(fields, "why_not_first_contacted"):
        return []
    named = f" ({', '.join(facts.first_contacted)})" if facts.first_contacted else ""
    unseen = f"; who was first is unknown without {', '.join(facts.first_unseen)}" if facts.first_unseen else ""
    return [f"{ASKED['why_not_first_contacted']}{named}: is missing{unseen}"]


def _review(fields: Mapping[str, Any], facts: Facts) -> list[str]:
    try:
        day = date.fromisoformat(_text(fields, "review_on"))
    except ValueError:
        return [f"{ASKED['review_on']}: is not a date like 2026-05-03"]
    return [f"{ASKED['review_on']}: must lie after today"] if day <= facts.today else []


def _lists(fields: Mapping[str, Any], facts: Facts) -> list[str]:
    wrong = []
    for name, keys in LISTS.items():
        entries = fields.get(name) or []
        shaped = isinstance(entries, list) and all(
            isinstance(entry, dict) and all(isinstance(entry.get(key, ""), str) for key in keys) for entry in entries
        )
        if not shaped:
            wrong.append(f"{DISCUSSED[name]}: is not a list of {', '.join(keys)}")
        elif any(not entry.get(keys[0], "").strip() for entry in entries):
            wrong.append(f"{DISCUSSED[name]}: one has no {keys[0]}")
        elif name == "supporting" and any(entry["agency"] not in facts.agencies for entry in entries):
            wrong.append(f"{DISCUSSED[name]}: one is no partner agency")
    return wrong
