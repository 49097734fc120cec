"""What panels did, who leads, and how good the data is, as the Board's report shows it: rounded or hidden."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import db.batches
import db.board
import db.outcomes
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.sources import known_sources
from kingshurst_tui.clock import plain_date
from kingshurst_tui.counting import FEW, roughly
from kingshurst_tui.leaving.suppression_terms import lot_key, terms_of
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.batches import BatchRow
    from kingshurst_tui.casework.sources import Source
    from kingshurst_tui.session import Session

_OVERSIGHT = Reason(ReasonCode.OVERSIGHT)
TOO_FEW = "too few to tell"
ENOUGH_A_MONTH = 20
"""Rows a month on average, from which a month without any says something of the extract and not of the town."""
STATES = ("done", "open", "overdue", "not done")


@dataclass(frozen=True, slots=True)
class Activity:
    """What panels did, in words and cells that may be shown.

    Attributes:
        counts: what, and how many.
        actions: a row an agency, by STATES.
        leads: lead agency of standing decisions, and how many.
    """

    said: str
    counts: tuple[tuple[str, str], ...]
    actions_head: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    leads: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set's quality and coverage, in words."""

    title: str
    agency: str
    covers: str
    as_at: str
    kept_out: str
    months: str


def activity(session: Session) -> Activity:
    """Return what panels did for the acting purpose since the first one. Raises: Refused."""
    from kingshurst_tui.leaving.suppression import HIDDEN, TOTAL, rounded, suppressed, suppressed_list

    with session.act(Operation.COMBINE, Thing.OUTCOME, reason=_OVERSIGHT, combine=True) as act:
        counts = act.read(db.board.panel_counts, session.purpose)
        actions = act.read(db.board.actions, session.purpose)
        leads = Counter(agency for _, agency in act.read(db.outcomes.latest_leads, session.purpose))
        terms, key = terms_of(act), lot_key(act)
    agencies = sorted({agency for agency, _ in actions})
    by_state = suppressed(
        {(agency, state): actions.get((agency, state), 0) for agency in agencies for state in STATES},
        under=terms.under,
        base=terms.base,
        key=key,
    )
    led = suppressed_list(dict(sorted(leads.items())), under=terms.under, base=terms.base, key=key)
    return Activity(
        "For this purpose, since the first panel.",
        tuple(
            (name, f"about {rounded(many, terms.base):,}" if many >= terms.under else f"{HIDDEN} (under {terms.under})")
            for name, many in counts.items()
        ),
        ("Actions of", *STATES, "together"),
        tuple(
            (agency, *(by_state.cell(agency, state) for state in STATES), by_state.cell(agency, TOTAL))
            for agency in agencies
        ),
        (*((agency, led[agency]) for agency in sorted(leads)), ("together", led[TOTAL])),
    )


def data_sets(session: Session) -> tuple[DataSet, ...]:
    """Return every data set with an open gate for the acting purpose; about no person. Raises: StoreUnavailable."""
    today = session.clock.today()
    known = [each for each in session.look(known_sources) if each.is_live]
    latest: dict[str, BatchRow] = {}
    for row in session.look(db.batches.every, None):
        if row.status == "accepted":
            latest[row.agreement_ref] = row
    return tuple(_data_set(each, latest.get(each.reference), today) for each in known)


def _data_set(source: Source, batch: BatchRow | None, today: date) -> DataSet:
    begins = f"from {plain_date(source.covers_from)}" if source.covers_from else "the agreement does not say"
    if batch is None or source.known_to is None:
        return DataSet(source.title, source.agency, begins, "nothing has come in", "", "")
    stale = ", stale" if source.stale_on(today) else ""
    return DataSet(
        source.title,
        source.agency,
        begins,
        f"{plain_date(source.known_to)}{stale}",
        _rows(batch.rows_rejected, batch.rows_read),
        _months(json.loads(batch.quality or "{}").get("coverage", {})),
    )


def _rows(rejected: int, read: int) -> str:
    """Return roughly how many rows were kept out, in words; a few are not told apart from none."""
    whole, part = roughly(read), roughly(rejected)
    if whole is None:
        return f"fewer than {FEW} rows came"
    of = f"of about {whole:,}"
    return f"about {part:,} {of}" if part is not None else f"fewer than {FEW} {of}"


def _months(coverage: Mapping[str, Any]) -> str:
    """Return which months are incomplete or missing; not where so few rows come that a month without any is usual."""
    counts = [int(each["count"] or 0) for each in coverage.get("months", ())]
    if not counts or sum(counts) / len(counts) < ENOUGH_A_MONTH:
        return TOO_FEW
    said = [f"{month} incomplete" for month in coverage.get("incomplete_months", ())]
    said += [f"{month} missing" for month in coverage.get("missing_months", ())]
    return ", ".join(sorted(said)) or "none"
