"""People counted anew in pieces, after one short act showed what their incidents and flags now rest on.

The act that accepts or takes back a batch, or makes a rule live, keeps that it did (``begin``) and commits; then
``finish`` counts everybody concerned, some at a time, so that nobody else waits long for their turn. Until somebody is
counted their flags are as they were: whoever opens that person counts them first (``count_first``), and the agenda says
that a recount is under way. Each piece is right by itself, so counting somebody twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import db.batches
import db.profiles
import db.recounts
from db.recounts import RecountRow
from db.sight import combining
from kingshurst_tui.casework.recompute import Recomputed, recompute, would_change
from kingshurst_tui.clock import stamp
from kingshurst_tui.giving_way import GivingWay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

ACCEPTED, RECALLED, RULES, FLAGS = "accepted", "recalled", "rules", "flags"
"""Why people are counted anew."""

AT_ONCE = 100
"""People whom one transaction counts while nobody waits, at about 0.14 ms each (benchmarks/turns.py)."""

FEWEST = 4
"""People whom one transaction counts at least: counting anybody at all takes 6 ms, and each of them half a one more.
The first counts one, for it takes 15 ms to make ready."""

AT_OPENING = 400
"""People whom the opening of a store counts of what was cut off; the rest is for the next import, linking or run."""

is_loaded = False
"""Whether this process has loaded what counting takes (``load``)."""

_SAID = {
    ACCEPTED: "batch {} was accepted",
    RECALLED: "batch {} was taken back",
    RULES: "a set of rules was approved",
    FLAGS: "somebody asked for it",
}


def begin(act: Act, because: str, batch_id: int | None = None) -> int:
    """Keep, in the act that changes what flags rest on, that people are to be counted anew; return its number."""
    return act.write(db.recounts.begin, because, batch_id, stamp(act.session.clock.now()))


def finish(
    session: Session, number: int, *, within: str | None = None, tell: Callable[[int, int], None] | None = None
) -> Recomputed:
    """Count everybody whom a recount concerns, in pieces; return what changed altogether.

    Args:
        session: any; whoever began it was let in.
        number: of the recount.
        within: the name of the machine's act that began it, about everybody: then who would change is found first by
            reading, which keeps nobody waiting, and only they are counted.
        tell: told how many are counted, of how many.

    Raises: StoreUnavailable (it was cut off; the rest is counted later).
    """
    done = Recomputed(rules_ran=True, incidents=0, raised=0, corrected=0, withdrawn=0, superseded=0)
    with db.recounts.alone(session.store.folder):  # or beside somebody who is at another
        row = session.look(db.recounts.by_number, number)
        if row is None:
            return done
        if within is None:
            people = session.look(db.recounts.people, row)
        else:
            people = sorted(session.read_on(within, _would_change, session))
        load()
        first, way = 0, GivingWay(AT_ONCE, fewest=FEWEST, first=1)
        while first < len(people):
            piece = people[first : first + way.size]
            counted = session.carry_on(_piece, session, row, piece)
            if counted is None:
                return done
            done, first = done + counted, first + len(piece)
            way.after(session.store.turnstile.watched, len(piece))
            if tell is not None:
                tell(first, len(people))
        session.carry_on(db.recounts.end, number)
    return done


def _would_change(connection: Connection, session: Session) -> set[int]:
    with combining(connection):
        return would_change(session.within(connection))


def finish_pending(session: Session) -> None:
    """Count what an earlier process was killed in the middle of; for whoever does something as long anyway."""
    for row in session.look(db.recounts.pending):
        finish(session, row.id)


def go_on(session: Session) -> None:
    """Count some of what was cut off, unless somebody is at it; for the opening of a store."""
    rows = session.look(db.recounts.pending)
    if not rows:
        return
    load()
    with db.recounts.alone(session.store.folder) as nobody_else:
        left = AT_OPENING if nobody_else else 0
        for row in rows:
            people = session.look(db.recounts.people, row) if left else []
            first, way = 0, GivingWay(AT_ONCE, fewest=FEWEST, first=1)
            while first < min(left, len(people)):
                piece = people[first : first + way.size]
                session.carry_on(_piece, session, row, piece)
                first += len(piece)
                way.after(session.store.turnstile.watched, len(piece))
            if left and len(people) <= left:
                session.carry_on(db.recounts.end, row.id)
            left = max(0, left - len(people))


def load() -> None:
    """Load what counting takes before anybody has the turn: numpy alone is a tenth of a second."""
    global is_loaded
    from kingshurst_tui.casework import columns, consent_effects, flags, incidents  # noqa: F401
    from kingshurst_tui.linkage import profiles  # noqa: F401

    is_loaded = True


def count_first(act: Act, profile_id: int) -> None:
    """Count one person who is still to be counted, in the act that looks at them."""
    for row in act.read(db.recounts.pending):
        if act.read(db.recounts.waits, row, profile_id):
            with combining(act.connection):
                count(act, row.batch_id, [profile_id])


def said(connection: Connection) -> tuple[str, ...]:
    """Return what is being counted anew, in sentences for a list of many people."""
    return tuple(
        f"Flags are being counted anew: {_SAID[row.because].format(row.batch_id)}. Some here are still as before."
        for row in db.recounts.pending(connection)
    )


def count(act: Act, batch_id: int | None, people: Sequence[int]) -> Recomputed:
    """Bring a few people up to date: which records they still have, their consents, their incidents and flags.

    Args:
        act: an act, or a piece of one; with sight of all gated rows.
        batch_id: the batch that came or went; None where only a rule changed.
        people: profile ids.
    """
    if batch_id is not None:
        # These rooms ask this one; they are asked back when something came or went.
        from kingshurst_tui.casework import consent_effects
        from kingshurst_tui.linkage.profiles import withdraw_records

        leaving = act.read(db.batches.without_details, batch_id, people)
        if leaving:
            withdraw_records(act, leaving)
        act.write(db.profiles.touch, people)
        consent_effects.rematch(act, people)
    return recompute(act, people)


def _piece(connection: Connection, session: Session, row: RecountRow, people: Sequence[int]) -> Recomputed | None:
    if db.recounts.by_number(connection, row.id) is None:
        return None  # somebody else has come to its end
    done = count(session.within(connection), row.batch_id, people)
    db.recounts.advance(connection, row.id, people[-1])
    return done
