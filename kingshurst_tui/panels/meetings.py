"""Calling a meeting, changing it, opening and closing it; who chairs and who takes the minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import db.panel_cases
import db.panels
import db.users
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.counting import some
from kingshurst_tui.errors import InputRejected, StaleRecord, UsageError, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.meeting_checks import (
    TITLES,
    as_words,
    checked,
    kept_as,
    wrong_officers,
)
from kingshurst_tui.panels.records import (
    CONFIDENTIALITY,
    OnePanel,
    Panel,
    PanelFacts,
    PanelLine,
)
from kingshurst_tui.panels.running import (
    BUSINESS,
    must_run,
    panel_facts,
    panel_of,
    running,
    still_open,
)
from kingshurst_tui.permissions import PANEL_READERS
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from db.panels import PanelRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


def panels(session: Session) -> tuple[PanelLine, ...]:
    """Return the meetings for the session's purpose, the latest first; about no person. Raises: Refused."""
    if not session.may(Operation.CONSULT, Thing.PANEL):
        with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS):
            pass  # never reached: the table of roles refuses it, and the refusal is entered
    rows, counted = session.look(_listed)
    none = db.panels.Counts(0, 0, 0, 0, 0)
    return tuple(PanelLine(panel_of(row), *counted.get(row.id, none)) for row in rows)


def _listed(connection: Any) -> tuple[list[PanelRow], dict[int, db.panels.Counts]]:
    return db.panels.every(connection), db.panels.counts(connection)


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
        tidy = checked(act, facts)
        number = act.write(db.panels.add, {**kept_as(tidy), "purpose": session.purpose, "made_by": session.user.name})
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
        tidy = checked(act, facts)
        if kept.version != over:
            raise StaleRecord(
                "Somebody else changed this panel meanwhile.",
                "Nothing was changed.",
                "Look at both, then decide.",
                differing(TITLES, theirs=as_words(kept), mine=as_words(tidy)),
                over=kept.version,
            )
        before, after = kept.quorum, tidy.quorum
        if kept.status == "open" and (before.agencies, set(before.must)) != (after.agencies, set(after.must)):
            act.refuse(
                "The quorum is not changed while the panel meets.",
                "Nothing was changed.",
                "Going on without it takes a written reason and a second person.",
            )
        act.write(db.panels.put, panel_id, kept_as(tidy))
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
    if problems := wrong_officers(act, panel):
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
