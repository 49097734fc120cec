"""Grounds for going on without a person's agreement: who, why, until when, and a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import db.case_reading
import db.case_writing
import db.grounds
import db.openings
import db.users
from db.grounds import GroundRow
from db.openings import OpeningRow
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework.profiles_found import found, written_out
from kingshurst_tui.casework.reopenings import dealt_with
from kingshurst_tui.casework.words_needed import is_a_reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, StaleRecord
from kingshurst_tui.intake.text import clean
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing

KINDS = {
    "safeguarding": "safeguarding",
    "statutory-review": "a statutory review",
    "cannot-safely-be-asked": "the person cannot safely be asked",
    "vital-interests": "vital interests: opens at once, and closes after 24 hours without a second person",
}
"""What lets the partnership go on without agreement."""

AT_ONCE = "vital-interests"
SECOND_PERSON_WITHIN = timedelta(hours=24)
NOT_ALONE_FOR = timedelta(days=30)
"""How long after a refusal, or after 24 hours that nobody confirmed, nobody opens that profile alone again."""
RENEWED_WITHIN = timedelta(days=28)
"""How long before the last day of a ground another of its kind may be recorded to follow it."""
LONGEST_DAYS = 366
"""Nobody's profile stays open on a ground for longer than this without somebody saying so anew."""

PROPOSED, UNCONFIRMED, EFFECTIVE, REFUSED, ENDED = "proposed", "unconfirmed", "effective", "refused", "ended"


@dataclass(frozen=True, slots=True)
class GroundShown:
    """One ground.

    Attributes:
        why: as it was typed; empty on a mask, which bears no name, except to the second person who is to agree.
        status: "proposed" (nothing is open yet), "unconfirmed" (open for 24 hours), "effective", "refused", "ended",
            or "reopened" after a link was undone.
        confirm_by: until when a second person must have agreed, for vital interests.
    """

    number: int
    pseudonym: str
    purpose: str
    kind: str
    why: str
    until: date
    recorded_by: str
    recorded_at: str
    second_person: str
    second_at: str
    status: str
    confirm_by: datetime | None


def propose(session: Session, pseudonym: str, kind: str, why: str, until: date, reason: Reason) -> GroundShown:
    """Record a ground. It opens nothing before a second person agrees, except for vital interests.

    Vital interests open nothing alone either where somebody refused a ground for this person, or nobody confirmed one
    within its 24 hours, in the last NOT_ALONE_FOR: then the second person comes first.

    Raises: InputRejected, NotFound, Refused (a ground of this kind stands or waits already).
    """
    words, today = clean(why), session.clock.today()
    wrong = []
    if kind not in KINDS:
        wrong.append(f"ground: is none of {', '.join(KINDS)}")
    if not is_a_reason(words):
        wrong.append("why: say it in a sentence")
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        wrong.append("until: must lie within a year from today")
    if wrong:
        raise InputRejected(
            "The ground was not recorded.", "Nothing was changed.\n" + "\n".join(wrong), "Correct these.", tuple(wrong)
        )
    with session.act(Operation.COLLECT, Thing.GROUND, reason=reason) as act:
        row = found(act, written_out(pseudonym))
        act.concerns([row.pseudonym])
        now = session.clock.now()
        earlier = act.read(db.grounds.of_profile, row.profile_id)
        _one_at_a_time(act, kind, [each for each in earlier if each.purpose == session.purpose])
        at_once = kind == AT_ONCE and not any(_was_not_agreed(each, now) for each in earlier)
        number = act.write(
            db.grounds.add,
            profile_id=row.profile_id,
            purpose=session.purpose,
            kind=kind,
            why=words[:4_000],
            until=until.isoformat(),
            recorded_by=session.user.name,
            recorded_at=stamp(now),
            status=UNCONFIRMED if at_once else PROPOSED,
        )
        if at_once:
            opening = OpeningRow(
                row.profile_id, session.purpose, today.isoformat(), until.isoformat(), "ground", number
            )
            act.write(db.openings.put_opening, opening, unless_confirmed_by=stamp(now + SECOND_PERSON_WITHIN))
            act.write(db.users.bump, "sight")
        act.write(db.case_writing.raise_version, [row.profile_id])
        act.note(ground=number, kind=kind, until=until.isoformat())
        shown = shown_ground(_kept(act, number), row.pseudonym, words=True)
    return shown


