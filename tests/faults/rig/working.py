"""Starting processes with the library in them, and asking one to run a scenario."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.faults.rig.branching import Aside
from tests.faults.rig.settings import HOW, HUNG

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("disk.c", "branch.c", "branch.h"))


def fast_folder() -> str | None:
    """Return where scratch stores lie: in memory where the system has such a place, for a sync there costs nothing."""
    shared = Path("/dev/shm")  # noqa: S108 - private folders are made in it
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


def scratch() -> Path:
    """Return a new private folder for scratch stores."""
    return Path(tempfile.mkdtemp(prefix="kingshurst-faults-", dir=fast_folder())).resolve()


def library(folder: Path) -> Path:
    """Compile disk.c and branch.c into ``folder`` and return the library."""
    named = hashlib.sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()[:12]
    made = folder / f"disk-{named}.so"
    if not made.exists():
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        sources = [str(source) for source in _SOURCES if source.suffix == ".c"]
        subprocess.run(["gcc", *flags, "-o", str(made), *sources, "-ldl", "-lpthread"], check=True)
    return made


@dataclass(frozen=True, slots=True)
class StepDone:
    """What became of one step: its exit code, what it said, how many calls had been made, which one was hit."""

    step: int
    code: int
    err: str
    out: str
    calls: int
    hit: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a scenario: how its process ended, each step that ended before it, and the processor's time."""

    status: int
    steps: tuple[StepDone, ...]
    crash: str
    seconds: float = 0.0

    @property
    def acknowledged(self) -> int:
        """How many steps were acknowledged, from the first one run."""
        return sum(each.code == 0 for each in self.steps)


class Worker:
    """A process with the library in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.rig.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "LD_PRELOAD": str(library(folder)),
                "PYTHONPATH": str(ROOT),
                "RIG_COMPILED": str(folder / "compiled"),  # Alembic compiles its steps anew in each fork otherwise
            },
        )
        self._asked = 0

    def run(self, scenario: str, start: Path, disk: Path, files: Path, **options: Any) -> Ran:
        """Run a scenario on the store in ``disk``.

        Args:
            scenario: its name.
            start: the folder it begins from, of which the process takes a copy to load what the scenario uses.
            disk: the folder that is watched.
            files: the inputs of start.py.
            options: ``trace`` (a file), ``at`` and ``how`` (a fault), ``first`` (the first step to run),
                ``dies_after`` (seconds of the processor's time).
        """
        report = self._ask(scenario, start, disk, files, options)
        return self._ran(report, self._answer())

    def run_branches(
        self, scenario: str, start: Path, disk: Path, files: Path, branches: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[int, str, Ran | None]]:
        """Run a scenario once; at each call named, try a fault in a copy of the process that runs it.

        While one is yielded, ``disk`` is as that copy left it.

        Args:
            scenario: its name.
            start: the folder it begins from.
            disk: the folder that is watched.
            files: the inputs of start.py.
            branches: calls, in their order, each with the fault it is to meet.

        Yields the call, the fault, and what became of the copy; None where the process could not be copied there.
        """
        aside = self._folder / "aside"
        report = self._ask(scenario, start, disk, files, {"branches": branches, "aside": str(aside)})
        named = {number: name for name, number in HOW.items()}
        while "call" in (said := self._answer()):
            call, how = said["call"], named.get(said["how"], "")
            if "keep" in said:
                kept = Aside(disk, aside)
                before = report.stat().st_size if report.exists() else 0
            elif "alone" in said:
                yield call, how, None
            else:
                yield call, how, self._ran(report, said, keep=True)
                os.truncate(report, before)
                kept.bring_back()
            self._send("+")
        ran = self._ran(report, said)
        if ran.status or ran.crash:
            raise RuntimeError(f"{scenario} ended with {ran.status} while faults were tried beside it: {ran.crash}")

    def _ask(self, scenario: str, start: Path, disk: Path, files: Path, options: dict[str, Any]) -> Path:
        self._asked += 1
        report = self._folder / f"report-{os.getpid()}-{self._asked}"
        request = {"scenario": scenario, "start": str(start), "disk": str(disk), "files": str(files)}
        self._send(json.dumps(request | {"report": str(report), **options}) + "\n")
        return report

    def _send(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words)
        self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the rig's process ended")
        found: dict[str, Any] = json.loads(answer)
        return found

    def _ran(self, report: Path, ended: dict[str, Any], *, keep: bool = False) -> Ran:
        steps, crash = [], ""
        for line in report.read_text(encoding="utf-8").splitlines() if report.exists() else ():
            found = json.loads(line)
            if "crash" in found:
                crash = found["crash"]
            else:
                steps.append(StepDone(**found))
        hung = report.with_name(report.name + HUNG)
        if ended["status"] == -signal.SIGALRM:
            crash += hung.read_text(encoding="utf-8")
        if not keep:
            report.unlink(missing_ok=True)
            hung.unlink(missing_ok=True)
        return Ran(ended["status"], tuple(steps), crash, ended["seconds"])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def copied(from_: Path, to: Path) -> Path:
    """Copy a start to a new place and return that."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(from_, to)
    return to
