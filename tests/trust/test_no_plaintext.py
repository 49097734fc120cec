"""Nothing that names a person lies in the clear: not in the store's files, not in a temporary one, not after a kill."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

from kingshurst_tui.demo.build import DemoStore
from tests.conftest import ROOT


def _needles(demo: DemoStore) -> set[bytes]:
    """Names, NHS numbers and addresses of the invented people that are too long to occur by chance."""
    found: set[bytes] = set()
    with (demo.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for value in (row["surname"], row["forename"], row.get("nhs_number") or "", row.get("address") or ""):
                for form in (value, value.lower(), value.upper()):
                    if len(form) >= 6:
                        found.update((form.encode(), form.encode("utf-16-le")))
    return found


def _hits(folder: Path, needles: set[bytes]) -> list[str]:
    hits = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            hits += [f"{path.name}: {needle!r}" for needle in needles if needle in content]
    return hits


def test_no_file_of_the_store_holds_a_name(demo_store: DemoStore) -> None:
    needles = _needles(demo_store)
    assert len(needles) > 200
    assert _hits(demo_store.store, needles) == []


BUILDING = """
import sys
from pathlib import Path
from kingshurst_tui.demo.build import build
build(Path(sys.argv[1]), people=200, seed=3, tell=lambda line: print(line, flush=True))
"""


def test_importing_and_linking_leave_nothing_in_temporary_folders(tmp_path: Path, demo_store: DemoStore) -> None:
    working, temporary = tmp_path / "working", tmp_path / "temporary"
    working.mkdir()
    temporary.mkdir()
    variables = {**os.environ, "TMPDIR": str(temporary), "HOME": str(temporary), "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-c", BUILDING, str(tmp_path / "town")],
        cwd=working,
        env=variables,
        check=True,
        capture_output=True,
    )
    assert list(working.rglob("*")) == []
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


def test_a_kill_in_the_middle_leaves_no_name_in_any_file_of_the_store(tmp_path: Path, demo_store: DemoStore) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDING, str(tmp_path / "town")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Linking" in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert _hits(tmp_path / "town" / "kingshurst", _needles(demo_store)) == []
