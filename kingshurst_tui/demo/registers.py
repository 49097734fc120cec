"""The register of consents and the users file.

Not everybody who uses health services is on the register, not everybody who is asked agrees, and some forms
misspell a name: those wait for a reviewer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from kingshurst_tui.demo.dice import Dice
from kingshurst_tui.demo.events import Telling
from kingshurst_tui.demo.frequent import Lived
from kingshurst_tui.demo.mistakes import mistyped
from kingshurst_tui.demo.people import Person

PURPOSE = "repeat-contact"
HEALTH = ("WMAS-CALLS", "NHS-ED", "NHS-MENTAL-HEALTH")

CONSENT_COLUMNS = (
    "kind", "purpose", "agreement", "forename", "surname", "date_of_birth", "postcode", "nhs_number",
    "given_by", "authority", "given_on", "expires_on", "evidence",
)  # fmt: skip

_EXPIRES = CONSENT_COLUMNS.index("expires_on")

ON_REGISTER = 0.72
"""Share of people with health contacts who are on the register for that data set."""

FREQUENT_ON_REGISTER = 0.92
AGREED = 0.5
MISSPELT = 0.12

USERS = (
    ("coordinator", "Coordinator (invented)", "KTP", "coordinator"),
    ("practitioner", "Housing practitioner (invented)", "SCH", "practitioner"),
    ("supervisor", "Supervisor (invented)", "WMP", "supervisor"),
    ("governance", "Information governance officer (invented)", "SMBC", "governance"),
    ("administrator", "Administrator (invented)", "SMBC", "administrator"),
)
USER_COLUMNS = ("name", "display_name", "agency", "role")


def consents(
    dice: Dice, today: date, tellings: Iterable[Telling], lived: Iterable[Lived], first_block: bool
) -> list[list[str]]:
    """Return a block's rows of the register.

    Args:
        dice: the block's draws.
        today: the town's last day.
        tellings: what health services heard of.
        lived: the frequent users, about half of whom agreed to engage.
        first_block: the first block also holds the odd ones: an expired agreement and one of somebody nobody knows.
    """
    rows: list[list[str]] = []
    lived = list(lived)
    frequent = {story.person.number for story in lived}
    seen: set[tuple[str, int]] = set()
    for telling in tellings:
        key = (telling.data_set, telling.person.number)
        if telling.data_set not in HEALTH or key in seen:
            continue
        seen.add(key)
        if dice.chance(FREQUENT_ON_REGISTER if telling.person.number in frequent else ON_REGISTER):
            rows.append(_row(dice, today, telling.person, "confidentiality", "", telling.data_set, misspelt=0.02))
    agreed = [
        _row(dice, today, story.person, "engage", PURPOSE, "", MISSPELT) for story in lived if dice.chance(AGREED)
    ]
    rows.extend(agreed)
    if first_block:
        if len(agreed) > 3:
            agreed[3][_EXPIRES] = (today - timedelta(days=9)).isoformat()
        given = (today - timedelta(days=40)).isoformat()
        rows.append(
            [
                "engage",
                PURPOSE,
                "",
                "Nobody",
                "Elsewhere",
                "1971-03-04",
                "B59 9ZZ",
                "",
                "self",
                "self",
                given,
                "",
                "Form",
            ]
        )
    return rows


def _row(
    dice: Dice, today: date, person: Person, kind: str, purpose: str, agreement: str, misspelt: float
) -> list[str]:
    forename, surname, born = person.forename, person.surname, person.born
    if dice.chance(misspelt):
        if dice.chance(0.6):
            surname = mistyped(dice, surname)
        else:
            forename = mistyped(dice, forename)
    given = today - timedelta(days=dice.between(20, 300))
    given_by, authority = "self", "self"
    if person.age(given) < 18:
        elders = [other for other in person.household.members if other.part in ("adult", "partner")]
        parent = elders[0] if elders else person.household.members[0]
        given_by, authority = f"{parent.forename} {parent.surname}", "parental responsibility"
    return [
        kind, purpose, agreement, forename, surname, born.isoformat(), person.household.home.postcode,
        person.nhs_number if dice.chance(0.8) else "", given_by, authority, given.isoformat(),
        (given + timedelta(days=730)).isoformat() if dice.chance(0.5) else "", "Signed form (invented)",
    ]  # fmt: skip
