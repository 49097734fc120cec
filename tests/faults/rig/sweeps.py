"""Power losses and faults, one scenario at a time: what was tried, and what went wrong."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kingshurst_tui.errors import KingshurstError
from tests.faults.rig.checking import Broken, Known, State, glance, look_through, unnumbered
from tests.faults.rig.images import Disk, read_trace
from tests.faults.rig.points import APPLIES, KILLED_REALLY, Replay, thinned_out
from tests.faults.rig.recording import Recording
from tests.faults.rig.scenarios import SCENARIOS, Scenario
from tests.faults.rig.working import Ran, StepDone, Worker, copied

RETRIED = ("import_batch", "rejected_row", "audit_entry", "audit_node", "audit_subject", "audit_words")
"""Tables in which a first try that failed may leave rows of its own: an abandoned batch, entries of the trail."""

WORTH_COPIES = 4
"""Faults of one scenario from which on copies of a process that runs it once are quicker than a run for each."""

UNDONE = ("not made", "othing was changed", "rolled back")
"""What an error says of an act that left no trace."""


@dataclass
class Tally:
    """What a sweep tried, and each thing that went wrong, in words that let it be found again."""

    tried: int = 0
    refused: int = 0
    replayed: int = 0
    killed: int = 0
    retried: int = 0
    alone: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        self.tried += other.tried
        self.refused += other.refused
        self.replayed += other.replayed
        self.killed += other.killed
        self.retried += other.retried
        self.alone += other.alone
        self.seconds += other.seconds
        self.failures += other.failures
        return self


class Rig:
    """Processes with the library, a scratch folder, and the stores to begin from.

    Attributes:
        every_retry: try again after every fault; otherwise once for each way in which faults leave a store: the same
            fault of the same kind of call on the same file, the same words, the same rows and the same files.
    """

    def __init__(self, starts: Path, scratch: Path, kept: Path | None = None, *, every_retry: bool = True) -> None:
        self.starts, self.scratch, self.kept, self.every_retry = starts, scratch, kept, every_retry
        scratch.mkdir(parents=True, exist_ok=True)
        self.worker = Worker(scratch)
        self.recordings: dict[str, Recording] = {}
        self._retried: set[tuple[object, ...]] = set()
        self._known: Known = {}

    def close(self) -> None:
        """End the process and remove what it left."""
        self.worker.close()
        if "branching" in vars(self):
            self.branching.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    @cached_property
    def branching(self) -> Worker:
        """A process of its own for what copies itself: what a copy left is tried again before it goes on."""
        return Worker(self.scratch / "branches")

    @property
    def _files(self) -> Path:
        return self.starts / "files"

    def _run(self, scenario: Scenario, disk: Path, **options: object) -> Ran:
        return self.worker.run(scenario.name, self.starts / scenario.start, disk, self._files, **options)

    # --- power losses ----------------------------------------------------------------------------------------------

    def record(self, name: str) -> Recording:
        """Run a scenario once and work out every state that a power loss may leave it in."""
        if name in self.recordings:
            return self.recordings[name]
        scenario = SCENARIOS[name]
        disk = copied(self.starts / scenario.start, self.scratch / "recorded")
        before, trace = Disk(disk), self.scratch / "trace"
        going = deepcopy(before)
        ran = self._run(scenario, disk, trace=str(trace))
        if ran.crash or ran.status or ran.acknowledged != len(scenario.steps):
            raise Broken(f"{name} does not even run: it ended with {ran.status}: {ran.steps[-1:]} {ran.crash}")
        ops = read_trace(trace)
        known: dict[tuple[object, ...], State] = {}
        states: list[tuple[int, State]] = [(0, self._state_of(going, scenario, known))]
        changed = False
        for position, op in enumerate(ops, 1):
            going.apply(op)
            changed = changed or op.op in "CWTRXUDL"
            if op.op in "SM" or position == len(ops):
                states.append((position, self._state_of(going, scenario, known) if changed else states[-1][1]))
                changed = False
        made = Recording(scenario, before, ops, tuple(states))
        self.recordings[name] = made
        return made

    def _state_of(self, disk: Disk, scenario: Scenario, known: dict[tuple[object, ...], State]) -> State:
        image = self.scratch / "whole"
        shutil.rmtree(image, ignore_errors=True)
        disk.image(image, None)
        seen = glance(image / "store", scenario)
        if seen not in known:
            known[seen] = look_through(image / "store", scenario)
        return known[seen]

    def power_losses(self, name: str, count: int, seed: int) -> Tally:
        """Let the power go at ``count`` moments of a scenario, drawn by ``seed``, and look at what each left."""
        recording = self.record(name)
        tally = Tally()
        chance = random.Random(f"{seed}/{name}")
        moments = sorted((chance.randint(0, len(recording.ops)), chance.getrandbits(32)) for _ in range(count))
        disk, done = deepcopy(recording.before), 0
        for position, draw in moments:
            while done < position:
                disk.apply(recording.ops[done])
                done += 1
            tally.tried += 1
            image = self.scratch / "image"
            shutil.rmtree(image, ignore_errors=True)
            drawn = disk.image(image, random.Random(draw))
            problem = self._after_power_loss(image, recording, position)
            if problem:
                where = f"{name}: power lost after {position} of {len(recording.ops)} ops, draw {draw} ({drawn})"
                tally.failures.append(f"{where}: {problem}{self._keep(image, tally)}")
        return tally

    def _after_power_loss(self, image: Path, recording: Recording, position: int) -> str:
        try:
            found = look_through(image / "store", recording.scenario)
        except (Broken, KingshurstError) as wrong:
            return f"{type(wrong).__name__}: {wrong} {getattr(wrong, 'detail', '')}"
        oldest, newest = recording.acknowledged_at(position), recording.under_way_at(position)
        may_be = [state for _, state in recording.states[oldest : newest + 1]]
        for part in ("header", "data", "person"):
            if getattr(found, part) not in [getattr(state, part) for state in may_be]:
                anywhere = [at for at, state in recording.states if getattr(state, part) == getattr(found, part)]
                what = f"that of after {anywhere} ops" if anywhere else "none that was ever committed"
                return f"the {part} is {what}; acknowledged was {recording.states[oldest][0]}"
        return ""

    def _keep(self, image: Path, tally: Tally) -> str:
        if self.kept is None or len(tally.failures) >= 5:
            return ""
        self.kept.mkdir(parents=True, exist_ok=True)
        place = self.kept / f"image-{len(list(self.kept.iterdir()))}"
        shutil.copytree(image, place)
        return f" [kept in {place}]"

    # --- faults ----------------------------------------------------------------------------------------------------

    def points(self, name: str, how: str, *, thinned: bool = False) -> list[int]:
        """Return at which calls of a scenario a fault is tried; ``thinned`` leaves out what `thinned_out` does."""
        found = {op.call: op for op in self.record(name).ops if op.op != "M" and op.call}
        ops = thinned_out(list(found.values())) if thinned else found.values()
        return [op.call for op in ops if op.op in APPLIES[how]]

    def faults(self, name: str, points: Iterable[tuple[int, str]]) -> dict[str, Tally]:
        """Let each of these calls go wrong as it says; look at what each left, and try again. Return tallies by fault.

        The scenario runs once: at each call a copy of its process meets the fault (branch.c). Where it has threads or
        processes of its own it cannot be copied, and runs anew for that fault.
        """
        recording = self.record(name)
        record = Replay(recording.before, recording.ops)
        wanted = sorted(points)
        tallies = {how: Tally() for _, how in wanted}
        replayed = [each for each in wanted if each[1] == "kill" and each[0] % KILLED_REALLY and not self.every_retry]
        for call, how in replayed:
            disk, ran = record.killed_at(call, self.scratch / "faulted")
            tallies[how].replayed += 1
            self._judge(disk, recording, how, call, ran, tallies[how])
        again = {each for each in wanted if each not in set(replayed)}
        branches = sorted(again) if len(again) >= WORTH_COPIES else []
        for call, how, branch in self._branched(recording.scenario, branches) if branches else ():
            if branch is not None:
                again.remove((call, how))
                disk = copied(self.scratch / "branching", self.scratch / "faulted")
                self._judge(disk, recording, how, call, branch, tallies[how])
        # What could not be copied; and calls that this run, in which two threads took turns otherwise, did not come to.
        for call, how in sorted(again):
            tallies[how].alone += 1
            disk = copied(self.starts / recording.scenario.start, self.scratch / "faulted")
            ran = self._run(recording.scenario, disk, at=call, how=how)
            self._judge(disk, recording, how, call, ran, tallies[how])
        return tallies

    def _branched(
        self, scenario: Scenario, branches: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[int, str, Ran | None]]:
        disk = copied(self.starts / scenario.start, self.scratch / "branching")
        return self.branching.run_branches(scenario.name, self.starts / scenario.start, disk, self._files, branches)

    def _judge(self, disk: Path, recording: Recording, how: str, call: int, ran: Ran, tally: Tally) -> None:
        began = time.process_time()
        tally.tried += 1
        hit = ran.steps[-1].hit if ran.steps else ""
        problem = self._after_fault(disk, recording, how, call, ran, tally)
        if problem:
            words = f"{recording.scenario.name}: {how} at call {call} ({hit or 'its process was killed'}): {problem}"
            tally.failures.append(words + self._keep(disk, tally))
        tally.seconds += time.process_time() - began + ran.seconds

    def kills(self, name: str, count: int, seed: int) -> Tally:
        """Kill a scenario ``count`` times, at moments drawn by ``seed`` from the time it takes, wherever it then is.

        Each store is then opened by every passphrase and signed in to, holds one generation, and is worked on again.
        """
        tally, recording, chance = Tally(), self.record(name), random.Random(f"{seed}/kills/{name}")
        start, disk = self.starts / SCENARIOS[name].start, self.scratch / "killed"
        takes = max(self._run(SCENARIOS[name], copied(start, disk)).seconds for _ in range(5))
        while tally.killed < count and tally.tried < 2 * count:
            moment = takes * chance.random()
            ran = self._run(SCENARIOS[name], copied(start, disk), dies_after=moment)
            tally.tried += 1
            tally.killed += ran.status == -9
            problem = self._after_fault(disk, recording, "kill", None, ran, tally) or self._generations(disk / "store")
            if problem:
                words = f"{name}: killed after {moment:.4f} of {takes:.4f} s: {problem}"
                tally.failures.append(words + self._keep(disk, tally))
        return tally

    def _generations(self, store: Path) -> str:
        found = sorted(path.name for path in store.glob("data.*.db"))
        return "" if len(found) <= 1 else f"more than one generation is there: {found}"

    def _after_fault(self, disk: Path, recording: Recording, how: str, call: int | None, ran: Ran, tally: Tally) -> str:
        scenario = recording.scenario
        left = _files_in(disk)  # before anybody looks at it, which may clear up
        if ran.crash:
            return f"an error nobody caught: {ran.crash.strip().splitlines()[-1]}"
        if ran.status not in (0, -9 if how == "kill" else 0):
            return f"the process ended with {ran.status}"
        failed = ran.steps[-1] if ran.steps and ran.steps[-1].code else None
        if failed is not None:
            tally.refused += 1
            if problem := _said_badly(failed):
                return problem
        try:
            found = look_through(disk / "store", scenario, None if self.every_retry or call is None else self._known)
        except (Broken, KingshurstError) as wrong:
            return f"{type(wrong).__name__}: {wrong} {getattr(wrong, 'detail', '')}"
        from_here = recording.states_from(ran.acknowledged)
        headers, counts = {state.header for state in from_here}, {state.counts for state in from_here}
        one_less = scenario.begun_waits and any(
            state.entries - found.entries == 1 and _lacking(state, found) == {} for state in from_here
        )
        if found.header not in headers or not (found.counts in counts or one_less):
            return f"neither the old state nor the new one ({_difference(from_here[0], found)})"
        first = ran.acknowledged
        undone = failed is not None and any(words in failed.err for words in UNDONE)
        if undone and found.stands > from_here[0].stands:
            return f"it stands, and yet it said: {failed and failed.err.strip()}"
        if first < len(scenario.steps) and _alike(recording.states_from(first + 1)[0], found):
            first += 1  # it was done, and only the answer was lost
            # A store of an older version is only looked through by doing what failed.
            if undone and not scenario.older:
                return f"it was done, and yet it said: {failed and failed.err.strip()}"
        if first == len(scenario.steps):
            return ""
        op = next((each for each in recording.ops if each.call == call), None)
        words = failed and unnumbered(failed.err)
        where = op and (op.op, unnumbered(op.name))
        way = (scenario.name, how, where, first, words, found.counts, left)
        if way in self._retried and not self.every_retry:
            return ""
        self._retried.add(way)
        tally.retried += 1
        again = self._run(scenario, disk, first=first)
        return self._after_retry(disk, recording, again)

    def _after_retry(self, disk: Path, recording: Recording, ran: Ran) -> str:
        scenario = recording.scenario
        for done in ran.steps:
            step = scenario.steps[done.step]
            if done.code and done.code not in step.done_already:
                return f"a retry of '{step.name}' ends with {done.code}: {done.err.strip()}"
        if ran.crash or ran.status:
            return f"a retry crashed: {ran.crash.strip().splitlines()[-1:]}"
        try:
            found = look_through(disk / "store", scenario)
        except (Broken, KingshurstError) as wrong:
            return f"after a retry: {type(wrong).__name__}: {wrong}"
        final = recording.states[-1][1]
        if recording.states[-1][1].agree and not found.agree:
            return "after a retry the header and the tables know different users"
        refused = bool(scenario.refused) and any(
            all(words in done.err for words in scenario.refused) for done in ran.steps if done.code
        )
        if refused and _lacking(final, found) == scenario.unentered:
            return ""
        if not _alike(final, found, passing_over=(*RETRIED, *scenario.left_for_later)):
            return f"after a retry the store is not what it is without a fault ({_difference(final, found)})"
        return ""


def _files_in(disk: Path) -> frozenset[str]:
    return frozenset(unnumbered(str(path.relative_to(disk))) for path in disk.rglob("*"))


def _said_badly(done: StepDone) -> str:
    """Return what is wrong with how a failed step told of it: an exit code, what happened, what to do next."""
    if "Traceback" in done.err:
        return "a traceback was printed"
    if done.code != 1 or "should not" in done.err:
        return f"it ended with {done.code} and said: {done.err.strip()}"
    if len(done.err.strip().splitlines()) < 2:
        return f"it said only: {done.err.strip()!r}"
    return ""


def _alike(one: State, other: State, passing_over: Sequence[str] = ()) -> bool:
    def counted(state: State) -> list[tuple[str, int]]:
        return [each for each in state.counts if each[0] not in passing_over]

    return one.header == other.header and counted(one) == counted(other)


def _lacking(one: State, other: State) -> dict[str, int] | None:
    """Return how many rows of which table the second lacks, the trail's aside; None where anything else differs."""
    mine, theirs = dict(one.counts), dict(other.counts)
    names = (mine | theirs).keys() - set(RETRIED)
    lacks = {name: mine.get(name, 0) - theirs.get(name, 0) for name in names if mine.get(name) != theirs.get(name)}
    return None if one.header != other.header or any(count < 0 for count in lacks.values()) else lacks


def _difference(one: State, other: State) -> str:
    if one.header != other.header:
        return f"header {one.header} and {other.header}"
    mine, theirs = dict(one.counts), dict(other.counts)
    return ", ".join(
        f"{name} {mine.get(name)} and {theirs.get(name)}"
        for name in sorted(mine | theirs)
        if mine.get(name) != theirs.get(name)
    )
