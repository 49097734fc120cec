"""Nobody opens a store with another's passphrase, nor with a header that was altered anywhere."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.vault import HEADER
from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, IntegrityFailure, KingshurstError, StoreLocked, WrongPassphrase
from kingshurst_tui.keyholding import users
from tests.trust.conftest import PASSPHRASES, Open


def _leaves(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(document, dict):
        return [leaf for name, value in document.items() for leaf in _leaves(value, (*path, name))]
    if isinstance(document, list):
        return [leaf for index, value in enumerate(document) for leaf in _leaves(value, (*path, index))]
    return [path]


def _changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if not value:
        return "x"
    return ("0" if value[0] != "0" else "1") + value[1:]


def test_every_leaf_of_the_header_is_guarded(folder: Path, clock: FixedClock) -> None:
    written = json.loads((folder / HEADER).read_text())
    user = written["slots"][0]["user"]
    assert len(written["slots"]) == len(PASSPHRASES)
    for path in _leaves(written):
        document = json.loads(json.dumps(written))
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = _changed(place[path[-1]])
        (folder / HEADER).write_text(json.dumps(document))
        clock.move(timedelta(hours=1))  # past any wait that the tries before brought: each leaf is really tried
        with pytest.raises(KingshurstError) as refused:
            vaults.open_session(folder, user, PASSPHRASES[user], clock=clock)
        assert refused.value.exit_code in (1, 5, 6), path
        assert refused.value.code != "try-later", path
        if path[0] == "slots" and path[1] != 0:  # the passphrase is right and its slot whole: nothing but the MAC tells
            assert isinstance(refused.value, IntegrityFailure), path


def test_a_slot_taken_out_of_the_header_is_noticed(folder: Path) -> None:
    document = json.loads((folder / HEADER).read_text())
    del document["slots"][1]
    (folder / HEADER).write_text(json.dumps(document))
    user = document["slots"][0]["user"]
    with pytest.raises(IntegrityFailure):
        vaults.open_session(folder, user, PASSPHRASES[user])


def test_a_wrong_passphrase_and_an_unknown_name_read_alike(folder: Path) -> None:
    with pytest.raises(WrongPassphrase) as wrong:
        vaults.open_session(folder, "coordinator", "not the passphrase at all")
    with pytest.raises(WrongPassphrase) as unknown:
        vaults.open_session(folder, "nobody", "not the passphrase at all")
    assert wrong.value.as_json() == unknown.value.as_json()


def test_a_suspended_user_is_shut_out_in_every_open_process(opened: Open, folder: Path) -> None:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    coordinator, administrator = opened("coordinator"), opened("administrator")
    users.set_user_status(administrator, "coordinator", "suspended")
    with (
        pytest.raises(StoreLocked),
        coordinator.act(Operation.CONSULT, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)),
    ):
        pass
    with pytest.raises(StoreLocked):
        vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"])


def test_a_changed_passphrase_opens_and_the_old_one_does_not(opened: Open, folder: Path) -> None:
    session = opened("practitioner")
    users.change_passphrase(session, "another lantern dry ferry hill")
    vaults.open_session(folder, "practitioner", "another lantern dry ferry hill").close()
    with pytest.raises(WrongPassphrase):
        vaults.open_session(folder, "practitioner", PASSPHRASES["practitioner"])


@pytest.mark.parametrize("weak", ["", "password", "kingshurst", "coordinator1", "qwertyuiop"])
def test_an_easily_guessed_passphrase_is_refused(weak: str, tmp_path: Path) -> None:
    with pytest.raises(InputRejected):
        vaults.create(tmp_path / "store", "coordinator", "KTP", weak)
    assert not (tmp_path / "store" / HEADER).exists()


def test_a_folder_in_use_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(KingshurstError):
        vaults.create(tmp_path, "administrator", "SMBC", PASSPHRASES["administrator"])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_files_are_for_their_owner_alone(folder: Path, pristine: Path) -> None:
    assert pristine.stat().st_mode & 0o077 == 0
    for path in pristine.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


@pytest.mark.parametrize(
    ("leaf", "value"), [("time", 2**31), ("memory_kib", 2**31 - 1), ("parallelism", 10**6), ("time", "3"), ("time", 1)]
)
def test_a_cost_that_would_hang_or_weaken_opening_is_an_altered_header(folder: Path, leaf: str, value: object) -> None:
    document = json.loads((folder / HEADER).read_text())
    for slot in document["slots"]:
        slot[leaf] = value
    (folder / HEADER).write_text(json.dumps(document))
    with pytest.raises(IntegrityFailure):
        vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"])


def test_a_header_nested_without_end_is_damaged(folder: Path) -> None:
    (folder / HEADER).write_text("[" * 200_000)
    with pytest.raises(IntegrityFailure):
        vaults.open_session(folder, "coordinator", PASSPHRASES["coordinator"])


def test_what_others_may_do_with_the_files_is_taken_away_on_opening(folder: Path, opened: Open) -> None:
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    opened("coordinator")
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
