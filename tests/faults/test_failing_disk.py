"""Calls that fail, one at a time, and a process killed at any of them: old or new, said clearly, and a retry works."""

from __future__ import annotations

import random

import pytest

from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import HOW, SEED
from tests.faults.rig.sweeps import Rig


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_call_that_fails_or_kills_leaves_the_old_state_or_the_new_one(rig: Rig, name: str) -> None:
    chance = random.Random(f"{SEED}/{name}")
    # Of a slow one two kinds of fault, by the seed; all of them are in make test-faults.
    for how in chance.sample(list(HOW), 2) if SCENARIOS[name].slow else HOW:
        call = chance.choice(rig.points(name, how))
        assert rig.faults(name, how, [call]).failures == []
