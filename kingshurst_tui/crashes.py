"""What becomes of an error nobody foresaw: a reference for the person, where and of what kind for the administrator.

Class of control: client-enforced. Neither the terminal nor a log gets more than the reference, the kind of error and
the line of the program. The detail (the way through the program, and the kinds and sizes of what it held; never a
value, nor the error's own words, which may repeat one) is sealed in the vault, where a store is open. Where none is,
nothing is kept.
"""

from __future__ import annotations

import linecache
import logging
import os
import platform
import sys
import traceback
from types import FrameType
from typing import TYPE_CHECKING

from kingshurst_tui.version import VERSION

if TYPE_CHECKING:
    from kingshurst_tui.session import Session

MOST_IN_A_CHAIN = 6
MOST_FRAMES = 40
MOST_NAMES = 40

_REFERENCE = "_kingshurst_reference"
_KEPT = "_kingshurst_kept"
_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def new_reference() -> str:
    """Return a reference for a report, easy to read out."""
    # Not of ``secrets``: that loads OpenSSL, 6 ms before every command, to ask the system for the same bytes.
    return f"KH-{os.urandom(3).hex().upper()}"


def reference_of(error: BaseException) -> str:
    """Return the one reference of an error, the same wherever it is told."""
    found = getattr(error, _REFERENCE, None)
    if isinstance(found, str):
        return found
    reference = new_reference()
    _mark(error, _REFERENCE, reference)
    return reference


def where(error: BaseException) -> str:
    """Return the file and line an error came from; no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "an unknown place"


def kind_of(error: BaseException) -> str:
    """Return what kind of error it is, and the system's number where it has one."""
    number = f" {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""
    return f"{type(error).__name__}{number}"


def detail_of(error: BaseException) -> str:
    """Return how an error came about, with kinds and sizes in place of values."""
    lines = [f"kingshurst {VERSION}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen and len(seen) < MOST_IN_A_CHAIN:
        seen.add(id(one))
        lines.append(f"{type(one).__module__}.{kind_of(one)}")
        for frame, line in list(traceback.walk_tb(one.__traceback__))[-MOST_FRAMES:]:
            lines += _of_frame(frame, line)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(lines)


def keep(session: Session | None, error: BaseException) -> bool:
    """Seal the detail of an error into the session's store, once; return whether it lies there. Raises nothing."""
    if getattr(error, _KEPT, False):
        return True
    if session is None:
        return False
    try:
        session.keep_crash(reference_of(error), detail_of(error))
    except Exception:  # noqa: BLE001 - the first error is the one to tell
        return False
    _mark(error, _KEPT, True)
    return True


def stay_silent() -> None:
    """Let nothing that Python says by itself of an error reach the terminal, a log or a file, but its reference."""
    import faulthandler
    import threading
    import warnings

    faulthandler.disable()
    sys.excepthook = lambda _kind, error, _trace: _tell(error)
    threading.excepthook = lambda given: None
    sys.unraisablehook = lambda given: None
    # Without a handler of ours, Python writes warnings of libraries to the terminal, values and all.
    logging.lastResort = None
    logging.raiseExceptions = False
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def words_for(error: BaseException) -> tuple[str, str, str]:
    """Return what to tell a person: what happened, what was not changed, what to do next."""
    kept = " The detail is sealed in the store, for an administrator." if getattr(error, _KEPT, False) else ""
    return (
        "Something went wrong that should not.",
        f"{kind_of(error)} at {where(error)}. What was under way was rolled back.{kept}",
        f"Report it with the reference {reference_of(error)}.",
    )


def _tell(error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    try:
        sys.stderr.write("\n".join(words_for(error)) + "\n")
    except (OSError, ValueError):
        return


def _mark(error: BaseException, name: str, value: object) -> None:
    try:
        setattr(error, name, value)
    except AttributeError:
        return


def _of_frame(frame: FrameType, line: int) -> list[str]:
    path = frame.f_code.co_filename
    ours = path.startswith(_HOME) and "site-packages" not in path
    shown = path.removeprefix(_HOME) if ours else os.path.join(*path.split(os.sep)[-3:])
    lines = [f"  {shown}:{line} in {frame.f_code.co_name}"]
    if ours:
        lines.append(f"    {linecache.getline(path, line).strip()[:160]}")
        held = [f"{name}: {_kind_and_size(value)}" for name, value in list(frame.f_locals.items())[:MOST_NAMES]]
        lines += [f"    with {', '.join(held)}"] if held else []
    return lines


def _kind_and_size(value: object) -> str:
    kind = type(value).__name__
    return f"{kind}[{len(value)}]" if isinstance(value, str | bytes | bytearray | list | tuple | dict | set) else kind
