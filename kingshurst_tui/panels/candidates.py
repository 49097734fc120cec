"""Who might come before a panel, and where each comes from. It is a list to choose from: nothing adds itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import db.agenda
import db.case_reading
import db.decisions
import db.panel_cases
import db.panels
from kingshurst_tui.casework import action_lists, referrals_shown, standing_flags
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels import cases, proposals, urgent
from kingshurst_tui.panels.records import ON_THE_AGENDA
from kingshurst_tui.panels.running import BUSINESS, still_open
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kingshurst_tui.acts import Act
    from kingshurst_tui.panels.records import Panel
    from kingshurst_tui.session import Session

SOURCES = {
    "proposal": "proposed",
    "urgent": "urgent decision",
    "action": "action back",
    "review": "review due",
    "referral": "referral",
    "flag": "flag",
    "deferred": "put off",
}
"""Where somebody may come from, in the order in which it is said; each is a fact, none weighs more than another."""


@dataclass(frozen=True, slots=True)
class Whence:
    """One thing that may bring somebody before the panel.

    Attributes:
        source: one of SOURCES.
        source_id: the flag's, decision's, referral's, action's, urgent decision's or case's number.
        since: from which day on.
        words: the same in a line.
    """

    source: str
    source_id: int
    since: date
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is not on the panel's agenda yet, with all that may bring them there."""

    profile_id: int
    pseudonym: str
    name: str
    is_open: bool
    under_18: bool | None
    do_not_approach: bool
    whence: tuple[Whence, ...]

    @property
    def who(self) -> str:
        """The name of an open profile, the pseudonym of a masked one."""
        return self.name or self.pseudonym

    @property
    def words(self) -> str:
        """All that may bring them there, in one line."""
        return "; ".join(each.words for each in self.whence)

    @property
    def brought_by(self) -> str:
        """By what the case would come, as a case of the agenda says it."""
        first = self.whence[0].source
        return "proposal" if first == "deferred" else first

    @property
    def brought_id(self) -> int | None:
        """By which row."""
        return None if self.brought_by == "proposal" else self.whence[0].source_id


def candidates(session: Session, panel_id: int) -> tuple[Candidate, ...]:
    """Return whom people may put on a panel's agenda, those longest waiting first.

    They are: flagged profiles that somebody triaged for the panel, reviews due by the day of the panel, referrals to
    the panel that were accepted and found to be somebody's, actions that came back, urgent decisions to ratify, what
    an earlier panel put off, and colleagues' own proposals.

    Raises: NotFound, Refused (whoever does not prepare panels: a referrer would learn whom it is about).
    """
    within, facts = f"panel-candidates/{panel_id}", {"panel": panel_id, "list": True}
    with session.act(Operation.CONSULT, Thing.PANEL, reason=BUSINESS, facts=facts, within=within) as act:
        if not session.may(Operation.ALTER, Thing.PANEL):
            act.refuse(
                "The list of candidates is for whoever prepares the panel.",
                "Nothing was shown.",
                "Propose somebody; the coordinator sees it there.",
            )
        panel = still_open(act, panel_id)
        found = _candidates(act, panel)
        act.concerns(each.pseudonym for each in found)
        act.note(candidates=len(found))
    return found


def add(session: Session, panel_id: int, candidate: Candidate, *, question: str = "", why_over_cap: str = "") -> int:
    """Put a candidate on a panel's agenda, last; return the case's number.

    Args:
        session: who puts them there.
        panel_id: the meeting's number.
        candidate: as the list showed them.
        question: what the panel is asked; where it is left out, what brings them, which is a fact and no judgement.
        why_over_cap: in words, where the agenda is longer than the panel's load.

    Raises: InputRejected, NotFound, Refused (on it already).
    """
    if not question and candidate.whence[0].source == "proposal":
        proposals.accept(session, candidate.whence[0].source_id, why_over_cap=why_over_cap)
        return candidate.whence[0].source_id
    return cases.add(
        session,
        panel_id,
        candidate.pseudonym,
        question=(question or candidate.words)[: cases.LONGEST_QUESTION],
        brought_by=candidate.brought_by,
        brought_id=candidate.brought_id,
        why_over_cap=why_over_cap,
    )


