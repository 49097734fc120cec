"""What the demonstration shows where there is no terminal: counts, agenda, one profile, one decision, verification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import agenda, decisions, in_lines, profiles, triage
from kingshurst_tui.casework.agenda import Agenda
from kingshurst_tui.casework.agenda_rows import AgendaRow
from kingshurst_tui.casework.decision_shown import DecisionShown
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.clock import plain_date
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.linkage import pairs_shown
from kingshurst_tui.linkage.pairs_shown import Pair
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import AgencyKind, ReasonCode

PANEL = Reason(ReasonCode.PANEL)
SHOWN_ON_AGENDA = 12
REVIEW_AFTER = timedelta(days=84)
"""Twelve weeks, as one area's multi-agency child exploitation panel reviews (FIELD's S36)."""

_WORDS = {
    "why": "Their housing officer knows the person best; the person asked for one visitor, not four. (Invented.)",
    "why_not_first_contacted": "The agency contacted first met the person in passing and closed each call. (Invented.)",
    "review_trigger": "Two further incidents in a month, or the person asks. (Invented.)",
}
_NOT_DISCUSSED = (
    "options",
    "supporting",
    "necessity",
    "equality",
    "safeguarding_threshold",
    "person_view",
    "person_told_by",
    "tool_showed",
    "tool_agreed",
    "dissent",
)


def decide_one(demo: DemoStore) -> DecisionShown | None:
    """Let the invented coordinator sign one decision, so that a first look finds one; None where nobody is open."""
    with demo.signed_in("coordinator") as session:
        row = _best_known(agenda.open_agenda(session))
        if row is None:
            return None
        triage.set_triage(session, row.pseudonym, "panel", version=row.version)
        form = decisions.open_form(session, row.pseudonym, PANEL)
        review = (session.clock.today() + REVIEW_AFTER).isoformat()
        fields = {"lead_agency": _lead(session, form), "review_on": review, **_WORDS}
        return decisions.sign(session, row.pseudonym, fields, _NOT_DISCUSSED, version=form.version, reason=PANEL)


def _best_known(shown: Agenda) -> AgendaRow | None:
    """Return the open profile that most agencies met; for the demonstration's first look only."""
    rows = [row for row in shown.rows if row.is_open and not row.under_18]
    return max(rows, key=lambda row: (len(row.agencies or ()), row.incidents or 0, row.pseudonym), default=None)


def _lead(session: Session, form: decisions.Form) -> str:
    import db.users

    kinds = {code: kind for code, (_, kind) in session.look(db.users.agencies).items()}
    housing = [code for code, _ in form.agencies if kinds.get(code) == AgencyKind.HOUSING]
    return housing[0] if housing else form.agencies[0][0]


def shown(demo: DemoStore, decided: DecisionShown | None, *, kept: bool) -> tuple[dict[str, Any], list[str]]:
    """Return what to print: keys for ``--json`` and lines for a person; where everything is, if it is kept."""
    with demo.signed_in("coordinator") as session:
        found = agenda.open_agenda(session)
        row = _best_known(found)
        profile = profiles.open_profile(session, row.pseudonym, PANEL) if row else None
        links = pairs_shown.links_of(session, profile.profile_id, PANEL) if isinstance(profile, Profile) else []
        verified = verify_trail(session)
    counts = {
        "people": demo.town.people,
        "data_sets": len(demo.batches),
        "kept_out": demo.stopped,
        "link": demo.link_run.as_json() if demo.link_run else {},
        "flagged": found.flagged,
    }
    audit = {"entries": verified.entries, "root": verified.root, "holds": verified.holds}
    lines = [
        *_counts(demo, found),
        "",
        f"The panel's agenda, by {found.sorted_by} ({min(SHOWN_ON_AGENDA, len(found.rows))} of {found.total})",
        *in_lines.agenda_lines(replace(found, rows=found.rows[:SHOWN_ON_AGENDA]))[1:],
        "",
        *(_profile_lines(profile, links) if isinstance(profile, Profile) else ["No profile is open."]),
        "",
        *(_decision_lines(decided) if decided else ["No decision was made."]),
        "",
        f"Audit: all {verified.entries} entries hold; root of the tree {verified.root}"
        if verified.holds
        else f"Audit: entry {verified.first_bad} is not what was written: {verified.problem}",
        *(
            [f"Everything is in {demo.folder}; go on with: kingshurst open {demo.store} --user coordinator"]
            if kept
            else []
        ),
    ]
    result = {
        "store": str(demo.store),
        "counts": counts,
        "agenda": [_agenda_json(each) for each in found.rows],
        "profile": _profile_json(profile, links) if isinstance(profile, Profile) else None,
        "decision": _decision_json(decided) if decided else None,
        "audit": audit,
    }
    return result, lines


