"""What is written in the room: a field a row, kept as it is typed, merged by field and version.

Saving adds no entry to the trail: opening the case in the room has added one, signing the decision adds another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.case_reading
import db.panel_notes
import db.panel_room
from db.panel_notes import NoteRow
from kingshurst_tui.casework import drafts
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import Changed, InputRejected, NotFound, Refused
from kingshurst_tui.terminal_text import safe_text
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.panel_room import PanelRow
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session

FIELDS = {
    "said": "What was said",
    "matters": "Strengths, and what matters to the person",
    "find-out": "Still to find out",
}
"""The fields of a case's notes, in their order."""

LONGEST = 20_000
"""Letters in one field."""

WRITTEN_WHILE = frozenset({"preparing", "open"})
"""How a meeting stands while notes are taken; once it is closed they are what the minutes are drafted from."""


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One field of the notes.

    Attributes:
        version: what a change of it is written over; 0 where nothing was written yet.
        waiting: what this user wrote over it and somebody was quicker; both are kept until they choose.
        kept: the drafts in which it lies; hand them back with what is typed.
    """

    field: str
    title: str
    words: str
    written_by: str
    written_at: str
    version: int
    waiting: str | None = None
    kept: tuple[drafts.Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in one field.

    Attributes:
        over: the version that stood there when they began, and ``began`` its words.
        begun: the drafts that this stands for from now on.
        sent: what this terminal was keeping in the field when it was typed; should that have come first, it is theirs.
    """

    words: str
    over: int
    began: str = ""
    begun: tuple[drafts.Kept, ...] = ()
    sent: str | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """One field in which somebody else was quicker; neither version is lost.

    Attributes:
        version: to write over, once the writer has seen theirs.
    """

    changed: Changed
    by: str
    version: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of keeping notes.

    Attributes:
        versions: of the fields that were kept.
        clashes: fields that were not, because somebody else was quicker; what was typed there lies in a draft.
        counter: the meeting's counter after it.
        before: the counter before it.
    """

    versions: Mapping[str, int]
    clashes: tuple[Clash, ...]
    counter: int
    before: int


def of_case(act: Act, case_id: int) -> tuple[NoteShown, ...]:
    """Return every field of a case's notes, written or not, with what waits of this user's own."""
    return act.read(read, act.session, case_id)


def read(connection: Connection, session: Session, case_id: int) -> tuple[NoteShown, ...]:
    """Return the same in a reading that is under way (``session.read_on`` within the case)."""
    rows = {row.field: row for row in db.panel_notes.of_case(connection, case_id)}
    case = db.panel_room.case(connection, case_id)
    found = []
    for field, title in FIELDS.items():
        row = rows.get(field) or NoteRow(0, field, "", "", "", 0)
        kept = drafts.of(connection, _draft(case_id, field), case.profile_id) if case is not None else ()
        said = dict.fromkeys(str(each.written.get("words", "")) for each in reversed(kept))
        waiting = "\n".join(words for words in said if words != row.words) if kept else None
        found.append(
            NoteShown(field, title, row.words, row.written_by, row.written_at, row.version, waiting or None, kept)
        )
    return tuple(found)


def why_not(act: Act, panel: PanelRow, *, is_masked: bool) -> str:
    """Return why this user writes no notes on a case now; empty where they may."""
    if is_masked:
        return "No notes are taken on somebody whose profile is not open."
    return _why_not(act.session, panel)


def _why_not(session: Session, panel: PanelRow) -> str:
    if not session.may(Operation.ALTER, Thing.MINUTES):
        return f"The role of {session.user.role} reads the notes and writes none."
    if panel.status not in WRITTEN_WHILE:
        return f"The meeting is {panel.status.replace('-', ' ')}: its notes stand as they are."
    return ""


def keep(session: Session, panel_id: int, case_id: int, typed: Mapping[str, Typed]) -> Kept:
    """Keep what was typed on a case; call it as people type. It survives a lock, a kill and a power cut.

    Args:
        session: whose.
        panel_id: the meeting.
        case_id: the case.
        typed: by field.

    Returns:
        What was kept, and what clashes: a field that somebody else wrote meanwhile stays as they wrote it, and what
        was typed here lies beside it as this user's draft.

    Raises: InputRejected (too long), NotFound, Refused (the meeting is closed), StoreUnavailable.
    """
    for field, each in typed.items():
        if field not in FIELDS or len(each.words) > LONGEST:
            raise InputRejected(
                "The notes were not kept.",
                f"{FIELDS.get(field, field)} takes {LONGEST} letters. What stood there before stands.",
                "Shorten it.",
            )
    return session.stage(Operation.ALTER, Thing.MINUTES, _keep, session, panel_id, case_id, typed)


def _keep(connection: Connection, session: Session, panel_id: int, case_id: int, typed: Mapping[str, Typed]) -> Kept:
    panel, case = db.panel_room.panel(connection, panel_id), db.panel_room.case(connection, case_id)
    if panel is None or case is None or case.panel_id != panel.id:
        raise NotFound("There is no such case on this panel.", "Nothing was kept.")
    person = db.case_reading.by_id(connection, case.profile_id)
    if refused := _why_not(session, panel) or ("" if person and person.is_open else "The profile is not open."):
        raise Refused("The notes were not kept.", refused, "What you typed stays on the screen until you leave it.")
    if db.panel_room.steps_out(connection, panel_id, case.profile_id, session.user.name):
        raise Refused("The notes were not kept.", "You stepped out of this case.", "Others write them.")
    before = db.panel_notes.counter(connection, panel_id)
    rows = {row.field: row for row in db.panel_notes.of_case(connection, case_id)}
    versions: dict[str, int] = {}
    clashes: list[Clash] = []
    wrote = False
    for field, each in typed.items():
        words = safe_text(each.words)
        row = rows.get(field) or NoteRow(0, field, "", "", "", 0)
        if row.words == words:
            versions[field] = row.version
        elif row.version == each.over or _own(session, row, each):
            wrote = True
            versions[field] = row.version + 1
            note = NoteRow(row.id, field, words, session.user.name, stamp(session.clock.now()), row.version + 1)
            db.panel_notes.write(connection, case_id, case.profile_id, note)
        else:
            changed = Changed(field, FIELDS[field], each.began, row.words, words)
            clashes.append(Clash(changed, row.written_by, row.version))
            # Lost is nothing: it lies beside theirs as this user's own draft until they choose.
            drafts.keep_in(
                connection, session, _draft(case_id, field), case.profile_id, {"words": words}, begun=each.begun
            )
            continue
        drafts.drop(connection, session, _draft(case_id, field), case.profile_id, each.begun)
    counter = db.panel_notes.changed(connection, panel_id) if wrote else before
    return Kept(versions, tuple(clashes), counter, before)


def _own(session: Session, row: NoteRow, typed: Typed) -> bool:
    """Return whether what stands there is what this terminal was keeping a moment ago, and never heard of."""
    return (
        typed.sent is not None
        and row.version == typed.over + 1
        and row.written_by == session.user.name
        and row.words == safe_text(typed.sent)
    )


def _draft(case_id: int, field: str) -> str:
    return f"note-{case_id}-{field}"


def changed(act: Act, panel_id: int) -> None:
    """Say to the other terminals in the room that something of a meeting was changed."""
    act.write(db.panel_notes.changed, panel_id)
