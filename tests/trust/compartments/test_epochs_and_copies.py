"""Who is entitled changes: leavers, new roles, recovery, rotation, copies, erasure."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import db.audit
import db.audit_verification
import db.commitments
import db.compartments
import db.profiles
import db.restricted_notes
from db import keys
from db.checking import check_store
from db.compartments import HEALTH, NAMES, NOTES, Epoch, Holding
from db.person_keys import PersonKeys
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import restricted_notes, sealed_detail
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding import recovery, rotation, users
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.upkeep import backups
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import ReasonCode, Role
from tests.conftest import NOON
from tests.trust.compartments.sealed import (
    NOTE,
    OUTCOME,
    SAFEGUARDING,
    SEALED_SECRET,
    Town,
    laid_in,
    tried,
)


def test_what_a_leaver_held_is_written_into_no_more(town: Town) -> None:
    leaver, _ = town.keys_of("practitioner")
    with town.signed_in("administrator") as session:
        users.leave(session, "practitioner")
    with town.raw() as connection:
        assert db.compartments.seals_of(connection, "practitioner") == {}
    with town.signed_in("coordinator") as session:
        written = restricted_notes.write(session, town.who, "Kumquat", SAFEGUARDING)
    with town.raw() as connection:
        for name in NAMES:
            newest = db.compartments.newest(connection, name)
            assert newest is not None
            assert newest.epoch == 2
            assert "practitioner" not in db.compartments.holders(connection)[name, 2]
        epoch = connection.exec_driver_sql(
            "SELECT epoch FROM restricted_note WHERE id = ?", (written.number,)
        ).scalar_one()
        assert epoch == 2
    for name in NAMES:
        seals, batch_keys, notes, _ = laid_in(town, name)
        assert seals
        for sealed, about in (*seals, *batch_keys, *notes):
            for part in {sealed, sealed[:SEALED_SECRET]}:
                assert tried(lambda s=part, a=about: keys.unseal(leaver, s, a)) == []
    assert {note.text for note in town.opened().notes} == {NOTE, "Kumquat"}


@pytest.mark.parametrize("role", [Role.GOVERNANCE, None])
def test_an_epoch_that_a_leaver_held_does_not_come_back_with_the_data_key(role: Role | None, town: Town) -> None:
    """Cryptographic, as far as the trail is covered: the entry that ended the role says up to which epoch."""
    with town.raw() as connection:  # what they held they hide beforehand
        connection.exec_driver_sql("DELETE FROM compartment_seal WHERE user_name = 'practitioner'")
    with town.signed_in("administrator") as session:
        if role is None:
            users.leave(session, "practitioner")
        else:
            grants.propose(session, "practitioner", role)
    if role is not None:
        with town.signed_in("supervisor") as session:
            grants.confirm(session, "practitioner")
    with town.signed_in("coordinator"):
        pass
    with town.raw() as connection:
        connection.exec_driver_sql("DELETE FROM compartment_seal WHERE epoch > 1")
        connection.exec_driver_sql("DELETE FROM compartment WHERE epoch > 1")
        connection.exec_driver_sql("DELETE FROM setting WHERE name LIKE 'compartment-over/%'")
    with town.signed_in("coordinator") as session:
        written = restricted_notes.write(session, town.who, "Kumquat", SAFEGUARDING)
    with town.raw() as connection:
        epoch = connection.exec_driver_sql("SELECT epoch FROM restricted_note WHERE id = ?", (written.number,))
        assert epoch.scalar_one() == 2
        for name in NAMES:
            assert db.compartments.newest(connection, name).epoch == 2  # type: ignore[union-attr]


def _second_coordinator(town: Town, confirmed_by: str = "governance") -> None:
    town.demo.passphrases["second"] = "another lantern wet ferry hill"
    with town.signed_in("administrator") as session:
        users.add_user(session, "second", "Second", "KTP", Role.COORDINATOR, town.demo.passphrases["second"])
    with town.signed_in(confirmed_by) as session:
        grants.confirm(session, "second")


def test_somebody_newly_entitled_reads_once_a_holder_has_signed_in(town: Town) -> None:
    _second_coordinator(town)
    before = town.opened("second")
    assert sealed_detail.NOT_YET in {row.sealed for row in before.timeline}
    assert [note.text for note in before.notes] == [""]

    with town.signed_in("coordinator"):
        pass

    after = town.opened("second")
    assert {row.sealed for row in after.timeline} == {""}
    assert [note.text for note in after.notes] == [NOTE]
    with town.raw() as connection:
        said = [
            json.loads(row[0])["facts"]
            for row in connection.exec_driver_sql(
                "SELECT body FROM audit_entry WHERE thing = 'compartment' ORDER BY seq"
            )
        ]
    assert {"health_sealed_to": "second", "restricted-notes_sealed_to": "second"} in said


def test_whoever_confirms_a_role_seals_what_they_hold_and_nobody_before(town: Town) -> None:
    _second_coordinator(town, confirmed_by="supervisor")
    with town.raw() as connection:
        assert {name for name, _ in db.compartments.seals_of(connection, "second")} == {NOTES}
    assert [note.text for note in town.opened("second").notes] == [NOTE]


def test_somebody_added_and_not_confirmed_is_sealed_nothing(town: Town) -> None:
    with town.signed_in("administrator") as session:
        users.add_user(session, "third", "Third", "KTP", Role.COORDINATOR, "a lantern wet ferry hill third")
    with town.raw() as connection:  # the table says that they are one; the signatures do not
        connection.exec_driver_sql("UPDATE \"user\" SET role = 'coordinator' WHERE name IN ('third', 'governance')")
    with town.signed_in("coordinator"):
        pass
    with town.raw() as connection:
        assert db.compartments.seals_of(connection, "third") == {}
        assert db.compartments.seals_of(connection, "governance") == {}


def test_another_role_takes_the_seal_away_and_ends_the_epoch(town: Town) -> None:
    with town.signed_in("administrator") as session:
        grants.propose(session, "practitioner", Role.SUPERVISOR)
    with town.signed_in("governance") as session:
        grants.confirm(session, "practitioner")
    with town.raw() as connection:
        assert {name for name, _ in db.compartments.seals_of(connection, "practitioner")} == {NOTES}
    with town.signed_in("coordinator"):
        pass
    with town.raw() as connection:
        newest = {name: db.compartments.newest(connection, name) for name in NAMES}
    assert {name: epoch.epoch for name, epoch in newest.items() if epoch} == {HEALTH: 2, NOTES: 1}


def test_nothing_is_sealed_to_a_key_that_its_owner_did_not_sign_for(town: Town) -> None:
    _second_coordinator(town)
    thief = keys.UserKeys.generate()
    with town.raw() as connection:
        connection.exec_driver_sql(
            "UPDATE \"user\" SET sealing_public = ? WHERE name = 'second'", (thief.sealing_public,)
        )
    with town.signed_in("coordinator"):
        pass
    with town.raw() as connection:
        assert db.compartments.seals_of(connection, "second") == {}


def test_an_epoch_that_nobody_entitled_answers_for_is_left(town: Town) -> None:
    thief, pairs = keys.UserKeys.generate(), town.keys_of("governance")[0]
    statement = db.compartments._statement(HEALTH, 9, thief.sealing_public, "governance")
    forged = Epoch(HEALTH, 9, thief.sealing_public, "2026-05-04", "governance", pairs.sign(keys.canonical(statement)))
    with town.raw() as connection:
        db.compartments.add_epoch(connection, forged)
        db.compartments.put_seal(
            connection, forged, "coordinator", town.keys_of("coordinator")[0].sealing_public, b"x" * 32
        )
    with town.signed_in("coordinator"):
        pass
    with town.raw() as connection:
        newest = db.compartments.newest(connection, HEALTH)
    assert newest is not None
    assert (newest.epoch, newest.made_by) == (10, "coordinator")


def test_recovery_brings_back_what_was_sealed(town: Town) -> None:
    town.demo.passphrases["coordinator"] = "quite another lantern wet ferry"
    typed = (town.demo.folder / "passphrases" / "RECOVERY").read_text(encoding="utf-8").strip()
    recovery.recover(town.store, "coordinator", typed, town.demo.passphrases["coordinator"], clock=FixedClock(NOON))
    profile = town.opened()
    assert any(OUTCOME in row.outcome for row in profile.timeline)
    assert [note.text for note in profile.notes] == [NOTE]


def test_where_nobody_entitled_is_left_the_recovery_key_opens_what_was_written(town: Town) -> None:
    with town.signed_in("administrator") as session:
        users.leave(session, "practitioner")
        users.leave(session, "coordinator")
    _second_coordinator(town)
    before = town.opened("second")
    assert sealed_detail.NOT_YET in {row.sealed for row in before.timeline}
    with town.raw() as connection:
        newest = db.compartments.newest(connection, HEALTH)
    assert newest is not None
    assert newest.made_by == "second"

    typed = (town.demo.folder / "passphrases" / "RECOVERY").read_text(encoding="utf-8").strip()
    recovery.recover(town.store, "second", typed, town.demo.passphrases["second"], clock=FixedClock(NOON))

    after = town.opened("second")
    assert any(OUTCOME in row.outcome for row in after.timeline)
    assert [note.text for note in after.notes] == [NOTE]


def test_a_user_of_an_older_store_signs_for_their_sealing_key_at_their_own_sign_in(town: Town) -> None:
    with town.raw() as connection:
        connection.exec_driver_sql("UPDATE \"user\" SET sealing_proof = NULL WHERE name = 'practitioner'")
        connection.exec_driver_sql("DELETE FROM compartment_seal WHERE user_name = 'practitioner'")
    for name, sealed in (("coordinator", False), ("practitioner", False), ("coordinator", True)):
        with town.signed_in(name):
            pass
        with town.raw() as connection:
            assert bool(db.compartments.seals_of(connection, "practitioner")) is sealed


def test_a_copy_brought_back_opens_to_the_same_people(town: Town, tmp_path: Path) -> None:
    with town.signed_in("administrator") as session:
        assert backups.backup(session, tmp_path / "copy").verified
    again = replace(town, demo=replace(town.demo, folder=tmp_path / "again"))
    again.demo.folder.mkdir()
    restore(
        tmp_path / "copy",
        again.store,
        Opener("governance", town.demo.passphrases["governance"]),
        clock=FixedClock(NOON),
    )
    profile = again.opened()
    assert any(OUTCOME in row.outcome for row in profile.timeline)
    assert [note.text for note in profile.notes] == [NOTE]
    assert {row.sealed for row in again.opened("governance").timeline if row.data_set == "WMAS-CALLS"} == {
        sealed_detail.NOT_YOURS
    }


def test_a_check_says_what_lies_sealed_and_what_is_missing(town: Town) -> None:
    header = read_header(town.store)
    _, store_keys = town.keys_of("administrator")

    def found() -> tuple[tuple[str, ...], str]:
        checked = check_store(town.store, header.generation, store_keys, {})
        (mine,) = (each for each in checked.findings if "compartments" in each.check)
        return mine.problems, mine.looked_at

    problems, looked_at = found()
    assert problems == ()
    assert looked_at.endswith("1 restricted notes")
    with town.raw() as connection:
        connection.exec_driver_sql("DELETE FROM compartment_key")
        connection.exec_driver_sql("DELETE FROM compartment_seal")
    problems, _ = found()
    assert "without the key" in problems[0]
    assert "opens to nobody" in problems[-1]


def test_a_note_goes_along_when_two_profiles_are_one(town: Town) -> None:
    with town.raw() as connection:
        mine, older = connection.exec_driver_sql(
            "SELECT p.id, (SELECT min(o.id) FROM profile o WHERE o.status = 'open' AND o.id <> p.id) "
            "FROM profile p WHERE p.pseudonym = ?",
            (town.who,),
        ).one()
        db.profiles.merge(connection, mine, older, "2026-05-04T11:00:00Z")
    assert [note.text for note in town.opened().notes] == [NOTE]


def test_rotation_carries_compartments(town: Town) -> None:
    rotation.rotate(town.store, "administrator", town.demo.passphrases["administrator"], clock=FixedClock(NOON))
    profile = town.opened()
    assert any(OUTCOME in row.outcome for row in profile.timeline)
    assert [note.text for note in profile.notes] == [NOTE]


def test_everything_still_adds_up(needled: Town) -> None:
    _, store_keys = needled.keys_of("administrator")
    with needled.raw() as connection:
        assert db.audit_verification.verify(connection, {}).holds
        assert db.commitments.compare(connection, store_keys.commitment_key()) == []


def test_a_note_of_an_erased_person_opens_in_no_old_copy(town: Town, tmp_path: Path) -> None:
    """With every key of the store but the salt that was destroyed; copies of the salts are kept apart."""
    before = tmp_path / "before"
    shutil.copytree(town.store, before)
    with town.signed_in("governance") as governance:
        number = erasure.ask(governance, erasing.PERSON, town.who, Reason(ReasonCode.RIGHTS, "Asked for."))
    with town.signed_in("supervisor") as supervisor:
        erased = erasure.confirm(supervisor, number, Reason(ReasonCode.RIGHTS), also=())
    assert erased.counts["restricted_note"] == 1
    with town.raw() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM restricted_note").scalar_one() == 0

    header = read_header(town.store)
    old = replace(town, demo=replace(town.demo, folder=tmp_path / "old"))
    shutil.copytree(before, old.store)
    pairs, store_keys = town.keys_of("coordinator")
    with old.raw() as connection:
        note = connection.exec_driver_sql(
            f"SELECT {', '.join(db.restricted_notes.NoteRow._fields)} FROM restricted_note"
        ).one()
        row = db.restricted_notes.NoteRow(*note)
        holding = Holding()
        epoch = next(each for each in db.compartments.epochs(connection) if each.name == NOTES)
        sealed = db.compartments.seals_of(connection, "coordinator")[NOTES, epoch.epoch]
        assert holding.take(epoch, keys.unseal(pairs, sealed, db.compartments.about_seal(epoch, "coordinator")))
    about = restricted_notes._about(row.pseudonym, row.written_by, row.written_at)

    def opened(salts: Path) -> bytes:
        person_keys = PersonKeys(salts, header.generation, store_keys.person)
        try:
            return db.restricted_notes.opened(
                holding, row.compartment, row.epoch, row.pseudonym, bytes(row.sealed), about, person_keys.mixed
            )
        finally:
            person_keys.close()

    assert NOTE.encode() in opened(before)
    with pytest.raises(keys.SealBroken):
        opened(town.store)
