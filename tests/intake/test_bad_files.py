"""Files that are broken, hostile or another's: a clear error with exit code 4, and the store as it was."""

from __future__ import annotations

import io
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected
from tests.conftest import NOON
from tests.intake.conftest import AREA_COLUMNS, CONTACT_COLUMNS, NOTHING, Town, agreement, csv_text, incident

LATE = datetime(2026, 3, 1, 22, 15)  # noqa: DTZ001 - a cell of a workbook knows no zone
HEADER = ",".join(CONTACT_COLUMNS)
GOOD = csv_text(list(CONTACT_COLUMNS), [incident(1), incident(2)])


@pytest.fixture(scope="module")
def steady(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One store for everything that is refused: it must stay as it was, from the first test to the last."""
    folder = tmp_path_factory.mktemp("steady")
    shutil.copytree(empty_store, folder / "store")
    (folder / "files").mkdir()
    made = Town(folder / "store", FixedClock(NOON), folder / "files")
    for kind, form in (("csv", {}), ("xlsx", {"sheet": "Data", "header_row": 3}), ("parquet", {})):
        made.sign(agreement(reference=f"WMP-{kind.upper()}", form={"kind": kind} | form))
    yield made
    assert made.stored() == NOTHING
    made.close()


def rejected(town: Town, content: str | bytes | Path, kind: str = "csv") -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        town.bring(content, f"WMP-{kind.upper()}")
    assert caught.value.exit_code == 4
    assert town.stored() == NOTHING
    assert "Holt" not in f"{caught.value.title} {caught.value.detail} {caught.value.hint}"
    return caught.value


def zip_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "is empty"),
        (HEADER.encode(), "but no row"),
        (zip_of(a=b"x"), "is a zip archive"),
        (b"PAR1" + b"\0" * 100, "is a Parquet file"),
        (b"%PDF-1.4 x", "kind PDF"),
        (b"\x1f\x8b\x08x", "kind gzip"),
        (GOOD.encode("utf-16-le"), "holds NUL bytes"),
        (GOOD.replace("Holt", "H\xf6lt").encode("latin-1"), "is not utf-8: near row"),
        (GOOD.encode() + b'9,"never closed', "Row 4 of the extract is broken"),
        (GOOD.encode() + b'9,"a"b,c\n', "Row 4 of the extract is broken"),
        (GOOD.replace("Surname", "Sirname").encode(), "not those of the agreement"),
        (GOOD.replace("Forename", "Surname").encode(), "not those of the agreement"),
        (("," * 1_000_000).encode() + b"\n", "has 1,000,001 columns"),
        ((HEADER + "\n" + "x," * 1_000_000).encode(), "at most 2,000 are read"),
        ((HEADER + "\nx," + "y" * 50_000_000).encode(), "Row 2 of the extract has a cell of more than"),
        ((HEADER + '\nx,"' + "y" * 50_000_000 + '"').encode(), "Row 2 of the extract has a cell of more than"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_broken_file_is_refused_and_the_store_is_as_it_was(steady: Town, content: bytes, wanted: str) -> None:
    assert wanted in rejected(steady, content).title


def test_columns_that_are_missing_or_twice_are_all_named_in_the_partners_words(steady: Town) -> None:
    text = GOOD.replace("Surname", "Sur-name").replace("DOB", "Date").replace("NHS", "Postcode")
    assert rejected(steady, text).problems == (
        "Column 'Date' is there 2 times: which one is meant cannot be known.",
        "Column 'Surname' is missing. The extract has 'Sur-name': is that the one?",
        "Column 'DOB' is missing.",
        "Column 'Postcode' is there 2 times: which one is meant cannot be known.",
        "Column 'NHS' is missing.",
    )


def test_a_folder_a_pipe_and_nothing_are_no_extracts(steady: Town, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "cannot be read" in rejected(steady, tmp_path).title
    assert "cannot be read" in rejected(steady, tmp_path / "absent.csv").title
    assert "not an ordinary file" in rejected(steady, tmp_path / "pipe").title


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", GOOD.encode("utf-8-sig")),
        ("utf-8", GOOD.encode("utf-16")),
        ("utf-16", GOOD.encode("utf-16-le")),
        ("utf-16", GOOD.encode("utf-16-be")),
        ("utf-16", b"\xfe\xff" + GOOD.encode("utf-16-be")),
        ("windows-1252", GOOD.replace("Holt", "D\u2019Arcy").encode("cp1252")),
        ("latin-1", GOOD.replace("Holt", "N\xed").encode("latin-1")),
    ],
)
def test_five_encodings_with_and_without_a_mark(town: Town, encoding: str, content: bytes) -> None:
    town.sign(agreement(form={"encoding": encoding}))
    assert town.bring(content).rows_accepted == 2
    assert town.records("surname")[0][0] in ("Holt", "D\u2019Arcy", "N\xed")


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t", "~"])
def test_any_delimiter_and_quoted_line_breaks(town: Town, delimiter: str) -> None:
    town.sign(agreement(form={"delimiter": delimiter}))
    text = csv_text(list(CONTACT_COLUMNS), [incident(1, Surname=f'Ho"l{delimiter}\r\nt'), incident(2)], delimiter)
    assert town.bring(text).rows_accepted == 2
    # A tab and a line break are white space, and a name is one line.
    assert town.records("surname")[0][0].replace(delimiter, "").replace(",", "").replace(" ", "") == 'Ho"lt'


def book(rows: list[list[Any]], sheet: str = "Data") -> bytes:
    import openpyxl

    made = openpyxl.Workbook()
    made.active.title = sheet  # type: ignore[union-attr]
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


XLSX_TERMS = agreement(form={"kind": "xlsx", "sheet": "Data", "header_row": 3})


def test_a_workbook_with_typed_dates_and_a_header_further_down(town: Town) -> None:
    town.sign(XLSX_TERMS)
    rows: list[list[Any]] = [
        ["Extract of 1 April"],
        [],
        ["Free text", *CONTACT_COLUMNS],
        ["x", 20.0, LATE, "ASB", "Victim", 7, "Holt", "Bryn", date(1980, 4, 5), "B36 8LR", 9434765919],
        ["x", 21, "01/03/2026", "ASB", "Victim", 8, "#N/A", "Rhys", "05/04/1981"],
        [],
    ]  # fmt: skip
    done = town.bring(book(rows))
    assert (done.rows_accepted, done.rows_rejected) == (2, 0)
    assert town.contacts("partner_reference, occurred_on, occurred_at") == [
        ("20", "2026-03-01", "22:15"),
        ("21", "2026-03-01", None),
    ]
    assert town.records("partner_reference, surname, born, nhs_number") == [
        ("7", "Holt", "1980-04-05", "9434765919"),
        ("8", None, "1981-04-05", None),
    ]


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'


def as_book(sheet: bytes) -> bytes:
    """Return a workbook whose one sheet is this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book([["x"]]))) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made.namelist():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else made.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda: as_book(SHEET % (b"<row>" + b"<c><v>1</v></c>" * 3_000_000 + b"</row>")), "over a hundred times"),
        (lambda: zip_of(**{f"xl__m{number}": b"" for number in range(2_000)}), "2,000 parts"),
        (lambda: zip_of(readme=b"x"), "but no workbook"),
        (lambda: zip_of(xl__workbook_xml=b"<x/>"), "do not make a workbook"),
        (lambda: book([["x"]], "Other"), "has no sheet 'Data'"),
        (lambda: book([["x"]], "Data"), "is empty"),
        (lambda: b"PK\x03\x04" + b"x" * 500, "the archive is damaged"),
        (lambda: GOOD.encode(), "the extract is text"),
        (
            lambda: as_book(b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + SHEET % b"<row/>"),
            "near row 1 the sheet is broken",
        ),
        (lambda: as_book(SHEET % b"<row/><row/><row><c/>"), "near row 3 the sheet is broken"),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_before_it_fills_the_memory(
    steady: Town, make: Callable[[], bytes], wanted: str
) -> None:
    content = make()
    tracemalloc.start()
    try:
        refused = rejected(steady, content, "xlsx")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert wanted in refused.title
    assert peak < 100_000_000


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out, **options)
    return out.getvalue()