def confirm(session: Session, number: int, reason: Reason) -> GroundShown:
    """Agree, as the second person, to a ground that somebody else recorded; the profile opens from now.

    Raises: NotFound, StaleRecord (somebody settled it), Refused (the same person recorded it, or its last day has
        passed).
    """
    with session.act(Operation.ALTER, Thing.GROUND, reason=reason) as act:
        ground, pseudonym = _waiting(act, number)
        today = session.clock.today().isoformat()
        if ground.recorded_by == session.user.name:
            act.refuse(
                "The second person must be somebody else.",
                "Nothing was opened.",
                "Ask a coordinator, a supervisor or a governance officer.",
            )
        if ground.until < today:
            act.refuse("The ground's last day has passed.", "Nothing was opened.", "Record it anew if it still holds.")
        act.write(db.grounds.set_status, number, EFFECTIVE)
        act.write(db.grounds.put_second_person, number, session.user.name, stamp(session.clock.now()))
        act.write(
            db.openings.put_opening,
            OpeningRow(ground.profile_id, ground.purpose, today, ground.until, "ground", number),
        )
        act.write(db.users.bump, "sight")
        act.write(db.case_writing.raise_version, [ground.profile_id])
        dealt_with(act, "ground", number)
        act.note(ground=number, kind=ground.kind, until=ground.until)
        shown = shown_ground(_kept(act, number), pseudonym, words=True)
    return shown


def refuse(session: Session, number: int, reason: Reason) -> None:
    """Say no, as the second person, to a ground: what it held open closes now.

    Raises: NotFound, StaleRecord (somebody settled it), Refused (the same person recorded it; they end it instead).
    """
    with session.act(Operation.ALTER, Thing.GROUND, reason=reason) as act:
        ground, _ = _waiting(act, number)
        if ground.recorded_by == session.user.name:
            act.refuse("The second person must be somebody else.", "Nothing was changed.")
        act.write(db.grounds.put_second_person, number, session.user.name, stamp(session.clock.now()))
        _close(act, ground, REFUSED)


def end(session: Session, number: int, reason: Reason) -> None:
    """End a ground from today, because it no longer holds; anybody who may look at grounds can.

    Raises: NotFound, Refused.
    """
    with session.act(Operation.ALTER, Thing.GROUND, reason=reason) as act:
        ground = act.read(db.grounds.by_id, number)
        if ground is None:
            raise _no_such()
        person = act.read(db.case_reading.by_id, ground.profile_id)
        act.concerns([person.pseudonym] if person else [])
        if ground.status in (REFUSED, ENDED):
            raise _settled(ground, person.pseudonym if person else "")
        _close(act, ground, ENDED)


def opened_at_once(act: Act) -> tuple[GroundShown, ...]:
    """Return whom vital interests opened, or would have, lately and what came of it; the latest first.

    What was typed is left out: a list over many people is no place for it.
    """
    since = stamp(act.session.clock.now() - NOT_ALONE_FOR)
    rows = act.read(db.grounds.of_kind_since, AT_ONCE, since)
    people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
    return tuple(
        shown_ground(row, people[row.profile_id].pseudonym, words=False) for row in rows if row.profile_id in people
    )


def fate(ground: GroundShown) -> str:
    """Return what came of a ground, in words."""
    if ground.status == ENDED and not ground.second_person:
        return "ended without a second person"
    return {
        PROPOSED: "waits for a second person before it opens",
        UNCONFIRMED: "open, waits for a second person",
        EFFECTIVE: f"{ground.second_person} agreed",
        REFUSED: f"{ground.second_person} refused",
        ENDED: f"{ground.second_person} agreed, ended since",
    }.get(ground.status, ground.status)


