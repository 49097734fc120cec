"""One person as the panel may see them: opened where the three facts hold, masked where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import db.case_reading
import db.case_writing
import db.consents
import db.decisions
import db.grounds
import db.notices
from db.case_reading import ContactRow, LinkRow, MaskedRow, RecordRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import (
    actions,
    approach,
    case_access,
    cases,
    explaining,
    lead_transfers,
    referrals,
    restricted_notes,
    sealed_detail,
)
from kingshurst_tui.casework.actions import ActionShown
from kingshurst_tui.casework.approach import ApproachShown
from kingshurst_tui.casework.case_access import Restriction
from kingshurst_tui.casework.cases import CaseState, Lead
from kingshurst_tui.casework.confidentiality import lifted_for
from kingshurst_tui.casework.consents_shown import ConsentShown, shown_consent
from kingshurst_tui.casework.decisions import DecisionShown, shown_decision
from kingshurst_tui.casework.explaining import FlagShown
from kingshurst_tui.casework.freshness import AgencyCounts, counted_by_month, months_until
from kingshurst_tui.casework.grounds import GroundShown, shown_ground
from kingshurst_tui.casework.lead_transfers import TransferShown
from kingshurst_tui.casework.profiles_found import found, written_out
from kingshurst_tui.casework.referrals import ReferralShown
from kingshurst_tui.casework.restricted_notes import NoteShown
from kingshurst_tui.casework.sources import Source, known_sources
from kingshurst_tui.casework.who import Known, Who, who
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import ReasonNeeded
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, Operation, ReasonCode, Thing

__all__ = [
    "AnyProfile", "Known", "LinkShown", "MaskedProfile", "OwnTimelineRow", "Profile", "RecordLabel", "TimelineRow",
    "Who", "keep_in_caseload", "open_profile",
]  # fmt: skip

EXPECTED_REASONS = frozenset({ReasonCode.PANEL, ReasonCode.CASELOAD})
"""Reasons that are enough for a profile on the agenda or in one's own caseload, and for no other."""


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


def open_profile(session: Session, pseudonym: str, reason: Reason, *, within: str | None = None) -> AnyProfile:
    """Open one profile, or its mask where the three facts do not hold.

    Args:
        session: who acts.
        pseudonym: the profile's, or one that was merged into it; any case, with or without hyphens.
        reason: why. For somebody neither on the agenda nor in one's own caseload, panel business, one's own caseload
            and having found somebody are no reasons; else the one of the first two that holds is entered.
        within: the agenda item that is being looked at; opening the same profile again within it adds no entry.

    Raises: NotFound, ReasonNeeded, Refused.
    """
    asked = written_out(pseudonym)
    with session.act(
        Operation.CONSULT, Thing.PROFILE, subjects=[asked] if asked else (), reason=reason, within=within
    ) as act:
        row = found(act, asked)
        act.concerns([row.pseudonym])
        act.reason = true_reason(act, row, reason)
        profile = _opened(act, row) if row.is_open else _masked(act, row)
        # What somebody was to be told of this person stands in front of them now.
        act.write(db.notices.seen, row.profile_id, session.user.name, session.user.role, stamp(session.clock.now()))
        act.note(masked=profile.is_masked)
    return profile


def keep_in_caseload(session: Session, pseudonym: str, reason: Reason, *, keep: bool = True) -> None:
    """Put a profile into one's own caseload, or take it out.

    Raises: NotFound, ReasonNeeded (to put somebody in needs a reason that is not the caseload itself), Refused.
    """
    with session.act(Operation.ALTER, Thing.PROFILE, reason=reason) as act:
        row = found(act, written_out(pseudonym))
        act.concerns([row.pseudonym])
        if keep:
            act.reason = true_reason(act, row, reason)
            act.write(db.case_writing.put_in_caseload, session.user.name, row.profile_id, stamp(session.clock.now()))
        else:
            act.write(db.case_writing.take_from_caseload, session.user.name, row.profile_id)
        act.note(caseload=keep)


def true_reason(act: Act, row: MaskedRow, reason: Reason) -> Reason:
    """Return the reason to enter: of the two that need no words, the one that holds. Raises: ReasonNeeded."""
    if reason.code not in (*EXPECTED_REASONS, ReasonCode.FINDING):
        return reason
    user, purpose = act.session.user.name, act.session.purpose
    holding = []
    if act.read(db.case_reading.in_caseload, row.profile_id, user):
        holding.append(ReasonCode.CASELOAD)
    if act.read(db.case_reading.on_agenda, row.profile_id, purpose):
        holding.append(ReasonCode.PANEL)
    if not holding:
        raise ReasonNeeded(
            "Say why you open this profile.",
            "It is neither on the agenda nor in your own caseload. Nothing was shown.",
            "Give the reason in words, or one of the usual ones.",
        )
    return reason if reason.code in holding else Reason(holding[0], reason.text)