PARQUET_TERMS = agreement(form={"kind": "parquet"})
ROWS: dict[str, Any] = dict(zip(CONTACT_COLUMNS, map(list, zip(incident(1), incident(2), strict=True)), strict=True))


def test_parquet_with_typed_columns(town: Town) -> None:
    town.sign(PARQUET_TERMS)
    typed = ROWS | {
        "Date": [LATE, None],
        "DOB": [date(1980, 4, 5), None],
        "Nominal": [7, 8],
        "Unlisted": [[1], [2]],
    }
    done = town.bring(parquet(typed))
    assert (done.rows_accepted, done.report["rejected"][0]["reason"]) == (1, "date-missing")
    assert town.contacts("occurred_on, occurred_at") == [("2026-03-01", "22:15")]
    assert town.records("partner_reference, born") == [("7", "1980-04-05")]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (parquet(ROWS | {"Surname": [["Holt"], ["Holt"]]}), "of a type that is no text"),
        (parquet(ROWS | {"Surname": [b"Holt", b"Holt"]}), "of a type that is no text"),
        (parquet(ROWS)[:-20], "it is damaged"),
        (b"PAR1" + b"\x00" * 400 + b"PAR1", "it is damaged"),
        (parquet({key: value for key, value in ROWS.items() if key != "DOB"}), "not those of the agreement"),
        (parquet(ROWS | {"Surname": ["x" * 40_000, "y"]}), "a cell of more than"),
        (parquet({f"c{number}": [1] for number in range(2_500)}), "at most 2,000 are read"),
    ],
)
def test_a_bad_parquet_file_is_refused(steady: Town, content: bytes, wanted: str) -> None:
    assert wanted in rejected(steady, content, "parquet").title


