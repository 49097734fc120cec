"""Minutes and actions to those who were asked to the meeting, each copy with what its reader's agency may see.

What was said of somebody rests on every data set in which they stand. A reader whose agency may receive all of these
has the whole part; one whose agency may not has the decision, the day of its review and what their own agency is to do.
A reader who stepped out of a case, or is not on the list of a restricted one, has nothing of it. Nobody's copy has a
restricted note.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import db.case_access
import db.case_reading
import db.disclosures
from kingshurst_tui.casework import action_lists
from kingshurst_tui.casework.action_shown import ActionShown
from kingshurst_tui.dates import say_date, show_time
from kingshurst_tui.errors import Refused
from kingshurst_tui.leaving import gate
from kingshurst_tui.leaving.gate import Copy, Recipient
from kingshurst_tui.leaving.packs import check_form, chosen_members, recipients_of
from kingshurst_tui.leaving.pages import Block, Document, Grid, Section, Words, draw, facts
from kingshurst_tui.panels import conflicts, minutes, minutes_shown
from kingshurst_tui.panels.minutes_approval import APPROVED
from kingshurst_tui.panels.minutes_draft import OF_A_CASE, OF_THE_MEETING
from kingshurst_tui.panels.minutes_shown import MinutesShown, PartShown
from kingshurst_tui.panels.records import Member
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.panels.records import Conflict
    from kingshurst_tui.session import Session

WHOLE, SHORT, NOTHING = "whole", "short", "nothing"

IN_SHORT = {"decision": "Decision", "review": "Review"}
"""What of a case everybody reads who was in the room, by its first line: who leads, and when it is looked at again."""
HELD_BACK = "What was said rests on data that your agency does not receive. It is not in this copy."
LEFT_OUT = "This case is not in your copy."

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """What must be known of one case to make anybody's copy of it.

    Attributes:
        data_sets: every data set in which the person stands, as far as the maker of the copies sees them.
        own: the references of each agency for the person.
        names: their name by each data set that has one.
        readers: users on the list of a restricted case; None where it is not restricted.
        actions: what this panel gave.
        whole_to: the agencies that may receive every data set in which the person stands, unseen ones too.
    """

    part: PartShown
    data_sets: frozenset[str]
    own: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    readers: frozenset[str] | None
    actions: tuple[ActionShown, ...]
    whole_to: frozenset[str]


def circulate(
    session: Session,
    panel_id: int,
    *,
    what: str = "minutes",
    form: str,
    into: Path,
    why: str,
    reason: Reason,
    names: Collection[str] = (),
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let the approved minutes, or each agency's own actions, leave for those who were asked to the meeting.

    Args:
        session: who lets them leave.
        panel_id: the meeting.
        what: "minutes" or "actions"; actions wait for no approval.
        form: one of pages.FORMS.
        into: the folder.
        why: in words.
        reason: why one acts.
        names: of attendees; nobody named is everybody who does not merely look on.
        expires_on: the last day on which copies may be kept.

    Raises: InputRejected, NotFound, Refused.
    """
    check_form(form)
    with session.act(Operation.CONSULT, Thing.MINUTES, reason=reason) as act:
        shown = _to_send(act, panel_id, what)
        chosen = chosen_members(act, panel_id, names)
        interests = conflicts.conflicts(act, panel_id)
        known = [_known(act, part) for part in shown.parts]
        copies = {}
        for member in chosen:
            may = gate.in_copy_of(act, member.agency)
            if what == "actions":
                copies[member.name, member.agency] = _actions_of(shown, known, member, interests, may)
            else:
                copies[member.name, member.agency] = _minutes_of(shown, known, member, interests, may)
    made = gate.release(
        session,
        kind=what,
        form=form,
        body_for=lambda each: draw(form, copies[each.name, each.agency].document(), each),
        recipients=_with_something(chosen, copies, what),
        why=why,
        subjects=lambda each: copies[each.name, each.agency].subjects,
        data_sets=lambda each: copies[each.name, each.agency].data_sets,
        into=into,
        name=f"{what}-{panel_id}-v{shown.version}",
        reason=reason,
        expires_on=expires_on,
        panel=panel_id,
    )
    minutes.mark_sent(session, shown.number, what, reason)
    return made


@dataclass(frozen=True, slots=True)
class OneCopy:
    """What one reader is handed, before it is drawn."""

    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    subjects: frozenset[str]
    data_sets: frozenset[str]

    def document(self) -> Document:
        """Return it to be drawn."""
        return Document(self.title, self.lines, self.sections)


def _to_send(act: Act, panel_id: int, what: str) -> MinutesShown:
    shown = minutes_shown.read_in(act, panel_id)
    if what == "minutes":
        found = next((version for version, status, *_ in shown.versions if status == APPROVED), None)
        if found is None:
            raise Refused("These minutes are not approved.", "Nothing was written.", "kingshurst minutes approve")
        shown = minutes_shown.read_in(act, panel_id, found)
        if not shown.signature_holds:
            raise Refused(
                "The approval does not hold over these words.",
                "Somebody changed them after they were signed. Nothing was written.",
                "Tell the information governance officer.",
            )
    return shown


def _with_something(chosen: Collection[Member], copies: Mapping[Key, OneCopy], what: str) -> list[Recipient]:
    """Return for whom there is a copy: nobody is sent a list of no actions."""
    held = [each for each in chosen if what == "minutes" or copies[each.name, each.agency].sections]
    if not held:
        raise Refused("No agency has an action from this panel.", "Nothing was written.")
    return recipients_of(held)


