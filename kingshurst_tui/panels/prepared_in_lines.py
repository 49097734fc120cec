"""A meeting as plain lines and as JSON-ready keys, for the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels.records import (
    ATTENDANCES,
    BROUGHT_BY,
    CASE_STATUSES,
    CONFIDENTIALITY,
    REQUEST_STATUSES,
    STATUSES,
    STEPS,
    Case,
    FirstView,
    Member,
    OnePanel,
    Panel,
    PanelLine,
    Request,
)
from kingshurst_tui.panels.running import rule_in_words

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate


def as_json(thing: Any) -> dict[str, Any]:
    """Return a record as JSON-ready keys; row numbers of people mean nothing outside the store."""
    found: dict[str, Any] = _plain(asdict(thing))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name != "profile_id"}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def list_lines(found: Iterable[PanelLine]) -> Iterator[str]:
    """Yield the meetings, a line each."""
    for line in found:
        panel = line.panel
        proposed = f", {some(line.proposed, 'proposal')}" if line.proposed else ""
        yield (
            f"Panel {panel.number}: {panel.title}, {say_date(panel.held_on)}, {STATUSES[panel.status]}; "
            f"{some(line.cases, 'case')}{proposed}, {some(line.members, 'person asked', 'people asked')} "
            f"of {some(line.agencies, 'agency', 'agencies')}"
        )


def panel_lines(found: OnePanel) -> Iterator[str]:
    """Yield a meeting with all that is prepared for it."""
    yield from _heading(found.panel)
    quorum = found.quorum
    if found.panel.status == "open":
        yield "  Quorum is met" if quorum.met else f"  NO QUORUM: {' '.join(quorum.problems)}"
    yield from (f"  {line}" for member in found.members for line in [member_line(member)])
    for conflict in found.conflicts:
        about = f"case {conflict.case}" if conflict.case is not None else "the whole panel"
        yield (
            f"  Interest {conflict.number}: {conflict.member_name} ({conflict.agency}) in {about}, "
            f"{STEPS[conflict.step]}{f': {conflict.interest}' if conflict.interest else ''}"
        )
    for case in found.cases:
        yield from case_lines(case, found)


def _heading(panel: Panel) -> Iterator[str]:
    where = ", ".join(part for part in (panel.begins_at, panel.place) if part)
    yield f"Panel {panel.number}: {panel.title}, {say_date(panel.held_on)}{f', {where}' if where else ''}"
    yield f"  {STATUSES[panel.status].capitalize()}; for {panel.purpose}; version {panel.version}"
    yield f"  Chair: {panel.chair or 'nobody yet'}. Minute-taker: {panel.minute_taker or 'nobody yet'}"
    yield f"  Quorum: {rule_in_words(panel.quorum)}"
    if panel.confidentiality:
        yield f"  Confidentiality: {CONFIDENTIALITY[panel.confidentiality]}"
    if panel.areas:
        yield f"  Priority areas: {', '.join(panel.areas)}"
    if panel.information_by:
        yield f"  Information by {say_date(panel.information_by)}"


def member_line(member: Member) -> str:
    """Return somebody who is asked, in a line."""
    standing = f"deputy for {member.deputy_for}" if member.standing == "deputy" else member.standing
    sent = f", information came on {say_date(member.information_on)}" if member.information_on else ""
    kept = "" if member.confidentiality_at else ", confidentiality not confirmed"
    account = f" as {member.user_name}" if member.user_name else ""
    return (
        f"Member {member.number}: {member.name} ({member.agency}){account}, {standing}, "
        f"{ATTENDANCES[member.attendance]}{sent}{kept}"
    )


def case_lines(case: Case, panel: OnePanel | None = None) -> Iterator[str]:
    """Yield one case; with its meeting, what was asked about it and who has written a first view."""
    slot = f"{case.slot} to {case.slot_ends}" if case.slot else some(case.minutes, "minute")
    place = f"{case.place}." if case.is_listed else f"({CASE_STATUSES[case.status]})"
    marks = [
        "" if case.is_open else "masked",
        "UNDER 18" if case.under_18 else "",
        "DO NOT APPROACH" if case.do_not_approach else "",
        CASE_STATUSES[case.status] if case.status == "discussed" else "",
    ]
    who = f"{case.pseudonym}  {case.name}" if case.name else case.pseudonym
    said = ", ".join(mark for mark in marks if mark)
    yield f"{place:<4} Case {case.number}: {who}  {slot}{f'  {said}' if said else ''}"
    if case.question:
        yield f"     {case.question}"
    if case.brought_by:
        yield f"     Brought by {BROUGHT_BY[case.brought_by]}, proposed by {case.proposed_by}"
    if case.status_why:
        yield f"     {case.status_why}"
    if panel is None:
        return
    yield from (f"     {request_line(each)}" for each in panel.requests if each.case == case.number)
    written = [each for each in panel.views if each.case == case.number]
    if written and not case.revealed_at:
        yield f"     First views written by {', '.join(each.agency for each in written)}; not shown yet"
    for view in written:
        if view.is_shown:
            yield from (f"     {line}" for line in view_lines(view))


def request_line(request: Request) -> str:
    """Return what an agency is asked, in a line."""
    overdue = " OVERDUE" if request.overdue else ""
    by = f" (entered by {request.answered_by} for {request.entered_for})" if request.entered_for else ""
    told = f": {request.answer}" if request.answer else ""
    return (
        f"Request {request.number} to {request.agency} by {say_date(request.due_on)}: {request.question} "
        f"[{REQUEST_STATUSES[request.status]}{overdue}]{by}{told}"
    )


def view_lines(view: FirstView) -> Iterator[str]:
    """Yield an agency's first view, or that there is one."""
    by = f"{view.written_by} for {view.entered_for}" if view.entered_for else view.written_by
    if not view.is_shown:
        yield f"First view of {view.agency}: written, not shown yet"
        return
    yield f"First view of {view.agency}, by {by}"
    for title, words in (
        ("Knows", view.known),
        ("Worry", view.worry),
        ("Strengths", view.strengths),
        ("Would do", view.position),
    ):
        if words:
            yield f"  {title}: {words}"


def candidate_lines(found: Iterable[Candidate]) -> Iterator[str]:
    """Yield who might come before a panel, with where each comes from."""
    for each in found:
        mask = "" if each.is_open else "  masked"
        yield f"{each.pseudonym}  {each.name}{mask}".rstrip()
        yield from (f"     {whence.words}" for whence in each.whence)
