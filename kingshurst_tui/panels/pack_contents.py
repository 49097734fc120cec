"""What one attendee's pack holds: the agenda, and of each case what their own agency may see. It makes no file.

A copy holds what both the coordinator who makes it and the attendee's agency may see, and never more: rows of a data
set go to its owner and to the recipients that its agreement names; restricted notes and sealed detail go to nobody;
somebody masked stands in it by pseudonym alone; a restricted case goes to users on its list; whoever has stepped out of
a case has its place on the agenda and nothing of it; whoever looks on has no agenda at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import db.case_access
import db.case_reading
import db.decisions
import db.disclosures
import db.flags
import db.panel_cases
import db.panel_information
import db.users
from kingshurst_tui.casework import action_lists, approach, standing_flags
from kingshurst_tui.casework.decision_shown import shown_decision
from kingshurst_tui.casework.who import who
from kingshurst_tui.counting import some
from kingshurst_tui.dates import say_date
from kingshurst_tui.panels import cases, conflicts, first_views, information, members
from kingshurst_tui.panels.records import ATTENDANCES, BROUGHT_BY, REQUEST_STATUSES, Case, Member, Panel
from kingshurst_tui.panels.running import panel_facts, rule_in_words

if TYPE_CHECKING:
    from db.case_reading import ContactRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.casework.standing_flags import AgendaFlag
    from kingshurst_tui.panels.records import Conflict

Section = tuple[str, tuple[str, ...]]
"""A heading, and the lines under it."""

MOST_CONTACTS = 40
"""Contacts of one case in a pack, the newest first; how many more there are is said."""

NOT_SHOWN = "What agencies hold under agreements that do not name yours is not in this copy."


@dataclass(frozen=True, slots=True)
class PackCase:
    """One case in one attendee's pack.

    Attributes:
        known_as: the attendee's own agency's references for the person, in words; empty where it has none.
        sections: headings with their lines, in the order in which they are read.
        data_sets: the agreements whose rows are in it.
        is_shown: whether anything of the case is in it besides its place on the agenda.
    """

    number: int
    pseudonym: str
    place: int
    known_as: str
    sections: tuple[Section, ...]
    data_sets: frozenset[str]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Pack:
    """What one attendee is given before a meeting."""

    title: str
    name: str
    agency: str
    user_name: str
    lines: tuple[str, ...]
    cases: tuple[PackCase, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Who is in it, by pseudonym."""
        return tuple(each.pseudonym for each in self.cases)

    @property
    def data_sets(self) -> frozenset[str]:
        """The agreements whose rows are in it."""
        return frozenset().union(*(each.data_sets for each in self.cases))


@dataclass
class _Making:
    """What is known while one pack is made."""

    act: Act
    panel: Panel
    member: Member
    allowed: frozenset[str]
    flags: dict[int, list[AgendaFlag]]
    rests_on: dict[int, frozenset[str]]
    conflicts: tuple[Conflict, ...]
    used: set[str] = field(default_factory=set)

    def holds(self, data_set: str) -> bool:
        """Say whether a row of a data set may be in this copy, and remember that it is."""
        if data_set in self.allowed:
            self.used.add(data_set)
            return True
        return False


def pack_for(act: Act, panel_id: int, member_id: int) -> Pack:
    """Return what one attendee of a meeting is given; inside an act of the room that releases it.

    Raises: NotFound (no such meeting, or the attendee is of another).
    """
    panel = panel_facts(act, panel_id)
    member = members.member(act, member_id)
    if member.panel != panel_id:
        act.refuse("They are asked to another panel.", "Nothing was made.")
    listed = [each for each in cases.cases(act, panel_id) if each.is_listed]
    flags = standing_flags.flags_today(act)
    mine = [flag.flag_id for each in listed for flag in flags.get(each.profile_id, ())]
    making = _Making(
        act,
        panel,
        member,
        frozenset(act.read(db.disclosures.may_receive, member.agency)),
        flags,
        act.read(db.flags.rest_on, mine),
        conflicts.conflicts(act, panel_id),
    )
    return Pack(
        f"{panel.title}, {say_date(panel.held_on)}",
        member.name,
        member.agency,
        member.user_name,
        tuple(_about(making, listed)),
        # How many people are discussed, and under which names here, is not for whoever looks on.
        () if _looks_on(making) else tuple(_case(making, each) for each in listed),
    )


