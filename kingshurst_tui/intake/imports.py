"""Bring one extract in: gate, digest, plan, stage in short transactions, weigh, accept in one."""

from __future__ import annotations

import gc
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import db.batches
import db.records
from db.records import DETAIL_COLUMNS, Contact, Piece, Staged, StagedRow
from kingshurst_tui.agreements import gates
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StoreLocked
from kingshurst_tui.intake import extract as files
from kingshurst_tui.intake import quality
from kingshurst_tui.intake.areas import AreaPlan
from kingshurst_tui.intake.extract import Extract
from kingshurst_tui.intake.reasons import said
from kingshurst_tui.intake.rows import OnRegister, RowPlan
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.intake.touched import after_change
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.session import Fact, Reason, Session

ROWS_AT_ONCE = 500
"""Rows of one staging transaction; more would keep a colleague waiting."""
PAIRS_AT_ONCE = 250
"""The same where a row is about two people."""
PEOPLE_REMEMBERED = 1_000_000
"""People of this batch held in memory (about 350 MB); where there are more, they are looked up in the store."""
ROWS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is.

    Attributes:
        share: of the file, 0 to 1.
        rate: rows a second.
        seconds_left: None while it cannot be told.
    """

    rows: int
    share: float
    rate: float
    seconds_left: float | None


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import, or of a check (then `batch` is None)."""

    agreement: str
    batch: int | None
    status: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_dropped: int
    report: dict[str, Any]
    quality: dict[str, Any] = field(default_factory=dict)


def check_file(session: Session, path: Path, reference: str, *, reason: Reason, watch: Watch | None = None) -> Imported:
    """Read an extract from end to end as an import would, report all that is wrong, and store nothing.

    Raises: Refused (no live agreement), InputRejected.
    """
    with _taken(path) as (handle, digest):
        agreement, on_register, register = _admitted(session, reference, reason, digest, checking=True)
        tally = Tally(listing=False)
        with _closing(_opened(handle, agreement)) as extract, _rare_collection():
            plan = _plan(session, agreement, extract, tally, on_register)
            for number, cells in _watched(extract, watch):
                plan.read(number, cells)
        if isinstance(plan, RowPlan):
            tally.accepted = tally.read - tally.refused - tally.dropped
        months = plan.months() if isinstance(plan, AreaPlan) else None
        made = quality.report(agreement, tally, session.clock.today(), months)
        status = "too-many-rejected" if _above_tolerance(agreement, tally) else "would-be-accepted"
        return _imported(agreement, None, status, tally, _report(agreement, tally, digest, register), made)


def import_file(
    session: Session,
    path: Path,
    reference: str,
    *,
    reason: Reason,
    as_at: date | None = None,
    watch: Watch | None = None,
) -> Imported:
    """Import an extract under its agreement.

    Args:
        session: of a role that may collect.
        path: the extract as received.
        reference: the agreement's.
        reason: why, for the audit trail.
        as_at: the day the partner drew the extract; without it the last day in it counts.
        watch: told how far it is, a few times a second.

    Raises:
        Refused: no live agreement names the session's purpose, or the role may not.
        InputRejected: the file, its columns or too many of its rows are not what was agreed; nothing is stored.
        StoreLocked: another import is under way.
    """
    with _taken(path) as (handle, digest), session.store.alone_at_staging() as alone:
        if not alone:
            raise StoreLocked(
                "Another import or recall is under way in this store.",
                "Nothing was stored.",
                "Try again when it has ended.",
            )
        purge_leftovers(session)
        agreement, on_register, register = _admitted(session, reference, reason, digest, checking=False)
        tally = Tally()
        with _closing(_opened(handle, agreement)) as extract, _rare_collection():
            plan = _plan(session, agreement, extract, tally, on_register)
            batch = _begin(session, agreement, digest, register)
            try:
                if isinstance(plan, AreaPlan):
                    stager: _AreaStager | _RowStager = _AreaStager(session, agreement, batch, plan, tally)
                else:
                    stager = _RowStager(session, agreement, batch, plan, tally)
                for number, cells in _watched(extract, watch):
                    stager.take(number, cells)
                months = stager.finish()
                _weigh(agreement, tally)
                made = quality.report(agreement, tally, session.clock.today(), months)
                report = _report(agreement, tally, digest, register)
                _accept(session, agreement, batch, tally, report, made, stager.existing, as_at, reason)
            except InputRejected as rejected:
                _turn_away(
                    session, agreement, batch, tally, _report(agreement, tally, digest, register), rejected, reason
                )
                raise
            except BaseException:
                _abandon(session, batch)
                raise
        return _imported(agreement, batch, "accepted", tally, report, made)


