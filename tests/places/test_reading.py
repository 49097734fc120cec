"""Strangers' headers and cells: read as they are meant, or refused; never anything else."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places.reading import columns_of, kind_of, number
from kingshurst_tui.places.vocabulary import SourceKind

_HEADER = ("LSOA21CD", "LSOA21NM", "WD24CD", "WD24NM", "LAD24CD", "LAD24NM", "ObjectId")


@given(st.integers(0, 10**9), st.text(max_size=30), st.lists(st.text(max_size=30), max_size=8))
def test_numbers_and_headers_of_strangers(whole: int, text: str, header: list[str]) -> None:
    assert number(f" {whole:,} ") == number(str(whole)) == number(f"{whole}.0") == whole
    with suppress(ValueError):
        found = number(text)
        assert found is None or isinstance(found, float)
    with suppress(InputRejected):
        kind_of(columns_of(header))


@given(st.permutations(_HEADER), st.sampled_from([str, str.lower, str.upper, str.title]))
def test_columns_are_known_by_name_in_any_order_and_case(header: list[str], case: type[str]) -> None:
    written = [case(name) for name in header]
    found = columns_of(["\ufeff" + written[0], *written[1:]])
    assert kind_of(found) is SourceKind.LSOA_WARD
    assert [header[found.at[role]] for role in ("lsoa", "ward", "ward-name", "authority")] == [
        "LSOA21CD",
        "WD24CD",
        "WD24NM",
        "LAD24CD",
    ]
    assert (found.vintage("lsoa"), found.vintage("ward")) == ("2021", "2024")
