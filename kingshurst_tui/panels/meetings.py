"""Calling a meeting, changing it, opening and closing it; who chairs and who takes the minutes."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import db.panel_cases
import db.panels
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, UsageError, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.records import (
    CONFIDENTIALITY,
    FEWEST_AGENCIES,
    STATUSES,
    OnePanel,
    Panel,
    PanelFacts,
    PanelLine,
    QuorumRule,
)
from kingshurst_tui.permissions import PANEL_READERS, PANEL_WRITERS
from kingshurst_tui.vocabulary import AgencyKind, Operation, PriorityArea, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from db.panels import PanelRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

BUSINESS = Reason(ReasonCode.PANEL)

TITLES = {
    "title": "Title",
    "held_on": "Date",
    "kind": "Kind of meeting",
    "areas": "Priority areas",
    "place": "Where",
    "begins_at": "Begins at",
    "chair": "Chair",
    "minute_taker": "Minute-taker",
    "quorum": "Quorum and load",
    "lock_minutes": "Locks after minutes",
    "information_by": "Information by",
}
"""How each fact of a meeting is named where it is shown or changed."""

LONGEST_TITLE = 200
MOST_CASES = 99
LONGEST_LOCK = 120


def panels(session: Session) -> tuple[PanelLine, ...]:
    """Return the meetings for the session's purpose, the latest first; about no person. Raises: Refused."""
    if not session.may(Operation.CONSULT, Thing.PANEL):
        with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS):
            pass  # never reached: the table of roles refuses it, and the refusal is entered
    rows, counted = session.look(_listed)
    none = db.panels.Counts(0, 0, 0, 0, 0)
    return tuple(PanelLine(_panel(row), *counted.get(row.id, none)) for row in rows)


def _listed(connection: Any) -> tuple[list[PanelRow], dict[int, db.panels.Counts]]:
    return db.panels.every(connection), db.panels.counts(connection)


def panel_facts(act: Act, panel_id: int) -> Panel:
    """Return one meeting inside an act. Raises: NotFound."""
    row = act.read(db.panels.by_id, panel_id)
    if row is None:
        raise NotFound("There is no such panel.", "Nothing was shown or changed.", "kingshurst panel list STORE")
    return _panel(row)


def still_open(act: Act, panel_id: int) -> Panel:
    """Return a meeting of which something is to be changed. Raises: NotFound, Refused (it was held or called off)."""
    panel = panel_facts(act, panel_id)
    if panel.is_settled:
        act.refuse(f"The panel was {STATUSES[panel.status]}.", "Nothing was changed.", "What came of it stays.")
    return panel


def running(session: Session) -> Operation:
    """Return what running a meeting is, in the entry and by the table of roles.

    Whoever prepares panels alters them; whoever chairs one, or takes its minutes, has a word at it, and ``must_run``
    looks whether they do.
    """
    return Operation.ALTER if session.may(Operation.ALTER, Thing.PANEL) else Operation.COLLECT


def runs(session: Session, *officers: str) -> bool:
    """Say whether a user runs a meeting: prepares panels, or is its chair or minute-taker."""
    return session.may(Operation.ALTER, Thing.PANEL) or session.user.name in officers


def must_run(act: Act, panel: PanelFacts) -> None:
    """Stop an act of somebody who does not run the meeting. Raises: Refused."""
    if not runs(act.session, panel.chair, panel.minute_taker):
        act.refuse(
            "You do not run this panel.",
            "Nothing was changed.",
            "Whoever chairs it, takes its minutes or prepares it does.",
        )


def next_panel(act: Act) -> Panel | None:
    """Return the meeting that is held next, for the acting purpose; one that is being held comes first."""
    return next(iter(coming(act)), None)


def coming(act: Act) -> tuple[Panel, ...]:
    """Return the meetings that are being held or prepared, in the order in which they come."""
    rows = [row for row in act.read(db.panels.every) if row.status in ("preparing", "open")]
    rows.sort(key=lambda row: (row.status != "open", row.held_on, row.id))
    return tuple(_panel(row) for row in rows)


