"""Two people erase, and only whom both signed for: what was asked for is what its asker signed, and is so today."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import db.profiles
import db.whom_erased
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import Refused
from kingshurst_tui.intake import imports, recall
from kingshurst_tui.linkage import run
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import ReasonCode
from tests.trust.erased import TENANTS, raw
from tests.trust.test_erasure import ASKED

INTAKE = Reason(ReasonCode.INTAKE)


@contextmanager
def _signed_in(demo: DemoStore, store: Path, name: str) -> Iterator[Session]:
    with closing(vaults.open_session(store, name, demo.passphrases[name], clock=demo.clock)) as session:
        yield session


def _people(session: Session) -> set[str]:
    return set(
        session.look(lambda connection: connection.exec_driver_sql("SELECT pseudonym FROM profile").scalars().all())
    )


def _some(demo: DemoStore) -> list[str]:
    with demo.signed_in("governance") as session:
        return sorted(_people(session))


def _ask(demo: DemoStore, who: str, store: Path | None = None) -> int:
    with _signed_in(demo, store or demo.store, "governance") as session:
        return erasure.ask(session, erasing.PERSON, who, ASKED)


def _confirm(demo: DemoStore, number: int, store: Path | None = None, into: Path | None = None) -> None:
    with _signed_in(demo, store or demo.store, "supervisor") as session:
        erasure.confirm(session, number, ASKED, also=())
        if into is not None:
            erasure_list.write(session, into)


def _copy(demo: DemoStore, to: Path, store: Path | None = None) -> None:
    with _signed_in(demo, store or demo.store, "administrator") as session:
        assert backups.backup(session, to).verified


def _brought_in(demo: DemoStore, folder: Path, name: tuple[str, str], reference: str, store: Path | None = None) -> str:
    """Bring one tenant in, link, and return their pseudonym."""
    partners = demo.folder / "partners" / "sch_tenants.csv"
    row = f"PER{reference},TEN{reference},Tenant,Ms,{name[0]},,{name[1]},,09/08/1971,Female,,7 Mill Road,B39 1AA,0.00"
    more = folder / f"{reference}.csv"
    more.write_bytes(partners.read_bytes().splitlines()[0] + b"\r\n" + row.encode() + b"\r\n")
    with _signed_in(demo, store or demo.store, "governance") as session:
        imports.import_file(session, more, TENANTS, reason=INTAKE)
    with _signed_in(demo, store or demo.store, "coordinator") as session:
        run.run(session, Reason(ReasonCode.MAINTENANCE))
        came = max(session.look(db.whom_erased.every_record))
        (profile,) = session.look(db.profiles.profiles_of, [came]).values()
        return session.look(db.profiles.known, [profile])[profile].pseudonym


def _signed_anew(demo: DemoStore, number: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Let the asker put another document in the place of what was asked for, with the data key and their own."""
    with demo.signed_in("governance") as session, raw(demo) as connection:
        said = connection.exec_driver_sql("SELECT document FROM erasure WHERE id = ?", (number,)).scalar()
        change(document := json.loads(said or ""))
        canonical, signature = session.sign(document)
        connection.exec_driver_sql(
            "UPDATE erasure SET document = ?, signature = ? WHERE id = ?", (canonical.decode(), signature, number)
        )
        connection.commit()


@pytest.mark.parametrize("leaf", ["also", "records"])
def test_nobody_signs_for_further_people_unseen(demo_copy: DemoStore, leaf: str) -> None:
    one, other, *_ = _some(demo_copy)
    with raw(demo_copy) as connection:
        profile = db.whom_erased.profile_of(connection, other) or 0
        marks = db.whom_erased.marks_of(connection, db.whom_erased.records_of(connection, [profile]))
    number = _ask(demo_copy, one)
    _signed_anew(demo_copy, number, lambda said: said[leaf].extend([other] if leaf == "also" else marks))
    with pytest.raises(Refused, match="parted from records"):
        _confirm(demo_copy, number)
    assert {one, other} <= set(_some(demo_copy))


