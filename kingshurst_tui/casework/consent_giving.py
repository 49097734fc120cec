"""What a consent may do at once, by who hands it in, and who may take one back.

A consent is a claim about somebody. From whoever's agency knows the person an exact match is enough, where nothing
sensitive opens by it; otherwise a second person looks at it, or a guess would open a profile or end an agreement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.consent_register
import db.consents
import db.openings
import db.users
from db.sight import combining
from kingshurst_tui.permissions import KEEPS_EVERY_REGISTER, WITHDRAWS_ANY_CONSENT
from kingshurst_tui.vocabulary import Category, ConsentKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.consents import ConsentRow
    from kingshurst_tui.acts import Act, User

HELD = "it matches exactly, and takes effect when a second person agrees"
"""Why it waits, said alike whatever the reason is: that a profile rests on health or abuse is not said here."""

SENSITIVE = (Category.DOMESTIC_ABUSE.value, Category.SEXUAL_OFFENCE.value)
"""Contacts that nobody opens on one person's word: whoever names the person may be whom they fear."""


def takes_effect(act: Act, row: ConsentRow, profile_id: int) -> bool:
    """Say whether an exact match takes effect without a second person. Needs the sight of a matching act.

    An agreement does where the giver's agency has a record of the person, and the profile rests on nothing sensitive:
    a name and a date of birth are known to many. A refusal ends agreements and is shown on a mask, so it needs the
    same, or a profile that is open; against an agreement that stands it takes effect from the same giver alone.
    """
    giver = act.read(db.users.by_name, row.recorded_by)
    if giver is None:
        return False
    known = act.read(db.consents.known_to, profile_id, giver.agency_code)
    if row.kind == ConsentKind.DECLINED:
        against = standing_against(act, row, profile_id)
        if against:
            return all(each.recorded_by == row.recorded_by for each in against)
        return known or _is_open(act, profile_id, row.purpose or "")
    return known and not is_sensitive(act, profile_id)


def is_sensitive(act: Act, profile_id: int) -> bool:
    """Say whether a profile rests on abuse or on a sensitive data set. Needs the sight of a matching act."""
    return act.read(db.consents.rests_on_sensitive, profile_id, SENSITIVE)


def standing_against(act: Act, declined: ConsentRow, profile_id: int) -> list[ConsentRow]:
    """Return the agreements that a refusal would end. Needs the sight of a matching act."""
    today = act.session.clock.today().isoformat()
    return [
        row
        for row in act.read(db.consents.of_profiles, [profile_id])
        if (row.kind, row.purpose, row.status) == (ConsentKind.ENGAGE, declined.purpose, "effective")
        and row.given_on <= declined.given_on
        and (row.expires_on or today) >= today
    ]


def may_withdraw(act: Act, row: ConsentRow) -> bool:
    """Say whether the acting user may take this consent back."""
    user = act.session.user
    if user.role in WITHDRAWS_ANY_CONSENT:
        return True
    if row.kind == ConsentKind.CONFIDENTIALITY:
        return act.read(db.consent_register.agency_of, row.agreement_ref or "") == user.agency
    return row.recorded_by == user.name or (row.profile_id is not None and works_with(act, row.profile_id))


def works_with(act: Act, profile_id: int) -> bool:
    """Say whether the profile is open to the acting user, or their own agency has a record of the person."""
    if _is_open(act, profile_id, act.session.purpose):
        return True
    with combining(act.connection):
        return act.read(db.consents.known_to, profile_id, act.session.user.agency)


def check_registers(act: Act, data_sets: Iterable[str]) -> None:
    """Refuse whoever lifts confidentiality for a data set that is another agency's. Raises: Refused."""
    user: User = act.session.user
    if user.role in KEEPS_EVERY_REGISTER:
        return
    if any(act.read(db.consent_register.agency_of, data_set) != user.agency for data_set in sorted(set(data_sets))):
        act.refuse(
            "Confidentiality is lifted by the agency whose data set it is, or by the partnership.",
            "Nothing was stored.",
            "Hand it to the coordinator.",
        )


def _is_open(act: Act, profile_id: int, purpose: str) -> bool:
    today = act.session.clock.today().isoformat()
    return any(
        each.purpose == purpose and each.opens <= today <= each.closes
        for each in act.read(db.openings.openings, profile_id)
    )
