"""One rig a process: a program with the library in it, and the stores that scenarios begin from."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

import pytest

from tests.faults.rig import settings, start, working
from tests.faults.rig.sweeps import Rig


@pytest.fixture(scope="session")
def _rig() -> Iterator[Rig]:
    if not sys.platform.startswith("linux") or shutil.which("gcc") is None:
        pytest.skip("the rig needs Linux and gcc")
    place = working.scratch()
    with settings.settled():
        start.make(place / "starts")
    made = Rig(place / "starts", place / "work")
    yield made
    made.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def rig(_rig: Rig) -> Iterator[Rig]:
    """The rig, while passphrases cost nothing to try and the clock stands still in this process too."""
    with settings.settled():
        yield _rig
