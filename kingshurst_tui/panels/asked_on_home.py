"""What panels to come ask of whoever signs in: information, first views, proposals to settle, their own word."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import db.panel_cases
import db.panel_information
import db.panels
import db.users
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels.records import ON_THE_AGENDA
from kingshurst_tui.panels.running import coming
from kingshurst_tui.vocabulary import AgencyKind, Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.panel_information import RequestRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.panels.records import Panel


def panels_to_come(act: Act) -> HomeSection | None:
    """Return the panels to come at which the user has a seat, or that they prepare, with what each asks of them."""
    session = act.session
    if not session.may(Operation.CONSULT, Thing.PANEL):
        return None
    asked = act.read(db.panel_information.requests_of_agency, session.user.agency)
    by_panel = Counter(row.panel_id for row in asked)
    today = session.clock.today().isoformat()
    items = []
    for panel in coming(act):
        seats = act.read(db.panels.members, panel.number)
        prepares = session.may(Operation.ALTER, Thing.PANEL)
        if not prepares and session.user.agency not in {seat.agency_code for seat in seats}:
            continue
        words = list(_asks(act, panel, seats, by_panel[panel.number], prepares=prepares))
        overdue = any(row.panel_id == panel.number and row.due_on < today for row in asked)
        said = "; ".join(words) or "nothing is asked of you"
        items.append(
            HomeItem(
                Thing.PANEL,
                panel.number,
                "",
                f"{panel.title}, {say_date(panel.held_on)}: {said}",
                due=_due(panel, asked),
                warning="Overdue" if overdue else "",
            )
        )
    return section("panels", "Panels to come", "No panel is called.", items)


def _due(panel: Panel, asked: Sequence[RequestRow]) -> date:
    days = [row.due_on for row in asked if row.panel_id == panel.number]
    return date.fromisoformat(min(days)) if days else panel.held_on


def _asks(
    act: Act, panel: Panel, seats: Sequence[db.panels.MemberRow], requests: int, *, prepares: bool
) -> Iterator[str]:
    session = act.session
    rows = act.read(db.panel_cases.of_panel, panel.number)
    if panel.status == "open":
        yield "it is being held"
    if requests:
        yield some(requests, "request for information", "requests for information")
    kinds = act.read(db.users.agencies)
    partner = kinds.get(session.user.agency, ("", AgencyKind.PARTNERSHIP))[1] != AgencyKind.PARTNERSHIP
    if partner and session.may(Operation.ALTER, Thing.FIRST_VIEW):
        views = act.read(db.panel_information.views_of_panel, panel.number)
        written = {row.panel_case_id for row in views if row.agency_code == session.user.agency}
        lacking = sum(
            bool(row.is_open) and row.status in ON_THE_AGENDA and row.revealed_at is None and row.id not in written
            for row in rows
        )
        if lacking:
            yield some(lacking, "first view to write", "first views to write")
    proposals = sum(row.status == "proposed" for row in rows)
    if prepares and proposals:
        yield some(proposals, "proposal to settle", "proposals to settle")
    if any(seat.user_name == session.user.name and not seat.confidentiality_at for seat in seats):
        yield "your word that what is said stays there"
