"""Detail of health contacts: opened for those who hold its compartment; for others a word that it is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import db.compartments
from db.case_reading import ContactRow
from db.compartments import HEALTH
from db.keys import SealBroken
from kingshurst_tui.keyholding.compartments import is_entitled

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

NOT_YOURS = "detail is sealed; your role does not open it"
NOT_YET = "detail is sealed; it opens once somebody who holds its key has signed in"
BROKEN = "detail does not open: it is not what was sealed here"


def opened(act: Act, contacts: Sequence[ContactRow]) -> tuple[list[ContactRow], dict[int, str]]:
    """Return contacts with the detail that the session's user may read, and why there is none where there is none.

    How many were opened, and how many should have opened and did not, goes into the act's entry.
    """
    if all(contact.sealed is None for contact in contacts):
        return list(contacts), {}
    session = act.session
    words: dict[int, str] = {}
    if not is_entitled(session.user.role, HEALTH):
        return list(contacts), {each.contact_id: NOT_YOURS for each in contacts if each.sealed is not None}
    holding = session.compartments
    act.read(db.compartments.open_keys, holding, {each.sealed_under for each in contacts if each.sealed_under})
    shown: list[ContactRow] = []
    count = broken = 0
    for each in contacts:
        key = holding.batch_keys.get(each.sealed_under or 0)
        if each.sealed is None:
            shown.append(each)
        elif key is None:
            words[each.contact_id] = NOT_YET
            shown.append(each)
        else:
            try:
                outcome, postcode, address = db.compartments.open_row(
                    key, bytes(each.sealed), each.agreement_ref, each.contact_key, each.row_digest
                )
            except SealBroken:
                broken += 1
                words[each.contact_id] = BROKEN
                shown.append(each)
                continue
            count += 1
            shown.append(each._replace(outcome=outcome, place_postcode=postcode, place_address=address))
    act.note(health_detail=count)
    if broken:
        act.note(health_detail_broken=broken)
    return shown, words