def _flag_of(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _masked(act: Act, row: MaskedRow) -> MaskedProfile:
    today = act.session.clock.today()
    covered = act.read(known_sources)
    shown = {
        each.reference: ANOTHER_AGENCY if each.sensitive and each.agency != act.session.user.agency else each.agency
        for each in covered
    }
    counts = act.read(db.case_reading.month_counts, row.profile_id)
    return MaskedProfile(
        profile_id=row.profile_id,
        pseudonym=row.pseudonym,
        under_18=_flag_of(row.under_18),
        do_not_approach=bool(row.do_not_approach),
        approach=approach.of_profile(act, row.profile_id),
        own_references=tuple(act.read(db.case_reading.own_references, row.profile_id)),
        own_contacts=tuple(
            OwnTimelineRow(
                each.contact_id,
                date.fromisoformat(each.occurred_on),
                each.agreement_ref,
                each.category,
                each.role,
                each.partner_reference or "",
                each.incident_id,
            )
            for each in act.read(db.case_reading.own_contacts, row.profile_id)
        ),
        counts=counted_by_month(counts, covered, shown, today),
        first_month=months_until(today)[0],
        flags=explaining.of_profile(act, row.profile_id, masked=True),
        grounds=_grounds(act, row),
        version=row.version,
        declined_on=_declined_on(act, row),
        state=cases.state_of(act, row.profile_id),
        restriction=case_access.restriction(act, row.profile_id),
    )


def _declined_on(act: Act, row: MaskedRow) -> date | None:
    day = act.read(db.consents.declined_on, [row.profile_id], act.session.purpose).get(row.profile_id)
    return date.fromisoformat(day) if day else None


def _opened(act: Act, row: MaskedRow) -> Profile:
    today = act.session.clock.today()
    covered = act.read(known_sources)
    batches = {batch.id: batch for batch in act.read(db.case_reading.accepted_batches)}
    as_at = {number: date.fromisoformat((batch.as_at or batch.received_at)[:10]) for number, batch in batches.items()}
    records = act.read(db.case_reading.records, row.profile_id)
    labels = {record.record_id: _label(record) for record in records}
    contacts, kept_back = sealed_detail.opened(act, act.read(db.case_reading.contacts, row.profile_id))
    others = act.read(
        db.case_reading.pseudonyms_of_records, {each.counterpart_id for each in contacts if each.counterpart_id}
    )
    counts = act.read(db.case_reading.month_counts, row.profile_id)
    agencies = {each.reference: each.agency for each in covered}
    notes, notes_kept_back = restricted_notes.of_profile(act, row)
    return Profile(
        profile_id=row.profile_id,
        pseudonym=row.pseudonym,
        under_18=_flag_of(row.under_18),
        do_not_approach=bool(row.do_not_approach),
        approach=approach.of_profile(act, row.profile_id),
        own_references=tuple(act.read(db.case_reading.own_references, row.profile_id)),
        who=who(records, as_at),
        records=tuple(labels.values()),
        timeline=tuple(_timeline_row(each, others, as_at, kept_back.get(each.contact_id, "")) for each in contacts),
        counts=counted_by_month(_named(counts, contacts), covered, agencies, today),
        first_month=months_until(today)[0],
        coverage=covered,
        flags=explaining.of_profile(act, row.profile_id, masked=False),
        links=tuple(_link(each, labels) for each in act.read(db.case_reading.links, row.profile_id)),
        consents=tuple(
            shown_consent(each, row.pseudonym)
            for each in (*act.read(db.consents.open_consents, row.profile_id), *lifted_for(act, records))
        ),
        grounds=_grounds(act, row),
        decisions=tuple(shown_decision(act, each) for each in act.read(db.decisions.of_profile, row.profile_id)),
        actions=actions.previous(act, row.profile_id),
        version=row.version,
        declined_on=_declined_on(act, row),
        notes=notes,
        notes_kept_back=notes_kept_back,
        reads_notes=act.session.may(Operation.CONSULT, Thing.NOTE),
        state=cases.state_of(act, row.profile_id),
        lead=cases.lead_now(act, row.profile_id),
        handovers=lead_transfers.of_profile(act, row.profile_id),
        referrals=referrals.of_profile(act, row.profile_id),
        restriction=case_access.restriction(act, row.profile_id),
    )


def _named(counts: list[db.case_reading.MonthCount], contacts: list[ContactRow]) -> list[db.case_reading.MonthCount]:
    """Return the counts with every agency by its name, which an open profile tells anyway."""
    if all(count.agency_shown != ANOTHER_AGENCY for count in counts):
        return counts
    grouped: dict[tuple[str, str], tuple[int, set[int]]] = {}
    for contact in contacts:
        key = (contact.agency_code, contact.occurred_on[:7])
        number, incidents = grouped.get(key, (0, set()))
        incidents.add(contact.incident_id or -contact.contact_id)
        grouped[key] = (number + 1, incidents)
    return [
        db.case_reading.MonthCount(agency, month, number, len(incidents))
        for (agency, month), (number, incidents) in sorted(grouped.items())
    ]


def _grounds(act: Act, row: MaskedRow) -> tuple[GroundShown, ...]:
    return tuple(
        shown_ground(each, row.pseudonym, words=bool(row.is_open))
        for each in act.read(db.grounds.of_profile, row.profile_id)
        if each.purpose == act.session.purpose
    )


def _label(record: RecordRow) -> RecordLabel:
    return RecordLabel(record.record_id, record.agency_code, record.agreement_ref, record.partner_reference or "")


def _timeline_row(contact: ContactRow, others: dict[int, str], as_at: dict[int, date], sealed: str) -> TimelineRow:
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


def _link(link: LinkRow, labels: dict[int, RecordLabel]) -> LinkShown:
    # A record behind a closed gate keeps its link; it has no label then.
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