@contextmanager
def _taken(path: Path) -> Iterator[tuple[Any, str]]:
    handle = files.open_file(path)
    try:
        yield handle, files.digest_of(handle)
    finally:
        handle.close()


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let Python look for cycles seldom: rows make none, and each look walks everything that is remembered of them."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _closing(extract: Extract) -> Iterator[Extract]:
    try:
        yield extract
    finally:
        extract.close()


def _admitted(
    session: Session, reference: str, reason: Reason, digest: str, *, checking: bool
) -> tuple[Agreement, OnRegister | None, int]:
    """Return the live agreement, who is on its register and its version; refuse a file that is in already."""
    facts: dict[str, Fact] = {"agreement": reference, "file": digest[:16], "step": "check" if checking else "begin"}
    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        agreement = gates.live_agreement(act, reference)
        on_register: OnRegister | None = None
        register = 0
        if agreement.consented_only:
            from kingshurst_tui.casework.consents import on_register as people_on_register

            people = people_on_register(act, reference)
            register, has = people.version, people.has

            def on_register(detail: db.records.Detail) -> bool:
                return has(detail[_FORENAME], detail[_SURNAME], detail[_BORN], detail[_NHS_NUMBER])

        before = act.read(db.batches.accepted_with, reference, digest, register)
        if before is not None and not checking:
            raise InputRejected(
                f"This very file is in the store already, as batch {before}.",
                "Nothing was stored."
                + (" Nobody was added to the register since." if agreement.consented_only else ""),
                f"To take it out first: kingshurst recall STORE {before}",
            )
    return agreement, on_register, register


_FORENAME, _SURNAME = DETAIL_COLUMNS.index("forename"), DETAIL_COLUMNS.index("surname")
_BORN, _NHS_NUMBER = DETAIL_COLUMNS.index("born"), DETAIL_COLUMNS.index("nhs_number")


def _opened(handle: Any, agreement: Agreement) -> Extract:
    return files.read_extract(handle, agreement.format, list(agreement.columns))


def _plan(
    session: Session, agreement: Agreement, extract: Extract, tally: Tally, on_register: OnRegister | None
) -> AreaPlan | RowPlan:
    today = session.clock.today()
    if agreement.format.shape == "areas":
        return AreaPlan(agreement, extract.header, today, tally)
    return RowPlan(agreement, extract.header, today, session.digest_key, tally, on_register)


def _watched(extract: Extract, watch: Watch | None) -> Iterator[tuple[int, Any]]:
    """Yield row numbers and cells, telling the watcher how far it is."""
    started = told = time.monotonic()
    for count, cells in enumerate(extract.rows):
        yield extract.first_row + count, cells
        if watch is not None and count % ROWS_AT_ONCE == 0:
            now = time.monotonic()
            if now - told >= 0.2:
                told = now
                share, rate = extract.done(), (count + 1) / (now - started)
                left = (now - started) * (1 - share) / share if share > 0 else None
                watch(Progress(count + 1, share, rate, left))
        if count >= files.MOST_ROWS:
            raise InputRejected(
                f"The extract has more than {files.MOST_ROWS:,} rows.", "Nothing was stored.", "Ask for it in parts."
            )


