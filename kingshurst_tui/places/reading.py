"""What a published file of places holds: its columns by whatever name, its numbers however written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kingshurst_tui.errors import InputRejected
from kingshurst_tui.places.reading_organisations import PLAIN_CODE, PLAIN_NAME, names_where_none
from kingshurst_tui.places.reading_organisations import ROLES as ROLES_OF_ORGANISATIONS
from kingshurst_tui.places.vocabulary import Figure, Level, SourceKind

if TYPE_CHECKING:
    from kingshurst_tui.intake.extract import Extract

NOTHING_STORED = "Nothing was stored."
MOST_HELD = 200_000
"""Rows held in memory; the postcodes of the whole country are read as often as they are asked for."""
SHOWN = 5
"""Rows named in an error; the rest are counted."""

# Roles of columns and the names that the Office for National Statistics has given them, squeezed to small letters and
# digits; a group is the vintage. In order of preference where a file has several.
_ROLES: tuple[tuple[str, str], ...] = (
    ("postcode", r"pcds|postcode|pcd8|pcd2|pcd7|pcd"),
    ("oa", r"oa(\d\d)(?:cd|code)?"),
    ("lsoa", r"lsoa(?:20)?(\d\d)(?:cd|code|bypoint)?|lsoacode20(\d\d)"),
    ("lsoa-name", r"lsoa(?:20)?(\d\d)(?:nm|name)|lsoaname20(\d\d)|20(\d\d)superoutputarealowerlayer"),
    ("msoa", r"msoa(?:20)?(\d\d)(?:cd|code)?"),
    ("msoa-name", r"msoa(?:20)?(\d\d)(?:nm|name)"),
    ("ward", r"(?:wd|ward)(\d\d)(?:cd|code|bypoint)|wdcd|wardcode|osward|ward"),
    ("ward-name", r"(?:wd|ward)(\d\d)(?:nm|name)|wdnm|wardname"),
    ("authority", r"(?:lad|ltla)(\d\d)(?:cd|code)|ladcd|ladcode|ltlacd|oslaua|laua|localauthoritydistrictcode20(\d\d)"),
    ("authority-name", r"(?:lad|ltla)(\d\d)(?:nm|name)|ladnm|ladname|ltlanm|localauthoritydistrictname20(\d\d)"),
    ("change", r"chgind|chngind|changecode|changeindicator"),
    ("from-year", r"sourcefile"),
    ("east", r"oseast1m|east1m|eastings?"),
    ("north", r"osnrth1m|north1m|northings?"),
    ("grid", r"osgrdind|gridind"),
    ("ended", r"doterm"),
    ("date", r"date"),
    ("crs", r"crs"),
    ("boundary", r"geometry"),
    ("code", r"geographycode|mnemonic|lsoacode|lsoacd|areacode"),
)
_ALL_ROLES = (*ROLES_OF_ORGANISATIONS, *_ROLES)
_RESIDENTS = re.compile(
    r"total|totalpopulation.*|usualresidents|residencetypetotal.*|allages|allpersons|totalpersons|population"
)
_AGES = re.compile(r"(dependentchildren|populationaged|olderpopulation|workingagepopulation).*")
_SCORES = re.compile(
    r"(imd|income|employment|education|health|crime|barriers|livingenv|idaci|idaopi|cyp|adultskills|geobarriers"
    r"|widerbarriers|indoors|outdoors)(20\d\d)"
)
_DEPRIVATION = re.compile(r".*(rank|decile|score|scorerate|numerator|indicator.*|component.*)")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_SUPPRESSED = frozenset({"", "*", "-", "..", ":", "c", "x", "z", "u", "[c]", "[x]", "[z]", "[u]", "NA", "N/A"})
"""How publishers of official statistics write that a number is not given."""
_CODE = {
    Level.OUTPUT_AREA: re.compile(r"[EW]00\d{6}"),
    Level.LSOA: re.compile(r"[EW]01\d{6}"),
    Level.MSOA: re.compile(r"[EW]02\d{6}"),
    Level.WARD: re.compile(r"[EW]05\d{6}"),
    Level.LOCAL_AUTHORITY: re.compile(r"[EW]0[6-9]\d{6}"),
}
_GEOJSON = frozenset({".geojson", ".json"})
_IMD_BY_DISTRICTS = {"2010": "2010", "2013": "2015", "2019": "2019", "2024": "2025"}
"""The year of the Indices of Deprivation by the year of the districts in its columns' names."""


