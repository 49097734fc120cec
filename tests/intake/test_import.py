"""What a partner sends comes in as it was agreed, once, and no further than agreed."""

from __future__ import annotations

import json

import pytest

from kingshurst_tui.errors import InputRejected, Refused
from tests.intake.conftest import CONTACT_COLUMNS, NOTHING, PERSON_COLUMNS, Town, agreement, csv_text, incident


def test_rows_become_source_records_and_contacts(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1), incident(2, Involvement="Suspect", Type="Violence"))
    assert (done.rows_read, done.rows_accepted, done.rows_rejected) == (2, 2, 0)
    assert town.contacts("partner_reference, occurred_on, category, priority_area, role, standing") == [
        ("20/000001/26", "2026-03-01", "anti-social-behaviour", "anti-social-behaviour", "victim", "fact"),
        ("20/000002/26", "2026-03-01", "violence", "other", "suspect", "fact"),
    ]
    assert town.records("partner_reference, forename, surname, born, born_quality, postcode")[0] == (
        "N1", "Bryn", "Holt", "1980-04-05", "stated", "B36 8LR",
    )  # fmt: skip


def test_nothing_is_seen_before_the_batch_is_accepted(town: Town) -> None:
    town.sign()
    seen: list[int] = []
    rows = [incident(number) for number in range(1, 1202)]

    def watch(_: object) -> None:
        seen.append(len(town.session("governance").look(lambda c: list(c.exec_driver_sql(
            "SELECT id FROM import_batch WHERE status = 'accepted'")))))  # fmt: skip

    done = town.bring(csv_text(list(CONTACT_COLUMNS), rows), watch=watch)
    assert not any(seen)
    assert done.rows_accepted == 1201
    assert len(town.contacts("contact_id")) == 1201


def test_what_fails_is_left_out_of_the_field_and_told_by_row_and_column(town: Town) -> None:
    town.sign()
    done = town.incidents(
        incident(1, Postcode="B36", NHS="9434765918", DOB="31/02/1980"),
        incident(2, Postcode="b368lr", NHS="943 476 5919", DOB="1/1/1980"),
    )
    told = {(each["column"], each["reason"]): each["first_rows"] for each in done.report["fields_left_out"]}
    assert told == {
        ("Postcode", "postcode-invalid"): [2],
        ("NHS", "nhs-number-invalid"): [2],
        ("DOB", "not-a-date"): [2, 3],
    }
    assert town.records("postcode, nhs_number, born, born_quality") == [
        (None, None, None, "absent"),
        ("B36 8LR", "9434765919", None, "absent"),
    ]
    assert "B36" not in json.dumps(done.report)


def test_a_row_without_what_a_contact_needs_is_kept_out_and_listed(town: Town) -> None:
    town.sign()
    done = town.incidents(
        incident(1),
        incident(2, Date=""),
        incident(3, Date="2026-03-01"),
        incident(4, Type="Murder"),
        incident(5, Involvement=""),
        incident(6, Nominal="", DOB="", Postcode=""),
        incident(7, Date="01/03/2035"),
        incident(8),
        incident(9),
        incident(10),
        incident(11),
        incident(12),
        incident(13),
    )
    assert done.rows_accepted == 7
    rejected = town.session().look(
        lambda c: [tuple(r) for r in c.exec_driver_sql("SELECT row_number, column_name, reason FROM rejected_row")]
    )
    assert rejected == [
        (3, "Date", "date-missing"),
        (4, "Date", "not-a-date"),
        (5, "Type", "category-not-in-codes"),
        (6, "Involvement", "role-missing"),
        (7, "", "nobody-identified"),
        (8, "Date", "date-out-of-range"),
    ]


def test_above_the_tolerance_the_whole_extract_is_refused(town: Town) -> None:
    town.sign(agreement(tolerance_percent=10.0))
    with pytest.raises(InputRejected, match="1 of 3 rows") as refused:
        town.incidents(incident(1), incident(2), incident(3, Date="soon"))
    assert refused.value.exit_code == 4
    assert town.stored() == NOTHING
    batches = town.session().look(lambda c: [tuple(r) for r in c.exec_driver_sql("SELECT status FROM import_batch")])
    assert batches == [("refused",)]


