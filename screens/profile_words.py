"""A profile as rows and facts: what the profile screen draws, without any drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from kingshurst_tui.casework.action_shown import NOT_DONE_BECAUSE
from kingshurst_tui.casework.approach import DO_NOT
from kingshurst_tui.casework.decision_form import FIELDS, TITLES
from kingshurst_tui.casework.grounds import KINDS
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.vocabulary import ANOTHER_AGENCY, ConsentKind
from screens.widgets.month_picture import MonthRow
from screens.widgets.timeline import Entry, Lane
from screens.widgets.virtual_table import Row

if TYPE_CHECKING:
    from kingshurst_tui.casework.action_shown import ActionShown
    from kingshurst_tui.casework.consents_shown import ConsentShown
    from kingshurst_tui.casework.decision_shown import DecisionShown
    from kingshurst_tui.casework.freshness import AgencyCounts
    from kingshurst_tui.casework.grounds import GroundShown
    from kingshurst_tui.casework.profile_records import AnyProfile, LinkShown, MaskedProfile, Profile, TimelineRow
    from kingshurst_tui.casework.who import Known
    from screens.widgets.facts import Fact


def said_day(text: str) -> str:
    """Return an ISO day or moment as people read it; what is none stays as it is."""
    try:
        return say_date(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def marks(profile: AnyProfile) -> list[str]:
    """Return what must be seen beside the name."""
    said = ["MASKED" if profile.is_masked else "open"]
    if profile.restriction:
        said.append("RESTRICTED")
    if profile.under_18:
        said.append("UNDER 18")
    elif profile.under_18 is None:
        said.append("age unknown")
    return said


def approach(profile: AnyProfile) -> str:
    """Return what comes before everything else: whether and how to approach the person."""
    return "\n".join(f"{'! ' if word.kind == DO_NOT else ''}{word.in_words()}" for word in profile.approach)


def own_references(profile: AnyProfile) -> str:
    """Return under which references the acting agency knows the person."""
    return ", ".join(f"{reference} ({data_set})" for data_set, reference in profile.own_references)


def mask_facts(profile: MaskedProfile) -> list[Fact]:
    """Return what may be known of a masked person, and how to go on."""
    own = own_references(profile)
    if profile.restriction is not None and not profile.restriction.is_mine:
        return [
            ("Pseudonym", profile.pseudonym),
            ("Restricted", profile.restriction.in_words()),
            ("Known to you as", own or "your agency has sent nothing about this person"),
            *case_state(profile),
        ]
    return [
        ("Pseudonym", profile.pseudonym),
        *case_state(profile),
        ("Masked", "This person has not agreed, and no ground for going on without is recorded."),
        ("Known to you as", own or "your agency has sent nothing about this person"),
        (
            "How to approach",
            "Your agency knows this person under its own reference: somebody who works with them can ask."
            if own
            else _who_can_ask(profile),
        ),
        ("Then", "n records the agreement, or a ground for going on without (which a second person confirms)."),
    ]


def case_state(profile: AnyProfile) -> list[Fact]:
    """Return where the case stands, and of an open one who leads it now and who alone may open it."""
    facts: list[Fact] = [("Case", profile.state.in_words())] if profile.state else []
    if profile.is_masked:
        return facts
    if profile.lead:  # type: ignore[union-attr]
        facts.append(("Leads now", f"{profile.lead.agency}, by {profile.lead.because}"))  # type: ignore[union-attr]
    if profile.restriction:
        names = ", ".join(each.user_name for each in profile.restriction.on_list)
        facts.append(("Restricted", f"only these may open it: {names}. {profile.restriction.why}"))
    return facts


def _who_can_ask(profile: MaskedProfile) -> str:
    met = {agency.name for agency in profile.counts if any(agency.contacts)}
    if met - {ANOTHER_AGENCY}:
        return "One of the agencies below can ask; home lists whom each agency should approach."
    if met:
        return "Another agency, which may not be named here, knows this person and can ask; its own home lists them."
    return "Unknown: no contact with this person is shared with your agency. The coordinator can find out who can ask."


def who_facts(profile: Profile) -> list[Fact]:
    """Return who the person is, as partners record it, with who says so and since when."""
    facts: list[Fact] = case_state(profile)
    for label, known in (
        ("Name", profile.who.names),
        ("Born", profile.who.born),
        ("Sex", profile.who.sexes),
        ("Address", profile.who.addresses),
        ("Identifier", profile.who.identifiers),
    ):
        if not known:
            facts.append((label, "not known"))
        for number, each in enumerate(known):
            facts.append((label if number == 0 else "", _known(each, as_day=label == "Born")))
    facts.append(("Known to you as", own_references(profile) or "your agency has sent nothing about this person"))
    if profile.notes_kept_back:
        facts.append(("Restricted notes", f"{profile.notes_kept_back}; your role does not open them"))
    return facts


def _known(known: Known, *, as_day: bool) -> str:
    value = said_day(known.value) if as_day else known.value
    quality = f" ({known.quality}, may be a placeholder)" if known.quality == "default" else ""
    since = f" since {say_date(known.since)}" if known.since else ""
    return f"{value}{quality}  ·  {', '.join(known.sources)}{since}"


def coverage_facts(counts: Sequence[AgencyCounts]) -> list[Fact]:
    """Return what is known of each agency and from when; unknown is said."""
    facts: list[Fact] = [("What is known, and from when", "")]
    for agency in counts:
        said = list(dict.fromkeys(agency.coverage)) or ["unknown: no data set"]
        facts += [(agency.name if number == 0 else "", words) for number, words in enumerate(said)]
    return facts


def month_rows(counts: Sequence[AgencyCounts]) -> list[MonthRow]:
    """Return incidents a month by agency."""
    return [MonthRow(agency.name, agency.incidents) for agency in counts]


def first_month(profile: AnyProfile) -> date:
    """Return the first month of the counts."""
    return date.fromisoformat(f"{profile.first_month}-01")


def reports_said(counts: Sequence[AgencyCounts]) -> str:
    """Return how many reports stand behind how many incidents."""
    reports = sum(count or 0 for agency in counts for count in agency.contacts)
    return f"Incidents by agency and month ({some(reports, 'report')}; · none, ? unknown)"


# --- the timeline ----------------------------------------------------------------------------------------


def lanes(profile: AnyProfile) -> list[Lane]:
    """Return a lane for each agency that met the person; on a mask only one's own."""
    if profile.is_masked:
        return [Lane("own", "your own agency", "your own contacts")] if profile.own_references else []
    met = {row.agency for row in profile.timeline}  # type: ignore[union-attr]
    return [
        Lane(agency.name, agency.name, "; ".join(dict.fromkeys(agency.coverage)) or "unknown")
        for agency in profile.counts
        if agency.name in met
    ]