class Row(NamedTuple):
    """One row: its number as a spreadsheet counts, and its cells."""

    number: int
    cells: Sequence[str]


class Column(NamedTuple):
    """A figure that a file gives: what, of which year, and where."""

    figure: str
    year: str
    place: int


@dataclass(frozen=True)
class Columns:
    """Which column of a file is what.

    Attributes:
        header: as published.
        at: place of a column by role, and by role and vintage ("lsoa 2011").
        vintages: of the codes of each role, oldest first; empty where the name of the column tells none.
        figures: populations, ranks, deciles, scores.
    """

    header: Sequence[str]
    at: Mapping[str, int]
    vintages: Mapping[str, tuple[str, ...]]
    figures: tuple[Column, ...] = field(default=())

    def has(self, role: str) -> bool:
        """Return whether the file has a column of that role."""
        return role in self.at

    def vintage(self, role: str) -> str:
        """Return the newest vintage of a role's codes; empty where none is told."""
        return (self.vintages.get(role) or ("",))[-1]

    def cell(self, row: Row, role: str, vintage: str = "") -> str:
        """Return a row's text in the column of a role; empty where there is no such column."""
        index = self.at.get(f"{role} {vintage}" if vintage else role)
        return str(row.cells[index]).strip() if index is not None else ""


