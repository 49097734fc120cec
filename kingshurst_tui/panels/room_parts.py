"""What the room's screen is made of: why now, agencies, timeline, what matters, decisions, views, actions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import db.case_reading
import db.decisions
import db.panel_notes
import db.panel_room
import db.restricted_notes
from kingshurst_tui.casework import explaining
from kingshurst_tui.casework.action_shown import shown_action
from kingshurst_tui.casework.decision_shown import shown_decision
from kingshurst_tui.casework.freshness import counted_by_month
from kingshurst_tui.casework.who import Who, who
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels.room_case import (
    ActionLine,
    AgencyLine,
    AskedLine,
    DecisionLine,
    FlagLine,
    IncidentLine,
    Matter,
    OutcomeLine,
    Report,
    ViewLine,
    WhoLine,
)
from kingshurst_tui.vocabulary import ANOTHER_AGENCY

if TYPE_CHECKING:
    from db.case_reading import ContactRow, MaskedRow, MonthCount
    from db.panel_room import CaseRow, ViewRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.freshness import AgencyCounts
    from kingshurst_tui.casework.sources import Source

NOT_NAMED = WhoLine("", "", (), (), (), ())
"""Who a masked person is."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What differs between an open profile and a mask."""

    who: WhoLine
    incidents: int | None
    agencies: tuple[AgencyLine, ...]
    timeline: tuple[IncidentLine, ...] = ()
    matters: tuple[Matter, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    outcomes: tuple[OutcomeLine, ...] = ()
    views: tuple[ViewLine, ...] = ()
    asked: tuple[AskedLine, ...] = ()
    actions: tuple[ActionLine, ...] = ()
    kept_back: int = 0
    sealed: int = 0

    def as_fields(self) -> dict[str, Any]:
        """Return them by name, as they are and not as records of records."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def masked(act: Act, row: MaskedRow, sources: Sequence[Source]) -> Parts:
    """Return what may be shown of somebody whose profile is not open: counts by agency."""
    own = act.session.user.agency
    names = {
        each.reference: ANOTHER_AGENCY if each.sensitive and each.agency != own else each.agency for each in sources
    }
    counts = act.read(db.case_reading.month_counts, row.profile_id)
    pictures = counted_by_month(counts, sources, names, act.session.clock.today())
    return Parts(NOT_NAMED, None, tuple(_of_months(each, counts) for each in pictures))


def opened(act: Act, panel_id: int, case: CaseRow, row: MaskedRow, sources: Sequence[Source]) -> Parts:
    """Return what is shown of an open profile."""
    today = act.session.clock.today()
    contacts = act.read(db.case_reading.contacts, row.profile_id)
    names = {each.reference: each.agency for each in sources}
    pictures = counted_by_month((), sources, names, today)
    decisions = [shown_decision(act, each) for each in act.read(db.decisions.of_profile, row.profile_id)]
    outcomes = tuple(
        OutcomeLine(
            each.decision_id,
            each.domain,
            each.months,
            each.measured_on,
            each.baseline,
            each.now,
            each.effect,
            each.person_view,
        )
        for each in act.read(db.panel_room.outcomes, row.profile_id)
    )
    lines = tuple(
        DecisionLine(
            each.number,
            each.lead_agency,
            _said(each.fields, "why"),
            each.review_on.isoformat(),
            _said(each.fields, "review_trigger"),
            _said(each.fields, "person_view"),
            each.status,
            each.signed_by,
            each.signed_at[:10],
            each.signature_holds,
        )
        for each in decisions
    )
    views = _views(act, panel_id, case)
    return Parts(
        who=_who(act, row),
        incidents=len({_incident(each) for each in contacts}),
        agencies=tuple(_of_contacts(each, contacts) for each in _with_all(pictures, contacts)),
        timeline=_timeline(act, contacts),
        matters=_matters(act, case, views, lines, outcomes),
        decisions=lines,
        outcomes=outcomes,
        views=views,
        asked=tuple(
            AskedLine(each.agency_code, each.question, each.due_on, each.status, each.answer)
            for each in act.read(db.panel_room.asked, case.id)
        ),
        actions=_actions(act, row, today),
        kept_back=len(act.read(db.restricted_notes.of_profile, row.profile_id)),
        sealed=sum(each.sealed is not None for each in contacts),
    )


# --- why now ---------------------------------------------------------------------------------------------


def flags(act: Act, row: MaskedRow) -> tuple[FlagLine, ...]:
    """Return the flags that stand, with what is cited for each."""
    return tuple(
        FlagLine(
            each.title,
            each.state,
            f"{each.rule_code}, version {each.rule_version}" if each.rule_code else "",
            each.threshold,
            each.source,
            each.raised_on.isoformat(),
            each.lapses_on.isoformat(),
            len(each.incidents),
            tuple(f"{role} in {number}" for role, number in each.by_role),
            each.tell,
            each.untested,
            each.gaps,
        )
        for each in explaining.of_profile(act, row.profile_id, masked=not row.is_open)
    )


BROUGHT = {
    "flag": "a rule flags this person",
    "review": "a decision is due for review",
    "referral": "an agency referred this person",
    "proposal": "{by} proposed it",
    "action": "an action came back",
    "urgent": "two agencies decided between panels: to be ratified or not",
}
"""How a case came on the agenda, in words."""


def brought(act: Act, case: CaseRow) -> str:
    """Return what brought a case, in words; of an open profile with the number of what brought it."""
    words = BROUGHT.get(case.brought_by, "on this agenda").format(by=case.proposed_by)
    number = act.read(db.panel_room.brought_id, case.id)
    if number is not None and case.brought_by in ("review", "action"):
        words += f" ({'decision' if case.brought_by == 'review' else 'action'} {number})"
    return f"{words}, since {say_date(date.fromisoformat(case.proposed_at[:10]))}"


# --- agencies and time -----------------------------------------------------------------------------------


def _incident(contact: ContactRow) -> str:
    return f"i{contact.incident_id}" if contact.incident_id is not None else f"c{contact.contact_id}"


def _with_all(pictures: Sequence[AgencyCounts], contacts: Sequence[ContactRow]) -> list[tuple[str, tuple[str, ...]]]:
    known = {each.name: each.coverage for each in pictures}
    for contact in contacts:
        known.setdefault(contact.agency_code, ())
    return sorted(known.items())


def _of_contacts(agency: tuple[str, tuple[str, ...]], contacts: Sequence[ContactRow]) -> AgencyLine:
    name, coverage = agency
    mine = [each for each in contacts if each.agency_code == name]
    last = max((each.occurred_on for each in mine), default="")
    return _line(name, len({_incident(each) for each in mine}), len(mine), last, coverage)


def _of_months(picture: AgencyCounts, counts: Sequence[MonthCount]) -> AgencyLine:
    mine = [each for each in counts if each.agency_shown == picture.name]
    last = max((each.month for each in mine), default="")
    return _line(
        picture.name, sum(each.incidents for each in mine), sum(each.contacts for each in mine), last, picture.coverage
    )


def _line(name: str, incidents: int, reports: int, last: str, coverage: tuple[str, ...]) -> AgencyLine:
    unknown = tuple(words for words in coverage if "unknown" in words)
    if not coverage:
        unknown = ("unknown: no data set",)
    if not reports and unknown:
        return AgencyLine(name, None, None, "", coverage, unknown)
    return AgencyLine(name, incidents, reports, last, coverage, unknown)


def unknown(flags: Sequence[FlagLine], agencies: Sequence[AgencyLine]) -> tuple[str, ...]:
    """Return what is not known of a person, in sentences: unknown is never nothing."""
    said = [f"{each.agency}: {words}" for each in agencies for words in each.unknown]
    said += [gap for flag in flags for gap in flag.gaps]
    return tuple(dict.fromkeys(said))


def _timeline(act: Act, contacts: Sequence[ContactRow]) -> tuple[IncidentLine, ...]:
    others = act.read(
        db.case_reading.pseudonyms_of_records, {each.counterpart_id for each in contacts if each.counterpart_id}
    )
    groups: dict[str, list[ContactRow]] = {}
    for each in contacts:
        groups.setdefault(_incident(each), []).append(each)
    return tuple(
        IncidentLine(
            key,
            min(each.occurred_on for each in reports),
            reports[0].category,
            tuple(
                Report(
                    each.agency_code,
                    each.occurred_on,
                    each.role,
                    each.standing,
                    each.category,
                    each.outcome or "",
                    ", ".join(part for part in (each.place_address, each.place_postcode) if part),
                    others.get(each.counterpart_id or 0, ""),
                )
                for each in reports
            ),
        )
        for key, reports in groups.items()
    )


# --- the person ------------------------------------------------------------------------------------------


def _who(act: Act, row: MaskedRow) -> WhoLine:
    as_at = {
        batch.id: date.fromisoformat((batch.as_at or batch.received_at)[:10])
        for batch in act.read(db.case_reading.accepted_batches)
    }
    found: Who = who(act.read(db.case_reading.records, row.profile_id), as_at)
    return WhoLine(
        initials(found.name) if found.names else "",
        found.name,
        tuple(each.value for each in found.names),
        tuple(f"{each.value}{' (may be a placeholder)' if each.quality == 'default' else ''}" for each in found.born),
        tuple(each.value for each in found.sexes),
        tuple(each.value for each in found.addresses),
    )


def initials(name: str) -> str:
    """Return the initials of a name: A. B."""
    return " ".join(f"{part[0].upper()}." for part in name.replace("-", " ").split())


def _matters(
    act: Act,
    case: CaseRow,
    views: Sequence[ViewLine],
    decisions: Sequence[DecisionLine],
    outcomes: Sequence[OutcomeLine],
) -> tuple[Matter, ...]:
    found = [Matter(view.strengths, f"{view.agency}, first view") for view in views if view.strengths]
    found += [
        Matter(each.words, f"an earlier panel, {say_date(date.fromisoformat(each.written_at[:10]))}")
        for each in act.read(db.panel_notes.earlier, case.profile_id, "matters", case.id)
    ]
    found += [
        Matter(each.person_view, f"their own view, decision {each.number}") for each in decisions if each.person_view
    ]
    found += [
        Matter(each.person_view, f"their own view, {each.months} months after decision {each.decision}")
        for each in outcomes
        if each.person_view
    ]
    return tuple(found)


# --- what was decided, thought and done --------------------------------------------------------------------


def _said(fields: Any, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _views(act: Act, panel_id: int, case: CaseRow) -> tuple[ViewLine, ...]:
    written = {each.agency_code: each for each in act.read(db.panel_room.views, case.id)}
    agencies = sorted({*act.read(db.panel_room.agencies, panel_id), *written})
    return tuple(_view(code, written.get(code), shown=case.revealed_at is not None) for code in agencies)


def _view(agency: str, row: ViewRow | None, *, shown: bool) -> ViewLine:
    # One's own view is hidden too until all are shown: the room reads the screen together.
    words = json.loads(row.document) if row is not None and row.document and shown else {}
    known, worry, strengths, position = (
        str(words.get(name, "")) for name in ("known", "worry", "strengths", "position")
    )
    by = (row.entered_for or row.written_by) if row is not None and shown else ""
    return ViewLine(agency, row is not None, shown and row is not None, known, worry, strengths, position, by)


def _actions(act: Act, row: MaskedRow, today: date) -> tuple[ActionLine, ...]:
    found = [shown_action(each, row.pseudonym, today) for each in act.read(db.decisions.actions_of, row.profile_id)]
    return tuple(
        ActionLine(
            each.number,
            each.text,
            f"{each.owner_agency} {each.owner_user}".strip(),
            each.due_on.isoformat(),
            each.because or each.status,
            each.overdue,
            each.note,
        )
        for each in found
    )
