"""What the wheel carries, and that it starts where nothing else of the project is."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import ROOT

PACKAGES = ("kingshurst_tui", "screens", "db")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_everything_tracked_in_the_three_packages_is_inside(contents: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    missing = {path for path in tracked if (ROOT / path).exists()} - contents
    assert missing == set()


def test_nothing_else_is_inside(contents: set[str]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in contents}
    assert {top for top in tops if not top.startswith("kingshurst-")} == set(PACKAGES)
    strangers = {name for name in contents if "test" in PurePosixPath(name).name or name.endswith(".pyc")}
    assert strangers == set()


def test_licence_and_command_are_declared(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (scripts,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        assert "kingshurst = kingshurst_tui.cli:main" in archive.read(scripts).decode()
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_installed_wheel_starts_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    (site,) = home.glob("lib/python3*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    run = subprocess.run(
        [home / "bin" / "python", "-m", "kingshurst_tui", "--help"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "usage: kingshurst" in run.stdout
