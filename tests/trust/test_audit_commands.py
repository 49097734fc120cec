"""``kingshurst audit`` at a terminal: what a supervisor does after every panel, and its exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db import notes
from kingshurst_tui import cli
from tests.trust.conftest import PASSPHRASES


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, user: str, verb: str, *given: str
) -> tuple[int, str, dict[str, object]]:
    """Run ``kingshurst audit``; return its exit code, what it said, and its JSON where that was asked for."""
    secret = tmp_path / f"{user}.txt"
    secret.write_text(PASSPHRASES[user] + "\n")
    secret.chmod(0o600)
    capsys.readouterr()
    code = cli.main(["audit", verb, *given, "--user", user, "--passphrase-file", str(secret)])
    said = capsys.readouterr()
    return code, said.out + said.err, json.loads(said.out) if "--json" in given else {}


def test_from_the_first_cosigning_to_the_check_elsewhere(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, away = str(folder), str(tmp_path / "away")
    code, said, _ = run(capsys, tmp_path, "supervisor", "cosign", store)
    assert code == 0
    assert "cosigned by supervisor (supervisor)" in said
    code, said, _ = run(capsys, tmp_path, "supervisor", "checkpoint", store, "--out", away)
    assert code == 0
    held = notes.read(Path(away).read_bytes())
    assert held.code in said
    assert held.code in run(capsys, tmp_path, "coordinator", "verify", store)[1]
    assert run(capsys, tmp_path, "supervisor", "list", store)[0] == 0
    code, said, found = run(capsys, tmp_path, "governance", "export", store, str(tmp_path / "trail"), "--json")
    assert (code, found["ok"]) == (0, True)
    assert int(str(found["entries"])) > held.size
    assert run(capsys, tmp_path, "coordinator", "prove", store, str(tmp_path / "proof"), "--held", away)[0] == 0
    assert cli.main(["audit", "verifier", str(tmp_path / "verifier.py")]) == 0
    for file in ("trail", "proof"):
        run_apart = subprocess.run(
            [sys.executable, "-I", "verifier.py", file, "away"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run_apart.returncode, run_apart.stdout.splitlines()[-1:]) == (0, ["HOLDS"]), run_apart.stderr


def test_a_store_put_back_is_refused_with_six_and_can_still_be_checked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder, tmp_path / "older")
    assert run(capsys, tmp_path, "supervisor", "cosign", str(folder))[0] == 0
    older = str(tmp_path / "older")
    code, said, found = run(capsys, tmp_path, "supervisor", "list", older, "--json")
    assert code == 6
    assert found["ok"] is False
    assert "are gone" in said
    before = {path: path.read_bytes() for path in (tmp_path / "older" / "heads").glob("*.checkpoint")}
    code, said, _ = run(capsys, tmp_path, "supervisor", "verify", older)
    assert code == 6
    assert "are gone" in said
    assert {path: path.read_bytes() for path in (tmp_path / "older" / "heads").glob("*.checkpoint")} == before


@pytest.mark.parametrize("user", ["coordinator", "administrator"])
def test_who_may_not_is_refused_with_three(
    user: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, tmp_path, user, "cosign", str(folder))[0] == 3
    assert run(capsys, tmp_path, user, "export", str(folder), str(tmp_path / "trail"))[0] == 3
    assert run(capsys, tmp_path, user, "prove", str(folder), str(tmp_path / "one"), "--entry", "1")[0] == 3
    assert not (tmp_path / "trail").exists()
    assert run(capsys, tmp_path, user, "checkpoint", str(folder))[0] == 0


def test_what_makes_no_sense_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    mine, store = str(tmp_path / "mine"), str(folder)
    assert run(capsys, tmp_path, "supervisor", "export", store, mine)[0] == 4
    assert run(capsys, tmp_path, "supervisor", "prove", store, str(tmp_path / "p"), "--entry", "999999")[0] == 4
    assert run(capsys, tmp_path, "supervisor", "prove", store, str(tmp_path / "p"))[0] == 3  # nothing is held yet
    assert run(capsys, tmp_path, "supervisor", "cosign", store, "--held", mine)[0] == 6
    assert cli.main(["audit", "verifier", mine]) == 4
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_filter_that_is_no_text_finds_nothing_and_breaks_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes of an argument that are no UTF-8 come in as lone surrogates."""
    code, _, found = run(capsys, tmp_path, "supervisor", "list", str(folder), "--actor", "caf\udce9", "--json")
    assert (code, found["entries"]) == (0, [])
