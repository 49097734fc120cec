"""What may be written of a meeting: every field that cannot be so, named; and how its facts are kept and read."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import db.users
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.records import FEWEST_AGENCIES, PanelFacts, QuorumRule
from kingshurst_tui.panels.running import rule_in_words
from kingshurst_tui.permissions import PANEL_READERS, PANEL_WRITERS
from kingshurst_tui.vocabulary import AgencyKind, PriorityArea, Role

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

TITLES = {
    "title": "Title",
    "held_on": "Date",
    "kind": "Kind of meeting",
    "areas": "Priority areas",
    "place": "Where",
    "begins_at": "Begins at",
    "chair": "Chair",
    "minute_taker": "Minute-taker",
    "quorum": "Quorum and load",
    "lock_minutes": "Locks after minutes",
    "information_by": "Information by",
}
"""How each fact of a meeting is named where it is shown or changed."""

LONGEST_TITLE = 200
MOST_CASES = 99
LONGEST_LOCK = 120


def wrong_officers(act: Act, facts: PanelFacts) -> list[str]:
    """Return why somebody named cannot chair a meeting or take its minutes, in lines; nothing where they can."""
    users = {user.name: user for user in act.read(db.users.every)}
    wrong = []
    for field, name, roles in (
        ("chair", facts.chair, PANEL_READERS),
        ("minute_taker", facts.minute_taker, PANEL_WRITERS),
    ):
        user = users.get(name)
        if name and (user is None or user.status != "active"):
            wrong.append(f"{field}: is no active user of this store")
        elif user is not None and Role(user.role) not in roles:
            wrong.append(f"{field}: the role of {user.role} does not do this")
    if facts.chair and facts.chair == facts.minute_taker:
        wrong.append("minute_taker: whoever chairs does not take the minutes as well")
    return wrong


def checked(act: Act, facts: PanelFacts) -> PanelFacts:
    """Return what is written of a meeting, tidied. Raises: InputRejected (naming every field that cannot be so)."""
    tidy = PanelFacts(
        title=clean(facts.title),
        held_on=facts.held_on,
        kind=clean(facts.kind),
        areas=tuple(dict.fromkeys(facts.areas)),
        place=clean(facts.place),
        begins_at=facts.begins_at.strip(),
        chair=facts.chair.strip(),
        minute_taker=facts.minute_taker.strip(),
        quorum=QuorumRule(facts.quorum.agencies, tuple(dict.fromkeys(facts.quorum.must)), facts.quorum.cap),
        lock_minutes=facts.lock_minutes,
        information_by=facts.information_by,
    )
    wrong = [*_wrong_words(tidy), *wrong_officers(act, tidy), *_impossible(act, tidy.quorum)]
    if wrong:
        raise InputRejected(
            "The panel cannot be kept so.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    return tidy


def _wrong_words(facts: PanelFacts) -> list[str]:
    wrong = []
    if not facts.title or len(facts.title) > LONGEST_TITLE:
        wrong.append(f"title: say it in 1 to {LONGEST_TITLE} letters")
    if len(facts.kind) > 60:
        wrong.append("kind: at most 60 letters")
    if len(facts.place) > LONGEST_TITLE:
        wrong.append(f"place: at most {LONGEST_TITLE} letters")
    if facts.begins_at and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", facts.begins_at):
        wrong.append("begins_at: a time like 14:00")
    if unknown := [area for area in facts.areas if area not in list(PriorityArea)]:
        wrong.append(f"areas: {', '.join(unknown)} is no priority area ({', '.join(PriorityArea)})")
    if not 1 <= facts.lock_minutes <= LONGEST_LOCK:
        wrong.append(f"lock_minutes: from 1 to {LONGEST_LOCK}")
    if facts.information_by is not None and facts.information_by > facts.held_on:
        wrong.append("information_by: is after the panel itself")
    return wrong


def _impossible(act: Act, rule: QuorumRule) -> list[str]:
    kinds = {kind for _, kind in act.read(db.users.agencies).values()} - {AgencyKind.PARTNERSHIP}
    partners = sum(kind != AgencyKind.PARTNERSHIP for _, kind in act.read(db.users.agencies).values())
    wrong = []
    if rule.agencies < FEWEST_AGENCIES:
        wrong.append(f"quorum: at least {FEWEST_AGENCIES} agencies; one alone is no panel")
    elif rule.agencies > partners:
        held = some(partners, "agency", "agencies")
        wrong.append(f"quorum: the partnership has {held}, {rule.agencies} can never meet")
    for kind in rule.must:
        if kind not in list(AgencyKind) or kind == AgencyKind.PARTNERSHIP:
            wrong.append(f"quorum: {kind} is no kind of partner agency")
        elif kind not in kinds:
            wrong.append(f"quorum: no agency of the partnership is {kind}; it could never be met")
    if not 1 <= rule.cap <= MOST_CASES:
        wrong.append(f"cap: from 1 to {MOST_CASES} cases")
    return wrong


def kept_as(facts: PanelFacts) -> dict[str, object]:
    """Return it as the store keeps it."""
    return {
        "title": facts.title,
        "held_on": facts.held_on.isoformat(),
        "kind": facts.kind,
        "areas": json.dumps(list(facts.areas)),
        "place": facts.place,
        "begins_at": facts.begins_at,
        "chair": facts.chair,
        "minute_taker": facts.minute_taker,
        "quorum": json.dumps(asdict(facts.quorum)),
        "lock_minutes": facts.lock_minutes,
        "information_by": facts.information_by.isoformat() if facts.information_by else None,
    }


def as_words(facts: PanelFacts) -> dict[str, str]:
    """Return it as it is compared where two people changed it."""
    kept = {name: "" if value is None else str(value) for name, value in kept_as(facts).items()}
    return kept | {"areas": ", ".join(facts.areas), "quorum": rule_in_words(facts.quorum)}
