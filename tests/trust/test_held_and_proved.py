"""What is held outside the store counts, whatever entries say about it; and each that is held is looked at."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import db.audit
from db import heads, keys, notes
from db.vault import open_slot, read_header
from kingshurst_tui.clock import FixedClock, stamp
from kingshurst_tui.keyholding import recovery
from kingshurst_tui.oversight.cosigning import cosign
from kingshurst_tui.oversight.export import export_trail, prove_entry, prove_extension
from kingshurst_tui.oversight.held_checkpoints import gap_of, held_file
from tests.conftest import NOON
from tests.trust.attacks import consult, cut, entries, open_again, with_the_data_key
from tests.trust.conftest import PASSPHRASES, Open, verdict


def _write_as_oneself(folder: Path, name: str, operation: str, thing: str, facts: dict[str, Any]) -> int:
    _, pairs, store_keys = open_slot(read_header(folder), name, PASSPHRASES[name])
    with with_the_data_key(folder) as connection:
        body = {
            "time": stamp(NOON),
            "actor": name,
            "role": name,
            "agency": "SMBC",
            "session": "0" * 16,
            "operation": operation,
            "thing": thing,
            "subjects": [],
            "purpose": "repeat-contact",
            "reason": "maintenance",
            "result": "done",
            "facts": facts,
            "software": "1",
        }
        return db.audit.append(connection, pairs, body, words_key=keys.derive(store_keys.lasting, "x"))


def test_whoever_cuts_the_trail_cannot_confirm_the_gap_for_the_supervisor_who_holds_more(
    folder: Path, opened: Open
) -> None:
    coordinator, supervisor = opened("coordinator"), opened("supervisor")
    before = entries(coordinator)
    consult(coordinator, 5)
    cosign(supervisor)
    held = heads.read_held(held_file(read_header(folder).vault))
    assert held is not None
    coordinator.close()
    supervisor.close()
    for path in (folder / "heads").glob("*.checkpoint"):
        path.unlink()
    cut(folder, before)
    facts = {
        "restored": "done",
        "entries": before,
        "missing_from": before + 1,
        "missing_to": held.size,
        "missing_root": held.root.hex(),
        "root": "",
        "generation": 1,
    }
    seq = _write_as_oneself(folder, "coordinator", "alter", "store", facts)
    _write_as_oneself(folder, "coordinator", "administer", "audit", {"confirms_restore": seq})
    again = open_again(folder, "supervisor")
    assert gap_of(again) is not None
    again.close()


def test_a_second_supervisor_is_alarmed_where_the_first_has_confirmed(
    folder: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    supervisor = opened("supervisor")
    before = entries(supervisor)
    consult(opened("coordinator"), 3)
    cosign(supervisor)
    other = tmp_path / "elsewhere" / "kingshurst" / "held"
    shutil.copytree(held_file(read_header(folder).vault).parent, other)
    held = heads.read_held(held_file(read_header(folder).vault))
    assert held is not None
    supervisor.close()
    for path in (folder / "heads").glob("*.checkpoint"):
        path.unlink()
    cut(folder, before)
    facts = {"restored": "done", "entries": before, "missing_to": held.size, "missing_root": held.root.hex()}
    _write_as_oneself(folder, "governance", "alter", "store", facts)
    first = open_again(folder, "supervisor")
    cosign(first, confirm_gap=True)
    assert gap_of(first) is None
    first.close()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    second = open_again(folder, "supervisor")
    assert gap_of(second) is not None
    cosign(second, confirm_gap=True)
    assert gap_of(second) is None
    second.close()


def test_cosigning_with_nothing_held_where_something_was_held_before_is_said(folder: Path, opened: Open) -> None:
    supervisor = opened("supervisor")
    assert cosign(supervisor).began_anew_after is None
    assert cosign(supervisor).began_anew_after is None
    held_file(read_header(folder).vault).unlink()
    assert cosign(supervisor).began_anew_after == supervisor.look(db.audit.size) - 1


def test_a_proof_holds_only_where_it_is_about_every_checkpoint_that_is_given(
    folder: Path, opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = opened("supervisor")
    cosign(supervisor, tmp_path / "held")
    prove_extension(supervisor, tmp_path / "proof", tmp_path / "held")
    held = heads.read_held(tmp_path / "held")
    assert held is not None
    # What another supervisor was shown at the same size, and what she was shown later.
    for name, note in (
        ("split", replace(held, root=bytes(32))),
        ("later", replace(held, size=held.size + 100)),
        ("of-another", replace(held, origin="kingshurst/another")),
    ):
        (tmp_path / name).write_bytes(note.text)
        assert verdict(capsys, tmp_path / "proof", tmp_path / "held")[0] == 0
        for order in (("held", name), (name, "held")):
            code, said = verdict(capsys, tmp_path / "proof", *(tmp_path / each for each in order))
            assert (code, "does not" in said or "not shown" in said) == (6, True)


def test_a_proof_of_an_entry_says_where_nobody_stands_behind_it(
    opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = opened("supervisor")
    prove_entry(supervisor, tmp_path / "proof", 2)
    code, said = verdict(capsys, tmp_path / "proof")
    assert code == 0
    assert "no checkpoint that is held was given" in said


def test_a_key_that_was_replaced_and_a_name_that_passes_for_another_are_shown_as_such(
    folder: Path, opened: Open, tmp_path: Path, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = recovery.propose()
    recovery.confirm(opened("administrator"), paper, paper)
    _, lost, _ = open_slot(read_header(folder), "supervisor", PASSPHRASES["supervisor"])
    recovery.recover(folder, "supervisor", paper, "another lantern wet ferry hill", clock=clock)
    public = keys.UserKeys.generate().signing_public.hex()
    posing: dict[str, Any] = {
        "user": "supervisor (supervisor) by administrator",
        "role": "coordinator",
        "signing_public": public,
    }
    posing |= {"grant": 999, "document": "0"}
    _write_as_oneself(folder, "administrator", "administer", "user", posing)
    export_trail(opened("governance"), tmp_path / "trail")
    content = (tmp_path / "trail").read_bytes()
    note = notes.read(content[content.rindex(b"kingshurst/", 0, content.rindex(b"\n\n")) :])
    (tmp_path / "held").write_bytes(notes.cosigned(note, "supervisor", lost, 1_777_892_400).text)
    code, said = verdict(capsys, tmp_path / "trail", tmp_path / "held")
    assert code == 0
    assert "cosigned by supervisor (supervisor) on" in said
    assert "by a key that was replaced" in said
    assert "'supervisor (supervisor) by administrator' (" in said
