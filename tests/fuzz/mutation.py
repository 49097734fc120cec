"""Bytes made from kept ones: bytes changed, cut out, put in, doubled, joined with another file's, words put in."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

#: What upsets readers: ends, marks, controls, numbers at a limit, text that turns round or is no text.
COMMON = (
    b"\n", b"\n\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", "\u202e".encode(), b"\xed\xa0\x80",
    b"0", b"-1", b"1e999", b"NaN", b"9007199254740993", b"9" * 400, b'"', b"{", b"[" * 3_000, b"}", b",", b"=",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """Draw one of the kept files with one to six things done to it."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        span = draw(st.integers(1, 300))
        match draw(st.sampled_from(["byte", "word", "drop", "repeat", "cut", "join"])):
            case "byte" if at < len(content):
                content[at] = draw(st.integers(0, 255))
            case "word":
                content[at:at] = draw(st.sampled_from((*COMMON, *words)) | st.binary(max_size=40))
            case "drop":
                del content[at : at + span]
            case "repeat":
                content[at:at] = content[at : at + span] * draw(st.integers(1, 3))
            case "cut":
                del content[at:]
            case "join":
                content[at:] = draw(st.sampled_from(seeds))[at:]
            case _:
                pass
    return bytes(content)
