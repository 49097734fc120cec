"""Health detail and restricted notes: nothing of them opens to the store's keys and the keys of those not entitled."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.audit
import db.audit_verification
import db.commitments
import db.compartments
import db.profiles
import db.restricted_notes
from db import keys
from db.checking import check_store
from db.compartments import HEALTH, NAMES, NOTES, Epoch, Holding
from db.person_keys import PersonKeys, person_keys_file
from db.store import administering, connect, data_file
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui import cli, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import restricted_notes, sealed_detail
from kingshurst_tui.casework.profiles import Profile, open_profile
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.granting import grants
from kingshurst_tui.intake import imports
from kingshurst_tui.keyholding import recovery, rotation
from kingshurst_tui.oversight import erasure
from kingshurst_tui.session import Session
from kingshurst_tui.upkeep import backups
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import ReasonCode, Role
from tests.conftest import NOON
from tests.trust.test_erasure import decrypted

SAFEGUARDING = Reason(ReasonCode.SAFEGUARDING)
INTAKE = Reason(ReasonCode.INTAKE)
NOTE = "Quillon said the lighthouse keeper visits on Thursdays"
DRAFTED = "Unfinished thought about the tamarind orchard"
OUTCOME, PLACE, POSTCODE = "Zephyrward", "Marzipan Parade", "B92 0"
NOT_FOR_HEALTH = ("administrator", "governance", "supervisor")
NOT_FOR_NOTES = ("administrator", "governance")


@dataclass
class Town:
    """The demonstration with needles in what lies sealed, and somebody open whose contacts and notes hold some."""

    demo: DemoStore
    who: str

    @contextmanager
    def signed_in(self, name: str) -> Iterator[Session]:
        with self.demo.signed_in(name) as session:
            yield session

    @property
    def store(self) -> Path:
        return self.demo.store

    def keys_of(self, name: str) -> tuple[keys.UserKeys, StoreKeys]:
        _, pairs, store_keys = open_slot(read_header(self.store), name, self.demo.passphrases[name])
        return pairs, store_keys

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """What somebody reads and writes who has the data key and their own Python."""
        header = read_header(self.store)
        _, store_keys = self.keys_of("administrator")
        with administering(self.store, header.generation, store_keys.data) as connection, connection.begin():
            yield connection

    def opened(self, user: str = "coordinator") -> Profile:
        with self.signed_in(user) as session:
            profile = open_profile(session, self.who, SAFEGUARDING)
        assert isinstance(profile, Profile)
        return profile


def _needled(demo: DemoStore) -> Path:
    """The ambulance's extract with an outcome and a place in every row that nothing else holds."""
    source = demo.folder / "partners" / "wmas_calls.csv"
    target = demo.folder / "partners" / "needled.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["Disposition"] = f"{OUTCOME} {number}"
        row["Pick Up Address"] = f"{number} {PLACE}"
        row["Pick Up Postcode"] = f"{POSTCODE}{'ABDEFGHJLN'[number % 10]}{'ABDEFGHJLN'[number // 10 % 10]}"[:8].replace(
            "B92 0", "B92 7"
        )
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


