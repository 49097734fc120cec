"""A large police extract of invented people, in the form that the agreement WMP-INCIDENTS describes."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

AGREEMENT = "WMP-INCIDENTS"
HEADER = (
    "Crime Number",
    "Log Number",
    "Date Occurred",
    "Time Occurred",
    "Date Reported",
    "Offence",
    "Involvement",
    "Nominal Ref",
    "Surname",
    "Forename 1",
    "Forename 2",
    "DOB",
    "Gender",
    "Home Address",
    "Home Postcode",
    "Location Postcode",
    "Outcome",
    "Beat",
    "Ethnicity (6+1)",
)
OFFENCES = ("Assault without injury", "Affray", "Shoplifting", "Criminal damage", "Concern for safety")
INVOLVEMENTS = ("Aggrieved", "Suspect", "Witness", "Informant", "Person concerned")
STREETS = (
    "Alcott Lane",
    "Bosworth Drive",
    "Chelmsley Road",
    "Fordbridge Road",
    "Gilson Way",
    "Meriden Drive",
)
SYLLABLES = (
    "ba",
    "cor",
    "den",
    "el",
    "fin",
    "gar",
    "hol",
    "is",
    "jan",
    "ken",
    "lor",
    "mar",
    "nel",
    "os",
    "pen",
    "ros",
)


def police_extract(path: Path, rows: int, *, people: int | None = None, seed: int = 11) -> Path:
    """Write an extract of so many contacts, unless it is there already.

    Args:
        path: the CSV file.
        rows: contacts.
        people: distinct people; a fifth of the rows if not given.
        seed: decides everything.
    """
    if path.exists():
        return path
    dice = random.Random(seed)
    residents = [_resident(dice, number) for number in range(people or max(1, rows // 5))]
    first = date(2024, 6, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            day = first + timedelta(days=dice.randrange(690))
            writer.writerow(
                (
                    # Series of their own: under the invented town's references they would be its records, corrected.
                    f"88/{number:07d}/{day:%y}",
                    f"X{number}",
                    f"{day:%d/%m/%Y}",
                    f"{dice.randrange(24):02d}:{dice.randrange(60):02d}",
                    f"{day + timedelta(days=dice.randrange(3)):%d/%m/%Y}",
                    dice.choice(OFFENCES),
                    dice.choice(INVOLVEMENTS),
                    *dice.choice(residents),
                    _postcode(dice),
                    "No further action",
                    "KH01",
                    "Not stated",
                )
            )
    unfinished.rename(path)
    return path


def _resident(dice: random.Random, number: int) -> tuple[str, ...]:
    born = date(1940, 1, 1) + timedelta(days=dice.randrange(27_000))
    return (
        f"NOX{number:07d}",
        _name(dice).upper(),
        _name(dice),
        _name(dice) if dice.random() < 0.4 else "",
        f"{born:%d/%m/%Y}" if dice.random() < 0.93 else "Unknown",
        dice.choice(("Female", "Male")),
        f"{dice.randrange(1, 120)} {dice.choice(STREETS)}",
        _postcode(dice),
    )


def _name(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randrange(2, 4))).title()


def _postcode(dice: random.Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"B37 {dice.randrange(1, 10)}{dice.choice(letters)}{dice.choice(letters)}"
