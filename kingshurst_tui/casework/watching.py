"""What colleagues did alone, on the home of those who answer for it, so that nothing of it passes in silence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.agenda
import db.approach
import db.case_reading
import db.notices
from kingshurst_tui.casework import approach, grounds, opened_lately
from kingshurst_tui.casework.decision_signing import OWN_AGENCY_LEADS, SUPERSEDED
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.dates import say_date
from kingshurst_tui.permissions import WATCHES, WATCHES_OPENINGS
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

AWAY_FOR = timedelta(days=92)
"""How long somebody who was triaged away stays on a supervisor's home."""

NOTICES = {
    SUPERSEDED: "{by} superseded the decision that stood, number {number}",
    OWN_AGENCY_LEADS: "{by} made their own agency lead, in decision {number}, and the panel had not been asked",
}
"""What somebody is told until they have opened the profile, and how it reads."""

_AWAY = {"another-panel": "already at another panel", "single-agency": "for a single agency", "not-now": "not now"}


def told(act: Act) -> HomeSection | None:
    """Return what this user must be told and has not seen."""
    user = act.session.user
    if not act.session.may(Operation.CONSULT, Thing.DECISION):
        return None
    # The earlier signer may be a coordinator too: told once.
    unseen = act.read(db.notices.unseen, user.name, user.role.value)
    rows = list({(row.thing, row.thing_id, row.what): row for row in unseen}.values())
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.PROFILE,
            people[row.profile_id].pseudonym,
            people[row.profile_id].pseudonym,
            f"{NOTICES[row.what].format(by=row.made_by, number=row.thing_id)}, "
            f"on {say_date(date.fromisoformat(row.made_at[:10]))}",
        )
        for row in rows
        if row.profile_id in people and row.what in NOTICES
    ]
    return section("told", "To be seen by you", "No decision waits to be seen by you.", items)


def lifting(act: Act) -> HomeSection | None:
    """Return the warnings and safe contacts that somebody wants ended: a second person agrees, or they stand."""
    if not act.session.may(Operation.ALTER, Thing.GROUND):
        return None
    rows = [row for row in act.read(db.approach.asked) if row.asked_by != act.session.user.name]
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.PROFILE,
            people[row.profile_id].pseudonym,
            people[row.profile_id].pseudonym,
            f"{row.asked_by} asks that the {KINDS[row.kind]} of {row.agency_shown} ends: {row.asked_why}",
            warning="Do not approach" if row.kind == approach.DO_NOT else "",
        )
        for row in rows
        if row.profile_id in people
    ]
    return section("lifting", "Warnings that somebody would end", "Nobody asks that a warning ends.", items)


KINDS = {approach.DO_NOT: "warning", approach.SAFE: "safe contact"}


def vital(act: Act) -> HomeSection | None:
    """Return, for supervisors, whom vital interests opened lately and what came of it."""
    if act.session.user.role not in WATCHES:
        return None
    items = [
        HomeItem(
            Thing.PROFILE,
            each.pseudonym,
            each.pseudonym,
            f"{each.recorded_by}, {say_date(date.fromisoformat(each.recorded_at[:10]))}: {grounds.fate(each)}",
        )
        for each in grounds.opened_at_once(act)
    ]
    title = f"Opened on vital interests in {grounds.NOT_ALONE_FOR.days} days"
    return section("vital", title, "Nobody was opened on vital interests.", items)


def opened(act: Act) -> HomeSection | None:
    """Return, for supervisors and coordinators, whom consents of the last days opened."""
    if act.session.user.role not in WATCHES_OPENINGS:
        return None
    items = [
        HomeItem(Thing.PROFILE, each.pseudonym, each.pseudonym, each.in_words()) for each in opened_lately.opened(act)
    ]
    title = f"Opened on consents of the last {opened_lately.DAYS} days"
    return section("opened", title, "No consent opened a profile.", items)


def away(act: Act) -> HomeSection | None:
    """Return, for supervisors, who was triaged away lately, by whom and until when."""
    if act.session.user.role not in WATCHES:
        return None
    since = (act.session.clock.today() - AWAY_FOR).isoformat()
    rows = [
        row for row in act.read(db.agenda.items).values() if row.triage in _AWAY and (row.triaged_at or "") >= since
    ]
    rows.sort(key=lambda row: (row.triaged_at or "", row.id), reverse=True)
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.PROFILE,
            people[row.profile_id].pseudonym,
            people[row.profile_id].pseudonym,
            f"{_AWAY[row.triage]}: {row.triaged_by}, {say_date(date.fromisoformat((row.triaged_at or '')[:10]))}",
            due=date.fromisoformat(row.back_on) if row.back_on else None,
        )
        for row in rows
        if row.profile_id in people
    ]
    return section("away", "Triaged away", "Nobody was triaged away.", items)