def _counts(demo: DemoStore, found: Agenda) -> Iterator[str]:
    yield "An invented Kingshurst: nobody here exists."
    yield f"{demo.town.people:,} people; {len(demo.batches)} data sets imported"
    for reference, why in sorted(demo.stopped.items()):
        yield f"  kept out: {reference}: {why}"
    if demo.link_run is not None:
        run = demo.link_run
        yield (
            f"{run.records:,} source records are {run.profiles:,} profiles: {run.clear:,} clear links, "
            f"{run.review:,} for people to review"
        )
    yield f"{found.flagged:,} profiles are flagged today"


def _profile_lines(profile: Profile, links: Sequence[Pair]) -> Iterator[str]:
    yield f"Profile {profile.pseudonym}: {profile.who.name}"
    for born in profile.who.born:
        yield f"  born {plain_date(born.value)} ({born.quality}), by {', '.join(born.sources)}"
    yield f"  {len(profile.records)} records of {len({record.agency for record in profile.records})} agencies"
    for counts in profile.counts:
        known = [count for count in counts.contacts if count is not None]
        yield f"  {counts.name}: {sum(known)} contacts in {len(known)} known months"
    for flag in profile.flags:
        yield f"  flag: {flag.title}: {flag.threshold} Source: {flag.source}"
    for pair in links[:1]:
        yield f"  why {pair.left.agency} and {pair.right.agency} mean one person:"
        yield from (f"    {line}" for line in pair.waterfall.lines())


def _profile_json(profile: Profile, links: Sequence[Pair]) -> dict[str, Any]:
    return {
        "pseudonym": profile.pseudonym,
        "name": profile.who.name,
        "records": len(profile.records),
        "contacts": len(profile.timeline),
        "flags": [flag.rule_code for flag in profile.flags],
        "links": [
            {"agencies": [pair.left.agency, pair.right.agency], "weights": pair.waterfall.lines()} for pair in links
        ],
    }


def _decision_lines(decided: DecisionShown) -> Iterator[str]:
    yield f"Decision {decided.number} about {decided.pseudonym}: {decided.lead_agency} leads"
    yield f"  why: {decided.fields['why']}"
    yield f"  why not the agency contacted first: {decided.fields['why_not_first_contacted']}"
    yield f"  review on {plain_date(decided.review_on)}, or: {decided.fields['review_trigger']}"
    holds = "holds" if decided.signature_holds else "does not hold"
    yield f"  signed by {decided.signed_by}; the signature {holds}"


def _decision_json(decided: DecisionShown) -> dict[str, Any]:
    return {
        "number": decided.number,
        "pseudonym": decided.pseudonym,
        "lead_agency": decided.lead_agency,
        "fields": dict(decided.fields),
        "review_on": decided.review_on.isoformat(),
        "signed_by": decided.signed_by,
        "signature_holds": decided.signature_holds,
    }


def _agenda_json(row: AgendaRow) -> dict[str, Any]:
    return {
        "pseudonym": row.pseudonym,
        "open": row.is_open,
        "raised_on": row.raised_on.isoformat(),
        "flags": [flag.title for flag in row.flags],
        "agencies": None if row.agencies is None else list(row.agencies),
        "incidents": row.incidents,
        "triage": row.triage,
    }
