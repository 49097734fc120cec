"""Bring one extract in: gate, digest, plan, stage in short transactions, weigh, accept in one."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import db.batches
import db.erasing
import db.records
import db.staged_rows
from db.erasure_lists import SIGNED_FOR
from db.errors import Contradicted
from db.staged_rows import DETAIL_COLUMNS
from kingshurst_tui.agreements import standing_today
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, StaleRecord, StoreLocked, StoreUnavailable
from kingshurst_tui.intake import extract as files
from kingshurst_tui.intake import quality, reporting
from kingshurst_tui.intake.area_faults import places_counted_at, refuse
from kingshurst_tui.intake.areas import AreaPlan
from kingshurst_tui.intake.door import Door, OnRegister, without_the_register
from kingshurst_tui.intake.extract import Extract
from kingshurst_tui.intake.going_through import Watch, closing, rare_collection, taken, watched
from kingshurst_tui.intake.repeats import Repeats
from kingshurst_tui.intake.reporting import above_tolerance, nothing_in_it, weigh
from kingshurst_tui.intake.rows import RowPlan
from kingshurst_tui.intake.staging import AreaStager, RowStager, purge, purge_leftovers
from kingshurst_tui.intake.standing import count_anew
from kingshurst_tui.intake.tally import Tally
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Fact, Reason
    from kingshurst_tui.agreements.document import Agreement
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import, or of a check (then `batch` is None).

    Attributes:
        rows_accepted: None under a "consented only" agreement, and in a check of one.
        rows_dropped: of people who are not on the register: whole tens, None where it is not told (`intake/door.py`).
        problems: what is wrong with the extract as a whole, found by a check: its columns, or that it is broken.
    """

    agreement: str
    batch: int | None
    status: str
    rows_read: int
    rows_accepted: int | None
    rows_rejected: int
    rows_dropped: int | None
    report: dict[str, Any]
    quality: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def check_file(session: Session, path: Path, reference: str, *, reason: Reason, watch: Watch | None = None) -> Imported:
    """Read an extract from end to end as an import would, report all that is wrong, and store nothing.

    Where columns are missing or there twice, the rows are checked all the same, by the columns that are there. The
    register of a "consented only" agreement is not asked: an extract of one row would tell whether that person is on
    it. Such a check is entered with how many rows it had.

    Raises: Refused (no live agreement), InputRejected (it cannot be read, or holds nothing that could be checked).
    """
    with taken(path) as (handle, digest):
        agreement, _, register = _admitted(session, reference, reason, digest, checking=True)
        tally, wrong = Tally(listing=False), list[str]()
        with closing(_opened(handle, agreement)) as extract, rare_collection():
            plan = _plan(session, agreement, extract, tally, wrong)
            repeats = None if wrong else Repeats(agreement, tally)
            try:
                for number, cells in watched(extract, watch):
                    row = plan.read(number, cells)
                    if row is not None and repeats is not None:
                        repeats.take(row)
            except InputRejected as broken:
                if not (wrong or tally.refused or tally.faults):
                    raise
                wrong.append(f"{broken.title} What follows was not checked.")
        if isinstance(plan, RowPlan):
            tally.accepted = tally.read - tally.refused
        elif not wrong:
            plan.settle()
        if isinstance(plan, AreaPlan) and places_counted_at(session, agreement, plan):
            refuse(session, agreement, plan, tally, wrong)
        report = reporting.report(agreement, tally, digest, register)
        made: dict[str, Any] = {}
        if not wrong:
            months = plan.months() if isinstance(plan, AreaPlan) else None
            made = quality.report(agreement, tally, session.clock.today(), months)
        if agreement.consented_only:
            without_the_register(report, made, None)
            facts: dict[str, Fact] = {"agreement": reference, "file": digest, "asked": tally.read, "step": "checked"}
            with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts):
                pass
        if tally.read == 0 and not wrong:
            raise nothing_in_it(tally)
        status = "too-many-rejected" if above_tolerance(agreement, tally) else "would-be-accepted"
        return _imported(agreement, None, "not-as-agreed" if wrong else status, tally, report, made, tuple(wrong))


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
    with taken(path) as (handle, digest), session.store.alone_at_staging() as alone:
        if not alone:
            raise StoreLocked(
                "Another import or recall is under way in this store.",
                "Nothing was stored.",
                "Try again when it has ended.",
            )
        purge_leftovers(session)
        agreement, on_register, register = _admitted(session, reference, reason, digest, checking=False)
        tally = Tally()
        with closing(_opened(handle, agreement)) as extract, rare_collection():
            wrong: list[str] | None = [] if agreement.format.shape == "areas" else None
            plan = _plan(session, agreement, extract, tally, wrong)
            door = Door(agreement, tally, on_register) if on_register is not None else None
            erasures = _erasures(session)
            batch = _begin(session, agreement, digest, register)
            try:
                if isinstance(plan, AreaPlan):
                    stager: AreaStager | RowStager = AreaStager(session, agreement, batch, plan, tally, wrong or ())
                else:
                    stager = RowStager(session, agreement, batch, plan, tally, door)
                for number, cells in watched(extract, watch):
                    stager.take(number, cells)
                months = stager.finish()
                weigh(agreement, tally)
                tally.accepted = tally.accepted if door is None else door.asked
                made = quality.report(agreement, tally, session.clock.today(), months)
                report = reporting.report(agreement, tally, digest, register)
                if door is not None:
                    without_the_register(report, made, door.told)
                    tally.dropped = door.told or 0
                    tally.accepted -= tally.dropped
                recount = _accept(session, agreement, batch, tally, report, made, stager.existing, as_at, reason)
            except InputRejected as rejected:
                _turn_away(
                    session,
                    agreement,
                    batch,
                    tally,
                    reporting.report(agreement, tally, digest, register),
                    rejected,
                    reason,
                )
                raise
            except Contradicted as failed:
                _abandon(session, batch)
                _say_erased(session, agreement, reason, erasures, failed)
                raise
            except BaseException:
                _abandon(session, batch)
                raise
        if recount is not None:
            count_anew(session, recount, batch)
        return _imported(agreement, batch, "accepted", tally, report, made)


