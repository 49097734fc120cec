"""Who is known under a reference keeps what was stated of them when they are met again as somebody's other party."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import db.agreements
from tests.intake.conftest import CONTACT_COLUMNS, PERSON_COLUMNS, Town, agreement, csv_text, incident

COLUMNS = CONTACT_COLUMNS | {
    "Other Nominal": "counterpart.reference",
    "Other Surname": "counterpart.surname",
    "Other Postcode": "counterpart.postcode",
    "Other Involvement": "counterpart.role",
}
WHO = "partner_reference, forename, surname, born, postcode"
ADA = ("N1", "Ada", "Holt", "1980-04-05", "B36 8LR")
BLANK = ("N1", None, None, None, None)
NAMES = {"Nominal": "N1", "Forename": "Ada", "Surname": "Holt", "Postcode": "B36 8LR"}
NO_NAMES = {"Nominal": "N1", "Forename": "", "Surname": "", "DOB": "", "Postcode": ""}


def as_subject(number: int, **said: str) -> list[str]:
    return [*incident(number, **(NAMES | said)), "", "", "", ""]


def as_other(number: int, surname: str = "", postcode: str = "") -> list[str]:
    """Return a row about somebody else, in which N1 is the other party."""
    return [*incident(number, Nominal="N9", Forename="Zed"), "N1", surname, postcode, "Suspect"]


@pytest.fixture
def pairs(town: Town) -> Town:
    town.sign(agreement(COLUMNS))
    return town


def bring(town: Town, *rows: list[str]) -> int:
    found = town.bring(csv_text(list(COLUMNS), rows))
    assert found.rows_rejected == 0
    assert found.batch is not None
    return found.batch


def known(town: Town) -> list[tuple[object, ...]]:
    return [row for row in town.records(WHO) if row[0] == "N1"]


@pytest.mark.parametrize("surname", ["", "HOLT"])
def test_another_partys_mention_blanks_nothing(pairs: Town, surname: str) -> None:
    bring(pairs, as_subject(1))
    bring(pairs, as_other(2, surname=surname))
    assert known(pairs) == [ADA]
    assert len(pairs.contacts()) == 3, "the mention is a contact of theirs all the same"


def test_nor_within_one_extract_in_either_order(pairs: Town) -> None:
    bring(pairs, as_other(1), as_subject(2), as_other(3, surname="HOLT"))
    assert known(pairs) == [ADA]


def test_a_subject_named_by_reference_alone_keeps_what_is_known(pairs: Town) -> None:
    bring(pairs, as_subject(1))
    bring(pairs, as_subject(2, **NO_NAMES))
    assert known(pairs) == [ADA]


def test_what_is_stated_empty_of_a_subject_is_empty(pairs: Town) -> None:
    bring(pairs, as_subject(1))
    bring(pairs, as_subject(2, Postcode=""))
    assert known(pairs) == [(*ADA[:4], None)]


def test_other_parties_are_brought_up_to_date_by_mentions_of_their_kind(pairs: Town) -> None:
    bring(pairs, as_other(1, surname="Holt", postcode="B36 8LR"))
    bring(pairs, as_other(2, surname="Hoult"))
    assert known(pairs) == [("N1", None, "Hoult", None, None)]
    bring(pairs, as_subject(3))
    assert known(pairs) == [ADA]


def test_somebody_first_met_by_reference_is_named_later(pairs: Town) -> None:
    bring(pairs, as_other(1))
    assert known(pairs) == [BLANK]
    bring(pairs, as_subject(2))
    assert known(pairs) == [ADA]


def test_a_list_of_people_names_some_as_others_relations_first(town: Town) -> None:
    columns = PERSON_COLUMNS | {"Relation": "counterpart.reference", "Is": "counterpart.relationship"}
    town.sign(agreement(columns, form={"shape": "persons"}))
    row = ["Holt", "Ada", "05/04/1980", "1 Alcott Lane", "H1"]
    found = town.bring(csv_text(list(columns), [["T2", *row, "T1", "mother"], ["T1", *row, "T2", "daughter"]]))
    assert (found.rows_accepted, found.rows_rejected) == (2, 0)
    assert town.records("forename, surname") == [("Ada", "Holt")] * 2


MENTION = st.sampled_from(["subject", "other", "bare"])


@settings(max_examples=25)
@given(st.lists(st.lists(MENTION, min_size=1, max_size=3), min_size=2, max_size=4), st.permutations(range(4)))
def test_whatever_is_recalled_one_account_of_a_person_is_left(
    town: Town, batches: list[list[str]], order: list[int]
) -> None:
    if not town.session().look(db.agreements.every):
        town.sign(agreement(COLUMNS))
    standing: dict[int, tuple[int, str | None]] = {}
    numbers: list[int] = []
    row_number = 0
    for batch, mentions in enumerate(batches):
        rows: list[list[str]] = []
        best: tuple[int, str | None] = (-1, None)
        for mention in mentions:
            row_number += 1
            name = f"Holt{'abcdefghijklm'[row_number]}"
            rank = ["bare", "other", "subject"].index(mention)
            rows.append(as_subject(row_number, Surname=name) if rank == 2 else as_other(row_number, name * rank))
            if rank >= best[0]:
                best = (rank, name if rank else None)
        numbers.append(bring(town, *rows))
        standing[batch] = best
    for place in [each for each in order if each < len(batches)]:
        rank = max(each[0] for each in standing.values())
        last = max(batch for batch, each in standing.items() if each[0] == rank)
        assert [row[2] for row in known(town)] == [standing[last][1]]
        town.recall(numbers[place])
        del standing[place]
    assert known(town) == []
