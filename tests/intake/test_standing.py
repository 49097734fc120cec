"""A batch that was let in or taken back stands, and says so, where the disk fails in what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import db.recounts
from kingshurst_tui.errors import InputRejected, Refused, StoreUnavailable
from tests.intake.conftest import CONTACT_COLUMNS, Town, csv_text, incident


@pytest.fixture
def own_town_with_one(own_town: Town) -> Town:
    own_town.sign()
    own_town.incidents(incident(1), incident(2))
    return own_town


def _break(town: Town) -> Path:
    """Let nobody count anew: where the lock of a recount should be is something that no process can open so."""
    lock = town.folder / "recount.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    return lock


def _statuses(town: Town) -> list[str]:
    return [row[0] for row in town.ask("SELECT status FROM import_batch ORDER BY id")]


def test_a_batch_that_is_in_is_not_abandoned_when_nobody_can_be_counted_anew(own_town_with_one: Town) -> None:
    town = own_town_with_one
    held = town.stored()
    file = town.file(csv_text(list(CONTACT_COLUMNS), [incident(1, Type="Violence"), incident(3)]))
    lock = _break(town)
    with pytest.raises(StoreUnavailable, match="Batch 2 is in") as told:
        town.bring(file)
    assert "stands" in told.value.detail
    assert "do not repeat" in told.value.hint
    assert _statuses(town) == ["accepted", "accepted"]
    assert town.stored()["contact"] > held["contact"]
    assert town.session().look(db.recounts.pending)
    lock.rmdir()
    with pytest.raises(InputRejected, match="in the store already"):
        town.bring(file)
    town.close()
    assert not town.session().look(db.recounts.pending)  # opening the store counted the rest
    assert _statuses(town) == ["accepted", "accepted"]


def test_a_batch_that_is_taken_back_stays_so(own_town_with_one: Town) -> None:
    town = own_town_with_one
    lock = _break(town)
    with pytest.raises(StoreUnavailable, match="Batch 1 is taken back"):
        town.recall(1)
    assert _statuses(town) == ["recalled"]
    assert town.contacts() == []
    lock.rmdir()
    with pytest.raises(Refused, match="does not stand"):
        town.recall(1)  # which first does what was left
    assert town.stored()["contact"] == 0
    assert not town.session().look(db.recounts.pending)
