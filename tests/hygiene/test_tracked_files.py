"""What must never be committed, and how long a room may grow."""

from __future__ import annotations

import re
import subprocess
import warnings
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

LONG_WITH_A_REASON = {
    "db/migrations/versions/first_tables.py": "a migration is frozen: every table as it first was, in one step",
    "db/migrations/versions/fourth_panels.py": "a migration is frozen: every table of a panel and of what follows it",
    "screens/decision.py": "one form: its draft, its keys and its signing share what was typed so far",
    "screens/widgets/virtual_table.py": "one list: what it fetches, draws and moves to is one state",
}
"""Files over 400 lines and why each is still one room."""

TEXT = {".py", ".toml", ".md", ".lock", ".txt", ".tcss", ".json", ".cfg", ".yml", ".yaml", ".sh", ""}

REGISTRY_ADDRESS = re.compile(r"--(extra-)?index-url|https?://[^\s\"'>)]*/(simple|packages)/|registry\s*=", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(work|home|root|Users|farm)/[\w.-]+/")


@cache
def tracked() -> tuple[Path, ...]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file())


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def test_no_registry_address() -> None:
    assert lines_matching(REGISTRY_ADDRESS) == []


def test_no_path_of_a_machine() -> None:
    assert lines_matching(MACHINE_PATH) == []


def test_no_lock_file_that_names_hosts() -> None:
    assert [path.name for path in tracked() if path.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}] == []


def test_every_pinned_requirement_carries_hashes() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = re.sub(r"\\\n", " ", lock.read_text(encoding="utf-8"))
        pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert pins, lock
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == [], lock


def test_no_store_or_key_is_tracked() -> None:
    endings = (".db", ".db-wal", ".sqlite", ".sqlite3", ".pem", ".key", ".duckdb")
    assert [path.name for path in tracked() if path.name.endswith(endings) or path.name == "vault.json"] == []


def test_files_stay_one_room() -> None:
    long = {}
    for path in tracked():
        if path.suffix == ".py":
            length = len(path.read_text(encoding="utf-8").splitlines())
            if length > 400:
                long[str(path.relative_to(ROOT))] = length
    unexplained = {name: length for name, length in long.items() if name not in LONG_WITH_A_REASON}
    if unexplained:
        warnings.warn(f"over 400 lines without a reason: {unexplained}", stacklevel=1)
    assert {name for name in LONG_WITH_A_REASON if name not in long} == set(), "the reason is no longer needed"
    assert {name: length for name, length in unexplained.items() if length > 600} == {}
