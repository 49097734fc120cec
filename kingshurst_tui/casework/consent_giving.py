"""What a consent may do at once, by who hands it in, and who may take one back.

A consent is a claim about somebody. From whoever works with the person, or answers for the partnership, an exact match
is enough; from anybody else a second person looks at it, or a guess would open a profile or end an agreement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.consents
import db.users
from db.sight import combining
from kingshurst_tui.casework.register import CONFIDENTIALITY, DECLINED
from kingshurst_tui.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.consents import ConsentRow
    from kingshurst_tui.session import Act, User

ANSWERING = frozenset({Role.COORDINATOR.value, Role.GOVERNANCE.value})
"""Roles whose consents take effect on an exact match, whoever knows the person, and which keep every register."""

WITHDRAWING = ANSWERING | {Role.SUPERVISOR.value}
"""Roles that may withdraw anybody's consent."""

HELD = "whoever handed it in does not know the person: it takes effect when a second person agrees"


def takes_effect(act: Act, row: ConsentRow, profile_id: int) -> bool:
    """Say whether an exact match takes effect without a second person. Needs the sight of a matching act.

    A refusal ends agreements and is shown on a mask, so no role is enough for it: the giver's agency has a record of
    the person, or the profile is open to them.
    """
    giver = act.read(db.users.by_name, row.recorded_by)
    if giver is None:
        return False
    if row.kind == DECLINED:
        return _is_open(act, profile_id, row.purpose or "") or act.read(
            db.consents.known_to, profile_id, giver.agency_code
        )
    return giver.role in ANSWERING or act.read(db.consents.known_to, profile_id, giver.agency_code)


def may_withdraw(act: Act, row: ConsentRow) -> bool:
    """Say whether the acting user may take this consent back."""
    user = act.session.user
    if user.role.value in WITHDRAWING:
        return True
    if row.kind == CONFIDENTIALITY:
        return act.read(db.consents.agency_of, row.agreement_ref or "") == user.agency
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
    if user.role.value in ANSWERING:
        return
    if any(act.read(db.consents.agency_of, data_set) != user.agency for data_set in sorted(set(data_sets))):
        act.refuse(
            "Confidentiality is lifted by the agency whose data set it is, or by the partnership.",
            "Nothing was stored.",
            "Hand it to the coordinator.",
        )


def _is_open(act: Act, profile_id: int, purpose: str) -> bool:
    today = act.session.clock.today().isoformat()
    return any(
        each.purpose == purpose and each.opens <= today <= each.closes
        for each in act.read(db.consents.openings, profile_id)
    )
