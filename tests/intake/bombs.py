"""Files made to exhaust whoever reads them: small on disk, vast when unpacked, or endless to walk through."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

SHEET_HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_TAIL = b"</sheetData></worksheet>"
ROW = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Incident No</t></is></c></row>'
STRINGS_HEAD = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
WORDS = (
    b'<Override PartName="/xl/words.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
MEGA = 1_000_000


def noise(size: int) -> bytes:
    """Return bytes that compress about eighty times: under the ratio that the door refuses at once."""
    out, state = bytearray(), 1
    while len(out) < size:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out += b"<a%x>" % state + b"<!--" + b" " * 600 + b"-->" + b"</a%x>" % state
    return bytes(out[:size])


def workbook(
    sheet: bytes = SHEET_HEAD + ROW + SHEET_TAIL, strings: bytes = b"", more: dict[str, bytes] | None = None
) -> bytes:
    """Return a workbook of one sheet with this XML, these shared texts, and these parts in place of its own."""
    import openpyxl

    plain = io.BytesIO()
    made = openpyxl.Workbook()
    made.active.title = "Data"  # type: ignore[union-attr]
    made.active.append(["Incident No"])  # type: ignore[union-attr]
    made.save(plain)
    parts = {"xl/worksheets/sheet1.xml": sheet} | (more or {})
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as kept, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if strings:
            # Under a name of its own: a check that goes by the usual one finds nothing.
            parts["xl/words.xml"] = strings
            parts["[Content_Types].xml"] = kept.read("[Content_Types].xml").replace(b"</Types>", WORDS + b"</Types>")
        for name in dict.fromkeys([*kept.namelist(), *parts]):
            archive.writestr(name, parts.get(name) or kept.read(name))
    return out.getvalue()


def lying_sizes(archive: bytes) -> bytes:
    """Return an archive whose directory says that every part is small."""
    out = bytearray(archive)
    at = out.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", out, at + 24, 1_000)
        at = out.find(b"PK\x01\x02", at + 4)
    return bytes(out)


def laughs(levels: int) -> bytes:
    """Return a sheet of entities that unfold tenfold at each level."""
    entities = b'<!ENTITY l0 "ha">' + b"".join(
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, levels)
    )
    return (
        b'<?xml version="1.0"?><!DOCTYPE x [%s]>' % entities
        + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        + b'<c t="inlineStr">'
        + b"<is><t>&l%d;</t></is></c></row></sheetData></worksheet>" % (levels - 1)
    )


def varied(piece: bytes, size: int) -> bytes:
    """Repeat a piece with a number in it (%d) until it is so large; it compresses less than a hundred times."""
    out, number = [], 0
    total = 0
    while total < size:
        number += 7919
        out.append(piece % (number * number % 999983))
        total += len(out[-1])
    return b"".join(out)


def parquet_table(columns: dict[str, Any], **options: Any) -> bytes:
    """Return a Parquet file."""
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out, **options)
    return out.getvalue()


def parquet_dictionary() -> bytes:
    """One long text, said 30,000 times by its number: 900 MB of cells in a small file."""
    import pyarrow

    text = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 30_000, pyarrow.int32()), ["x" * 30_000])
    return parquet_table({"Incident No": text}, compression="zstd")


def parquet_page() -> bytes:
    """One page that unpacks to 400 MB."""
    import pyarrow

    text = pyarrow.array(["x" * 1_000] * 400_000, pyarrow.large_string())
    return parquet_table(
        {"Incident No": text},
        compression="zstd",
        use_dictionary=False,
        data_page_size=2_000_000_000,
        row_group_size=10_000_000,
        write_batch_size=400_000,
    )


def parquet_said_size() -> bytes:
    """A page whose header says that it unpacks to two thousand million bytes."""
    whole = bytearray(parquet_table({"Incident No": ["x" * 2_000] * 50}, compression="gzip", use_dictionary=False))
    # The first page's header: field 2 (uncompressed size) is a zigzag varint after the type; it is made five bytes long
    # by taking the room of the compressed size, so that what follows is read as damaged or as vast, never as sound.
    at = whole.find(b"\x15\x00\x15", 4)
    whole[at + 3 : at + 8] = b"\xfe\xff\xff\xff\x0e"
    return bytes(whole)


def parquet_run_length() -> bytes:
    """Forty million empty cells in a few hundred bytes of runs."""
    import pyarrow

    return parquet_table({"Incident No": pyarrow.nulls(40_000_000, pyarrow.string())}, compression="zstd")


def parquet_decoys() -> bytes:
    """Many columns nobody asked for, with statistics as long as they may be."""
    return parquet_table(
        {"Incident No": ["1"]} | {f"c{number}" + "x" * 2_000: ["y" * 2_000] for number in range(1_900)}
    )


def many_parts() -> bytes:
    """An archive of 200,000 parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(200_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return out.getvalue()


def nested_archives(levels: int) -> bytes:
    """Ten archives in each of ten archives, and so on: a million of megabytes in a few kilobytes."""
    inner = b"0" * MEGA
    for _ in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.zip", inner)
        inner = out.getvalue()
    return inner


def far_cells(rows: int) -> bytes:
    """Return rows with one cell each, in the last column that a sheet may have: read plainly, 16,384 cells a row."""
    return b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(2, rows + 2))


