"""Which store was opened last at this terminal: its folder, nothing else."""

from __future__ import annotations

from pathlib import Path


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("kingshurst", appauthor=False)) / "last-store"


def last_store() -> Path | None:
    """Return the folder, or None where it is gone or was never said."""
    try:
        found = Path(_file().read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return found if (found / "vault.json").is_file() else None


def remember(folder: Path) -> None:
    """Remember a folder; a machine that keeps no state is no error."""
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(str(folder.resolve()), encoding="utf-8")
    except OSError:
        return
