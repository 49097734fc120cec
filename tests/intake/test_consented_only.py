"""Under a "consented only" agreement, whoever is not on the register is dropped at the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingshurst_tui.casework import consents
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.session import Reason
from kingshurst_tui.vocabulary import ReasonCode
from tests.intake.conftest import CONTACT_COLUMNS, Town, agreement, csv_text, incident

TERMS = agreement(
    reference="NHS-TEST",
    agency=("NHS", "NHS Birmingham and Solihull", "nhs"),
    regime="uk-gdpr",
    article_9="9(2)(h)",
    health=True,
    consented_only=True,
    confidentiality="consent-register",
    confidentiality_evidence="Register of consents",
)
COLUMNS = (
    "kind,purpose,agreement,forename,surname,date_of_birth,postcode,nhs_number,given_by,authority,given_on,expires_on"
    ",evidence"
)


def register(town: Town, *people: str, name: str) -> None:
    path = Path(town.files / name)
    rows = [f"confidentiality,,NHS-TEST,{person},self,self,2026-04-01,{{}},form" for person in people]
    path.write_text("\n".join([COLUMNS, *(row.format("2027-04-01") for row in rows)]) + "\n", encoding="utf-8")
    consents.receive_register(town.session("governance"), path, Reason(ReasonCode.CONSENT))


EXTRACT = csv_text(
    list(CONTACT_COLUMNS),
    [
        incident(1, Surname="Holt", Forename="Bryn"),
        incident(2, Surname="O'Neil", Forename="Áine", DOB="07/08/1990"),
        incident(3, Surname="Other", Forename="Name", DOB="", NHS="943 476 5919"),
        incident(4, Surname="Nobody", Forename="Here"),
    ],
)


def test_only_people_on_the_register_come_in(town: Town) -> None:
    town.sign(TERMS)
    register(
        town, "Bryn,Holt,1980-04-05,,", "Aine,ONEIL,1990-08-07,,", "Some,One,1970-01-02,,9434765919", name="first.csv"
    )
    done = town.bring(EXTRACT, "NHS-TEST")
    assert (done.rows_read, done.rows_accepted, done.rows_dropped, done.rows_rejected) == (4, 3, 1, 0)
    assert town.records("surname") == [("Holt",), ("O'Neil",), ("Other",)]


def test_without_a_register_nobody_comes_in(town: Town) -> None:
    town.sign(TERMS)
    done = town.bring(EXTRACT, "NHS-TEST")
    assert (done.rows_accepted, done.rows_dropped) == (0, 4)
    assert town.records() == []


def test_a_later_consent_lets_the_same_file_bring_more_rows_in(town: Town) -> None:
    town.sign(TERMS)
    register(town, "Bryn,Holt,1980-04-05,,", name="first.csv")
    assert town.bring(EXTRACT, "NHS-TEST").rows_accepted == 1
    with pytest.raises(InputRejected, match="in the store already"):
        town.bring(EXTRACT, "NHS-TEST")
    register(town, "Here,Nobody,1980-04-05,,", "Bryn,Holt,1980-04-05,,", name="second.csv")
    done = town.bring(EXTRACT, "NHS-TEST")
    assert (done.rows_accepted, done.quality["uniqueness"]["replaced_contacts"]) == (2, 1)
    assert town.records("forename, surname") == [("Bryn", "Holt"), ("Here", "Nobody")]
