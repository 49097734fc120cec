"""Open and public records with known truth, as linkage reads them."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

from tests.linkage.conftest import record

Labelled = tuple[list[tuple[Any, ...]], dict[int, object]]
"""Rows of prepare.FIELDS, and whom each is about."""

_SEX = {"male": "M", "female": "F", "Male": "M", "Female": "F"}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name.strip(): (value or "").strip() for name, value in row.items()}
            for row in csv.DictReader(file, skipinitialspace=True)
        ]


def _day(text: str) -> str | None:
    digits = text.replace("-", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None


def febrl(people: Path) -> Labelled:
    """FEBRL data set 4: two files of 5,000, one record of each person in each; Australian, no NHS number."""
    rows: list[tuple[Any, ...]] = []
    truth: dict[int, object] = {}
    for number, row in enumerate((r for side in "ab" for r in _read(people / f"febrl_dataset4{side}.csv")), 1):
        rows.append(
            record(
                number,
                forename=row["given_name"] or None,
                surname=row["surname"] or None,
                born=_day(row["date_of_birth"]),
                address=f"{row['street_number']} {row['address_1']}".strip() or None,
            )
        )
        truth[number] = row["rec_id"].split("-")[1]
    return rows, truth


def family_context(people: Path) -> Labelled:
    """Children's services and education, 500 each: row by row the same family, and nearly always the same child.

    In ten rows the forename is another one; those count here as two children.
    """
    rows: list[tuple[Any, ...]] = []
    truth: dict[int, object] = {}
    sides = [_read(people / f"family_context_{side}.csv") for side in ("csc", "education")]
    for side, found in enumerate(sides):
        for place, row in enumerate(found):
            number = side * 500 + place + 1
            postcode = re.search(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}$", row["Address"])
            rows.append(
                record(
                    number,
                    forename=row["First Name"],
                    surname=row["Last Name"],
                    born=_day(row["Date Of Birth"]),
                    sex=_SEX.get(row["Gender"]),
                    address=row["Address"].replace("\n", ", "),
                    postcode=postcode and postcode.group(),
                )
            )
            truth[number] = (place, row["First Name"])
    return rows, truth


def historical_figures(people: Path) -> Labelled:
    """One agency's 9,843 records of 1,000 people of the past, heavily damaged: names, dates and postcodes only."""
    rows: list[tuple[Any, ...]] = []
    truth: dict[int, object] = {}
    for number, row in enumerate(_read(people / "splink_historical_figures_clusters_a.csv"), 1):
        rows.append(
            record(
                number,
                forename=row["first_name"] or None,
                surname=row["surname"] or None,
                born=_day(row["dob"]),
                sex=_SEX.get(row["gender"]),
                postcode=row["postcode_fake"] or None,
            )
        )
        truth[number] = row["cluster"]
    return rows, truth