def entries(profile: AnyProfile) -> list[Entry]:
    """Return one entry an incident, newest first; several agencies told of one stand in one line."""
    if profile.is_masked:
        return [
            Entry(f"c{row.contact_id}", row.day, {"own": row.role}, f"{row.category} ({row.reference})")
            for row in profile.own_contacts  # type: ignore[union-attr]
        ]
    found = []
    for key, reports in grouped(profile).items():  # type: ignore[arg-type]
        first = reports[0]
        more = f" · {len(reports)} reports of one incident" if len(reports) > 1 else ""
        place = f" · {first.place}" if first.place else ""
        found.append(
            Entry(
                key,
                min(report.day for report in reports),
                {report.agency: report.role for report in reversed(reports)},
                f"{first.category}{more}{place}",
                assessments=frozenset(report.agency for report in reports if report.standing == "assessment"),
            )
        )
    return found


def grouped(profile: Profile) -> dict[str, list[TimelineRow]]:
    """Return the contacts by incident, newest first; a contact that is no other's stands alone."""
    groups: dict[str, list[TimelineRow]] = {}
    for row in profile.timeline:
        key = f"i{row.incident_id}" if row.incident_id is not None else f"c{row.contact_id}"
        groups.setdefault(key, []).append(row)
    return groups


def report_facts(reports: Sequence[TimelineRow]) -> list[Fact]:
    """Return every report of one incident in full."""
    facts: list[Fact] = []
    for row in reports:
        standing = "" if row.standing == "fact" else f" ({row.standing})"
        facts.append((f"{row.agency}", f"{say_date(row.day)} {row.time} · as {row.role} · {row.category}{standing}"))
        told = [
            f"reference {row.reference}" if row.reference else "",
            row.outcome,
            row.sealed,
            row.place,
            f"with {row.counterpart}" if row.counterpart else "",
            f"measure {row.measure:g}" if row.measure is not None else "",
            f"reported {say_date(row.reported)}" if row.reported and row.reported != row.day else "",
            f"{row.data_set} as at {say_date(row.as_at)}",
        ]
        facts.append((" ", " · ".join(words for words in told if words)))
    return facts


# --- links, consents, grounds, decisions, actions --------------------------------------------------------


def link_row(link: LinkShown) -> Row:
    """Return one link as a line."""
    cells = (_label(link.left), _label(link.right), f"{link.weight:+.1f}", link.state.replace("-", " "))
    return Row(link.link_id, cells, quiet=link.state in ("undone", "kept-apart-by-person"))


def _label(label: object) -> str:
    agency, reference = getattr(label, "agency", ""), getattr(label, "reference", "")
    return f"{agency} {reference}".strip() or "behind a closed gate"


def link_facts(link: LinkShown) -> list[Fact]:
    """Return how a link stands."""
    facts: list[Fact] = [
        ("Records", f"{_label(link.left)} ({link.left.data_set}) and {_label(link.right)} ({link.right.data_set})"),
        ("State", link.state.replace("-", " ") + (f", by {link.decided_by}" if link.decided_by else "")),
        ("Model", link.model_version),
    ]
    if link.rival_weight is not None:
        facts.append(("Nearest rival", f"{link.rival_weight:+.1f}"))
    if link.guards not in ("", "[]", "{}"):
        facts.append(("Guards", link.guards))
    return facts


