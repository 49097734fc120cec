"""A process with the library in it: runs scenarios in forks of itself, so that everything is loaded once.

It reads one request a line and answers each with one line. working.py runs it, as
``python -m tests.faults.rig.worker`` with the library preloaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
import zlib
from pathlib import Path
from typing import Any

from tests.faults.rig import settings
from tests.faults.rig.scenarios import SCENARIOS, Place
from tests.faults.rig.settings import HOW, HUNG

LONGEST = 60
"""Seconds after which a scenario that hangs is ended."""


def main() -> None:
    """Answer requests until there are none."""
    with settings.settled():
        sys.dont_write_bytecode, sys.pycache_prefix = False, os.environ["RIG_COMPILED"]
        settings.load_everything()
        # A collection in a fork would touch, and so copy, every page that it shares with this process.
        gc.collect()
        gc.freeze()
        _answer()


def _answer() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    warm: set[str] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if request["scenario"] not in warm:
            warm.add(request["scenario"])
            _warmed(request)
        child = os.fork()
        if child == 0:
            _ended(_run, request | {"answers": answers})
        _, status, used = os.wait4(child, 0)
        answer = {"status": os.waitstatus_to_exitcode(status), "seconds": used.ru_utime + used.ru_stime}
        os.write(answers, (json.dumps(answer) + "\n").encode())


def _warmed(request: dict[str, Any]) -> None:
    """Run a scenario here once, unwatched, so that what is loaded at first use is there in every fork."""
    scenario = SCENARIOS[request["scenario"]]
    if scenario.threads:
        return
    with tempfile.TemporaryDirectory(dir=Path(request["report"]).parent) as name:
        disk = Path(name) / "disk"
        shutil.copytree(request["start"], disk)
        place = Place(disk, Path(request["files"]))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for step in scenario.steps:
                step.do(place)
    gc.collect()
    gc.freeze()


def _ended(run: Any, request: dict[str, Any]) -> None:
    """Run one request in this fork and end it, whatever happens."""
    code = 99
    try:
        hung = os.open(request["report"] + HUNG, os.O_WRONLY | os.O_CREAT, 0o600)
        faulthandler.register(signal.SIGALRM, hung, chain=True)
        # One that waits for copies of itself, and for what is looked at after each, is as long as they take.
        signal.alarm(0 if "branches" in request else LONGEST)
        run(request)
        code = 0
    except BaseException:  # noqa: BLE001 - the parent reads it from the report
        with open(request["report"], "a", encoding="utf-8") as report:
            report.write(json.dumps({"crash": traceback.format_exc()}) + "\n")
    finally:
        os._exit(code)


def _lines() -> int:
    """Return a number for the lines that are being run, from the innermost outwards."""
    place, frame = 0, sys._getframe(1) if sys._getframe().f_back else None
    while frame is not None:
        place = zlib.crc32(f"{frame.f_code.co_filename}:{frame.f_lineno}".encode(), place)
        frame = frame.f_back
    return place


_place = ctypes.CFUNCTYPE(ctypes.c_uint32)(_lines)  # kept here: the library does not keep it


def watch(library: ctypes.CDLL, trace: Path) -> None:
    """Write down every change below the root from now on, each with where in the program it was made."""
    library.rig_place(_place)
    library.rig_trace(str(trace).encode())


def _run(request: dict[str, Any]) -> None:
    """Run a scenario's steps from ``first`` on; write what became of each, as it becomes, into the report."""
    gc.disable()  # a fork lives shortly, and a collection would make it copy what it shares
    library = ctypes.CDLL(None)
    library.rig_calls.restype = ctypes.c_long
    library.rig_hit.restype = ctypes.c_char_p
    library.rig_fault.argtypes = (ctypes.c_long, ctypes.c_int)
    library.rig_die.argtypes = (ctypes.c_double,)
    place = Place(Path(request["disk"]), Path(request["files"]))
    scenario = SCENARIOS[request["scenario"]]
    report = os.open(request["report"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def acknowledge(text: str) -> None:
        library.rig_mark(text.encode())

    place.acknowledge = acknowledge
    settings.draw_alike(f"{request['scenario']}/{request.get('first')}")
    library.rig_root(str(place.disk).encode())
    if request.get("trace"):
        watch(library, Path(request["trace"]))
    library.rig_fault(request.get("at", 0), HOW.get(request.get("how", ""), 0))
    wanted = [number for call, how in request.get("branches", ()) for number in (call, HOW[how])]
    pairs = (ctypes.c_int64 * len(wanted))(*wanted)
    if wanted:
        library.rig_branch.argtypes = (ctypes.c_void_p, ctypes.c_long, ctypes.c_char_p, *[ctypes.c_int] * 3)
        library.rig_branch(pairs, len(wanted) // 2, request["aside"].encode(), request["answers"], 0, LONGEST)
    if "dies_after" in request and library.rig_die(request["dies_after"]):
        raise OSError("there is no such timer")
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
