"""What somebody was writing when the screen locked: theirs alone, until it is sent or given up.

Each terminal keeps a draft of its own, so that nobody who writes at two of them writes over themselves. A form begins
with the latest and takes the others over, unless they differ; then all are kept until their writer has chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.decisions
from db.decisions import AT, DraftRow
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.session import Session
    from kingshurst_tui.vocabulary import Operation, Thing


@dataclass(frozen=True, slots=True)
class Kept:
    """What the user was writing at one terminal.

    Attributes:
        slot: where it is kept; of one terminal.
        document: as it is kept, to tell later whether the other terminal wrote on.
        over_version: the version of what it was begun over.
    """

    slot: str
    document: str
    saved_at: str
    over_version: int = 0

    @property
    def written(self) -> dict[str, Any]:
        """What was written, as it was handed over to be kept."""
        found: dict[str, Any] = json.loads(self.document)
        return found


def of(act_or_connection: Connection, name: str, thing_id: int) -> tuple[Kept, ...]:
    """Return what the acting user was writing in one form, at each terminal that says something else."""
    rows = db.decisions.drafts_of(act_or_connection, name, thing_id)
    return tuple(_kept(row) for row in rows)


def parted(kept: Sequence[Kept]) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    """Return the drafts that a form begins with (the latest, and all that say the same), and those that say else."""
    same = tuple(each for each in kept if each.document == kept[0].document)
    return same, tuple(each for each in kept if each.document != kept[0].document)


def keep(
    session: Session,
    operation: Operation,
    thing: Thing,
    name: str,
    thing_id: int,
    written: Mapping[str, Any],
    *,
    over_version: int = 0,
    begun: Sequence[Kept] = (),
) -> tuple[Kept, ...]:
    """Keep what was typed so far at this terminal; call it as people type. It survives a lock and a kill.

    Args:
        session: whose draft.
        operation: what sending the form will do; who may not do it keeps no draft of it.
        thing: to what kind of thing.
        name: of the form.
        thing_id: about whom (a profile's id), 0 where nobody is known yet.
        written: what was typed, as JSON takes it.
        over_version: the version of what it was begun over.
        begun: the drafts that the form began with; this one stands for them from now on, unless one was written on.

    Returns:
        What other terminals of this user say and ``begun`` does not; they stay as they are.

    Raises: Refused, NotFound (whom it is about was erased meanwhile), StoreUnavailable.
    """

    def write(connection: Connection) -> tuple[Kept, ...]:
        return keep_in(connection, session, name, thing_id, written, over_version=over_version, begun=begun)

    return session.stage(operation, thing, write)


def keep_in(
    connection: Connection,
    session: Session,
    name: str,
    thing_id: int,
    written: Mapping[str, Any],
    *,
    over_version: int = 0,
    begun: Sequence[Kept] = (),
) -> tuple[Kept, ...]:
    """Do so inside a transaction that is under way. Raises: NotFound (whom it is about was erased meanwhile)."""
    if not db.decisions.can_be_drafted(connection, name, thing_id):
        raise NotFound(
            "What you write about is no longer in the store.",
            "What was kept of it went along, and nothing more is kept.",
            "Close the form.",
        )
    document = json.dumps(dict(written), ensure_ascii=False)
    now, slot = stamp(session.clock.now()), _slot(session, name)
    others = _without(connection, session, name, thing_id, begun)
    db.decisions.save_draft(connection, session.user.name, slot, thing_id, document, now, over_version)
    return tuple(each for each in others if each.document != document)


def forget(
    session: Session, operation: Operation, thing: Thing, name: str, thing_id: int, begun: Sequence[Kept] = ()
) -> None:
    """Forget what was written here; what another terminal says stays. Raises: Refused, StoreUnavailable."""
    session.stage(operation, thing, drop, session, name, thing_id, begun)


def drop(connection: Connection, session: Session, name: str, thing_id: int, begun: Sequence[Kept] = ()) -> None:
    """Do so inside a transaction that is under way: what was written is signed or sent."""
    _without(connection, session, name, thing_id, begun)
    db.decisions.drop_draft(connection, session.user.name, _slot(session, name), thing_id)


def _without(
    connection: Connection, session: Session, name: str, thing_id: int, begun: Sequence[Kept]
) -> tuple[Kept, ...]:
    """Let go of the drafts that this form began with and nobody wrote on; return the other terminals'."""
    taken, here = {(each.slot, each.document) for each in begun}, _slot(session, name)
    others = []
    for each in of(connection, name, thing_id):
        if each.slot == here:
            continue
        if (each.slot, each.document) in taken:
            db.decisions.drop_draft(connection, session.user.name, each.slot, thing_id)
        else:
            others.append(each)
    return tuple(others)


def _slot(session: Session, name: str) -> str:
    return f"{name}{AT}{session.mark}"


def _kept(row: DraftRow) -> Kept:
    return Kept(row.thing, row.document, row.saved_at, row.over_version)
