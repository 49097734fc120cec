"""Many commands of the program, each in a terminal of its own up to where it first asks for a secret.

Run as a program: a process that has hardened itself once cannot show that another does. It reads the commands as JSON,
starts each from a process that is hardened in nothing, looks at the one that asks, and ends it.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import pty
import re
import resource
import select
import signal
import sys
import time
from typing import Any, NoReturn

from kingshurst_tui import cli

PATIENCE = 60.0
ASKED = re.compile(rb"(?:[Pp]assphrase|[Rr]ecovery key)")
_PR_GET_DUMPABLE = 3


def main() -> None:
    """Answer on standard output with what was found of this process, and of those of each command."""
    commands: list[list[str]] = json.load(sys.stdin)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.umask(0o022)
    cli.parser()
    importlib.import_module("kingshurst_tui.vaults")  # once for all commands
    found = {"before": _seen(os.getpid(), _dumpable()), "commands": [at_its_prompt(each) for each in commands]}
    json.dump(found, sys.stdout)


def at_its_prompt(command: list[str]) -> dict[str, Any]:
    """Run one command until it asks, and return what it wrote and what is seen of each of its processes then."""
    told, tell = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        _be(command, tell)
    os.close(tell)
    written = b""
    deadline = time.monotonic() + PATIENCE
    seen = []
    while not ASKED.search(written) and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                written += os.read(terminal, 65536)
            except OSError:
                break
    if ASKED.search(written):
        seen = [_seen(each, _asked(each, told)) for each in _line_of(pid)]
    for each in reversed(_line_of(pid)):
        os.kill(each, signal.SIGKILL)
    os.close(terminal)
    os.close(told)
    os.waitpid(pid, 0)
    return {"written": written.decode(errors="replace"), "seen": seen}


def _be(command: list[str], tell: int) -> NoReturn:
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.argv = ["kingshurst", *command]
    # Only the process itself can say this: root looks into every other, whatever it forbids.
    signal.signal(signal.SIGUSR1, lambda _number, _frame: os.write(tell, b"%d" % _dumpable()))
    code = 70
    try:
        code = cli.main(command)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _asked(process: int, told: int) -> int:
    os.kill(process, signal.SIGUSR1)
    assert select.select([told], [], [], PATIENCE)[0], "it did not say whether it is dumpable"
    return int(os.read(told, 1))


def _dumpable() -> int:
    return int(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0))


def _seen(process: int, dumpable: int) -> dict[str, Any]:
    with open(f"/proc/{process}/limits", encoding="ascii") as file:
        (core,) = [line.split()[4:6] for line in file if line.startswith("Max core file size")]
    with open(f"/proc/{process}/status", encoding="ascii", errors="replace") as file:
        (umask,) = [line.split()[1] for line in file if line.startswith("Umask:")]
    return {"core": core, "umask": umask, "dumpable": dumpable}


def _line_of(process: int) -> list[int]:
    """Return a process and those it started, the parent that gives the terminal back before the program."""
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [process, *(each for child in file.read().split() for each in _line_of(int(child)))]
    except OSError:
        return []


if __name__ == "__main__":
    main()
