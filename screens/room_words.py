"""What the room's screen says of one case, in words: labels and facts, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from kingshurst_tui.counting import some
from kingshurst_tui.dates import day_in_words, say_date, show_date
from kingshurst_tui.panels.room_case import ActionLine, AgencyLine, IncidentLine, RoomCase
from screens.widgets.facts import Fact
from screens.widgets.section_bar import Section
from screens.widgets.timeline import Entry, Lane

if TYPE_CHECKING:
    from kingshurst_tui.panels.room import AgendaLine, RoomAgenda

PARTS: Final = (
    Section("c", "case", "Case"),
    Section("t", "timeline", "Timeline"),
    Section("u", "known", "Unknown"),
    Section("s", "strengths", "Strengths"),
    Section("e", "earlier", "Earlier"),
    Section("v", "views", "Views"),
    Section("a", "actions", "Actions"),
)
"""The parts of a case, each by its key."""
ON_A_MASK: Final = frozenset({"case", "known"})
"""What there is to show of somebody whose profile is not open."""

CAME_OF: Final = {
    "open": "Open",
    "agency-did-not-act": "Not done because the agency did not act",
    "circumstances-changed": "Not done because circumstances changed",
    "person-declined": "Not done because the person declined",
    "no-resource": "Not done because there was no resource",
    "done": "Done",
}
"""What became of earlier actions, in the order in which they are told."""
EFFECTS: Final = {"better": "better", "no-effect": "no effect", "worse": "worse", "unknown": "unknown"}
STATUSES: Final = {"discussed": "discussed", "deferred": "deferred", "listed": ""}


def parts_of(case: RoomCase) -> list[Section]:
    """Return the parts that there are; a mask has fewer."""
    return [part for part in PARTS if not case.is_masked or part.code in ON_A_MASK]


def counts_of(case: RoomCase) -> dict[str, int]:
    """Return what stands behind the names of the parts; the rest is said on the first, and eighty columns are few."""
    return {"views": sum(view.is_written for view in case.views)}


def heading(case: RoomCase, *, named: bool) -> str:
    """Return who the case is, by initials or pseudonym until the name is asked for, and its number."""
    who = case.who.name if named else case.who.initials
    said = [f"Case {case.place} of {case.of}", who, case.pseudonym, *_marks(case)]
    return " · ".join(word for word in said if word)


def _marks(case: RoomCase) -> list[str]:
    marks = ["MASKED"] if case.is_masked else []
    if case.under_18:
        marks.append("UNDER 18")
    elif case.under_18 is None:
        marks.append("age unknown")
    if case.decision_id is not None:
        marks.append(f"decided, number {case.decision_id}")
    elif STATUSES.get(case.status, case.status):
        marks.append(STATUSES.get(case.status, case.status))
    return marks


def what_next(agenda: RoomAgenda) -> str:
    """Return what is left for whoever runs the meeting once no case is; empty before."""
    signing = "M signs the decisions · E enters others' answers"
    if agenda.status == "closed":
        return f"The meeting is closed. {signing} · U minutes"
    left = [line for line in agenda.lines if line.status == "listed"]
    if agenda.status != "open" or not agenda.lines or any(not line.is_masked for line in left):
        return ""
    if not left:
        return f"Every case is done. {signing} · o closes the meeting · U minutes"
    masked = f"Every case is done but the masked ({_places(left)})"
    return f"{masked}. o closes the meeting and puts them off · then {signing} · U minutes"


def at_the_end(agenda: RoomAgenda) -> str:
    """Return what is said to somebody who goes on from the last case."""
    left = [line for line in agenda.lines if line.status == "listed"]
    if agenda.status != "open" or not left:
        return f"This is the last case. {what_next(agenda)}".strip()
    return f"This is the last case. Still to be discussed: {_places(left)}; f goes there, o closes the meeting."


def _places(lines: Sequence[AgendaLine]) -> str:
    return ", ".join(str(line.place) for line in lines)


def overview(case: RoomCase, *, named: bool) -> list[Fact]:
    """Return the whole case in a page: each part in a line or a few."""
    hidden = "not shown on a mask" if case.is_masked else "nothing in words"
    facts: list[Fact] = [("Asked", case.question or hidden), ("Why now", case.brought)]
    facts += _flag_facts(case)
    facts.append(("Who", _who(case, named=named)))
    facts += [("Incidents", incidents_in_words(case))]
    if not case.is_masked:
        facts.append(("Matters to them", _matters_in_words(case)))
    facts.append(("Not known", _first(case.unknown, "u") or "no source says that it cannot tell"))
    if case.is_masked:
        facts.append(("Masked", "No decision is made about somebody who is masked; find out who can ask them."))
        return facts
    facts.append(("Decided before", _decided_in_words(case)))
    facts.append(("Views", views_in_words(case)))
    facts.append(("Actions", actions_in_words(case.actions)))
    if case.kept_back:
        facts.append(("Restricted", f"{some(case.kept_back, 'note')}, shown in no room; the profile opens them"))
    return facts


def _flag_facts(case: RoomCase) -> list[Fact]:
    shown = [flag for flag in case.flags if flag.state != "lapsed"]
    lapsed = len(case.flags) - len(shown)
    facts: list[Fact] = []
    for number, flag in enumerate(shown):
        role = f" · as {', '.join(flag.by_role)}" if flag.by_role else ""
        state = "" if flag.state == "current" else f", {flag.state}"
        facts.append(("Flags" if number == 0 else "", f"{flag.title}{state}{role}"))
    if not shown:
        facts.append(("Flags", "none stands today"))
    if lapsed:
        facts.append(("", f"{some(lapsed, 'flag')} lapsed (u)"))
    return [(label or " ", words) for label, words in facts]


def _who(case: RoomCase, *, named: bool) -> str:
    if case.is_masked:
        return "a pseudonym: this person has not agreed, and no ground for going on without is recorded"
    if not named:
        known = some(len(case.who.names), "form of the name", "forms of the name")
        return f"{case.who.initials or 'name not known'}  ({known} on record; i shows it)"
    born = " or ".join(day_in_words(day) for day in case.who.born) or "not known"
    where = " / ".join(case.who.addresses[:2]) or "not known"
    return f"{' / '.join(case.who.names)}\nborn {born}; {', '.join(case.who.sexes) or 'sex not known'}; {where}"


def incidents_in_words(case: RoomCase) -> str:
    """Return distinct incidents by agency; where nobody can tell, that it is unknown."""
    said = [_agency(line) for line in case.agencies if line.incidents]
    unknown = [line.agency for line in case.agencies if line.incidents is None]
    none = [line.agency for line in case.agencies if line.incidents == 0]
    total = f"{some(case.incidents, 'distinct incident')}: " if case.incidents else ""
    parts = [f"{total}{', '.join(said)}" if said else ""]
    parts += [f"none seen by {', '.join(none)}" if none else "", f"unknown: {', '.join(unknown)}" if unknown else ""]
    return "; ".join(part for part in parts if part) or "unknown"


def _agency(line: AgencyLine) -> str:
    reports = f" ({some(line.reports, 'report')})" if line.reports and line.reports != line.incidents else ""
    return f"{line.agency} {line.incidents}{reports}"


def _matters_in_words(case: RoomCase) -> str:
    if not case.matters:
        return "nothing written yet: ask, and write it under m"
    return _first([f"{each.words} ({each.source})" for each in case.matters], "s")


def _first(lines: Sequence[str], key: str) -> str:
    if not lines:
        return ""
    more = f"  ({len(lines) - 1} more: {key})" if len(lines) > 1 else ""
    return f"{lines[0]}{more}"


def _decided_in_words(case: RoomCase) -> str:
    if not case.decisions:
        return "never"
    latest = case.decisions[0]
    came = [each for each in case.outcomes if each.decision == latest.number]
    effect = ", ".join(f"{each.domain}: {EFFECTS.get(each.effect, each.effect)}" for each in came)
    more = f"  ({len(case.decisions) - 1} more: e)" if len(case.decisions) > 1 else ""
    said = f"{latest.lead_agency} leads, {latest.status} {_day(latest.signed_on)}"
    return f"{said}; came of it: {effect or 'not recorded'}{more}"


def views_in_words(case: RoomCase) -> str:
    """Return who has written a first view, and whether they are shown."""
    written = [view.agency for view in case.views if view.is_written]
    missing = [view.agency for view in case.views if not view.is_written]
    shown = "shown" if case.revealed_at else "not shown yet, r shows all"
    said = f"{', '.join(written)} wrote ({shown})" if written else "no agency has written one"
    return f"{said}; nothing from {', '.join(missing)}" if missing else said


def actions_in_words(actions: Iterable[ActionLine]) -> str:
    """Return how many earlier actions came to what; the agency that did not act is told apart from changed times."""
    came = [action.came_of for action in actions]
    overdue = sum(action.overdue for action in actions)
    said = []
    for code, words in CAME_OF.items():
        if number := came.count(code):
            late = f" ({overdue} OVERDUE)" if code == "open" and overdue else ""
            said.append(f"{number} {words[0].lower()}{words[1:]}{late}")
    return "; ".join(said) or "none"


def _day(text: str) -> str:
    return show_date(date.fromisoformat(text)) if text else "unknown"


# --- parts in full -----------------------------------------------------------------------------------------


def known(case: RoomCase) -> list[Fact]:
    """Return what each agency's data sets tell, from when, and what is not known: unknown is never zero."""
    facts: list[Fact] = [("What is known, by agency", "")]
    for line in case.agencies:
        met = "unknown" if line.incidents is None else some(line.incidents, "incident")
        last = f", the last {_month(line.last)}" if line.last else ""
        facts.append((line.agency, f"{met}{last}"))
        facts += [(" ", words) for words in line.coverage]
    facts.append(("What is not known", ""))
    facts += [("Unknown", words) for words in case.unknown] or [(" ", "No source says that it cannot tell.")]
    if case.sealed:
        facts.append(("Sealed", f"detail of {some(case.sealed, 'health contact')}, shown in no room"))
    for each in case.asked:
        answer = each.answer or {"asked": f"asked by {_day(each.due_on)}, nothing came"}.get(each.status, each.status)
        facts.append((f"{each.agency} was asked", f"{each.question}\n{answer}"))
    facts.append(("Rules", ""))
    for flag in case.flags:
        facts.append(("Rule", f"{flag.title}: {flag.state}, {_day(flag.raised_on)} to {_day(flag.lapses_on)}"))
        told = (flag.rule, flag.threshold, flag.source, flag.tell, flag.untested and f"Untested: {flag.untested}")
        facts += [(" ", words) for words in told if words]
    return facts


