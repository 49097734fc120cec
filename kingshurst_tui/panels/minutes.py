"""Minutes: drafted from the record, edited, approved and signed by somebody who did not write them, versioned."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import db.case_access
import db.minutes
import db.users
from db.minutes import MinutesRow, PartRow
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord, differing
from kingshurst_tui.intake.text import clean
from kingshurst_tui.panels.cases import cases
from kingshurst_tui.panels.members import members
from kingshurst_tui.panels.minutes_approval import APPROVED, DRAFT, STATUSES, approvers, signed, stops_of
from kingshurst_tui.panels.minutes_draft import OF_A_CASE, OF_THE_MEETING, of_a_case, of_the_meeting
from kingshurst_tui.panels.minutes_shown import MinutesShown, is_out, shown_minutes
from kingshurst_tui.panels.records import Case, Panel
from kingshurst_tui.panels.running import panel_facts
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session
LONGEST = 20_000
"""Letters in one field."""


def draft(session: Session, panel_id: int, reason: Reason, *, anew: bool = False) -> MinutesShown:
    """Draft the minutes of a meeting that was held, from its record: its minute-taker does, or its chair.

    Args:
        session: who writes them.
        panel_id: the meeting.
        reason: why.
        anew: in place of a draft that is there; it is kept as an earlier version.

    Raises: NotFound, Refused (neither of the two; not held yet; a draft is there; they are approved).
    """
    with session.act(_writing(session), Thing.MINUTES, reason=reason) as act:
        panel = _to_draft(act, panel_id)
        rows = act.read(db.minutes.versions, panel_id)
        if rows and rows[0].status == APPROVED:
            act.refuse("The minutes are approved.", "Nothing was written.", "Correct them: that makes a new version.")
        if rows and rows[0].status == DRAFT:
            if not anew:
                act.refuse("The minutes are drafted already.", "Nothing was written.", "Edit the draft.")
            act.write(db.minutes.replace, rows[0].id)
        found = cases(act, panel_id)
        fields = of_the_meeting(act, panel, members(act, panel_id), found)
        number = _new(act, panel_id, rows, fields)
        for case in found:
            if case.is_open and case.status != "proposed" and not is_out(act, panel_id, case.profile_id):
                _add_part(act, number, case)
        act.note(panel=panel_id, minutes=number, step="draft")
        shown = shown_minutes(act, _row(act, number))
    return shown


def who_could_approve(session: Session, panel_id: int, reason: Reason) -> tuple[str, ...]:
    """Return, before anything is drafted, who could approve what the acting user drafts, by user name.

    Raises: NotFound, Refused (as ``draft``).
    """
    with session.act(_writing(session), Thing.MINUTES, reason=reason) as act:
        panel = _to_draft(act, panel_id)
        able = approvers(act, panel, session.user.name)
        act.note(panel=panel_id, step="before drafting", approvers=len(able))
    return able


def _to_draft(act: Act, panel_id: int) -> Panel:
    panel = panel_facts(act, panel_id)
    _must_write(act, panel)
    if panel.status != "closed":
        act.refuse("Minutes are drafted once the meeting is closed.", "Nothing was written.", "Close it first.")
    return panel


def add_missing(session: Session, number: int, reason: Reason) -> MinutesShown:
    """Draft the parts about cases that whoever drafted the rest could not see; somebody on their lists does.

    Raises: NotFound, Refused.
    """
    with session.act(_writing(session), Thing.MINUTES, reason=reason) as act:
        row = _draft_row(act, number)
        panel, there = panel_facts(act, row.panel_id), act.read(db.minutes.digests, number)
        due = [
            case
            for case in cases(act, row.panel_id)
            if case.is_open and case.status != "proposed" and case.number not in there
        ]
        theirs = [case for case in due if _may_write(act, panel, case.profile_id)]
        if not theirs:
            _must_write(act, panel)
        for case in theirs:
            if not is_out(act, row.panel_id, case.profile_id):
                _add_part(act, number, case)
        act.note(minutes=number, step="missing parts")
        shown = shown_minutes(act, _row(act, number))
    return shown


def edit(
    session: Session,
    number: int,
    field: str,
    words: str,
    *,
    began: str,
    reason: Reason,
    case: int | None = None,
) -> MinutesShown:
    """Put other words in one field of a draft.

    Args:
        session: who edits.
        number: the minutes'.
        field: of minutes_draft.OF_THE_MEETING, or of OF_A_CASE where a case is named.
        words: what is to stand there.
        began: what stood there when they began; where somebody else was quicker, nothing is overwritten.
        reason: why.
        case: the case's number on the panel.

    Raises: InputRejected, NotFound, Refused (approved, or not one's own to write), StaleRecord (hand its ``over`` back
        as ``began``).
    """
    titles = OF_THE_MEETING if case is None else OF_A_CASE
    if field not in titles:
        raise InputRejected("There is no such part of the minutes.", "Nothing was changed.", ", ".join(titles))
    kept = "\n".join(clean(line) for line in words.split("\n")).strip()
    if len(kept) > LONGEST:
        raise InputRejected("That is too long.", f"At most {LONGEST} letters. Nothing was changed.")
    with session.act(_writing(session), Thing.MINUTES, reason=reason) as act:
        row = _draft_row(act, number)
        part = None if case is None else _part(act, row, case)
        _must_write(act, panel_facts(act, row.panel_id), part.profile_id if part else None)
        document = json.loads(part.document if part else row.document)
        stands = str(document["fields"].get(field, ""))
        if stands not in (began, kept):
            raise StaleRecord(
                "Somebody else has changed this meanwhile.",
                "Nothing was changed.",
                "Over it, yours stands in place of theirs.",
                differing({field: titles[field]}, theirs={field: stands}, mine={field: kept}, began={field: began}),
                over=stands,
            )
        document["fields"][field] = kept
        if part is None:
            act.write(db.minutes.write, number, json.dumps(document))
        else:
            act.write(db.minutes.write_part, part.id, *_sealed(document))
        act.note(minutes=number, step="edit", field=field, case=case)
        shown = shown_minutes(act, _row(act, number))
    return shown


def approve(session: Session, number: int, reason: Reason) -> MinutesShown:
    """Approve a draft under one's own signature; the version that was approved before it stays, replaced.

    Raises: NotFound, Refused (the minute-taker, whoever drafted it, or somebody who was not there).
    """
    with session.act(Operation.ADMINISTER, Thing.MINUTES, reason=reason) as act:
        row = _draft_row(act, number)
        stops = stops_of(act, row, panel_facts(act, row.panel_id))
        if stops:
            act.refuse("You cannot approve these minutes.", "\n".join([*stops, "Nothing was signed."]))
        at = stamp(session.clock.now())
        document = json.loads(row.document)
        document["parts"] = {str(case): digest for case, digest in act.read(db.minutes.digests, number).items()}
        _, signature = session.sign(signed(row, document, session.user.name, at))
        act.write(db.minutes.approve, number, json.dumps(document), session.user.name, at, signature)
        act.note(panel=row.panel_id, minutes=number, step="approve", version=row.version)
        shown = shown_minutes(act, _row(act, number))
    return shown


def correct(session: Session, panel_id: int, why: str, reason: Reason) -> MinutesShown:
    """Begin a new version from the approved one; that stands until the new one is approved.

    Raises: InputRejected (no reason), NotFound, Refused.
    """
    words = clean(why)
    if not is_a_reason(words):
        raise InputRejected("Say what is to be corrected.", f"Nothing was changed. {HINT}")
    with session.act(_writing(session), Thing.MINUTES, reason=reason, typed=words) as act:
        _must_write(act, panel_facts(act, panel_id))
        rows = act.read(db.minutes.versions, panel_id)
        if not rows or rows[0].status != APPROVED:
            act.refuse("Only approved minutes are corrected.", "Nothing was changed.", "A draft is edited.")
        before = json.loads(rows[0].document)
        # Why is what was typed, sealed beside the trail: it goes with whomever it may name, and these are they.
        act.concerns(act.read(db.minutes.pseudonyms, panel_id))
        number = _new(act, panel_id, rows, before["fields"])
        for part in act.read(db.minutes.parts, rows[0].id):
            document = json.loads(part.document) | {"salt": secrets.token_hex(16)}
            act.write(db.minutes.add_part, number, part.panel_case_id, part.profile_id, *_sealed(document))
        act.note(panel=panel_id, minutes=number, step="correct")
        shown = shown_minutes(act, _row(act, number))
    return shown


def mark_sent(session: Session, number: int, what: str, reason: Reason) -> None:
    """Keep that actions or minutes went out; the first time counts."""
    with session.act(Operation.ALTER, Thing.MINUTES, reason=reason) as act:
        act.write(db.minutes.sent, number, what, stamp(session.clock.now()))
        act.note(minutes=number, step=f"{what} sent")


def _new(act: Act, panel_id: int, rows: list[MinutesRow], fields: Mapping[str, str]) -> int:
    document = json.dumps({"v": 1, "fields": dict(fields)})
    version = rows[0].version + 1 if rows else 1
    by, at = act.session.user.name, stamp(act.session.clock.now())
    return act.write(db.minutes.add, panel_id, version, document, by, at)


def _add_part(act: Act, number: int, case: Case) -> None:
    document = {"v": 1, "fields": of_a_case(act, case), "salt": secrets.token_hex(16)}
    act.write(db.minutes.add_part, number, case.number, case.profile_id, *_sealed(document))


def _sealed(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return a part as it is kept, and its digest; its salt goes with the person, and the digest then tells nothing."""
    text = json.dumps(document, sort_keys=True)
    return text, hashlib.sha256(text.encode()).hexdigest()


