"""Which meeting it is, where it stands, and who runs it."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

import db.panels
from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.errors import NotFound
from kingshurst_tui.panels.records import STATUSES, Panel, PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.panels import PanelRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

BUSINESS = Reason(ReasonCode.PANEL)


def panel_facts(act: Act, panel_id: int) -> Panel:
    """Return one meeting inside an act. Raises: NotFound."""
    row = act.read(db.panels.by_id, panel_id)
    if row is None:
        raise NotFound("There is no such panel.", "Nothing was shown or changed.", "kingshurst panel list STORE")
    return panel_of(row)


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
    return tuple(panel_of(row) for row in rows)


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


def panel_of(row: PanelRow) -> Panel:
    """Return a meeting as the rooms hand it round."""
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
