"""Each extract is what its agreement says, and the truth covers all of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from kingshurst_tui.agreements import checks, document
from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.demo.agreements import agreement_text
from kingshurst_tui.demo.algo_answers import ANSWERS
from kingshurst_tui.demo.layouts import AGENCIES
from kingshurst_tui.demo.layouts_more import AREAS, GP, SKILLS
from kingshurst_tui.demo.registers import HEALTH
from kingshurst_tui.demo.town import DATA_SETS, SHARED
from kingshurst_tui.vocabulary import AgencyKind, Confidentiality, Rag
from tests.demo.conftest import TODAY, Town
from tests.demo.reading import extract, table

SPOILT = {"Other - see log", "", "00/00/0000", "31/02/2025", "yesterday"}


def agreement(town: Town, reference: str) -> document.Agreement:
    return document.from_text((town.partners / "agreements" / f"{reference.lower()}.toml").read_text("utf-8"))


@pytest.mark.parametrize("reference", DATA_SETS)
def test_an_extract_can_be_read_by_its_agreement(town: Town, reference: str) -> None:
    data_set, agreed = DATA_SETS[reference], agreement(town, reference)
    header, rows = extract(town.partners, data_set)
    assert len(rows) == town.summary.rows[reference] > 0
    assert len(header) == len(set(header))
    assert set(agreed.columns) <= set(header)
    assert all(len(row) == len(header) for row in rows)
    spoilt = 0
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        for column, ours in agreed.columns.items():
            spoilt += not _readable(agreed, ours, cells[column])
    assert spoilt <= len(rows) * 0.01


def _readable(agreed: document.Agreement, ours: str, cell: Any) -> bool:
    if cell is None or cell in agreed.format.empty:
        return ours not in ("contact.date", "contact.category", "contact.role")
    if ours == "contact.category":
        return cell in agreed.category_codes
    if ours.endswith(".role"):
        return cell in agreed.role_codes
    if ours.endswith(".sex"):
        return cell in agreed.sex_codes
    if ours in ("contact.date", "contact.reported", "person.date_of_birth", "counterpart.date_of_birth"):
        if isinstance(cell, date):
            return True
        try:
            return bool(datetime.strptime(cell, agreed.format.dates).strftime(agreed.format.dates) == cell)  # noqa: DTZ007
        except ValueError:
            return False
    return True


def test_every_agreement_may_be_signed_and_one_has_lapsed(town: Town) -> None:
    agreed = {reference: agreement(town, reference) for reference in DATA_SETS}
    wrong = {reference: checks.problems(one, {"repeat-contact"}, TODAY) for reference, one in agreed.items()}
    assert "says 'applied for'" in wrong.pop(GP.reference)[0], "the red one lacks more than its colour"
    assert not any(wrong.values())
    assert [reference for reference, one in agreed.items() if one.expires < TODAY] == [SKILLS.reference]


def test_gates_are_of_every_kind(town: Town) -> None:
    agreed = {reference: agreement(town, reference) for reference in DATA_SETS}
    assert {one.reference for one in agreed.values() if one.rag is Rag.RED} == {GP.reference}
    amber = [one for one in agreed.values() if one.rag is Rag.AMBER]
    assert len(amber) == 1
    assert not amber[0].unmet_conditions
    consented = {reference for reference, one in agreed.items() if one.consented_only}
    assert consented == set(HEALTH)
    assert all(agreed[one].confidentiality is Confidentiality.CONSENT_REGISTER for one in HEALTH)
    assert {agreed[one.reference].granularity for one in AREAS} == {"lsoa", "postcode"}
    assert agreed[SKILLS.reference].expires < TODAY


def test_seven_agencies_send_at_least_twelve_data_sets_in_every_format() -> None:
    assert {one.agency for one in SHARED} == set(AGENCIES)
    assert len(SHARED) >= 12
    assert {kind for _, kind in AGENCIES.values()} <= set(AgencyKind)
    assert {one.kind for one in SHARED} == {"csv", "xlsx", "parquet"}
    assert {"utf-8-sig", "utf-16", "windows-1252", "latin-1"} <= {one.encoding for one in SHARED}
    assert len({one.delimiter for one in SHARED}) == 3
    assert len({one.dates for one in SHARED if one.kind == "csv"}) >= 6
    assert any(one.header_row > 1 for one in SHARED)
    # Every extract carries something that its agreement does not list, so that there is something to drop.
    assert all(any(ours.startswith("-") for ours in one.fields) for one in SHARED)


def test_every_question_is_answered_and_every_answer_says_it_is_invented() -> None:
    assert {head: len(asked) for head, asked in QUESTIONS.items()} == {
        head: len(given) for head, given in ANSWERS.items()
    }
    agreed = document.from_text(agreement_text(SHARED[0], TODAY))
    assert len(agreed.algo_care) == sum(map(len, QUESTIONS.values()))
    assert all("Invented" in one.answer for one in agreed.algo_care)


def test_the_truth_covers_every_row(town: Town) -> None:
    people = {row["true_id"] for row in table(town.truth / "people.csv")}
    records = table(town.truth / "records.csv")
    assert {row["true_id"] for row in records} <= people
    by_reference = {(row["agreement"], row["person_reference"]) for row in records if row["person_reference"]}
    by_contact = {(row["agreement"], row["contact_reference"], row["part"]) for row in records}
    incidents = {(row["agreement"], row["contact_reference"]) for row in table(town.truth / "incidents.csv")}
    for data_set in (*SHARED, GP, SKILLS):
        header, rows = extract(town.partners, data_set)
        assert len(header) == len(data_set.fields)
        for row in rows:
            cells = dict(zip(data_set.fields, row, strict=True))
            if data_set.shape == "contacts":
                assert (data_set.reference, cells["contact.reference"]) in incidents
            for part in ("person", "counterpart"):
                reference = cells.get(f"{part}.reference")
                if reference:
                    assert (data_set.reference, reference) in by_reference
                elif part == "person":
                    assert (data_set.reference, cells["contact.reference"], part) in by_contact


def test_one_incident_is_told_to_several_agencies(town: Town) -> None:
    agency: dict[str, set[str]] = {}
    for row in table(town.truth / "incidents.csv"):
        agency.setdefault(row["incident"], set()).add(DATA_SETS[row["agreement"]].agency)
    assert sum(len(told) >= 2 for told in agency.values()) > 100
    assert any(len(told) >= 3 for told in agency.values())
    header, rows = extract(town.partners, DATA_SETS["SMBC-ASB"])
    quoted = {row[header.index("Police log no.")] for row in rows} - {""}
    logs = {row[0] for name in ("WMP-ASB", "WMP-INCIDENTS") for row in extract(town.partners, DATA_SETS[name])[1]}
    assert quoted
    assert quoted <= logs


def test_the_registers_hold_what_they_should(town: Town) -> None:
    rows = table(town.partners / "consents.csv")
    assert {row["kind"] for row in rows} == {"engage", "confidentiality"}
    for row in rows:
        assert bool(row["purpose"]) == (row["kind"] == "engage")
        assert (row["agreement"] in HEALTH) == (row["kind"] == "confidentiality")
        assert date.fromisoformat(row["given_on"]) < TODAY
    assert any(row["expires_on"] and row["expires_on"] < TODAY.isoformat() for row in rows)
    known = {(row["forename"], row["surname"], row["date_of_birth"]) for row in table(town.truth / "people.csv")}
    engaged = [row for row in rows if row["kind"] == "engage"]
    exact = sum((row["forename"], row["surname"], row["date_of_birth"]) in known for row in engaged)
    stories = len(table(town.truth / "stories.csv"))
    assert stories * 0.3 < len(engaged) < stories * 0.7
    assert 0 < len(engaged) - exact < len(engaged) * 0.3
    under_16 = [row for row in engaged if row["date_of_birth"] > "2010-05-03"]
    assert under_16
    assert all(row["authority"] == "parental responsibility" for row in under_16)
    users = table(town.partners / "users.csv")
    assert [row["name"] for row in users] == [
        "coordinator", "practitioner", "supervisor", "governance", "administrator",
    ]  # fmt: skip