def test_nobody_confirms_what_they_asked_for_under_another_name(demo_copy: DemoStore) -> None:
    one, *_ = _some(demo_copy)
    with demo_copy.signed_in("supervisor") as session:
        number = erasure.ask(session, erasing.PERSON, one, ASKED)
    with raw(demo_copy) as connection:
        connection.exec_driver_sql("UPDATE erasure SET asked_by = 'governance' WHERE id = ?", (number,))
        connection.commit()
    with pytest.raises(Refused, match="not what its asker signed"):
        _confirm(demo_copy, number)
    assert one in _some(demo_copy)


@pytest.mark.parametrize("column", ["subject", "signature", "document"])
def test_what_was_altered_since_it_was_asked_for_is_signed_by_nobody(demo_copy: DemoStore, column: str) -> None:
    one, other, *_ = _some(demo_copy)
    number = _ask(demo_copy, one)
    altered = {"subject": other, "signature": b"x" * 64, "document": json.dumps({"erase": "person", "subject": one})}
    with raw(demo_copy) as connection:
        connection.exec_driver_sql(f"UPDATE erasure SET {column} = ? WHERE id = ?", (altered[column], number))
        connection.commit()
    with pytest.raises(Refused, match="not what its asker signed"):
        _confirm(demo_copy, number)
    assert {one, other} <= set(_some(demo_copy))


def test_records_that_came_anew_since_are_not_left_behind(demo_copy: DemoStore, tmp_path: Path) -> None:
    who = _brought_in(demo_copy, tmp_path, ("Zelda", "Quagmirella"), "999999")
    number = _ask(demo_copy, who)
    with demo_copy.signed_in("governance") as session:
        batch = session.look(lambda c: int(c.exec_driver_sql("SELECT max(id) FROM import_batch").scalar() or 0))
        recall.recall(session, batch, reason=Reason(ReasonCode.OTHER, "of the wrong day"))
        imports.import_file(session, tmp_path / "999999.csv", TENANTS, reason=INTAKE)
    with demo_copy.signed_in("coordinator") as session:
        run.run(session, Reason(ReasonCode.MAINTENANCE))
    with pytest.raises(Refused, match=r"records were taken back|further records"):
        _confirm(demo_copy, number)


def test_a_record_that_came_since_and_is_in_a_copy_is_signed_for(demo_copy: DemoStore, tmp_path: Path) -> None:
    who = _brought_in(demo_copy, tmp_path, ("Zelda", "Quagmirella"), "999999")
    number = _ask(demo_copy, who)
    assert _brought_in(demo_copy, tmp_path, ("Zelda", "Quagmirella"), "999998") == who
    with pytest.raises(Refused, match="further records"):
        _confirm(demo_copy, number)


def test_nobody_is_erased_for_whoever_had_their_number_in_another_line_of_copies(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    """A copy that was brought back counts its records on from where it was: two people then have one number."""
    officer = Opener("governance", demo_copy.passphrases["governance"])
    _copy(demo_copy, tmp_path / "first")
    zelda = _brought_in(demo_copy, tmp_path, ("Zelda", "Quagmirella"), "999999")
    _copy(demo_copy, tmp_path / "second")
    restore(tmp_path / "first", demo_copy.store, officer, replace_store=True, clock=demo_copy.clock)
    bobby = _brought_in(demo_copy, tmp_path, ("Bobby", "Innocentius"), "888888")
    _confirm(demo_copy, _ask(demo_copy, bobby))
    done = restore(tmp_path / "second", demo_copy.store, officer, replace_store=True, clock=demo_copy.clock)
    assert (done.erased_again, done.found_nobody) == (1, 1)
    assert zelda in _some(demo_copy)


def test_every_record_has_a_mark_of_its_own(demo_copy: DemoStore) -> None:
    with raw(demo_copy) as connection:
        marks = connection.exec_driver_sql("SELECT record_mark FROM source_record").scalars().all()
    assert len(set(marks)) == len(marks) > 100
    assert {len(mark) for mark in marks} == {24}
