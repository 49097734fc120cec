"""What this system can do to keep a record in: out of core dumps, debuggers and page files, inside a reader's process.

Linux: core dumps off, not dumpable, readers confined by resource limits and Landlock, and their memory watched.
macOS: core dumps off, resource limits. Windows: none of these; use an encrypted disk and page file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_F_SETPIPE_SZ = 1031
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_RULESET_VERSION = 1
_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))
"""Landlock's version -> how many rights over files it knows (linux/landlock.h)."""
_READING = 0b1100
"""Rights that a reader keeps until it is confined: reading files and folders, to load its libraries."""


def harden_process() -> list[str]:
    """Harden this process before any passphrase is typed, and return what could not be done, in words."""
    os.umask(0o077)
    missing = []
    if not _limit("RLIMIT_CORE", 0):
        missing.append("core dumps cannot be switched off here")
    if sys.platform == "linux" and not _prctl(_PR_SET_DUMPABLE, 0):
        missing.append("this process can be inspected by others of the same user")
    hide_arguments()
    return missing


def hide_arguments() -> None:
    """Blank what was given to the command in the list of processes: a search or a reason may name a person.

    Until here everybody on the machine could read it, and a shell may keep it: what names a person is better typed in
    the program. Linux only.
    """
    given = b"".join(os.fsencode(word) + b"\0" for word in sys.argv[2:])
    try:
        with open("/proc/self/stat", "rb") as file:
            numbers = file.read().rpartition(b")")[2].split()
        start, end = int(numbers[45]), int(numbers[46])
        with open("/proc/self/cmdline", "rb") as file:
            shown = file.read()
    except (OSError, IndexError, ValueError):
        return
    # Only where what lies there is what this process was given.
    if given and shown.endswith(given) and len(shown) == end - start:
        import ctypes

        ctypes.memset(end - len(given), 0, len(given))


def swaps_in_the_clear() -> bool:
    """Return whether this system may write memory to a disk unencrypted; False where it cannot be told."""
    try:
        lines = Path("/proc/swaps").read_text(encoding="ascii", errors="replace").splitlines()[1:]
    except OSError:
        return False
    return any(not _is_sealed(line.split()[0]) for line in lines if line.strip())


def _is_sealed(device: str) -> bool:
    name = os.path.basename(os.path.realpath(device))
    if name.startswith("zram"):
        return True  # compressed memory, never a disk
    try:
        return Path(f"/sys/block/{name}/dm/uuid").read_text(encoding="ascii").startswith("CRYPT-")
    except (OSError, UnicodeDecodeError):
        return False


def write_nothing() -> None:
    """Take from this process for ever the rights to write a file, to start a program and to dump its memory."""
    os.umask(0o777)
    for name in ("RLIMIT_CORE", "RLIMIT_FSIZE"):
        _limit(name, 0)
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _forbid_files()


def confine(*, most_memory: int, most_seconds: int) -> None:
    """Let this process open no further file or connection, and take no more than so much memory and time.

    Call when all libraries are loaded, and before a stranger's first byte is read.

    Args:
        most_memory: bytes above what the process holds now.
        most_seconds: of processor time, in all.
    """
    held = _status("VmData")
    if held is not None:
        # Not RLIMIT_AS: data libraries reserve far more addresses than they ever fill.
        _limit("RLIMIT_DATA", held + most_memory)
    _limit("RLIMIT_CPU", most_seconds)
    # Every way to a file, a network or another process begins with a descriptor: there are no more.
    _limit("RLIMIT_NOFILE", 0)


def allow_seconds(seconds: int) -> None:
    """Let this process work for so many seconds more before it is ended, never above what `confine` set."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        until = int(used.ru_utime + used.ru_stime) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (until if most < 0 else min(until, most), most))
    except (ImportError, OSError, ValueError):
        return


def memory_of(process: int) -> int | None:
    """Return the bytes of memory another process holds, or None where this cannot be told or it has ended."""
    try:
        with open(f"/proc/{process}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return None


def widen_pipe(descriptor: int) -> None:
    """Let a pipe hold a megabyte, so that its two ends seldom wait for one another."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(descriptor, _F_SETPIPE_SZ, 1 << 20)
        except OSError:
            return


def _limit(name: str, most: int) -> bool:
    try:
        import resource

        number = getattr(resource, name)
        _, hard = resource.getrlimit(number)
        most = most if hard < 0 else min(most, hard)
        resource.setrlimit(number, (most, most))
    except (ImportError, AttributeError, OSError, ValueError):
        return False
    return True


def _prctl(option: int, value: int) -> bool:
    import ctypes

    return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)


def _status(name: str) -> int | None:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(f"{name}:"))
    except (OSError, StopIteration, ValueError):
        return None


def _forbid_files() -> None:
    """Have the kernel refuse every change to files and every program, where it knows Landlock (Linux 5.13)."""
    import ctypes

    system = ctypes.CDLL(None, use_errno=True).syscall
    system.restype = ctypes.c_long
    version = system(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(_RULESET_VERSION))
    rights = max((count for since, count in _FILE_RIGHTS if version >= since), default=0)
    if not rights:
        return
    handled = ctypes.c_uint64(((1 << rights) - 1) & ~_READING)
    ruleset = system(ctypes.c_long(_CREATE_RULESET), ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint32(0))
    if ruleset >= 0:
        system(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0))
        os.close(ruleset)
