"""Nobody who was erased comes back with an older copy, and nobody is erased by a list that two people did not sign."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.erasing
import db.profiles
import db.whom_erased
from db import keys
from db.connecting import connect
from db.erasure_lists import signed_records
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import imports
from kingshurst_tui.linkage import review, run
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import Restored, restore
from kingshurst_tui.vocabulary import ReasonCode
from tests.casework.conftest import Town
from tests.trust.erased import erased_by, joinable, raw

RIGHTS = Reason(ReasonCode.RIGHTS)


def _people(connection: Connection) -> set[str]:
    return set(connection.exec_driver_sql("SELECT pseudonym FROM profile WHERE status <> 'erased'").scalars())


def test_who_was_erased_since_is_erased_again_by_the_store_that_is_there_or_by_the_list(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    clock, officer = demo_copy.clock, Opener("governance", demo_copy.passphrases["governance"])
    with demo_copy.signed_in("administrator") as session:
        assert backups.backup(session, tmp_path / "copy").verified
    with demo_copy.signed_in("governance") as session:
        person = sorted(session.look(_people))[3]
        number = erasure.ask(session, "person", person, RIGHTS)
    with demo_copy.signed_in("supervisor") as session:
        erasure.confirm(session, number, RIGHTS, also=())
        assert erasure_list.write(session, tmp_path / "list") == 1
    # Nobody said so: then the person is in the restored copy, and the report says that nothing is known.
    unknowing = restore(tmp_path / "copy", tmp_path / "unknowing", officer, clock=clock)
    assert (unknowing.erased_again, unknowing.erasures_asked) == (0, False)
    by_list = restore(tmp_path / "copy", tmp_path / "by-list", officer, erasures=tmp_path / "list", clock=clock)
    in_place = restore(tmp_path / "copy", demo_copy.store, officer, replace_store=True, clock=clock)
    assert (by_list.erased_again, by_list.not_replayed) == (in_place.erased_again, in_place.not_replayed) == (1, 0)
    for folder in (tmp_path / "by-list", demo_copy.store):
        session = vaults.open_session(folder, "supervisor", demo_copy.passphrases["supervisor"], clock=clock)
        assert person not in session.look(_people)
        assert session.look(db.erasing.is_erased, person)
        assert check(session).whole
        _, _, store_keys = open_slot(read_header(folder), "supervisor", demo_copy.passphrases["supervisor"])
        salts = connect(folder / f"person-keys.{session.store.generation}.db", store_keys.person)
        assert salts.execute("SELECT count(*) FROM person_salt WHERE pseudonym = ?", (person,)).fetchone() == (0,)
        salts.close()
        session.close()


def test_a_list_that_nobody_known_signed_erases_nobody(demo_copy: DemoStore, tmp_path: Path) -> None:
    officer = Opener("governance", demo_copy.passphrases["governance"])
    with demo_copy.signed_in("administrator") as session:
        backups.backup(session, tmp_path / "copy")
    with demo_copy.signed_in("governance") as session:
        one, other, *_ = sorted(session.look(_people))
        number = erasure.ask(session, "person", one, RIGHTS)
    with demo_copy.signed_in("supervisor") as session:
        erasure.confirm(session, number, RIGHTS, also=())
        erasure_list.write(session, tmp_path / "list")
    said = json.loads((tmp_path / "list").read_bytes())
    said["list"]["erasures"][0] |= {"subject": other, "subjects": [other]}
    (tmp_path / "false").write_text(json.dumps(said))
    done = restore(tmp_path / "copy", tmp_path / "again", officer, erasures=tmp_path / "false", clock=demo_copy.clock)
    assert (done.erased_again, done.not_replayed) == (0, 1)
    (tmp_path / "broken").write_text("{}")
    with pytest.raises(InputRejected, match="no list of erasures"):
        restore(tmp_path / "copy", tmp_path / "more", officer, erasures=tmp_path / "broken", clock=demo_copy.clock)


def _part_of(town: Town, profile: int, records: list[int]) -> str:
    """Part records from a profile and return the pseudonym that they have now."""
    review.split(town.coordinator, profile, records, "two people of one name, says the doctor")
    (now,) = set(town.supervisor.look(db.profiles.profiles_of, records).values())
    return town.supervisor.look(db.profiles.known, [now])[now].pseudonym


def _erased_and_listed(town: Town, who: str, path: Path) -> None:
    erased_by(town, erasing.PERSON, who)
    erasure_list.write(town.supervisor, path)


@contextmanager
def _brought_back(demo: DemoStore, folder: Path) -> Iterator[tuple[Restored, Session]]:
    """Bring the copy in a folder back with the list beside it, and sign in to it."""
    officer = Opener("governance", demo.passphrases["governance"])
    done = restore(folder / "copy", folder / "again", officer, erasures=folder / "list", clock=demo.clock)
    signed = vaults.open_session(folder / "again", "supervisor", demo.passphrases["supervisor"], clock=demo.clock)
    with closing(signed) as session:
        assert check(session).whole
        yield done, session


def test_whoever_was_part_of_another_profile_in_a_copy_is_erased_from_it_too(town: Town, tmp_path: Path) -> None:
    with raw(town.demo) as connection:
        profile, stays, theirs = connection.exec_driver_sql(
            "SELECT profile_id, min(source_record_id), max(source_record_id) FROM profile_member GROUP BY 1 "
            "HAVING count(*) = 2 ORDER BY 1"
        ).fetchone() or (0, 0, 0)
    backups.backup(town.user("administrator"), tmp_path / "copy")
    _erased_and_listed(town, _part_of(town, profile, [theirs]), tmp_path / "list")
    with _brought_back(town.demo, tmp_path) as (done, session):
        assert session.look(db.profiles.records_of, [profile]) == {stays: profile}
        left = session.look(db.whom_erased.every_record)
        assert stays in left
        assert theirs not in left
    assert (done.erased_again, done.found_nobody, done.not_replayed) == (1, 0, 0)


def test_a_profile_that_was_wholly_theirs_in_a_copy_goes_with_its_salt(town: Town, tmp_path: Path) -> None:
    """In the store it was joined with another since, whose pseudonym its own leads to now."""
    older, younger = joinable(town)
    with raw(town.demo) as connection:
        theirs = db.whom_erased.records_of(connection, [younger.profile_id])
    backups.backup(town.user("administrator"), tmp_path / "copy")
    review.join(town.coordinator, older.profile_id, younger.profile_id, "one person, says the landlord")
    _erased_and_listed(town, _part_of(town, older.profile_id, theirs), tmp_path / "list")
    with _brought_back(town.demo, tmp_path) as (done, session):
        people = session.look(_people)
        assert younger.pseudonym not in people
        assert older.pseudonym in people
        assert not session.look(db.erasing.is_erased, younger.pseudonym), "nobody signed for that pseudonym"
        with pytest.raises(keys.SealBroken):
            session.key_with_person(younger.pseudonym, b"", "test")
        erasure_list.write(session, tmp_path / "list-of-the-copy")
    assert (done.erased_again, done.found_nobody, done.not_replayed) == (1, 0, 0)
    officer = Opener("governance", town.demo.passphrases["governance"])
    more = restore(
        tmp_path / "copy", tmp_path / "more", officer, erasures=tmp_path / "list-of-the-copy", clock=town.demo.clock
    )
    assert (more.erased_again, more.found_nobody, more.not_replayed) == (1, 0, 0)


def test_a_restored_copy_says_how_many_erasures_found_nobody(town: Town, tmp_path: Path) -> None:
    backups.backup(town.user("administrator"), tmp_path / "copy")
    file = town.demo.folder / "partners" / "sch_tenants.csv"
    arrived = b"PER999999,TEN999999,Tenant,Ms,Zelda,,Quagmirella,,09/08/1971,Female,,7 Mill Road,B39 1AA,0.00"
    more = file.with_name("more.csv")
    more.write_bytes(file.read_bytes().splitlines()[0] + b"\r\n" + arrived + b"\r\n")
    before = set(town.supervisor.look(db.whom_erased.every_record))
    imports.import_file(town.user("governance"), more, "SCH-TENANTS", reason=Reason(ReasonCode.INTAKE))
    run.run(town.coordinator, Reason(ReasonCode.MAINTENANCE))
    came = set(town.supervisor.look(db.whom_erased.every_record)) - before
    (profile,) = town.supervisor.look(db.profiles.profiles_of, came).values()
    who = town.supervisor.look(db.profiles.known, [profile])[profile].pseudonym
    _erased_and_listed(town, who, tmp_path / "list")
    with _brought_back(town.demo, tmp_path) as (done, session):
        assert set(session.look(db.whom_erased.every_record)) == before
    assert (done.erased_again, done.found_nobody) == (1, 1)


@pytest.mark.parametrize("document", ["", "[]", "{", '{"records": 3}', '{"records": null}', "[" * 100_000])
def test_a_document_that_names_no_records_takes_none(document: str) -> None:
    assert signed_records(document) == frozenset()
