"""What minutes say before anybody has edited them: what is on the record, and no word more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import db.decisions
import db.users
from kingshurst_tui.casework import action_lists, dissents
from kingshurst_tui.casework.action_shown import NOT_DONE_BECAUSE, ActionShown
from kingshurst_tui.casework.decision_form import LISTS, TITLES
from kingshurst_tui.casework.decision_shown import shown_decision
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels import attendance, notes, urgent
from kingshurst_tui.panels.conflicts import conflicts
from kingshurst_tui.panels.records import CASE_STATUSES, CONFIDENTIALITY, STEPS, Case, Conflict, Member, Panel, Quorum

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.decision_shown import DecisionShown

OF_THE_MEETING = {
    "present": "Present",
    "apologies": "Apologies, with information received",
    "absent": "Absent",
    "confidentiality": "Confidentiality",
    "quorum": "Quorum",
    "conflicts": "Interests declared",
    "previous": "Actions from before, counted",
    "matters": "Matters arising",
}
"""What minutes say of the meeting as a whole; it is about no person."""

OF_A_CASE = {
    "question": "Question",
    "interests": "Interests declared",
    "previous": "Previous actions",
    "said": "What was said",
    "strengths": "Strengths, and what matters to the person",
    "find_out": "Still to find out",
    "decision": "Decision",
    "reasons": "Reasons",
    "dissent": "Dissent",
    "urgent": "Urgent decision ratified or not",
    "actions": "Actions",
    "review": "Review",
}
"""What they say of each case."""

REASONS = (
    "why",
    "why_not_first_contacted",
    "why_superseded",
    "options",
    "supporting",
    "necessity",
    "equality",
    "safeguarding_threshold",
    "person_view",
    "person_told_by",
    "tool_showed",
    "tool_agreed",
    "health_member",
    "police_lead_why",
)
"""The fields of a decision that are its reasons, in the order in which they are read."""


def of_the_meeting(act: Act, panel: Panel, members: Sequence[Member], cases: Sequence[Case]) -> dict[str, str]:
    """Return what the record says of the meeting, by OF_THE_MEETING."""
    here = [each for each in members if each.attendance == "present"]
    sworn = [each for each in here if each.confidentiality_at]
    unsworn = [each.name for each in here if not each.confidentiality_at]
    met = attendance.quorum(act, panel.number)
    whole = [each for each in conflicts(act, panel.number) if each.case is None and not each.pseudonym]
    return {
        "present": _lines(_who(each) for each in here),
        "apologies": _lines(_apology(each) for each in members if each.attendance == "apologies"),
        "absent": _lines(_absent(each) for each in members if each.attendance in ("absent", "asked")),
        "confidentiality": " ".join(
            [
                *([f"{CONFIDENTIALITY[panel.confidentiality].capitalize()}."] if panel.confidentiality else []),
                f"{some(len(sworn), 'person', 'people')} of {len(here)} confirmed that what is said here stays here.",
                *([f"Not confirmed: {', '.join(unsworn)}."] if unsworn else []),
            ]
        ),
        "quorum": _quorum(act, cases, met),
        "conflicts": _lines(_interest(each) for each in whole) or "None declared.",
        "previous": _counted(_previous(act, cases)),
        "matters": "",
    }


def _absent(each: Member) -> str:
    """Return who was not there; of whoever a decision names as present, why they are written down so."""
    why = f" (named as present by a decision: {each.attendance_why})" if each.attendance_why else ""
    return f"{_who(each)}{why}"


def _quorum(act: Act, cases: Sequence[Case], met: Quorum) -> str:
    """Return whether the panel had its quorum: each decision's own word, and attendance where none was signed in it."""
    signed = {each.decision: shown.panel for each in cases if (shown := _decision_of(act, each)) and shown.panel}
    lacking = [number for number, panel in signed.items() if not panel["quorum"]["met"]]
    if signed:
        without = f"Not met for decision {', '.join(map(str, lacking))}." if lacking else ""
        return without or "Met for every decision."
    return "Met." if met.met else _lines(["Not met.", *met.problems])


def _decision_of(act: Act, case: Case) -> DecisionShown | None:
    row = act.read(db.decisions.by_id, case.decision) if case.decision else None
    return shown_decision(act, row) if row else None


