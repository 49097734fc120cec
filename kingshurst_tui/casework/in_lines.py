"""An agenda, profile, mask, decision and consent as plain lines and as JSON-ready keys, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kingshurst_tui.casework import explaining
from kingshurst_tui.casework.agenda import Agenda
from kingshurst_tui.casework.agenda_rows import AgendaRow
from kingshurst_tui.casework.decision_form import ASKED, DISCUSSED, WHERE_POLICE_LEAD_ON_HEALTH, WHERE_SUPERSEDING
from kingshurst_tui.casework.decision_shown import DecisionShown
from kingshurst_tui.casework.freshness import AgencyCounts, in_words
from kingshurst_tui.casework.grounds import GroundShown
from kingshurst_tui.casework.profile_records import AnyProfile, Profile
from kingshurst_tui.casework.restricted_notes import NoteShown
from kingshurst_tui.casework.triage import TRIAGE, TRIAGED_AWAY
from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import some
from kingshurst_tui.dates import day_in_words

_TITLES = {**ASKED, **WHERE_SUPERSEDING, **DISCUSSED, **WHERE_POLICE_LEAD_ON_HEALTH}


def _by_whom(row: AgendaRow) -> str:
    if row.triage not in TRIAGED_AWAY or row.triaged_on is None:
        return ""
    until = f", back on {plain_date(row.back_on)}" if row.back_on else ""
    return f" (by {row.triaged_by}, {plain_date(row.triaged_on)}{until})"


def agenda_lines(agenda: Agenda) -> list[str]:
    """Return the agenda as plain lines."""
    lines = [
        f"Agenda as of {plain_date(agenda.as_of)}: {some(agenda.flagged, 'flagged profile')}, by {agenda.sorted_by}."
    ]
    if len(agenda.rows) < agenda.flagged:
        lines.append(f"{agenda.total} pass the filters; {len(agenda.rows)} of them are shown.")
    lines += agenda.unknown
    for row in agenda.rows:
        marks = [
            "" if row.is_open else "masked",
            "UNDER 18" if row.under_18 else "",
            "DO NOT APPROACH" if row.do_not_approach else "",
            TRIAGE[row.triage] + _by_whom(row),
        ]
        # A name may be that of two people; every other command asks for the pseudonym.
        who = f"{row.pseudonym}  {row.name}" if row.name else row.pseudonym
        lines.append(f"{who:<38} {', '.join(mark for mark in marks if mark)}")
        lines.append(f"    {_agenda_contacts(row)}")
        for flag in row.flags:
            until = "holds until" if flag.state == "current" else "unknown since"
            lines.append(f"    {flag.title}: raised {plain_date(flag.raised_on)}, {until} {plain_date(flag.lapses_on)}")
    return lines


def _agenda_contacts(row: AgendaRow) -> str:
    if row.incidents is None or row.contacts is None or row.agencies is None:
        return "incidents and reports in a year: unknown; your agency sees none, and not every source can tell"
    if not row.contacts:
        return "no incident and no report in a year"
    return (
        f"{some(row.incidents, 'incident')} in a year, {some(row.contacts, 'report')} "
        f"({', '.join(row.agencies)}); last in {row.last_month}"
    )


def profile_lines(profile: AnyProfile) -> Iterator[str]:
    """Yield a profile or its mask as plain lines; what must be read first comes first."""
    yield f"{profile.pseudonym}   {profile.who.name if isinstance(profile, Profile) else 'masked'}"
    if profile.under_18:
        yield "  UNDER 18"
    elif profile.under_18 is None:
        yield "  Age not known"
    for word in profile.approach:
        yield f"  {word.in_words()}"
    if profile.restriction:
        yield f"  {profile.restriction.in_words()}"
    if profile.state:
        yield f"  Case: {profile.state.in_words()}"
    if isinstance(profile, Profile) and profile.lead:
        yield f"  Lead now: {profile.lead.agency}, by {profile.lead.because}"
    if profile.declined_on:
        yield f"  Declined to engage on {plain_date(profile.declined_on)}: the offer is not made again"
    for data_set, reference in profile.own_references:
        yield f"  Known to you as {reference} ({data_set})"
    if isinstance(profile, Profile):
        yield from _who(profile)
    yield "  Contacts by agency and month (distinct incidents; ? is not known), from " + profile.first_month
    yield from _counts(profile.counts)
    for flag in profile.flags:
        yield from ("  " + line for line in explaining.in_lines(flag))
    yield from _grounds(profile.grounds)
    if isinstance(profile, Profile):
        yield from _opened(profile)
    elif profile.own_contacts:
        yield "  Your agency's own contacts:"
        for own in profile.own_contacts:
            yield f"    {plain_date(own.day):<18} {own.category}, as {own.role}  {own.reference}"


def _who(profile: Profile) -> Iterator[str]:
    for title, known in (
        ("Names", profile.who.names),
        ("Born", profile.who.born),
        ("Sex", profile.who.sexes),
        ("Addresses", profile.who.addresses),
        ("Identifiers", profile.who.identifiers),
    ):
        for each in known:
            quality = " (a stand-in, not a date)" if each.quality == "default" else ""
            since = f", since {plain_date(each.since)}" if each.since else ""
            value = day_in_words(each.value) if title == "Born" else each.value
            yield f"  {title + ':':<13} {value}{quality}  [{', '.join(each.sources)}{since}]"


def _counts(counts: Sequence[AgencyCounts]) -> Iterator[str]:
    for agency in counts:
        figures = "".join("?" if count is None else "·" if count == 0 else _figure(count) for count in agency.incidents)
        known = [count for count in agency.incidents if count is not None]
        yield f"    {agency.name:<16} {figures}  {_summed(agency, known)}"


def _summed(agency: AgencyCounts, known: Sequence[int]) -> str:
    if not known:
        return "unknown in every month"
    contacts = sum(count or 0 for count in agency.contacts)
    said = f"{_count(sum(known), 'incident')}, {_count(contacts, 'contact')}"
    unknown = len(agency.incidents) - len(known)
    return f"{said} in {_count(len(known), 'known month')}, {_count(unknown, 'month')} unknown" if unknown else said


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _figure(count: int) -> str:
    return str(count) if count < 10 else "+"


def _grounds(grounds: Sequence[GroundShown]) -> Iterator[str]:
    for ground in grounds:
        second = f", second person {ground.second_person}" if ground.second_person else ", no second person yet"
        yield (
            f"  Ground {ground.number}: {ground.kind}, {ground.status}, until {plain_date(ground.until)}, "
            f"recorded by {ground.recorded_by}{second}"
        )


def _opened(profile: Profile) -> Iterator[str]:
    for consent in profile.consents:
        about = f"{consent.kind} {consent.purpose or consent.agreement}"
        until = f" until {plain_date(consent.expires_on)}" if consent.expires_on else ""
        yield (
            f"  Consent {consent.number}, {about}: {consent.status}, given on {plain_date(consent.given_on)}{until} "
            f"by {consent.given_by} ({consent.authority})"
        )
    for decision in profile.decisions:
        yield from ("  " + line for line in decision_lines(decision))
    for action in profile.actions:
        because = f" ({action.because})" if action.because else ""
        yield (
            f"  Action {action.number}: {action.text}  {action.owner_agency}, due {plain_date(action.due_on)}, "
            f"{action.status}{because}"
        )
    for note in profile.notes:
        yield from ("  " + line for line in note_lines(note))
    if profile.notes_kept_back:
        yield f"  {some(profile.notes_kept_back, 'restricted note')}: your role does not open them"
    yield f"  Timeline, {some(len(profile.timeline), 'contact')}, the newest first:"
    for row in profile.timeline:
        incident = f"  incident {row.incident_id}" if row.incident_id else ""
        standing = "" if row.standing == "fact" else " [assessment]"
        outcome = f"  {row.outcome or f'({row.sealed})'}" if row.outcome or row.sealed else ""
        yield (
            f"    {plain_date(row.day):<18} {row.agency:<6} {row.category}, as {row.role}{standing}{outcome}"
            f"  [{row.data_set}]{incident}"
        )
    yield f"  Links among {some(len(profile.records), 'record')}:"
    for link in profile.links:
        left = f"{link.left.agency} {link.left.reference}".strip() or "a record behind a closed gate"
        right = f"{link.right.agency} {link.right.reference}".strip() or "a record behind a closed gate"
        yield f"    link {link.link_id}: {left} and {right}: weight {link.weight:.1f}, {link.state}"


def note_lines(note: NoteShown) -> Iterator[str]:
    """Yield a restricted note as plain lines, or why it does not open."""
    by = f", superseded by note {note.superseded_by}" if note.superseded_by else ""
    signature = "" if note.problem else " (signature holds)" if note.signature_holds else " (SIGNATURE DOES NOT HOLD)"
    day = plain_date(note.written_at[:10])
    yield f"Restricted note {note.number}, written by {note.written_by} on {day}{by}{signature}"
    yield from (f"  {line}" for line in (note.problem or note.text).splitlines())


def decision_lines(decision: DecisionShown) -> Iterator[str]:
    """Yield a decision as plain lines, word for word."""
    signature = "signature holds" if decision.signature_holds else "SIGNATURE DOES NOT HOLD"
    yield (
        f"Decision {decision.number} about {decision.pseudonym}: {decision.lead_agency} leads, {decision.status}, "
        f"signed by {decision.signed_by} at {decision.signed_at} ({signature})"
    )
    yield from (f"  ! {remark}" for remark in decision.remarks)
    yield from (f"  {circumstance}" for circumstance in decision.circumstances)
    for name, title in _TITLES.items():
        if name in decision.not_discussed:
            yield f"  {title}: not discussed"
        elif decision.fields.get(name):
            yield f"  {title}: {_field(decision.fields[name])}"


def _field(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(
            ", ".join(str(part) for part in entry.values() if part) if isinstance(entry, Mapping) else str(entry)
            for entry in value
        )
    return str(value).replace("\n", " / ")


def profile_json(profile: AnyProfile, today: Any) -> dict[str, Any]:
    """Return a profile or its mask as JSON-ready keys; row numbers of the store mean nothing outside it."""
    if isinstance(profile, Profile):
        coverage = [
            {"data_set": each.reference, "agency": each.agency, "known": in_words(each, today)}
            for each in profile.coverage
        ]
        result = {name: value for name, value in _as_dict(profile).items() if name != "coverage"}
        return {**result, "coverage": coverage}
    return _as_dict(profile)


def _as_dict(profile: AnyProfile) -> dict[str, Any]:
    from dataclasses import fields

    kept = {field.name: getattr(profile, field.name) for field in fields(profile) if field.name != "profile_id"}
    return {name: _plain(value) for name, value in kept.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return value
