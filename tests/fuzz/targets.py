"""What is fuzzed: each reader of bytes that strangers may have touched, and what must hold whatever the bytes are."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl.reader.excel

from db import keys, notes
from db.slots import StoreKeys
from db.vault import HEADER, read_header
from kingshurst_tui.agreements import checks, document
from kingshurst_tui.errors import InputRejected, KingshurstError
from kingshurst_tui.intake import parquet_extract, xlsx_extract
from kingshurst_tui.intake.csv_extract import read_csv
from kingshurst_tui.intake.extract import Extract, ReadAs
from kingshurst_tui.intake.geojson_extract import read_geojson
from kingshurst_tui.intake.text import is_clean
from kingshurst_tui.oversight import verifier
from kingshurst_tui.places.boundaries import outline
from tests.conftest import NOON
from tests.intake import bombs

CORPUS = Path(__file__).parent / "corpus"
HELD = CORPUS / "held.checkpoint"
"""The checkpoint that a supervisor held of the kept export, over its first entries."""


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        run: reads the bytes; a folder of its own is given. Whatever it raises is a finding.
        words: what this reader's files are made of.
    """

    name: str
    run: Callable[[bytes, Path], None]
    words: tuple[bytes, ...] = ()

    def kept(self) -> dict[str, bytes]:
        """The kept files, by name: sound ones, and those that once upset it."""
        return {path.name: path.read_bytes() for path in sorted((CORPUS / self.name).iterdir())}


def agreement(content: bytes, folder: Path) -> None:
    """Either it is rejected, or all that is wrong with it is said."""
    path = folder / "agreement.toml"
    path.write_bytes(content)
    found: list[str] = []
    with contextlib.suppress(InputRejected):
        text = document.read_text(path)
        found += checks.problems(document.from_text(text, found), {"repeat-contact"}, NOON.date())
    assert all(isinstance(problem, str) and problem for problem in found)


STORE_KEYS = StoreKeys(*(keys.Key([number] * keys.KEY_BYTES) for number in (1, 2, 3)))
"""Those of the kept headers."""


@cache
def _sound_headers() -> list[object]:
    return [json.loads((CORPUS / "header" / name).read_bytes()) for name in ("format-1.json", "format-2.json")]


def header(content: bytes, folder: Path) -> None:
    """Either it is refused, or its MAC does not hold, or it says what a kept one says."""
    (folder / HEADER).write_bytes(content)
    with contextlib.suppress(KingshurstError):
        found = read_header(folder)
        found.check(STORE_KEYS)
        assert found.document() in _sound_headers(), "an altered header was taken for a sound one"


SOMEBODY = keys.UserKeys.from_secret(bytes(range(64)))
"""Who signed one of the kept checkpoints."""
SIGNED = notes.Checkpoint("kingshurst/fuzz", 7, bytes(32))


def checkpoint(content: bytes, folder: Path) -> None:
    """Either it is refused, or it is written as it was read; no signature holds for what was not signed."""
    try:
        found = notes.read(content)
    except notes.NoteBroken:
        return
    assert notes.read(found.text) == found
    if notes.signers(found, {"somebody": [SOMEBODY.signing_public]}).hold:
        assert found.body == SIGNED.body, "a signature holds for another checkpoint"


@cache
def _entries_held() -> list[bytes]:
    kept = (CORPUS / "export" / "seventeen-entries").read_bytes().split(b"\n")
    return kept[1 : 1 + verifier.read_note(HELD.read_bytes()).size]


def export(content: bytes, folder: Path) -> None:
    """The verifier says one clear line, and nothing before the held checkpoint can differ where it says HOLDS."""
    path = folder / "trail"
    path.write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = verifier.main([str(path), str(HELD)])
    said = out.getvalue() + err.getvalue()
    assert code in (0, 2, 6)
    assert all(letter.isprintable() or letter == "\n" for letter in said)
    assert code == 0 or (said.count("\n") == 1 and said.startswith(("DOES NOT HOLD: ", "CANNOT BE READ: ")))
    if code == 0 and content.startswith(b"kingshurst-audit-export/"):
        held = _entries_held()
        assert content.split(b"\n")[1 : 1 + len(held)] == held, "an entry was changed and the export holds"


def extract(content: bytes, folder: Path) -> None:
    """Either it is rejected, or it is rows of text under names that steer nothing."""
    path = folder / "extract.csv"
    path.write_bytes(content)
    with path.open("rb") as handle, contextlib.suppress(InputRejected):
        found = read_csv(handle, ReadAs("csv", "utf-8", ",", "", 1))
        assert all(map(is_clean, found.header))
        for row in found.rows:
            assert all(isinstance(cell, str) for cell in row)
        assert 0.0 <= found.done() <= 1.0