def _admitted(
    session: Session, reference: str, reason: Reason, digest: str, *, checking: bool
) -> tuple[Agreement, OnRegister | None, int]:
    """Return the live agreement, who is on its register and its version; refuse a file that is in already."""
    facts: dict[str, Fact] = {"agreement": reference, "file": digest[:16], "step": "check" if checking else "begin"}
    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        agreement = standing_today.live_agreement(act, reference)
        on_register: OnRegister | None = None
        register = 0
        if agreement.consented_only:
            from kingshurst_tui.casework.confidentiality import on_register as people_on_register

            people = people_on_register(act, reference)
            register, has = people.version, people.has

            def on_register(detail: db.staged_rows.Detail) -> bool:
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
    session: Session,
    agreement: Agreement,
    extract: Extract,
    tally: Tally,
    wrong: list[str] | None = None,
) -> AreaPlan | RowPlan:
    today = session.clock.today()
    if agreement.format.shape == "areas":
        return AreaPlan(agreement, extract.header, today, tally, wrong)
    return RowPlan(agreement, extract.header, today, session.digest_key, tally, wrong)


def _begin(session: Session, agreement: Agreement, digest: str, register: int) -> int:
    agreement_id = session.look(standing_today.newest_id, agreement.reference, agreement.version)
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
) -> int | None:
    """Make the batch visible, with its entry, in one transaction; return the recount of whom it touched, if any."""
    facts: dict[str, Fact] = {
        "agreement": agreement.reference,
        "batch": batch,
        # Under a register only how many were asked about; else how many came in.
        **({"asked": tally.read} if agreement.consented_only else {"rows": tally.accepted}),
        "file": report["file_digest"],
        "step": "accept",
    }
    # Casework takes a tenth of a second to import, and most commands bring nothing in.
    from kingshurst_tui.casework import recounting

    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        standing_today.live_agreement(act, agreement.reference)  # it may have lapsed while the rows came in
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
        return recounting.begin(act, recounting.ACCEPTED, batch) if existing else None


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
        "asked": tally.read,
        "step": "refuse",
    }
    with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
        if tally.rejected_rows:
            act.write(db.batches.add_rejected, batch, tally.rejected_rows)
        report["refused"] = rejected.title
        if agreement.consented_only:
            without_the_register(report, {}, None)
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


def _say_erased(
    session: Session, agreement: Agreement, reason: Reason, before: tuple[int, int], failed: Contradicted
) -> None:
    """Say where a piece could not be written because what it was about was erased since the piece before.

    Args:
        before: how many erasures had been signed for, and carried out, when the import began.
        failed: what the store said; a full disk is a full disk, whoever was erased meanwhile.

    Raises: Refused (the data set was erased), StaleRecord (somebody was).
    """
    try:
        if _erasures(session) == before:
            return
        facts: dict[str, Fact] = {"agreement": agreement.reference, "step": "erased"}
        with session.act(Operation.COLLECT, Thing.BATCH, reason=reason, facts=facts) as act:
            standing_today.live_agreement(act, agreement.reference)
    except StoreUnavailable:
        return  # the disk still does what it did
    raise StaleRecord(
        "Somebody was erased while this extract came in.",
        "Nothing of it was stored.",
        "Ask the partner whether they are out of it, then import it again.",
    ) from failed


def _erasures(session: Session) -> tuple[int, int]:
    """Return how many were signed for, and how many carried out: one may have been signed for long before."""
    return len(session.look(db.erasing.every, *SIGNED_FOR)), session.look(db.erasing.tombstones)


def _imported(
    agreement: Agreement,
    batch: int | None,
    status: str,
    tally: Tally,
    report: dict[str, Any],
    made: dict[str, Any],
    problems: tuple[str, ...] = (),
) -> Imported:
    let_in, dropped = report["rows"]["accepted"], report["rows"]["dropped_not_on_register"]
    counts = tally.read, let_in, tally.refused, dropped
    return Imported(agreement.reference, batch, status, *counts, report, made, problems)
