"""The verifier that stands alone: known vectors, the same verdict as the program's own, and no input that upsets it."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from sqlalchemy import Connection

import db.audit
import db.audit_verification
from db import heads, keys, merkle, notes
from db.vault import read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.errors import InputRejected, IntegrityFailure, Refused
from kingshurst_tui.oversight import verifier
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.oversight.export import export_trail, prove_entry, prove_extension, write_verifier
from kingshurst_tui.oversight.held_checkpoints import held_file
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.trust.attacks import consult, entries, rebuild, rewrite_history, with_the_data_key
from tests.trust.conftest import Open, verdict
from tests.trust.test_merkle import LEAVES, ROOTS, Tree

Leaf = tuple[bytes, bytes]
"""Signature and body of one entry."""


def leaves_of(session: Session) -> list[Leaf]:
    return [(entry.signature, entry.body) for entry in session.look(lambda each: list(db.audit.entries(each)))]


def written(path: Path, leaves: list[Leaf], note: notes.Checkpoint) -> Path:
    """Write an export by hand, as somebody would who has the data key."""
    lines = b"".join(signature.hex().encode() + b" " + body + b"\n" for signature, body in leaves)
    path.write_bytes(f"kingshurst-audit-export/1 {len(leaves)}\n".encode() + lines + note.text)
    return path


def checkpoint_over(leaves: list[Leaf], origin: str) -> notes.Checkpoint:
    tree = Tree([signature + body for signature, body in leaves])
    return notes.Checkpoint(origin, len(leaves), merkle.root(len(leaves), tree.at))


def test_it_accepts_the_reference_vectors_and_nothing_beside_them() -> None:
    tree, roots = Tree(LEAVES), [bytes.fromhex(root) for root in ROOTS]
    for new in range(1, 9):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, tree.at)
            assert verifier.extended(old, new, True, list(proof), roots[old - 1]) == (roots[old - 1], roots[new - 1])
        for index in range(new):
            proof = merkle.inclusion_proof(index, new, tree.at)
            assert verifier.included(index, new, merkle.leaf_hash(LEAVES[index]), list(proof)) == roots[new - 1]


def test_it_agrees_with_another_implementation_on_roots_and_proofs() -> None:
    """Neither side's roots and proofs are of our making: they are pymerkle's, and RFC 6962's words over its roots."""
    leaves = [str(number).encode() for number in range(24)]

    @cache
    def root_over(start: int, end: int) -> bytes:
        return bytes(pymerkle.InmemoryTree.init_from_entries(leaves[start:end], algorithm="sha256").get_root())

    def consistency(old: int, start: int, end: int, whole: bool) -> list[bytes]:
        if old == end - start:
            return [] if whole else [root_over(start, end)]
        left = next(2**level for level in range(6, -1, -1) if 2**level < end - start)
        if old <= left:
            return [*consistency(old, start, start + left, whole), root_over(start + left, end)]
        return [*consistency(old - left, start + left, end, False), root_over(start, start + left)]

    theirs = pymerkle.InmemoryTree.init_from_entries(leaves, algorithm="sha256")
    for size in range(1, len(leaves) + 1):
        root = theirs.get_root(size)
        for index in range(size):
            leaf, *path = theirs.prove_inclusion(index + 1, size).path
            assert leaf == hashlib.sha256(b"\0" + leaves[index]).digest()
            assert verifier.included(index, size, leaf, path) == root
            assert path == []
        for old in range(1, size + 1):
            proof, held = consistency(old, 0, size, True), theirs.get_root(old)
            assert verifier.extended(old, size, True, proof, held) == (held, root)
            assert proof == []
    assert verifier.root_of([]) == pymerkle.InmemoryTree(algorithm="sha256").get_root()


def test_over_a_trail_it_comes_to_the_root_that_another_implementation_does(exported: tuple[Path, Path]) -> None:
    trail, _ = exported
    first, *lines = trail.read_bytes().splitlines(keepends=True)
    count = int(first.split()[-1])
    assert count > 10
    leaves = [bytes.fromhex(line[:128].decode()) + line[129:-1] for line in lines[:count]]
    root = pymerkle.InmemoryTree.init_from_entries(leaves, algorithm="sha256").get_root()
    said = verifier.read_note(b"".join(lines[count:]))
    assert (said.size, said.root) == (count, root)
    with trail.open("rb") as file:
        file.readline()
        assert verifier.check_trail(file, count, [said._replace(root=root)])
    with trail.open("rb") as file:
        file.readline()
        with pytest.raises(verifier.DoesNotHold):
            verifier.check_trail(file, count, [said._replace(root=bytes(32))])