def _row(act: Act, number: int) -> MinutesRow:
    row = act.read(db.minutes.by_id, number)
    if row is None:
        raise NotFound("There are no such minutes.", "Nothing was shown or changed.", "kingshurst minutes show")
    return row


def _writing(session: Session) -> Operation:
    """Return what writing minutes is, by the table of roles: a supervisor may chair, and then has a word in them."""
    return Operation.ALTER if session.may(Operation.ALTER, Thing.MINUTES) else Operation.ADMINISTER


def _may_write(act: Act, panel: Panel, profile_id: int | None = None) -> bool:
    """Say whether minutes are the acting user's to write: the minute-taker's, and the chair's.

    The part about a restricted case is for whoever was there and is on its list. Where neither of the two may sign in
    any more, minutes fall to whoever prepares panels.
    """
    me, officers = act.session.user, (panel.minute_taker, panel.chair)
    if me.name in officers:
        return True
    if profile_id is not None and act.read(db.case_access.standing, profile_id) is not None:
        return any(each.user_name == me.name and each.counts for each in members(act, panel.number))
    return me.role is Role.COORDINATOR and not any(
        user.name in officers and user.status == "active" for user in act.read(db.users.every)
    )


def _must_write(act: Act, panel: Panel, profile_id: int | None = None) -> None:
    """Stop an act of somebody whose minutes these are not. Raises: Refused."""
    if not _may_write(act, panel, profile_id):
        act.refuse(
            "These minutes are not yours to write.",
            "Nothing was changed.",
            f"{panel.minute_taker} takes them, and {panel.chair}, who chaired, may change them.",
        )


def _draft_row(act: Act, number: int) -> MinutesRow:
    row = _row(act, number)
    panel_facts(act, row.panel_id)
    if row.status != DRAFT:
        raise Refused(f"This version is {STATUSES[row.status]}.", "Nothing was changed.", "Correct the approved one.")
    return row


def _part(act: Act, row: MinutesRow, case: int) -> PartRow:
    for part in act.read(db.minutes.parts, row.id):
        if part.panel_case_id == case and not is_out(act, row.panel_id, part.profile_id):
            return part
    raise NotFound("These minutes say nothing of that case.", "Nothing was changed.", "Check its number.")