def _known(act: Act, part: PartShown) -> _Case:
    records = act.read(db.case_reading.records, part.profile_id)
    contacts = act.read(db.case_reading.contacts, part.profile_id)
    own: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for row in records:
        if row.partner_reference:
            own.setdefault(row.agency_code, set()).add(row.partner_reference)
        if row.surname:
            names.setdefault(row.agreement_ref, " ".join(each for each in (row.forename, row.surname) if each))
    restricted = act.read(db.case_access.standing, part.profile_id) is not None
    listed = {each.user_name for each in act.read(db.case_access.on_list, part.profile_id)} if restricted else set()
    return _Case(
        part,
        frozenset({row.agreement_ref for row in records} | {row.agreement_ref for row in contacts}),
        {agency: tuple(sorted(references)) for agency, references in own.items()},
        names,
        frozenset(listed) if restricted else None,
        tuple(each for each in action_lists.previous(act, part.profile_id) if each.panel_case == part.case),
        frozenset(act.read(db.disclosures.whole_to, part.profile_id)),
    )


def _how_much(case: _Case, member: Member, interests: Collection[Conflict], may: frozenset[str]) -> str:
    """Return how much of a case one reader has: WHOLE, SHORT or NOTHING."""
    out = any(
        each.member == member.number and each.step == "stepped-out" and each.case in (None, case.part.case)
        for each in interests
    )
    if out or (case.readers is not None and member.user_name not in case.readers):
        return NOTHING
    return WHOLE if member.agency in case.whole_to and case.data_sets <= may else SHORT


def _called(case: _Case, member: Member, may: frozenset[str]) -> str:
    """Return how a reader knows who it is: by their own reference, else by a name that their agency may receive."""
    if own := case.own.get(member.agency):
        return f"{case.part.pseudonym}, known to you as {', '.join(own)}"
    name = next((name for ref, name in sorted(case.names.items()) if ref in may), "")
    return f"{case.part.pseudonym}, {name}" if name else case.part.pseudonym


def _used(case: _Case, member: Member, may: frozenset[str], much: str) -> frozenset[str]:
    """Return the data sets of which something stands in a reader's part."""
    if much == WHOLE:
        return case.data_sets
    if case.own.get(member.agency):
        return frozenset()  # their own reference, from their own data
    return frozenset([ref for ref in sorted(case.names) if ref in may][:1])


def _minutes_of(
    shown: MinutesShown,
    known: Collection[_Case],
    member: Member,
    interests: Collection[Conflict],
    may: frozenset[str],
) -> OneCopy:
    sections = [Section("The meeting", _fields(shown.fields, OF_THE_MEETING))]
    subjects: set[str] = set()
    used: set[str] = set()
    for case in known:
        much = _how_much(case, member, interests, may)
        if much == NOTHING:
            sections.append(Section(f"Case {case.part.place}", (Words(LEFT_OUT),)))
            continue
        subjects.add(case.part.pseudonym)
        used |= _used(case, member, may, much)
        title = f"Case {case.part.place}: {_called(case, member, may)}"
        if much == WHOLE:
            blocks = _fields(case.part.fields, OF_A_CASE)
        else:
            own = _grid([each for each in case.actions if each.owner_agency == member.agency])
            first = {name: case.part.fields.get(name, "").split("\n")[0].split(" Sooner if:")[0] for name in IN_SHORT}
            blocks = (Words(HELD_BACK), *_fields(first, IN_SHORT), *own)
        sections.append(Section(title, blocks))
    if shown.left_out:
        sections.append(Section("Not in these minutes", (Words(f"{len(shown.left_out)} of the cases."),)))
    approved = show_time(datetime.fromisoformat(shown.approved_at))
    return OneCopy(
        f"Minutes: {shown.panel.title}, {say_date(shown.panel.held_on)}",
        (
            _where(shown),
            f"Version {shown.version}, approved by {shown.approved_by} on {approved}.",
            "Confidential: what was said in the room stays with the panel.",
        ),
        tuple(sections),
        frozenset(subjects),
        frozenset(used),
    )


def _actions_of(
    shown: MinutesShown,
    known: Collection[_Case],
    member: Member,
    interests: Collection[Conflict],
    may: frozenset[str],
) -> OneCopy:
    sections = []
    subjects: set[str] = set()
    used: set[str] = set()
    for case in known:
        mine = [each for each in case.actions if each.owner_agency == member.agency]
        if not mine or _how_much(case, member, interests, may) == NOTHING:
            continue
        subjects.add(case.part.pseudonym)
        used |= _used(case, member, may, SHORT)
        sections.append(Section(_called(case, member, may), _grid(mine)))
    return OneCopy(
        f"Actions for {member.agency}: {shown.panel.title}, {say_date(shown.panel.held_on)}",
        (_where(shown), "What your agency is to do. Say whether you take it on, and what came of it."),
        tuple(sections),
        frozenset(subjects),
        frozenset(used),
    )


def _fields(fields: Mapping[str, str], titles: Mapping[str, str]) -> tuple[Block, ...]:
    return (facts((title, fields.get(name, "")) for name, title in titles.items()),)


def _grid(found: Collection[ActionShown]) -> tuple[Block, ...]:
    if not found:
        return ()
    rows = tuple((str(each.number), each.text, each.outcome_sought, say_date(each.due_on)) for each in found)
    return (Grid(("Action", "What", "Sought", "By"), rows),)


def _where(shown: MinutesShown) -> str:
    panel = shown.panel
    return ", ".join(each for each in (say_date(panel.held_on), panel.begins_at, panel.place, panel.kind) if each)
