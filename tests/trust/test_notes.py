"""Checkpoints are C2SP signed notes: known vectors, and no line of text that is not one breaks the reading."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import keys, notes

SOMEBODY, ANOTHER = keys.UserKeys.generate(), keys.UserKeys.generate()
PLAIN = notes.Checkpoint("kingshurst/0c5a", 20852163, b"r" * 32)

#: The example of c2sp.org/tlog-cosignature.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


@pytest.mark.parametrize(
    ("name", "kind", "public", "expected"),
    [
        # Of Go's checksum database, of its note package, and of a public witness: names, keys and ids as published.
        ("sum.golang.org", 1, "zc4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "033de0ae"),
        ("PeterNeumann", 1, "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "c74f20a3"),
        ("remora.n621.de", 4, "BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", "da77ade7"),
    ],
)
def test_key_ids_are_those_that_others_published(name: str, kind: int, public: str, expected: str) -> None:
    material = base64.b64decode(public)[-32:]
    assert notes.key_id(name, kind, material).hex() == expected


def test_a_signature_that_others_published_holds() -> None:
    public = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )[4:]
    text = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    assert keys.signature_holds(public, signature, text)


def test_the_example_of_the_specification_is_read_and_written_alike() -> None:
    found = notes.read(EXAMPLE.encode())
    assert (found.origin, found.size, len(found.lines)) == ("example.com/behind-the-sofa", 20852163, 2)
    assert found.lines[1].key_id.hex() == "8d66cf3f"
    assert int.from_bytes(found.lines[1].signature[:8], "big") == 1679315147
    assert found.text == EXAMPLE.encode()


def test_signatures_and_cosignatures_are_told_apart() -> None:
    note = notes.cosigned(notes.signed(PLAIN, "ada", SOMEBODY), "bea", ANOTHER, 1_777_892_400)
    again = notes.read(note.text)
    assert again == note
    known = {"ada": [SOMEBODY.signing_public], "bea": [ANOTHER.signing_public]}
    assert notes.signers(again, known) == notes.Signers(("ada",), (("bea", 1_777_892_400),))
    assert not notes.signers(again, {"eve": [keys.UserKeys.generate().signing_public]}).hold


def test_a_forged_cosignature_is_named_and_one_of_an_unknown_key_passed_over() -> None:
    note = notes.signed(PLAIN, "ada", SOMEBODY)
    known = {"ada": [SOMEBODY.signing_public], "bea": [ANOTHER.signing_public]}
    with_own_key = notes.cosigned(note, "bea", SOMEBODY, 1_777_892_400)
    assert notes.signers(with_own_key, known) == notes.Signers(("ada",))
    (line,) = notes.cosigned(PLAIN, "bea", ANOTHER, 1_777_892_400).lines
    later = replace(line, signature=(1_999_999_999).to_bytes(8, "big") + line.signature[8:])
    found = notes.signers(note.with_lines([later]), known)
    assert found.broken == ("bea",)
    assert not found.hold


def test_a_signature_of_another_tree_holds_for_none_but_it() -> None:
    (line,) = notes.signed(PLAIN, "ada", SOMEBODY).lines
    for other in (replace(PLAIN, size=5), replace(PLAIN, root=b"x" * 32)):
        assert notes.signers(other.with_lines([line]), {"ada": [SOMEBODY.signing_public]}).broken == ("ada",)


def test_the_code_can_be_read_aloud_and_tells_checkpoints_apart() -> None:
    codes = {replace(PLAIN, size=size).code for size in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4] * 5
        assert not set(code) & set("ILOU")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xfe",
        b"kingshurst/0c5a\n7\n\n",
        EXAMPLE.encode()[:-1],
        EXAMPLE.encode().replace(b"20852163", b"020852163"),
        EXAMPLE.encode().replace(b"20852163", b"-1"),
        EXAMPLE.encode().replace(b"CsUY", b"Cs"),
        EXAMPLE.encode().replace("— witness".encode(), b"- witness"),
        EXAMPLE.encode().replace(b"witness.example.com/w1", b"a b"),
        EXAMPLE.encode().replace(b"behind", b"be\thind"),
        b"x" * 100_000,
    ],
)
def test_what_is_no_checkpoint_is_refused(broken: bytes) -> None:
    with pytest.raises(notes.NoteBroken):
        notes.read(broken)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = notes.read(content)
    except notes.NoteBroken:
        return
    assert notes.read(found.text) == found


@given(st.integers(0, len(EXAMPLE.encode()) - 1), st.integers(0, 255))
def test_one_byte_changed_is_read_or_refused(at: int, value: int) -> None:
    content = bytearray(EXAMPLE.encode())
    content[at] = value
    try:
        notes.read(bytes(content))
    except notes.NoteBroken:
        return
