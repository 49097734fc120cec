"""No input upsets the verifier: one clear line and an exit code, whatever the files hold."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kingshurst_tui.oversight import verifier
from tests.trust.conftest import verdict


@pytest.mark.parametrize("arguments", [[], ["--help"], ["nowhere"], [str(Path("/"))]])
def test_what_cannot_be_read_is_said_in_words(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def _ends_well(capsys: pytest.CaptureFixture[str], path: Path, content: bytes, *held: Path) -> None:
    path.write_bytes(content)
    code, said = verdict(capsys, path, *held)
    assert code in (0, 2, 6)
    if code:
        assert said.count("\n") == 1, "one clear line"
        assert said.startswith(("DOES NOT HOLD: ", "CANNOT BE READ: "))
    assert all(letter.isprintable() or letter == "\n" for letter in said)


@settings(max_examples=max(300, settings().max_examples))
@given(data=st.data())
def test_no_damage_upsets_it(
    data: st.DataObject, exported: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trail, held = exported
    which = data.draw(st.sampled_from(["trail", "held"]))
    content = bytearray((trail if which == "trail" else held).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["byte", "cut", "insert", "drop", "repeat"]))
        if how == "byte":
            content[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del content[max(at, 1) :]
        elif how == "insert":
            content[at:at] = data.draw(
                st.binary(max_size=40) | st.sampled_from([b"\n", b"\n\n", b"\x1b[31m", "‮".encode()])
            )
        elif how == "drop":
            del content[at : at + data.draw(st.integers(1, 300))]
        else:
            content[at:at] = content[at : at + data.draw(st.integers(1, 300))]
        content = content or bytearray(b"\n")
    if which == "trail":
        _ends_well(capsys, tmp_path / "damaged", bytes(content), held)
    else:
        (tmp_path / "damaged held").write_bytes(bytes(content))
        _ends_well(capsys, tmp_path / "whole", trail.read_bytes(), tmp_path / "damaged held")


PIECES = st.sampled_from(
    [
        "kingshurst-audit-export/1 2\n",
        "old 5\n",
        "c2sp.org/tlog-proof@v1\n",
        "extra YWJj\n",
        "index 3\n",
        "\n",
        "\n\n",
        "a" * 128 + " {}\n",
        "kingshurst/x\n",
        "7\n",
        base64.b64encode(b"r" * 32).decode() + "\n",
        "— a/b " + "A" * 92 + "\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=20), max_size=14))
def test_no_made_up_file_upsets_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], pieces: list[str]) -> None:
    _ends_well(capsys, tmp_path / "made up", "".join(pieces).encode("utf-8", "surrogatepass"))
