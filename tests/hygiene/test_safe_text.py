"""Screens hand widgets whole safe values and never put strangers' text into markup by hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

DRAWING_CALLS = {
    "Static",
    "Label",
    "Option",
    "notify",
    "add_row",
    "add_column",
    "Button",
    "Collapsible",
    "TabPane",
}
"""Widgets and methods whose text arguments are read as markup when they are plain strings."""

DRAWING_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}
"""Attributes that Textual reads as markup too."""


def composed(node: ast.expr) -> bool:
    """Whether an expression builds a string out of parts, so that a part could carry markup."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(
            (isinstance(side, ast.Constant) and isinstance(side.value, str)) or composed(side)
            for side in (node.left, node.right)
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in {"format", "format_map", "join"} and (
            isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str)
        )
    if isinstance(node, ast.IfExp):
        return composed(node.body) or composed(node.orelse)
    return False


def called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def unsafe_lines(source: str) -> Iterator[int]:
    """The lines of a module that hand a composed string to something that reads markup."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called_name(node) in DRAWING_CALLS:
            markup_off = any(
                keyword.arg == "markup" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                for keyword in node.keywords
            )
            texts = [
                *node.args,
                *(k.value for k in node.keywords if k.arg in {None, "content", "label", "title"}),
            ]
            # With markup off, Textual still lets control codes through: the text must be made safe first.
            if any(composed(text) for text in texts) and not markup_off:
                yield node.lineno
        elif isinstance(node, ast.Assign) and composed(node.value):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in DRAWING_ATTRIBUTES:
                    yield node.lineno


def test_screens_compose_no_markup() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "screens").rglob("*.py"))
        for line in unsafe_lines(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "wrap the whole text in plain(...) or cell(...)"


@pytest.mark.parametrize(
    "line",
    [
        "Static(f'Hello {name}')",
        "self.notify('Saved ' + name)",
        "table.add_row('a', '%s' % name)",
        "Label('{}'.format(name))",
        "pane.border_title = f'{count} of {total}'",
        "Option('a' if x else f'{name}')",
    ],
)
def test_the_check_sees_what_it_forbids(line: str) -> None:
    assert list(unsafe_lines(line)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "Static(plain(f'Hello {name}'))",
        "table.add_row(cell(a + b))",
        "Static('fixed words')",
        "total = f'{a}'",
    ],
)
def test_the_check_lets_safe_text_pass(line: str) -> None:
    assert list(unsafe_lines(line)) == []


def test_screens_speak_no_sql() -> None:
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "PRAGMA ")
    found = []
    for path in sorted((ROOT / "screens").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(words):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_no_screen_is_empty_of_meaning() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in sorted(Path(ROOT / "screens").rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert bare == []
