"""Killing a program at moments that a seed chose, while it does one thing in a process of its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.conftest import ROOT

SEED = 20260504

PROGRAM = """
import sys
from pathlib import Path
{prepares}
print("ready", flush=True)
sys.stdin.readline()
{does}
"""


def killed(prepares: str, does: str, *arguments: object, after: float | None) -> float:
    """Run ``does`` once ``prepares`` has, both with the arguments in ``sys.argv``, and kill it after so many seconds.

    Args:
        after: None lets it end; it must then end well.

    Returns: the seconds from the beginning of ``does`` to the end of the process.
    """
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(prepares=prepares, does=does), *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        begun = time.monotonic()
        process.stdin.write("\n")
        process.stdin.flush()
        if after is not None:
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        took = time.monotonic() - begun
    assert after is not None or process.returncode == 0
    return took


def moments(setting: str, usual: int, took: float, earliest: float) -> Iterator[float]:
    """Yield after how many seconds to kill, from a part of ``took`` to a little over it.

    Args:
        setting: the environment variable that says how often; ``usual`` where it says nothing.
        earliest: the part of ``took`` before which there is nothing to kill.
    """
    draw = random.Random(SEED)
    for _ in range(int(os.environ.get(setting, usual))):
        yield took * draw.uniform(earliest, 1.05)
