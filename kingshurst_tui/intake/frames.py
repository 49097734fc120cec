"""How a reader's process hands rows over: framed text and JSON, which can only ever be data.

A frame is a letter, a length, how much of the file has been read, and so many bytes. ``T`` holds rows of nothing but
text, cells and rows parted by two control characters that no cell of the frame holds: extracts of delimited text pass
several times quicker than as JSON. ``R`` holds rows as JSON, ``S`` whatever else there is to say.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

LARGEST_FRAME = 16_000_000
"""Bytes; a longer frame is not read."""

HEAD = struct.Struct(">cIf")

_CELL, _ROW = "\x1f", "\x1e"
_SOON = 64_000
_LATE = 512_000
_MOST_ROWS = 1_000

Say = Callable[[bytes, bytes], None]
"""Sends one frame: its letter and its bytes."""


class Unreadable(ValueError):
    """What arrived is no frame."""


def say_rows(rows: Iterator[Sequence[Any]], say: Say) -> None:
    """Hand rows over in frames of a size that keeps both processes busy and neither full."""
    at_once = 1
    waiting: list[Sequence[Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) >= at_once:
            size = _send(waiting, say)
            if size < _SOON:
                at_once = min(at_once * 2, _MOST_ROWS)
            elif size > _LATE:
                at_once = max(1, at_once // 2)
            waiting = []
    if waiting:
        _send(waiting, say)


def _send(rows: list[Sequence[Any]], say: Say) -> int:
    text = _as_text(rows)
    letter, content = (b"R", encoded(rows)) if text is None else (b"T", text)
    if len(content) > LARGEST_FRAME // 2 and len(rows) > 1:
        half = len(rows) // 2
        return _send(rows[:half], say) + _send(rows[half:], say)
    say(letter, content)
    return len(content)


def _as_text(rows: list[Sequence[Any]]) -> bytes | None:
    try:
        text = _ROW.join([_CELL.join(row) for row in rows])
        if text.count(_ROW) != len(rows) - 1 or text.count(_CELL) != sum(map(len, rows)) - sum(map(bool, rows)):
            return None
        return text.encode()
    except (TypeError, UnicodeEncodeError):
        return None


def encoded(value: Any) -> bytes:
    """Return a value as JSON, with what JSON does not know as a table of one entry."""
    return json.dumps(value, default=_typed, separators=(",", ":"), check_circular=False).encode("ascii")


def next_frame(source: IO[bytes]) -> tuple[bytes, float, Any]:
    """Return the next frame's letter, how much of the file has been read, and the rows or what is said.

    Raises: Unreadable when there is none, or none that `say_rows` or `encoded` writes.
    """
    head = source.read(HEAD.size)
    if len(head) != HEAD.size:
        raise Unreadable
    letter, size, share = HEAD.unpack(head)
    if letter not in (b"T", b"R", b"S") or size > LARGEST_FRAME or not 0.0 <= share <= 1.0:
        raise Unreadable
    content = source.read(size)
    if len(content) != size:
        raise Unreadable
    try:
        if letter == b"T":
            return letter, share, [row.split(_CELL) for row in content.decode().split(_ROW)]
        found = json.loads(content, object_hook=_untyped)
    except (RecursionError, ArithmeticError, TypeError, ValueError) as wrong:
        raise Unreadable from wrong
    if letter == b"R" and not (type(found) is list and all(type(row) is list for row in found)):
        raise Unreadable
    if letter == b"S" and type(found) is not dict:
        raise Unreadable
    return letter, share, found


def _typed(value: Any) -> dict[str, str]:
    # The order matters: a datetime is a date too.
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, timedelta):
        return {"duration": repr(value.total_seconds())}
    return {"text": str(value)}


_READ: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "duration": lambda text: timedelta(seconds=float(text)),
    "text": str,
}


def _untyped(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((kind, text),) = found.items()
    read = _READ.get(kind)
    return found if read is None or type(text) is not str else read(text)
