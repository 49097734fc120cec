"""One person as the panel may see them: opened where the three facts hold, masked where they do not."""

from __future__ import annotations

from datetime import date

import db.case_reading
import db.case_writing
import db.consents
import db.decisions
import db.grounds
import db.notices
from db.case_reading import ContactRow, MaskedRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import (
    action_lists,
    approach,
    case_access,
    cases,
    explaining,
    lead_transfers,
    referrals_shown,
    restricted_notes,
    sealed_detail,
)
from kingshurst_tui.casework.confidentiality import lifted_for
from kingshurst_tui.casework.consents_shown import shown_consent
from kingshurst_tui.casework.decision_shown import shown_decision
from kingshurst_tui.casework.freshness import counted_by_month, months_until
from kingshurst_tui.casework.grounds import GroundShown, shown_ground
from kingshurst_tui.casework.profile_records import (
    AnyProfile,
    MaskedProfile,
    OwnTimelineRow,
    Profile,
    label_of,
    link_shown,
    timeline_row,
)
from kingshurst_tui.casework.profiles_found import found, written_out
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.casework.true_reasons import true_reason
from kingshurst_tui.casework.who import who
from kingshurst_tui.clock import stamp
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, Operation, Thing


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
    labels = {record.record_id: label_of(record) for record in records}
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
        timeline=tuple(timeline_row(each, others, as_at, kept_back.get(each.contact_id, "")) for each in contacts),
        counts=counted_by_month(_named(counts, contacts), covered, agencies, today),
        first_month=months_until(today)[0],
        coverage=covered,
        flags=explaining.of_profile(act, row.profile_id, masked=False),
        links=tuple(link_shown(each, labels) for each in act.read(db.case_reading.links, row.profile_id)),
        consents=tuple(
            shown_consent(each, row.pseudonym)
            for each in (*act.read(db.consents.open_consents, row.profile_id), *lifted_for(act, records))
        ),
        grounds=_grounds(act, row),
        decisions=tuple(shown_decision(act, each) for each in act.read(db.decisions.of_profile, row.profile_id)),
        actions=action_lists.previous(act, row.profile_id),
        version=row.version,
        declined_on=_declined_on(act, row),
        notes=notes,
        notes_kept_back=notes_kept_back,
        reads_notes=act.session.may(Operation.CONSULT, Thing.NOTE),
        state=cases.state_of(act, row.profile_id),
        lead=cases.lead_now(act, row.profile_id),
        handovers=lead_transfers.of_profile(act, row.profile_id),
        referrals=referrals_shown.of_profile(act, row.profile_id),
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