def one(session: Session, panel_id: int) -> OnePanel:
    """Return a meeting with all that is prepared for it; the entry names the pseudonyms on its agenda.

    Raises: NotFound, Refused.
    """
    from kingshurst_tui.panels import attendance, cases, conflicts, first_views, information, members

    # Drawn again after every change made from it, it adds no entry but for whoever came onto it meanwhile.
    within = f"panel-prepared/{panel_id}"
    facts = {"panel": panel_id}
    with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS, facts=facts, within=within) as act:
        panel = panel_facts(act, panel_id)
        found = OnePanel(
            panel,
            members.members(act, panel_id),
            cases.cases(act, panel_id),
            information.requests(act, panel_id),
            first_views.views_of_panel(act, panel_id),
            conflicts.conflicts(act, panel_id),
            attendance.quorum(act, panel_id),
        )
        act.note(cases=len(found.listed))
    return found


def new(session: Session, facts: PanelFacts) -> int:
    """Call a meeting for the session's purpose and return its number.

    Raises: InputRejected (naming every field that cannot be so), Refused.
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"step": "called"}) as act:
        if session.purpose not in act.read(db.users.purposes):
            act.refuse("A panel is for one purpose.", "Nothing was changed.", "Name it with --purpose.")
        tidy = _checked(act, facts)
        number = act.write(
            db.panels.add, {**_kept(tidy), "purpose": session.purpose, "made_by": session.user.name}
        )
        act.note(panel=number)
    return number


def change(session: Session, panel_id: int, facts: PanelFacts, *, over: int) -> Panel:
    """Change what is written of a meeting.

    Args:
        session: who changes it.
        panel_id: the meeting's number.
        facts: all of it, as it is to be.
        over: the version that was on screen.

    Raises: InputRejected, StaleRecord (somebody else changed it meanwhile), NotFound, Refused (it was held, or its
        quorum would change while it meets).
    """
    with session.act(Operation.ALTER, Thing.PANEL, reason=BUSINESS, facts={"panel": panel_id}) as act:
        kept = still_open(act, panel_id)
        tidy = _checked(act, facts)
        if kept.version != over:
            raise StaleRecord(
                "Somebody else changed this panel meanwhile.",
                "Nothing was changed.",
                "Look at both, then decide.",
                differing(TITLES, theirs=_as_words(kept), mine=_as_words(tidy)),
                over=kept.version,
            )
        before, after = kept.quorum, tidy.quorum
        if kept.status == "open" and (before.agencies, set(before.must)) != (after.agencies, set(after.must)):
            act.refuse(
                "The quorum is not changed while the panel meets.",
                "Nothing was changed.",
                "Going on without it takes a written reason and a second person.",
            )
        act.write(db.panels.put, panel_id, _kept(tidy))
        return panel_facts(act, panel_id)


def open_panel(session: Session, panel_id: int, confidentiality: str = "") -> Panel:
    """Begin the meeting: from here on cases may be brought before it.

    Args:
        session: who opens it.
        panel_id: the meeting's number.
        confidentiality: what became of the statement, one of CONFIDENTIALITY; "agreed" confirms it for everybody who
            is written down as present, by the hand of whoever opens it. Empty where nobody says.

    Raises: UsageError, NotFound, Refused (nobody named to chair it or to take the minutes, or the same person for
        both).
    """
    from kingshurst_tui.panels import attendance

    if confidentiality and confidentiality not in CONFIDENTIALITY:
        raise UsageError("No such answer.", "Nothing was changed.", f"One of: {', '.join(CONFIDENTIALITY)}.")
    facts = {"step": "opened", "confidentiality": confidentiality or "nobody said"}
    with session.act(running(session), Thing.PANEL, reason=BUSINESS, facts=facts) as act:
        act.note(panel=panel_id)
        may_open(act, panel_id)
        if confidentiality == "agreed":
            act.note(agreed=attendance.agree_present(act, panel_id))
        opened = {"status": "open", "opened_at": stamp(session.clock.now()), "confidentiality": confidentiality}
        act.write(db.panels.put, panel_id, opened)
        return panel_facts(act, panel_id)


def may_open(act: Act, panel_id: int) -> None:
    """Stop an act where the meeting cannot be opened. Raises: NotFound, Refused (as ``open_panel``)."""
    panel = still_open(act, panel_id)
    must_run(act, panel)
    if panel.status == "open":
        act.refuse("The panel is open already.", "Nothing was changed.")
    if not panel.chair or not panel.minute_taker:
        act.refuse(
            "Nobody is named to chair the panel, or to take its minutes.", "It was not opened.", "Name both first."
        )
    if problems := _officers(act, panel):
        act.refuse("Who chairs and who takes the minutes cannot stand.", "\n".join(problems), "Name others first.")


def close_panel(session: Session, panel_id: int, why_left: str = "") -> Panel:
    """End the meeting; what was not discussed is put off, with the reason given.

    Raises: NotFound, Refused (it is not open), InputRejected (cases are left and no reason is given).
    """
    words = clean(why_left)
    reason = Reason(ReasonCode.PANEL, words)
    with session.act(running(session), Thing.PANEL, reason=reason, facts={"panel": panel_id, "step": "closed"}) as act:
        panel = still_open(act, panel_id)
        must_run(act, panel)
        if panel.status != "open":
            act.refuse("The panel was not opened.", "Nothing was changed.", "Open it first, or call it off.")
        left = [row for row in act.read(db.panel_cases.of_panel, panel_id) if row.status in ("listed", "proposed")]
        if left and not is_a_reason(words):
            raise InputRejected(
                f"{some(len(left), 'case')} on the agenda {'was' if len(left) == 1 else 'were'} not discussed.",
                "The panel is still open.",
                f"Say why; they are put off to the next one. {HINT}",
                (f"why: {HINT}",),
            )
        for row in left:
            act.write(db.panel_cases.put_status, row, "deferred", words)
        act.concerns(row.pseudonym for row in left)
        act.note(left=len(left))
        act.write(db.panels.put, panel_id, {"status": "closed", "closed_at": stamp(session.clock.now())})
        return panel_facts(act, panel_id)


def call_off(session: Session, panel_id: int, why: str) -> None:
    """Say that a meeting is not held; who was on its agenda may be put on another's.

    Raises: NotFound, Refused (it has begun), InputRejected (no reason).
    """
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("A reason is missing.", "Nothing was changed.", HINT, (f"why: {HINT}",))
    reason = Reason(ReasonCode.PANEL, words)
    with session.act(Operation.ALTER, Thing.PANEL, reason=reason, facts={"panel": panel_id, "step": "off"}) as act:
        if still_open(act, panel_id).status == "open":
            act.refuse("The panel has begun.", "Nothing was changed.", "Close it instead.")
        left = [row for row in act.read(db.panel_cases.of_panel, panel_id) if row.status in ("listed", "proposed")]
        for row in left:
            act.write(db.panel_cases.put_status, row, "deferred", words)
        act.concerns(row.pseudonym for row in left)
        act.write(db.panels.put, panel_id, {"status": "called-off", "closed_at": stamp(session.clock.now())})


def officers_to_choose(session: Session) -> tuple[tuple[str, str], ...]:
    """Return (user name, how they are shown) of everybody who may chair a panel or take its minutes."""
    return tuple(
        (user.name, f"{user.display_name} ({user.agency_code})")
        for user in session.look(db.users.every)
        if user.status == "active" and Role(user.role) in PANEL_READERS
    )


def _officers(act: Act, facts: PanelFacts) -> list[str]:
    users = {user.name: user for user in act.read(db.users.every)}
    wrong = []
    for field, name, roles in (
        ("chair", facts.chair, PANEL_READERS),
        ("minute_taker", facts.minute_taker, PANEL_WRITERS),
    ):
        user = users.get(name)
        if name and (user is None or user.status != "active"):
            wrong.append(f"{field}: is no active user of this store")
        elif user is not None and Role(user.role) not in roles:
            wrong.append(f"{field}: the role of {user.role} does not do this")
    if facts.chair and facts.chair == facts.minute_taker:
        wrong.append("minute_taker: whoever chairs does not take the minutes as well")
    return wrong


def _checked(act: Act, facts: PanelFacts) -> PanelFacts:
    tidy = PanelFacts(
        title=clean(facts.title),
        held_on=facts.held_on,
        kind=clean(facts.kind),
        areas=tuple(dict.fromkeys(facts.areas)),
        place=clean(facts.place),
        begins_at=facts.begins_at.strip(),
        chair=facts.chair.strip(),
        minute_taker=facts.minute_taker.strip(),
        quorum=QuorumRule(facts.quorum.agencies, tuple(dict.fromkeys(facts.quorum.must)), facts.quorum.cap),
        lock_minutes=facts.lock_minutes,
        information_by=facts.information_by,
    )
    wrong = [*_wrong_words(tidy), *_officers(act, tidy), *_impossible(act, tidy.quorum)]
    if wrong:
        raise InputRejected(
            "The panel cannot be kept so.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    return tidy


def _wrong_words(facts: PanelFacts) -> list[str]:
    wrong = []
    if not facts.title or len(facts.title) > LONGEST_TITLE:
        wrong.append(f"title: say it in 1 to {LONGEST_TITLE} letters")
    if len(facts.kind) > 60:
        wrong.append("kind: at most 60 letters")
    if len(facts.place) > LONGEST_TITLE:
        wrong.append(f"place: at most {LONGEST_TITLE} letters")
    if facts.begins_at and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", facts.begins_at):
        wrong.append("begins_at: a time like 14:00")
    if unknown := [area for area in facts.areas if area not in list(PriorityArea)]:
        wrong.append(f"areas: {', '.join(unknown)} is no priority area ({', '.join(PriorityArea)})")
    if not 1 <= facts.lock_minutes <= LONGEST_LOCK:
        wrong.append(f"lock_minutes: from 1 to {LONGEST_LOCK}")
    if facts.information_by is not None and facts.information_by > facts.held_on:
        wrong.append("information_by: is after the panel itself")
    return wrong


def _impossible(act: Act, rule: QuorumRule) -> list[str]:
    kinds = {kind for _, kind in act.read(db.users.agencies).values()} - {AgencyKind.PARTNERSHIP}
    partners = sum(kind != AgencyKind.PARTNERSHIP for _, kind in act.read(db.users.agencies).values())
    wrong = []
    if rule.agencies < FEWEST_AGENCIES:
        wrong.append(f"quorum: at least {FEWEST_AGENCIES} agencies; one alone is no panel")
    elif rule.agencies > partners:
        held = some(partners, "agency", "agencies")
        wrong.append(f"quorum: the partnership has {held}, {rule.agencies} can never meet")
    for kind in rule.must:
        if kind not in list(AgencyKind) or kind == AgencyKind.PARTNERSHIP:
            wrong.append(f"quorum: {kind} is no kind of partner agency")
        elif kind not in kinds:
            wrong.append(f"quorum: no agency of the partnership is {kind}; it could never be met")
    if not 1 <= rule.cap <= MOST_CASES:
        wrong.append(f"cap: from 1 to {MOST_CASES} cases")
    return wrong


def _kept(facts: PanelFacts) -> dict[str, object]:
    return {
        "title": facts.title,
        "held_on": facts.held_on.isoformat(),
        "kind": facts.kind,
        "areas": json.dumps(list(facts.areas)),
        "place": facts.place,
        "begins_at": facts.begins_at,
        "chair": facts.chair,
        "minute_taker": facts.minute_taker,
        "quorum": json.dumps(asdict(facts.quorum)),
        "lock_minutes": facts.lock_minutes,
        "information_by": facts.information_by.isoformat() if facts.information_by else None,
    }


def _as_words(facts: PanelFacts) -> dict[str, str]:
    kept = {name: "" if value is None else str(value) for name, value in _kept(facts).items()}
    return kept | {"areas": ", ".join(facts.areas), "quorum": rule_in_words(facts.quorum)}


def rule_in_words(rule: QuorumRule) -> str:
    """Return a quorum rule and the panel's load in one line."""
    must = f", with {', '.join(rule.must)}" if rule.must else ""
    return f"{some(rule.agencies, 'agency', 'agencies')}{must}; at most {some(rule.cap, 'case')}"


def _rule(document: str) -> QuorumRule:
    kept: dict[str, Any] = json.loads(document or "{}")
    usual = QuorumRule()
    return QuorumRule(
        int(kept.get("agencies", usual.agencies)), tuple(kept.get("must", ())), int(kept.get("cap", usual.cap))
    )


def _panel(row: PanelRow) -> Panel:
    return Panel(
        title=row.title,
        held_on=date.fromisoformat(row.held_on),
        kind=row.kind,
        areas=tuple(json.loads(row.areas or "[]")),
        place=row.place,
        begins_at=row.begins_at,
        chair=row.chair,
        minute_taker=row.minute_taker,
        quorum=_rule(row.quorum),
        lock_minutes=row.lock_minutes,
        information_by=date.fromisoformat(row.information_by) if row.information_by else None,
        number=row.id,
        purpose=row.purpose,
        status=row.status,
        opened_at=row.opened_at or "",
        closed_at=row.closed_at or "",
        confidentiality=row.confidentiality,
        made_by=row.made_by,
        version=row.version,
    )


def facts_of(panel: Panel) -> PanelFacts:
    """Return what people wrote of a meeting, to change one thing of it."""
    return PanelFacts(**{each.name: getattr(panel, each.name) for each in fields(PanelFacts)})
