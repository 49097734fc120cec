"""A store with one user of each role, copied for each test that wants to harm it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Role
from tests.conftest import NOON

PASSPHRASES = {role.value: f"{role.value} lantern wet ferry hill" for role in Role}
AGENCIES = {
    "coordinator": "KTP",
    "practitioner": "SCH",
    "supervisor": "WMP",
    "governance": "SMBC",
    "administrator": "SMBC",
}

Open = Callable[[str], Session]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store; nobody changes this copy."""
    folder = tmp_path_factory.mktemp("trust") / "store"
    clock = FixedClock(NOON)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASES["administrator"], clock=clock)
    session = vaults.open_session(folder, "administrator", PASSPHRASES["administrator"], clock=clock)
    for role in Role:
        if role is not Role.ADMINISTRATOR:
            vaults.add_user(
                session, role.value, role.value.title(), AGENCIES[role.value], role, PASSPHRASES[role.value]
            )
    session.close()
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy of the store for one test."""
    shutil.copytree(pristine, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def opened(folder: Path, clock: FixedClock) -> Iterator[Open]:
    """Open the copy as one of its users."""
    sessions: list[Session] = []

    def as_user(name: str) -> Session:
        session = vaults.open_session(folder, name, PASSPHRASES[name], clock=clock)
        sessions.append(session)
        return session

    yield as_user
    for session in sessions:
        session.close()
