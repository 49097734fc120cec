"""Nobody inserts rows by ``insert(...).values([...])``: it is compiled anew for each list, sixty times as slow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT


def lists_of_values(text: str) -> list[int]:
    """Return the lines on which ``.values`` is given anything but named columns or one dictionary."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "values"
        and any(not isinstance(given, ast.Dict) for given in node.args)
    ]


@pytest.mark.parametrize(
    "page", sorted((ROOT / "db").rglob("*.py")), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_no_page_inserts_by_a_list_of_values(page: Path) -> None:
    assert not lists_of_values(page.read_text(encoding="utf-8"))


def test_such_a_list_would_be_found() -> None:
    assert lists_of_values("insert(t).values([{'a': 1}])\ninsert(t).values(rows)\ninsert(t).values(*rows)\n") == [
        1,
        2,
        3,
    ]
    assert not lists_of_values("insert(t).values(a=1)\ninsert(t).values({'a': 1})\n{}.values()\n")