def _month(text: str) -> str:
    return show_date(date.fromisoformat(text)) if len(text) == 10 else show_date(date.fromisoformat(f"{text}-01"))[2:]


def strengths(case: RoomCase) -> list[Fact]:
    """Return strengths and what matters to the person, each with where it comes from."""
    facts: list[Fact] = [("Strengths, and what matters to the person", "")]
    for each in case.matters:
        facts += [(each.source, each.words)] if len(each.source) < 17 else [(" ", f"{each.words}  ({each.source})")]
    if not case.matters:
        facts.append((" ", "Nothing is written. What is said now goes into the notes (m); the next panel reads it."))
    return facts


def earlier(case: RoomCase) -> list[Fact]:
    """Return past decisions and what came of each; no effect and unknown are told like any other."""
    facts: list[Fact] = [] if case.decisions else [("Decided before", "never")]
    for each in case.decisions:
        holds = "" if each.holds else "  ✗ THE SIGNATURE DOES NOT HOLD"
        facts.append((f"Decision {each.number}, {_day(each.signed_on)}", ""))
        facts.append(("Lead", f"{each.lead_agency} ({each.status}){holds}"))
        facts.append(("Why", each.why or "not said"))
        facts.append(("Review", f"{_day(each.review_on)}; sooner if: {each.review_trigger or 'not said'}"))
        came = [outcome for outcome in case.outcomes if outcome.decision == each.number]
        for outcome in came:
            words = f"{EFFECTS.get(outcome.effect, outcome.effect)} after {some(outcome.months, 'month')}"
            change = f": {outcome.baseline} → {outcome.now}" if outcome.now else ""
            facts.append((outcome.domain.replace("-", " "), f"{words}{change}"))
        if not came:
            facts.append(("Came of it", "not recorded"))
    return facts


