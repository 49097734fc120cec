"""A store with one user of each role, copied for each test that wants to harm it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kingshurst_tui import vaults
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.oversight import verifier
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Role
from tests.casework.conftest import Town
from tests.conftest import NOON
from tests.people import populate

PASSPHRASES = {role.value: f"{role.value} lantern wet ferry hill" for role in Role}

Open = Callable[[str], Session]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store; nobody changes this copy."""
    folder = tmp_path_factory.mktemp("trust") / "store"
    clock = FixedClock(NOON)
    vaults.create(folder, "administrator", "SMBC", PASSPHRASES["administrator"], clock=clock)
    populate(folder, PASSPHRASES, clock)
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


@pytest.fixture(autouse=True)
def _state_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held outside a store lies in the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    """The demonstration, to be changed, with its users signed in as they are asked for."""
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


def verdict(capsys: pytest.CaptureFixture[str], *files: Path) -> tuple[int, str]:
    """Run the verifier on files; return its exit code and all that it says."""
    capsys.readouterr()
    code = verifier.main([str(file) for file in files])
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def exported(opened: Open, tmp_path: Path) -> tuple[Path, Path]:
    """An export, and the checkpoint that a supervisor held some entries earlier."""
    from kingshurst_tui.oversight.cosigning import cosign
    from kingshurst_tui.oversight.export import export_trail
    from tests.trust.attacks import consult

    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 5)
    cosign(supervisor, tmp_path / "held")
    consult(coordinator, 5)
    export_trail(opened("governance"), tmp_path / "trail")
    return tmp_path / "trail", tmp_path / "held"
