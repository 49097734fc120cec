"""Open data that nobody on the project wrote, each file under an agreement of its own (tests/intake/real)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kingshurst_tui.agreements import gates
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.imports import Imported
from tests.intake.conftest import CONTACT_COLUMNS, NOTHING, Town, agreement

Bring = Callable[[str, str], Imported]
REAL = Path(__file__).parent / "real"


@pytest.fixture
def bring(town: Town, shared: Path) -> Bring:
    def brought(terms: str, file: str) -> Imported:
        standing = town.sign((REAL / f"{terms}.toml").read_text(encoding="utf-8"))
        return town.bring(shared / "data" / file, standing.row.reference)

    return brought


def faults(done: Imported) -> dict[tuple[str, str], int]:
    return {(each["column"], each["reason"]): each["rows"] for each in done.report["fields_left_out"]}


def reasons(done: Imported) -> dict[str, int]:
    return {each["reason"]: each["rows"] for each in done.report["rejected"]}


def test_family_context_comes_as_two_agencies(town: Town, bring: Bring) -> None:
    for terms, file in (
        ("family_context_csc", "people/family_context_csc.csv"),
        ("family_context_education", "people/family_context_education.csv"),
    ):
        done = bring(terms, file)
        assert (done.rows_accepted, done.rows_rejected, faults(done)) == (500, 0, {})
    # The addresses have line breaks inside quotes, and end in the postcode.
    first = town.records("agency_code, forename, surname, born, address, postcode")[0]
    assert first == ("FCC", "Martin", "Taylor", "2011-12-13", "Flat 78m, Sally mall, Daviesmouth, G6T 3BF", "G6T 3BF")
    assert len(town.contacts("contact_id")) == 1000
    names: dict[str, set[tuple[str, ...]]] = {"FCC": set(), "FCE": set()}
    for agency, *person in town.records("agency_code, forename, surname, born"):
        names[agency].add(tuple(person))
    assert len(names["FCC"] & names["FCE"]) >= 470


def test_febrl_comes_as_two_agencies(town: Town, bring: Bring) -> None:
    left = bring("febrl_4a", "people/febrl_dataset4a.csv")
    right = bring("febrl_4b", "people/febrl_dataset4b.csv")
    assert (left.rows_accepted, faults(left)) == (5000, {})
    # The made errors are in side B: impossible dates are left out, not repaired.
    assert (right.rows_accepted, faults(right)) == (5000, {("date_of_birth", "not-a-date"): 64})
    assert town.stored()["source_record"] == 10000


def test_historical_figures_keep_their_births(town: Town, bring: Bring) -> None:
    done = bring("historical_figures", "people/splink_historical_figures_clusters_a.csv")
    assert done.rows_accepted == 9843
    assert faults(done) == {
        ("dob", "not-a-date"): 557,
        ("dob", "date-out-of-range"): 160,
        ("postcode_fake", "postcode-invalid"): 113,
        ("gender", "sex-not-in-codes"): 2,
    }
    assert ("Q631006-1", "gaster", "1856-09-17", "EX20 3PZ") in town.records(
        "partner_reference, surname, born, postcode"
    )


POLICEUK = "police/policeuk_solihull_lsoa_month_category_2023-05_2024-08.csv"


def test_police_uk_counts_come_as_area_measures_with_their_incomplete_months(town: Town, bring: Bring) -> None:
    done = bring("policeuk_lsoa", POLICEUK)
    assert done.rows_accepted == 9102
    assert done.quality["coverage"]["incomplete_months"] == ["2023-06", "2023-07", "2023-08"]
    assert done.quality["coverage"]["missing_months"] == []
    kept = town.ask("SELECT month, completeness, sum(count) FROM area_measure GROUP BY month ORDER BY month")
    assert {month for month, state, _ in kept if state == "incomplete"} == {"2023-06", "2023-07", "2023-08"}
    assert len(kept) == 16
    assert town.records() == []
    assert town.contacts() == []


def test_police_uk_counts_are_refused_as_person_data(town: Town, shared: Path) -> None:
    text = agreement(granularity="lsoa")
    assert "person data under an agreement at lsoa level" in "\n".join(
        gates.problems_of(town.session("governance"), text)[1]
    )
    town.sign()
    with pytest.raises(InputRejected) as rejected:
        town.bring(shared / "data" / POLICEUK)
    assert [f"Column {column!r} is missing." in rejected.value.problems for column in CONTACT_COLUMNS] == [True] * 10
    assert town.stored() == NOTHING


def test_person_data_are_refused_under_an_area_agreement(town: Town, shared: Path) -> None:
    town.sign(agreement(form={"shape": "areas"}))
    with pytest.raises(InputRejected, match="not those of the agreement"):
        town.bring(shared / "data" / "people/family_context_csc.csv")
    assert town.stored() == NOTHING


def test_street_events_are_counted_at_the_door(town: Town, bring: Bring) -> None:
    done = bring("city_of_london", "police/2024-01-city-of-london-street.csv")
    assert done.rows_read == 734
    # No place: unknown, not zero. An id with another place or kind: not both can be so. Exact duplicates count once,
    # but only where an id says that they are one.
    assert reasons(done) == {"area-code-missing": 77, "repeated-with-other-content": 7}
    assert done.report["rows"]["repeated"] == 8
    assert town.ask("SELECT sum(count) FROM area_measure") == [(642,)]
    assert town.stored()["contact"] == 0


def test_a_licence_register_in_windows_1252(town: Town, bring: Bring) -> None:
    done = bring("premises_licences", "housing_licensing/lga_premises_licences_example_part1_cp1252.csv")
    assert (done.rows_read, done.rows_accepted) == (628, 624)
    assert reasons(done) == {"area-code-invalid": 2, "area-code-missing": 1, "repeated-with-other-content": 1}


def test_the_same_register_read_as_utf_8_is_refused_with_the_row(town: Town, shared: Path) -> None:
    text = (REAL / "premises_licences.toml").read_text(encoding="utf-8").replace('"windows-1252"', '"utf-8"')
    town.sign(text)
    with pytest.raises(InputRejected, match=r"is not utf-8: near row [\d,]+"):
        town.bring(shared / "data/housing_licensing/lga_premises_licences_example_part1_cp1252.csv", "LICENCES")
    assert town.stored() == NOTHING


def test_children_come_with_their_birth_and_without_a_false_upn(town: Town, bring: Bring) -> None:
    done = bring("ssda903_header", "templates/ssda903_fake_header.csv")
    assert done.rows_accepted == 2675
    # The made-up UPNs name no local authority.
    assert faults(done) == {("UPN", "upn-invalid"): 2675}
    assert town.records("partner_reference, born, sex, upn")[0] == ("566910", "2008-03-27", "F", None)
