"""Health detail and restricted notes: nothing of them opens to the store's keys and the keys of those not entitled."""

from __future__ import annotations

import json

import pytest

import db.audit
import db.audit_verification
import db.commitments
import db.compartments
import db.profiles
import db.restricted_notes
from db import keys
from db.compartments import HEALTH, NOTES, Holding
from kingshurst_tui.casework import sealed_detail
from kingshurst_tui.errors import KingshurstError
from tests.trust.compartments.sealed import (
    NEEDLES,
    NOT_FOR_HEALTH,
    NOT_FOR_NOTES,
    NOTE,
    OUTCOME,
    PLACE,
    SEALED_SECRET,
    Town,
    everything,
    found_in,
    keys_known_to,
    laid_in,
    mixing_of,
    tried,
)


def test_no_table_and_no_page_holds_a_word_of_what_is_sealed(needled: Town) -> None:
    with needled.raw() as connection:
        sealed = connection.exec_driver_sql("SELECT count(*) FROM contact WHERE sealed IS NOT NULL").scalar_one()
        plain = connection.exec_driver_sql(
            "SELECT count(*) FROM contact WHERE sealed IS NOT NULL "
            "AND (outcome IS NOT NULL OR place_address IS NOT NULL OR place_postcode IS NOT NULL)"
        ).scalar_one()
    assert sealed > 50
    assert plain == 0
    assert found_in(everything(needled)) == set()


def test_the_needles_are_found_where_they_lie_open(needled: Town) -> None:
    extract = (needled.demo.folder / "partners" / "needled.csv").read_bytes()
    assert {needle for _, needle in found_in(iter([("extract", extract)]))} >= {OUTCOME, PLACE}
    timeline = needled.opened().timeline
    assert any(OUTCOME in row.outcome and PLACE in row.place for row in timeline)
    assert [note.text for note in needled.opened().notes] == [NOTE]


@pytest.mark.parametrize(
    ("group", "names"), [(HEALTH, NOT_FOR_HEALTH), (NOTES, NOT_FOR_NOTES)], ids=["health", "restricted-notes"]
)
def test_no_key_of_those_not_entitled_opens_a_seal(needled: Town, group: str, names: tuple[str, ...]) -> None:
    opened, (seals, batch_keys, notes, details) = [], laid_in(needled, group)
    assert len(seals) >= 2
    assert notes if group == NOTES else (batch_keys and len(details) > 50)
    known = keys_known_to(needled, names)
    pairs = [needled.keys_of(name)[0] for name in names] + [keys.UserKeys.from_secret(key + key) for key in known]
    for sealed, about in (*seals, *batch_keys, *notes):
        for pair in pairs:
            for part in {sealed, sealed[:SEALED_SECRET]}:
                opened += tried(lambda s=part, p=pair, a=about: keys.unseal(p, s, a))
        for key in known:
            for part in (sealed, sealed[keys.KEY_BYTES :], sealed[keys.KEY_BYTES : SEALED_SECRET]):
                opened += tried(lambda s=part, k=key, a=about: keys.open_box(k, s, a))
    for row in details:
        for key in known:
            opened += tried(lambda r=row, k=key: db.compartments.open_row(k, *r))
    mixing = mixing_of(needled)
    for sealed, about in notes:
        for key in known:
            for mixed in (key, *mixing(key)):
                opened += tried(lambda s=sealed[SEALED_SECRET:], k=mixed, a=about: keys.open_box(k, s, a))
    assert opened == []


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


def test_nothing_sealed_is_opened_where_its_entry_cannot_be_written(town: Town) -> None:
    assert town.opened().notes[0].text == NOTE
    with town.raw() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_entry BEFORE INSERT ON audit_entry WHEN NEW.thing = 'profile' "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    with pytest.raises(KingshurstError) as refused:
        town.opened()
    said = json.dumps(refused.value.as_json()) + repr(refused.value.__context__)
    assert not any(needle in said for needle in NEEDLES)


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