def test_rows_of_another_width_are_kept_out_by_number(town: Town) -> None:
    town.sign()
    done = town.bring(GOOD + "too,short\n" + ",".join(["x"] * 11) + "\n\n" + "," * 9 + "\n")
    assert done.report["rejected_rows"] == [
        {"row": 4, "column": "", "reason": "wrong-number-of-columns"},
        {"row": 5, "column": "", "reason": "wrong-number-of-columns"},
    ]
    assert done.report["rows"]["blank"] == 2


@pytest.mark.parametrize("when", ["01/01/1879", "04/05/2126", "31/12/9999", "00/00/0000", "29/02/2025", "1e5"])
def test_dates_out_of_range_are_kept_out(town: Town, when: str) -> None:
    town.sign()
    done = town.incidents(incident(1), incident(2, Date=when))
    assert done.rows_accepted == 1
    assert done.report["rejected"][0]["reason"] in ("date-out-of-range", "not-a-date")


def test_area_codes_finer_than_agreed_and_suppressed_counts_are_kept_out(town: Town) -> None:
    town.sign(agreement(form={"shape": "areas"}, tolerance_percent=90.0))
    rows = [
        ["E01010108", "2026-03", "ASB", "12"],
        ["E01010108", "2026-03", "ASB", "12"],
        ["B36 8LR", "2026-03", "ASB", "1"],
        ["E05001290", "2026-03", "ASB", "1"],
        ["E01010108", "03/2026", "ASB", "1"],
        ["E01010109", "2026-03", "ASB", "*"],
        ["E01010109", "2026-04", "ASB", "1.5"],
        ["E01010109", "2027-04", "ASB", "1"],
    ]
    done = town.bring(csv_text(list(AREA_COLUMNS), rows))
    assert [(each["row"], each["reason"]) for each in done.report["rejected_rows"]] == [
        (4, "finer-than-agreed"),
        (5, "area-code-invalid"),
        (6, "not-a-month"),
        (7, "not-a-number"),
        (8, "not-a-count"),
        (9, "date-out-of-range"),
    ]
    assert town.ask("SELECT area_code, month, category, count FROM area_measure") == [
        ("E01010108", "2026-03", "ASB", 12)
    ]
