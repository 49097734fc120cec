"""Stores to measure on: made once by the program's own commands, kept under .bench/, copied to write."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".bench"
"""Where everything that takes long to make is kept between runs; `make clean` removes it."""

PROGRAM = str(ROOT / ".venv" / "bin" / "kingshurst")


@dataclass(frozen=True, slots=True)
class Town:
    """A demonstration store with its extracts, passphrases and truth."""

    folder: Path

    @property
    def store(self) -> Path:
        """The vault's folder."""
        return self.folder / "kingshurst"

    def signed_in(self, user: str) -> list[str]:
        """Return the options that sign a user in."""
        return ["--user", user, "--passphrase-file", str(self.folder / "passphrases" / user)]

    def passphrase(self, user: str) -> str:
        """Return a demonstration user's passphrase."""
        return (self.folder / "passphrases" / user).read_text(encoding="utf-8").strip()

    def copied_to(self, folder: Path) -> Town:
        """Return a fresh copy, replacing an earlier one."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return Town(folder)


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished command: seconds on the wall and at work, the most memory in MiB, and what it printed."""

    seconds: float
    work_seconds: float
    peak_mib: float
    output: str


def run(command: Sequence[str]) -> Ran:
    """Run a command to its end and return what it cost.

    Raises:
        RuntimeError: it did not end well.
    """
    # Files and not pipes: a command that says much must not wait for its reader.
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as aside:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=aside, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        aside.seek(0)
        output = said.read()
        if process.returncode:
            words = f"{' '.join(command[:4])} … ended with {process.returncode}: {output[-400:]}{aside.read()[-800:]}"
            raise RuntimeError(words)
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def _shape() -> str:
    """Return a short digest of the schema: a store of another shape cannot be opened any more."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "db").rglob("schema/*.py")) + sorted((ROOT / "db").rglob("versions/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def town(people: int, seed: int = 7) -> Town:
    """Return a demonstration town of so many people, imported, linked and flagged."""
    folder = KEPT / f"town-{people}-{seed}-{_shape()}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"making a town of {people:,} people (once) ...", file=sys.stderr, flush=True)
        made = run([PROGRAM, "demo", "--plain", "--people", str(people), "--seed", str(seed), "--store", str(folder)])
        (folder / "ready").write_text(f"{made.seconds:.1f} s, {made.peak_mib:.0f} MiB\n", encoding="utf-8")
    return Town(folder)
