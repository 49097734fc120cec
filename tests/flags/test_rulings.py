"""People split and join incidents, and their word stands."""

from __future__ import annotations

import pytest

from kingshurst_tui.casework.rulings import rule_on
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from tests.flags.conftest import Town


def test_a_split_raises_what_the_collapsed_reports_hid_and_a_join_takes_it_back(town: Town) -> None:
    person = town.person(opened=True)
    (first,) = town.told(person, "WMP", town.day(30), category="violence", priority_area="other")
    (police,) = town.told(person, "WMP", town.day(5), category="noise", priority_area="other")
    (landlord,) = town.told(person, "SCH", town.day(5), category="tenancy", priority_area="other")
    town.recompute()
    assert town.flags() == []
    session = town.session("practitioner")
    rule_on(session, [police, landlord], same=False, why="two visits, morning and night")
    assert [row[1] for row in town.flags()] == ["repeat-contact"]
    # Computing again does not forget it.
    town.recompute()
    assert [row[1] for row in town.flags()] == ["repeat-contact"]
    rule_on(session, [landlord, police, first], same=True, why="one long quarrel")
    assert town.flags() == []
    assert town.ask("SELECT count(*), count(DISTINCT incident_id) FROM incident_contact") == [(3, 1)]


def test_one_report_is_told_apart_from_the_others_which_stay_together(town: Town) -> None:
    person = town.person(opened=True)
    told = [town.told(person, agency, town.day(5), category="noise")[0] for agency in ("WMP", "SCH", "SMBC")]
    town.recompute()
    session = town.session("practitioner")
    rule_on(session, told, same=True, why="the same night")
    rule_on(session, told[:1], against=told[1:], same=False, why="another street")
    kept = town.ask("SELECT contact_id FROM incident_contact ORDER BY contact_id")
    assert kept == [(contact,) for contact in sorted(told[1:])]
    # The others are still ruled to be one.
    assert town.ask("SELECT count(*) FROM incident_ruling WHERE ruling = 'same'") == [(1,)]


def test_only_open_contacts_are_ruled_on_and_only_with_a_reason(town: Town) -> None:
    masked, opened = town.person(), town.person(opened=True)
    hidden = town.told(masked, "WMP", town.day(30), town.day(20))
    shown = town.told(opened, "WMP", town.day(30), town.day(20))
    session = town.session("practitioner")
    with pytest.raises(NotFound):
        rule_on(session, hidden, same=True, why="the same")
    with pytest.raises(NotFound):
        rule_on(session, [shown[0], 999_999], same=True, why="the same")
    with pytest.raises(InputRejected):
        rule_on(session, shown, same=True, why=" ")
    with pytest.raises(InputRejected):
        rule_on(session, shown[:1], same=True, why="alone")
    with pytest.raises(Refused):
        rule_on(town.session("supervisor"), shown, same=True, why="the same")
    assert town.ask("SELECT count(*) FROM incident_ruling") == [(0,)]


def test_who_rules_second_is_told_the_first_ruling_and_its_words(town: Town) -> None:
    person = town.person(opened=True)
    told = [town.told(person, agency, town.day(5), category="noise")[0] for agency in ("WMP", "SCH")]
    rule_on(town.session("practitioner"), told, same=True, why="the same night")
    coordinator = town.session("coordinator")
    with pytest.raises(StaleRecord) as stale:
        rule_on(coordinator, told, same=False, why="another street")
    found = {each.name: (each.theirs, each.mine) for each in stale.value.fields}
    assert found == {
        "ruling": ("one incident", "several incidents"),
        "why": ("the same night", "another street"),
    }
    rule_on(coordinator, told, same=False, why="another street", over=stale.value.over)
    assert town.ask("SELECT ruling FROM incident_ruling") == [("separate",)]