def _begin(session: Session, agreement: Agreement, digest: str, register: int) -> int:
    agreement_id = session.look(gates.newest_id, agreement.reference, agreement.version)
    return session.stage(
        Operation.COLLECT,
        Thing.BATCH,
        db.batches.begin,
        agreement_id=agreement_id,
        agreement_ref=agreement.reference,
        file_digest=digest,
        register_version=register,
        received_at=stamp(session.clock.now()),
    )


def _write(connection: Connection, piece: Piece | None, batch_id: int, rejected: list[tuple[int, str, str]]) -> Staged:
    db.batches.add_rejected(connection, batch_id, rejected)
    return db.records.stage_piece(connection, piece) if piece is not None else Staged()


class _RowStager:
    """Collects rows into pieces and stages them."""

    def __init__(self, session: Session, agreement: Agreement, batch: int, plan: RowPlan, tally: Tally) -> None:
        self._session, self._agreement, self._batch, self._plan, self._tally = session, agreement, batch, plan, tally
        self._rows: list[StagedRow] = []
        self._known: dict[str, tuple[int, str]] = {}
        self._first = not session.look(db.records.holds_any, agreement.reference)
        self._all_known = self._first
        paired = any(field.startswith("counterpart.") for field in agreement.columns.values())
        self._most = PAIRS_AT_ONCE if paired else ROWS_AT_ONCE
        self.existing: array[int] = array("q")

    def take(self, number: int, cells: Any) -> None:
        row = self._plan.read(number, cells)
        if row is not None:
            self._rows.append(row)
            if len(self._rows) >= self._most:
                self._flush()
        elif len(self._tally.rejected_rows) >= self._most:
            self._flush()

    def finish(self) -> None:
        self._flush()

    def _flush(self) -> None:
        tally, rows = self._tally, self._rows
        piece = None
        if rows:
            piece = Piece(
                batch_id=self._batch,
                agreement_ref=self._agreement.reference,
                agency_code=self._agreement.agency.code,
                rows=rows,
                known=self._known,
                all_known=self._all_known,
                first_of_data_set=self._first,
                details_by_last_row=self._agreement.format.shape == "contacts",
            )
        if piece is None and not tally.rejected_rows:
            return
        staged = self._session.stage(Operation.COLLECT, Thing.BATCH, _write, piece, self._batch, tally.rejected_rows)
        tally.rejected_rows = []
        self._rows = []
        self._known.update(staged.known)
        if len(self._known) > PEOPLE_REMEMBERED:
            self._known.clear()
            self._all_known = False
        self.existing.extend(staged.existing)
        self._count(rows, staged)

    def _count(self, rows: list[StagedRow], staged: Staged) -> None:
        tally = self._tally
        if not rows:
            return
        conflicting, repeated = set(staged.conflicting), set(staged.repeated) - set(staged.conflicting)
        column = next(
            (
                name
                for name, ours in self._agreement.columns.items()
                if ours in ("contact.reference", "person.reference")
            ),
            "",
        )
        for number in sorted(conflicting):
            tally.reject(number, column, "repeated-with-other-content")
        tally.repeated += len(repeated)
        tally.accepted += len(rows) - len(conflicting)
        tally.persons += staged.persons
        tally.contacts += staged.contacts
        tally.replaced += staged.replaced
        tally.restated += staged.restated
        tally.fill(_PERSON_NAMES, [row.person.detail for row in rows])
        contacts = [row.contact for row in rows if row.contact is not None]
        if contacts:
            tally.fill(_CONTACT_NAMES, contacts)
            tally.days.update([contact.occurred_on for contact in contacts])
            ordinal = _ORDINALS
            tally.lags.update(
                ordinal[contact.reported_on] - ordinal[contact.occurred_on]
                for contact in contacts
                if contact.reported_on is not None and contact.reported_on >= contact.occurred_on
            )


