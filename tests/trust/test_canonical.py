"""The quick way to canonical JSON writes what the slow one writes."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from db import keys

TEXT = st.text(max_size=8) | st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT | st.floats(-1e6, 1e6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_both_ways_write_the_same(document: Any) -> None:
    try:
        expected = rfc8785.dumps(document)
    except rfc8785.CanonicalizationError:
        with pytest.raises(rfc8785.CanonicalizationError):
            keys.canonical(document)
        return
    assert keys.canonical(document) == expected


@pytest.mark.parametrize("odd", [2**53, -(2**53), float("nan"), {1: 2}, b"bytes", "\ud800"])
def test_what_canonical_json_refuses_is_refused(odd: Any) -> None:
    for document in (odd, [odd], {"a": odd}):
        with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
            keys.canonical(document)
