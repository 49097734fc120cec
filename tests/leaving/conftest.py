"""What the tests of leaving share: the demonstration to be changed, a folder for copies, and one way of letting go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.leaving import gate
from kingshurst_tui.leaving.gate import Copy, Recipient
from kingshurst_tui.vocabulary import ReasonCode
from tests.casework.conftest import Town

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

PANEL = Reason(ReasonCode.PANEL)
WHY = "Asked for by the panel for its meeting"


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    """The demonstration, to be changed."""
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for what leaves."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def let_go(town: Town, out: Path, *recipients: Recipient, who: str = "coordinator", **changed: Any) -> tuple[Copy, ...]:
    """Let a list of actions leave for these people."""
    given: dict[str, Any] = {
        "kind": "actions",
        "form": "txt",
        "body_for": lambda each: f"Copy {each.mark}\n".encode(),
        "recipients": recipients,
        "why": WHY,
        "subjects": (),
        "data_sets": (),
        "into": out,
        "name": "actions",
        "reason": PANEL,
    }
    return gate.release(town.user(who), **given | changed)
