"""What this system can do to keep a record out of core dumps and debuggers; and what it cannot.

Linux: core dumps off, not dumpable. macOS: core dumps off. Windows: neither; use an encrypted disk and page file.
"""

from __future__ import annotations

import os
import sys

_PR_SET_DUMPABLE = 4


def harden_process() -> list[str]:
    """Harden this process before any passphrase is typed, and return what could not be done, in words."""
    os.umask(0o077)
    missing = []
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        missing.append("core dumps cannot be switched off here")
    if sys.platform == "linux":
        import ctypes

        if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            missing.append("this process can be inspected by others of the same user")
    return missing
