"""Stored text is drawn and nothing else: no controls, no markup, no reversed order."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.text import Text
from textual.color import Color
from textual.content import Content

from kingshurst_tui.terminal_text import MARKS_IN_A_ROW, REPLACEMENT
from screens.widgets.guard import GuardFilter
from screens.widgets.text import cell, one_line, plain, safe_text, title

ANY_TEXT = st.text(alphabet=st.characters(categories=None), max_size=60)
NASTY = st.lists(
    st.one_of(
        ANY_TEXT,
        st.sampled_from(
            ["\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "\u202eevil", "[@click=app.bell]x[/]", "[/", "[DOB=1/2/2010]"]
        ),
    ),
    max_size=5,
).map("".join)


def _acts(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and c != "\n"]


@given(NASTY)
def test_no_character_that_acts_survives(text: str) -> None:
    assert _acts(safe_text(text)) == []
    assert "\n" not in one_line(text)
    safe_text(text).encode("utf-8")


def test_every_control_and_format_character_of_unicode_is_covered() -> None:
    acting = [c for c in map(chr, range(sys.maxunicode + 1)) if _acts(c) and c not in "\t"]
    assert [hex(ord(c)) for c in acting if safe_text(c) != REPLACEMENT] == []


@given(NASTY)
def test_safe_text_is_stable(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@given(NASTY)
def test_content_and_cells_hold_the_literal_text(text: str) -> None:
    assert plain(text).plain == Content(safe_text(text)).plain
    assert plain(text).spans == []
    assert isinstance(cell(text), Text)
    assert cell(text).spans == []
    assert Content.from_markup(title(text)).plain == Content(one_line(text)).plain


def test_what_people_write_is_kept() -> None:
    for name in ("Siân O’Connor-Núñez", "محمد", "李小龙", "[Smith] seen at home", "50% [10%]", "a\nb"):
        assert safe_text(name) == name


def test_a_tower_of_marks_is_cut() -> None:
    assert len(safe_text("a" + "\u0316" * 500)) == 1 + MARKS_IN_A_ROW


@given(st.lists(NASTY, max_size=4))
def test_the_guard_lets_nothing_through_and_keeps_the_width(texts: list[str]) -> None:
    segments = [Segment(text) for text in texts]
    guarded = GuardFilter().apply(segments, Color(0, 0, 0))
    assert [_acts(s.text) for s in guarded] == [[] for _ in texts]
    assert all("\n" not in s.text for s in guarded)
    assert [s.cell_length for s in guarded] == [s.cell_length for s in segments]
