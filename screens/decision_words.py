"""What a decision's form asks, how its answers become fields, and what stands above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework.decision_changed import said_fields
from kingshurst_tui.casework.decision_form import (
    ASKED,
    DISCUSSED,
    LISTS,
    LONGEST,
    WHERE_POLICE_LEAD_ON_HEALTH,
    WHERE_SUPERSEDING,
)
from kingshurst_tui.dates import say_date
from screens.profile_words import said_day
from screens.widgets.fields_form import NOT_DISCUSSED, Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.casework.decisions import Form


def questions(form: Form) -> tuple[Field, ...]:
    """Return what is asked: what every decision says first, then what may be marked as not discussed."""
    first = f"First contact on record: {', '.join(form.first_contacted) or 'none'}"
    first += f" on {say_date(form.first_contacted_on)}" if form.first_contacted_on else ""
    first += ", as far as your agency may see." if form.first_unknown else "."
    first = " ".join((first, *form.first_unknown))
    agencies = tuple((code, f"{name} ({code})") for code, name in form.agencies)
    # Whether an answer is needed is the form's rule (decision_form); here is only how each is asked for.
    asked = (
        Field("lead_agency", ASKED["lead_agency"], Kind.CHOICE, required=True, options=agencies),
        Field("why", ASKED["why"], Kind.WORDS, required=True, longest=LONGEST),
        Field(
            "why_not_first_contacted",
            ASKED["why_not_first_contacted"],
            Kind.WORDS,
            required=True,
            hint=first,
            longest=LONGEST,
        ),
        Field("review_on", ASKED["review_on"], Kind.DAY, required=True),
        Field("review_trigger", ASKED["review_trigger"], Kind.WORDS, required=True, longest=LONGEST),
    )
    superseding: tuple[Field, ...] = ()
    if form.supersedes:
        signed = f"{form.supersedes} signed it; they and the coordinator are told."
        superseding = tuple(
            Field(name, title, Kind.WORDS, required=True, hint=signed, longest=LONGEST)
            for name, title in WHERE_SUPERSEDING.items()
        )
    health: tuple[Field, ...] = ()
    if form.police_lead_stopped:
        health = tuple(
            Field(name, title, Kind.WORDS, hint="Needed if police lead.", longest=LONGEST)
            for name, title in WHERE_POLICE_LEAD_ON_HEALTH.items()
        )
    hints = {name: f"One a line: {' | '.join(parts)}" for name, parts in LISTS.items()}
    hints["tool_showed"] = f"Kept with the decision by itself: {', '.join(form.flags) or 'no flag stands'}."
    discussed = tuple(
        Field(name, title, Kind.WORDS, hint=hints.get(name, ""), may_be_skipped=True, longest=LONGEST)
        for name, title in DISCUSSED.items()
    )
    return asked + superseding + health + discussed


def to_answers(fields: Mapping[str, Any], not_discussed: tuple[str, ...] | list[str]) -> dict[str, str]:
    """Return the fields of a decision as the form holds them."""
    return said_fields(fields, not_discussed)


def from_answers(answers: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the form's answers as the fields of a decision, and those marked as not discussed."""
    fields: dict[str, Any] = {}
    not_discussed = []
    for name, answer in answers.items():
        if answer == NOT_DISCUSSED and name in DISCUSSED:
            not_discussed.append(name)
        elif name in LISTS:
            if entries := [_entry(line, LISTS[name]) for line in answer.splitlines() if line.strip()]:
                fields[name] = entries
        elif answer:
            fields[name] = answer
    return fields, not_discussed


def _entry(line: str, parts: tuple[str, ...]) -> dict[str, str]:
    said = [part.strip() for part in line.split("|", len(parts) - 1)]
    said += [""] * (len(parts) - len(said))
    entry = dict(zip(parts, said, strict=True))
    if "agency" in entry:
        entry["agency"] = entry["agency"].upper()
    return entry


def about_form(form: Form) -> list[str]:
    """Return what is said above the form."""
    lines = [f"Who should lead for {form.pseudonym}? Nothing is chosen for you."]
    if form.stale:
        lines.append("! The profile has changed since this draft was begun: look at it before you sign.")
    if form.police_lead_stopped:
        lines.append("! All contacts are about mental health: police lead only with a health member present, and why.")
    lines += [f"! Stopped: {stop.words}. Going on takes a reason and a second person." for stop in form.stops]
    if form.current:
        signed = f"{said_day(form.current.signed_at)} by {form.current.signed_by}"
        state = " It was reopened." if form.current.status == "reopened" else ""
        lines.append(f"Signing supersedes the decision of {signed} ({form.current.lead_agency} leads).{state}")
    return lines