class _Ordinals(dict[str, int]):
    """ISO days to numbers, each worked out once."""

    def __missing__(self, day: str) -> int:
        found = self[day] = date.fromisoformat(day).toordinal()
        return found


_ORDINALS = _Ordinals()
_PERSON_NAMES = tuple(f"person.{name}" for name in DETAIL_COLUMNS)
_CONTACT_NAMES = tuple(f"contact.{name}" for name in Contact._fields)


class _AreaStager:
    """Counts rows and stages the counts at the end."""

    def __init__(self, session: Session, agreement: Agreement, batch: int, plan: AreaPlan, tally: Tally) -> None:
        self._session, self._agreement, self._batch, self._plan, self._tally = session, agreement, batch, plan, tally
        self.existing: array[int] = array("q")

    def take(self, number: int, cells: Any) -> None:
        self._plan.read(number, cells)
        if len(self._tally.rejected_rows) >= ROWS_AT_ONCE:
            self._flush_rejected()

    def _flush_rejected(self) -> None:
        self._session.stage(Operation.COLLECT, Thing.BATCH, _write, None, self._batch, self._tally.rejected_rows)
        self._tally.rejected_rows = []

    def finish(self) -> dict[str, int]:
        if self._tally.rejected_rows:
            self._flush_rejected()
        months = self._plan.months()
        incomplete = frozenset(
            month for month, state in quality.incomplete_months(months).items() if state == "incomplete"
        )
        piece: list[db.records.AreaCount] = []
        for count in self._plan.counts():
            piece.append(count)
            if len(piece) >= ROWS_AT_ONCE:
                self._stage(piece, incomplete)
                piece = []
        if piece:
            self._stage(piece, incomplete)
        return months

    def _stage(self, piece: list[db.records.AreaCount], incomplete: frozenset[str]) -> None:
        self._session.stage(
            Operation.COLLECT,
            Thing.BATCH,
            db.records.stage_areas,
            self._batch,
            self._agreement.reference,
            self._agreement.granularity.value,
            piece,
            incomplete,
        )


def _above_tolerance(agreement: Agreement, tally: Tally) -> bool:
    return tally.read == 0 or tally.refused * 100 > tally.read * agreement.tolerance_percent


def reasons_in_words(tally: Tally) -> list[str]:
    """Return why rows were kept out, most frequent first, in plain words."""
    return [
        f"{count:,} row{'s hold' if count != 1 else ' holds'} {said(code)}."
        for code, count in tally.rejected.most_common()
    ]


def _weigh(agreement: Agreement, tally: Tally) -> None:
    if not _above_tolerance(agreement, tally):
        return
    if tally.read == 0:
        raise InputRejected(
            "The extract has column names, but no row.", "Nothing was stored.", "Ask the partner to send it again."
        )
    share = 100 * tally.refused / tally.read
    raise InputRejected(
        f"{tally.refused:,} of {tally.read:,} rows ({share:.1f} per cent) are not as agreed; the agreement bears"
        f" {agreement.tolerance_percent:g} per cent. The whole extract was refused.",
        "\n".join([*reasons_in_words(tally), "Nothing was stored."]),
        "See the rows with: kingshurst import STORE FILE --agreement REF --check",
        problems=tuple(reasons_in_words(tally)),
    )


def _report(agreement: Agreement, tally: Tally, digest: str, register: int) -> dict[str, Any]:
    return {
        "agreement": agreement.reference,
        "agreement_version": agreement.version,
        "file_digest": digest,
        "register_version": register,
        "rows": {
            "read": tally.read,
            "accepted": tally.accepted,
            "rejected": tally.refused,
            "dropped_not_on_register": tally.dropped,
            "counterparts_dropped_not_on_register": tally.dropped_counterparts,
            "repeated": tally.repeated,
            "blank": tally.blank,
        },
        "rejected": [
            {"reason": code, "words": said(code), "rows": count} for code, count in tally.rejected.most_common()
        ],
        "fields_left_out": [
            {
                "column": column,
                "reason": code,
                "words": said(code),
                "rows": count,
                "first_rows": tally.fault_rows[(column, code)][:ROWS_SHOWN],
            }
            for (column, code), count in tally.faults.most_common()
        ],
        "rejected_rows": [
            {"row": number, "column": column, "reason": code} for number, column, code in tally.first_rejected
        ],
    }