def squeezed(name: str) -> str:
    """Return a column's name in small letters and digits alone.

    Example:
        >>> squeezed(chr(0xFEFF) + "LSOA code (2011)")
        'lsoacode2011'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def columns_of(header: Sequence[str], *, year: str = "", file_name: str = "") -> Columns:
    """Return what the columns of a published file are, whatever their case and vintage.

    Args:
        header: names of the columns.
        year: of the figures, where no name tells.
        file_name: may tell a year too.

    Raises: InputRejected: a name stands there twice.
    """
    at: dict[str, int] = {}
    vintages: dict[str, set[str]] = {}
    rest: list[tuple[int, str, str]] = []
    seen: set[str] = set()
    preferred: dict[str, int] = {}
    for index, name in enumerate(header):
        key = squeezed(name)
        if key and key in seen:
            raise InputRejected(f"The column {name!r} is there twice.", NOTHING_STORED, "Use the file as published.")
        seen.add(key)
        for role, pattern in _ALL_ROLES:
            if found := re.fullmatch(pattern, key):
                _note(role, found, index, at, vintages, preferred)
                break
        else:
            rest.append((index, key, name))
    plain = {key: index for index, key, _ in rest if key in (PLAIN_CODE, PLAIN_NAME)}
    if len(plain) == 2 and "postcode" in at and "organisation" not in at:
        at |= {"organisation": plain[PLAIN_CODE], "organisation-name": plain[PLAIN_NAME]}
    figures = _unlike(_figures(rest, vintages, year, file_name)) if {"lsoa", "code"} & set(at) else ()
    return Columns(tuple(header), at, {role: tuple(sorted(found)) for role, found in vintages.items()}, figures)


def _note(
    role: str,
    found: re.Match[str],
    index: int,
    at: dict[str, int],
    vintages: dict[str, set[str]],
    preferred: dict[str, int],
) -> None:
    vintage = next((f"20{each}" for each in found.groups() if each), "")
    if role == "postcode":
        rank = found.re.pattern.split("|").index(found[0])
        if rank > preferred.get(role, 99):
            return
        preferred[role] = rank
    elif vintage < max(vintages.get(role, {""})):
        at[f"{role} {vintage}"] = index
        vintages[role].add(vintage)
        return
    at[role] = index
    if vintage:
        at[f"{role} {vintage}"] = index
        vintages.setdefault(role, set()).add(vintage)


def _figures(
    rest: Sequence[tuple[int, str, str]], vintages: Mapping[str, set[str]], year: str, file_name: str
) -> Iterator[Column]:
    stated = re.search(r"(?<!\d)(20[0-3]\d)(?!\d)", file_name)
    districts = max(vintages.get("authority", {""}))
    lsoa = max(vintages.get("lsoa", vintages.get("lsoa-name", {""})))
    of_index = year or _IMD_BY_DISTRICTS.get(districts, "") or {"2011": "2019", "2021": "2025"}.get(lsoa, "")
    middle = next((found[1] for _, _, name in rest if (found := re.search(r"mid[- ]?(20\d\d)", name.lower()))), "")
    of_people = year or (f"mid-{middle}" if middle else stated[1] if stated else "")
    for index, key, name in rest:
        if _RESIDENTS.fullmatch(key) or _AGES.fullmatch(key):
            figure = Figure.RESIDENTS.value if _RESIDENTS.fullmatch(key) else _named(name.split(":")[0])
            yield Column(figure, of_people, index)
        elif found := _SCORES.fullmatch(key):
            yield Column(f"{found[1]}-score", found[2], index)
        elif _DEPRIVATION.fullmatch(re.sub(r"where1.*", "", key)):
            yield Column(_named(name), of_index, index)


def _unlike(figures: Iterator[Column]) -> tuple[Column, ...]:
    """Return the figures, two of one name told apart."""
    found: dict[tuple[str, str], Column] = {}
    for each in figures:
        again = sum(1 for name, year in found if year == each.year and name.startswith(each.figure[:56]))
        name = each.figure if (each.figure, each.year) not in found else f"{each.figure[:56]}-{again + 1}"
        found[name, each.year] = Column(name, each.year, each.place)
    return tuple(found.values())


def _named(name: str) -> str:
    """Return a figure's name as it is kept: ``imd-rank``, ``income-decile``."""
    plain = re.sub(r"\([^)]*\)", " ", name).lower().replace("index of multiple deprivation", "imd")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def kind_of(columns: Columns) -> SourceKind | None:
    """Return what a file says of places, by its columns; None where they tell nothing that is kept."""
    has = columns.has
    if (has("urn") or has("organisation")) and has("link"):
        return SourceKind.SUCCESSIONS
    if (has("urn") or has("organisation")) and has("organisation-name"):
        return SourceKind.ORGANISATIONS
    if has("boundary"):
        return SourceKind.LSOA_BOUNDARIES if has("lsoa") else SourceKind.WARD_BOUNDARIES if has("ward") else None
    if has("postcode") and (has("authority") or has("lsoa")):
        return SourceKind.POSTCODES
    if has("oa") and has("lsoa"):
        return SourceKind.OUTPUT_AREA_LSOA
    if len(columns.vintages.get("lsoa", ())) == 2 and not has("ward"):
        return SourceKind.LSOA_LSOA
    if has("lsoa") and has("ward"):
        return SourceKind.LSOA_WARD
    if has("lsoa") and has("msoa"):
        return SourceKind.LSOA_MSOA
    if columns.figures:
        people = (each.figure == Figure.RESIDENTS or _AGES.match(squeezed(each.figure)) for each in columns.figures)
        return SourceKind.POPULATION if all(people) else SourceKind.DEPRIVATION
    if has("ward") and has("ward-name") and not has("lsoa"):
        return SourceKind.WARD_NAMES
    return None


def number(text: str) -> float | None:
    """Return a published number; None where the publisher gives none.

    Raises: ValueError: it is no number.

    Example:
        >>> number("29,660"), number("1214.0"), number("")
        (29660.0, 1214.0, None)
    """
    plain = text.strip()
    if plain in _SUPPRESSED:
        return None
    if len(plain) > 40 or not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise ValueError(plain[:40])
    return float(plain.replace(",", ""))


