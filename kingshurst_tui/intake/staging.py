"""Write rows in short transactions, invisible until their batch is accepted; and take such rows out again."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import db.areas
import db.batches
import db.compartments
import db.records
from db.staged_rows import Piece, Staged, StagedRow
from kingshurst_tui.giving_way import GivingWay
from kingshurst_tui.intake import quality
from kingshurst_tui.intake.area_faults import refuse
from kingshurst_tui.intake.door import describe
from kingshurst_tui.intake.repeats import reference_column
from kingshurst_tui.keyholding.compartments import sealing_of_batch
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from db.staged_rows import ContactRow
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.intake.areas import AreaPlan
    from kingshurst_tui.intake.door import Door
    from kingshurst_tui.intake.rows import RowPlan
    from kingshurst_tui.intake.tally import Tally
    from kingshurst_tui.session import Session

ROWS_AT_ONCE = 500
"""Rows of one staging transaction, at most."""
FEWEST_AT_ONCE = 120
"""The same, at least: each transaction changes, encrypts and syncs pages that the next one changes again."""
PAIRS_AT_ONCE = 250
"""The same where a row is about two people."""
ROWS_SORTED = 5_000
"""Rows that wait to be staged in the order of their people's keys. A piece then changes a tenth of an index's pages
instead of all of them, and every changed page is encrypted again."""
ROWS_READ_BETWEEN = 32
"""Rows that are read between one piece and the next, and before it is asked again whether anybody is there."""
SECONDS_A_PIECE = 0.015
"""Seconds of work in one piece where nobody comes. Whoever does waits until its people are staged, 50 contacts more and
what reaches the disk: 99 of 100 for 10 ms of its work, for 14 where a piece takes 20."""
PEOPLE_REMEMBERED = 1_000_000
"""People of this batch held in memory (about 350 MB); where there are more, they are looked up in the store."""


def _write(connection: Connection, piece: Piece | None, batch_id: int, rejected: list[tuple[int, str, str]]) -> Staged:
    db.batches.add_rejected(connection, batch_id, rejected)
    return db.records.stage_piece(connection, piece) if piece is not None else Staged()


def _person_key(row: StagedRow) -> str:
    return row.person.key


class RowStager:
    """Collects rows into pieces and stages them.

    Attributes:
        existing: source records of earlier batches that the rows touch.
    """

    def __init__(
        self, session: Session, agreement: Agreement, batch: int, plan: RowPlan, tally: Tally, door: Door | None = None
    ) -> None:
        self._session, self._agreement, self._batch, self._plan, self._tally = session, agreement, batch, plan, tally
        self._door = door
        self._rows: list[StagedRow] = []
        self._ready: list[StagedRow] = []
        self._first_ready = 0
        self._left: Sequence[ContactRow] = ()
        self._known: dict[str, tuple[int, str]] = {}
        self._first = not session.look(db.records.holds_any, agreement.reference)
        self._all_known = self._first
        self._paired = any(field.startswith("counterpart.") for field in agreement.columns.values())
        most = PAIRS_AT_ONCE if self._paired else ROWS_AT_ONCE
        self._somebody_is_there = session.store.turnstile.somebody_is_there
        self._way = GivingWay(
            most, fewest=FEWEST_AT_ONCE * most // ROWS_AT_ONCE, first=most // 2, seconds=SECONDS_A_PIECE
        )
        contacts = agreement.format.shape == "contacts"
        self._seal = sealing_of_batch(session, batch) if agreement.health and contacts else None
        self.existing: array[int] = array("q")

    def take(self, number: int, cells: Any) -> None:
        """Read one row, and stage what is ready unless somebody else writes: reading on takes nobody's time."""
        row = self._plan.read(number, cells)
        if row is not None and self._door is not None:
            row = self._door.through(row)
        if row is not None:
            self._rows.append(row)
            if len(self._rows) >= ROWS_SORTED:
                self._make_ready()
            elif self._ready and not len(self._rows) % ROWS_READ_BETWEEN and not self._somebody_is_there():
                self._stage_next()
        elif len(self._tally.rejected_rows) >= ROWS_AT_ONCE:
            self._stage([])

    def finish(self) -> None:
        """Stage what is left."""
        self._make_ready()
        self._stage_all()
        if self._tally.rejected_rows:
            self._stage([])

    def _make_ready(self) -> None:
        """Put what was read in the order in which it is staged, after all that was ready before."""
        self._stage_all()
        if self._door is not None:
            self._door.described()
        rows, self._rows = self._rows, []
        if len(rows) >= ROWS_SORTED and not self._paired:
            # Rows about one person stay in the file's order: the last one counts.
            rows.sort(key=_person_key)
        self._ready, self._first_ready = rows, 0

    def _stage_all(self) -> None:
        while self._ready or self._left:
            self._stage_next()

    def _stage_next(self) -> None:
        left, first = len(self._left), self._first_ready
        piece = self._ready[first : first + max(0, self._way.size - left)]
        self._stage(piece)
        self._first_ready += len(piece)
        if self._first_ready >= len(self._ready):
            self._ready, self._first_ready = [], 0
        if not left and not self._left:  # what somebody cut short tells nothing of a whole piece
            self._way.after(self._session.store.turnstile.watched, len(piece))

    def _stage(self, rows: list[StagedRow]) -> None:
        tally = self._tally
        piece = None
        if rows or self._left:
            piece = Piece(
                batch_id=self._batch,
                agreement_ref=self._agreement.reference,
                agency_code=self._agreement.agency.code,
                rows=rows,
                known=self._known,
                all_known=self._all_known,
                first_of_data_set=self._first,
                details_by_last_row=self._agreement.format.shape == "contacts",
                seal=self._seal,
                left=self._left,
                cut_short=self._somebody_is_there,
            )
            self._session.store.read_ahead(partial(db.records.ahead_of, rows, self._left))
        staged = self._session.stage(Operation.COLLECT, Thing.BATCH, _write, piece, self._batch, tally.rejected_rows)
        tally.rejected_rows = []
        self._left = staged.left
        self._known.update(staged.known)
        if len(self._known) > PEOPLE_REMEMBERED:
            self._known.clear()
            self._all_known = False
        self.existing.extend(staged.existing)
        self._count(rows, staged)

    def _count(self, rows: list[StagedRow], staged: Staged) -> None:
        tally = self._tally
        # What came of the rows of people on a register would tell who is on it; the door counts what may be told.
        if not rows or self._door is not None:
            return
        conflicting, repeated = set(staged.conflicting), set(staged.repeated) - set(staged.conflicting)
        column = reference_column(self._agreement)
        for number in sorted(conflicting):
            tally.reject(number, column, "repeated-with-other-content")
        tally.repeated += len(repeated)
        tally.accepted += len(rows) - len(conflicting)
        tally.persons += staged.persons
        tally.contacts += staged.contacts
        tally.replaced += staged.replaced
        tally.restated += staged.restated
        describe(tally, rows)


