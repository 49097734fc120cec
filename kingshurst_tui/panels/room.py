"""The room: what stands on the panel's screen for one case, and the agenda beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_reading
import db.panel_notes
import db.panel_room
from kingshurst_tui.acts import Act, Reason
from kingshurst_tui.casework import approach
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import NotFound
from kingshurst_tui.panels import notes, room_parts
from kingshurst_tui.panels.notes import NoteShown
from kingshurst_tui.panels.room_case import RoomCase
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.case_reading import MaskedRow
    from db.panel_room import CaseRow, LineRow, PanelRow
    from kingshurst_tui.session import Session

PANEL = Reason(ReasonCode.PANEL)

RUNNING = "open"
"""How a meeting stands that is being held."""


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One case on the agenda, by pseudonym alone.

    Attributes:
        place: its number, from 1, by which it is jumped to.
        minutes: how long it is meant to take; ``seconds`` is how long it was before the panel.
    """

    case_id: int
    place: int
    pseudonym: str
    status: str
    minutes: int
    seconds: int
    decision_id: int | None
    is_masked: bool
    is_revealed: bool
    version: int


@dataclass(frozen=True, slots=True)
class RoomAgenda:
    """A meeting and its cases in their order.

    Attributes:
        lock_minutes: rest after which the room's screen locks, by the meeting's own policy.
    """

    panel_id: int
    title: str
    held_on: str
    status: str
    lock_minutes: int
    chair: str
    minute_taker: str
    lines: tuple[AgendaLine, ...]


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case opened in the room, with what was written on it so far.

    Attributes:
        counter: what the meeting's counter said; when it says another, somebody changed something.
        may_write: whether this user may write notes on it now, and why not otherwise.
    """

    case: RoomCase
    notes: tuple[NoteShown, ...]
    seconds: int
    counter: int
    may_write: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a terminal in the room hears of the others.

    Attributes:
        notes: those of the case in view; with the agenda only where something was changed.
    """

    counter: int
    status: str
    seconds: int
    notes: tuple[NoteShown, ...] = ()
    agenda: RoomAgenda | None = None


def within(panel_id: int, case_id: int = 0) -> str:
    """Return what consultations of a case, or of the agenda, belong to: one entry a session, however often it turns."""
    return f"panel/{panel_id}/{case_id}" if case_id else f"panel/{panel_id}"


def being_held(session: Session) -> int:
    """Return the meeting that is being held for the session's purpose, else the next in preparation, else 0."""
    return session.look(db.panel_room.being_held, session.purpose)


def agenda(session: Session, panel_id: int) -> RoomAgenda:
    """Return a meeting and its cases in their order; one entry names the pseudonyms on it.

    Raises: NotFound, Refused.
    """
    place = within(panel_id)
    with session.act(Operation.CONSULT, Thing.PANEL, reason=PANEL, facts={"panel": panel_id}, within=place) as act:
        found = act.read(_agenda, panel_id, session.purpose)
        act.concerns(line.pseudonym for line in found.lines)
    return found


def tell(session: Session, panel_id: int) -> None:
    """Say to the other terminals that something was changed by a room that knows no meetings (an action was added).

    Raises: Refused, StoreUnavailable.
    """
    session.stage(Operation.ALTER, Thing.MINUTES, db.panel_notes.changed, panel_id)


def hear(session: Session, panel_id: int, case_id: int, counter: int) -> Heard:
    """Return whether anything of a meeting was changed since the counter said so, and what; it writes nothing.

    Ask it every second: it reads one row where nothing was changed. The case must have been opened here.

    Raises: NotFound, Refused, StoreUnavailable.
    """
    return session.read_on(within(panel_id, case_id), _hear, session, panel_id, case_id, counter)


def _hear(connection: Connection, session: Session, panel_id: int, case_id: int, counter: int) -> Heard:
    pulse = db.panel_notes.pulse(connection, panel_id, case_id)
    if pulse.counter == counter:
        return Heard(*pulse)
    return Heard(*pulse, notes.read(connection, session, case_id), _agenda(connection, panel_id, session.purpose))


