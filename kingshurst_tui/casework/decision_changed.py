"""What changed of a person's decision while somebody else wrote one, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import db.decisions
from kingshurst_tui.casework.decision_form import LISTS, NOT_DISCUSSED, TITLES
from kingshurst_tui.errors import StaleRecord, differing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act


def changed_since(
    act: Act, row: MaskedRow, mine: Mapping[str, Any], not_discussed: Sequence[str], version: int, kept: str
) -> StaleRecord:
    """Return what changed since the profile had that version: a decision's fields, or that only the facts did.

    Args:
        act: the act under way.
        row: the profile now.
        mine: the fields as somebody is about to sign them.
        not_discussed: which of them they mark so.
        version: the profile's version that they saw.
        kept: what is said of their draft.
    """
    of_purpose = [
        each for each in act.read(db.decisions.of_profile, row.profile_id) if each.purpose == act.session.purpose
    ]
    rested_on = {each.id: int(json.loads(each.document)["rests_on"]["profile_version"]) for each in of_purpose}
    since = [each for each in of_purpose if rested_on[each.id] >= version]
    before = next((each for each in of_purpose if rested_on[each.id] < version), None)
    if not since:
        return StaleRecord(
            "The profile has changed since this was written.",
            f"Nothing was signed{kept}. Nobody else decided; contacts, flags, consents or actions changed.",
            "Look at what changed, then sign again.",
            over=row.version,
        )
    latest = since[0]
    return StaleRecord(
        "The profile has changed since this was written: a decision was signed.",
        f"Decision {latest.id} by {latest.signed_by}. Nothing of yours was signed{kept}. It differs in:",
        f"Look at both, then sign again, over version {row.version}; theirs is superseded and stays as it was.",
        differing(
            TITLES,
            theirs=_said(json.loads(latest.document)),
            mine=said_fields(mine, not_discussed),
            began=_said(json.loads(before.document)) if before else {},
        ),
        by=latest.signed_by,
        over=row.version,
    )


def _said(document: Mapping[str, Any]) -> dict[str, str]:
    return said_fields(document["fields"], document.get("not_discussed", ()))


def said_fields(fields: Mapping[str, Any], not_discussed: Sequence[str] = ()) -> dict[str, str]:
    """Return the fields of a decision as text; a list has one entry a line, its parts parted by |."""
    said: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, list) and name in LISTS:
            entries = [each for each in value if isinstance(each, dict)]
            lines = (" | ".join(str(each.get(part, "")) for part in LISTS[name]).rstrip(" |") for each in entries)
            said[name] = "\n".join(lines)
        else:
            said[name] = str(value)
    return said | dict.fromkeys(not_discussed, NOT_DISCUSSED)
