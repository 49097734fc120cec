"""One version of the minutes as its reader may see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.minutes
import db.panel_room
from db.minutes import MinutesRow
from kingshurst_tui.errors import NotFound
from kingshurst_tui.panels.cases import cases
from kingshurst_tui.panels.minutes_approval import holds, stops_of
from kingshurst_tui.panels.minutes_draft import OF_THE_MEETING
from kingshurst_tui.panels.minutes_targets import Targets, targets
from kingshurst_tui.panels.records import Case, Panel
from kingshurst_tui.panels.running import panel_facts
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class PartShown:
    """What minutes say of one case.

    Attributes:
        name: of the person; empty where it is not known.
        fields: by minutes_draft.OF_A_CASE.
    """

    case: int
    place: int
    profile_id: int
    pseudonym: str
    name: str
    status: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MinutesShown:
    """One version of the minutes of a meeting.

    Attributes:
        fields: what they say of the meeting, by minutes_draft.OF_THE_MEETING.
        parts: what they say of cases that are open to the reader, who did not step out of them, in the agenda's order.
        left_out: cases of the agenda of which the reader sees no word, each with why.
        signature_holds: whether the approval verifies over every word as it stands; None for a draft.
        versions: (version, status, written by, approved by) of each, the latest first.
        stops: what stands in the way of approving it for this reader, in sentences.
    """

    number: int
    panel: Panel
    version: int
    status: str
    written_by: str
    written_at: str
    approved_by: str
    approved_at: str
    signature_holds: bool | None
    fields: Mapping[str, str]
    parts: tuple[PartShown, ...]
    left_out: tuple[str, ...]
    versions: tuple[tuple[int, str, str, str], ...]
    stops: tuple[str, ...]
    targets: Targets


def read(session: Session, panel_id: int, reason: Reason, *, version: int | None = None) -> MinutesShown:
    """Return the latest version of a meeting's minutes, or another. Raises: NotFound, Refused."""
    with session.act(Operation.CONSULT, Thing.MINUTES, reason=reason) as act:
        shown = read_in(act, panel_id, version)
    return shown


def read_in(act: Act, panel_id: int, version: int | None = None) -> MinutesShown:
    """Return the same inside an act."""
    rows = act.read(db.minutes.versions, panel_id)
    row = next((each for each in rows if version in (None, each.version)), None)
    if row is None:
        panel_facts(act, panel_id)
        raise NotFound("There are no such minutes.", "Nothing was shown.", "Draft them: kingshurst minutes draft")
    act.note(panel=panel_id, minutes=row.id)
    return shown_minutes(act, row)


def is_out(act: Act, panel_id: int, profile_id: int) -> bool:
    """Say whether the acting user stepped out of a case: what was said of it is not for them to read or write."""
    return act.read(db.panel_room.steps_out, panel_id, profile_id, act.session.user.name)


def shown_minutes(act: Act, row: MinutesRow) -> MinutesShown:
    """Return a version with the parts that are open to the acting user, who did not step out of them."""
    panel = panel_facts(act, row.panel_id)
    rows = act.read(db.minutes.parts, row.id)
    agenda = {each.number: each for each in cases(act, row.panel_id)}
    parts = tuple(
        PartShown(
            part.panel_case_id,
            agenda[part.panel_case_id].place,
            part.profile_id,
            agenda[part.panel_case_id].pseudonym,
            agenda[part.panel_case_id].name,
            agenda[part.panel_case_id].status,
            json.loads(part.document)["fields"],
        )
        for part in rows
        if part.panel_case_id in agenda and not is_out(act, row.panel_id, part.profile_id)
    )
    there = act.read(db.minutes.digests, row.id)
    seen = {part.case for part in parts}
    return MinutesShown(
        row.id,
        panel,
        row.version,
        row.status,
        row.written_by,
        row.written_at,
        row.approved_by or "",
        row.approved_at or "",
        holds(act, row, rows),
        {name: json.loads(row.document)["fields"].get(name, "") for name in OF_THE_MEETING},
        parts,
        tuple(_why_unseen(each, there) for each in agenda.values() if each.is_listed and each.number not in seen),
        tuple(
            (each.version, each.status, each.written_by, each.approved_by or "")
            for each in act.read(db.minutes.versions, row.panel_id)
        ),
        stops_of(act, row, panel),
        targets(act, panel),
    )


def _why_unseen(case: Case, there: Mapping[int, str]) -> str:
    if case.number in there:
        return f"{case.pseudonym}: its part is not for you"
    return f"{case.pseudonym}: {'no part yet' if case.is_open else 'masked or restricted; no word is written of it'}"
