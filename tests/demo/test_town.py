"""The same town every time, of any size, and nobody real in it."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from stdnum.gb import nhs, upn

from kingshurst_tui.demo.people import nhs_number, unique_pupil_number
from kingshurst_tui.demo.places import home, postcode
from kingshurst_tui.demo.town import DATA_SETS, write_town
from tests.conftest import SHARED
from tests.demo.conftest import TODAY, Town
from tests.demo.reading import table


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_town(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        write_town(tmp_path / name, 200, seed, TODAY)
    one, again, other = (digests(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    extracts = [f"partners/{data_set.file}" for data_set in DATA_SETS.values()]
    assert all(one[name] != other[name] for name in (*extracts, "truth/people.csv"))


def test_a_town_has_the_people_it_was_asked_for(town: Town, tmp_path: Path) -> None:
    assert len(table(town.truth / "people.csv")) == 800
    summary = write_town(tmp_path, 5_200, 3, TODAY)
    people = table(tmp_path / "truth" / "people.csv")
    assert len(people) == len({row["true_id"] for row in people}) == summary.people == 5_200
    numbers = [row["nhs_number"] for row in people if row["nhs_number"]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("people", [0, 199, 1_000_001])
def test_a_town_of_no_size_is_not_made(people: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="200 to 1,000,000"):
        write_town(tmp_path, people, 1, TODAY)
    assert not list(tmp_path.iterdir())


def test_identifiers_are_well_formed_and_of_ranges_that_are_never_issued(town: Town) -> None:
    for row in table(town.truth / "people.csv"):
        if row["nhs_number"]:
            assert nhs.is_valid(row["nhs_number"])
            assert row["nhs_number"].startswith("999")
        if row["upn"]:
            assert upn.is_valid(row["upn"])
            assert row["upn"][1:5] == "3349"


def test_identifiers_stay_unique_to_the_last_of_a_million() -> None:
    sample = range(0, 1_000_000, 97)
    numbers = [number for number in map(nhs_number, sample) if number]
    assert len(set(numbers)) == len(numbers) > 9_000
    assert len({unique_pupil_number(number, date(2012, 1, 1)) for number in sample}) == len(sample)
    assert len({postcode(number) for number in range(44_000)}) == 44_000
    with pytest.raises(ValueError, match="out of postcodes"):
        postcode(44_000)
    assert home(680_000).uprn == "999000680000"


def test_no_postcode_of_the_town_is_real() -> None:
    ours = {postcode(number).split()[0] for number in range(44_000)}
    published = SHARED / "geography" / "postcodes_solihull_b36_b37.csv"
    if not SHARED.exists():
        pytest.skip("the open data are not beside this checkout")
    published = SHARED / "data" / "geography" / "postcodes_solihull_b36_b37.csv"
    with published.open(encoding="utf-8", newline="") as handle:
        real = {row["postcode"].split()[0] for row in csv.DictReader(handle)}
    assert not ours & real


def test_every_town_has_twins_a_father_and_son_of_one_name_and_namesakes(tmp_path: Path) -> None:
    write_town(tmp_path, 200, 11, TODAY)
    people = table(tmp_path / "truth" / "people.csv")
    homes: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in people:
        homes[row["household"]].append(row)
    born_together = [
        one
        for house in homes.values()
        for one in (Counter((row["date_of_birth"], row["surname"]) for row in house)).values()
    ]
    assert max(born_together) >= 2
    one_name = [max(Counter((row["forename"], row["surname"]) for row in house).values()) for house in homes.values()]
    assert max(one_name) >= 2


def test_nothing_is_told_before_birth_or_after_the_extracts_end(town: Town) -> None:
    born = {row["true_id"]: date.fromisoformat(row["date_of_birth"]) for row in table(town.truth / "people.csv")}
    assert max(born.values()) <= TODAY
    for row in table(town.truth / "stories.csv"):
        assert born[row["true_id"]] <= date.fromisoformat(row["ended"]) <= TODAY
