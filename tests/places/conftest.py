"""A store without places, kept open from test to test; and the files of an invented borough as they are published."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.geography import FILES, Ground, write_places
from kingshurst_tui.places import look_ups
from kingshurst_tui.places.look_ups import SourceImported
from kingshurst_tui.vocabulary import Operation, Thing
from tests.conftest import NOON
from tests.intake.conftest import REASON, Town, empty_store

__all__ = ["empty_store"]

TABLES = ("place", "place_part", "place_postcode", "place_figure", "place_boundary", "place_source")
GROUND = Ground(homes=300, today=date(2026, 5, 4))
"""24 small areas in 6 wards, two of which ended in 2025."""


@pytest.fixture(scope="session")
def open_store(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("places")
    shutil.copytree(empty_store, folder / "store")
    made = Town(folder / "store", FixedClock(NOON), folder)
    yield made
    made.close()


@pytest.fixture
def bare(open_store: Town, tmp_path: Path) -> Town:
    """A store in which no place is known."""
    open_store.files = tmp_path
    with open_store.session().act(Operation.COMBINE, Thing.LINK, reason=REASON, combine=True) as act:
        for table in TABLES:
            act.connection.exec_driver_sql(f"DELETE FROM {table}")
    return open_store


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The files of the invented borough, to be changed at will."""
    write_places(tmp_path / "as-published", GROUND, seed=3)
    return tmp_path / "as-published"


Take = Callable[..., SourceImported]


@pytest.fixture
def take(bare: Town) -> Take:
    """Take in one file, as the coordinator."""

    def taken(path: Path, role: str = "coordinator", **options: object) -> SourceImported:
        return look_ups.import_file(bare.session(role), path, reason=REASON, **options)  # type: ignore[arg-type]

    return taken


@pytest.fixture
def grounded(bare: Town, published: Path, take: Take) -> Town:
    """A store with every file of the invented borough."""
    for name in FILES:
        take(published / name)
    return bare
