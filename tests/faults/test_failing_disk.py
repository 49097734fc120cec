"""Calls that fail, one at a time, and a process killed at any of them: old or new, said clearly, and a retry works."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.rig.checking import glance, look_through
from tests.faults.rig.points import Replay
from tests.faults.rig.scenarios import SCENARIOS
from tests.faults.rig.settings import HOW, SEED
from tests.faults.rig.sweeps import Rig
from tests.faults.rig.working import copied, library

PATIENCE = 120
"""Seconds after which two threads that should take turns are said to wait for ever; they take two."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_call_that_fails_or_kills_leaves_the_old_state_or_the_new_one(rig: Rig, name: str) -> None:
    chance = random.Random(f"{SEED}/{name}")
    # Of a slow one two kinds of fault, by the seed; all of them are in make test-faults.
    for how in chance.sample(list(HOW), 2) if SCENARIOS[name].slow else HOW:
        call = chance.choice(rig.points(name, how))
        assert rig.faults(name, [(call, how)])[how].failures == []


def test_no_backup_goes_unentered_where_the_disk_fails_while_the_trail_is_compared(rig: Rig) -> None:
    headers = [op.call for op in rig.record("backup").ops if op.op == "O" and op.name.endswith("vault.json")]
    assert headers
    assert rig.faults("backup", [(call, "eio") for call in headers])["eio"].failures == []


def test_the_replay_of_a_kill_leaves_what_a_kill_leaves(rig: Rig) -> None:
    """The rig draws marks and salts alike in each run, so that both must hold the same rows."""
    scenario, record = SCENARIOS["acts"], rig.record("acts")
    replay = Replay(record.before, record.ops)
    for call in sorted(random.Random(SEED).sample(rig.points("acts", "kill"), 3)):
        killed = copied(rig.starts / scenario.start, rig.scratch / "killed")
        ran = rig.worker.run("acts", rig.starts / scenario.start, killed, rig.starts / "files", at=call, how="kill")
        assert ran.status == -9
        replayed, _ = replay.killed_at(call, rig.scratch / "replayed")
        assert _names(replayed) == _names(killed)
        assert look_through(replayed / "store", scenario) == look_through(killed / "store", scenario)


def test_a_fault_in_a_copy_of_the_process_leaves_what_it_leaves_in_one_run_from_the_start(rig: Rig) -> None:
    scenario, chance = SCENARIOS["rotation"], random.Random(SEED)
    points = sorted((chance.choice(rig.points("rotation", how)), how) for how in HOW)
    disk, start = copied(rig.starts / scenario.start, rig.scratch / "branching"), rig.starts / scenario.start
    left = {}
    for call, how, ran in rig.branching.run_branches("rotation", start, disk, rig.starts / "files", points):
        assert ran is not None, "a rotation has neither threads nor processes of its own"
        left[call, how] = ran.status, ran.steps, ran.crash, _names(disk), glance(disk / "store", scenario)
    assert list(left) == points
    for call, how in points:
        disk = copied(start, rig.scratch / "faulted")
        ran = rig.worker.run("rotation", start, disk, rig.starts / "files", at=call, how=how)
        found = ran.status, ran.steps, ran.crash, _names(disk), glance(disk / "store", scenario)
        assert found == left[call, how]


def _names(disk: Path) -> set[str]:
    """Return the names of all files but those that are memory which processes share, and of one process only."""
    found = {str(path.relative_to(disk)) for path in disk.rglob("*")}
    return {name for name in found if not name.endswith("-shm") and ".checkpoint." not in name}


def test_threads_at_the_watched_disk_never_wait_for_one_another(rig: Rig) -> None:
    root = rig.scratch / "turns" / "root"
    root.mkdir(parents=True)
    environment = {**os.environ, "LD_PRELOAD": str(library(rig.scratch)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.faults.rig.taking_turns", str(root)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=PATIENCE)
    assert {path.name for path in root.iterdir()} == {"written", "closed.db"}


def test_a_thinner_sweep_leaves_out_no_place_of_the_program(rig: Rig) -> None:
    ops = {op.call: op for op in rig.record("user added").ops if op.op != "M"}
    every, some = rig.points("user added", "eio"), rig.points("user added", "eio", thinned=True)
    assert len(some) < len(every)
    assert {(ops[call].op, ops[call].place) for call in some} == {(ops[call].op, ops[call].place) for call in every}


def test_a_kill_at_any_moment_leaves_one_store_that_everybody_opens(rig: Rig) -> None:
    for name in ("rotation", "restore in place"):
        found = rig.kills(name, 3, SEED)
        assert (found.failures, found.killed) == ([], 3)
