"""What waits after a panel, on home: actions asked for and what comes back, handovers, referrals, restricted cases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from db.sight import combining
from kingshurst_tui.casework import action_lists, lead_transfers, reconciling, referrals_shown
from kingshurst_tui.casework.home_parts import HomeItem, HomeSection, section
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act

HEARD_FOR = timedelta(days=14)
"""How long an answer to a referral stays on its sender's home."""


def asked(act: Act) -> HomeSection | None:
    """Return the actions that the acting user's agency was given and has not answered."""
    if not act.session.may(Operation.ALTER, Thing.ACTION):
        return None
    items = [
        HomeItem(
            Thing.ACTION,
            each.number,
            each.pseudonym,
            f"your agency is asked: {each.text}",
            due=each.due_on,
            warning="Overdue" if each.overdue else "",
        )
        for each in action_lists.of_agency(act, act.session.user.agency)
        if each.accepted == "asked"
    ]
    act.concerns(item.who for item in items)
    return section("asked", "Actions asked of your agency", "No action waits for your agency's answer.", items)


def back(act: Act) -> HomeSection | None:
    """Return, for coordinators, what comes back by itself."""
    if act.session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
        return None
    items = [
        HomeItem(Thing.ACTION, each.action, each.pseudonym, each.words, due=each.due_on)
        for each in action_lists.coming_back(act)
    ]
    act.concerns(item.who for item in items)
    return section("back", "Actions that come back", "No action is overdue, refused or left undone.", items)


def handovers(act: Act) -> HomeSection | None:
    """Return the leads that the acting user's agency is asked to take over."""
    if not act.session.may(Operation.ALTER, Thing.CASE):
        return None
    items = [
        HomeItem(
            Thing.CASE,
            each.pseudonym,
            each.pseudonym,
            f"{each.from_agency} asks {each.to_agency} to lead, since "
            f"{say_date(date.fromisoformat(each.asked_at[:10]))}",
        )
        for each in lead_transfers.waiting(act)
    ]
    act.concerns(item.who for item in items)
    return section("handovers", "Leads to take over", "No lead waits to be taken over.", items)


def sent_here(act: Act) -> HomeSection | None:
    """Return the referrals to answer, those whose referrer waits to hear more, and answers to one's own agency's.

    They are named by number: whom a referral names is read where it is answered.
    """
    session = act.session
    if not session.may(Operation.ALTER, Thing.REFERRAL):
        return None
    items = [
        HomeItem(
            Thing.REFERRAL,
            each.number,
            "",
            f"referral {each.number} from {each.from_agency} to {each.to} waits for an answer",
            warning="Today" if each.urgency == "today" else "",
        )
        for each in referrals_shown.to_answer(act)
    ]
    items += [
        HomeItem(
            Thing.REFERRAL,
            each.number,
            "",
            f"{each.from_agency} waits to hear what came of referral {each.number}",
            due=each.feedback_due_on,
            warning="Overdue" if each.overdue else "",
        )
        for each in referrals_shown.feedback_due(act)
    ]
    since = (session.clock.today() - HEARD_FOR).isoformat()
    items += [
        HomeItem(Thing.REFERRAL, each.number, "", f"your agency's referral {each.number} to {each.to} is {each.status}")
        for each in referrals_shown.heard(act, since)
    ]
    return section("referrals", "Referrals", "No referral waits.", items)


def to_reconcile(act: Act) -> HomeSection | None:
    """Return how many referrals wait for the acting user to say whose they are; seldom for others than coordinators."""
    if not act.session.may(Operation.COMBINE, Thing.REFERRAL):
        return None
    with combining(act.connection):
        waiting = reconciling.waiting_for(act)
    words = f"{some(waiting, 'referral waits', 'referrals wait')} for somebody to say whose it is"
    if not waiting and act.session.user.role not in SPEAKS_FOR_EVERY_AGENCY:
        return None
    items = [HomeItem(Thing.REFERRAL, 0, "", words)] if waiting else []
    return section("reconcile", "Referrals to reconcile", "No referral waits to be reconciled.", items, waiting)


def sections(act: Act) -> tuple[HomeSection | None, ...]:
    """Return all of them, the most pressing first."""
    return (asked(act), back(act), handovers(act), sent_here(act), to_reconcile(act))