def who_wrote(case: RoomCase) -> list[Fact]:
    """Return who has written a first view and who has not, each in one line, by a sign and in words."""
    written = [view.agency for view in case.views if view.is_written]
    missing = [view.agency for view in case.views if not view.is_written]
    said = {"✓ Written": written, "○ Not written": missing}
    return [
        (label, f"{', '.join(codes)}  ({len(codes)} of {len(case.views)})") for label, codes in said.items() if codes
    ]


def views(case: RoomCase) -> list[Fact]:
    """Return who has written, then each view, which nobody else reads before all are shown."""
    facts = who_wrote(case)
    for view in case.views:
        if view.is_shown:
            facts.append((f"{view.agency}, by {view.written_by}", ""))
            told = (
                ("Knows", view.known), ("Worries about", view.worry), ("Strengths", view.strengths),
                ("Would", view.position),
            )  # fmt: skip
            facts += [(label, words) for label, words in told if words]
    if not case.revealed_at and any(view.is_written and not view.is_shown for view in case.views):
        facts.append((" ", "Nobody reads another agency's before all are shown: r shows them."))
    return facts or [("Views", "no agency is asked to this meeting")]


def actions(case: RoomCase) -> list[Fact]:
    """Return earlier actions by what became of them."""
    facts: list[Fact] = [] if case.actions else [("Actions", "none before")]
    known = dict.fromkeys([*CAME_OF, *(action.came_of for action in case.actions)])
    for code in known:
        mine = [action for action in case.actions if action.came_of == code]
        if mine:
            facts.append((f"{CAME_OF.get(code, code)} ({len(mine)})", ""))
        for action in mine:
            late = "! OVERDUE " if action.overdue else ""
            note = f"\n{action.note}" if action.note else ""
            facts.append((action.owner, f"{action.text}  ({late}due {_day(action.due_on)}){note}"))
    return facts


