"""What is shown of counts for places: published cells, gaps said, people's contacts as incidents, nobody reachable."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.agreements import gates
from kingshurst_tui.leaving.suppression_terms import Terms
from kingshurst_tui.places.coverage import FOUND_LATER, coverage
from kingshurst_tui.places.protecting_postcodes import Postcodes, protected_postcodes
from kingshurst_tui.places.published import PEOPLES_CONTACTS, PublishedSet, Range, codes_shown, shown
from kingshurst_tui.places.vocabulary import HIDDEN, NOT_KNOWN, Level
from tests.intake.conftest import REASON

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

POLICE = "police/policeuk_solihull_lsoa_month_category_2023-05_2024-08.csv"
WARDS = "geography/lookup_lsoa21_ward24_lad24_solihull.csv"


def a_set(**cells: int) -> PublishedSet:
    """Return a year of one place: months from January, then its blocks."""
    periods = [f"2025-{month:02d}" for month in range(1, 13)] + [f"2025-Q{n}" for n in range(1, 5)] + ["2025"]
    values = {period: cells.get("_" + period.replace("-", "_"), HIDDEN) for period in periods}
    places = {"E01": [[values[period]] for period in periods]}
    return PublishedSet("A", "", "", "", tuple(periods), ("",), {}, 10, 5, Level.LSOA, places)


def test_a_sum_is_told_from_the_largest_blocks_that_are_shown_and_is_an_interval() -> None:
    year = a_set(_2025_Q1=50, _2025_04=10, _2025_05=20)
    assert year.total("E01", year.months[:5]) == Range(48 + 10 + 18, 52 + 12 + 22)
    assert year.total("E01", year.months[:6]) == Range(48 + 10 + 18, None)
    assert a_set(_2025=300).latest_year("E01").total == Range(298, 302)
    assert a_set(_2025_03=NOT_KNOWN).latest_year("E01").periods == ()


def test_incomplete_months_of_recorded_crime_are_found_and_the_places_that_are_missing_named(shared: Path) -> None:
    with (shared / "data" / WARDS).open(encoding="utf-8-sig", newline="") as file:
        ward = {row["lsoa21_code"]: row["ward24_name"] for row in csv.DictReader(file)}
    counts: dict[str, Counter[str]] = {}
    with (shared / "data" / POLICE).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            month = f"{row['year']}-{int(row['month']):02d}"
            counts.setdefault(ward[row["lsoa_code"]], Counter())[month] += int(row["crime_count"])
    found = coverage(counts)
    assert sorted(found.incomplete) == ["2023-06", "2023-07", "2023-08"]
    assert "Kingshurst and Fordbridge" not in found.incomplete["2023-06"]
    assert all("Kingshurst and Fordbridge" in found.incomplete[month] for month in ("2023-07", "2023-08"))


def test_a_month_as_low_every_year_is_whole_and_a_place_without_any_is_not() -> None:
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    schools = {month: 2 if month.endswith("-08") else 100 for month in months}
    assert coverage({"E01": schools}).incomplete == {}
    east = dict.fromkeys(months, 100) | {"2025-03": 0}
    assert coverage({"E01": dict.fromkeys(months, 900), "E02": east}).incomplete == {"2025-03": "nothing from E02"}
    # That nothing was there was hidden once: it is not told when more months make it strange.
    later = coverage({"E01": dict.fromkeys(months, 900), "E02": east}, published=["2025-03"])
    assert later.incomplete == {"2025-03": FOUND_LATER}


def test_months_are_listed_as_the_agreement_covers_them_and_not_from_the_first_count_to_the_last() -> None:
    few = {"E01": {"2025-04": 1, "2025-06": 3}}
    found = coverage(few, begins="2025-02-01", drawn_on="2025-09-12")
    assert found.whole == tuple(f"2025-{month:02d}" for month in range(2, 9))
    # The same whoever had none, and when.
    assert coverage({"E01": {"2025-05": 2}}, begins="2025-02-01", drawn_on="2025-09-12") == found
    assert coverage(few, begins="2025-02-15", drawn_on="2025-09-12").whole[0] == "2025-03"
    # Where many are usual, a month without any did not come in; where some were shown of it, it is held no more.
    many = {"E01": dict.fromkeys(("2025-04", "2025-05", "2025-06"), 30)}
    assert coverage(many, begins="2025-02-01", drawn_on="2025-09-12").whole == ("2025-04", "2025-05", "2025-06")
    assert coverage(few, begins="2025-02-01", drawn_on="2025-07-01", shown=["2025-02"]).whole[0] == "2025-03"


def test_contacts_are_shown_as_incidents_by_place_and_end_with_the_gate(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in("coordinator") as session:
        levels = codes_shown(session)
        assert {"lsoa", "ward", "local-authority", "unknown"} <= set(levels.values())
        sets = {one.agreement_ref: one for one in shown(session, levels)}
        police = sets["WMP-INCIDENTS"]
        assert police.kind == PEOPLES_CONTACTS
        cells = [cell for rows in police.places.values() for row in rows for cell in row]
        assert any(cell >= 10 for cell in cells)
        assert all(cell in (HIDDEN, NOT_KNOWN) or (cell >= 10 and cell % 5 == 0) for cell in cells)
        # A sealed postcode is no place: health contacts are counted without one.
        assert list(sets["NHS-MENTAL-HEALTH"].places) == ["unplaced"]
    with demo_copy.signed_in("governance") as session:
        gates.suspend(session, "WMP-INCIDENTS", why="The controller asked for it", reason=REASON)
    with demo_copy.signed_in("coordinator") as session:
        assert "WMP-INCIDENTS" not in {one.agreement_ref for one in shown(session, levels)}


def test_a_postcode_is_shown_for_a_year_where_its_neighbours_stay_hidden() -> None:
    lsoa = dict.fromkeys(("B37 6AA", "B37 6AB", "B37 6AC", "B37 6AD"), "E01")
    year = dict(zip(lsoa, (40, 22, 7, 0), strict=True))
    counts = Postcodes({(code, "2025"): count for code, count in year.items()}, lsoa)
    terms = Terms(10, 5)
    # 22 goes with 7: alone with nought, 7 could be had by subtraction.
    first = protected_postcodes(counts, {("E01", "2025"): 69}, terms, {}, ())
    assert first == {("B37 6AA", "2025"): 40}
    assert protected_postcodes(counts, {}, terms, {}, ()) == {}  # nor where the LSOA's own count is hidden
    anew = Postcodes({**counts.counts, ("B37 6AC", "2025"): 15}, lsoa)
    assert protected_postcodes(anew, {("E01", "2025"): 77}, terms, first, ["2025"]) == first
