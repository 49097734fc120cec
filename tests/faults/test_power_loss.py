"""Power that goes at any moment: what was acknowledged is there, what was not is whole or not at all."""

from __future__ import annotations

import pytest

from tests.faults.rig.images import Op
from tests.faults.rig.recording import Recording
from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import SEED
from tests.faults.rig.sweeps import Rig

SAMPLE = 24
"""Moments a scenario; ``make test-faults`` tries many more."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_was_acknowledged_outlives_a_power_loss(rig: Rig, name: str) -> None:
    count = SAMPLE // 3 if SCENARIOS[name].slow else SAMPLE
    found = rig.power_losses(name, count, SEED)
    assert found.failures == []
    assert found.tried == count


@pytest.mark.parametrize(("name", "forgotten"), [("acts", "data.1.db-wal"), ("init", "vault.json"), ("init", "store")])
def test_the_rig_finds_a_program_that_forgets_to_sync(
    rig: Rig, name: str, forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trace without the syncs of one file is what a program would have left that never made them."""
    whole = rig.record(name)

    def kept(op: Op) -> bool:
        return op.op != "S" or not op.name.removeprefix(".").startswith(forgotten)

    # A position after as many ops must mean the same moment: a sync that is left out becomes an opening.
    without = [op if kept(op) else Op("O", op.call, *(0, 0, 0, 0), op.name, "", b"") for op in whole.ops]
    assert len([op for op in whole.ops if not kept(op)]) > 0
    careless = Recording(whole.scenario, whole.before, without, whole.states)
    monkeypatch.setitem(rig.recordings, name, careless)
    assert rig.power_losses(name, 400 if name == "init" else 60, SEED).failures
