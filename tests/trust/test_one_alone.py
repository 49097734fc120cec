"""What one person alone cannot bring about, whatever they write into a list, a row or an entry with their own keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.erasing
from db.store import administering
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import Refused
from kingshurst_tui.oversight import erasure
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import ReasonCode

RIGHTS = Reason(ReasonCode.RIGHTS)


def _people(connection: Connection) -> set[str]:
    return set(connection.exec_driver_sql("SELECT pseudonym FROM profile").scalars())


def _erased(demo: DemoStore, person: str) -> None:
    with demo.signed_in("governance") as session:
        number = erasure.ask(session, "person", person, RIGHTS)
    with demo.signed_in("supervisor") as session:
        erasure.confirm(session, number, RIGHTS, also=())


def test_a_list_with_further_people_behind_two_good_signatures_erases_none_of_them(
    demo_copy: DemoStore, tmp_path: Path
) -> None:
    officer = Opener("governance", demo_copy.passphrases["governance"])
    with demo_copy.signed_in("administrator") as session:
        backups.backup(session, tmp_path / "copy")
        one, other, *_ = sorted(session.look(_people))
    _erased(demo_copy, one)
    with demo_copy.signed_in("governance") as session:
        erasure_list.write(session, tmp_path / "list")
    said = json.loads((tmp_path / "list").read_bytes())
    said["list"]["erasures"][0]["subjects"].append(other)
    (tmp_path / "false").write_text(json.dumps(said))
    restore(tmp_path / "copy", tmp_path / "again", officer, erasures=tmp_path / "false", clock=demo_copy.clock)
    session = vaults.open_session(
        tmp_path / "again", "supervisor", demo_copy.passphrases["supervisor"], clock=demo_copy.clock
    )
    assert other in session.look(_people)
    assert one not in session.look(_people)
    session.close()


def test_a_list_that_somebody_cut_is_said_to_be_cut(demo_copy: DemoStore, tmp_path: Path) -> None:
    officer = Opener("governance", demo_copy.passphrases["governance"])
    with demo_copy.signed_in("administrator") as session:
        backups.backup(session, tmp_path / "copy")
        one, *_ = sorted(session.look(_people))
    _erased(demo_copy, one)
    with demo_copy.signed_in("governance") as session:
        erasure_list.write(session, tmp_path / "list")
    said = json.loads((tmp_path / "list").read_bytes())
    said["list"]["erasures"].clear()
    (tmp_path / "short").write_text(json.dumps(said))
    for name, whole in (("short", False), ("list", True)):
        to = tmp_path / f"from-{name}"
        done = restore(tmp_path / "copy", to, officer, erasures=tmp_path / name, clock=demo_copy.clock)
        assert (done.list_whole, done.erased_again) == (whole, int(whole))


def test_a_row_that_says_confirmed_erases_nobody_without_two_signatures(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("governance") as session:
        person = sorted(session.look(_people))[3]
        number = erasure.ask(session, "person", person, RIGHTS)
    header = read_header(demo_copy.store)
    _, _, store_keys = open_slot(header, "governance", demo_copy.passphrases["governance"])
    with administering(demo_copy.store, header.generation, store_keys.data) as connection, connection.begin():
        connection.exec_driver_sql(
            "UPDATE erasure SET status = 'confirmed', confirmed_by = 'supervisor', confirmed_at = asked_at, "
            "confirmation = signature WHERE id = ?",
            (number,),
        )
    with demo_copy.signed_in("coordinator") as session:
        assert person in session.look(_people)
        assert [row.status for row in session.look(db.erasing.every)] == ["refused"]


def test_who_is_erased_is_who_was_asked_for_and_nobody_who_was_linked_since(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("governance") as session:
        person, other, *_ = sorted(session.look(_people))
        number = erasure.ask(session, "person", person, RIGHTS)
    header = read_header(demo_copy.store)
    _, _, store_keys = open_slot(header, "governance", demo_copy.passphrases["governance"])
    with administering(demo_copy.store, header.generation, store_keys.data) as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO profile_alias (pseudonym, profile_id, since) "
            "SELECT ?, id, created_at FROM profile WHERE pseudonym = ?",
            (other, person),
        )
    with demo_copy.signed_in("supervisor") as session, pytest.raises(Refused, match="linked with further records"):
        erasure.confirm(session, number, RIGHTS, also=())
