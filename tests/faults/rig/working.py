"""Starting processes with the library in them, and asking one to run a scenario."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_SOURCE = Path(__file__).with_name("disk.c")


def fast_folder() -> str | None:
    """Return where scratch stores lie: in memory where the system has such a place, for a sync there costs nothing."""
    shared = Path("/dev/shm")  # noqa: S108 - private folders are made in it
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


def scratch() -> Path:
    """Return a new private folder for scratch stores."""
    return Path(tempfile.mkdtemp(prefix="kingshurst-faults-", dir=fast_folder())).resolve()


def library(folder: Path) -> Path:
    """Compile disk.c into ``folder`` and return the library."""
    made = folder / f"disk-{hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]}.so"
    if not made.exists():
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        subprocess.run(["gcc", *flags, "-o", str(made), str(_SOURCE), "-ldl", "-lpthread"], check=True)
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
        self._asked += 1
        report = self._folder / f"report-{os.getpid()}-{self._asked}"
        request = {"scenario": scenario, "start": str(start), "disk": str(disk), "files": str(files)}
        request |= {"report": str(report), **options}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the rig's process ended")
        steps, crash = [], ""
        for line in report.read_text(encoding="utf-8").splitlines() if report.exists() else ():
            found = json.loads(line)
            if "crash" in found:
                crash = found["crash"]
            else:
                steps.append(StepDone(**found))
        report.unlink(missing_ok=True)
        ended = json.loads(answer)
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