def test_the_same_file_twice_is_refused_and_a_later_extract_updates(town: Town) -> None:
    town.sign()
    first = csv_text(list(CONTACT_COLUMNS), [incident(1), incident(2)])
    batch = town.bring(first).batch
    with pytest.raises(InputRejected, match=f"in the store already, as batch {batch}"):
        town.bring(first)
    done = town.incidents(incident(1, Type="Violence"), incident(2), incident(3))
    assert done.quality["uniqueness"]["replaced_contacts"] == 2
    assert town.contacts("partner_reference, category") == [
        ("20/000001/26", "violence"),
        ("20/000002/26", "anti-social-behaviour"),
        ("20/000003/26", "anti-social-behaviour"),
    ]
    assert len(town.records()) == 3


def test_a_corrected_extract_takes_a_person_out_of_an_incident(town: Town) -> None:
    town.sign()
    town.incidents(incident(1), incident(1, Nominal="N9", Involvement="Suspect"))
    town.incidents(incident(1))
    assert town.contacts("role") == [("victim",)]


def test_a_recalled_file_may_come_in_again(town: Town) -> None:
    town.sign()
    text = csv_text(list(CONTACT_COLUMNS), [incident(1)])
    done = town.bring(text)
    town.recall(done.batch)
    assert town.contacts() == []
    assert town.stored() == NOTHING
    town.bring(text)
    assert len(town.contacts()) == 1


def test_ids_repeated_with_other_content_are_kept_out(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1), incident(1), incident(1, Type="Violence"), incident(2), incident(3))
    assert done.report["rows"]["repeated"] == 1
    assert done.report["rejected"] == [
        {
            "reason": "repeated-with-other-content",
            "words": "the reference of an earlier row, with other content",
            "rows": 1,
        }
    ]
    assert len(town.contacts()) == 3


def test_a_person_told_of_again_is_known_by_the_last_row(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1, Nominal="N1", Postcode="B36 8LR"), incident(2, Nominal="N1", Postcode="B37 5TJ"))
    assert town.records("postcode") == [("B37 5TJ",)]
    assert done.quality["consistency"] == [
        {"what": "rows that tell another detail of a person than an earlier row", "rows": 1}
    ]


def test_both_parties_of_a_row_become_two_contacts_that_name_each_other(town: Town) -> None:
    columns = {
        "Ref": "contact.reference",
        "Date": "contact.date",
        "Victim": "person.full_name",
        "Victim DOB": "person.date_of_birth",
        "Perpetrator": "counterpart.full_name",
        "Perpetrator DOB": "counterpart.date_of_birth",
        "Status": "counterpart.role",
        "Relation": "counterpart.relationship",
    }
    town.sign(
        agreement(
            columns,
            codes={"role": {"Suspect": "suspect"}},
            constants={
                "contact.category": "domestic-abuse",
                "contact.role": "victim",
                "contact.standing": "fact",
            },
        )
    )
    row = [
        "R1",
        "01/03/2026",
        "HOLT, Mrs Bryn Ada",
        "05/04/1980",
        "Rhys van der Berg",
        "06/05/1979",
        "Suspect",
        "Partner",
    ]
    alone = ["R2", "02/03/2026", "Holt, Bryn", "05/04/1980", "", "", "", ""]
    town.bring(csv_text(list(columns), [row, alone]))
    people = town.records("record_id, forename, middle_names, surname")
    assert [person[1:] for person in people] == [
        ("Bryn", "Ada", "HOLT"),
        ("Rhys", None, "van der Berg"),
        ("Bryn", None, "Holt"),
    ]
    victim, suspect = people[0][0], people[1][0]
    assert town.contacts("partner_reference, record_id, counterpart_id, role, category, priority_area")[:2] == [
        ("R1", victim, suspect, "victim", "domestic-abuse", "violence-against-women-and-girls"),
        ("R1", suspect, victim, "suspect", "domestic-abuse", "violence-against-women-and-girls"),
    ]
    assert town.ask(
        "SELECT from_record_id, to_record_id, kind FROM relationship t WHERE t.id > 0".replace("kind", "batch_id")
    )


