"""Everything that a run of the program wrote, to whatever it wrote it: files, pipes, terminals, arguments.

strace says each call with its bytes. What a file held while the run went on is seen too, though it be gone afterwards.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WRITES = ("write", "pwrite64", "writev", "pwritev", "sendto", "sendmsg")
NAMES = ("open", "openat", "creat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "mkdir", "mkdirat")
OTHER = ("execve", "mmap", "memfd_create", "socket")

_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")
_ON = re.compile(r"^\d+<((?:[^>\\]|\\.)*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_POINTER = re.compile(r"^\d+<[^>]*>, 0x[0-9a-f]+")


def strace() -> str | None:
    """Return where strace is, or None."""
    return shutil.which("strace")


def traced(command: Sequence[str], log: Path) -> list[str]:
    """Return the command that runs another one and writes down what it does."""
    return [
        strace() or "strace",
        *("-f", "-y", "-xx", "-v", "-s", "2000000", "-e", "signal=none", "-o", str(log)),
        *("-e", "trace=" + ",".join((*WRITES, *NAMES, *OTHER))),
        *command,
    ]


@dataclass
class Trace:
    """What strace saw.

    Attributes:
        written: target -> all bytes written there, in order; a target is a path, ``pipe:[1]``, ``socket:[1]``.
        opened_to_write: every path that was opened so that it could be changed, or given a name.
        mapped_to_write: files whose pages were mapped so that writing needs no call.
        started: the arguments and variables of every program started.
        sockets: the kinds of sockets made.
    """

    written: dict[str, bytearray] = field(default_factory=dict)
    opened_to_write: set[str] = field(default_factory=set)
    mapped_to_write: set[str] = field(default_factory=set)
    started: list[bytes] = field(default_factory=list)
    sockets: set[str] = field(default_factory=set)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield every ordinary file with what was written to it."""
        for target, content in self.written.items():
            if target.startswith("/") and not target.startswith(("/dev/", "/proc/")):
                yield target, bytes(content)


def read(log: Path) -> Trace:
    """Read what strace wrote. Raises: ValueError where it could not see into the program's memory."""
    trace = Trace()
    with log.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _CALL.match(line)
            if found is None:
                continue
            call, given = found.groups()
            if call in WRITES:
                if _POINTER.match(given):
                    raise ValueError("strace may not look into a hardened process here; it needs root")
                target = _ON.match(given)
                cut = False
                content = bytearray()
                # The name of the target is hexadecimal too, but stands in no quotes.
                for text, more in _TEXT.findall(given):
                    content += _bytes(text)
                    cut |= bool(more)
                if cut:
                    raise ValueError(f"more was written at once than is looked at: {given[:80]}")
                name = _name(target[1]) if target else "?"
                trace.written.setdefault(name, bytearray()).extend(content)
            elif call == "execve":
                trace.started.append(b"\0".join(_bytes(text) for text, _ in _TEXT.findall(given)))
            elif call == "mmap":
                if "PROT_WRITE" in given and "MAP_SHARED" in given and (path := re.search(r"<([^>]*)>", given)):
                    trace.mapped_to_write.add(_name(path[1]))
            elif call == "memfd_create":
                trace.mapped_to_write.add("memfd")
            elif call == "socket":
                trace.sockets.add(given.partition(",")[0])
            elif call.startswith("open") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", given):
                continue
            elif "= -1 " not in line:
                trace.opened_to_write.update(_bytes(text).decode(errors="replace") for text, _ in _TEXT.findall(given))
    return trace


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _name(text: str) -> str:
    return _bytes(text).decode(errors="replace") if text.startswith("\\x") else text
