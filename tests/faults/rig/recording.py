"""A scenario run once without a fault: what reached the disk, and which states a power loss may leave."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.rig.checking import State
from tests.faults.rig.images import Disk, Op
from tests.faults.rig.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Recording:
    """A scenario run once without a fault.

    Attributes:
        before: the disk as it was when it began.
        ops: what reached the disk, in order.
        states: what the store holds once the first so many ops have happened, for each moment something was synced or
            acknowledged.
    """

    scenario: Scenario
    before: Disk
    ops: Sequence[Op]
    states: tuple[tuple[int, State], ...]

    @property
    def positions(self) -> list[int]:
        """After how many ops each of the states holds."""
        return [position for position, _ in self.states]

    def acknowledged_at(self, position: int) -> int:
        """Return which state is the oldest that may be found after ``position`` ops: that of the last marker."""
        marked = max((at + 1 for at in range(position) if self.ops[at].op == "M"), default=0)
        return bisect_left(self.positions, marked)

    def under_way_at(self, position: int) -> int:
        """Return which state is the newest that may be found: what is written but not yet synced may be whole."""
        unsynced: set[int] = set()
        for op in self.ops[:position]:
            if op.op == "S":
                unsynced.discard(op.inode)
            elif op.op in "WT":
                unsynced.add(op.inode)
            elif op.op in "CRXUDL":
                unsynced |= {op.folder, op.folder_two}
        upto = position
        for at in range(position, len(self.ops)):
            if self.ops[at].op == "S" and self.ops[at].inode in unsynced:
                unsynced.discard(self.ops[at].inode)
                upto = at + 1
        return min(bisect_left(self.positions, upto), len(self.states) - 1)

    def states_from(self, steps: int) -> list[State]:
        """Return the states from the one in which so many steps were acknowledged onwards."""
        marks = [at + 1 for at, op in enumerate(self.ops) if op.op == "M" and op.name.startswith("step ")]
        position = marks[steps - 1] if steps else 0
        return [state for _, state in self.states[bisect_right(self.positions, position) - 1 :]]