def basis_rows(profile: AnyProfile) -> list[Row]:
    """Return consents and grounds as lines."""
    rows = []
    for consent in () if profile.is_masked else profile.consents:  # type: ignore[union-attr]
        until = show_date(consent.expires_on, "no end")
        what = f"Consent to {consent.kind}, given by {consent.given_by}"
        rows.append(Row(f"consent:{consent.number}", (what, consent.status, show_date(consent.given_on), until)))
    for ground in profile.grounds:
        what = f"Ground: {KINDS.get(ground.kind, ground.kind).split(':')[0]}"
        cells = (what, ground.status, show_date(date.fromisoformat(ground.recorded_at[:10])), show_date(ground.until))
        rows.append(Row(f"ground:{ground.number}", cells))
    return rows


def consent_facts(consent: ConsentShown) -> list[Fact]:
    """Return one consent in full."""
    what = consent.purpose if consent.kind == ConsentKind.ENGAGE else consent.agreement
    return [
        ("Consent", f"number {consent.number}, to {consent.kind}: {what}"),
        ("Given by", f"{consent.given_by} (authority: {consent.authority}) on {say_date(consent.given_on)}"),
        ("Until", say_date(consent.expires_on, "no end stated")),
        ("Evidence", consent.evidence or "none recorded"),
        ("Status", consent.status + (f" on {say_date(consent.withdrawn_on)}" if consent.withdrawn_on else "")),
    ]


def ground_facts(ground: GroundShown) -> list[Fact]:
    """Return one ground in full."""
    facts: list[Fact] = [
        ("Ground", f"number {ground.number}: {KINDS.get(ground.kind, ground.kind)}"),
        ("Why", ground.why or "not shown on a mask; whoever confirms it reads it there"),
        ("Until", say_date(ground.until)),
        ("Recorded", f"by {ground.recorded_by} on {said_day(ground.recorded_at)}"),
        (
            "Second person",
            f"{ground.second_person} on {said_day(ground.second_at)}" if ground.second_person else "nobody yet",
        ),
        ("Status", ground.status),
    ]
    if ground.confirm_by:
        facts.append(("Confirm by", f"{ground.confirm_by:%H:%M} UTC on {say_date(ground.confirm_by.date())}"))
    return facts


def decision_row(decision: DecisionShown) -> Row:
    """Return one decision as a line."""
    what = f"Decision: {decision.lead_agency} leads"
    cells = (what, decision.status, decision.signed_by, f"review {show_date(decision.review_on)}")
    return Row(f"decision:{decision.number}", cells, quiet=decision.status == "superseded")


def decision_facts(decision: DecisionShown) -> list[Fact]:
    """Return one decision as it was signed."""
    holds = "✓ the signature holds" if decision.signature_holds else "✗ THE SIGNATURE DOES NOT HOLD"
    facts: list[Fact] = [
        ("Decision", f"number {decision.number}, {decision.status}"),
        ("Signed", f"by {decision.signed_by} on {said_day(decision.signed_at)}; {holds}"),
    ]
    facts += [("!", remark) for remark in decision.remarks]
    facts += [("Came about", circumstance) for circumstance in decision.circumstances]
    for name in FIELDS:
        if name in decision.not_discussed:
            facts.append((TITLES[name], ""))
            facts.append((" ", "not discussed"))
        elif said := written(decision.fields.get(name)):
            facts.append((TITLES[name], ""))
            facts.append((" ", said_day(said) if name == "review_on" else said))
    return facts


def written(value: object) -> str:
    """Return what was written in a field of a decision as text."""
    if isinstance(value, list):
        lines = [
            " · ".join(f"{key}: {words}" for key, words in entry.items() if words)
            for entry in value
            if isinstance(entry, dict)
        ]
        return "\n".join(lines)
    return "" if value is None else str(value)


def action_row(action: ActionShown) -> Row:
    """Return one action as a line."""
    late = action.overdue or (action.status == "open" and action.accepted == "declined")
    cells = (
        f"Action: {action.text}",
        f"! {action.stands()}" if late else action.stands() if action.status == "open" else action.status,
        action.owner_user or action.owner_agency,
        f"due {show_date(action.due_on)}",
    )
    return Row(f"action:{action.number}", cells, quiet=action.status != "open")


def action_facts(action: ActionShown) -> list[Fact]:
    """Return one action in full."""
    facts: list[Fact] = [
        ("Action", action.text),
        ("Owner", f"{action.owner_agency} {action.owner_user}".strip()),
        ("Due", say_date(action.due_on)),
        ("Status", f"{'! ' if action.overdue else ''}{action.stands()}"),
    ]
    more = (
        ("Sought", action.outcome_sought),
        ("Refused because", action.declined_why),
        ("Evidence", action.evidence),
        ("Their reference", action.owner_reference),
    )
    facts += [(title, words) for title, words in more if words]
    if action.because:
        facts.append(("Not done because", NOT_DONE_BECAUSE.get(action.because, action.because)))
    if action.note:
        facts.append(("Note", action.note))
    if action.closed_by:
        facts.append(("Closed by", action.closed_by))
    return facts
