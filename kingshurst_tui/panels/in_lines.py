"""Manifests, wishes to go on, urgent decisions, similar cases and dissents as plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from kingshurst_tui.casework.dissent_shown import CLOSED, FIELDS
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_time
from kingshurst_tui.panels.going_on import STOPS
from kingshurst_tui.panels.urgent import STATUSES

if TYPE_CHECKING:
    from kingshurst_tui.casework.dissent_shown import DissentShown
    from kingshurst_tui.panels.going_on import GoingOn
    from kingshurst_tui.panels.manifest_shown import ManifestShown
    from kingshurst_tui.panels.similar import Similar
    from kingshurst_tui.panels.urgent import Urgent


def manifest_lines(shown: ManifestShown) -> Iterator[str]:
    """Yield a panel's manifest: what is wrong first, then what it lists and who signed."""
    yield f"{shown.title}, {say_date(date.fromisoformat(shown.held_on))}: {some(len(shown.decisions), 'decision')}"
    yield from (f"! {problem}" for problem in (*shown.problems, *shown.differences))
    if shown.outdated:
        yield "! Decisions were signed, or attendance was changed, since it was made; the chair makes it anew."
    quorum = "with its quorum" if shown.quorum_met else f"without its quorum: {'; '.join(shown.quorum_problems)}"
    yield f"Manifest {shown.number}, made by {shown.made_by} on {_day(shown.made_at)}, {quorum}"
    yield from (f"  decision {each.number}: {each.state}  ({each.digest[:16]}…)" for each in shown.decisions)
    for each in shown.signatures:
        yield f"  {'✓' if each.holds else '!'} {each.in_words()}, {_day(each.signed_at)}"
    for left in shown.unsigned:
        how = "" if left.has_account else f"; has no account: enter their answer as member {left.member}"
        yield f"  ○ {left.name} ({left.agency}) has not signed{how}"


def going_on_lines(each: GoingOn) -> Iterator[str]:
    """Yield one wish to go on."""
    yield f"{each.number:>6}  {each.pseudonym}  {STOPS.get(each.stop, each.stop)}"
    yield f"        {each.in_words()} ({_day(each.asked_at)})"
    if each.why:
        yield from (f"        {line}" for line in each.why.splitlines())


def urgent_lines(each: Urgent) -> Iterator[str]:
    """Yield one urgent decision."""
    yield f"{each.number:>6}  {each.pseudonym}  decision {each.decision}: {each.lead_agency} leads"
    yield f"        {STATUSES[each.status]}"
    second = f", then {each.second_agency} ({each.second_by})" if each.second_agency else ""
    yield f"        {each.first_agency} ({each.first_by}){second}: {each.why_urgent}"
    if each.second_holds is False:
        yield "        ! The second agency's signature does not hold."
    if each.ratified_why:
        yield f"        the panel: {each.ratified_why}"


def similar_lines(found: Similar) -> Iterator[str]:
    """Yield earlier cases like one, with what makes them so."""
    yield "Compared by what is plain, nothing weighed; the latest first."
    yield from (f"  this case: {each}" for each in found.by)
    if not found.total:
        yield "No earlier case that is open to you is like this one."
    elif found.total > len(found.found):
        yield f"The latest {len(found.found)} of {found.total}:"
    for each in found.found:
        who = f"{each.pseudonym}  {each.name}".strip()
        yield f"{who}: {each.lead_agency} leads (decision {each.decision}, {_day(each.signed_at)}, {each.status})"
        yield from (f"    {line}" for line in each.why.splitlines())
        yield f"    alike: {'; '.join(each.in_common)}"
    if found.closed is not None:
        yield f"Cases like it that are closed to you: {found.closed.get('', 'none')}"
        yield from (f"  {agency} leads: {count}" for agency, count in found.closed.items() if agency)


def dissent_lines(each: DissentShown) -> Iterator[str]:
    """Yield one dissent with its steps."""
    late = " OVERDUE" if each.overdue else ""
    yield f"{each.number:>6}  {each.pseudonym}  {each.agency} dissents from decision {each.decision}"
    by = f" for {each.entered_for}" if each.entered_for else ""
    yield f"        made by {each.made_by}{by} on {_day(each.made_at)}, version {each.version}"
    if not each.signature_holds:
        yield "        ! Its signature does not hold."
    if each.status == "open":
        if each.is_answered:
            yield f"        with {each.level_name}, answered; {each.agency} says whether that settles it"
        else:
            yield f"        with {each.level_name}; answer due by {show_time(each.due_at)} UTC{late}"
    else:
        yield f"        {CLOSED[each.status]}"
    for name, title in FIELDS.items():
        yield f"        {title}:"
        yield from (f"          {line}" for line in str(getattr(each, name)).splitlines())
    for step in each.steps:
        yield f"        {step.step} by {step.made_by}, {_day(step.made_at)}: {step.words}"


def _day(moment: str) -> str:
    return say_date(datetime.fromisoformat(moment).date())
