"""A real encrypted store with its users, and the program on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore, build
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Role
from screens.app import KingshurstApp
from tests.conftest import NOON, copy_of
from tests.people import Person, populate

PASSPHRASE = "four purple llamas waltz"
PEOPLE = {
    "coordinator": ("KTP", Role.COORDINATOR),
    "practitioner": ("SCH", Role.PRACTITIONER),
    "supervisor": ("WMP", Role.SUPERVISOR),
    "governance": ("SMBC", Role.GOVERNANCE),
}


class Beat:
    """A clock that never goes back, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def users_store(untouched_store: Path, tmp_path: Path) -> Path:
    """A store with users and nobody in it, of one test: what another left open in this process lies elsewhere."""
    return Path(shutil.copytree(untouched_store, tmp_path / "used"))


@pytest.fixture(scope="session")
def untouched_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for copies: nobody acts in it."""
    folder = tmp_path_factory.mktemp("screens") / "store"
    vaults.create(folder, "administrator", "SMBC", PASSPHRASE, clock=FixedClock(NOON), demonstration=True)
    people = [Person(name, name.title(), agency, role) for name, (agency, role) in PEOPLE.items()]
    populate(folder, dict.fromkeys(["administrator", *PEOPLE], PASSPHRASE), FixedClock(NOON), people)
    return folder


@pytest.fixture
def beat() -> Beat:
    return Beat()


@pytest.fixture
def make_app(users_store: Path, beat: Beat) -> Callable[..., KingshurstApp]:
    """Make the program on the store of users."""

    def make(user: str = "coordinator", *, folder: Path = users_store, signed_in: bool = False) -> KingshurstApp:
        open_session: Callable[[str, str], Session] = partial(vaults.open_session, folder, clock=FixedClock(NOON))
        return KingshurstApp(
            open_session,
            user_name=user,
            store_name="test store",
            demo=True,
            sign_in=partial(open_session, user, PASSPHRASE) if signed_in else None,
            monotonic=beat,
            debounce=0,
        )

    return make


@pytest.fixture(scope="session")
def town_as_made(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """An invented town of 240 people in a real store, for copies: nobody looks into it."""
    return build(tmp_path_factory.mktemp("town") / "demo", people=240, seed=11, clock=FixedClock(NOON))


@pytest.fixture(scope="session")
def town(town_as_made: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """The same, which tests that only read share, at the moment at which it was ready."""
    return copy_of(town_as_made, tmp_path_factory.mktemp("read") / "town", town_as_made.clock)


@pytest.fixture
def town_app(town: DemoStore, beat: Beat) -> Callable[..., KingshurstApp]:
    """Make the program on the invented town, signed in as one of its users."""

    def make(user: str = "coordinator") -> KingshurstApp:
        open_session: Callable[[str, str], Session] = partial(vaults.open_session, town.store, clock=FixedClock(NOON))
        return KingshurstApp(
            open_session,
            user_name=user,
            store_name="the invented town",
            demo=True,
            sign_in=partial(open_session, user, town.passphrases[user]),
            monotonic=beat,
            debounce=0,
        )

    return make


@pytest.fixture
def town_copy(town_as_made: DemoStore, tmp_path: Path) -> DemoStore:
    """The same, which one test may change."""
    return copy_of(town_as_made, tmp_path / "town")


@pytest.fixture
def changing_app(town_copy: DemoStore, beat: Beat) -> Callable[..., KingshurstApp]:
    """Make the program on the copy, signed in as one of its users."""

    def make(user: str = "coordinator") -> KingshurstApp:
        open_session: Callable[[str, str], Session] = partial(
            vaults.open_session, town_copy.store, clock=town_copy.clock
        )
        return KingshurstApp(
            open_session,
            user_name=user,
            store_name="a copy of the invented town",
            demo=True,
            sign_in=partial(open_session, user, town_copy.passphrases[user]),
            monotonic=beat,
            debounce=0,
        )

    return make