def test_it_needs_nothing_of_ours(exported: tuple[Path, Path], tmp_path: Path) -> None:
    write_verifier(tmp_path / "verifier.py")
    tree = ast.parse((tmp_path / "verifier.py").read_text())
    imported = {
        name.split(".")[0]
        for each in ast.walk(tree)
        for name in (
            [alias.name for alias in each.names]
            if isinstance(each, ast.Import)
            else [each.module or ""]
            if isinstance(each, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    run = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verifier.py"), *map(str, exported)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("HOLDS\n")


def test_a_good_export_holds_and_tells_who_signed_and_cosigned(
    exported: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = verdict(capsys, *exported)
    assert code == 0
    held = notes.read(exported[1].read_bytes())
    assert f"code {held.code}: signed by supervisor, cosigned by supervisor (supervisor) on 2026-05-04 11:00" in said
    assert "signed by governance" in said


def test_an_export_is_in_the_trail_and_in_itself_and_holds_no_words(opened: Open, tmp_path: Path) -> None:
    coordinator = opened("coordinator")
    said = Reason(ReasonCode.OTHER, "Asked about Marigold Example")
    with coordinator.act(Operation.CONSULT, Thing.SEARCH, reason=said, typed="marigold"):
        pass
    found = export_trail(opened("supervisor"), tmp_path / "trail")
    content = (tmp_path / "trail").read_bytes()
    assert b"marigold" not in content.lower()
    assert entries(coordinator) == found.entries
    last = json.loads(leaves_of(coordinator)[-1][1])
    assert (last["operation"], last["thing"], last["facts"]) == ("disclose", "audit", {"upto": found.entries})


def test_exports_are_for_supervisors_and_governance_and_never_over_a_file(opened: Open, tmp_path: Path) -> None:
    for name in ("coordinator", "practitioner", "administrator"):
        with pytest.raises(Refused):
            export_trail(opened(name), tmp_path / "trail")
        assert not (tmp_path / "trail").exists()
    (tmp_path / "trail").write_text("mine")
    with pytest.raises(InputRejected):
        export_trail(opened("supervisor"), tmp_path / "trail")
    assert (tmp_path / "trail").read_text() == "mine"


def _changed(body: bytes, **values: Any) -> bytes:
    return keys.canonical(json.loads(body) | values)


def _introduce_again(leaves: list[Leaf], pairs: keys.UserKeys) -> Leaf:
    facts = {"user": "supervisor", "role": "supervisor", "signing_public": pairs.signing_public.hex()}
    first = json.loads(leaves[0][1])
    body = keys.canonical(first | {"facts": facts, "seq": len(leaves) + 1})
    return b"\0" * 64, body


TAMPERINGS: dict[str, Callable[[list[Leaf]], list[Leaf]]] = {
    "nothing": lambda leaves: leaves,
    "another person": lambda leaves: [
        *leaves[:7],
        (leaves[7][0], _changed(leaves[7][1], subjects=["KH-0000-0009"])),
        *leaves[8:],
    ],
    "another actor": lambda leaves: [
        *leaves[:7],
        (leaves[7][0], _changed(leaves[7][1], actor="practitioner")),
        *leaves[8:],
    ],
    "an unknown actor": lambda leaves: [
        *leaves[:7],
        (leaves[7][0], _changed(leaves[7][1], actor="nobody")),
        *leaves[8:],
    ],
    "another number": lambda leaves: [*leaves[:7], (leaves[7][0], _changed(leaves[7][1], seq=70)), *leaves[8:]],
    "another signature": lambda leaves: [*leaves[:7], (b"\1" * 64, leaves[7][1]), *leaves[8:]],
    "two swapped": lambda leaves: [*leaves[:6], leaves[7], leaves[6], *leaves[8:]],
    "one left out": lambda leaves: [*leaves[:7], *leaves[8:]],
    "spaces in it": lambda leaves: [*leaves[:7], (leaves[7][0], leaves[7][1].replace(b":", b": ", 1)), *leaves[8:]],
    "no JSON": lambda leaves: [*leaves[:7], (leaves[7][0], b"{"), *leaves[8:]],
    "another shape": lambda leaves: [*leaves[:7], (leaves[7][0], b"[]"), *leaves[8:]],
    "a list as actor": lambda leaves: [*leaves[:7], (leaves[7][0], _changed(leaves[7][1], actor=[])), *leaves[8:]],
    "numbers as people": lambda leaves: [
        *leaves[:7],
        (leaves[7][0], _changed(leaves[7][1], subjects=[1])),
        *leaves[8:],
    ],
    "deep nesting": lambda leaves: [*leaves[:7], (leaves[7][0], b"[" * 50_000), *leaves[8:]],
    "introduced twice": lambda leaves: [*leaves, _introduce_again(leaves, keys.UserKeys.generate())],
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_it_and_the_program_agree(
    how: str, opened: Open, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coordinator = opened("coordinator")
    consult(coordinator, 8)
    origin = heads.origin(read_header(folder).vault)
    leaves = TAMPERINGS[how](leaves_of(coordinator))
    signer = keys.UserKeys.generate()
    with with_the_data_key(folder) as connection:
        _put(connection, leaves)
    anchors = {slot.user: bytes.fromhex(slot.signing_public) for slot in read_header(folder).slots}
    ours = coordinator.look(db.audit_verification.verify, anchors)
    note = coordinator._pairs
    plain = checkpoint_over(leaves, origin)
    code, said = verdict(capsys, written(tmp_path / "trail", leaves, notes.signed(plain, "coordinator", note)))
    assert ours.holds == (code == 0) == (how == "nothing")
    if not ours.holds:
        assert said.startswith(f"DOES NOT HOLD: entry {ours.first_bad}: ")
        assert ours.problem in said or "columns" in ours.problem  # an export has no columns
    # Nor does a checkpoint count that nobody signed whom the trail introduces.
    code, _ = verdict(capsys, written(tmp_path / "other", leaves, notes.signed(plain, "coordinator", signer)))
    assert code == 6


def _put(connection: Connection, leaves: list[Leaf]) -> None:
    connection.exec_driver_sql("DELETE FROM audit_entry")
    for seq, (signature, body) in enumerate(leaves, 1):
        try:
            said = json.loads(body)
            copies = [said[name] if isinstance(said[name], str) else "" for name in db.audit_verification.COPIED]
            if not isinstance(said["actor"], str):
                copies = [json.dumps(said[name]) for name in db.audit_verification.COPIED]
        except (ValueError, TypeError, RecursionError):
            copies = [""] * 6
        connection.exec_driver_sql(
            "INSERT INTO audit_entry (seq, body, signature, at, actor, operation, thing, result, purpose) "
            "VALUES (?,?,?,?,?,?,?,?,?)",
            (seq, body, signature, *copies),
        )
    rebuild(connection)


def test_a_history_written_anew_is_named_by_what_is_held(
    opened: Open, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 4)
    first = cosign(supervisor, tmp_path / "first").entries
    consult(coordinator, 4)
    second = cosign(supervisor, tmp_path / "second").entries
    # The coordinator leaves out entries of their own, and signs those after them anew: no signature is wrong.
    origin = heads.origin(read_header(folder).vault)
    leaves = leaves_of(coordinator)[: first + 1]
    for seq in range(first + 2, second + 1):
        body = _changed(leaves[first][1], seq=seq)
        leaves.append((coordinator._pairs.sign(body), body))
    note = notes.signed(checkpoint_over(leaves, origin), "coordinator", coordinator._pairs)
    trail = written(tmp_path / "trail", leaves, note)
    assert verdict(capsys, trail)[0] == 0  # by itself it holds: this is what checkpoints are for
    code, said = verdict(capsys, trail, tmp_path / "first", tmp_path / "second")
    assert code == 6
    assert f"entries {first + 1} to {second} of the trail are not those it was over" in said


def test_a_trail_cut_off_is_named_by_what_is_held(
    exported: tuple[Path, Path], opened: Open, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coordinator = opened("coordinator")
    held = notes.read(exported[1].read_bytes())
    leaves = leaves_of(coordinator)[: held.size - 2]
    note = notes.signed(checkpoint_over(leaves, held.origin), "coordinator", coordinator._pairs)
    code, said = verdict(capsys, written(tmp_path / "cut", leaves, note), exported[1])
    assert code == 6
    assert f"entries {held.size - 1} to {held.size} are missing" in said


def test_everybody_invented_anew_is_caught_by_what_is_held(
    exported: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = notes.read(exported[1].read_bytes())
    pairs = keys.UserKeys.generate()
    facts = {"user": "supervisor", "role": "supervisor", "signing_public": pairs.signing_public.hex()}
    leaves: list[Leaf] = []
    for seq in range(1, held.size + 3):
        document = {"v": 1, "seq": seq, "actor": "supervisor", "role": "supervisor", "operation": "administer"}
        said = {"thing": "user", "result": "done", "facts": facts if seq == 1 else {}, "subjects": []}
        body = keys.canonical({**document, **said})
        leaves.append((pairs.sign(body), body))
    note = notes.signed(checkpoint_over(leaves, held.origin), "supervisor", pairs)
    trail = written(tmp_path / "invented", leaves, notes.cosigned(note, "supervisor", pairs, 1_777_892_400))
    assert verdict(capsys, trail)[0] == 0
    assert verdict(capsys, trail, exported[1])[0] == 6


def test_a_forged_cosignature_is_named(
    exported: tuple[Path, Path], opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = notes.read(exported[1].read_bytes())
    signed, cosigned = held.lines
    moved = replace(cosigned, signature=(1_999_999_999).to_bytes(8, "big") + cosigned.signature[8:])
    (tmp_path / "forged").write_bytes(replace(held, lines=(signed, moved)).text)
    code, said = verdict(capsys, exported[0], tmp_path / "forged")
    assert code == 6
    assert "a signature in the name of supervisor is not theirs" in said
    # One made with somebody else's key under her name is that of an unknown key: it counts for nothing.
    other = notes.cosigned(replace(held, lines=(signed,)), "supervisor", opened("coordinator")._pairs, 1_777_892_400)
    (tmp_path / "other").write_bytes(other.text)
    code, said = verdict(capsys, exported[0], tmp_path / "other")
    assert code == 0
    assert "cosigned" not in said


def test_a_proof_shows_that_the_trail_extends_what_is_held(
    exported: tuple[Path, Path], opened: Open, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = prove_extension(opened("coordinator"), tmp_path / "proof", exported[1])
    assert found.hashes <= 20
    code, said = verdict(capsys, tmp_path / "proof", exported[1])
    assert code == 0
    assert f"by {found.hashes} hashes" in said
    lines = (tmp_path / "proof").read_bytes().split(b"\n")
    for bad in (
        [*lines[:1], base64.b64encode(b"x" * 32), *lines[2:]],
        [*lines[:1], *lines[2:]],
        [*lines[:1], lines[1], *lines[1:]],
    ):
        (tmp_path / "bad").write_bytes(b"\n".join(bad))
        assert verdict(capsys, tmp_path / "bad", exported[1])[0] == 6
    assert verdict(capsys, tmp_path / "proof")[0] == 6
    rewrite_history(folder, notes.read(exported[1].read_bytes()).size - 2)
    with pytest.raises(IntegrityFailure):
        prove_extension(opened("coordinator"), tmp_path / "second", exported[1])
    assert not (tmp_path / "second").exists()


def test_one_entry_is_shown_without_the_others(
    opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor, coordinator = opened("supervisor"), opened("coordinator")
    consult(coordinator, 6)
    prove_entry(supervisor, tmp_path / "proof", 12)
    code, said = verdict(capsys, tmp_path / "proof")
    assert code == 0
    assert "entry 12 is in the checkpoint" in said
    assert "KH-0000-0001" in said
    content = (tmp_path / "proof").read_bytes()
    (tmp_path / "bad").write_bytes(content.replace(b"index 11\n", b"index 10\n"))
    assert verdict(capsys, tmp_path / "bad")[0] == 6
    for name in ("coordinator", "administrator"):
        with pytest.raises(Refused):
            prove_entry(opened(name), tmp_path / "another", 8)
    with pytest.raises(InputRejected):
        prove_entry(supervisor, tmp_path / "another", 10_000)


def test_the_shortest_way_for_a_supervisor_is_on_the_command_line(
    opened: Open, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = opened("supervisor")
    cosign(supervisor)
    held = held_file(read_header(folder).vault)
    consult(opened("coordinator"), 3)
    prove_extension(supervisor, tmp_path / "proof")
    assert verdict(capsys, tmp_path / "proof", held)[0] == 0
