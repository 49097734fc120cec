"""Take an import batch out again, in any order, with what was built on it listed first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.batches
from db.batches import BatchRow
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import NotFound, StoreLocked
from kingshurst_tui.intake.door import FEWEST
from kingshurst_tui.intake.staging import purge, purge_leftovers
from kingshurst_tui.intake.standing import standing
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Fact, Reason
    from kingshurst_tui.session import Session


MOST, AT_ONCE = 50_000, 200
"""Rows that one look finds to be pointed elsewhere, and that one transaction changes."""


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """What taking a batch out would touch: counts, no names.

    Attributes:
        built: what the batch holds and what rests on it, by kind; under a "consented only" agreement in whole tens,
            rounded down, as everything is that would tell who is on its register.
    """

    batch: BatchRow
    built: dict[str, int]


def plan(session: Session, batch_id: int) -> RecallPlan:
    """Return what a recall would take out and touch. Raises: NotFound."""
    batch = session.look(db.batches.by_id, batch_id)
    if batch is None:
        raise NotFound(
            f"There is no import batch {batch_id}.",
            "Nothing was changed.",
            "List them with: kingshurst batch list STORE",
        )
    built = session.look(db.batches.built_on, batch_id)
    if json.loads(batch.report or "{}").get("in_tens"):
        built = {name: count // FEWEST * FEWEST for name, count in built.items()}
    return RecallPlan(batch, built)


def recall(session: Session, batch_id: int, *, reason: Reason) -> RecallPlan:
    """Take an accepted batch out: what it replaced is seen again, what rested on it is reopened or withdrawn.

    Raises: Refused (it does not stand, or the role may not), NotFound, StoreLocked (an import is under way).
    """
    from kingshurst_tui.casework import recounting

    with session.store.alone_at_staging() as alone:
        if not alone:
            raise StoreLocked(
                "An import or another recall is under way in this store.",
                "Nothing was changed.",
                "Try again when it has ended.",
            )
        purge_leftovers(session)
        made = plan(session, batch_id)
        if made.batch.status == "accepted" and session.may(Operation.ERASE, Thing.BATCH):
            _repoint(session, batch_id)
        facts: dict[str, Fact] = {"agreement": made.batch.agreement_ref, "batch": batch_id, "step": "recall"}
        with session.act(Operation.ERASE, Thing.BATCH, reason=reason, facts=facts) as act:
            if made.batch.status != "accepted":
                act.refuse(f"Batch {batch_id} does not stand: it is {made.batch.status}.", "Nothing was changed.")
            act.note(**{f"touched_{name}": count for name, count in made.built.items()})
            act.write(
                db.batches.change,
                batch_id,
                status="recalled",
                recalled_at=stamp(session.clock.now()),
                recall_reason=(reason.text or reason.code.value)[:200],
            )
            recount = recounting.begin(act, recounting.RECALLED, batch_id)
        with standing(f"Batch {batch_id} is taken back"):
            recounting.finish(session, recount)
            purge(session, batch_id)
    return made


def _repoint(session: Session, batch_id: int) -> None:
    """Prepare in short transactions what the recall then shows at once; by itself it shows and hides nothing."""
    for table in db.batches.REPOINTED:
        after = 0
        while rows := session.look(db.batches.to_repoint, table, batch_id, after, MOST):
            for first in range(0, len(rows), AT_ONCE):
                piece = rows[first : first + AT_ONCE]
                session.stage(Operation.ERASE, Thing.BATCH, db.batches.repoint, table, batch_id, piece)
            after = rows[-1][0]
