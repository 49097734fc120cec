"""What every room's tests share: a fixed clock, repeatable examples, the open data beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from kingshurst_tui.clock import Clock, FixedClock
    from kingshurst_tui.demo.build import DemoStore

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""The open data that real-input tests read; it stands beside the checkout."""

NOON = datetime(2026, 5, 4, 11, 0, tzinfo=UTC)
"""The instant at which tests happen: Monday 4 May 2026, noon in Solihull."""

# The same examples every time, none judged by the clock: a busy machine must not decide what passes.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# Many more, for a night: HYPOTHESIS_PROFILE=deep make test
settings.register_profile("deep", settings.get_profile("repeatable"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session", autouse=True)
def _derives_each_key_once() -> Iterator[None]:
    """Derive as dearly as ever, but one passphrase and salt once in a process: shared stores open hundreds of times."""
    from db import keys

    named = vars(keys)
    dear = named["hash_secret_raw"]
    named["hash_secret_raw"] = lru_cache(maxsize=None)(dear)
    yield
    named["hash_secret_raw"] = dear


@pytest.fixture(scope="session", autouse=True)
def _remembers_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what a terminal remembers, the last store and held checkpoints, out of the home of whoever runs this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at NOON."""
    from kingshurst_tui.clock import FixedClock

    return FixedClock(NOON)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The open data's folder; where it stands, a missing file in it is a failure and not a skip."""
    if not SHARED.exists():
        pytest.skip("the open data does not stand beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def demo_as_made(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """An invented Kingshurst of 400 people at NOON, imported, linked and flagged. For copies: nobody looks into it.

    A look is an entry of the trail at least, and what copies hold must not depend on which test came first.
    """
    from kingshurst_tui.clock import FixedClock
    from kingshurst_tui.demo.build import build

    return build(tmp_path_factory.mktemp("demo") / "town", people=400, seed=7, clock=FixedClock(NOON))


@pytest.fixture(scope="session")
def demo_store(demo_as_made: DemoStore, tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    """The same, which tests that only read share, at the moment at which it was ready."""
    return copy_of(demo_as_made, tmp_path_factory.mktemp("read") / "town", demo_as_made.clock)


@pytest.fixture
def demo_copy(demo_as_made: DemoStore, tmp_path: Path) -> DemoStore:
    """The same, which one test may change."""
    return copy_of(demo_as_made, tmp_path / "town")


def copy_of(demo: DemoStore, folder: Path, clock: Clock | None = None) -> DemoStore:
    """Copy an invented town into a new folder, with passphrases of its own, and at NOON where no clock is given."""
    import shutil
    from dataclasses import replace

    from kingshurst_tui.clock import FixedClock

    shutil.copytree(demo.folder, folder)
    # Passphrases are copied too: who is added to a copy is nobody in the next.
    return replace(demo, folder=folder, clock=clock or FixedClock(NOON), passphrases=dict(demo.passphrases))
