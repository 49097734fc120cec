"""What waits for whoever signed in: the home screen's sections, and ``kingshurst open``'s first lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.case_reading
import db.consents
import db.decisions
import db.grounds
import db.links
import db.profiles
import db.search
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import grounds, home_afterwards, watching
from kingshurst_tui.casework.home_parts import MOST, HomeItem, HomeSection, section
from kingshurst_tui.casework.search import usual_name
from kingshurst_tui.counting import some
from kingshurst_tui.granting import waiting
from kingshurst_tui.learning import outcomes, usefulness
from kingshurst_tui.oversight import dips
from kingshurst_tui.panels import asked_on_home, minutes_on_home, on_home
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.places import on_home as on_home_of_places
from kingshurst_tui.upkeep import reminders
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

SOON = timedelta(days=14)
"""How long before its day an action or a review is shown."""

_BUSINESS_OF = {Role.COORDINATOR: ReasonCode.PANEL, Role.PRACTITIONER: ReasonCode.CASELOAD}
"""Why somebody looks at home, as the trail says it; everybody else watches over others' work."""


def what_waits(session: Session) -> tuple[HomeSection, ...]:
    """Return what waits for this user, the most pressing section first; one audit entry for the whole page.

    Raises: StoreUnavailable.
    """
    own_role, roles = waiting.own(session), waiting.for_me(session)
    if session.user.is_waiting:
        return tuple(each for each in (own_role, roles) if each is not None)
    alarm, unerased, copies = reminders.missing(session), reminders.bytes_due(session), reminders.due(session)
    asked = dips.waiting(session)
    if not session.may(Operation.CONSULT, Thing.PROFILE):
        return tuple(each for each in (alarm, unerased, roles, *asked, copies) if each is not None)
    of_places = on_home_of_places.section_of(session)
    within = f"home/{session.clock.today().isoformat()}"
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=_why_home(session), within=within) as act:
        sections = (
            alarm,
            unerased,
            watching.told(act),
            roles,
            *asked,
            _grounds(act),
            asked_on_home.panels_to_come(act),
            on_home.going_on_to_settle(act),
            on_home.urgent_ones(act),
            on_home.open_dissents(act),
            on_home.to_sign(act),
            minutes_on_home.to_write(act),
            watching.lifting(act),
            _actions(act),
            *home_afterwards.sections(act),
            _reviews(act),
            outcomes.waiting(act),
            usefulness.waiting(act),
            _reopened(act),
            _drafts(act),
            _approach(act),
            _consents(act),
            _links(act),
            watching.vital(act),
            on_home.went_on(act),
            minutes_on_home.to_destroy(act),
            watching.opened(act),
            watching.away(act),
            of_places,
            copies,
            _caseload(act),
        )
        for each in sections:
            if each is not None:
                act.concerns(str(item.thing_id) for item in each.items if item.thing is Thing.PROFILE)
    return tuple(each for each in sections if each is not None)


def _why_home(session: Session) -> Reason:
    return Reason(_BUSINESS_OF.get(session.user.role, ReasonCode.OVERSIGHT))


def _grounds(act: Act) -> HomeSection | None:
    session = act.session
    if not session.may(Operation.ALTER, Thing.GROUND):
        return None
    rows = [row for row in act.read(db.grounds.waiting) if row.recorded_by != session.user.name]
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.GROUND,
            row.id,
            people[row.profile_id].pseudonym,
            f"a ground ({grounds.KINDS.get(row.kind, row.kind).split(':')[0]}) needs a second person",
            due=date.fromisoformat(row.until),
            warning="Open for 24 hours only" if row.status == grounds.UNCONFIRMED else "",
        )
        for row in rows
        if row.profile_id in people
    ]
    act.concerns(item.who for item in items)
    return section("grounds", "Grounds that need a second person", "No ground needs a second person.", items)


def _actions(act: Act) -> HomeSection | None:
    session = act.session
    if not session.may(Operation.CONSULT, Thing.ACTION):
        return None
    until = (session.clock.today() + SOON).isoformat()
    rows = act.read(db.decisions.actions_due, until, session.user.name, session.user.agency)
    names = _names(act, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.PROFILE,
            names[row.profile_id][0],
            names[row.profile_id][1],
            row.text,
            due=date.fromisoformat(row.due_on),
            warning="Overdue" if row.due_on < session.clock.today().isoformat() else "",
        )
        for row in rows
        if row.profile_id in names
    ]
    return section("actions", "Actions due", "No action is due from you.", items)


def _reviews(act: Act) -> HomeSection | None:
    session = act.session
    if not session.may(Operation.CONSULT, Thing.DECISION):
        return None
    until = (session.clock.today() + SOON).isoformat()
    rows = act.read(db.decisions.review_due, session.purpose, until)
    names = _names(act, {row.profile_id for row in rows})
    items = [
        HomeItem(
            Thing.PROFILE,
            names[row.profile_id][0],
            names[row.profile_id][1],
            "the decision was reopened" if row.status == "reopened" else f"review: {row.lead_agency} leads",
            due=date.fromisoformat(row.review_on),
        )
        for row in rows
        if row.profile_id in names
    ]
    return section("reviews", "Reviews due", "No review is due.", items)


