"""Fuzz each reader for a stated time: ``make fuzz`` (ARGS="--seconds 600 --only header --seed 3").

A round is 2,000 examples made from the kept files by another seed. Bytes that reach lines of the program which none
reached before join the run's kept files, so that later rounds begin there. What upsets a reader is made as small as
can be, kept in tests/fuzz/corpus/ and told; from then on every ``make test`` tries it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

os.environ.setdefault("HYPOTHESIS_PROFILE", "deep")

from hypothesis import Phase, given, seed, settings

from tests.conftest import ROOT
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import CORPUS, TARGETS, Target

PRODUCT = tuple(f"{ROOT}{os.sep}{package}{os.sep}" for package in ("db", "kingshurst_tui"))
MOST_KEPT = 400
"""Kept files of a run; beyond them a round would draw sound ones too seldom."""
DEEP = settings(
    settings.get_profile(os.environ["HYPOTHESIS_PROFILE"]), derandomize=False, phases=[Phase.generate, Phase.shrink]
)


class Lines:
    """Which lines of the program were reached."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    def watch(self, call: Callable[[], None]) -> bool:
        """Make a call; say whether it reached a line that none reached before."""
        before = len(self.seen)
        sys.settrace(self._enter)
        try:
            call()
        finally:
            sys.settrace(None)
        return len(self.seen) > before

    def _enter(self, frame: FrameType, event: str, value: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(PRODUCT) else None

    def _line(self, frame: FrameType, event: str, value: Any) -> Any:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def fuzz(target: Target, seconds: float, first_seed: int) -> Path | None:
    """Fuzz one target; tell what was tried. Returns the file that now holds what upset it, or None."""
    until, tried, rounds, lines = time.monotonic() + seconds, 0, 0, Lines()
    kept = list(target.kept().values())
    failing, reached = b"", list[bytes]()
    with tempfile.TemporaryDirectory() as folder:
        for content in kept:
            lines.watch(lambda content=content: target.run(content, Path(folder)))  # type: ignore[misc]
        begun_with = len(lines.seen)
        while time.monotonic() < until:

            @seed(first_seed + rounds)
            @DEEP
            @given(mutated(tuple(kept), target.words))
            def reads(content: bytes) -> None:
                nonlocal tried, failing
                if time.monotonic() >= until and not failing:
                    return  # the rest of the round costs next to nothing
                tried += 1
                try:
                    if lines.watch(lambda: target.run(content, Path(folder))):
                        reached.append(content)
                except Exception:
                    failing = content
                    raise

            try:
                reads()
            except Exception:  # noqa: BLE001 - whatever a reader raises is what is looked for
                file = CORPUS / target.name / f"found-{hashlib.sha256(failing).hexdigest()[:8]}"
                file.write_bytes(failing)
                traceback.print_exc()
                print(f"{target.name}: upset after {tried:,} tries; kept in {file.relative_to(ROOT)}")
                return file
            kept += reached[: MOST_KEPT - len(kept)]
            reached.clear()
            rounds += 1
    print(
        f"{target.name}: {tried:,} tries in {seconds:.0f} s, {rounds} rounds from seed {first_seed};"
        f" {len(lines.seen):,} lines reached, {begun_with:,} by the kept files alone; nothing upset it",
        flush=True,
    )
    return None


def main(arguments: list[str] | None = None) -> int:
    """Fuzz the targets that are named, each for as long."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target (60)")
    parser.add_argument("--only", choices=list(TARGETS), action="append", help="one target; may be repeated")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the first round's (the time)")
    given_ = parser.parse_args(arguments)
    upset = [fuzz(TARGETS[name], given_.seconds, given_.seed) for name in given_.only or TARGETS]
    return 1 if any(upset) else 0


if __name__ == "__main__":
    sys.exit(main())
