"""``python -m kingshurst_tui`` in a folder that has its own db.py and screens.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["db.py", "screens.py", "db/__init__.py", "screens/__init__.py"])
def test_strangers_modules_in_the_current_folder_are_not_run(tmp_path: Path, name: str) -> None:
    stranger = tmp_path / name
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text("import pathlib; pathlib.Path('was-run').touch()\n")
    run = start(tmp_path, "agenda", str(tmp_path / "no-store-here"), "--user", "nobody")
    assert run.returncode not in (0, 1), run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "was-run").exists()


def test_starts_from_its_own_folder() -> None:
    run = start(ROOT, "--help")
    assert run.returncode == 0, run.stderr
    assert "usage: kingshurst" in run.stdout


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the module from a folder, with the checkout found only through the import path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-m", "kingshurst_tui", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
