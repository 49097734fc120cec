"""Read an extract in a process of its own, which is limited, watched, and holds nothing that could leak.

A stranger's file is parsed by large libraries. The process that does so is started afresh (it has no key, no store, no
descriptor but the file and a pipe), may open, write and connect to nothing (`hardening.confine`), and is ended when it
takes too much memory, or lets somebody wait long without a row. What it says is data (`frames`), within bounds.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

from kingshurst_tui import hardening
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import frames
from kingshurst_tui.intake.extract import NOTHING_STORED, Extract, ReadAs, too_much_memory
from kingshurst_tui.intake.reader_process import INSTRUCTIONS, OUT_OF_MEMORY
from kingshurst_tui.intake.text import clean

MOST_MEMORY = 220_000_000
"""Bytes that reading may take above what the reader's process holds before it sees the file."""
PATIENCE = 3
"""Seconds of processor time that may pass without a row."""
LONGEST = 4.4
"""Seconds by the clock from the start of the process to the first row, its start among them; and between two rows."""
LEAST = 2.0
"""Of these, the seconds that are left for the file however slowly the process started: a busy machine is no bomb."""
SECONDS_A_MEGABYTE = 60
"""Seconds of processor time for a megabyte of the file, besides two minutes: a bound behind all others."""
WATCH_EVERY = 0.05

_HOME = str(Path(__file__).resolve().parents[2])
_BEGIN = """
import sys
home = {home!r}
if home not in sys.path:
    sys.path.insert(0, home)
from kingshurst_tui.intake.reader_process import main
main()
"""
_PASSED_ON = ("SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # The allocator of the system obeys the limit on memory; Arrow's own reserves more than it uses.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def read_apart(handle: BufferedReader, form: ReadAs, wanted: Sequence[str]) -> Extract:
    """Return a file's header and rows, read by a process of its own.

    Args:
        handle: from `extract.open_file`; it stays open until the extract is closed.
        form: how the partner writes its files.
        wanted: the columns that will be asked for.

    Raises:
        InputRejected: what the file is, or does to its reader, is not what an honest extract is or does.
    """
    reader = Reader(handle, form, wanted)
    try:
        header, first_row = reader.header()
    except BaseException:
        reader.close()
        raise
    return Extract(header, first_row, reader.rows(), lambda: reader.share, reader.close)


class Reader:
    """The process, what watches it, and what it has said so far.

    Attributes:
        share: how much of the file it has read, 0 to 1.
        most: the most memory it was seen to take above its start, in bytes.
        start: the seconds by the clock until it had everything loaded, before it saw the file.
    """

    @property
    def process_id(self) -> int:
        """The system's number for the process."""
        return self._process.pid

    @property
    def ended_with(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        return self._process.returncode

    def __init__(self, handle: BufferedReader, form: ReadAs, wanted: Sequence[str]) -> None:
        self.share = 0.0
        self.most = 0
        self.start = 0.0
        self._handle = handle
        self._too_much = self._too_long = False
        self._began = time.monotonic()
        self._until: float | None = None
        self._ended = threading.Event()
        size = os.fstat(handle.fileno()).st_size
        told = {
            "form": dataclasses.asdict(form),
            # Only Parquet can leave columns unread; the names of the others are nobody else's business.
            "wanted": list(wanted) if form.kind == "parquet" else [],
            "most_memory": MOST_MEMORY,
            "most_seconds": 120 + SECONDS_A_MEGABYTE * (size // 1_000_000),
            "patience": PATIENCE,
        }
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            # A new process, never a copy of this one: what is in this one's memory is not in it.
            self._process = subprocess.Popen(  # noqa: S603 - this very Python, on this very program
                [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BEGIN.format(home=_HOME)],
                stdin=handle,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, **_ONE_THREAD, INSTRUCTIONS: json.dumps(told)},
                cwd=os.path.abspath(os.sep),
                close_fds=True,
                start_new_session=True,
            )
        except (OSError, ValueError):
            raise _refused("the process that reads extracts could not be started") from None
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        self._said: IO[bytes] = self._process.stdout
        hardening.widen_pipe(self._said.fileno())

    def header(self) -> tuple[list[str], int]:
        """Return the column names and the number of the first row after them. Raises: InputRejected."""
        self._next()  # it is ready, and knows nothing of the file yet
        self.start = time.monotonic() - self._began
        first = max(self._began + LONGEST, time.monotonic() + LEAST)
        self._watch()
        letter, said = self._next(first)
        header, first_row = (said.get("header"), said.get("first_row")) if letter == b"S" else (None, None)
        if type(header) is not list or type(first_row) is not int or any(type(name) is not str for name in header):
            raise self._lost()
        return header, first_row

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield the rows. Raises: InputRejected."""
        # The header is no row yet: whoever is slow with both gets no more time than with one.
        first = max(self._began + LONGEST, time.monotonic() + 1.0)
        while True:
            letter, said = self._next(first or time.monotonic() + LONGEST)
            first = 0.0
            if letter != b"S":
                yield from said
            elif "end" in said:
                return
            else:
                raise self._lost()

    def close(self) -> None:
        """End the process, if it has not ended."""
        self._ended.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._said.close()
        self._handle.close()

    def _next(self, until: float | None = None) -> tuple[bytes, Any]:
        # Only while somebody waits for it: a reader that waits for us, for its pipe is full, is not slow.
        self._until = until
        try:
            letter, self.share, said = frames.next_frame(self._said)
        except frames.Unreadable:
            raise self._lost() from None
        finally:
            self._until = None
        if letter == b"S":
            if "refused" in said:
                raise _as_told(said["refused"])
            if "broken" in said:
                raise _refused(f"its reader broke on it ({clean(str(said['broken']))[:40]})")
        return letter, said

    def _lost(self) -> InputRejected:
        """Return why the process said no more, or nothing that can be understood."""
        if self._process.poll() is None and not (self._too_much or self._too_long):
            # Its last words may have come before its end has.
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
        code = self._process.wait()
        if self._too_much or code == OUT_OF_MEMORY:
            return too_much_memory()
        if self._too_long or (hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU):
            return _refused("reading it takes far longer than what it holds is worth")
        return _refused(f"its reader was ended by it (signal {-code})" if code < 0 else "its reader gave up on it")

    def _watch(self) -> None:
        start = hardening.memory_of(self._process.pid)

        def look() -> None:
            while not self._ended.wait(WATCH_EVERY):
                until = self._until
                self._too_long = until is not None and time.monotonic() > until
                # Where memory cannot be watched on this system, the limit that the process set itself holds.
                now = None if start is None else hardening.memory_of(self._process.pid)
                if start is not None and now is not None:
                    self.most = max(self.most, now - start)
                    self._too_much = now - start > MOST_MEMORY
                if self._too_much or self._too_long:
                    self._process.kill()
                    return

        threading.Thread(target=look, name="kingshurst-reading", daemon=True).start()


def _as_told(said: Any) -> InputRejected:
    try:
        title, detail, hint, problems = said
        return InputRejected(str(title), str(detail), str(hint), tuple(str(problem) for problem in problems))
    except (TypeError, ValueError):
        return _refused("its reader gave up on it")


def _refused(why: str) -> InputRejected:
    return InputRejected(
        f"The extract is refused: {why}.", NOTHING_STORED, "Ask the partner to export the agreed columns again."
    )
