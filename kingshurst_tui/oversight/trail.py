"""The audit trail as supervisors read it: filtered, paged, verified. Reading it is itself in the trail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

import db.audit
import db.audit_verification
import db.oversight
import db.referrals
import db.trail
from db.audit_verification import Verification
from db.trail import TrailFilter
from db.vault import read_header
from kingshurst_tui.acts import Fact, Reason
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

__all__ = [
    "LIMITS_OF_USE",
    "TrailFilter",
    "TrailLine",
    "TrailPage",
    "Verification",
    "filter_of_days",
    "line_of",
    "more_of_trail",
    "open_trail",
    "verify_trail",
]

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)

LIMITS_OF_USE = (
    "The log may be used only to verify that processing is lawful, for self-monitoring (internal disciplinary "
    "proceedings included), for the integrity and security of personal data, and for criminal proceedings "
    "(DPA 2018 s.62(4)); not to manage anybody's performance."
)
"""Shown wherever the trail is read."""

KEPT_BACK = "Kept from those whose agency refers people."
"""What stands in the place of whose a referral was found to be."""

_BY = {
    "actor": "by_actor",
    "pseudonym": "by_subject",
    "operation": "by_operation",
    "result": "by_result",
    "purpose": "by_purpose",
    "since": "since",
    "until": "until",
}
_OUTLINE = "trail-outline"


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
    """Some entries, the newest first, and how many the filter leaves in all.

    Attributes:
        names: where the filter names a person, every pseudonym that leads to their profile today, the filter's first.
    """

    lines: tuple[TrailLine, ...]
    total: int
    names: tuple[str, ...] = ()


def filter_of_days(*, since: date | None = None, until: date | None = None, **other: str) -> TrailFilter:
    """Return a filter from one day to another, both included; the trail's days are those of UTC."""
    return TrailFilter(
        since=since.isoformat() if since else "",
        until=(until + timedelta(days=1)).isoformat() if until else "",
        **other,
    )


def open_trail(session: Session, wanted: TrailFilter, *, before: int | None = None, limit: int = 200) -> TrailPage:
    """Read a page of the trail. Raises: Refused for all but supervisors and information governance.

    A filter for a person finds them under every pseudonym that leads to their profile today.

    Args:
        session: whoever reads.
        wanted: which entries.
        before: only entries with lower numbers; they alone are counted.
        limit: how many at most.
    """
    facts: dict[str, Fact] = {"before": before, "limit": limit}
    facts |= {_BY[name]: value for name, value in asdict(wanted).items() if value}
    with session.act(Operation.CONSULT, Thing.AUDIT, reason=_OVERSIGHT, facts=facts, within="trail") as act:
        upto = act.read(db.audit.size) if before is None else before - 1
        names = act.read(_names, wanted)
        outline = act.read(db.trail.outline, wanted, upto, names)
        found = list(act.read(db.trail.rows, outline, 0, limit))
        words = {entry.seq: _words(session, act.connection, entry) for entry in found}
    # Put into lines when others have the turn at writing: two hundred of them take 3 ms.
    lines = tuple(_line(entry, words[entry.seq]) for entry in found)
    session.held[_OUTLINE] = outline
    return TrailPage(lines, outline.total, names)


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
        outline = session.held.get(_OUTLINE)
        if outline is None or outline.wanted != wanted or outline.upto < upto:
            outline = session.held[_OUTLINE] = db.trail.outline(connection, wanted, upto, _names(connection, wanted))
        found = db.trail.rows(connection, outline, offset, limit)
        return tuple(_lines(session, connection, found))

    return session.read_on("trail", read)


def verify_trail(session: Session) -> Verification:
    """Verify every entry, signature and hash; anybody signed in may. It writes no entry: it reads nobody's record.

    Raises: StoreUnavailable.
    """
    header = read_header(session.store.folder)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in header.slots}
    return session.look(db.audit_verification.verify, anchors)


def _names(connection: Connection, wanted: TrailFilter) -> tuple[str, ...]:
    return db.oversight.names_of(connection, wanted.pseudonym) if wanted.pseudonym else ()


def _lines(session: Session, connection: Connection, entries: Iterable[db.audit.Entry]) -> Iterator[TrailLine]:
    return (line_of(session, connection, entry) for entry in entries)


def line_of(session: Session, connection: Connection, entry: db.audit.Entry) -> TrailLine:
    """Return an entry as people read it, inside an act on the trail."""
    return _line(entry, _words(session, connection, entry))


def _words(session: Session, connection: Connection, entry: db.audit.Entry) -> str | None:
    """Return what was typed for an entry; only one that has a commitment to words can have any.

    Whose a referral was found to be is kept from everybody whose agency refers people: they would learn who is known.
    """
    if b'"words"' not in entry.body:
        return None
    reconciles = b'"thing":"referral"' in entry.body and b'"operation":"combine"' in entry.body
    if reconciles and session.user.agency in db.referrals.sent_from(connection):
        return KEPT_BACK
    return session.typed_words(connection, entry.seq)


def _line(entry: db.audit.Entry, words: str | None) -> TrailLine:
    body = json.loads(entry.body)
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
