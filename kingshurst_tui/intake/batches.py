"""What came in under each agreement: import batches with their reports, for people to read; about no person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import db.batches
from db.batches import BatchRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class BatchShown:
    """One import batch.

    Attributes:
        status: accepted, recalled, refused, staging or abandoned.
        received: the day it came.
        as_at: the day the extract speaks for.
        report: what was rejected and left out, as ``imports`` wrote it.
        quality: the data-quality report, as ``quality.report`` made it; empty where the batch was refused.
    """

    number: int
    data_set: str
    status: str
    received: date
    as_at: date | None
    first_day: date | None
    last_day: date | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_dropped: int
    why_recalled: str
    report: Mapping[str, Any]
    quality: Mapping[str, Any]


def listed(session: Session) -> tuple[BatchShown, ...]:
    """Return every batch, the latest first."""
    return tuple(_shown(row) for row in reversed(session.look(db.batches.every)))


def _shown(row: BatchRow) -> BatchShown:
    return BatchShown(
        number=row.id,
        data_set=row.agreement_ref,
        status=row.status,
        received=date.fromisoformat(row.received_at[:10]),
        as_at=_day(row.as_at),
        first_day=_day(row.first_day),
        last_day=_day(row.last_day),
        rows_read=row.rows_read,
        rows_accepted=row.rows_accepted,
        rows_rejected=row.rows_rejected,
        rows_dropped=row.rows_dropped,
        why_recalled=row.recall_reason or "",
        report=json.loads(row.report or "{}"),
        quality=json.loads(row.quality or "{}"),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
