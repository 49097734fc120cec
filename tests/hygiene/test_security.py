"""SECURITY.md says what stands against each threat, of which class it is, and which test tries to go round it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
CLASSES = ("cryptographic", "server-enforced", "client-enforced")

THREATS = [
    "Stolen disk",
    "Passphrases guessed",
    "Header edited",
    "Older copy of the store put back",
    "Old page put back",
    "Trail rewritten",
    "SQL that loosens the store",
    "Role gone round",
    "Health detail or restricted notes read",
    "Sight of a session's own connection widened",
    "Somebody speaks for another at a panel",
    "A referral sent to learn whether somebody is known",
    "Change of keys that fails half-way",
    "Crash, power loss",
    "Import that holds everybody up",
    "Text that steers the terminal",
    "Secret or name in a log, crash, core dump, argument or variable",
    "Keyring that keeps plain text",
    "Import file made to harm",
    "Formula in a sheet",
    "People's data leave by another way",
    "A small number worked out",
    "Residue after an erasure",
    "A small count of a place worked out",
    "Library with a known fault",
]
"""What the design names as threats; a row may be worded anew and none may be dropped."""

PACKAGES = ("db", "kingshurst_tui", "screens")
WRITES_SHEETS = {"writer", "DictWriter", "to_csv", "to_excel", "to_html", "to_parquet", "Workbook", "ExcelWriter"}


def rows() -> list[tuple[str, str, str, str]]:
    """The table of threats: threat, defence, class, tests."""
    section = PAGE.split("## Each threat")[1].split("\n## ")[0]
    found = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", section, re.M)
    return [row for row in found if row[0] != "Threat"]


def test_every_threat_has_its_row_once() -> None:
    titles = [row[0] for row in rows()]
    assert [[title for title in titles if title.startswith(threat)] for threat in THREATS] == [
        [title] for title in titles
    ]


@pytest.mark.parametrize(("threat", "defence", "enforced", "tests"), rows())
def test_each_row_has_a_class_and_tests_that_are_there(threat: str, defence: str, enforced: str, tests: str) -> None:
    assert enforced.startswith(CLASSES), threat
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
    assert len(named) == tests.count("::"), tests
    assert named, f"{threat}: names no test"
    for file, name in named:
        assert name in functions(file), f"{threat}: {file}::{name} is not there"


CONTROLS = {"SECURITY.md": 15, "docs/compartments.md": 5, "docs/upkeep.md": 9}
"""Pages with a table of controls, and how many rows it has at least: none is dropped."""


def controls(page: str) -> list[list[str]]:
    """The table of controls of a page: what, class, tests."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    heads = [
        at for at, line in enumerate(lines) if re.fullmatch(r"\| (?:Control|What) \| Class \| The test .+ \|", line)
    ]
    assert len(heads) == 1, f"{page}: {len(heads)} tables of controls"
    rest = lines[heads[0] + 2 :]
    end = next((at for at, line in enumerate(rest) if not line.startswith("|")), len(rest))
    return [re.split(r" \| ", line.strip("| ")) for line in rest[:end]]


@pytest.mark.parametrize("page", CONTROLS)
def test_each_control_has_a_class_and_a_test_that_tries_to_go_round_it(page: str) -> None:
    table = controls(page)
    assert len(table) >= CONTROLS[page]
    for row in table:
        assert len(row) == 3, row
        control, enforced, tests = row
        assert enforced.startswith(CLASSES), control
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
        assert named, f"{control}: names no test"
        assert len(named) == tests.count("::"), tests
        for file, name in named:
            assert name in functions(file), f"{control}: {file}::{name} is not there"


def functions(file: str) -> set[str]:
    path = ROOT / file
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_classes_promises_reports_and_versions_are_said() -> None:
    for heading in (
        "Reporting a weakness",
        "Versions supported",
        "What is promised, and to whom",
        "Three classes of control",
        "Limits, in plain words",
    ):
        assert f"\n## {heading}\n" in PAGE


def test_the_oldest_libraries_are_those_of_the_gate() -> None:
    from db.versions import OLDEST_OPENSSL, OLDEST_SQLCIPHER, OLDEST_SQLITE

    words = " ".join(PAGE.split())
    assert f"SQLite {OLDEST_SQLITE}, SQLCipher {OLDEST_SQLCIPHER} and OpenSSL {OLDEST_OPENSSL}" in words


def product_files() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_no_sheet_leaves_the_program_unguarded() -> None:
    """The invented town's extracts, and what the guard against formulas wrote, are all that is ever a sheet."""
    found = {
        name
        for name, text in product_files()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) in WRITES_SHEETS
    }
    assert found == {"kingshurst_tui/demo/writers.py", "kingshurst_tui/leaving/formula_guard.py"}


def test_nothing_encrypts_a_store_in_place() -> None:
    """SQLCipher's rekey, cut off, leaves a file that no key opens. The one statement is the attempt that is refused."""
    statements = re.compile(r"""["'(.](?i:pragma\s+(hex)?rekey)|\breset_key\b""")
    assert {name for name, text in product_files() if statements.search(text)} == {"db/attempts.py"}
