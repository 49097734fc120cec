"""What starting the program loads, which the static import graph cannot see."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "textual",
    "rich",
    "pandas",
    "numpy",
    "pyarrow",
    "pandera",
    "openpyxl",
    "splink",
    "duckdb",
    "sqlcipher3",
    "sqlalchemy",
    "alembic",
    "rapidfuzz",
    "jinja2",
    "fpdf",
    "docx",
    "lxml",
    "fontTools",
    "icalendar",
    "holidays",
    "scipy",
    "shapely",
    "statsmodels",
}
"""Libraries that a command loads when it needs them and not before: each costs 30 to 600 ms."""


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds once the statement ran."""
    program = f"{statement}\nimport json, sys; print(json.dumps([n for n in sys.modules if '.' not in n]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names: list[str] = json.loads(run.stdout.splitlines()[-1])
    return set(names)


def test_package_imports_nothing_of_its_own() -> None:
    assert {"db", "screens"} & loaded_after("import kingshurst_tui") == set()


def test_command_line_starts_light() -> None:
    assert HEAVY & loaded_after("import kingshurst_tui.cli") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["import", "--help"], ["--version"]])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    statement = (
        "from kingshurst_tui.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as leaving: assert not leaving.code, leaving.code"
    )
    assert HEAVY & loaded_after(statement) == set()


def test_screens_load_no_engine() -> None:
    engines = {"pandas", "splink", "duckdb", "pyarrow", "openpyxl", "alembic"}
    assert engines & loaded_after("import screens.app") == set()
