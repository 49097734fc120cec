"""Calls that fail, one at a time, and a process killed at any of them: old or new, said clearly, and a retry works."""

from __future__ import annotations

import random

import pytest

from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import HOW, SEED
from tests.faults.rig.sweeps import Rig

SAMPLE = 2
"""Calls a scenario and fault; ``make test-faults`` lets each of them fail."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_call_that_fails_or_kills_leaves_the_old_state_or_the_new_one(rig: Rig, name: str) -> None:
    for how in HOW:
        calls = rig.points(name, how)
        at = random.Random(f"{SEED}/{name}/{how}").sample(calls, 1 if SCENARIOS[name].slow else SAMPLE)
        assert rig.faults(name, how, sorted(at)).failures == []