FACTS: Final = {"known": known, "strengths": strengths, "earlier": earlier, "views": views, "actions": actions}
"""What draws each part but the first and the timeline."""


# --- the timeline ------------------------------------------------------------------------------------------


def lanes(case: RoomCase) -> list[Lane]:
    """Return a lane for each agency that met the person."""
    met = {report.agency for line in case.timeline for report in line.reports}
    mine = [line for line in case.agencies if line.agency in met]
    return [Lane(line.agency, line.agency, "; ".join(line.unknown) or "known") for line in mine]


def entries(case: RoomCase, *, named: bool) -> list[Entry]:
    """Return one line an incident; places are told with the name alone."""
    return [_entry(line, named=named) for line in case.timeline]


def _entry(line: IncidentLine, *, named: bool) -> Entry:
    reports = f" · {len(line.reports)} reports of one incident" if len(line.reports) > 1 else ""
    place = f" · {line.reports[0].place}" if named and line.reports[0].place else ""
    return Entry(
        line.key,
        date.fromisoformat(line.day),
        {report.agency: report.role for report in reversed(line.reports)},
        f"{line.category}{reports}{place}",
        assessments=frozenset(report.agency for report in line.reports if report.standing == "assessment"),
    )


def report_facts(line: IncidentLine, *, named: bool) -> list[Fact]:
    """Return every report of one incident in full."""
    facts: list[Fact] = []
    for report in line.reports:
        standing = "" if report.standing == "fact" else f" ({report.standing})"
        day = say_date(date.fromisoformat(report.day))
        facts.append((report.agency, f"{day} · as {report.role} · {report.category}{standing}"))
        told = (
            report.outcome,
            report.place if named else "",
            f"with {report.counterpart}" if report.counterpart else "",
        )
        if any(told):
            facts.append((" ", " · ".join(words for words in told if words)))
    return facts
