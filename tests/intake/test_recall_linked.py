"""A recall reaches what was built on the batch: profiles, links, flags; and an update reaches the flags at once."""

from __future__ import annotations

import pytest

from kingshurst_tui.casework import rulebook
from kingshurst_tui.intake import recall
from kingshurst_tui.linkage import approval, review, run
from tests.intake.conftest import CONTACT_COLUMNS, REASON, Town, agreement, csv_text, incident

HOUSING = agreement(reference="SCH-TEST", agency=("SCH", "Solihull Community Housing", "housing"))


def told(*numbers: int, nominal: str, category: str = "ASB") -> str:
    rows = [
        incident(
            number, Nominal=nominal, Type=category, Date=f"{number:02d}/04/2026", Involvement="Victim", NHS="9434765919"
        )
        for number in numbers
    ]
    return csv_text(list(CONTACT_COLUMNS), rows)


@pytest.fixture
def linked(own_town: Town) -> Town:
    """One person known to two agencies, three incidents in a month, linked and flagged."""
    town = own_town
    officer, supervisor = town.session("governance"), town.session("supervisor")
    rulebook.install_shipped(officer)
    rulebook.approve(supervisor)
    approval.install(officer)
    approval.approve(supervisor)
    town.sign()
    town.sign(HOUSING)
    town.bring(told(1, 12, nominal="N1"))
    town.bring(told(20, nominal="T1"), "SCH-TEST")
    run.run(town.session(), REASON)
    return town


def flags(town: Town) -> list[tuple[object, ...]]:
    return town.ask(
        "SELECT raised_on FROM open_flag WHERE rule_code LIKE 'repeat-contact%' AND status = 'standing' "
        "GROUP BY raised_on ORDER BY raised_on"
    )


def test_a_recall_takes_the_links_and_the_flag_with_it(linked: Town) -> None:
    assert linked.ask("SELECT count(DISTINCT profile_id), count(*) FROM profile_member") == [(1, 2)]
    assert flags(linked) == [("2026-04-20",)]
    batch = linked.ask("SELECT max(id) FROM import_batch")[0][0]
    made = recall.plan(linked.session(), batch)
    assert (made.built["profiles"], made.built["links"]) == (1, 1)
    linked.recall(batch)
    assert linked.ask("SELECT count(DISTINCT profile_id), count(*) FROM profile_member") == [(1, 1)]
    assert flags(linked) == []
    assert linked.ask("SELECT count(*) FROM link WHERE state <> 'undone'") == [(0,)]


def test_an_update_of_a_linked_person_counts_at_once(linked: Town) -> None:
    linked.bring(told(1, 12, 14, nominal="N1"))
    assert linked.ask("SELECT count(*) FROM open_contact WHERE profile_id IS NOT NULL") == [(4,)]
    # One of the three days is taken back by a later extract, and the flag moves to the day on which three are left.
    linked.bring(csv_text(list(CONTACT_COLUMNS), [incident(12, Nominal="N9", Date="12/04/2026")]))
    assert flags(linked) == [("2026-04-20",)]
    linked.bring(csv_text(list(CONTACT_COLUMNS), [incident(14, Nominal="N9", Date="14/04/2026")]))
    assert flags(linked) == []


def test_when_a_person_turns_18_is_no_longer_said_by_a_record_that_was_taken_back(linked: Town) -> None:
    def brought(nominal: str, data_set: str, born: str) -> int | None:
        said = {"Surname": "Quagmire", "Forename": "Zelda", "NHS": "9990000018", "Postcode": "B37 6AA", "DOB": born}
        row = incident(30 + len(nominal), Nominal=nominal, **said)
        return linked.bring(csv_text(list(CONTACT_COLUMNS), [row]), data_set).batch

    def ages() -> list[tuple[object, ...]]:
        return linked.ask(
            "SELECT count(*), a.adult_on FROM open_record r JOIN combined_age a ON a.profile_id = r.profile_id "
            "WHERE r.surname = 'Quagmire' GROUP BY a.profile_id, a.adult_on"
        )

    first = brought("N7", "WMP-TEST", "09/08/2010")
    brought("T77", "SCH-TEST", "")
    run.run(linked.session(), REASON)
    one, other = linked.ask("SELECT DISTINCT profile_id FROM open_record WHERE surname = 'Quagmire' ORDER BY 1")
    review.join(linked.session(), one[0], other[0], "one person, says the doctor")
    assert ages() == [(2, "2028-08-09")]
    linked.recall(first)
    assert ages() == [(1, None)]