def _about(making: _Making, listed: Sequence[Case]) -> Iterator[str]:
    panel = making.panel
    names = {user.name: user.display_name for user in making.act.read(db.users.every)}
    yield ", ".join(part for part in (say_date(panel.held_on), panel.begins_at, panel.place) if part)
    yield f"Chair: {names.get(panel.chair, panel.chair or 'not named yet')}"
    yield f"Minute-taker: {names.get(panel.minute_taker, panel.minute_taker or 'not named yet')}"
    yield f"Quorum: {rule_in_words(panel.quorum)}"
    yield "Whoever looks on is given no papers." if _looks_on(making) else f"{some(len(listed), 'case')} on the agenda"
    for each in members.members(making.act, panel.number):
        standing = f"deputy for {each.deputy_for}" if each.standing == "deputy" else each.standing
        said = "" if each.attendance == "asked" else f", {ATTENDANCES[each.attendance]}"
        yield f"Asked: {each.name}, {each.agency}, {standing}{said}"
    yield "What is said in the room and what stands here stays with the panel."


def _looks_on(making: _Making) -> bool:
    return making.member.standing == "observer"


def _case(making: _Making, case: Case) -> PackCase:
    making.used = set()
    slot = f"{case.slot} to {case.slot_ends}" if case.slot else some(case.minutes, "minute")
    why = _kept_out(making, case)
    if why:
        return PackCase(case.number, case.pseudonym, case.place, "", (("Place", (slot, why)),), frozenset(), False)
    if not case.is_open or not _on_its_list(making, case):
        sections: list[Section] = [("Place", (slot, "Masked: discussed by pseudonym; nothing can be decided."))]
        if lines := tuple(_flag_lines(making, case)):
            sections.append(("Why now", lines))
        used = frozenset(making.used)
        return PackCase(case.number, case.pseudonym, case.place, "", tuple(sections), used, bool(lines))
    records = [
        row for row in making.act.read(db.case_reading.records, case.profile_id) if making.holds(row.agreement_ref)
    ]
    own = sorted(
        {row.partner_reference for row in records if row.agency_code == making.member.agency and row.partner_reference}
    )
    parts: list[tuple[str, Callable[[], Iterable[str]]]] = [
        ("Why now", lambda: _why_now(making, case)),
        ("Before anybody approaches them", lambda: _approach(making, case)),
        ("Who this is", lambda: _who(making, records)),
        ("What agencies recorded", lambda: _contacts(making, case)),
        ("What was decided before", lambda: _decisions(making, case)),
        ("What was to be done", lambda: _actions(making, case)),
        ("What was asked and sent", lambda: _information(making, case)),
        ("First views", lambda: _views(making, case)),
    ]
    shown = [(title, tuple(lines())) for title, lines in parts]
    return PackCase(
        case.number,
        case.pseudonym,
        case.place,
        f"known to you as {', '.join(own)}" if own else "",
        (("Place", (slot,)), *((title, lines) for title, lines in shown if lines)),
        frozenset(making.used),
        True,
    )


def _kept_out(making: _Making, case: Case) -> str:
    """Return why an attendee has nothing of a case; empty where they have."""
    for each in making.conflicts:
        stepped_out = each.member == making.member.number and each.step == "stepped-out"
        if stepped_out and each.case in (None, case.number):
            return "You have declared an interest and step out; this case is not in your copy."
    return ""


def _on_its_list(making: _Making, case: Case) -> bool:
    act = making.act
    if act.read(db.case_access.standing, case.profile_id) is None:
        return True
    user = making.member.user_name
    listed = (row for row in act.read(db.case_access.on_list, case.profile_id) if row.status == "standing")
    return bool(user) and user in {row.user_name for row in listed}


def _flag_lines(making: _Making, case: Case) -> Iterator[str]:
    for flag in making.flags.get(case.profile_id, ()):
        resting = making.rests_on.get(flag.flag_id, frozenset())
        # A rule's name may tell what a data set holds that this agency does not receive.
        if resting and resting <= making.allowed:
            making.used |= resting
            yield f"{flag.title}: since {say_date(flag.raised_on)}, until {say_date(flag.lapses_on)}"
        else:
            yield f"A rule is met, since {say_date(flag.raised_on)}; which one is not in this copy"