def open_case(session: Session, panel_id: int, case_id: int) -> OpenedCase:
    """Open one case in the room: one entry, and none for coming back to it.

    Raises: NotFound, Refused (whoever has stepped out of the case is not shown it).
    """
    facts = {"panel": panel_id, "case": case_id}
    with session.act(
        Operation.CONSULT, Thing.PANEL, reason=PANEL, facts=facts, within=within(panel_id, case_id)
    ) as act:
        panel, case, _ = _found(act, case_id)
        if panel.id != panel_id:
            raise _no_case()
        if act.read(db.panel_room.steps_out, panel.id, case.profile_id, session.user.name):
            act.refuse(
                "You have stepped out of this case.",
                "An interest of yours is recorded. Nothing was shown.",
                "The chair goes on without you; the next case is yours again.",
            )
        if panel.status == RUNNING and case.opened_at is None and session.may(Operation.ALTER, Thing.MINUTES):
            act.write(db.panel_room.first_before_panel, case.id, stamp(session.clock.now()))
            act.write(db.panel_notes.changed, panel.id)
        read = shown(act, case_id)
        act.note(masked=read.is_masked)
        why_not = notes.why_not(act, panel, is_masked=read.is_masked)
        opened = OpenedCase(
            read,
            notes.of_case(act, case_id),
            case.seconds,
            act.read(db.panel_notes.counter, panel.id),
            not why_not,
            why_not,
        )
    return opened


def shown(act: Act, case_id: int) -> RoomCase:
    """Return everything that the room's screen shows of a case; it writes nothing and enters nothing of its own.

    Raises: NotFound.
    """
    panel, case, row = _found(act, case_id)
    act.concerns([row.pseudonym])
    lines = act.read(db.panel_room.lines, panel.id)
    order = [line.id for line in lines]
    sources = act.read(known_sources)
    is_open = bool(row.is_open)
    flags = room_parts.flags(act, row)
    parts = room_parts.opened(act, panel.id, case, row, sources) if is_open else room_parts.masked(act, row, sources)
    return RoomCase(
        panel_id=panel.id,
        case_id=case.id,
        profile_id=row.profile_id,
        pseudonym=row.pseudonym,
        place=order.index(case.id) + 1 if case.id in order else 0,
        of=len(order),
        minutes=case.minutes,
        question=case.question,
        brought_by=case.brought_by,
        brought=room_parts.brought(act, case),
        is_masked=not is_open,
        under_18=None if row.under_18 is None else bool(row.under_18),
        do_not_approach=bool(row.do_not_approach),
        approach=tuple(
            f"{'! ' if word.kind == approach.DO_NOT else ''}{word.in_words()}"
            for word in approach.of_profile(act, row.profile_id)
        ),
        flags=flags,
        unknown=room_parts.unknown(flags, parts.agencies),
        revealed_at=case.revealed_at or "",
        status=case.status,
        status_why=case.status_why,
        decision_id=case.decision_id,
        version=case.version,
        profile_version=row.version,
        **parts.as_fields(),
    )


def _agenda(connection: Connection, panel_id: int, purpose: str) -> RoomAgenda:
    panel = db.panel_room.panel(connection, panel_id)
    if panel is None or panel.purpose != purpose:
        raise NotFound("There is no such meeting.", "Nothing was shown.", "The list of meetings says which there are.")
    lines = tuple(_line(number, row) for number, row in enumerate(db.panel_room.lines(connection, panel_id), start=1))
    return RoomAgenda(
        panel.id,
        panel.title,
        panel.held_on,
        panel.status,
        panel.lock_minutes,
        panel.chair,
        panel.minute_taker,
        lines,
    )


def _line(number: int, row: LineRow) -> AgendaLine:
    return AgendaLine(
        row.id,
        number,
        row.pseudonym,
        row.status,
        row.minutes,
        row.seconds,
        row.decision_id,
        not row.is_open,
        row.revealed_at is not None,
        row.version,
    )


def _found(act: Act, case_id: int) -> tuple[PanelRow, CaseRow, MaskedRow]:
    case = act.read(db.panel_room.case, case_id)
    row = act.read(db.case_reading.by_id, case.profile_id) if case is not None else None
    panel = act.read(db.panel_room.panel, case.panel_id) if case is not None else None
    if case is None or row is None or panel is None or panel.purpose != act.session.purpose:
        raise _no_case()
    return panel, case, row


def _no_case() -> NotFound:
    return NotFound("There is no such case on this panel.", "Nothing was shown.", "The agenda says which there are.")
