"""What waits for whoever signed in: the home screen's sections, and ``kingshurst open``'s first lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import db.case_reading
import db.consents
import db.decisions
import db.grounds
import db.links
import db.profiles
import db.search
from kingshurst_tui.casework import grounds
from kingshurst_tui.casework.search import usual_name
from kingshurst_tui.counting import some
from kingshurst_tui.session import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.session import Act, Session

MOST = 50
"""Lines a section shows at most; its total says how many there are."""
SOON = timedelta(days=14)
"""How long before its day an action or a review is shown."""


@dataclass(frozen=True, slots=True)
class HomeItem:
    """One thing that waits.

    Attributes:
        thing: what kind of thing it is; with ``thing_id`` it says which screen opens.
        thing_id: a profile's pseudonym, otherwise the thing's number.
        who: a pseudonym, or a name where the profile is open; empty where it is about no person.
        words: what waits, in a line ("flagged by the three-incidents rule on 3 May 2026").
        agencies: which agencies know the person, as far as they may be named.
        due: the day by which, if any.
        warning: what must be read first ("do not approach"), or nothing.
    """

    thing: Thing
    thing_id: int | str
    who: str
    words: str
    agencies: tuple[str, ...] = ()
    due: date | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class HomeSection:
    """Things of one kind that wait.

    Attributes:
        code: a stable word ("grounds", "actions", "reviews", "reopened", "drafts", "approach", "consents", "links",
            "caseload").
        title: its heading.
        nothing: what to say when nothing waits.
        items: the first of them.
        total: how many there are in all.
    """

    code: str
    title: str
    nothing: str
    items: tuple[HomeItem, ...]
    total: int


def what_waits(session: Session) -> tuple[HomeSection, ...]:
    """Return what waits for this user, the most pressing section first; one audit entry for the whole page.

    Raises: StoreUnavailable.
    """
    if not session.may(Operation.CONSULT, Thing.PROFILE):
        return ()
    within = f"home/{session.clock.today().isoformat()}"
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=Reason(ReasonCode.CASELOAD), within=within) as act:
        sections = (
            _grounds(act),
            _actions(act),
            _reviews(act),
            _reopened(act),
            _drafts(act),
            _approach(act),
            _consents(act),
            _links(act),
            _caseload(act),
        )
        for section in sections:
            if section is not None:
                act.concerns(str(item.thing_id) for item in section.items if item.thing is Thing.PROFILE)
    return tuple(section for section in sections if section is not None)


def _section(code: str, title: str, nothing: str, items: Sequence[HomeItem], total: int | None = None) -> HomeSection:
    return HomeSection(code, title, nothing, tuple(items[:MOST]), len(items) if total is None else total)


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
    return _section("grounds", "Grounds that need a second person", "No ground needs a second person.", items)


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
    return _section("actions", "Actions due", "No action is due from you.", items)


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
    return _section("reviews", "Reviews due", "No review is due.", items)


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
    return _section("reopened", "Reopened, to be looked at again", "Nothing was reopened.", items)


def _drafts(act: Act) -> HomeSection | None:
    if not act.session.may(Operation.ALTER, Thing.DECISION):
        return None
    rows = [row for row in act.read(db.decisions.drafts) if row.thing == Thing.DECISION]
    names = _names(act, {row.thing_id for row in rows})
    items = [
        HomeItem(Thing.PROFILE, names[row.thing_id][0], names[row.thing_id][1], "your draft of a decision")
        for row in rows
        if row.thing_id in names
    ]
    return _section("drafts", "Your drafts", "You have no draft.", items)


def _approach(act: Act) -> HomeSection | None:
    session = act.session
    if not session.may(Operation.ALTER, Thing.PROFILE):
        return None
    # Whoever knows the person is best placed to ask; a coordinator sees to it that somebody does.
    flagged = act.read(db.search.ids, "flagged")
    ours = {number for number, _ in act.read(db.search.own_references_of, flagged)}
    if session.user.role is not Role.COORDINATOR:
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
            f"known to you as {', '.join(references[number])}"
            if references[number]
            else "ask whether they agree",
            tuple(agencies[number]),
            warning="Do not approach" if lines[number].do_not_approach else "",
        )
        for number in shown
    ]
    return _section("approach", "Whom to approach", "Nobody who is flagged is masked.", items, len(first))


def _consents(act: Act) -> HomeSection | None:
    session = act.session
    if not (session.may(Operation.CONSULT, Thing.CONSENT) and session.may(Operation.ALTER, Thing.CONSENT)):
        return None
    waiting = act.read(db.consents.count_waiting, session.user.name)
    words = f"{some(waiting, 'consent waits', 'consents wait')} for a reviewer"
    items = [HomeItem(Thing.CONSENT, 0, "", words)] if waiting else []
    return _section("consents", "Consents to match", "No consent waits for you.", items, waiting)


def _links(act: Act) -> HomeSection | None:
    if not act.session.may(Operation.ALTER, Thing.LINK):
        return None
    waiting = act.read(db.links.count_waiting)
    words = f"{some(waiting, 'pair of records waits', 'pairs of records wait')} for a decision"
    items = [HomeItem(Thing.LINK, 0, "", words)] if waiting else []
    return _section("links", "Links to review", "No link waits for a decision.", items, waiting)


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
    return _section("caseload", "Your caseload", "Nobody is in your caseload.", items)


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
