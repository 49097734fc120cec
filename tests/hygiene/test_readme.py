"""The documents say what the program does: commands, options, exit codes and make targets that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kingshurst_tui.errors import ExitCode
from tests.conftest import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


def shell_lines(document: Path) -> list[str]:
    """The lines of a document's shell blocks, continuation lines joined, and the commands in its sentences."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|bash|console|text)?\n(.*?)```", text, re.S)
    joined = "\n".join(blocks).replace("\\\n", " ")
    spans = re.findall(r"(?<!`)`(kingshurst [^`\n]+)`", text)
    return [line.strip().removeprefix("$ ") for line in [*joined.splitlines(), *spans]]


def documented_commands() -> list[tuple[str, str]]:
    """Each documented call of the program: its command (with a sub-command) and the options given to it."""
    calls = set()
    for document in DOCUMENTS:
        for line in shell_lines(document):
            match = re.match(r"(?:\S*/)?kingshurst\s+([a-z-]+)(.*)", line.partition("#")[0])
            if match:
                calls.add((match[1], match[2].strip()))
    return sorted(calls)


def help_of(*command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "kingshurst_tui", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout if run.returncode == 0 else ""


@pytest.mark.parametrize(("command", "rest"), documented_commands())
def test_documented_commands_and_options_exist(command: str, rest: str) -> None:
    text = help_of(command)
    assert text, f"kingshurst {command} is documented and does not exist"
    words = rest.split()
    if words and "VERB" in text:
        verb_help = help_of(command, words[0])
        assert verb_help, f"kingshurst {command} {words[0]} is documented and does not exist"
        text += verb_help
        if re.search(r"^  VERB$", verb_help, re.M) and len(words) > 1:
            text += help_of(command, *words[:2])
    missing = [word.split("=")[0] for word in words if word.startswith("--") and word.split("=")[0] not in text]
    assert missing == []


def test_readme_names_commands() -> None:
    assert {"demo", "init", "import", "link", "agenda"} <= {command for command, _ in documented_commands()}


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8")))
        named |= {line.split()[1] for line in shell_lines(document) if re.match(r"make [a-z]+", line)}
        assert named <= targets, document


def test_exit_codes_are_those_of_the_program() -> None:
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", text, re.M)}
    assert documented == {int(code) for code in ExitCode}


def test_files_that_the_documents_point_to_exist() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_house_stands_as_it_is_drawn() -> None:
    drawing = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    floor, rooms = "", []
    for line in drawing.splitlines():
        if match := re.match(r"(\s*)([a-z_]+/)", line):
            floor = match[2] if not match[1] else floor
        rooms += [(floor, name) for name in re.findall(r"(?<![\w/])([a-z_]+(?:\.py|/))", line)]
    assert len(rooms) > 20
    missing = [name for floor, name in rooms if not any((ROOT / part / name).exists() for part in ("", floor))]
    assert missing == []
