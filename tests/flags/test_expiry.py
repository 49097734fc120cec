"""A consent that runs out takes what it let in out of the flags too, on the day and without anybody's doing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import agenda, explaining, people
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing
from tests.flags.conftest import Town

WORDS = Reason(ReasonCode.OTHER, "asked by the person's doctor")


@pytest.fixture
def expiring(town: Town) -> dict[str, int]:
    """Two flagged people: of one the flag rests on what a consent let in until yesterday, of the other it need not."""
    who = {"resting": town.person(opened=True), "besides": town.person(), "apart": town.person()}
    for profile in who.values():
        town.told(profile, "WMP", town.day(40), town.day(30))
        town.told(profile, "NHS", town.day(25))
    town.told(who["besides"], "SCH", town.day(20))
    for name in ("resting", "besides"):
        town.run(
            "INSERT INTO withheld_record (source_record_id, agreement_ref, from_day) SELECT r.id, r.agreement_ref, ? "
            "FROM source_record r JOIN profile_member m ON m.source_record_id = r.id "
            "WHERE m.profile_id = ? AND r.agency_code = 'NHS'",
            ((town.clock.today() + timedelta(days=1)).isoformat(), who[name]),
        )
    town.recompute()
    return who


def shown_on_profiles(town: Town, who: dict[str, int]) -> set[str]:
    with town.session("supervisor").act(Operation.CONSULT, Thing.PROFILE, reason=WORDS) as act:
        flags = {name: explaining.of_profile(act, profile, masked=name != "resting") for name, profile in who.items()}
    return {name for name, shown in flags.items() if any(each.rule_code == "repeat-contact" for each in shown)}


def test_a_flag_goes_on_the_day_its_records_do(town: Town, expiring: dict[str, int]) -> None:
    assert shown_on_profiles(town, expiring) == {"resting", "besides", "apart"}
    town.clock.move(timedelta(days=1))
    assert "resting" not in shown_on_profiles(town, expiring), "nothing was computed anew yet"
    session = town.session("supervisor")
    listed = people.open_list(session, WORDS, which="flagged")
    in_list = {line.profile_id for line in people.page(session, listed, 0, listed.total)}
    assert (expiring["resting"] in in_list, expiring["apart"] in in_list) == (False, True)


def test_what_holds_without_those_records_is_on_the_next_agenda(town: Town, expiring: dict[str, int]) -> None:
    town.clock.move(timedelta(days=1))
    on_agenda = {row.profile_id for row in agenda.open_agenda(town.session("supervisor")).rows}
    assert on_agenda == {expiring["besides"], expiring["apart"]}
    assert shown_on_profiles(town, expiring) == {"besides", "apart"}
    assert {row[0] for row in town.flags(status="withdrawn")} == {expiring["resting"]}
    assert town.recompute(expiring.values()).raised == 0, "the agenda left everything as a full run would"