class AreaStager:
    """Counts rows and stages the counts at the end.

    Attributes:
        existing: always empty; area measures touch nobody.
    """

    def __init__(
        self,
        session: Session,
        agreement: Agreement,
        batch: int,
        plan: AreaPlan,
        tally: Tally,
        wrong: Sequence[str] = (),
    ) -> None:
        self._session, self._agreement, self._batch, self._plan, self._tally = session, agreement, batch, plan, tally
        self._wrong = wrong
        self.existing: array[int] = array("q")

    def take(self, number: int, cells: Any) -> None:
        """Count one row."""
        self._plan.read(number, cells)
        if len(self._tally.rejected_rows) >= ROWS_AT_ONCE:
            self._flush_rejected()

    def _flush_rejected(self) -> None:
        self._session.stage(Operation.COLLECT, Thing.BATCH, _write, None, self._batch, self._tally.rejected_rows)
        self._tally.rejected_rows = []

    def finish(self) -> dict[str, int]:
        """Stage the counts; return the sum of each month."""
        if not self._wrong:
            self._plan.settle()
        refuse(self._session, self._agreement, self._plan, self._tally, self._wrong)
        if self._tally.rejected_rows:
            self._flush_rejected()
        months = self._plan.months()
        incomplete = frozenset(
            month for month, state in quality.incomplete_months(months).items() if state == "incomplete"
        )
        piece: list[db.areas.AreaCount] = []
        for count in self._plan.counts():
            piece.append(count)
            if len(piece) >= ROWS_AT_ONCE:
                self._stage(piece, incomplete)
                piece = []
        if piece:
            self._stage(piece, incomplete)
        return months

    def _stage(self, piece: list[db.areas.AreaCount], incomplete: frozenset[str]) -> None:
        self._session.stage(
            Operation.COLLECT,
            Thing.BATCH,
            db.areas.stage_areas,
            self._batch,
            self._agreement.reference,
            self._agreement.granularity.value,
            piece,
            incomplete,
        )


def purge(session: Session, batch: int) -> None:
    """Delete in short pieces what a batch that stands no more still holds."""
    while session.stage(Operation.COLLECT, Thing.BATCH, db.batches.purge_piece, batch):
        pass
    after: int | None = 0
    while after is not None:
        after = session.stage(Operation.COLLECT, Thing.BATCH, db.batches.purge_records_piece, batch, after)
    session.stage(Operation.COLLECT, Thing.BATCH, db.compartments.drop_keys, [batch])


def purge_leftovers(session: Session) -> None:
    """Delete what killed imports and recalls left behind; for whoever holds the right to stage."""
    from kingshurst_tui.casework import recounting

    recounting.finish_pending(session)  # it looks at what is about to go
    for batch in session.look(db.batches.with_leftovers):
        session.stage(Operation.COLLECT, Thing.BATCH, db.batches.mark_abandoned, batch)
        purge(session, batch)
