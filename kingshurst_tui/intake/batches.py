"""What came in under each agreement: import batches with their reports, for people to read; about no person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import db.batches
from db.batches import BatchRow
from kingshurst_tui.counting import some
from kingshurst_tui.intake.door import FEWEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class BatchShown:
    """One import batch.

    Attributes:
        status: accepted, recalled, refused, staging or abandoned.
        rows_accepted: under a "consented only" agreement the most that can have come in; ``let_in`` says so.
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

    @property
    def in_tens(self) -> bool:
        """Whether numbers are told in whole tens at most, because they would tell who is on a register."""
        return bool(self.report.get("in_tens"))

    @property
    def let_in(self) -> str:
        """How many rows came in, in words."""
        return f"{'up to ' if self.in_tens else ''}{some(self.rows_accepted, 'row')}"

    @property
    def dropped(self) -> str:
        """How many rows were of people who are not on the register, in words."""
        return dropped_in_words(self.rows_dropped, in_tens=self.in_tens)


def dropped_in_words(rows: int | None, *, in_tens: bool) -> str:
    """Say how many rows were of people who are not on a data set's register."""
    if not in_tens:
        return f"{rows or 0:,} not on its register"
    if rows:
        return f"{rows:,} or a few more not on its register"
    return f"how many are not on its register is not told (fewer than {FEWEST}, or all but so few)"


def listed(session: Session, reference: str | None = None) -> tuple[BatchShown, ...]:
    """Return every batch, or those of one data set, the latest first."""
    return tuple(_shown(row) for row in reversed(session.look(db.batches.every, reference)))


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