def test_persons_come_without_contacts_and_keep_their_household(town: Town) -> None:
    town.sign(
        agreement(
            reference="SCH-TEST", agency=("SCH", "Solihull Community Housing", "housing"), form={"shape": "persons"}
        )
    )
    rows = [
        ["T1", "Holt", "Bryn", "05/04/1980", "12 Elm Road\nKingshurst\nB37 6AA", "H1"],
        ["T2", "Holt", "Rhys", "01/01/2015", "12 Elm Road, B37 6AA", "H1"],
        ["T2", "Holt", "Rhys", "01/01/2015", "12 Elm Road, B37 6AA", "H1"],
        ["T1", "Hollt", "Bryn", "05/04/1980", "", "H2"],
    ]
    done = town.bring(csv_text(list(PERSON_COLUMNS), rows), "SCH-TEST")
    assert done.report["rows"]["repeated"] == 1
    assert [each["reason"] for each in done.report["rejected"]] == ["repeated-with-other-content"]
    assert town.records("forename, address, postcode, household_ref, born_quality") == [
        ("Bryn", "12 Elm Road, Kingshurst, B37 6AA", "B37 6AA", "H1", "stated"),
        ("Rhys", "12 Elm Road, B37 6AA", "B37 6AA", "H1", "default"),
    ]
    assert town.contacts() == []


def test_what_the_agreement_does_not_list_is_nowhere_in_the_store(town: Town) -> None:
    columns = dict(CONTACT_COLUMNS)
    del columns["NHS"], columns["Postcode"]
    town.sign(agreement(columns))
    town.incidents(incident(1, NHS="9434765919", Postcode="B36 8LR"))
    assert town.records("nhs_number, postcode") == [(None, None)]


def test_hidden_characters_do_not_come_in(town: Town) -> None:
    town.sign()
    done = town.incidents(incident(1, Surname="Ho\u202elt\u200b\x1b[31m", Forename="Bry\u0301n"))
    assert town.records("surname, forename") == [("Holt[31m", "Brýn")]
    assert done.report["fields_left_out"][0]["reason"] == "hidden-characters"


def test_a_two_digit_year_of_birth_is_never_in_the_future(town: Town) -> None:
    town.sign(agreement(form={"dates": "%d/%m/%y"}))
    town.incidents(incident(1, Date="01/03/26", DOB="05/04/45"), incident(2, Date="01/03/26", DOB="05/04/15"))
    assert town.records("born") == [("1945-04-05",), ("2015-04-05",)]


def test_check_reports_and_stores_nothing(town: Town) -> None:
    town.sign(agreement(tolerance_percent=10.0))
    text = csv_text(list(CONTACT_COLUMNS), [incident(1), incident(2, Date="soon", Postcode="x")])
    done = town.check(text)
    assert (done.status, done.batch) == ("too-many-rejected", None)
    assert done.report["rejected_rows"] == [{"row": 3, "column": "Date", "reason": "not-a-date"}]
    assert town.stored() == NOTHING
    assert town.session().look(lambda c: c.exec_driver_sql("SELECT count(*) FROM import_batch").scalar()) == 0


@pytest.mark.parametrize("role", ["supervisor", "practitioner"])
def test_other_roles_do_not_import(town: Town, role: str) -> None:
    from kingshurst_tui.intake import imports
    from tests.intake.conftest import REASON

    town.sign()
    path = town.file(csv_text(list(CONTACT_COLUMNS), [incident(1)]))
    with pytest.raises(Refused):
        imports.import_file(town.session(role), path, "WMP-TEST", reason=REASON)
    assert town.stored() == NOTHING
