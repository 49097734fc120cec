"""Under a "consented only" agreement, whoever is not on the register is dropped at the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates
from kingshurst_tui.casework import consent_receiving
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake import batches, recall
from kingshurst_tui.intake.imports import Imported
from kingshurst_tui.vocabulary import ReasonCode
from tests.intake.conftest import CONTACT_COLUMNS, REASON, Town, agreement, csv_text, incident

TERMS = agreement(
    reference="NHS-TEST",
    agency=("NHS", "NHS Birmingham and Solihull", "nhs"),
    regime="uk-gdpr",
    article_9="9(2)(h)",
    health=True,
    consented_only=True,
    confidentiality="consent-register",
    confidentiality_evidence="Register of consents CR-7, opened on 3 June 2024",
)
COLUMNS = (
    "kind,purpose,agreement,forename,surname,date_of_birth,postcode,nhs_number,given_by,authority,given_on,expires_on"
    ",evidence"
)


def sign(town: Town) -> None:
    town.sign(TERMS)
    gates.sign(town.session("supervisor"), "NHS-TEST", reason=REASON)


def register(town: Town, *people: str, name: str) -> None:
    path = Path(town.files / name)
    rows = [f"confidentiality,,NHS-TEST,{person},self,self,2026-04-01,{{}},form" for person in people]
    path.write_text("\n".join([COLUMNS, *(row.format("2027-04-01") for row in rows)]) + "\n", encoding="utf-8")
    consent_receiving.receive_register(town.session("governance"), path, Reason(ReasonCode.CONSENT))


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
    sign(town)
    register(
        town, "Bryn,Holt,1980-04-05,,", "Aine,ONEIL,1990-08-07,,", "Some,One,1970-01-02,,9434765919", name="first.csv"
    )
    done = town.bring(EXTRACT, "NHS-TEST")
    assert (done.rows_read, done.rows_accepted, done.rows_dropped, done.rows_rejected) == (4, None, None, 0)
    assert town.records("surname") == [("Holt",), ("O'Neil",), ("Other",)]


def test_without_a_register_nobody_comes_in(town: Town) -> None:
    sign(town)
    town.bring(EXTRACT, "NHS-TEST")
    assert town.records() == []


def test_a_later_consent_lets_the_same_file_bring_more_rows_in(town: Town) -> None:
    sign(town)
    register(town, "Bryn,Holt,1980-04-05,,", name="first.csv")
    town.bring(EXTRACT, "NHS-TEST")
    assert len(town.records()) == 1
    with pytest.raises(InputRejected, match="in the store already"):
        town.bring(EXTRACT, "NHS-TEST")
    register(town, "Here,Nobody,1980-04-05,,", "Bryn,Holt,1980-04-05,,", name="second.csv")
    town.bring(EXTRACT, "NHS-TEST")
    assert town.records("forename, surname") == [("Bryn", "Holt"), ("Here", "Nobody")]


def one(surname: str, **changed: str) -> str:
    return csv_text(list(CONTACT_COLUMNS), [incident(1, Surname=surname, Forename="Bryn", **changed)])


def said(done: Imported) -> dict[str, Any]:
    """Everything an import or a check says, but for what tells one file from another."""
    told = {name: value for name, value in vars_of(done).items() if name != "batch"}
    return {**told, "report": {**done.report, "file_digest": ""}}


def vars_of(done: Imported) -> dict[str, Any]:
    return {name: getattr(done, name) for name in Imported.__slots__}


def entries(town: Town) -> list[dict[str, Any]]:
    rows = town.ask("SELECT body FROM audit_entry ORDER BY seq")
    found = [json.loads(body) for (body,) in rows]
    return [each for each in found if each["operation"] == "collect" and each["thing"] == "batch"]


@pytest.mark.parametrize("changed", [{}, {"DOB": "31/02/1980"}, {"Date": "nonsense"}], ids=["good", "field", "row"])
def test_neither_check_nor_import_of_one_row_tells_who_is_on_the_register(town: Town, changed: dict[str, str]) -> None:
    sign(town)
    register(town, "Bryn,Holt,1980-04-05,,", name="first.csv")
    on, off = one("Holt", **changed), one("Hult", **changed)
    assert said(town.check(on, "NHS-TEST")) == said(town.check(off, "NHS-TEST"))
    if "Date" in changed:
        for content in (on, off):
            with pytest.raises(InputRejected) as refused:
                town.bring(content, "NHS-TEST")
            assert "1 of 1 rows" in refused.value.title
        first, second = batches.listed(town.session())
    else:
        done = town.bring(on, "NHS-TEST"), town.bring(off, "NHS-TEST")
        assert said(done[0]) == said(done[1])
        first, second = batches.listed(town.session())
        assert [recall.plan(town.session(), each.number).built for each in (first, second)] == [
            dict.fromkeys(recall.plan(town.session(), first.number).built, 0)
        ] * 2
    shown = [
        (each.let_in, each.dropped, each.rows_accepted, each.rows_dropped, each.quality) for each in (first, second)
    ]
    assert shown[0] == shown[1]


def test_conflicting_rows_are_kept_out_whoever_they_are_about(town: Town) -> None:
    sign(town)
    register(town, "Bryn,Holt,1980-04-05,,", name="first.csv")

    def twice(surname: str) -> str:
        rows = [incident(1, Surname=surname, Forename="Bryn", Type=kind) for kind in ("ASB", "Noise")]
        more = [incident(number, Surname="Other", Forename="Name") for number in range(2, 90)]
        return csv_text(list(CONTACT_COLUMNS), [*rows, *more])

    assert said(town.bring(twice("Holt"), "NHS-TEST")) == said(town.bring(twice("Hult"), "NHS-TEST"))


def test_numbers_on_both_sides_are_told_in_tens(town: Town) -> None:
    sign(town)
    register(town, "Bryn,Holt,1980-04-05,,", name="first.csv")

    def extract(on: int, off: int) -> str:
        rows = [incident(number, Surname="Holt", Forename="Bryn") for number in range(on)]
        return csv_text(
            list(CONTACT_COLUMNS),
            rows + [incident(1000 + number, Surname="Nobody", Forename="Here") for number in range(off)],
        )

    assert [town.bring(extract(on, off), "NHS-TEST").rows_dropped for on, off in ((9, 40), (40, 9))] == [None, None]
    assert {town.bring(extract(10, off), "NHS-TEST").rows_dropped for off in range(10, 20)} == {10}
    assert town.bring(extract(11, 20), "NHS-TEST").rows_dropped == 20


def test_the_trail_says_how_many_were_asked_about_and_of_which_file(town: Town) -> None:
    sign(town)
    done = town.check(EXTRACT, "NHS-TEST")
    last = entries(town)[-1]
    digest = done.report["file_digest"]
    assert last["facts"] == {"agreement": "NHS-TEST", "asked": 4, "file": digest, "step": "checked"}
    town.bring(EXTRACT, "NHS-TEST")
    accepted = entries(town)[-1]["facts"]
    assert (accepted["step"], accepted["asked"], accepted["file"], "rows" in accepted) == ("accept", 4, digest, False)
