"""The parts of a meeting that is being prepared: their columns and rows, and what stands above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date, show_date
from kingshurst_tui.panels.candidates import SOURCES
from kingshurst_tui.panels.records import (
    ATTENDANCES,
    CASE_STATUSES,
    CONFIDENTIALITY,
    REQUEST_STATUSES,
    STANDINGS,
    STATUSES,
    STEPS,
)
from kingshurst_tui.panels.running import rule_in_words
from screens.widgets.facts import Fact
from screens.widgets.section_bar import Section
from screens.widgets.virtual_table import Column, Row

if TYPE_CHECKING:
    from kingshurst_tui.panels.candidates import Candidate
    from kingshurst_tui.panels.records import Case, Member, OnePanel, PanelLine, Request

PARTS: Final = (
    Section("a", "agenda", "Agenda"),
    Section("c", "candidates", "Candidates"),
    Section("m", "members", "Members"),
    Section("i", "information", "Asked"),
    Section("v", "views", "Views"),
    Section("t", "interests", "Interests"),
)
"""The parts of a meeting, with their keys."""

COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "agenda": (
        Column("", 3, right=True),
        Column("At", 5),
        Column("Who", 14, grows=True),
        Column("Min", 3, right=True),
        Column("Came by", 12, priority=2),
        Column("Sent", 6, priority=1),
        Column("Views", 7, priority=1),
        Column("Stands", 10),
    ),
    "candidates": (
        Column("Who", 14, wants=24),
        Column("Comes by", 18),
        Column("Since", 11),
        Column("Why", 16, grows=True, priority=1),
    ),
    "members": (
        Column("Agency", 6),
        Column("Name", 16, grows=True),
        Column("Account", 12, priority=1),
        Column("As", 8),
        Column("Came", 9),
        Column("Confidentiality", 15, priority=2),
    ),
    "information": (
        Column("Due", 11),
        Column("Agency", 6),
        Column("About", 14, wants=20),
        Column("Asked", 16, grows=True, priority=1),
        Column("Stands", 14),
    ),
    "views": (
        Column("", 3, right=True),
        Column("Who", 14, grows=True),
        Column("Written by", 16),
        Column("Yours", 9),
        Column("Shown", 12),
    ),
    "interests": (
        Column("Whose", 16, grows=True),
        Column("Agency", 6),
        Column("In", 14),
        Column("Step", 18),
    ),
}

NOTHING: Final = {
    "agenda": ("Nobody is on the agenda yet.", "c has who might come; n adds one by pseudonym, or proposes one."),
    "candidates": ("Nobody waits to come before it.", "Triage somebody for the panel, or add one by pseudonym."),
    "members": ("Nobody is asked yet.", "n asks somebody."),
    "information": ("Nothing is asked of any agency.", "n asks agencies what they know about a case."),
    "views": ("No case is on the agenda.", "Each agency writes its first view of a case before it sees the others'."),
    "interests": ("Nobody has declared an interest.", "n declares one."),
}


def panel_row(line: PanelLine) -> Row:
    """Return a meeting as a row of the list."""
    panel = line.panel
    proposed = f" +{line.proposed}" if line.proposed else ""
    cells = (
        show_date(panel.held_on),
        panel.title,
        STATUSES[panel.status],
        f"{line.cases}{proposed}",
        str(line.agencies),
        panel.chair or "nobody",
    )
    return Row(panel.number, cells, quiet=panel.is_settled, reference=f"panel {panel.number}")


def panel_facts(line: PanelLine) -> Iterator[Fact]:
    """Yield what a meeting is."""
    panel = line.panel
    yield "Held", ", ".join(part for part in (say_date(panel.held_on), panel.begins_at, panel.place) if part)
    yield "Stands", STATUSES[panel.status]
    yield "Chair", panel.chair or "nobody is named yet"
    yield "Minute-taker", panel.minute_taker or "nobody is named yet"
    yield "Quorum and load", rule_in_words(panel.quorum)
    if panel.confidentiality:
        yield "Confidentiality", CONFIDENTIALITY[panel.confidentiality]
    if panel.kind:
        yield "Kind", panel.kind
    if panel.areas:
        yield "Priority areas", ", ".join(panel.areas)
    if panel.information_by:
        yield "Information by", say_date(panel.information_by)
    yield "On it", f"{some(line.cases, 'case')}, {some(line.discussed, 'discussed', 'discussed')}"


def heading(shown: OnePanel) -> str:
    """Return the lines above the parts: two, and one more where confidentiality was not read out."""
    panel, listed = shown.panel, shown.listed
    at = f", {panel.begins_at}" if panel.begins_at else ""
    minutes = sum(each.minutes for each in listed)
    first = f"{panel.title} · {say_date(panel.held_on)}{at} · {STATUSES[panel.status]}"
    load = f"{len(listed)} of {panel.quorum.cap} cases, {minutes} minutes"
    kept = "\n! Confidentiality was NOT read out." if panel.confidentiality == "not-read" else ""
    officers = f"chair {panel.chair or 'nobody'}, minutes {panel.minute_taker or 'nobody'}"
    if panel.status == "open" and not shown.quorum.met:
        # Before all else: what is decided now would be stopped.
        return f"{first}\n✗ NO QUORUM: {' '.join(shown.quorum.problems)} · {load} · {officers}{kept}"
    quorum = "quorum met" if panel.status == "open" else f"quorum {rule_in_words(panel.quorum).split(';')[0]}"
    return f"{first}\n{quorum} · {load} · {officers}{kept}"


def rows(part: str, shown: OnePanel, found: Sequence[Candidate], agency: str) -> list[Row]:
    """Return the rows of a part."""
    if part == "agenda":
        return list(_agenda_rows(shown))
    if part == "candidates":
        return [_candidate_row(each) for each in found]
    if part == "members":
        return [_member_row(each) for each in shown.members]
    if part == "information":
        return [_request_row(each, shown) for each in shown.requests]
    if part == "views":
        return [_view_row(each, shown, agency) for each in shown.listed]
    return [
        Row(each.number, (each.member_name, each.agency, each.pseudonym or "the whole panel", STEPS[each.step]))
        for each in shown.conflicts
    ]


def counts(shown: OnePanel, found: Sequence[Candidate]) -> dict[str, int]:
    """Return how much is in each part."""
    return {
        "agenda": len(shown.listed),
        "candidates": len(found),
        "members": len(shown.members),
        "information": sum(each.status == "asked" for each in shown.requests),
        "views": len(shown.views),
        "interests": len(shown.conflicts),
    }


def _agenda_rows(shown: OnePanel) -> Iterator[Row]:
    off = False
    for case in shown.cases:
        if not case.is_listed and not off:
            off = True
            yield Row(-1, ("", "", "Not on the agenda", "", "", "", "", ""), heading=True)
        asked = [each for each in shown.requests if each.case == case.number and each.status != "taken-back"]
        sent = sum(each.status != "asked" for each in asked)
        written = sum(each.case == case.number for each in shown.views)
        cells = (
            str(case.place) if case.is_listed else "",
            case.slot,
            _who(case),
            str(case.minutes),
            case.brought_by,
            f"{sent} of {len(asked)}" if asked else "",
            f"{written} shown" if case.revealed_at else str(written or ""),
            CASE_STATUSES[case.status] if case.status != "listed" else "",
        )
        yield Row(case.number, cells, quiet=not case.is_open or not case.is_listed, reference=case.pseudonym)


def _who(case: Case) -> str:
    marks = ("DO NOT APPROACH " if case.do_not_approach else "") + ("UNDER 18 " if case.under_18 else "")
    return f"{marks}{case.who}"


def _candidate_row(each: Candidate) -> Row:
    comes = ", ".join(dict.fromkeys(SOURCES[whence.source] for whence in each.whence))
    since = min(whence.since for whence in each.whence)
    marks = ("DO NOT APPROACH " if each.do_not_approach else "") + ("UNDER 18 " if each.under_18 else "")
    cells = (f"{marks}{each.who}", comes, show_date(since), each.words)
    return Row(each.pseudonym, cells, quiet=not each.is_open, reference=each.pseudonym)


def _member_row(each: Member) -> Row:
    cells = (
        each.agency,
        each.name,
        each.user_name or "none",
        STANDINGS[each.standing],
        ATTENDANCES[each.attendance],
        "confirmed" if each.confidentiality_at else "not confirmed",
    )
    return Row(each.number, cells, reference=str(each.number))


def _request_row(each: Request, shown: OnePanel) -> Row:
    case = shown.case(each.case)
    stands = "OVERDUE" if each.overdue else REQUEST_STATUSES[each.status]
    cells = (show_date(each.due_on), each.agency, case.who if case else each.pseudonym, each.question, stands)
    return Row(each.number, cells, quiet=each.status != "asked", reference=each.pseudonym)


def _view_row(case: Case, shown: OnePanel, agency: str) -> Row:
    written = [each.agency for each in shown.views if each.case == case.number]
    cells = (
        str(case.place),
        _who(case),
        ", ".join(written) or "nobody yet",
        "written" if agency in written else "",
        "to all" if case.revealed_at else "not yet",
    )
    return Row(case.number, cells, quiet=not case.is_open, reference=case.pseudonym)
