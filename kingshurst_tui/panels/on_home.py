"""What waits of panels and their decisions, for the home page: second persons, signatures, dissents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import db.manifests
from kingshurst_tui.casework import dissents
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.panels import going_on, manifest, urgent
from kingshurst_tui.permissions import WATCHES
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act


def going_on_to_settle(act: Act) -> HomeSection | None:
    """Return where somebody would go on although a rule said stop, and a second person is asked."""
    if not act.session.may(Operation.ALTER, Thing.GOING_ON):
        return None
    items = [
        HomeItem(Thing.GOING_ON, each.number, each.pseudonym, f"{each.in_words()}: {each.why}")
        for each in going_on.asked(act)
    ]
    act.concerns(item.who for item in items)
    return section("going-on", "Going on although a rule says stop", "Nobody asks to go on over a stop.", items)


def went_on(act: Act) -> HomeSection | None:
    """Return, for supervisors, where a panel went on although a rule said stop, and what came of it."""
    if act.session.user.role not in WATCHES:
        return None
    items = [
        HomeItem(Thing.GOING_ON, each.number, each.pseudonym, each.in_words())
        for each in going_on.lately(act)
        if each.status != going_on.ASKED
    ]
    act.concerns(item.who for item in items)
    title = f"Went on over a stop in {going_on.LISTED_FOR.days} days"
    return section("went-on", title, "No panel went on over a stop.", items)


def to_sign(act: Act) -> HomeSection | None:
    """Return the panels whose decisions wait for this user's own signature."""
    if not act.session.may(Operation.ALTER, Thing.MANIFEST):
        return None
    panels = [act.read(db.manifests.panel, number) for number in manifest.waiting_for(act)]
    items = [
        HomeItem(Thing.MANIFEST, panel.id, "", f"your signature under the decisions of {panel.title}")
        for panel in panels
        if panel is not None
    ]
    return section(
        "manifests", "Panels whose decisions you have not signed", "No panel waits for your signature.", items
    )


def urgent_ones(act: Act) -> HomeSection | None:
    """Return urgent decisions that wait for a second agency, and those that the next panel ratifies or not."""
    if not act.session.may(Operation.COLLECT, Thing.DECISION):
        return None
    items = [
        HomeItem(
            Thing.DECISION,
            each.number,
            each.pseudonym,
            f"{each.first_agency} decided: {each.lead_agency} leads; a second agency is asked: {each.why_urgent}",
            warning="Urgent",
        )
        for each in urgent.to_second(act)
    ]
    items += [
        HomeItem(
            Thing.DECISION,
            each.number,
            each.pseudonym,
            f"the next panel ratifies what {each.first_agency} and {each.second_agency} decided, or not",
        )
        for each in urgent.to_ratify(act)
    ]
    act.concerns(item.who for item in items)
    return section("urgent", "Urgent decisions between panels", "No urgent decision waits.", items)


def open_dissents(act: Act) -> HomeSection | None:
    """Return the dissents that nobody has closed, those due first."""
    if not act.session.may(Operation.CONSULT, Thing.DISSENT):
        return None
    found = dissents.open_ones(act)
    items = [
        HomeItem(
            Thing.DISSENT,
            each.number,
            each.pseudonym,
            f"{each.agency} dissents from decision {each.decision}; "
            + (
                f"answered, and {each.agency} says whether that settles it"
                if each.is_answered
                else f"it is with {each.level_name}"
            ),
            due=None if each.is_answered else each.due_at.date(),
            warning="Overdue" if each.overdue else "",
        )
        for each in found
    ]
    act.concerns(item.who for item in items)
    return section("dissents", "Dissents that are open", "No dissent is open.", items)
