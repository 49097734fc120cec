"""Who holds which role, what waits and for whom, and what each role may do: read and settled on a screen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.keyholding import users
from kingshurst_tui.permissions import acts_in_words, groups_in_words
from kingshurst_tui.vocabulary import Role
from screens.app import KingshurstApp
from screens.roles import RolesScreen
from screens.widgets.virtual_table import VirtualTable
from tests.conftest import NOON
from tests.screens.conftest import PASSPHRASE
from tests.screens.looking import SIZES, seen, settle

MakeApp = Callable[..., KingshurstApp]


@pytest.fixture
def folder(untouched_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store where the role of one user waits."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.copytree(untouched_store, tmp_path / "store")
    session = vaults.open_session(tmp_path / "store", "administrator", PASSPHRASE, clock=FixedClock(NOON))
    users.add_user(session, "newcomer", "New Comer", "SCH", Role.PRACTITIONER, PASSPHRASE)
    session.close()
    return tmp_path / "store"


def offered(app: KingshurstApp) -> set[str]:
    """What the last line offers to do here."""
    return {each for each in ("c Confirm", "x Refuse") if each in seen(app).splitlines()[-1]}


@pytest.mark.parametrize("size", SIZES)
async def test_it_says_who_holds_what_by_whose_signatures_and_what_waits(
    make_app: MakeApp, folder: Path, size: tuple[int, int]
) -> None:
    app = make_app("practitioner", folder=folder, signed_in=True)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("f4")
        await settle(pilot)
        shown = seen(app)
        assert "Waits for a second person (1)" in shown
        assert "newcomer" in shown
        assert "proposed by" in shown
        assert "c Confirm" not in shown
        table = app.screen.query_one(VirtualTable)
        keys = {str(row.key) for number in range(len(acts_in_words()) + 30) if (row := table.row_at(number))}
        assert {f"acts:{act}" for act, _ in acts_in_words()} <= keys
        assert {f"parts:{group}" for group, _, _ in groups_in_words()} <= keys
        assert app.faults == []


async def test_home_tells_who_may_confirm_and_the_key_does_it(make_app: MakeApp, folder: Path) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "Roles that need a second person (1)" in seen(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, RolesScreen)
        assert {"c Confirm", "x Refuse"} <= offered(app)
        await pilot.press("down", "down")
        await settle(pilot)
        assert not {"c Confirm", "x Refuse"} & offered(app)
        await pilot.press("up", "up")
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert "Confirm newcomer as practitioner?" in seen(app)
        await pilot.press("y")
        await settle(pilot)
        assert "granted by administrator, confirmed by supervisor" in seen(app)
        assert "Waits for a second person" not in seen(app)
        assert not {"c Confirm", "x Refuse"} & offered(app)
        assert app.faults == []


async def test_who_waits_is_told_for_whom_and_sees_nothing_else(make_app: MakeApp, folder: Path) -> None:
    app = make_app("newcomer", folder=folder, signed_in=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = seen(app)
        assert "Your role waits for a second person" in shown
        assert "governance, supervisor" in shown
        assert "newcomer (awaiting, SCH)" in shown
        assert "People" not in shown
        await pilot.press("3")
        await settle(pilot)
        assert "People" not in seen(app)
        assert app.faults == []


async def test_the_key_of_the_part_one_came_from_leads_back_there(make_app: MakeApp, folder: Path) -> None:
    app = make_app("supervisor", folder=folder, signed_in=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("7")
        await settle(pilot)
        audit = app.screen
        await pilot.press("f4")
        await settle(pilot)
        assert app.screen is not audit
        assert "▸7 Audit" in seen(app)
        await pilot.press("7")
        await settle(pilot)
        assert app.screen is audit
