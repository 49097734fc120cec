"""A room reaches the store through the session alone: what it may do is asked and what it did is entered there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

SESSION = {"kingshurst_tui/session.py", "kingshurst_tui/session_keys.py"}

OF_THE_SESSION = {
    "act", "look", "stage", "read_on", "within", "sign", "may", "checkpoint", "cosigned", "close", "header_work",
    "new_pseudonyms", "typed_words", "seal_words", "open_words", "keep_crash", "crash_key", "store_opened",
    "sealing_public", "signing_public", "unsealed", "key_with_person",
}  # fmt: skip
"""The session's own functions that any room may call."""

FOR_FEW = {
    # The keys themselves, after an act has let it in: rooms that copy and check whole files, or keep keys.
    "keys_for_upkeep": {
        "kingshurst_tui/upkeep/backups.py",
        "kingshurst_tui/upkeep/checking.py",
        "kingshurst_tui/keyholding/compartments.py",
    },
    # The role that a verified grant gives, or that the tables of an older store do.
    "take_role": {
        "kingshurst_tui/granting/taking_up.py",
        "kingshurst_tui/vaults.py",
        "kingshurst_tui/upkeep/upgrading.py",
    },
    # Pieces of what two people have signed for or of counting again what an act changed, and the end of a name.
    "carry_on": {"kingshurst_tui/oversight/erasing.py", "kingshurst_tui/casework/recounting.py"},
    "destroy_salts": {"kingshurst_tui/oversight/erasing.py"},
    "write_files_anew": {"kingshurst_tui/oversight/erasing.py"},
    "wipe_keys": set(),
}
"""More, and who calls it."""

BARE_DOORS = {
    # Makes the store, and opens the one session on it.
    "kingshurst_tui/vaults.py": {"administering", "open_store", "data_file", "PersonKeys"},
    # A generation is copied, compared and swapped under the vault's own lock, with no session on the copy.
    "kingshurst_tui/keyholding/generations.py": {"data_file"},
    "kingshurst_tui/upkeep/upgrading.py": {"administering"},
    "kingshurst_tui/upkeep/replaced_store.py": {"administering"},
    "kingshurst_tui/upkeep/restored_trail.py": {"data_file"},
    "kingshurst_tui/upkeep/checking.py": {"administering"},
}
"""Who else takes what from the pages of db that open files."""

OPENERS = {"db.store", "db.connecting", "db.person_keys", "db.bare_rows", "db.authorizer", "db.views"}
HARMLESS = {"person_keys_file"}

Use = tuple[str, str]


def rooms() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "kingshurst_tui").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in SESSION:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def openers_taken(tree: ast.Module) -> set[str]:
    """What a page imports from the pages of db that open files, and from the driver and its engine."""
    taken: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            taken |= {name for name in names if name.split(".")[0] in ("sqlcipher3", "sqlite3", "sqlalchemy")}
            taken |= names & OPENERS
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            if node.module.split(".")[0] in ("sqlcipher3", "sqlite3", "sqlalchemy"):
                taken |= names - {"Connection"}
            elif node.module in OPENERS:
                taken |= names - HARMLESS
            elif node.module == "db":
                taken |= {name for name in names if f"db.{name}" in OPENERS}
    return taken


def sessions_asked(tree: ast.Module) -> set[Use]:
    """Each (whose, what) that is asked of something called session, or of its store."""
    asked: set[Use] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        match node.value:
            case ast.Name(id=("session" | "_session")) | ast.Attribute(attr=("session" | "_session")):
                asked.add(("session", node.attr))
            case ast.Attribute(attr="store") | ast.Name(id="store"):
                asked.add(("store", node.attr))
    return asked


def round_the_door(name: str, tree: ast.Module) -> set[str]:
    """What a page does that only the session may."""
    wrong = {f"imports {each}" for each in openers_taken(tree) - BARE_DOORS.get(name, set())}
    for whose, what in sessions_asked(tree):
        if whose == "store" and what in {"acting", "reading", "acts", "reads", "tally", "totals_to_state"}:
            wrong.add(f"calls store.{what}")
        elif whose == "session" and what.startswith("_"):
            wrong.add(f"takes session.{what}")
        elif whose == "session" and name not in FOR_FEW.get(what, {name}):
            wrong.add(f"calls session.{what}")
    return wrong


@pytest.mark.parametrize(("name", "tree"), [pytest.param(name, tree, id=name) for name, tree in rooms()])
def test_a_room_takes_no_other_way_to_the_store(name: str, tree: ast.Module) -> None:
    assert not round_the_door(name, tree)


def test_whoever_opens_files_still_needs_to() -> None:
    pages = dict(rooms())
    assert {name: openers_taken(pages[name]) for name in BARE_DOORS} == BARE_DOORS


def test_every_function_of_the_session_is_known_here() -> None:
    """A new way in is listed, and so thought about, before a room calls it."""
    public = set()
    for page, name in (("session", "Session"), ("session_keys", "KeysInUse")):
        tree = ast.parse((ROOT / f"kingshurst_tui/{page}.py").read_text(encoding="utf-8"))
        whole = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
        public |= {n.name for n in whole.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")}
    assert not public - OF_THE_SESSION - set(FOR_FEW)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from db.store import connect", "imports connect"),
        ("import sqlcipher3.dbapi2", "imports sqlcipher3.dbapi2"),
        ("from sqlalchemy import create_engine", "imports create_engine"),
        ("from db import store", "imports store"),
        ("def read(session):\n    with session.store.acting(x) as c: pass", "calls store.acting"),
        ("def read(session):\n    session._append(c, e, 'done')", "takes session._append"),
        ("def read(act):\n    return act.session._store_keys", "takes session._store_keys"),
        ("def read(session):\n    session.carry_on(f)", "calls session.carry_on"),
    ],
)
def test_a_way_round_is_found(line: str, found: str) -> None:
    assert found in round_the_door("kingshurst_tui/casework/agenda.py", ast.parse(line))