def of_a_case(act: Act, case: Case) -> dict[str, str]:
    """Return what the record says of one open case, by OF_A_CASE."""
    decision = _decision_of(act, case)
    all_actions = action_lists.previous(act, case.profile_id)
    new = [each for each in all_actions if _is_of(each, case)]
    wrote = {each.field: each.words for each in notes.of_case(act, case.number)}
    agencies = {code: name for code, (name, _) in act.read(db.users.agencies).items()}
    said: dict[str, str] = dict.fromkeys(OF_A_CASE, "")
    said |= {
        "question": case.question,
        "interests": _lines(_interest(each) for each in conflicts(act, case.panel) if each.case == case.number),
        "previous": _lines(_action(each) for each in all_actions if not _is_of(each, case)),
        "said": wrote.get("said", ""),
        "strengths": wrote.get("matters", ""),
        "find_out": wrote.get("find-out", ""),
        "decision": _decided(case, decision, agencies),
        "actions": _lines(_action(each) for each in new),
        "urgent": _lines(_ratified(act, case)),
    }
    if decision is not None:
        said["reasons"] = _lines(_reasons(decision.fields, decision.not_discussed))
        said["dissent"] = _lines(_dissent(act, decision)) or "None."
        trigger = str(decision.fields.get("review_trigger", "")).strip()
        said["review"] = f"{say_date(decision.review_on)}." + (f" Sooner if: {trigger}" if trigger else "")
    return said


def _lines(lines: Any) -> str:
    return "\n".join(line for line in lines if line)


def _who(each: Member) -> str:
    rank = {"deputy": f", deputy for {each.deputy_for}" if each.deputy_for else ", deputy", "observer": ", observer"}
    return f"{each.name} ({each.agency}){rank.get(each.standing, '')}"


def _apology(each: Member) -> str:
    sent = f"information received on {say_date(each.information_on)}" if each.information_on else "no information sent"
    return f"{_who(each)}: {sent}"


def _interest(each: Conflict) -> str:
    return f"{each.member_name} ({each.agency}): {each.interest or 'an interest'}; {STEPS[each.step]}"


def _is_of(each: ActionShown, case: Case) -> bool:
    return each.panel_case == case.number or (case.decision is not None and each.decision == case.decision)


def _previous(act: Act, cases: Sequence[Case]) -> list[ActionShown]:
    found: list[ActionShown] = []
    for case in cases:
        if case.is_open and case.is_listed:
            found += [each for each in action_lists.previous(act, case.profile_id) if not _is_of(each, case)]
    return found


def _counted(found: Sequence[ActionShown]) -> str:
    if not found:
        return "None."
    counts = Counter(each.because or each.status for each in found)
    words = {"done": "done", "open": "still open"}
    words |= {key: f"not done: {said}" for key, said in NOT_DONE_BECAUSE.items()}
    return _lines([f"{counts[key]} {said}" for key, said in words.items() if counts[key]])


def _action(each: ActionShown) -> str:
    owner = each.owner_agency
    sought = f" Sought: {each.outcome_sought}." if each.outcome_sought else ""
    return f"Action {each.number}, {owner}, by {say_date(each.due_on)}: {each.text}.{sought} {each.stands()}.".replace(
        "..", "."
    )


def _decided(case: Case, decision: DecisionShown | None, agencies: Mapping[str, str]) -> str:
    if decision is None:
        why = f": {case.status_why}" if case.status_why else ""
        return f"No decision; {CASE_STATUSES[case.status]}{why}."
    code = decision.lead_agency
    return _lines([f"{agencies.get(code, code)} ({code}) leads.", *decision.remarks])


def _reasons(fields: Mapping[str, Any], not_discussed: Sequence[str]) -> list[str]:
    said = []
    for name in REASONS:
        value = fields.get(name)
        if name in not_discussed:
            said.append(f"{TITLES[name]}: not discussed.")
        elif isinstance(value, list):
            said += [f"{TITLES[name]}: {_entry(name, each)}" for each in value]
        elif isinstance(value, str) and value.strip():
            said.append(f"{TITLES[name]}: {' '.join(value.split())}")
    return said


def _entry(name: str, entry: Mapping[str, str]) -> str:
    return "; ".join(f"{part}: {entry[part]}" for part in LISTS[name] if entry.get(part))


def _dissent(act: Act, decision: DecisionShown) -> list[str]:
    words = str(decision.fields.get("dissent", "")).strip()
    said = [words] if words else []
    for each in dissents.of_decision(act, decision.number):
        asked = [
            f"{title}: {words}"
            for title, words in (("grounds", each.grounds), ("missing", each.missing), ("instead", each.alternative))
            if words
        ]
        said.append("; ".join([f"{each.agency}: {each.position}", *asked, f"{each.status}, {each.level_name}"]))
        if each.answer:
            said.append(f"The chair's answer: {each.answer}")
    return said


def _ratified(act: Act, case: Case) -> list[str]:
    return [
        f"Decision {each.decision} of {each.first_agency} and {each.second_agency}: {urgent.STATUSES[each.status]}."
        + (f" {each.ratified_why}" if each.ratified_why else "")
        for each in urgent.all_of_them(act)
        if each.profile_id == case.profile_id and each.panel == case.panel
    ]
