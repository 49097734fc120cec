"""What is known of one row of a meeting's parts: a case, a candidate, a member, a request, a first view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.dates import day_in_words, say_date
from kingshurst_tui.panels.candidates import SOURCES
from kingshurst_tui.panels.records import ATTENDANCES, BROUGHT_BY, CASE_STATUSES, REQUEST_STATUSES, STANDINGS, STEPS
from screens.widgets.facts import Fact

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate
    from kingshurst_tui.panels.records import Case, Member, OnePanel, Request


def facts(part: str, key: int | str, shown: OnePanel, found: Sequence[Candidate]) -> Iterable[Fact]:
    """Return what is known of one row of a part."""
    if part in ("agenda", "views"):
        case = shown.case(int(key)) if key != -1 else None
        return () if case is None else _case_facts(case, shown) if part == "agenda" else _view_facts(case, shown)
    if part == "candidates":
        return [
            (SOURCES[whence.source].capitalize(), whence.words)
            for each in found
            if each.pseudonym == key
            for whence in each.whence
        ]
    if part == "members":
        return [fact for each in shown.members if each.number == key for fact in _member_facts(each)]
    if part == "information":
        return [fact for each in shown.requests if each.number == key for fact in _request_facts(each)]
    return [
        fact
        for each in shown.conflicts
        if each.number == key
        for fact in (
            ("Interest", each.interest or "words that are not for a mask"),
            ("Step", STEPS[each.step]),
            ("Entered by", f"{each.declared_by}, {say_day(each.declared_at)}"),
        )
    ]


def say_day(at: str) -> str:
    """Return the day of a stamp in words."""
    return day_in_words(at[:10])


def _case_facts(case: Case, shown: OnePanel) -> Iterator[Fact]:
    if not case.is_open:
        yield "Masked", "discussed by pseudonym; nothing can be decided about somebody masked"
    if case.question:
        yield "Asked", case.question
    if case.brought_by:
        yield "Came by", f"{BROUGHT_BY[case.brought_by]}; {case.proposed_by}, {say_day(case.proposed_at)}"
    if case.status_why:
        yield CASE_STATUSES[case.status].capitalize(), case.status_why
    for each in shown.requests:
        if each.case == case.number:
            yield f"{each.agency}", f"{each.question} [{REQUEST_STATUSES[each.status]}] {each.answer}".strip()


_VIEW_LABELS = {"known": "Knows", "worry": "Worry", "strengths": "Strengths", "position": "Would do"}


def _view_facts(case: Case, shown: OnePanel) -> Iterator[Fact]:
    if not case.revealed_at:
        yield "Blind", "each agency's words are its own until all are shown together"
    for view in (each for each in shown.views if each.case == case.number):
        by = f"{view.written_by} for {view.entered_for}" if view.entered_for else view.written_by
        yield view.agency, f"written by {by}" if view.is_shown else "written, not shown yet"
        if view.is_shown:
            yield from ((label, words) for name, label in _VIEW_LABELS.items() if (words := getattr(view, name)))


def _member_facts(each: Member) -> Iterator[Fact]:
    yield "Agency", f"{each.agency}, {each.agency_kind or 'no partner agency'}"
    standing = f"deputy for {each.deputy_for}" if each.standing == "deputy" else STANDINGS[each.standing]
    yield "Asked as", standing
    yield "Came", ". ".join(part for part in (ATTENDANCES[each.attendance], each.attendance_why) if part)
    if each.attendance == "present" and not each.user_name:
        alone = "nobody but who asked them: a second person says it (p), or one of their agency (Enter)"
        yield "Vouched for", f"by {each.vouched_by}" if each.vouched_by else alone
    if each.information_on:
        yield "Information", f"came on {say_date(each.information_on)}"
    kept = f"confirmed, entered by {each.confidentiality_by}, {say_day(each.confidentiality_at)}"
    yield "Confidentiality", kept if each.confidentiality_at else "not confirmed yet (f)"


def _request_facts(each: Request) -> Iterator[Fact]:
    yield "Asked", f"{each.question} (by {each.asked_by}, {say_day(each.asked_at)})"
    yield "Due", f"{say_date(each.due_on)}{', OVERDUE' if each.overdue else ''}"
    yield "Stands", REQUEST_STATUSES[each.status]
    if each.answer:
        yield "Answer", each.answer
    if each.answered_by:
        entered = f", entered for {each.entered_for}" if each.entered_for else ""
        yield "By", f"{each.answered_by}{entered}, {say_day(each.answered_at)}"
