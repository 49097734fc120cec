"""The town whose sealed parts hold needles: one to read, and a copy that a test may change."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.profiles import open_profile
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.intake import imports
from tests.conftest import NOON, copy_of
from tests.trust.compartments.sealed import (
    DRAFTED,
    INTAKE,
    NOTE,
    SAFEGUARDING,
    Town,
    extract_with_needles,
)


@pytest.fixture(autouse=True)
def _state_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def needled(demo_as_made: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """For reading: harm a copy."""
    demo = copy_of(demo_as_made, tmp_path_factory.mktemp("compartments") / "town")
    with demo.signed_in("coordinator") as session:
        imports.import_file(session, extract_with_needles(demo), "WMAS-CALLS", reason=INTAKE)
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
