"""Wrong passphrases are counted, and each makes the next try wait longer: 1 second, doubling, to 5 minutes.

Class of control: client-enforced. It stops guessing at the terminal and nothing else. The file it keeps is not
guarded: whoever can reset it holds the header as well, and can guess against that at leisure; there Argon2id and the
passphrase's own strength are the defence, not this. So resetting it gains nobody anything they did not have.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import portalocker

from db.errors import StoreLocked, WrongPassphrase
from db.turnstile import lock_file

FILE = "attempts.json"
LOCK = "attempts.lock"
FIRST_WAIT = 1
LONGEST_WAIT = 300
"""Seconds."""

MOST = 1_000_000
"""No more are counted."""

UNKNOWN = ""
"""Under which name tries at names that have no slot are counted, all together."""


class TryLater(StoreLocked):
    """Too soon after a wrong passphrase; it was not tried."""

    code = "try-later"


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed since the last time it went well.

    Attributes:
        failed: how many tries.
        first: when the first of them was, ISO text in UTC.
        last: when the last was.
    """

    failed: int = 0
    first: str = ""
    last: str = ""


def wait_after(failed: int) -> int:
    """Return how many seconds the next try waits after so many wrong ones in a row."""
    return min(FIRST_WAIT << min(failed - 1, 30), LONGEST_WAIT) if failed > 0 else 0


@contextmanager
def trying(folder: Path, name: str, now: datetime) -> Iterator[Failures]:
    """Let one try happen, alone; yields what failed before, and counts it where the block says WrongPassphrase.

    Raises: TryLater (the block does not run), and what the block raises; both say in how many seconds the next may be.
    """
    with lock_file(folder / LOCK) as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        try:
            kept = _read(folder)
            before = kept.get(name, Failures())
            left = _seconds_left(before, now)
            if left:
                raise _too_soon(left)
            try:
                yield before
            except WrongPassphrase as wrong:
                moment = now.astimezone(UTC).isoformat()
                kept[name] = Failures(min(before.failed + 1, MOST), before.first or moment, moment)
                _write(folder, kept)
                wrong.again_in = wait_after(before.failed + 1)
                wrong.detail = f"{wrong.detail} The next try can be made in {in_words(wrong.again_in)}.".strip()
                raise
        finally:
            portalocker.unlock(file)


def forget(folder: Path, name: str) -> None:
    """Begin to count anew; called once the failures are in the audit trail."""
    with lock_file(folder / LOCK) as file:
        portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
        try:
            kept = _read(folder)
            if kept.pop(name, None) is not None:
                _write(folder, kept)
        finally:
            portalocker.unlock(file)


def failures(folder: Path, name: str) -> Failures:
    """Return what failed under a name since the trail was last told."""
    return _read(folder).get(name, Failures())


def seconds_left(folder: Path, name: str, now: datetime) -> int:
    """Return in how many seconds the next try under a name may be."""
    return _seconds_left(failures(folder, name), now)


def in_words(seconds: int) -> str:
    """Return so many seconds as a person says it."""
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min" + (f" {rest} s" if rest else "")


def _seconds_left(before: Failures, now: datetime) -> int:
    if not before.failed:
        return 0
    wait = wait_after(before.failed)
    passed = (now - datetime.fromisoformat(before.last)).total_seconds()
    # A clock that was put back must not shut anybody out for as long; whoever can set it could set it forward too.
    return math.ceil(wait - passed) if 0 <= passed < wait else 0


def _too_soon(left: int) -> TryLater:
    later = TryLater(
        f"Wait {in_words(left)} before the next try.",
        "The passphrase was not tried. Nothing was changed.",
        "Every wrong passphrase doubles the wait, up to 5 minutes; a right one ends it.",
    )
    later.again_in = left
    return later


def _read(folder: Path) -> dict[str, Failures]:
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        kept = {
            name: Failures(_number(each["failed"]), _moment(each["first"]), _moment(each["last"]))
            for name, each in document.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return kept


def _number(found: object) -> int:
    """Return a count; the file is unguarded, and what it says goes into the trail."""
    if type(found) is not int or not 0 <= found <= MOST:
        raise ValueError("no count")
    return found


def _moment(found: object) -> str:
    moment = datetime.fromisoformat(str(found))
    if moment.tzinfo is None:
        raise ValueError("no moment")
    return moment.astimezone(UTC).isoformat()


def _write(folder: Path, kept: dict[str, Failures]) -> None:
    temporary = folder / f".{FILE}"
    # Where the disk cannot be written the store does not open either; the answer is then about the passphrase still.
    with contextlib.suppress(OSError):
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump({name: asdict(each) for name, each in kept.items()}, out)
        os.replace(temporary, folder / FILE)
