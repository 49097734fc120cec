"""What an import is compared with: the same rows read, parsed, checked and put into plain sqlite3.

usage: python -m benchmarks.bare_loader (rows|pandas) EXTRACT AGREEMENT.toml DATABASE

No encryption, no gate, no staging, no audit, no report, no update of earlier contacts: a floor under any import.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

Row = tuple[str | None, ...]

POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")
CONTROLS = dict.fromkeys([*range(32), *range(127, 160), 0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F)], " ")


def parsers(agreement: dict[str, Any]) -> list[tuple[int, Callable[[str], str | None]]]:
    """Return the position of each agreed column of the extract, and what parses and checks its cells."""
    form = agreement["format"]
    empty = {"", *form.get("empty", [])}
    codes = agreement["codes"]

    def text(cell: str) -> str | None:
        clean = cell.translate(CONTROLS).strip()
        return None if clean in empty else clean[:240]

    def day(cell: str) -> str | None:
        if cell in empty:
            return None
        value = datetime.strptime(cell, form["dates"]).date()  # noqa: DTZ007  a local day
        if not date(1900, 1, 1) <= value <= date(2030, 1, 1):
            raise ValueError(cell)
        return value.isoformat()

    def time(cell: str) -> str | None:
        return None if cell in empty else datetime.strptime(cell, form["times"]).strftime("%H:%M")  # noqa: DTZ007

    def postcode(cell: str) -> str | None:
        if cell in empty:
            return None
        if not POSTCODE.fullmatch(cell.strip().upper()):
            raise ValueError(cell)
        return cell.strip().upper()

    def coded(table: dict[str, Any]) -> Callable[[str], str | None]:
        first = {theirs: ours[0] if isinstance(ours, list) else ours for theirs, ours in table.items()}
        return lambda cell: None if cell in empty else first[cell]

    chosen: dict[str, Callable[[str], str | None]] = {
        "contact.date": day,
        "contact.reported": day,
        "person.date_of_birth": day,
        "contact.time": time,
        "person.postcode": postcode,
        "contact.postcode": postcode,
        "contact.category": coded(codes["category"]),
        "contact.role": coded(codes["role"]),
        "person.sex": coded(codes["sex"]),
    }
    return [
        (position, chosen.get(agreement["columns"][column], text))
        for position, column in enumerate(agreement["header"])
        if column in agreement["columns"]
    ]


def parsed(path: Path, agreement: dict[str, Any]) -> Iterator[Row]:
    """Yield the rows of the extract as they go into the database; a row that does not parse is left out."""
    with path.open(encoding=agreement["format"]["encoding"], newline="") as file:
        reader = csv.reader(file, delimiter=agreement["format"].get("delimiter", ","))
        agreement["header"] = next(reader)
        reading = parsers(agreement)
        for cells in reader:
            try:
                yield tuple(parse(cells[position]) for position, parse in reading)
            except (ValueError, KeyError, IndexError):
                continue


def statements(names: list[str]) -> tuple[list[str], str, str, list[int], list[int]]:
    """Return the tables, the two inserts, and which values go to the person and which to the contact."""
    person = [place for place, name in enumerate(names) if name.startswith("person.")]
    contact = [place for place, name in enumerate(names) if name.startswith("contact.")]
    columns = {
        "source_record": [names[place].partition(".")[2] for place in person],
        "contact": ["record", *(names[place].partition(".")[2] for place in contact)],
    }
    tables = [f"CREATE TABLE {table} ({', '.join(fields)})" for table, fields in columns.items()]
    # A person comes with every one of their contacts; the partner's reference says that it is one record.
    tables.append("CREATE UNIQUE INDEX one_record ON source_record (reference)")
    tables.append("CREATE UNIQUE INDEX one_contact ON contact (reference, record)")
    inserts = [
        f"INSERT OR IGNORE INTO {table} ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})"
        for table, fields in columns.items()
    ]
    return tables, inserts[0], inserts[1], person, contact


def load_rows(path: Path, agreement: dict[str, Any], database: sqlite3.Connection) -> int:
    """Load row by row, in one transaction."""
    with path.open(encoding=agreement["format"]["encoding"], newline="") as file:
        header = next(csv.reader(file, delimiter=agreement["format"].get("delimiter", ",")))
    names = [agreement["columns"][column] for column in header if column in agreement["columns"]]
    tables, insert_person, insert_contact, person, contact = statements(names)
    for table in tables:
        database.execute(table)
    reference = names.index("person.reference")
    loaded = 0
    database.execute("BEGIN")
    for row in parsed(path, agreement):
        database.execute(insert_person, [row[place] for place in person])
        database.execute(insert_contact, [row[reference], *(row[place] for place in contact)])
        loaded += 1
    database.execute("COMMIT")
    return loaded


def load_pandas(path: Path, agreement: dict[str, Any], database: sqlite3.Connection) -> int:
    """Load with pandas.read_csv and executemany: dates parsed by column, nothing else checked."""
    import pandas as pd

    form = agreement["format"]
    frame = pd.read_csv(path, dtype=str, encoding=form["encoding"], sep=form.get("delimiter", ","))
    frame = frame[[column for column in frame.columns if column in agreement["columns"]]]
    names = [agreement["columns"][column] for column in frame.columns]
    for column, name in zip(frame.columns, names, strict=True):
        if name in {"contact.date", "contact.reported", "person.date_of_birth"}:
            days = pd.to_datetime(frame[column], format=form["dates"], errors="coerce")
            frame[column] = days.dt.strftime("%Y-%m-%d")
    frame = frame.astype(object).where(frame.notna(), None)
    tables, insert_person, insert_contact, person, contact = statements(names)
    for table in tables:
        database.execute(table)
    reference = names.index("person.reference")
    database.execute("BEGIN")
    database.executemany(insert_person, frame.iloc[:, person].itertuples(index=False, name=None))
    database.executemany(insert_contact, frame.iloc[:, [reference, *contact]].itertuples(index=False, name=None))
    database.execute("COMMIT")
    return len(frame)


def main(how: str, extract: str, agreement: str, database: str) -> int:
    terms = tomllib.loads(Path(agreement).read_text(encoding="utf-8"))
    if terms["format"]["encoding"] == "utf-8":
        terms["format"]["encoding"] = "utf-8-sig"  # a byte-order mark is no part of the first column's name
    Path(database).unlink(missing_ok=True)
    connection = sqlite3.connect(database, isolation_level=None)
    loaded = {"rows": load_rows, "pandas": load_pandas}[how](Path(extract), terms, connection)
    connection.close()
    print(loaded)
    return 0


if __name__ == "__main__" and len(sys.argv) == 5:
    raise SystemExit(main(*sys.argv[1:]))
