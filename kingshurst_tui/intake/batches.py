"""What came in under each agreement: import batches with their reports, for people to read; about no person."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import db.agreements
import db.batches
from db.batches import BatchRow
from kingshurst_tui.counting import FEW, roughly, some
from kingshurst_tui.intake.door import FEWEST
from kingshurst_tui.permissions import COUNTS_ROWS

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
        is_exact: whether this reader is told how many rows there were. Whoever sees published cells alone could else
            set a data set's rows against them; numbers are to two figures then and None where few, and the reports
            have none.
    """

    number: int
    data_set: str
    status: str
    received: date
    as_at: date | None
    first_day: date | None
    last_day: date | None
    rows_read: int | None
    rows_accepted: int | None
    rows_rejected: int | None
    rows_dropped: int | None
    why_recalled: str
    report: Mapping[str, Any]
    quality: Mapping[str, Any]
    is_exact: bool = True

    @property
    def in_tens(self) -> bool:
        """Whether numbers are told in whole tens at most, because they would tell who is on a register."""
        return bool(self.report.get("in_tens"))

    @property
    def let_in(self) -> str:
        """How many rows came in, in words."""
        return f"{'up to ' if self.in_tens else ''}{self._rows(self.rows_accepted)}"

    @property
    def read(self) -> str:
        """How many rows the extract had, in words."""
        return self._rows(self.rows_read)

    @property
    def rejected(self) -> str:
        """How many of them were kept out, in words."""
        return self._rows(self.rows_rejected)

    @property
    def dropped(self) -> str:
        """How many rows were of people who are not on the register, in words."""
        if not self.is_exact:
            return "how many are not on its register is not told"
        return dropped_in_words(self.rows_dropped, in_tens=self.in_tens)

    def _rows(self, count: int | None) -> str:
        if count is None:
            return f"fewer than {FEW} rows"
        return some(count, "row") if self.is_exact else f"about {count:,} rows"


def dropped_in_words(rows: int | None, *, in_tens: bool) -> str:
    """Say how many rows were of people who are not on a data set's register."""
    if not in_tens:
        return f"{rows or 0:,} not on its register"
    if rows:
        return f"{rows:,} or a few more not on its register"
    return f"how many are not on its register is not told (fewer than {FEWEST}, or all but so few)"


def listed(session: Session, reference: str | None = None) -> tuple[BatchShown, ...]:
    """Return every batch, or those of one data set, the latest first."""
    own = {row.reference for row in session.look(db.agreements.every) if row.agency_code == session.user.agency}
    every = session.user.role in COUNTS_ROWS
    return tuple(
        _shown(row) if every or row.agreement_ref in own else _roughly(_shown(row))
        for row in reversed(session.look(db.batches.every, reference))
    )


def _roughly(batch: BatchShown) -> BatchShown:
    """Return a batch as whoever sees published cells alone may read it."""
    return replace(
        batch,
        rows_read=roughly(batch.rows_read or 0),
        rows_accepted=roughly(batch.rows_accepted or 0),
        rows_rejected=roughly(batch.rows_rejected or 0),
        rows_dropped=None,
        report={"in_tens": True} if batch.in_tens else {},
        quality=_without_numbers(batch.quality),
        is_exact=False,
    )


def _without_numbers(quality: Mapping[str, Any]) -> dict[str, Any]:
    """Return a data-quality report without how many: from when to when, which months, which fields are given."""
    if not quality:
        return {}
    coverage: Mapping[str, Any] = quality.get("coverage", {})
    return {
        "timeliness": dict(quality.get("timeliness", {})),
        "coverage": {name: value for name, value in coverage.items() if name != "months"},
        "completeness": [
            {"field": each["field"], "percent": float(round(each["percent"] / _IN_FIVES) * _IN_FIVES), "of": None}
            for each in quality.get("completeness", ())
            if each.get("given")
        ],
        "validity": [{"column": each["column"], "words": each["words"]} for each in quality.get("validity", ())],
        "consistency": [{"what": each["what"]} for each in quality.get("consistency", ())],
    }


_IN_FIVES = 5


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
