"""A supervisor sees where the trail stands, cosigns it and takes the code or the file away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from db import notes
from db.vault import read_header
from kingshurst_tui.oversight.held_checkpoints import held_file
from screens.app import KingshurstApp
from tests.screens.looking import SIZES, seen, settle

MakeApp = Callable[..., KingshurstApp]


@pytest.fixture
def folder(untouched_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.copytree(untouched_store, tmp_path / "store")
    return tmp_path / "store"


@pytest.mark.parametrize("size", SIZES)
async def test_the_code_is_shown_and_the_keys_stay_in_sight(
    make_app: MakeApp, folder: Path, size: tuple[int, int]
) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("7", "c")
        await settle(pilot)
        (newest,) = [max((folder / "heads").glob("*.checkpoint"))]
        code = notes.read(newest.read_bytes()).code
        shown = seen(app)
        assert code in shown
        assert "nobody yet" in shown
        assert "c Cosign" in shown
        assert app.faults == []


async def test_making_cosigning_and_taking_away(make_app: MakeApp, folder: Path, tmp_path: Path) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("7", "c")
        await settle(pilot)
        assert "Nothing: this terminal would not" in seen(app)
        await pilot.press("m")
        await settle(pilot)
        assert "Signed by         supervisor" in seen(app)
        await pilot.press("c")
        await settle(pilot)
        shown = seen(app)
        assert "supervisor (supervisor), 4 May 2026 11:00 UTC" in shown
        assert "Not yet cosigned  0 entries" in shown
        held = notes.read(held_file(read_header(folder).vault).read_bytes())
        assert held.code in shown
        place = tmp_path / "away"
        await pilot.press("t", *(letter for letter in str(place)), "enter")
        await settle(pilot)
        assert notes.read(place.read_bytes()) == held
        await pilot.press("t", *(letter for letter in str(place)), "enter")
        await settle(pilot)
        assert "The file cannot be made." in seen(app)
        assert all(fault.expected for fault in app.faults)


async def test_a_trail_that_does_not_extend_what_is_held_is_said_and_not_cosigned(
    make_app: MakeApp, folder: Path
) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        await pilot.press("7", "c", "c")
        await settle(pilot)
        path = held_file(read_header(folder).vault)
        held = notes.read(path.read_bytes())
        other = notes.Checkpoint(held.origin, held.size, b"x" * 32, held.lines)
        path.write_bytes(other.text)
        await pilot.press("c")
        await settle(pilot)
        assert "The audit trail is not what it was." in seen(app)
        assert path.read_bytes() == other.text


async def test_locking_writes_a_checkpoint(make_app: MakeApp, folder: Path) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        before = sorted((folder / "heads").glob("*.checkpoint"))
        await pilot.press("ctrl+l")
        await settle(pilot)
        after = sorted((folder / "heads").glob("*.checkpoint"))
        assert after[:-1] == before
        (line,) = notes.read(after[-1].read_bytes()).lines
        assert line.name.endswith("/supervisor")