@pytest.fixture(autouse=True)
def _state_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def needled(demo_store: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """For reading: harm a copy."""
    folder = tmp_path_factory.mktemp("compartments") / "town"
    shutil.copytree(demo_store.folder, folder)
    demo = replace(demo_store, folder=folder, clock=FixedClock(NOON))
    with demo.signed_in("coordinator") as session:
        imports.import_file(session, _needled(demo), "WMAS-CALLS", reason=INTAKE)
    town = Town(demo, "")
    with town.raw() as connection:
        town.who = connection.exec_driver_sql(
            "SELECT p.pseudonym FROM contact c JOIN profile_member m USING (source_record_id) "
            "JOIN opening o ON o.profile_id = m.profile_id JOIN profile p ON p.id = m.profile_id "
            "WHERE c.sealed IS NOT NULL AND c.superseded_by IS NULL AND o.purpose = 'repeat-contact' "
            "AND '2026-05-04' BETWEEN o.opens AND o.closes GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT 1"
        ).scalar_one()
    with demo.signed_in("coordinator") as session:
        restricted_notes.write(session, town.who, NOTE, SAFEGUARDING)
    with demo.signed_in("practitioner") as session:
        number = open_profile(session, town.who, SAFEGUARDING).profile_id
        restricted_notes.drafts_of(session, number)
        restricted_notes.keep_draft(session, number, town.who, {"text": DRAFTED})
    return town


@pytest.fixture
def town(needled: Town, tmp_path: Path) -> Town:
    """A copy that one test may change."""
    shutil.copytree(needled.demo.folder, tmp_path / "town")
    passphrases = dict(needled.demo.passphrases)
    demo = replace(needled.demo, folder=tmp_path / "town", clock=FixedClock(NOON), passphrases=passphrases)
    return replace(needled, demo=demo)


NEEDLES = (OUTCOME, PLACE, "B92 7", "Quillon", "lighthouse", "Thursdays", "tamarind", "orchard")


def _everything(town: Town) -> Iterator[tuple[str, bytes]]:
    """Every value of every row of both files, and every page of them decrypted."""
    header = read_header(town.store)
    _, store_keys = town.keys_of("administrator")
    for file, key in (
        (data_file(town.store, header.generation), store_keys.data),
        (person_keys_file(town.store, header.generation), store_keys.person),
    ):
        yield file.name, decrypted(file, bytes(key))
        with closing(connect(file, key)) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        if value is not None:
                            yield table, value if isinstance(value, bytes) else str(value).encode()


def _found(data: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    return {
        (place, needle)
        for place, value in data
        for needle in NEEDLES
        for written in (
            needle.encode(),
            needle.upper().encode(),
            needle.encode("utf-16-le"),
            needle.encode().hex().encode(),
        )
        if written in value
    }


def _sealed_things(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Everything that lies sealed, by its place."""
    for table, column in (
        ("compartment_seal", "sealed"),
        ("compartment_key", "sealed"),
        ("contact", "sealed"),
        ("restricted_note", "sealed"),
    ):
        rows = connection.exec_driver_sql(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
        yield from ((table, bytes(row[0])) for row in rows)
    for (document,) in connection.exec_driver_sql(
        "SELECT document FROM draft WHERE thing LIKE 'form-restricted-note%'"
    ):
        yield "draft", bytes.fromhex(json.loads(document)["sealed"])


def test_no_table_and_no_page_holds_a_word_of_what_is_sealed(needled: Town) -> None:
    with needled.raw() as connection:
        sealed = connection.exec_driver_sql("SELECT count(*) FROM contact WHERE sealed IS NOT NULL").scalar_one()
        plain = connection.exec_driver_sql(
            "SELECT count(*) FROM contact WHERE sealed IS NOT NULL "
            "AND (outcome IS NOT NULL OR place_address IS NOT NULL OR place_postcode IS NOT NULL)"
        ).scalar_one()
    assert sealed > 50
    assert plain == 0
    assert _found(_everything(needled)) == set()


def test_the_needles_are_found_where_they_lie_open(needled: Town) -> None:
    extract = (needled.demo.folder / "partners" / "needled.csv").read_bytes()
    assert {needle for _, needle in _found(iter([("extract", extract)]))} >= {OUTCOME, PLACE}
    timeline = needled.opened().timeline
    assert any(OUTCOME in row.outcome and PLACE in row.place for row in timeline)
    assert [note.text for note in needled.opened().notes] == [NOTE]


def _abouts(connection: Connection) -> set[bytes]:
    """All that any seal is bound to; an attacker knows it."""
    epochs = db.compartments.epochs(connection)
    users = [row[0] for row in connection.exec_driver_sql('SELECT name FROM "user"')]
    users += [row[0] for row in connection.exec_driver_sql("SELECT DISTINCT user_name FROM compartment_seal")]
    notes = connection.exec_driver_sql("SELECT pseudonym, written_by, written_at FROM restricted_note")
    return (
        {db.compartments.about_seal(epoch, user) for epoch in epochs for user in users}
        | {db.compartments._about_key(epoch.name, epoch.epoch) for epoch in epochs}
        | {restricted_notes._about(*row) for row in notes}
    )


@pytest.mark.parametrize(
    ("group", "names"), [(HEALTH, NOT_FOR_HEALTH), (NOTES, NOT_FOR_NOTES)], ids=["health", "restricted-notes"]
)
def test_no_key_of_those_not_entitled_opens_a_seal(needled: Town, group: str, names: tuple[str, ...]) -> None:
    held = [needled.keys_of(name) for name in names]
    store_keys = held[0][1]
    boxes = [
        bytes(key) for key in (store_keys.data, store_keys.person, store_keys.lasting, store_keys.commitment_key())
    ]
    opened = []
    with needled.raw() as connection:
        abouts = _abouts(connection)
        rows = connection.exec_driver_sql(
            "SELECT sealed FROM compartment_seal WHERE name = ? UNION ALL "
            "SELECT sealed FROM compartment_key WHERE name = ? UNION ALL "
            "SELECT sealed FROM restricted_note WHERE compartment = ?",
            (group, group, group),
        ).scalars()
        sealed = [bytes(row) for row in rows]
        assert len(sealed) >= 4
        details = [
            bytes(row)
            for row in connection.exec_driver_sql(
                "SELECT sealed FROM contact WHERE sealed IS NOT NULL LIMIT 20"
            ).scalars()
        ]
    for thing in sealed:
        for pairs, _ in held:
            for about in abouts:
                opened += _tried(lambda t=thing, p=pairs, a=about: keys.unseal(p, t, a))
                opened += _tried(lambda t=thing, p=pairs, a=about: keys.unseal(p, t[:92], a))
    for thing in (*sealed, *details):
        for key in boxes:
            opened += _tried(lambda t=thing, k=key: keys.open_box(k, t, b""))
    assert opened == []


def _tried(opening: object) -> list[bytes]:
    try:
        return [opening()]  # type: ignore[operator]
    except keys.SealBroken:
        return []


def test_the_keys_of_somebody_entitled_do_open_them(needled: Town) -> None:
    pairs, _ = needled.keys_of("coordinator")
    holding = Holding()
    with needled.raw() as connection:
        for epoch in db.compartments.epochs(connection):
            sealed = db.compartments.seals_of(connection, "coordinator")[epoch.name, epoch.epoch]
            assert holding.take(epoch, keys.unseal(pairs, sealed, db.compartments.about_seal(epoch, "coordinator")))
        numbers = set(connection.exec_driver_sql("SELECT id FROM compartment_key").scalars())
        db.compartments.open_keys(connection, holding, numbers)
        row = connection.exec_driver_sql(
            "SELECT sealed, sealed_under, agreement_ref, contact_key, row_digest FROM contact "
            "WHERE sealed IS NOT NULL ORDER BY id DESC LIMIT 1"
        ).one()
        outcome, postcode, address = db.compartments.open_row(holding.batch_keys[row[1]], bytes(row[0]), *row[2:])
    assert OUTCOME in str(outcome)
    assert PLACE in str(address)
    assert str(postcode).startswith("B92 7")


@pytest.mark.parametrize("user", ["governance", "supervisor"])
def test_who_is_not_entitled_is_told_that_there_is_more(needled: Town, user: str) -> None:
    profile = needled.opened(user)
    health = [row for row in profile.timeline if row.data_set == "WMAS-CALLS"]
    if user == "governance":  # the agreement does not name the supervisor's agency at all
        assert health
    assert {row.sealed for row in health} <= {sealed_detail.NOT_YOURS}
    assert not any(row.outcome or row.place for row in health)
    if user == "supervisor":
        assert [note.text for note in profile.notes] == [NOTE]
    else:
        assert profile.notes == ()
        assert profile.notes_kept_back == 1


def test_reading_is_counted_in_the_trail(needled: Town) -> None:
    needled.opened()
    with needled.raw() as connection:
        bodies = connection.exec_driver_sql(
            "SELECT body FROM audit_entry WHERE thing = 'profile' AND actor = 'coordinator' ORDER BY seq DESC LIMIT 1"
        )
        body = json.loads(bodies.scalar_one())
    assert body["facts"]["health_detail"] >= 1
    assert body["facts"]["notes"] == 1
    assert not any(needle in json.dumps(body) for needle in NEEDLES)


def test_a_seal_copied_to_another_users_row_does_not_open(town: Town) -> None:
    with town.raw() as connection:
        connection.exec_driver_sql(
            "INSERT INTO compartment_seal (name, epoch, user_name, sealed) "
            "SELECT name, epoch, 'governance', sealed FROM compartment_seal WHERE user_name = 'coordinator'"
        )
    with town.signed_in("governance") as session:
        assert session.compartments.privates == {}


def test_a_sealed_part_opens_in_no_row_but_its_own(town: Town) -> None:
    with town.raw() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.id, c.sealed, c.sealed_under FROM contact c JOIN profile_member m USING (source_record_id) "
            "JOIN profile p ON p.id = m.profile_id WHERE p.pseudonym = ? AND c.sealed IS NOT NULL "
            "AND c.superseded_by IS NULL",
            (town.who,),
        ).fetchall()
        other = connection.exec_driver_sql(
            "SELECT sealed, sealed_under FROM contact WHERE sealed IS NOT NULL AND superseded_by IS NULL AND id <> ?",
            (rows[0][0],),
        ).first()
        assert other is not None
        connection.exec_driver_sql(
            "UPDATE contact SET sealed = ?, sealed_under = ? WHERE id = ?", (other[0], other[1], rows[0][0])
        )
    moved = next(row for row in town.opened().timeline if row.contact_id == rows[0][0])
    assert (moved.sealed, moved.outcome, moved.place) == (sealed_detail.BROKEN, "", "")


def test_nor_does_an_older_version_of_the_same_event(town: Town) -> None:
    with town.raw() as connection:
        found = connection.exec_driver_sql(
            "SELECT n.id, o.id FROM contact n JOIN contact o ON o.contact_key = n.contact_key AND o.id < n.id "
            "JOIN profile_member m ON m.source_record_id = n.source_record_id JOIN profile p ON p.id = m.profile_id "
            "WHERE p.pseudonym = ? AND n.sealed IS NOT NULL AND o.sealed IS NOT NULL",
            (town.who,),
        ).first()
        assert found is not None
        new, old = found
        connection.exec_driver_sql(
            "UPDATE contact SET sealed = o.sealed, sealed_under = o.sealed_under FROM contact o "
            "WHERE o.id = ? AND contact.id = ?",
            (old, new),
        )
    assert next(row for row in town.opened().timeline if row.contact_id == new).sealed == sealed_detail.BROKEN


@pytest.mark.parametrize("cut", [b"", b"x", b"x" * 40, b"x" * 400])
def test_what_was_cut_or_written_over_says_so_and_stops_nothing(town: Town, cut: bytes) -> None:
    from db import triggers

    with town.raw() as connection:
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql("UPDATE contact SET sealed = ? WHERE sealed IS NOT NULL", (cut,))
        connection.exec_driver_sql("UPDATE restricted_note SET sealed = ?", (cut,))
        connection.exec_driver_sql("UPDATE compartment_seal SET sealed = ? WHERE user_name = 'practitioner'", (cut,))
    profile = town.opened()
    assert sealed_detail.BROKEN in {row.sealed for row in profile.timeline}
    assert "not what was sealed" in profile.notes[0].problem
    with town.signed_in("practitioner") as session:
        assert session.compartments.privates == {}


def test_what_a_leaver_held_is_written_into_no_more(town: Town) -> None:
    leaver, _ = town.keys_of("practitioner")
    with town.signed_in("administrator") as session:
        vaults.leave(session, "practitioner")
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
        for _, sealed in _sealed_things(connection):
            for about in _abouts(connection):
                assert _tried(lambda s=sealed, a=about: keys.unseal(leaver, s, a)) == []
    assert {note.text for note in town.opened().notes} == {NOTE, "Kumquat"}


def _second_coordinator(town: Town, confirmed_by: str = "governance") -> None:
    town.demo.passphrases["second"] = "another lantern wet ferry hill"
    with town.signed_in("administrator") as session:
        vaults.add_user(session, "second", "Second", "KTP", Role.COORDINATOR, town.demo.passphrases["second"])
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
        vaults.add_user(session, "third", "Third", "KTP", Role.COORDINATOR, "a lantern wet ferry hill third")
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
        vaults.leave(session, "practitioner")
        vaults.leave(session, "coordinator")
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
        number = erasure.ask(governance, erasure.PERSON, town.who, Reason(ReasonCode.RIGHTS, "Asked for."))
    with town.signed_in("supervisor") as supervisor:
        erased = erasure.confirm(supervisor, number, Reason(ReasonCode.RIGHTS))
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


# --- notes -----------------------------------------------------------------------------------------------------------


def test_a_note_is_superseded_and_never_overwritten(town: Town) -> None:
    first = town.opened().notes[0]
    with town.signed_in("practitioner") as session:
        second = restricted_notes.write(session, town.who, "It is a nephew", SAFEGUARDING, supersedes=first.number)
        with pytest.raises(InputRejected):
            restricted_notes.write(session, town.who, "Again", SAFEGUARDING, supersedes=first.number)
    notes = {note.number: note for note in town.opened().notes}
    assert (notes[first.number].text, notes[first.number].status) == (NOTE, "superseded")
    assert notes[first.number].superseded_by == second.number
    assert notes[second.number].supersedes == first.number
    assert all(note.signature_holds for note in notes.values())
    with town.raw() as connection, pytest.raises(Exception, match="superseded, never edited"):
        connection.exec_driver_sql("UPDATE restricted_note SET sealed = x'00'")


def test_a_note_says_who_wrote_it_whatever_the_table_says(town: Town) -> None:
    from db import triggers

    with town.raw() as connection:
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql("UPDATE restricted_note SET written_by = 'supervisor'")
    note = town.opened().notes[0]
    assert note.text == ""
    assert "not what was sealed" in note.problem


def test_who_may_write_and_about_whom(town: Town) -> None:
    for user in ("governance", "administrator"):
        with town.signed_in(user) as session, pytest.raises(Refused):
            restricted_notes.write(session, town.who, "No", SAFEGUARDING)
    with town.raw() as connection:
        masked = connection.exec_driver_sql(
            "SELECT pseudonym FROM profile WHERE status = 'open' AND id NOT IN (SELECT profile_id FROM opening) LIMIT 1"
        ).scalar_one()
    with town.signed_in("coordinator") as session:
        with pytest.raises(Refused):
            restricted_notes.write(session, masked, "No", SAFEGUARDING)
        with pytest.raises(InputRejected):
            restricted_notes.write(session, town.who, "  \n ", SAFEGUARDING)


def test_a_draft_comes_back_to_its_writer_and_goes_with_the_note(town: Town) -> None:
    with town.signed_in("practitioner") as session:
        number = open_profile(session, town.who, SAFEGUARDING).profile_id
        (draft,) = restricted_notes.drafts_of(session, number)
        assert draft.written == {"text": DRAFTED}
        restricted_notes.write(session, town.who, DRAFTED, SAFEGUARDING, begun=(draft,))
        assert restricted_notes.drafts_of(session, number) == ()


def test_at_the_command_line_the_text_comes_from_a_file(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase = town.demo.folder / "passphrases" / "supervisor"
    text = tmp_path / "note.txt"
    text.write_text("Sapphire umbrella\nOn two lines", encoding="utf-8")
    common = [str(town.store), town.who, "--user", "supervisor", "--passphrase-file", str(passphrase)]
    assert cli.main(["note", "add", *common, "--file", str(text), "--reason", "safeguarding", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["note"]["text"] == "Sapphire umbrella\nOn two lines"
    assert cli.main(["note", "list", *common, "--reason", "safeguarding", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["notes"]
    assert [note["text"] for note in listed] == ["Sapphire umbrella\nOn two lines", NOTE]
    refused = [str(passphrase.with_name("governance")) if part == str(passphrase) else part for part in common]
    refused = ["governance" if part == "supervisor" else part for part in refused]
    assert cli.main(["note", "list", *refused]) == 3


# --- what an import leaves behind ------------------------------------------------------------------------------------


def test_no_digest_lets_what_is_sealed_be_guessed(needled: Town) -> None:
    """The key of an event is the same in every extract; what tells its versions apart is keyed for one alone."""
    with needled.raw() as connection:
        twice = connection.exec_driver_sql(
            "SELECT n.contact_key, n.row_digest, o.row_digest FROM contact n JOIN contact o "
            "ON o.contact_key = n.contact_key AND o.id < n.id WHERE n.sealed IS NOT NULL"
        ).fetchall()
    assert len(twice) > 20
    assert all(new[4:] != old[4:] for _, new, old in twice)


def test_a_recalled_batch_takes_its_key_along(town: Town) -> None:
    from kingshurst_tui.intake import recall

    with town.raw() as connection:
        batch = connection.exec_driver_sql("SELECT max(batch_id) FROM compartment_key").scalar_one()
    with town.signed_in("coordinator") as session:
        recall.recall(session, batch, reason=INTAKE)
    with town.raw() as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM compartment_key WHERE batch_id = ?", (batch,)).scalar_one()
            == 0
        )
    assert not any(OUTCOME in row.outcome for row in town.opened().timeline)


def test_erasing_a_data_set_destroys_its_keys(town: Town) -> None:
    with town.signed_in("governance") as governance:
        number = erasure.ask(governance, erasure.DATA_SET, "WMAS-CALLS", Reason(ReasonCode.RIGHTS, "Asked for."))
    with town.signed_in("supervisor") as supervisor:
        erasure.confirm(supervisor, number, Reason(ReasonCode.RIGHTS))
    with town.raw() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM contact WHERE sealed IS NOT NULL").scalar_one() == 0
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM compartment_key k JOIN import_batch b ON b.id = k.batch_id "
            "WHERE b.agreement_ref = 'WMAS-CALLS'"
        ).scalar_one()
    assert left == 0


def test_keys_leave_memory_when_the_store_closes(needled: Town) -> None:
    with needled.signed_in("coordinator") as session:
        held = list(session.compartments.privates.values())
        assert len(held) == 2
        assert all(any(key) for key in held)
    assert all(not any(key) for key in held)
    assert session.compartments.privates == {}
