"""Whatever asks for a passphrase, or shows a recovery key, is out of core dumps and closed to others before it asks."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import cli
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")

SECRETS = {"passphrase_file", "recovery_file", "new_passphrase_file"}
"""Options in whose place a command asks at the terminal."""
ASKS_NOTHING = {("demo",), ("audit", "verifier")}
DECISION = '{"version": 1, "fields": {}, "not_discussed": []}'
FILES: dict[tuple[str, ...], str] = {
    ("decision", "sign"): DECISION,
    ("urgent", "sign"): DECISION,
    ("rule", "edit"): "",
    ("rule", "answer"): "",
    ("places", "rule", "propose"): "",
    ("action", "import"): "action,answer,because,words,evidence,your_reference\n",
}
"""What a command reads, and refuses, before it asks; to others an empty object is as good as any file."""
MUST_BE_SAID: dict[tuple[str, ...], list[str]] = {("agreement", "suspend"): ["--reason", "It has lapsed"]}
"""What a command wants before it asks and its parser does not say."""

Leaf = tuple[tuple[str, ...], argparse.ArgumentParser]


def leaves(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield every command with its parser."""
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not verbs:
        yield path, parser
    for action in verbs:
        for name, sub in action.choices.items():
            yield from leaves(sub, (*path, name))


def asks(parser: argparse.ArgumentParser) -> bool:
    return any(action.dest in SECRETS for action in parser._actions)


def given(path: tuple[str, ...], parser: argparse.ArgumentParser, store: Path, folder: Path) -> list[str]:
    """Return a command with all that its parser wants, and no file that a secret would come from."""
    file = folder / "-".join(path)
    file.write_text(FILES.get(path, "{}"), "utf-8")
    said = list(path)
    one_of = [group._group_actions[0] for group in parser._mutually_exclusive_groups if group.required]
    for action in parser._actions:
        if action.dest == "store":
            said.append(str(folder / "new") if path == ("init",) else str(store))
        elif not action.option_strings and action.nargs not in ("?", "*"):
            said.append(value(action, file))
        elif action.option_strings and (action.required or action in one_of) and action.dest != "user":
            said += [action.option_strings[-1], *([value(action, file)] if action.nargs != 0 else [])]
    return [*said, "--user", "coordinator", *MUST_BE_SAID.get(path, ())]


def value(action: argparse.Action, file: Path) -> str:
    """Return a word that an argument takes."""
    if action.choices:
        return str(next(iter(action.choices)))
    for word in (str(file), "1", "2027-03-03"):
        try:
            (action.type if callable(action.type) else str)(word)
        except (argparse.ArgumentTypeError, ValueError):
            continue
        return word
    raise AssertionError(f"say in this test what to give for {action.dest}")


@pytest.fixture(scope="module")
def at_their_prompts(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every command that asks for a secret, stopped where it asks."""
    folder = tmp_path_factory.mktemp("asked")
    asking = [(path, parser) for path, parser in leaves(cli.parser()) if asks(parser)]
    commands = {" ".join(path): given(path, parser, pristine, folder) for path, parser in asking}
    run = subprocess.run(
        [sys.executable, "-m", "tests.trust.prompting"],
        cwd=ROOT,
        input=json.dumps(list(commands.values())),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    return {"before": found["before"], "commands": dict(zip(commands, found["commands"], strict=True))}


def test_every_command_asks_after_it_is_hardened(at_their_prompts: dict[str, Any]) -> None:
    before = at_their_prompts["before"]
    # Where no process may dump its memory, hardened or not, the other two tell.
    assert before["dumpable"] == 1
    assert before["umask"] == "0022"
    hardened = {"core": ["0", "0"], "umask": "0077", "dumpable": 0}
    commands = at_their_prompts["commands"]
    assert {name: each["written"] for name, each in commands.items() if not each["seen"]} == {}, "it never asked"
    assert {name: each["seen"] for name, each in commands.items() if any(one != hardened for one in each["seen"])} == {}
    # The terminal program, and the parent that gives the terminal back.
    assert len(commands["open"]["seen"]) == 2


def test_every_other_command_has_nothing_to_ask() -> None:
    assert {path for path, parser in leaves(cli.parser()) if not asks(parser)} == ASKS_NOTHING
