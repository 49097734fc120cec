"""What an undone link or a recall reopened: consents, grounds, flags and decisions that rested on who a person was."""

from __future__ import annotations

from dataclasses import dataclass

import db.case_reading
import db.reopenings
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, NotFound, StaleRecord
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, Thing


@dataclass(frozen=True, slots=True)
class Reopened:
    """One thing to look at again.

    Attributes:
        thing: "consent", "ground", "flag", "decision", "action", "restricted-note", or "profile" where somebody
            reported a wrong person.
        thing_number: its number.
        because: why, in words. What was typed of a wrong person is for those who may part a profile, and on a mask
            for nobody else.
    """

    number: int
    pseudonym: str
    thing: str
    thing_number: int
    because: str
    reopened_at: str


def waiting(session: Session, reason: Reason) -> tuple[Reopened, ...]:
    """Return what nobody has looked at since it was reopened, the oldest first. Raises: Refused."""
    with session.act(Operation.CONSULT, Thing.LINK, reason=reason) as act:
        rows = act.read(db.reopenings.waiting)
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows})
        act.concerns(person.pseudonym for person in people.values())
        act.note(reopened=len(rows))
        words = session.may(Operation.ALTER, Thing.LINK)
        found = tuple(
            Reopened(
                row.id,
                person.pseudonym,
                row.thing,
                row.thing_id,
                row.because if words or row.thing != Thing.PROFILE or person.is_open else "",
                row.reopened_at,
            )
            for row in rows
            if (person := people.get(row.profile_id)) is not None
        )
    return found


def looked_at(session: Session, number: int, reason: Reason) -> None:
    """Record that somebody has looked at a reopened thing and leaves it as it stands.

    Raises: NotFound, StaleRecord (somebody else has), Refused.
    """
    with session.act(Operation.ALTER, Thing.LINK, reason=reason) as act:
        row = next((each for each in act.read(db.reopenings.waiting) if each.id == number), None)
        done = act.read(db.reopenings.settled, number) if row is None else None
        if done is not None:
            said = [Changed("", f"{done[1]} {done[2]}", "reopened", "looked at", "looked at")]
            raise StaleRecord("Somebody has looked at this already.", "Nothing was changed.", "", said, by=done[0])
        if row is None:
            raise NotFound("There is nothing reopened under that number.", "Nothing was changed.", "Check it.")
        person = act.read(db.case_reading.by_id, row.profile_id)
        act.concerns([person.pseudonym] if person else [])
        act.write(db.reopenings.settle, number, session.user.name, stamp(session.clock.now()))
        act.note(thing=row.thing, number=row.thing_id)


def dealt_with(act: Act, thing: str, number: int) -> None:
    """Take a thing off the list because it was matched, confirmed or decided anew, in that act."""
    session = act.session
    act.write(db.reopenings.settle_thing, thing, number, session.user.name, stamp(session.clock.now()))