def waiting(session: Session, reason: Reason) -> tuple[GroundShown, ...]:
    """Return the grounds that need a second person, the oldest first."""
    with session.act(Operation.CONSULT, Thing.GROUND, reason=reason) as act:
        rows = act.read(db.grounds.waiting)
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
        act.concerns(person.pseudonym for person in people.values())
        act.note(waiting=len(rows))
        shown = tuple(
            shown_ground(row, person.pseudonym, words=bool(person.is_open) or row.recorded_by != session.user.name)
            for row in rows
            if (person := people.get(row.profile_id)) is not None
        )
    return shown


def shown_ground(row: GroundRow, pseudonym: str, *, words: bool) -> GroundShown:
    """Return a ground as it is shown, with what was typed only where ``words`` may be read."""
    confirm_by = None
    if row.status == UNCONFIRMED:
        confirm_by = datetime.fromisoformat(row.recorded_at) + SECOND_PERSON_WITHIN
    return GroundShown(
        row.id,
        pseudonym,
        row.purpose,
        row.kind,
        row.why if words else "",
        date.fromisoformat(row.until),
        row.recorded_by,
        row.recorded_at,
        row.second_person or "",
        row.second_at or "",
        row.status,
        confirm_by,
    )


def _one_at_a_time(act: Act, kind: str, earlier: Sequence[GroundRow]) -> None:
    soon = (act.session.clock.today() + RENEWED_WITHIN).isoformat()
    today = act.session.clock.today().isoformat()
    for each in earlier:
        waits = each.status in (PROPOSED, UNCONFIRMED, "reopened") and each.until >= today
        stands = each.status == EFFECTIVE and each.until > soon
        if each.kind == kind and (waits or stands):
            act.refuse(
                f"Ground {each.id} of this kind {'waits for a second person' if waits else 'stands'} already.",
                "Nothing was recorded.",
                f"It can be followed by another in the {RENEWED_WITHIN.days} days before its last."
                if stands
                else "Ask a second person to look at it.",
            )


def _was_not_agreed(ground: GroundRow, now: datetime) -> bool:
    """Say whether a second person said no, or none came in time, not long ago."""
    if ground.status == REFUSED:
        return datetime.fromisoformat(ground.second_at or ground.recorded_at) > now - NOT_ALONE_FOR
    if ground.kind != AT_ONCE or ground.status != ENDED or ground.second_person:
        return False
    return datetime.fromisoformat(ground.recorded_at) + SECOND_PERSON_WITHIN > now - NOT_ALONE_FOR


def _waiting(act: Act, number: int) -> tuple[GroundRow, str]:
    ground = act.read(db.grounds.by_id, number)
    if ground is None:
        raise _no_such()
    person = act.read(db.case_reading.by_id, ground.profile_id)
    if person is None:
        raise _no_such()
    act.concerns([person.pseudonym])
    if ground.status not in (PROPOSED, UNCONFIRMED, "reopened"):
        raise _settled(ground, person.pseudonym)
    return ground, person.pseudonym


def _settled(ground: GroundRow, pseudonym: str) -> StaleRecord:
    """Say what became of a ground that somebody else settled first; a second word on it would be another ground."""
    return StaleRecord(
        f"Ground {ground.id} is settled already.",
        "Nothing was changed.",
        "Look at it again. If it should still hold, record it anew.",
        [Changed("", f"Ground {ground.id}", "", fate(shown_ground(ground, pseudonym, words=False)), "your answer")],
        by=ground.second_person or "",
    )


def _kept(act: Act, number: int) -> GroundRow:
    ground = act.read(db.grounds.by_id, number)
    if ground is None:
        raise _no_such()
    return ground


def _no_such() -> NotFound:
    return NotFound("There is no such ground waiting.", "Nothing was changed.", "Check its number.")


def _close(act: Act, ground: GroundRow, status: str) -> None:
    yesterday = (act.session.clock.today() - timedelta(days=1)).isoformat()
    act.write(db.grounds.set_status, ground.id, status)
    act.write(db.openings.close_opening, "ground", ground.id, yesterday)
    act.write(db.users.bump, "sight")
    act.write(db.case_writing.raise_version, [ground.profile_id])
    dealt_with(act, "ground", ground.id)
    act.note(ground=ground.id, status=status)
