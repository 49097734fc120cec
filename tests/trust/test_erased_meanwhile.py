"""Whoever works on while somebody is erased: nothing is joined, linked or brought in of them, and nobody else goes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as driver

import db.audit
import db.erasure_traces
import db.profiles
import db.whom_erased
from db.connecting import translated
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import drafts, restricted_notes
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import NotFound, Refused, StaleRecord, StoreUnavailable
from kingshurst_tui.intake import imports, staging
from kingshurst_tui.linkage import review, run
from kingshurst_tui.linkage.plan import plan
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.casework.conftest import Town
from tests.trust.erased import INCIDENTS, TENANTS, erased_by, joinable, raw
from tests.trust.test_erasure import ASKED, _kept


def test_nobody_is_joined_with_somebody_whose_erasure_is_under_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    older, who = joinable(town)
    real = Session.destroy_salts
    tried: list[bool] = []

    def a_join_first(session: Session, pseudonyms: list[str]) -> None:
        if not tried:
            with pytest.raises(StaleRecord):
                review.join(town.coordinator, older.profile_id, who.profile_id, "one person, says the doctor")
            tried.append(True)
        real(session, pseudonyms)

    monkeypatch.setattr(Session, "destroy_salts", a_join_first)
    erased_by(town, erasing.PERSON, who.pseudonym)
    with raw(town.demo) as connection:
        assert db.whom_erased.profile_of(connection, who.pseudonym) is None
        assert db.whom_erased.profile_of(connection, older.pseudonym) == older.profile_id


def test_an_erasure_that_a_kill_cut_off_takes_nobody_who_was_joined_meanwhile(
    demo_copy: DemoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        town = Town(demo_copy, stack)
        older, who = joinable(town)
        number = erasure.ask(town.user("governance"), erasing.PERSON, who.pseudonym, ASKED)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as cut:
            cut.setattr(erasure, "carry_out", killed)
            with pytest.raises(KeyboardInterrupt):
                erasure.confirm(town.supervisor, number, ASKED, also=())
        with pytest.raises(StaleRecord):
            review.join(town.coordinator, older.profile_id, who.profile_id, "one person, says the doctor")
    with demo_copy.signed_in("practitioner"), raw(demo_copy) as connection:
        assert db.whom_erased.profile_of(connection, who.pseudonym) is None
        assert db.whom_erased.profile_of(connection, older.pseudonym) == older.profile_id


def test_a_run_of_linkage_makes_nobody_of_records_erased_since_it_planned(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = town.demo.folder / "partners" / "sch_tenants.csv"
    arrived = b"PER999999,TEN999999,Tenant,Ms,Zelda,,Quagmirella,,09/08/1971,Female,,7 Mill Road,B39 1AA,0.00"
    more = file.with_name("more.csv")
    more.write_bytes(file.read_bytes().splitlines()[0] + b"\r\n" + arrived + b"\r\n")
    imports.import_file(town.user("governance"), more, TENANTS, reason=Reason(ReasonCode.INTAKE))
    real = plan

    def erased_then(*given: object, **named: object) -> object:
        made = real(*given, **named)  # type: ignore[arg-type]
        erased_by(town, erasing.DATA_SET, TENANTS)
        return made

    monkeypatch.setattr(run, "plan", erased_then)
    run.run(town.coordinator, Reason(ReasonCode.MAINTENANCE))
    with raw(town.demo) as connection:
        ghosts = connection.exec_driver_sql(
            "SELECT profile_id FROM profile_member WHERE source_record_id NOT IN (SELECT id FROM source_record)"
        )
        assert ghosts.all() == []


@pytest.mark.parametrize("kind", [erasing.DATA_SET, erasing.PERSON])
def test_an_import_whose_people_are_erased_meanwhile_says_so_and_brings_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    again = _again(town, monkeypatch)
    real = staging.RowStager._stage
    pieces: list[int] = []

    def erased_after_the_first(stager: staging.RowStager, piece: list[Any]) -> None:
        real(stager, piece)
        if not pieces:
            erased_by(town, kind, INCIDENTS if kind == erasing.DATA_SET else _in_incidents(town))
        pieces.append(len(piece))

    monkeypatch.setattr(staging.RowStager, "_stage", erased_after_the_first)
    with pytest.raises((Refused, StaleRecord), match="erased") as told:
        imports.import_file(town.user("governance"), again, INCIDENTS, reason=Reason(ReasonCode.INTAKE))
    assert isinstance(told.value, Refused if kind == erasing.DATA_SET else StaleRecord)
    assert len(pieces) == 1, "the second piece tells of records that are gone"
    with raw(town.demo) as connection:
        (batch, status) = connection.exec_driver_sql(
            "SELECT id, status FROM import_batch ORDER BY id DESC LIMIT 1"
        ).fetchone() or (0, "")
        left = connection.exec_driver_sql("SELECT count(*) FROM contact WHERE batch_id = ?", (batch,)).scalar()
    assert (status, left) == ("abandoned", 0)


def _again(town: Town, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same people's incidents under other references, once in a first piece and once more in the second."""
    file = town.demo.folder / "partners" / "wmp_incidents.csv"
    again = file.with_name("again.csv")
    header, *rows = file.read_bytes().splitlines(keepends=True)
    again.write_bytes(b"".join([header, *(year + row[1:] for year in (b"8", b"9") for row in rows)]))
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 2 * len(rows))
    return again


