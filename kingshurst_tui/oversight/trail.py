"""The audit trail as supervisors read it: filtered, paged, verified. Reading it is itself in the trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

import db.audit
import db.audit_verification
from db.audit import TrailFilter
from db.audit_verification import Verification
from db.vault import read_header
from kingshurst_tui.session import Reason, Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

__all__ = [
    "LIMITS_OF_USE",
    "TrailFilter",
    "TrailLine",
    "TrailPage",
    "Verification",
    "more_of_trail",
    "open_trail",
    "verify_trail",
]

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)

LIMITS_OF_USE = (
    "The log may be used to check that processing is lawful, for self-monitoring, for integrity and security, and for "
    "criminal proceedings (DPA 2018 s.62(4)); not to manage anybody's performance."
)
"""Shown wherever the trail is read."""


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry as people read it.

    Attributes:
        subjects: pseudonyms of the people it was about.
        words: what was typed, where it was and still is.
    """

    seq: int
    time: str
    actor: str
    role: str
    agency: str
    operation: str
    thing: str
    subjects: tuple[str, ...]
    purpose: str
    reason: str
    result: str
    facts: dict[str, Any]
    words: str | None = None


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some entries, the newest first, and how many the filter leaves in all."""

    lines: tuple[TrailLine, ...]
    total: int


def open_trail(session: Session, wanted: TrailFilter, *, before: int | None = None, limit: int = 200) -> TrailPage:
    """Read a page of the trail. Raises: Refused for all but supervisors and information governance."""
    facts = {
        "before": before,
        "limit": limit,
        "by_actor": wanted.actor or None,
        "by_result": wanted.result or None,
    }
    with session.act(Operation.CONSULT, Thing.AUDIT, reason=_OVERSIGHT, facts=dict(facts), within="trail") as act:
        if wanted.pseudonym:
            act.note(by_subject=wanted.pseudonym)
        found = act.read(db.audit.page, wanted, before=before, limit=limit)
        lines = tuple(_line(session, act.connection, entry) for entry in found)
        return TrailPage(lines, act.read(db.audit.count, wanted))


def more_of_trail(session: Session, wanted: TrailFilter, upto: int, offset: int, limit: int) -> tuple[TrailLine, ...]:
    """Read on in a trail that this session has opened, without a further entry.

    Args:
        session: whoever opened the trail.
        wanted: the filter it was opened with.
        upto: the newest entry to count from, so that entries written meanwhile do not move the pages.
        offset: how many of those entries to pass over.
        limit: how many to return at most.

    Raises: Refused (no open trail), StoreUnavailable.
    """

    def read(connection: Connection) -> tuple[TrailLine, ...]:
        found = db.audit.page(connection, wanted, before=upto + 1, limit=limit, offset=offset)
        return tuple(_line(session, connection, entry) for entry in found)

    return session.read_on("trail", read)


def verify_trail(session: Session) -> Verification:
    """Verify every entry, signature and hash; anybody signed in may. It writes no entry: it reads nobody's record.

    Raises: StoreUnavailable.
    """
    header = read_header(session.store.folder)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    return session.look(db.audit_verification.verify, anchors)


def _line(session: Session, connection: Connection, entry: db.audit.Entry) -> TrailLine:
    body = json.loads(entry.body)
    words = session.typed_words(connection, entry.seq) if "words" in body else None
    return TrailLine(
        seq=entry.seq,
        time=body["time"],
        actor=body["actor"],
        role=body["role"],
        agency=body["agency"],
        operation=body["operation"],
        thing=body["thing"],
        subjects=tuple(body["subjects"]),
        purpose=body["purpose"],
        reason=body["reason"],
        result=body["result"],
        facts=body["facts"],
        words=words,
    )