def _accept(
    session: Session,
    agreement: Agreement,
    batch: int,
    tally: Tally,
    report: dict[str, Any],
    made: dict[str, Any],
    existing: array[int],
    as_at: date | None,
    reason: Reason,
) -> None:
    """Make the batch visible, with its entry and all that follows from it, in one transaction."""
    facts: dict[str, Fact] = {
        "agreement": agreement.reference,
        "batch": batch,
        "rows": tally.accepted,
        "step": "accept",
    }
    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        gates.live_agreement(act, agreement.reference)  # it may have lapsed while the rows came in
        if tally.rejected_rows:
            act.write(db.batches.add_rejected, batch, tally.rejected_rows)
        act.write(
            db.batches.change,
            batch,
            status="accepted",
            accepted_at=stamp(session.clock.now()),
            report=db.batches.as_json(report),
            quality=db.batches.as_json(made),
            as_at=as_at.isoformat() if as_at else max(tally.days, default=None),
            first_day=min(tally.days, default=None),
            last_day=max(tally.days, default=None),
            **_counts(tally),
        )
        after_change(act, set(existing))


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "rows_read": tally.read,
        "rows_accepted": tally.accepted,
        "rows_rejected": tally.refused,
        "rows_dropped": tally.dropped,
    }


def _turn_away(
    session: Session,
    agreement: Agreement,
    batch: int,
    tally: Tally,
    report: dict[str, Any],
    rejected: InputRejected,
    reason: Reason,
) -> None:
    """Keep that an extract was refused and why, and nothing of what it held."""
    facts: dict[str, Fact] = {
        "agreement": agreement.reference,
        "batch": batch,
        "rejected": tally.refused,
        "step": "refuse",
    }
    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        if tally.rejected_rows:
            act.write(db.batches.add_rejected, batch, tally.rejected_rows)
        report["refused"] = rejected.title
        act.write(
            db.batches.change,
            batch,
            status="refused",
            report=db.batches.as_json(report),
            **_counts(tally) | {"rows_accepted": 0},
        )
    purge(session, batch)


def _abandon(session: Session, batch: int) -> None:
    """Mark a batch that was cut off; where even that cannot be written, opening the store does it."""
    try:
        session.stage(Operation.COLLECT, Thing.BATCH, db.batches.change, batch, status="abandoned")
        purge(session, batch)
    except Exception:  # noqa: BLE001 - the error that cut it off is the one to tell
        return


def purge(session: Session, batch: int) -> None:
    """Delete in short pieces what a batch that stands no more still holds."""
    while session.stage(Operation.COLLECT, Thing.BATCH, db.batches.purge_piece, batch):
        pass
    after: int | None = 0
    while after is not None:
        after = session.stage(Operation.COLLECT, Thing.BATCH, db.batches.purge_records_piece, batch, after)


def purge_leftovers(session: Session) -> None:
    """Delete what killed imports and recalls left behind; for whoever holds the right to stage."""
    for batch in session.look(db.batches.with_leftovers):
        session.stage(Operation.COLLECT, Thing.BATCH, db.batches.mark_abandoned, batch)
        purge(session, batch)


def _imported(
    agreement: Agreement, batch: int | None, status: str, tally: Tally, report: dict[str, Any], made: dict[str, Any]
) -> Imported:
    return Imported(
        agreement.reference, batch, status, tally.read, tally.accepted, tally.refused, tally.dropped, report, made
    )