def _candidates(act: Act, panel: Panel) -> tuple[Candidate, ...]:
    listed = {row.profile_id for row in act.read(db.panel_cases.of_panel, panel.number) if row.status in ON_THE_AGENDA}
    whence: dict[int, list[Whence]] = defaultdict(list)
    for profile, each in _sources(act, panel):
        if profile not in listed:
            whence[profile].append(each)
    people = act.read(db.case_reading.by_ids, whence)
    names = act.read(db.agenda.names, whence)
    order = list(SOURCES)
    found = [
        Candidate(
            row.profile_id,
            row.pseudonym,
            names.get(row.profile_id, ""),
            bool(row.is_open),
            None if row.under_18 is None else bool(row.under_18),
            bool(row.do_not_approach),
            tuple(sorted(whence[row.profile_id], key=lambda each: (order.index(each.source), each.since))),
        )
        for row in people.values()
        if row.status == "open"
    ]
    return tuple(sorted(found, key=lambda each: (min(one.since for one in each.whence), each.pseudonym)))


def _sources(act: Act, panel: Panel) -> Iterator[tuple[int, Whence]]:
    yield from _proposed(act, panel)
    yield from _flagged(act)
    for each in act.read(db.decisions.review_due, panel.purpose, panel.held_on.isoformat()):
        day = date.fromisoformat(each.review_on)
        words = "reopened" if each.status == "reopened" else f"due for review on {say_date(day)}"
        yield each.profile_id, Whence("review", each.id, day, f"decision {each.id} is {words}")
    for referral in referrals_shown.for_panel(act):
        day = date.fromisoformat(referral.accepted_at[:10])
        urgency = "" if referral.urgency == "routine" else f", {referral.urgency}"
        words = f"a referral{urgency}, accepted on {say_date(day)}"
        yield referral.profile_id, Whence("referral", referral.number, day, words)
    for action in action_lists.coming_back(act):
        yield action.profile_id, Whence("action", action.action, action.due_on, action.words)
    for decided in urgent.to_ratify(act):
        day = date.fromisoformat(decided.second_at[:10])
        words = f"an urgent decision of {say_date(day)} to ratify"
        yield decided.profile_id, Whence("urgent", decided.number, day, words)


def _proposed(act: Act, panel: Panel) -> Iterator[tuple[int, Whence]]:
    for row in act.read(db.panel_cases.of_panel, panel.number):
        if row.status == "proposed":
            why = f": {row.question}" if row.question else ""
            day = date.fromisoformat(row.proposed_at[:10])
            yield row.profile_id, Whence("proposal", row.id, day, f"proposed by {row.proposed_by}{why}")
    meetings = {row.id: row.held_on for row in act.read(db.panels.every)}
    for row in act.read(db.panel_cases.put_off):
        day = date.fromisoformat(meetings[row.panel_id])
        yield row.profile_id, Whence("deferred", row.id, day, f"put off at the panel of {say_date(day)}")


def _flagged(act: Act) -> Iterator[tuple[int, Whence]]:
    flags = standing_flags.flags_today(act)
    for profile, item in act.read(db.agenda.items).items():
        if item.triage != "panel":
            continue
        mine = flags.get(profile, [])
        if not mine:
            # Triaged for the panel and still so, though no rule holds any more: people take them off, no clock does.
            day = date.fromisoformat((item.triaged_at or act.session.clock.today().isoformat())[:10])
            words = f"triaged for the panel by {item.triaged_by}; no rule holds today"
            yield profile, Whence("flag", item.id, day, words)
            continue
        first = min(mine, key=lambda flag: (flag.raised_on, flag.flag_id))
        titles = "; ".join(dict.fromkeys(flag.title for flag in mine))
        words = f"flagged since {say_date(first.raised_on)}: {titles}"
        yield profile, Whence("flag", first.flag_id, first.raised_on, words)
