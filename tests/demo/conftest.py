"""One small invented town for all tests of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from kingshurst_tui.demo.town import TownSummary, write_town

TODAY = date(2026, 5, 3)
SEED = 20_260_503


@dataclass(frozen=True)
class Town:
    """A written town and what its maker said about it."""

    folder: Path
    summary: TownSummary

    @property
    def partners(self) -> Path:
        return self.folder / "partners"

    @property
    def truth(self) -> Path:
        return self.folder / "truth"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town of 800 people."""
    folder = tmp_path_factory.mktemp("town")
    return Town(folder, write_town(folder, 800, SEED, TODAY))
