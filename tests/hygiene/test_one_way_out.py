"""People's data leave through one gate: no other page of the program writes a file, or it is named here with what."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

GATE_WRITES = "kingshurst_tui/leaving/files.py"
"""Where the gate's copies are written, for nobody but the gate."""

WRITES = {
    GATE_WRITES: "copies for named people, for the gate alone",
    # The store itself, encrypted, and what keeps it: copies of it, keys, locks, marks.
    "db/copies.py": "copies of the encrypted store, sealed to whoever may bring them back",
    "db/damage.py": "that a store was found damaged",
    "db/heads.py": "signed checkpoints of the trail: sizes and hashes",
    "db/rotation.py": "the store's next generation, encrypted",
    "db/connecting.py": "an empty data file, before it is encrypted",
    "db/turnstile.py": "locks",
    "db/unlock_attempts.py": "when a passphrase was wrong, by slot",
    "db/vault.py": "the vault's header: key slots",
    # Without a word about anybody.
    "kingshurst_tui/cli.py": "nothing: what is printed to a closed pipe",
    "kingshurst_tui/commands/recovery_words.py": "a recovery key that its keeper asked for",
    "kingshurst_tui/intake/reader_process.py": "its pipe to the program",
    "kingshurst_tui/last_store.py": "where the last store lies",
    "kingshurst_tui/leaving/docx_pages.py": "a package in memory",
    "kingshurst_tui/linkage/training.py": "a model's weights, trained on invented people",
    # Proofs and exports of the trail (entries by pseudonym, no words), checkpoints, the verifier: TRAIL names who.
    "kingshurst_tui/oversight/new_files.py": "the trail, for those who check it elsewhere",
    # Invented people alone.
    "kingshurst_tui/demo/build.py": "passphrases of an invented town",
    "kingshurst_tui/demo/forbidden_trail.py": "a file that must not be replaced, beside an invented town",
    "kingshurst_tui/demo/refusals.py": "a copy of an invented town",
    "kingshurst_tui/demo/town.py": "agreements of an invented town",
    "kingshurst_tui/demo/writers.py": "extracts of an invented town",
}
"""Every page that can write a file, and what it writes there."""

TRAIL = {
    "kingshurst_tui/oversight/checkpoints.py": "checkpoints with their cosignatures: sizes and hashes",
    "kingshurst_tui/oversight/export.py": "entries and proofs: pseudonyms, codes, counts; no words that were typed",
    "kingshurst_tui/upkeep/erasure_list.py": "which erasures a restored copy must not undo, by pseudonym",
}
"""Who else writes by ``oversight.new_files``; each is an act of its own, entered in the trail."""

CALLS = frozenset(
    {"write_text", "write_bytes", "to_csv", "to_excel", "to_parquet", "to_json", "savefig", "write_table", "copyfile",
     "copyfileobj", "copytree", "copy2", "mkstemp", "NamedTemporaryFile", "TemporaryFile", "mkfifo"}
)  # fmt: skip
"""Functions and methods that put something on a disk under a name."""


def writes(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of a page that may write a file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        words = [each.value for each in given(node) if isinstance(each.value, str)]
        flags = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
        opens = name in ("open", "fdopen", "ZipFile") and any(
            set(word) <= set("rwxabt+") and set(word) & set("wxa+") for word in words if word
        )
        if name in CALLS or opens or (name == "open" and flags & {"O_WRONLY", "O_RDWR", "O_CREAT"}):
            yield node.lineno


def given(call: ast.Call) -> Iterator[ast.Constant]:
    """Yield the constants that a call is given."""
    for each in (*call.args, *(each.value for each in call.keywords)):
        if isinstance(each, ast.Constant):
            yield each


def pages() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("kingshurst_tui", "screens", "db"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_no_page_writes_a_file_but_those_that_are_named() -> None:
    found = {name for name, tree in pages() if any(writes(tree))}
    assert found - WRITES.keys() == set(), "what leaves with people's data goes through kingshurst_tui/leaving/gate.py"
    assert WRITES.keys() - found == set(), "the reason is no longer needed"


def test_nobody_but_the_gate_writes_its_copies() -> None:
    """Whoever wrote copies without the gate would write them without an entry, a mark or a recipient."""
    users = set()
    for name, tree in pages():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (
                node.module == "kingshurst_tui.leaving.files"
                or (node.module == "kingshurst_tui.leaving" and any(each.name == "files" for each in node.names))
            ):
                users.add(name)
    assert users == {"kingshurst_tui/leaving/gate.py"}


def test_what_else_is_written_by_the_trail_s_own_pen_is_named() -> None:
    users = set()
    for name, tree in pages():
        taken = {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if (taken | attributes) & {"write_new", "new_file"}:
            users.add(name)
    assert users == set(TRAIL)
