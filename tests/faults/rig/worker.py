"""A process with the library in it: runs scenarios in forks of itself, so that everything is loaded once.

It reads one request a line and answers each with one line. working.py runs it, as
``python -m tests.faults.rig.worker`` with the library preloaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.faults.rig import settings
from tests.faults.rig.scenarios import SCENARIOS, Place
from tests.faults.rig.settings import HOW

LONGEST = 60
"""Seconds after which a scenario that hangs is ended."""


def main() -> None:
    """Answer requests until there are none."""
    with settings.settled():
        settings.load_everything()
        # A collection in a fork would touch, and so copy, every page that it shares with this process.
        gc.collect()
        gc.freeze()
        _answer()


def _answer() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _ended(_run, request)
        _, status = os.waitpid(child, 0)
        os.write(answers, (json.dumps({"status": os.waitstatus_to_exitcode(status)}) + "\n").encode())


def _ended(run: Any, request: dict[str, Any]) -> None:
    """Run one request in this fork and end it, whatever happens."""
    code = 99
    try:
        signal.alarm(LONGEST)
        run(request)
        code = 0
    except BaseException:  # noqa: BLE001 - the parent reads it from the report
        with open(request["report"], "a", encoding="utf-8") as report:
            report.write(json.dumps({"crash": traceback.format_exc()}) + "\n")
    finally:
        os._exit(code)


def _run(request: dict[str, Any]) -> None:
    """Run a scenario's steps from ``first`` on; write what became of each, as it becomes, into the report."""
    library = ctypes.CDLL(None)
    library.rig_calls.restype = ctypes.c_long
    library.rig_hit.restype = ctypes.c_char_p
    library.rig_fault.argtypes = (ctypes.c_long, ctypes.c_int)
    place = Place(Path(request["disk"]), Path(request["files"]))
    scenario = SCENARIOS[request["scenario"]]
    report = os.open(request["report"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def acknowledge(text: str) -> None:
        library.rig_mark(text.encode())

    place.acknowledge = acknowledge
    library.rig_root(str(place.disk).encode())
    if request.get("trace"):
        library.rig_trace(request["trace"].encode())
    library.rig_fault(request.get("at", 0), HOW.get(request.get("how", ""), 0))
    for number, step in enumerate(scenario.steps):
        if number < request.get("first", 0):
            continue
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = step.do(place)
        if code == 0:
            library.rig_mark(f"step {number}".encode())
        done = {"step": number, "code": code, "err": err.getvalue(), "out": out.getvalue()[-2000:]}
        done |= {"calls": library.rig_calls(), "hit": library.rig_hit().decode()}
        os.write(report, (json.dumps(done) + "\n").encode())
        if code != 0:
            break
    library.rig_mend()


if __name__ == "__main__":
    main()