def boundaries(content: bytes, folder: Path) -> None:
    """Either it is rejected, or every row's geometry is an area in Great Britain or none at all."""
    path = folder / "boundaries.geojson"
    path.write_bytes(content)
    with path.open("rb") as handle, contextlib.suppress(InputRejected):
        found = read_geojson(handle)
        assert all(map(is_clean, found.header))
        for row in found.rows:
            assert len(row) == len(found.header)
            with contextlib.suppress(InputRejected):
                for metres in (False, True):
                    shape = outline(row[-1], "E01990001", 1, metres=metres)
                    assert shape.is_valid
                    assert shape.area > 0


def _told(read: Callable[[], Extract]) -> None:
    """Either it is rejected, or it is rows of one width, of cells that are known, under names that steer nothing."""
    with contextlib.suppress(InputRejected):
        found = read()
        try:
            assert all(map(is_clean, found.header))
            for row in found.rows:
                assert len(row) == len(found.header)
                assert all(cell is None or isinstance(cell, CELLS) for cell in row), row
            assert 0.0 <= found.done() <= 1.0
        finally:
            found.close()


CELLS = (str, int, float, bool, Decimal, date, time, timedelta)
"""What a cell of a workbook or of a Parquet file may be; a moment is a date as well."""

AS_XLSX = ReadAs("xlsx", "utf-8", ",", "", 1)


def workbook(content: bytes, folder: Path) -> None:
    """An archive, as its bytes come; in the reader's own process whatever else breaks it would be a refusal too."""
    path = folder / "extract.xlsx"
    path.write_bytes(content)
    excel: Any = openpyxl.reader.excel
    before = excel.ReadOnlyWorksheet  # what is loaded for a reader's own process is not to stay in this one
    xlsx_extract.load()
    try:
        with path.open("rb") as handle:
            _told(lambda: xlsx_extract.read_xlsx(handle, AS_XLSX))
    finally:
        excel.ReadOnlyWorksheet = before


PARTS = ("xl/worksheets/sheet1.xml", "xl/words.xml", "xl/styles.xml")


@cache
def _other_parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bombs.workbook(strings=bombs.STRINGS_HEAD + b"</sst>"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet(content: bytes, folder: Path) -> None:
    """The parts of a workbook that a partner's rows are in: a changed byte of an archive seldom gets so far."""
    made = dict(_other_parts()) | dict(zip(PARTS, content.split(b"\n--part--\n"), strict=False))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, part in made.items():
            archive.writestr(name, part)
    workbook(out.getvalue(), folder)


def parquet(content: bytes, folder: Path) -> None:
    """A Parquet file, all of its columns wanted."""
    path = folder / "extract.parquet"
    path.write_bytes(content)
    with path.open("rb") as handle:
        _told(lambda: parquet_extract.read_parquet(handle, ["Incident No", "Date", "At", "Score", "Kind", "n"]))


TARGETS = {
    target.name: target
    for target in (
        Target("agreement", agreement, (b"[agreement]\n", b"[codes.category]\n", b"= []\n", b"2026-02-30", b"nan",
                                        b"inf", b"1979-05-27T07:32:00Z", b"07:32:00", b'"""', b"'''", b"\\u202e",
                                        b"true", b"[[algo_care.answers]]\n", b"{}", b".", b"0x7f")),
        Target("header", header, (b'"format": 1', b'"format": 3', b'"kind": "recovery"', b'"slots": []', b"null",
                                  b"true", b'"mac": ""', b'"time": 0', b"\\ud800", b"[]", b"{}")),
        Target("checkpoint", checkpoint, ("\u2014 ".encode(), b"kingshurst/", b"=", b"==", b"+", b" ")),
        Target("export", export, (b"kingshurst-audit-export/1 17\n", b"old 5\n", b"c2sp.org/tlog-proof@v1\n",
                                  b"index 3\n", b"extra YWJj\n", b'"seq":', b'"facts":{}', "\u2014 ".encode())),
        Target("extract", extract, (b'"', b'""', b"\r\n", b"," * 2_000, b"\t", b"=cmd()", b"\xc2\x85", b"\x0b")),
        Target("boundaries", boundaries, (b"[", b"]", b"{", b"}", b"null", b"NaN", b"1e999", b"-0.0", b'"features": [',
                                          b'"GeometryCollection"', b'"coordinates": []', b"\\ud800", b"[" * 2_000)),
        Target("workbook", workbook, (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"xl/workbook.xml", b"../",
                                      b"</sheets>", b'r:id="rId9"', b'Target="/xl/workbook.xml"', b"<!DOCTYPE a>",
                                      b"&a;")),
        Target("sheet", sheet, (b"<row>", b'<c t="s"><v>9</v></c>', b'<c t="d"><v>x</v></c>', b"</row>", b"<v/>",
                                b'<c s="9"><v>1e308</v></c>', b'r="XFE1"', b'r="0"', b"&#0;", b"&a;", b"<!DOCTYPE a>",
                                b"<si/>", b"<mergeCell/>", b"\n--part--\n", b'formatCode="[h]"', b"_x0000_")),
        Target("parquet", parquet, (b"PAR1", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"Incident No", b"\x15\x00",
                                    b"\x19\xfc", b"\x80\x80\x80\x80\x08")),
    )
}  # fmt: skip
