"""An older file of per-person keys put back brings a destroyed salt back: it takes no key, and a check tells."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Connection

from db.checking import SALTS
from db.person_keys import person_keys_file
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight import erasure
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.vocabulary import ReasonCode

RIGHTS = Reason(ReasonCode.RIGHTS)


def _people(connection: Connection) -> list[str]:
    return sorted(connection.exec_driver_sql("SELECT pseudonym FROM profile").scalars())


def test_a_destroyed_salt_that_is_back_is_found(demo_copy: DemoStore, tmp_path: Path) -> None:
    file = person_keys_file(demo_copy.store, read_header(demo_copy.store).generation)
    with demo_copy.signed_in("governance") as session:
        number = erasure.ask(session, "person", session.look(_people)[3], RIGHTS)
    shutil.copy(file, tmp_path / "older")
    with demo_copy.signed_in("supervisor") as session:
        erasure.confirm(session, number, RIGHTS, also=())
        assert check(session).whole
    shutil.copy(tmp_path / "older", file)
    with demo_copy.signed_in("supervisor") as session:
        found = check(session)
    assert [each.check for each in found.findings if each.problems] == [SALTS]
