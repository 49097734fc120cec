"""Whether a folder lies on another machine's disk, where a store must not be.

The store's log is shared through memory that all its processes map, and its turns through locks; a network file system
carries neither from one machine to another, and two of them would destroy the file (SQLite's own documentation of WAL).

Linux says what is mounted where in ``/proc/self/mountinfo``; no other system is asked, and there nothing is refused.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from db.errors import StoreUnavailable

MOUNTS = Path("/proc/self/mountinfo")
OVER_A_NETWORK = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "9p", "afs", "coda", "ncpfs", "davfs"}
    | {"sshfs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "pvfs2", "gfs", "gfs2", "ocfs2", "s3fs"}
    | {"rclone", "davfs2", "curlftpfs", "vboxsf", "prl_fs", "vmhgfs", "vmhgfs-fuse", "virtiofs"}
)
"""File systems that several machines see at once: over a network, or from a virtual machine's host."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


def refuse_network(folder: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a folder that lies on another machine's disk. Raises: StoreUnavailable.

    Args:
        folder: where a store is or is to be made; the nearest folder above it that exists counts.
        mounts: what is mounted, as Linux tells it.
    """
    found = mounted(folder, mounts)
    if found is None:
        return
    kind, place = found
    if kind.removeprefix("fuse.").removeprefix("fuseblk.") in OVER_A_NETWORK:
        raise StoreUnavailable(
            "The store would lie on another machine's disk.",
            f"{place} is a network file system ({kind}): two machines could write at once and destroy the store. "
            "Nothing was opened or made.",
            "Keep the store on a disk of this machine, and let people sign in to this machine.",
        )


def mounted(folder: Path, mounts: Path = MOUNTS) -> tuple[str, str] | None:
    """Return which file system a folder lies on and where that is mounted; None where the system does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    path = os.path.realpath(folder)
    best: tuple[str, str] | None = None
    for line in lines:
        before, _, after = line.partition(" - ")
        parts, kinds = before.split(" "), after.split(" ")
        if len(parts) < 5 or not kinds[0]:
            continue
        place = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), parts[4])
        # Of two mounts on one place the later one is seen.
        if _holds(place, path) and (best is None or len(place) >= len(best[1])):
            best = kinds[0], place
    return best


def _holds(place: str, path: str) -> bool:
    return place == "/" or path == place or path.startswith(place + "/")