def test_an_erasure_signed_for_before_an_import_and_completed_by_an_opening_during_it_is_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = erasure.ask(town.user("governance"), erasing.PERSON, _in_incidents(town), ASKED)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(erasure, "carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            erasure.confirm(town.supervisor, number, ASKED, also=())
    again = _again(town, monkeypatch)
    real = staging.RowStager._stage

    def opened_after_the_first(stager: staging.RowStager, piece: list[Any]) -> None:
        real(stager, piece)
        with town.demo.signed_in("practitioner"):
            pass

    monkeypatch.setattr(staging.RowStager, "_stage", opened_after_the_first)
    with pytest.raises(StaleRecord, match="Somebody was erased"):
        imports.import_file(town.user("governance"), again, INCIDENTS, reason=Reason(ReasonCode.INTAKE))


def test_a_disk_that_fills_up_is_told_of_though_somebody_was_erased_meanwhile(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = town.lines()[-1].pseudonym

    def full(*_: object) -> None:
        erased_by(town, erasing.PERSON, who)
        failed = driver.OperationalError("database or disk is full")
        raise translated(failed) from failed

    monkeypatch.setattr(staging.RowStager, "_stage", full)
    with pytest.raises(StoreUnavailable, match="The disk is full"):
        imports.import_file(
            town.user("governance"), _again(town, monkeypatch), INCIDENTS, reason=Reason(ReasonCode.INTAKE)
        )


def _in_incidents(town: Town) -> str:
    with raw(town.demo) as connection:
        found = connection.exec_driver_sql(
            "SELECT p.pseudonym FROM profile p JOIN profile_member m ON m.profile_id = p.id "
            "JOIN source_record r ON r.id = m.source_record_id WHERE r.agreement_ref = ? ORDER BY p.id",
            (INCIDENTS,),
        ).scalar()
    return str(found)


def test_nothing_is_erased_where_the_person_was_parted_from_records_meanwhile(town: Town) -> None:
    with raw(town.demo) as connection:
        profile, who, record = connection.exec_driver_sql(
            "SELECT p.id, p.pseudonym, max(m.source_record_id) FROM profile p "
            "JOIN profile_member m ON m.profile_id = p.id GROUP BY 1 HAVING count(*) = 2 ORDER BY 1"
        ).fetchone() or (0, "", 0)
    number = erasure.ask(town.user("governance"), erasing.PERSON, who, ASKED)
    review.split(town.coordinator, profile, [record], "two people of one name, says the doctor")
    with pytest.raises(Refused, match="parted from records"):
        erasure.confirm(town.supervisor, number, ASKED, also=())
    erasure.refuse(town.supervisor, number, ASKED)
    assert erased_by(town, erasing.PERSON, who).counts["source_record"] == 1
    assert town.supervisor.look(db.profiles.profiles_of, [record]).keys() == {record}


def test_whoever_goes_on_writing_about_somebody_erased_keeps_no_draft_of_it(town: Town) -> None:
    who = town.open_person()
    place = (Operation.ALTER, Thing.ACTION, "form-action", who.profile_id)
    drafts.keep(town.practitioner, *place, {"text": f"TRACE: ring {who.name}"})
    restricted_notes.drafts_of(town.coordinator, who.profile_id)
    restricted_notes.keep_draft(town.coordinator, who.profile_id, who.pseudonym, {"text": "TRACE"})
    erased_by(town, erasing.PERSON, who.pseudonym)
    with pytest.raises(NotFound):
        drafts.keep(town.practitioner, *place, {"text": f"TRACE: ring {who.name} tomorrow"})
    with pytest.raises(NotFound):
        restricted_notes.keep_draft(town.coordinator, who.profile_id, who.pseudonym, {"text": "TRACE on"})
    assert [table for table, text in _kept(town.demo) if "TRACE" in text] == []
