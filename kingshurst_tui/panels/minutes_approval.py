"""What the approval of minutes stands on: who may give it, what is signed, and whether it still verifies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import db.decisions
import db.users
from db.keys import canonical, signature_holds
from db.minutes import MinutesRow, PartRow
from kingshurst_tui.panels.members import members
from kingshurst_tui.panels.records import Member, Panel
from kingshurst_tui.permissions import allowed
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

DRAFT, APPROVED, REPLACED = "draft", "approved", "replaced"
STATUSES = {DRAFT: "draft", APPROVED: "approved", REPLACED: "replaced by a later version"}


def signed(row: MinutesRow, document: Mapping[str, Any], by: str, at: str) -> dict[str, Any]:
    """Return what the approval signs: the digest of every word of one version, by whom and when."""
    digest = hashlib.sha256(canonical(dict(document))).hexdigest()
    return {
        "minutes": row.id,
        "panel": row.panel_id,
        "version": row.version,
        "digest": digest,
        "approved_by": by,
        "approved_at": at,
    }


def stops_of(act: Act, row: MinutesRow, panel: Panel) -> tuple[str, ...]:
    """Return what keeps the acting user from approving this version, in sentences."""
    if row.status != DRAFT:
        return (f"This version is {STATUSES[row.status]}.",)
    return _stops(panel, members(act, panel.number), row.written_by, act.session.user.name)


def approvers(act: Act, panel: Panel, writer: str) -> tuple[str, ...]:
    """Return who may approve a version that somebody drafts, by user name."""
    there = members(act, panel.number)
    return tuple(
        user.name
        for user in act.read(db.users.every)
        if user.status == "active"
        and allowed(Role(user.role), Operation.ADMINISTER, Thing.MINUTES)
        and not _stops(panel, there, writer, user.name)
    )


def _stops(panel: Panel, there: Sequence[Member], writer: str, reader: str) -> tuple[str, ...]:
    stops = []
    if reader == panel.minute_taker:
        stops.append("Minutes are approved by somebody other than the minute-taker.")
    if reader == writer:
        stops.append("You drafted this version; somebody else approves it.")
    if reader != panel.chair and not any(each.user_name == reader and each.counts for each in there):
        stops.append("Minutes are approved by the chair or by a member who was there.")
    return tuple(stops)


def holds(act: Act, row: MinutesRow, parts: list[PartRow]) -> bool | None:
    """Say whether the approval verifies over the document and over every part that can be read."""
    if row.signature is None or row.approved_by is None:
        return None
    document = json.loads(row.document)
    message = canonical(signed(row, document, row.approved_by, row.approved_at or ""))
    publics = act.read(db.decisions.signing_keys, row.approved_by)
    listed = {int(case): str(digest) for case, digest in document.get("parts", {}).items()}
    return any(signature_holds(public, bytes(row.signature), message) for public in publics) and all(
        _is_listed(part, listed) for part in parts
    )


def _is_listed(part: PartRow, listed: Mapping[int, str]) -> bool:
    """Say whether a part reads as it was signed; its case may have become another's since, where people were merged."""
    digest = hashlib.sha256(part.document.encode()).hexdigest()
    return listed.get(part.panel_case_id, digest) == digest and digest in listed.values()