def _why_now(making: _Making, case: Case) -> Iterator[str]:
    if case.question:
        # What brings a case is written from everything the coordinator sees: the name of a rule is in it.
        written = case.brought_by != "flag" or all(
            making.rests_on.get(flag.flag_id, frozenset()) <= making.allowed
            for flag in making.flags.get(case.profile_id, ())
        )
        yield case.question if written else "Asked of the panel: see the agenda in the room."
    if case.brought_by:
        yield f"Brought by {BROUGHT_BY[case.brought_by]}, proposed by {case.proposed_by}"
    if case.under_18:
        yield "UNDER 18"
    yield from _flag_lines(making, case)


def _approach(making: _Making, case: Case) -> Iterator[str]:
    for word in approach.of_profile(making.act, case.profile_id):
        yield word.in_words()


def _who(making: _Making, records: Sequence[db.case_reading.RecordRow]) -> Iterator[str]:
    found = who(records, {})
    if not found.names:
        yield "No data set that your agency receives names this person."
        return
    yield f"Name: {'; '.join(each.value for each in found.names)}"
    for title, known in (("Born", found.born), ("Address", found.addresses)):
        if known:
            stand_in = {each.value: " (a stand-in, not a date)" for each in known if each.quality == "default"}
            said = (
                (say_date(date.fromisoformat(each.value)) if title == "Born" else each.value)
                + stand_in.get(each.value, "")
                for each in known
            )
            yield f"{title}: {'; '.join(said)}"


def _contacts(making: _Making, case: Case) -> Iterator[str]:
    found = [
        row for row in making.act.read(db.case_reading.contacts, case.profile_id) if making.holds(row.agreement_ref)
    ]
    for agency in sorted({row.agency_code for row in found}):
        theirs = [row for row in found if row.agency_code == agency]
        incidents = len({_incident(row) for row in theirs})
        yield f"{agency}: {some(incidents, 'incident')}, {some(len(theirs), 'report')}"
    for row in found[:MOST_CONTACTS]:
        assessment = "" if row.standing == "fact" else " (an assessment)"
        same = f", incident {row.incident_id}" if row.incident_id is not None else ""
        day = say_date(date.fromisoformat(row.occurred_on))
        yield f"{day}, {row.agency_code}: {row.category}, as {row.role}{assessment}{same}"
    if len(found) > MOST_CONTACTS:
        yield f"and {some(len(found) - MOST_CONTACTS, 'earlier report')}"
    yield NOT_SHOWN


def _incident(row: ContactRow) -> str:
    return f"i{row.incident_id}" if row.incident_id is not None else f"c{row.contact_id}"


def _decisions(making: _Making, case: Case) -> Iterator[str]:
    for row in making.act.read(db.decisions.of_profile, case.profile_id):
        each = shown_decision(making.act, row)
        signed = say_date(date.fromisoformat(each.signed_at[:10]))
        yield f"Decision {each.number} of {signed}: {each.lead_agency} leads, {each.status}"
        yield f"  reviewed on {say_date(each.review_on)}, or on: {each.fields.get('review_trigger', '')}"


def _actions(making: _Making, case: Case) -> Iterator[str]:
    for each in action_lists.previous(making.act, case.profile_id):
        own = each.owner_agency == making.member.agency
        text = f": {each.text}" if own else ""
        yield f"Action {each.number}, {each.owner_agency}, due {say_date(each.due_on)}: {each.stands()}{text}"


def _information(making: _Making, case: Case) -> Iterator[str]:
    for each in information.requests_of_case(making.act, case.number):
        if each.status == "taken-back":
            continue
        if each.agency == making.member.agency:
            yield f"ASKED OF YOU by {say_date(each.due_on)}: {each.question} ({REQUEST_STATUSES[each.status]})"
        else:
            yield f"{each.agency}: {each.question} ({REQUEST_STATUSES[each.status]})"


def _views(making: _Making, case: Case) -> Iterator[str]:
    written = first_views.views(making.act, case.number)
    if not case.revealed_at:
        mine = any(each.agency == making.member.agency for each in written)
        yield "Your agency has written its first view." if mine else "Your agency has not written its first view yet."
        yield "All are shown together; nobody reads another's before."
        return
    for each in written:
        for name, title in first_views.FIELDS.items():
            if words := getattr(each, name):
                yield f"{each.agency}, {title[:1].lower()}{title[1:]}: {words}"