def parquet_footer() -> bytes:
    """A footer that says it is four thousand million bytes long."""
    return parquet_table({"Incident No": ["1"]})[:-8] + b"\xff\xff\xff\xff" + b"PAR1"


def parquet_deep() -> bytes:
    """A column of lists within lists within lists."""
    import pyarrow

    kind, value = pyarrow.string(), "x"
    for _ in range(200):
        kind, value = pyarrow.list_(kind), [value] * 1  # type: ignore[assignment]
    return parquet_table({"Incident No": pyarrow.array([value], kind)})


HEADER = b"Incident No\n"

BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "xlsx: one part a thousand times its size": (
        "xlsx",
        lambda: workbook(SHEET_HEAD + b"<row/>" * 40 * MEGA + SHEET_TAIL),
    ),
    "xlsx: 600 MB of sheet under the ratio": ("xlsx", lambda: workbook(SHEET_HEAD + noise(600 * MEGA))),
    "xlsx: sizes that the directory lies about": (
        "xlsx",
        lambda: lying_sizes(workbook(SHEET_HEAD + b" " * 500 * MEGA + SHEET_TAIL)),
    ),
    "xlsx: 200,000 parts": ("xlsx", many_parts),
    "xlsx: 900 parts of a megabyte": (
        "xlsx",
        lambda: workbook(more={f"xl/media/{number}.bin": noise(MEGA) for number in range(900)}),
    ),
    "xlsx: 58 MB of shared texts, all short": (
        "xlsx",
        lambda: workbook(strings=STRINGS_HEAD + varied(b"<si><t>%d</t></si>", 58 * MEGA) + b"</sst>"),
    ),
    "xlsx: shared texts of formatted pieces": (
        "xlsx",
        lambda: workbook(strings=STRINGS_HEAD + b"<si>" + varied(b"<r><rPr><b/></rPr><t>%d</t></r>", 58 * MEGA)),
    ),
    "xlsx: 300 MB of shared texts": (
        "xlsx",
        lambda: workbook(strings=STRINGS_HEAD + varied(b"<si><t>%d says something</t></si>", 300 * MEGA) + b"</sst>"),
    ),
    "xlsx: elements within elements": ("xlsx", lambda: workbook(SHEET_HEAD + varied(b"<r%d>", 20 * MEGA))),
    "xlsx: a row of very many cells": (
        "xlsx",
        lambda: workbook(SHEET_HEAD + b"<row>" + varied(b"<c><v>%d</v></c>", 300 * MEGA) + b"</row>" + SHEET_TAIL),
    ),
    "xlsx: a billion laughs": ("xlsx", lambda: workbook(laughs(10))),
    "xlsx: a quadratic blow-up": (
        "xlsx",
        lambda: workbook(
            b'<!DOCTYPE x [<!ENTITY a "%s">]><worksheet><sheetData><row><c><v>%s</v></c></row></sheetData></worksheet>'
            % (b"a" * 100_000, b"&a;" * 100_000)
        ),
    ),
    "xlsx: styles without end": (
        "xlsx",
        lambda: workbook(
            more={"xl/styles.xml": b"<styleSheet><fonts>" + varied(b'<font><sz val="%d"/></font>', 58 * MEGA)}
        ),
    ),
    "xlsx: defined names without end": (
        "xlsx",
        lambda: workbook(
            more={
                "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><definedNames>'
                + varied(b'<definedName name="n%d">Data!$A$1</definedName>', 58 * MEGA)
            }
        ),
    ),
    "xlsx: an attribute of 200 MB": ("xlsx", lambda: workbook(SHEET_HEAD + b'<row r="' + varied(b"%d", 200 * MEGA))),
    "xlsx: archives within archives": ("xlsx", lambda: nested_archives(6)),
    "xlsx: archives within a part of a workbook": (
        "xlsx",
        lambda: workbook(more={"xl/embeddings/1.xlsx": nested_archives(5)}),
    ),
    "xlsx: a sheet said to be of 17,000,000,000 cells": (
        "xlsx",
        lambda: workbook(
            SHEET_HEAD.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
            + ROW
            + far_cells(1_048_000)
            + SHEET_TAIL
        ),
    ),
    "xlsx: rows of one cell, in the last of 16,384 columns": (
        "xlsx",
        lambda: workbook(SHEET_HEAD + ROW + far_cells(1_048_000) + SHEET_TAIL),
    ),
    "xlsx: a header of 16,384 columns, rows as wide": (
        "xlsx",
        lambda: workbook(SHEET_HEAD + (b"<row>" + b"<c><v>1</v></c>" * 16_384 + b"</row>") * 2_000 + SHEET_TAIL),
    ),
    "xlsx: a gzip file renamed": ("xlsx", lambda: gzip.compress(b"\0" * 300 * MEGA, 6)),
    "csv: a gzip file renamed": ("csv", lambda: gzip.compress(HEADER * 30 * MEGA, 6)),
    "csv: one cell of 300 MB": ("csv", lambda: HEADER + b'"' + b"x" * 300 * MEGA),
    "csv: one line of 150,000,000 columns": ("csv", lambda: HEADER + b"," * 150 * MEGA),
    "csv: a header of 150,000,000 columns": ("csv", lambda: b"," * 150 * MEGA),
    "csv: nothing but NUL": ("csv", lambda: HEADER + b"\0" * 100 * MEGA),
    "csv: NUL after the first page": ("csv", lambda: HEADER + b"1\n" * 100_000 + b"\0" * 100 * MEGA),
    "csv: quotes within quotes": ("csv", lambda: HEADER + b'"' * 150 * MEGA),
    "parquet: one text 30,000 times": ("parquet", parquet_dictionary),
    "parquet: a page of 400 MB": ("parquet", parquet_page),
    "parquet: a page that lies about its size": ("parquet", parquet_said_size),
    "parquet: a footer of four thousand million bytes": ("parquet", parquet_footer),
    "parquet: lists within lists": ("parquet", parquet_deep),
    "parquet: a gzip file renamed": ("parquet", lambda: gzip.compress(b"PAR1" * 50 * MEGA, 6)),
    "parquet: 40,000,000 empty cells": ("parquet", parquet_run_length),
    "parquet: 1,900 columns of long names": ("parquet", parquet_decoys),
}
"""What it is -> the kind of the agreement it comes under, and what makes it."""
