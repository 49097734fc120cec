"""How many named people hold something of a data set at one time, against what its agreement allows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import db.agreements
import db.disclosures
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.panels import settings

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.leaving.gate import Recipient

SETTING = "panel.holders_an_agency"
"""How many named people of each agency that an agreement names, where it states no number of its own."""

_LIVE = "live"


def most(agreement: Agreement, an_agency: int) -> int:
    """Return how many named people may hold something of a data set at one time."""
    if agreement.recipients_most:
        return agreement.recipients_most
    return an_agency * len({*agreement.recipients, agreement.agency.code})


def too_many(act: Act, marked: Sequence[Recipient], refs_of: Mapping[str, frozenset[str]]) -> list[str]:
    """Return a sentence for each data set that more people would then hold than its agreement allows.

    Whoever holds a copy that stands and has not expired counts once, however many they hold.
    """
    holding: dict[str, set[tuple[str, str]]] = {}
    for kept, copy in act.read(db.disclosures.held, act.session.clock.today().isoformat()):
        for ref, marks in json.loads(kept).items():
            if copy.mark in marks:
                holding.setdefault(ref, set()).add((copy.name.casefold(), copy.agency_code))
    wanted: dict[str, set[tuple[str, str]]] = {}
    for each in marked:
        for ref in refs_of[each.mark]:
            wanted.setdefault(ref, set()).add((each.name.casefold(), each.agency))
    an_agency = settings.value(act, SETTING)
    wrong = []
    for ref, people in sorted(wanted.items()):
        row = next((one for one in act.read(db.agreements.versions, ref)[::-1] if one.status == _LIVE), None)
        if row is None:
            continue  # that no agreement is live is said elsewhere
        allowed = most(from_text(row.document), an_agency)
        before = holding.get(ref, set())
        if len(before | people) > allowed:
            wrong.append(
                f"{ref}: {len(people - before)} more would make {len(before | people)} people who hold something of "
                f"it, and {allowed} may at one time ({len(before)} do)"
            )
    return wrong