def _reopened(act: Act) -> HomeSection | None:
    if not act.session.may(Operation.ALTER, Thing.LINK):
        return None
    rows = act.read(db.profiles.waiting_reopenings)
    people = act.read(db.case_reading.by_ids, {row[1] for row in rows})
    items = [
        HomeItem(Thing.PROFILE, people[profile].pseudonym, people[profile].pseudonym, f"{thing} {number}: {why}")
        for _, profile, thing, number, why, _ in rows
        if profile in people
    ]
    return section("reopened", "Reopened, to be looked at again", "Nothing was reopened.", items)


def _drafts(act: Act) -> HomeSection | None:
    if not act.session.may(Operation.ALTER, Thing.DECISION):
        return None
    rows = act.read(db.decisions.drafts)
    about = dict.fromkeys(row.thing_id for row in rows if row.thing.partition(db.decisions.AT)[0] == Thing.DECISION)
    names = _names(act, set(about))
    items = [
        HomeItem(Thing.PROFILE, names[profile][0], names[profile][1], "your draft of a decision")
        for profile in about
        if profile in names
    ]
    return section("drafts", "Your drafts", "You have no draft.", items)


def _approach(act: Act) -> HomeSection | None:
    session = act.session
    if not session.may(Operation.ALTER, Thing.PROFILE):
        return None
    # Whoever knows the person is best placed to ask; a coordinator sees to it that somebody does.
    flagged = act.read(db.search.ids, "flagged")
    ours = {number for number, _ in act.read(db.search.own_references_of, flagged)}
    if session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
        flagged = [number for number in flagged if number in ours]
    declined = act.read(db.consents.declined_on, flagged, session.purpose)
    shut = (row for row in act.read(db.search.people, flagged) if not row.is_open)
    lines = {row.profile_id: row for row in shut if row.profile_id not in declined}
    first = sorted(lines, key=lambda number: (number not in ours, lines[number].pseudonym))
    shown = first[:MOST]
    agencies: dict[int, list[str]] = defaultdict(list)
    for number, agency, _ in act.read(db.search.agencies, shown):
        agencies[number].append(agency)
    references: dict[int, list[str]] = defaultdict(list)
    for number, reference in act.read(db.search.own_references_of, shown):
        references[number].append(reference)
    items = [
        HomeItem(
            Thing.PROFILE,
            lines[number].pseudonym,
            lines[number].pseudonym,
            f"known to you as {', '.join(references[number])}" if references[number] else "ask whether they agree",
            tuple(agencies[number]),
            warning="Do not approach" if lines[number].do_not_approach else "",
        )
        for number in shown
    ]
    return section("approach", "Whom to approach", "Nobody who is flagged is masked.", items, len(first))


def _consents(act: Act) -> HomeSection | None:
    session = act.session
    if not (session.may(Operation.CONSULT, Thing.CONSENT) and session.may(Operation.ALTER, Thing.CONSENT)):
        return None
    waiting = act.read(db.consents.count_waiting, session.user.name)
    words = f"{some(waiting, 'consent waits', 'consents wait')} for a reviewer"
    items = [HomeItem(Thing.CONSENT, 0, "", words)] if waiting else []
    return section("consents", "Consents to match", "No consent waits for you.", items, waiting)


def _links(act: Act) -> HomeSection | None:
    if not act.session.may(Operation.ALTER, Thing.LINK):
        return None
    waiting = act.read(db.links.count_waiting)
    words = f"{some(waiting, 'pair of records waits', 'pairs of records wait')} for a decision"
    items = [HomeItem(Thing.LINK, 0, "", words)] if waiting else []
    return section("links", "Links to review", "No link waits for a decision.", items, waiting)


def _caseload(act: Act) -> HomeSection:
    names = _names(act, act.read(db.case_reading.caseload, act.session.user.name))
    people = act.read(db.case_reading.by_ids, names)
    items = [
        HomeItem(
            Thing.PROFILE,
            pseudonym,
            name,
            "in your caseload",
            warning="Do not approach" if people[number].do_not_approach else "",
        )
        for number, (pseudonym, name) in names.items()
    ]
    return section("caseload", "Your caseload", "Nobody is in your caseload.", items)


def _names(act: Act, profile_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return (pseudonym, name or pseudonym) of these profiles, masked ones by pseudonym alone."""
    ids = list(profile_ids)
    people = act.read(db.case_reading.by_ids, ids)
    forms: dict[int, list[db.search.NamedRow]] = defaultdict(list)
    for row in act.read(db.search.names, ids):
        forms[row.profile_id].append(row)
    return {
        number: (people[number].pseudonym, usual_name(forms[number]) or people[number].pseudonym)
        for number in ids
        if number in people
    }