def level_of(code: str) -> Level | None:
    """Return what an English or Welsh code is a code of; None for any other text."""
    return next((level for level, form in _CODE.items() if form.fullmatch(code)), None)


def is_code(code: str, level: Level) -> bool:
    """Return whether a text is a code of a level."""
    return _CODE[level].fullmatch(code) is not None


def _encoding(handle: BufferedReader) -> str:
    """Return how a list of schools is written: the Department for Education's are in Windows-1252, all others UTF-8."""
    head = handle.read(_HEAD)
    handle.seek(0)
    if not head.lstrip(b'"').startswith(b"URN"):
        return "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := handle.read(_PIECE):
            decoder.decode(piece)
    except UnicodeDecodeError:
        return "windows-1252"
    finally:
        handle.seek(0)
    return "utf-8"


_HEAD, _PIECE = 16, 1 << 20


class Published:
    """A published file: its columns, and its rows as often as they are asked for."""

    def __init__(self, path: Path, *, year: str = "") -> None:
        self.path = path
        self.digest = ""
        self.columns = Columns((), {}, {})
        self._year = year
        self._held: list[Row] | None = None
        first = list(islice(self._read(), MOST_HELD + 1))
        if len(first) <= MOST_HELD:
            self._held = first

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not blank; a large file is read anew each time.

        Raises: InputRejected: it is no delimited text, or a row has not as many cells as the header.
        """
        return iter(self._held) if self._held is not None else self._read()

    def _read(self) -> Iterator[Row]:
        """Yield the rows, read in a process of their own as partners' files are."""
        from kingshurst_tui.intake import extract as files

        try:
            yield from self._rows_of(files.open_file(self.path))
        except InputRejected as wrong:
            if "as published" in wrong.hint:
                raise
            # What is said of partners' extracts speaks of agreements; these files have none.
            title = wrong.title.replace("The agreement says csv, but the extract is", "It is no CSV file, but")
            raise InputRejected(
                title.replace("The extract", "The file").replace("the extract", "the file"),
                NOTHING_STORED,
                "Use the CSV or GeoJSON file as published, in UTF-8, unpacked from its archive.",
            ) from None

    def _rows_of(self, handle: BufferedReader) -> Iterator[Row]:
        from kingshurst_tui.intake import extract as files

        digest = files.digest_of(handle)
        if self.digest and digest != self.digest:
            handle.close()
            raise InputRejected("The file changed while it was read.", NOTHING_STORED, "Use it as published.")
        extract = self._opened(handle)
        try:
            unnamed = names_where_none(extract.header)
            if not self.digest:
                self.digest = digest
                self.columns = columns_of(unnamed or extract.header, year=self._year, file_name=self.path.name)
            if unnamed:
                yield Row(1, extract.header)
            yield from self._checked(extract.rows, extract.first_row)
        finally:
            extract.close()

    def _opened(self, handle: BufferedReader) -> Extract:
        from kingshurst_tui.intake import extract as files

        head = handle.read(64).removeprefix(codecs.BOM_UTF8).lstrip()
        handle.seek(0)
        if self.path.suffix.lower() in _GEOJSON or head.startswith(b"{"):
            from kingshurst_tui.intake.apart import read_apart

            return read_apart(handle, files.ReadAs(files.GEOJSON, "utf-8", "", "", 1), ())
        return files.read_extract(handle, files.ReadAs("csv", _encoding(handle), ",", "", 1), ())

    def _checked(self, rows: Iterator[Sequence[Any]], first: int) -> Iterator[Row]:
        width = len(self.columns.header)
        for row, cells in enumerate(rows, start=first):
            if not any(cells):
                continue
            if len(cells) != width:
                raise InputRejected(
                    f"Row {row:,} has {len(cells)} cells, and the header has {width}.",
                    NOTHING_STORED,
                    "The file may be cut off, or opened and saved by another program; use it as published.",
                )
            yield Row(row, cells)
