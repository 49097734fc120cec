"""How right the shipped model is on records it was never trained on. docs/linkage.md has the figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kingshurst_tui.linkage import evaluation, model
from kingshurst_tui.linkage.evaluation import Share
from tests.linkage import open_data
from tests.linkage.open_data import Labelled

FLOORS: dict[str, tuple[Callable[[Path], Labelled], float, float, float]] = {
    "febrl": (open_data.febrl, 0.999, 0.58, 0.80),
    "family context": (open_data.family_context, 0.999, 0.99, 0.99),
    "historical figures": (open_data.historical_figures, 0.999, 0.15, 0.40),
}
"""Precision, recall, and recall with the review queue, below which something has broken."""


@pytest.mark.parametrize("name", FLOORS)
def test_open_records_are_linked_rightly(name: str, shared: Path) -> None:
    read, precision, recall, after_review = FLOORS[name]
    found = evaluation.evaluate(*read(shared / "data" / "people"), model.load())
    assert found.precision.value >= precision
    assert found.recall.value >= recall
    assert found.recall_after_review.value >= after_review


def test_the_interval_is_wilsons() -> None:
    low, high = Share(8, 10).interval
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # Wilson 1927, as in Newcombe 1998
    assert Share(0, 0).value == 1.0
    assert Share(50, 50).interval[1] == pytest.approx(1.0)
    assert 0 < Share(0, 50).interval[1] < 0.1
