"""What is told of one person: everything where their profile is open, and what a mask lets through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from db.case_reading import ContactRow, LinkRow, RecordRow
from kingshurst_tui.casework.action_shown import ActionShown
from kingshurst_tui.casework.approach import ApproachShown
from kingshurst_tui.casework.case_access import Restriction
from kingshurst_tui.casework.cases import CaseState, Lead
from kingshurst_tui.casework.consents_shown import ConsentShown
from kingshurst_tui.casework.decision_shown import DecisionShown
from kingshurst_tui.casework.explaining import FlagShown
from kingshurst_tui.casework.freshness import AgencyCounts
from kingshurst_tui.casework.grounds import GroundShown
from kingshurst_tui.casework.lead_transfers import TransferShown
from kingshurst_tui.casework.referrals_shown import ReferralShown
from kingshurst_tui.casework.restricted_notes import NoteShown
from kingshurst_tui.casework.sources import Source
from kingshurst_tui.casework.who import Who


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One contact.

    Attributes:
        incident_id: the incident it is one report of, where there are others; else None.
        counterpart: the other party's pseudonym, where the partner states one.
        as_at: the day that the extract it came in states, or on which it came.
        sealed: why detail that is there is not shown; empty where nothing is kept back.
    """

    contact_id: int
    day: date
    time: str
    agency: str
    data_set: str
    category: str
    priority_area: str
    role: str
    standing: str
    outcome: str
    place: str
    reference: str
    incident_id: int | None
    counterpart: str
    measure: float | None
    reported: date | None
    as_at: date | None
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class OwnTimelineRow:
    """A contact that the acting agency contributed itself, as it may always see it."""

    contact_id: int
    day: date
    data_set: str
    category: str
    role: str
    reference: str
    incident_id: int | None


@dataclass(frozen=True, slots=True)
class RecordLabel:
    """One source record, as its agency names it."""

    record_id: int
    agency: str
    data_set: str
    reference: str


@dataclass(frozen=True, slots=True)
class LinkShown:
    """Why two records are thought to be one person's; linkage draws its waterfall from ``link_id``."""

    link_id: int
    left: RecordLabel
    right: RecordLabel
    weight: float
    state: str
    guards: str
    rival_weight: float | None
    model_version: str
    decided_by: str
    decided_at: str


@dataclass(frozen=True, slots=True)
class MaskedProfile:
    """What may be known of somebody before their profile opens.

    Attributes:
        under_18: None where no date of birth is known.
        approach: what agencies say of approaching the person, and who says it; the words of a safe contact are empty
            for all but the agency that wrote them.
        own_references: (data set, reference) under which the acting agency knows the person.
        first_month: the first month of the counts (YYYY-MM).
        version: rises whenever anything shown of the profile changes.
        declined_on: the day on which the person said that they do not want to engage; the offer is not made again.
        state: where the case stands, without the words.
        restriction: the list that the case is restricted to; whoever is not on it reads this mask and no more.
    """

    profile_id: int
    pseudonym: str
    under_18: bool | None
    do_not_approach: bool
    approach: tuple[ApproachShown, ...]
    own_references: tuple[tuple[str, str], ...]
    own_contacts: tuple[OwnTimelineRow, ...]
    counts: tuple[AgencyCounts, ...]
    first_month: str
    flags: tuple[FlagShown, ...]
    grounds: tuple[GroundShown, ...]
    version: int
    is_masked: bool = True
    declined_on: date | None = None
    state: CaseState | None = None
    restriction: Restriction | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that the store holds of a person whose profile is open for the acting purpose today.

    Attributes:
        notes: restricted notes, for those entitled (``reads_notes``); ``notes_kept_back`` says to everybody else how
            many there are.
        state: where the case stands for the acting purpose.
        lead: who leads it now.
        handovers: leads that passed, or are asked to, the latest first.
        restriction: the list that the case is restricted to, if any.
    """

    profile_id: int
    pseudonym: str
    under_18: bool | None
    do_not_approach: bool
    approach: tuple[ApproachShown, ...]
    own_references: tuple[tuple[str, str], ...]
    who: Who
    records: tuple[RecordLabel, ...]
    timeline: tuple[TimelineRow, ...]
    counts: tuple[AgencyCounts, ...]
    first_month: str
    coverage: tuple[Source, ...]
    flags: tuple[FlagShown, ...]
    links: tuple[LinkShown, ...]
    consents: tuple[ConsentShown, ...]
    grounds: tuple[GroundShown, ...]
    decisions: tuple[DecisionShown, ...]
    actions: tuple[ActionShown, ...]
    version: int
    is_masked: bool = False
    declined_on: date | None = None
    notes: tuple[NoteShown, ...] = ()
    notes_kept_back: int = 0
    reads_notes: bool = False
    state: CaseState | None = None
    lead: Lead | None = None
    handovers: tuple[TransferShown, ...] = ()
    referrals: tuple[ReferralShown, ...] = ()
    restriction: Restriction | None = None


AnyProfile: TypeAlias = Profile | MaskedProfile


def label_of(record: RecordRow) -> RecordLabel:
    """Return one source record as its agency names it."""
    return RecordLabel(record.record_id, record.agency_code, record.agreement_ref, record.partner_reference or "")


def timeline_row(contact: ContactRow, others: dict[int, str], as_at: dict[int, date], sealed: str) -> TimelineRow:
    """Return one contact as an open profile shows it."""
    place = ", ".join(part for part in (contact.place_address, contact.place_postcode) if part)
    return TimelineRow(
        contact.contact_id,
        date.fromisoformat(contact.occurred_on),
        contact.occurred_at or "",
        contact.agency_code,
        contact.agreement_ref,
        contact.category,
        contact.priority_area,
        contact.role,
        contact.standing,
        contact.outcome or "",
        place,
        contact.partner_reference or "",
        contact.incident_id,
        others.get(contact.counterpart_id or 0, ""),
        contact.measure,
        date.fromisoformat(contact.reported_on) if contact.reported_on else None,
        as_at.get(contact.batch_id),
        sealed,
    )


def link_shown(link: LinkRow, labels: dict[int, RecordLabel]) -> LinkShown:
    # A record behind a closed gate keeps its link; it has no label then.
    """Return why two records are thought to be one person's."""
    closed = RecordLabel(0, "", "", "")
    return LinkShown(
        link.id,
        labels.get(link.left_record_id, closed),
        labels.get(link.right_record_id, closed),
        link.weight,
        link.state,
        link.guards,
        link.rival_weight,
        link.model_version,
        link.decided_by or "",
        link.decided_at or "",
    )
