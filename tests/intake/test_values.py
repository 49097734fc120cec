"""Strangers' text at the boundary: read strictly, cleaned, never guessed, and nothing breaks on it."""

from __future__ import annotations

import contextlib
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import values
from kingshurst_tui.intake.people import Digests, series
from kingshurst_tui.intake.text import clean
from tests.intake.conftest import CONTACT_COLUMNS, Town, agreement, csv_text, incident

NOT_KNOWN = frozenset({"", "n/k"})
TODAY = date(2026, 5, 4)
HOSTILE = "\x1b]52;c;x\x07\x9b31m\u202e\u2066\u200b\ufeff\U000e0041\ud800\x00"


@given(st.text())
@example(HOSTILE)
@example("a" + "\u0301" * 50)
def test_clean_text_is_one_visible_line_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    kinds = {unicodedata.category(char) for char in cleaned}
    assert not kinds & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not set(cleaned) & set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@given(st.dates(date(1981, 1, 1), TODAY), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d %b %Y", "%Y%m%d", "%d.%m.%Y"]))
def test_a_date_reads_back_as_it_was_written(day: date, form: str) -> None:
    read = values.date_reader(form, NOT_KNOWN, values.EARLIEST_EVENT, TODAY)
    assert read(day.strftime(form)) == ((day.isoformat(), None), "")
    assert read(f" {day.strftime(form)} ") == ((day.isoformat(), None), "")


@given(st.text(max_size=12))
def test_no_other_text_is_a_date(text: str) -> None:
    read = values.date_reader("%d/%m/%Y", NOT_KNOWN, values.EARLIEST_EVENT, TODAY)
    value, fault = read(text)
    assert value is None or date.fromisoformat(value[0]).strftime("%d/%m/%Y") == clean(text)
    assert value is not None or fault or clean(text) in NOT_KNOWN


@pytest.mark.parametrize("text", ["1/2/2026", "2026113", "01/02/26", "01-02-2026", "1 Feb 2026", "31/02/2026"])
def test_a_date_in_another_form_is_not_guessed(text: str) -> None:
    read = values.date_reader("%d/%m/%Y", NOT_KNOWN, values.EARLIEST_EVENT, TODAY)
    assert read(text) == (None, "not-a-date")


@pytest.mark.parametrize(
    ("given_as", "wanted"),
    [
        ("B36 8LR", "B36 8LR"),
        ("b368lr", "B36 8LR"),
        ("B36  8LR", "B36 8LR"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("M1 1AE", "M1 1AE"),
        ("GIR 0AA", "GIR 0AA"),
        ("B36", None),
        ("B36 8", None),
        ("B36 8LRX", None),
        ("8LR B36", None),
        ("B36 8CI", None),
        ("4223", None),
    ],
)
def test_postcodes_are_whole_or_not_at_all(given_as: str, wanted: str | None) -> None:
    assert values.postcode(given_as) == wanted


def test_a_stand_in_postcode_is_no_place() -> None:
    assert values.postcode_reader(NOT_KNOWN)("ZZ99 3VZ") == (None, "postcode-pseudo")


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_nhs_numbers_have_their_check_digit(text: str) -> None:
    value, fault = values.nhs_number_reader(NOT_KNOWN)(text)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    assert (value == text) is (rest % 11 == int(text[9]) and rest != 10)
    assert value == text or fault == "nhs-number-invalid"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("HOLT, Bryn Ada", ("Bryn", "Ada", "HOLT")),
        ("Mrs Bryn Ada Holt", ("Bryn", "Ada", "Holt")),
        ("Bryn van der Berg", ("Bryn", None, "van der Berg")),
        ("de la Cruz, Ana", ("Ana", None, "de la Cruz")),
        ("Holt", (None, None, "Holt")),
        ("Dr Holt", (None, None, "Holt")),
        ("Al Bin", ("Al", None, "Bin")),
    ],
)
def test_names_written_as_one(written: str, wanted: tuple[str | None, ...]) -> None:
    assert values.split_name(written) == wanted


@given(st.text(max_size=60))
def test_no_name_breaks_the_splitting(text: str) -> None:
    values.split_name(clean(text))


@given(st.text(max_size=20), st.text(max_size=20))
def test_digests_are_one_to_one_and_depend_on_the_store_and_the_data_set(one: str, other: str) -> None:
    digests = Digests(b"k" * 32, "WMP-TEST")
    assert (digests.near(series(one), one) == digests.near(series(other), other)) is (one == other)
    assert digests.of(one) != Digests(b"k" * 32, "WMP-OTHER").of(one)
    assert digests.of(one) != Digests(b"j" * 32, "WMP-TEST").of(one)
    assert len(digests.near("", one)) == 16


HEADER = ",".join(CONTACT_COLUMNS) + "\n"


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b'"')
@example(HEADER.encode() + b'"""\n')
def test_no_bytes_break_the_reading_of_a_file(town: Town, content: bytes) -> None:
    if not town.ask("SELECT 1 FROM gate"):
        town.sign()
    for tried in (content, HEADER.encode() + content):
        with contextlib.suppress(InputRejected):
            done = town.check(tried)
            assert done.rows_read == done.rows_rejected + (done.rows_accepted or 0)


@given(st.lists(st.text(max_size=30), min_size=10, max_size=10))
def test_no_row_breaks_an_import(town: Town, cells: list[str]) -> None:
    if not town.ask("SELECT 1 FROM gate"):
        town.sign(agreement(tolerance_percent=100.0))
    text = csv_text(list(CONTACT_COLUMNS), [cells, incident(1, Surname=cells[0], Forename=cells[1])])
    with contextlib.suppress(InputRejected):
        done = town.check(text.encode("utf-8", "replace"))
        assert done.rows_read in (1, 2)
