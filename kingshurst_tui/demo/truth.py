"""The truth beside the extracts: who is who, which contacts are one incident, whose story it is. Never imported."""

from __future__ import annotations

from pathlib import Path

from kingshurst_tui.demo.extracts import Made
from kingshurst_tui.demo.frequent import Lived
from kingshurst_tui.demo.people import Person
from kingshurst_tui.demo.writers import CsvWriter, Open

PEOPLE_COLUMNS = (
    "true_id", "surname", "forename", "middle", "date_of_birth", "postcode", "nhs_number", "sex", "former_surname",
    "upn", "household",
)  # fmt: skip

RECORD_COLUMNS = ("agreement", "person_reference", "contact_reference", "part", "true_id")
"""Where the partner gives no person reference, that is empty and the contact reference and the part ("person" or
"counterpart") name the record."""

INCIDENT_COLUMNS = ("agreement", "contact_reference", "incident")
STORY_COLUMNS = ("true_id", "story", "when", "ended", "meant_to_meet")


class Truth:
    """Writes the four truth files row by row."""

    def __init__(self, folder: Path, files: Open) -> None:
        self._people = files.add(CsvWriter(folder / "people.csv", PEOPLE_COLUMNS))
        self._records = files.add(CsvWriter(folder / "records.csv", RECORD_COLUMNS))
        self._incidents = files.add(CsvWriter(folder / "incidents.csv", INCIDENT_COLUMNS))
        self._stories = files.add(CsvWriter(folder / "stories.csv", STORY_COLUMNS))

    def people(self, people: list[Person]) -> None:
        """Write who lives in the town."""
        self._people.rows(
            (
                person.true_id,
                person.surname,
                person.forename,
                person.middle,
                person.born.isoformat(),
                person.household.home.postcode,
                person.nhs_number,
                person.sex,
                person.former_surname,
                person.upn,
                person.household.number,
            )
            for person in people
        )

    def made(self, made: Made) -> None:
        """Write whose each record is and to which incident each contact belongs."""
        self._records.rows(made.records)
        self._incidents.rows(made.incidents)

    def stories(self, lived: list[Lived]) -> None:
        """Write the frequent users and the rules their stories are meant to meet."""
        self._stories.rows(
            (
                one.person.true_id,
                one.story.name,
                "current" if one.current else "past",
                one.ended.isoformat(),
                one.story.rules,
            )
            for one in lived
        )
