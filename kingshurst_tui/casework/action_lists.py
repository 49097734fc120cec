"""The lists of actions: whose they are, which are still to be done, which come back by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.actions
import db.case_reading
import db.decisions
from kingshurst_tui.casework.action_shown import ActionShown, shown_actions
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.decisions import ActionRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

OVERDUE, DECLINED, DID_NOT_ACT = "overdue", "declined", "agency-did-not-act"
"""Why an action comes back by itself."""

LISTS = {
    "ours": "what your agency is to do",
    "mine": "what you are to do yourself",
    "asked": "what your agency has not answered",
    "back": "what comes back: overdue, refused, or left undone by an agency",
    "every": "what every agency is to do",
    "closed": "what came of your agency's",
    "all-closed": "what came of every agency's",
}
"""The lists of actions there are, and how each is called."""


@dataclass(frozen=True, slots=True)
class ComingBack:
    """An action that the next panel has to look at, whether anybody thinks of it or not.

    Attributes:
        because: OVERDUE, DECLINED or DID_NOT_ACT.
        words: the same for a person, with the day.
    """

    action: int
    profile_id: int
    pseudonym: str
    owner_agency: str
    because: str
    words: str
    due_on: date


def listed(session: Session, reason: Reason, which: str = "ours") -> tuple[ActionShown, ...]:
    """Return one of LISTS, what is to be done first first; actions about open profiles only.

    Raises: InputRejected (no such list), Refused.
    """
    if which not in LISTS:
        raise InputRejected("There is no such list of actions.", "Nothing was shown.", f"One of: {', '.join(LISTS)}.")
    with session.act(Operation.CONSULT, Thing.ACTION, reason=reason) as act:
        found = _one_list(act, which)
        act.concerns(each.pseudonym for each in found)
        act.note(actions=len(found), list=which)
    return found


def _one_list(act: Act, which: str) -> tuple[ActionShown, ...]:
    user = act.session.user
    if which == "back":
        return shown_actions(act, act.read(db.actions.left_undone, act.session.clock.today().isoformat()))
    if which in ("closed", "all-closed"):
        shown = of_agency(act, user.agency if which == "closed" else "", with_closed=True)
        return tuple(sorted((each for each in shown if each.status != "open"), key=_lately, reverse=True))
    found = of_agency(act, "" if which == "every" else user.agency)
    if which == "mine":
        return tuple(each for each in found if each.owner_user == user.name)
    return tuple(each for each in found if which != "asked" or each.accepted == "asked")


def _lately(each: ActionShown) -> tuple[str, int]:
    return each.closed_at, each.number


def previous(act: Act, profile_id: int) -> tuple[ActionShown, ...]:
    """Return the actions about an open profile, those to be done first."""
    return shown_actions(act, act.read(db.decisions.actions_of, profile_id))


def of_agency(
    act: Act, agency: str = "", *, panel: int | None = None, with_closed: bool = False
) -> tuple[ActionShown, ...]:
    """Return the actions of one agency, or of every one, about open profiles.

    Args:
        act: the act under way.
        agency: a partner's code; empty for every one.
        panel: those alone that the cases of one panel gave.
        with_closed: what was closed too.
    """
    if panel is None:
        return shown_actions(act, act.read(db.actions.every, agency, with_closed=with_closed))
    rows = act.read(db.actions.of_panel, panel)
    return shown_actions(
        act,
        [row for row in rows if agency in ("", row.owner_agency) and (with_closed or row.status == "open")],
    )


def coming_back(act: Act) -> tuple[ComingBack, ...]:
    """Return what comes back by itself: overdue, refused, not done because the agency did not act; the oldest first."""
    today = act.session.clock.today()
    rows = act.read(db.actions.left_undone, today.isoformat())
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    found = []
    for row in rows:
        person, due = people.get(row.profile_id), date.fromisoformat(row.due_on)
        if person is None:
            continue
        because, said = _why_back(row)
        words = f"action {row.id} of {row.owner_agency}, due {say_date(due)}: {said}"
        found.append(ComingBack(row.id, row.profile_id, person.pseudonym, row.owner_agency, because, words, due))
    return tuple(found)


def _why_back(row: ActionRow) -> tuple[str, str]:
    if row.status != "open":
        return DID_NOT_ACT, "the agency did not act"
    if row.accepted == "declined":
        return DECLINED, "the agency refused it"
    return OVERDUE, "overdue" if row.accepted == "accepted" else "overdue and never answered"
