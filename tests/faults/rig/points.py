"""At which calls of a scenario which fault is tried, and what a kill at one of them leaves."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from tests.faults.rig.checking import unnumbered
from tests.faults.rig.images import Disk, Op
from tests.faults.rig.working import Ran, StepDone

APPLIES = {
    "enospc": "CWTSRXDL",
    "short": "W",
    "full": "CWTRXDL",
    "eio": "COWTSRXUDL",
    "kill": "COWTSRXUDL",
}
"""Which calls each fault is tried at, by the letters of a trace: an unlink needs no space, only a write falls short."""

KILLED_REALLY = 20
"""At every so many-th call a process is killed; at the others what it would leave is worked out from the record."""

ENDS, EACH = 2, 16
"""Which of many calls that are alike are tried where not all are."""


class Replay:
    """What a process that is killed leaves: everything that its calls before that one did, and nothing since."""

    def __init__(self, before: Disk, ops: Sequence[Op]) -> None:
        self._ops, self._disk = ops, deepcopy(before)
        self._done, self._steps = 0, 0

    def killed_at(self, call: int, place: Path) -> tuple[Path, Ran]:
        """Write what the disk holds before a call, which comes after those asked for earlier, and who was answered."""
        while self._done < len(self._ops) and (self._ops[self._done].op == "M" or self._ops[self._done].call < call):
            op = self._ops[self._done]
            self._disk.apply(op)
            self._steps += op.op == "M" and op.name.startswith("step ")
            self._done += 1
        shutil.rmtree(place, ignore_errors=True)
        self._disk.image(place, None)
        steps = tuple(StepDone(number, 0, "", "", 0, "") for number in range(self._steps))
        return place, Ran(-9, steps, "")


def thinned_out(ops: Sequence[Op]) -> list[Op]:
    """Leave out most of the same calls on the same file from the same place in the program, its whole stack of lines.

    They are the pages of one transaction, one copy or one checkpoint, and what a loop repeats. Kept are the first and
    the last ``ENDS`` of them, and every ``EACH``-th.
    """
    alike: dict[tuple[object, ...], list[int]] = {}
    for at, op in enumerate(ops):
        alike.setdefault((op.op, unnumbered(op.name), op.place), []).append(at)
    kept = [at for those in alike.values() for at in {*those[:ENDS], *those[-ENDS:], *those[::EACH]}]
    return [ops[at] for at in sorted(kept)]
