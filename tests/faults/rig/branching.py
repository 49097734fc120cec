"""The disk under a process that tries faults in copies of itself: put back after each, before it goes on (branch.c)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was: its name below the disk, what is in it, who may read it."""

    name: Path
    holds: bytes
    mode: int


class Aside:
    """A disk as it is now, and the way back to it.

    The process that goes on has files open and mapped, so each comes back as the inode that it was. What a copy removes
    or replaces lies in ``folder`` meanwhile, which is on the same file system.
    """

    def __init__(self, disk: Path, folder: Path) -> None:
        """Look at the disk. The folder is emptied."""
        self._disk, self._folder = disk, folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._files: dict[int, Kept] = {}
        self._folders: list[Path] = []
        for path in sorted(disk.rglob("*")):
            name = path.relative_to(disk)
            if path.is_dir():
                self._folders.append(name)
            else:
                found = path.stat()
                self._files[found.st_ino] = Kept(name, path.read_bytes(), found.st_mode)

    def bring_back(self) -> None:
        """Give the disk its files back, and take away what came since. Raises: RuntimeError (a file is lost)."""
        found = {path.lstat().st_ino: path for path in self._folder.iterdir()}
        for path in sorted(self._disk.rglob("*"), reverse=True):
            if path.is_dir():
                if path.relative_to(self._disk) not in self._folders:
                    path.rmdir()
            elif (inode := path.lstat().st_ino) not in self._files:
                path.unlink()
            elif path != self._disk / self._files[inode].name:
                # Out of the way: two files may have changed places.
                found[inode] = path.rename(self._folder / f"moved-{inode}")
            else:
                found[inode] = path
        for name in self._folders:
            (self._disk / name).mkdir(exist_ok=True)
        for inode, kept in self._files.items():
            if inode not in found:
                raise RuntimeError(f"{kept.name} was removed in a way that the rig does not see")
            place = self._disk / kept.name
            if found[inode] != place:
                found[inode].rename(place)
            place.chmod(kept.mode)
            with place.open("r+b") as file:
                if file.read() != kept.holds:
                    file.seek(0)
                    file.write(kept.holds)
                    file.truncate()
        for left in self._folder.iterdir():
            left.unlink()
