"""A run over a store: what it makes, what it leaves alone, what it may not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import Refused
from kingshurst_tui.linkage import profiles, review
from kingshurst_tui.linkage.run import run
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.linkage.conftest import MAINTENANCE, NHS_NUMBERS, Room

JACK: dict[str, Any] = {
    "forename": "Jack",
    "surname": "Pemberton",
    "born": "2009-06-14",
    "sex": "M",
    "address": "14 Marston Way",
    "postcode": "B37 5QT",
}
BOARD = {"address": "2 Board Street", "postcode": "B36 0AA"}


def test_records_of_one_person_become_one_profile_and_every_record_has_one(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK | {"surname": "PEMBERTEN"})
    alone = room.add("EDU", forename="Zeta", surname="Quill", born="1990-01-05")
    made = room.link()
    assert room.profile_of(one) == room.profile_of(other) != room.profile_of(alone)
    ((without,),) = room.ask(
        "SELECT count(*) FROM open_record WHERE profile_id IS NULL OR profile_id NOT IN "
        "(SELECT profile_id FROM masked_profile WHERE status = 'open')"
    )
    assert without == 0
    assert made.profiles == made.records - 1 == made.new
    assert made.clear == 1


def test_running_again_changes_nothing(room: Room) -> None:
    room.add("WMP", **JACK)
    room.add("SCH", **JACK)
    room.add("EDU", **JACK | {"forename": "Harry"})
    room.link()
    before = room.state()
    made = room.link()
    assert room.state() == before
    assert (made.new, made.merged, made.split, made.unchanged) == (0, 0, 0, made.profiles)


def test_a_later_extract_keeps_every_id_that_still_means_the_same_person(room: Room) -> None:
    one = room.add("WMP", **JACK)
    stranger = room.add("EDU", forename="Zeta", surname="Quill", born="1990-01-05")
    room.link()
    before = {record: room.profile_of(record) for record in (one, stranger)}
    new = room.add("SCH", **JACK)
    room.link()
    assert {record: room.profile_of(record) for record in (one, stranger)} == before
    assert room.profile_of(new) == before[one]


def test_two_profiles_that_prove_to_be_one_keep_the_older_id_and_an_alias(room: Room) -> None:
    old = room.add("WMP", **JACK | {"postcode": None, "address": None, "surname": "Smyth"})
    young = room.add("SCH", **JACK | BOARD)
    room.link()
    kept, gone = sorted((room.profile_of(old), room.profile_of(young)))
    assert kept != gone
    ((pseudonym,),) = room.ask("SELECT pseudonym FROM profile WHERE id = ?", gone)
    room.correct(old, **JACK | BOARD)
    made = room.link()
    assert made.merged == 1
    assert room.profile_of(old) == room.profile_of(young) == kept
    assert room.ask("SELECT pseudonym, profile_id FROM masked_alias") == [(pseudonym, kept)]
    assert review.find(room.session(), pseudonym.lower()) == kept
    ((status,),) = room.ask("SELECT status FROM profile WHERE id = ?", gone)
    assert status == "merged"


def test_a_correction_that_parts_two_records_gives_one_of_them_a_new_id(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    whole = room.profile_of(one)
    consent_and_opening(room, whole)
    room.correct(other, **JACK | {"nhs_number": NHS_NUMBERS[0], "forename": "Harry"})
    room.correct(one, **JACK | {"nhs_number": NHS_NUMBERS[1]})
    made = room.link()
    assert made.split == 1
    assert room.profile_of(one) == whole
    assert room.profile_of(other) > whole
    assert room.ask("SELECT status FROM consent") == [("reopened",)]
    assert room.ask("SELECT count(*) FROM opening") == [(0,)]
    assert [row[:2] for row in room.ask("SELECT thing, profile_id FROM masked_reopening")] == [("consent", whole)]


def test_identifiers_that_conflict_never_meet_by_way_of_a_third_record(room: Room) -> None:
    first = room.add("WMP", **JACK | {"nhs_number": NHS_NUMBERS[0]})
    bridge = room.add("SCH", **JACK)
    second = room.add("EDU", **JACK | {"nhs_number": NHS_NUMBERS[1]})
    room.link()
    assert room.profile_of(first) != room.profile_of(second)
    assert room.profile_of(bridge) in (room.profile_of(first), room.profile_of(second))


def test_no_approval_no_run_and_the_refusal_is_audited(room: Room) -> None:
    room.add("WMP", **JACK)
    room.run("UPDATE algo_care SET status = 'answered' WHERE subject = 'linkage-model'")
    try:
        with pytest.raises(Refused, match="not approved"):
            room.link()
    finally:
        room.run("UPDATE algo_care SET status = 'approved' WHERE subject = 'linkage-model'")
    assert room.ask("SELECT count(*) FROM profile") == [(0,)]


@pytest.mark.parametrize("role", ["practitioner", "supervisor"])
def test_who_may_not_link_is_refused(room: Room, role: str) -> None:
    with pytest.raises(Refused):
        run(room.session(role), MAINTENANCE)


def test_a_shut_gate_hides_its_records_and_leaves_their_links_alone(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    room.link()
    before = room.state()
    room.run("UPDATE gate SET status = 'suspended' WHERE agreement_ref = 'SCH-1'")
    made = room.link()
    assert made.records == 1
    room.run("UPDATE gate SET status = 'live' WHERE agreement_ref = 'SCH-1'")
    assert room.state() == before
    assert room.profile_of(one) == room.profile_of(other)


def test_under_eighteen_comes_from_the_date_most_records_state(room: Room) -> None:
    one = room.add("WMP", **JACK | {"born": "2008-02-29"})
    room.add("SCH", **JACK | {"born": "2008-02-29"})
    room.add("EDU", **JACK | {"born": "2008-02-28"})
    default = room.add("EDU", forename="Zeta", surname="Quill", born="1900-01-01", born_quality="default")
    room.link()
    ages = dict(room.ask("SELECT profile_id, adult_on FROM combined_age"))
    assert ages[room.profile_of(one)] == "2026-03-01"
    assert ages[room.profile_of(default)] is None
    room.correct(one, **JACK | {"born": "2008-02-28"})
    room.link()
    assert dict(room.ask("SELECT profile_id, adult_on FROM combined_age"))[room.profile_of(one)] == "2026-02-28"


def test_a_run_killed_between_staging_and_accepting_is_taken_up(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.add("WMP", **JACK)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("kingshurst_tui.linkage.run.accept_staged", killed)
        with pytest.raises(KeyboardInterrupt):
            room.link()
    assert room.ask("SELECT count(*) FROM masked_profile WHERE status = 'open'") == [(0,)]
    made = room.link()
    assert made.new == 0
    assert room.ask("SELECT count(*) FROM masked_profile WHERE status = 'open'") == [(made.profiles,)]


def test_records_that_leave_are_taken_out_and_what_rested_on_them_is_reopened(room: Room) -> None:
    one, other = room.add("WMP", **JACK), room.add("SCH", **JACK)
    alone = room.add("EDU", forename="Zeta", surname="Quill", born="1990-01-05")
    room.link()
    whole, emptied = room.profile_of(one), room.profile_of(alone)
    consent_and_opening(room, whole)
    with room.session().act(Operation.ERASE, Thing.BATCH, reason=MAINTENANCE, combine=True) as act:
        profiles.withdraw_records(act, [other, alone])
    assert room.ask("SELECT status FROM profile WHERE id = ?", emptied) == [("empty",)]
    assert room.ask("SELECT status FROM consent") == [("reopened",)]
    assert room.ask("SELECT count(*) FROM link WHERE right_record_id = ?", other) == [(0,)]


def test_a_run_writes_no_file_but_the_store(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    room.add("WMP", **JACK)
    room.add("SCH", **JACK)
    before = {path.name for path in room.folder.iterdir()}
    room.link()
    assert list(tmp_path.iterdir()) == []
    assert {path.name for path in room.folder.iterdir()} == before


def test_the_engine_can_write_nothing_and_reach_nothing(tmp_path: Path) -> None:
    import duckdb

    from kingshurst_tui.linkage import prepare

    connection = prepare.connect()
    prepare.load(connection, prepare.as_table([]))
    for forbidden in (
        f"COPY people TO '{tmp_path}/people.csv'",
        f"ATTACH '{tmp_path}/people.db'",
        f"SET temp_directory='{tmp_path}'",
        "SET enable_external_access=true",
        "INSTALL httpfs",
        f"SELECT * FROM read_csv('{__file__}')",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(forbidden)
    connection.close()
    assert list(tmp_path.iterdir()) == []


def consent_and_opening(room: Room, profile: int) -> None:
    consent = room.run(
        "INSERT INTO consent (profile_id, kind, purpose, given_on, status, recorded_by, recorded_at) "
        "VALUES (?, 'engage', ?, '2026-01-01', 'effective', 'coordinator', 'x')",
        profile,
        room.session().purpose,
    )
    room.run(
        "INSERT INTO opening (profile_id, purpose, opens, closes, basis, basis_id) "
        "VALUES (?, ?, '2026-01-01', '2027-01-01', 'consent', ?)",
        profile,
        room.session().purpose,
        consent,
    )


def test_entries_name_whom_a_run_changed_by_pseudonym_only(room: Room) -> None:
    old = room.add("WMP", **JACK | {"postcode": None, "address": None, "surname": "Smyth"})
    room.add("SCH", **JACK | BOARD)
    room.link()
    ((pseudonym,),) = room.ask("SELECT pseudonym FROM profile WHERE id = ?", room.profile_of(old))
    room.correct(old, **JACK | BOARD)
    room.link()
    with room.session("supervisor").act(Operation.CONSULT, Thing.AUDIT, reason=Reason(ReasonCode.OVERSIGHT)) as act:
        bodies = [bytes(row[0]) for row in act.connection.exec_driver_sql("SELECT body FROM audit_entry")]
    assert any(pseudonym.encode() in body and b'"merged":1' in body for body in bodies)
    assert not any(name in body for body in bodies for name in (b"Pemberton", b"Smyth", b"Marston"))


OLIVIA: dict[str, Any] = {"forename": "Olivia", "surname": "Archer", "born": "1950-03-09", **BOARD}
MOVED = OLIVIA | {"surname": "Archar", "address": "9 Chapel Lane", "postcode": "B37 6AA"}


def test_a_larger_town_alone_parts_nobody(room: Room) -> None:
    one, other = room.add("WMP", **OLIVIA), room.add("SCH", **MOVED)
    room.link()
    link = room.ask("SELECT * FROM masked_link WHERE left_record_id = ? AND right_record_id = ?", one, other)
    profiles_before = dict(room.ask("SELECT source_record_id, profile_id FROM profile_member"))
    room.fill(4_000, first_id=20_000)  # many of them called Olivia, many called Archer
    made = room.link()
    assert made.split == 0
    assert profiles_before.items() <= dict(room.ask("SELECT source_record_id, profile_id FROM profile_member")).items()
    assert room.ask("SELECT * FROM masked_link WHERE left_record_id = ? AND right_record_id = ?", one, other) == link
    # The same two records, met for the first time in the larger town, wait for people.
    later = {"born": "1961-07-20"}
    third, fourth = room.add("EDU", **OLIVIA | later), room.add("SCH", **MOVED | later)
    assert room.link().split == 0
    assert room.profile_of(third) != room.profile_of(fourth)
    again = room.state()
    room.link()
    assert room.state() == again


def test_in_a_larger_town_a_corrected_record_still_parts(room: Room) -> None:
    one, other = room.add("WMP", **OLIVIA), room.add("SCH", **MOVED)
    room.link()
    room.fill(4_000, first_id=20_000)
    room.correct(other, **MOVED | {"surname": "Aldridge"})
    assert room.link().split == 1
    assert room.profile_of(one) != room.profile_of(other)
