"""Nobody who was erased comes back with an older copy, and nobody is erased by a list that two people did not sign."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.erasing
from db.connecting import connect
from db.vault import open_slot, read_header
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.oversight import erasure
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from kingshurst_tui.vocabulary import ReasonCode

RIGHTS = Reason(ReasonCode.RIGHTS)


@pytest.fixture(autouse=True)
def _state_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


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
