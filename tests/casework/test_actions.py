"""Actions: asked, taken on or refused with a reason, their history kept; what nobody did comes back by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.casework import action_lists, action_steps, actions
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL

if TYPE_CHECKING:
    from kingshurst_tui.casework.action_lists import ComingBack
    from tests.casework.conftest import Town

DUE = date(2026, 5, 20)
WHY = "Nobody of ours has the keys to the flat."


def _add(
    town: Town, agency: str = "SCH", *, text: str = "Visit", outcome_sought: str = "", owner_user: str = ""
) -> int:
    return actions.add(
        town.coordinator,
        town.open_person().pseudonym,
        text,
        owner_agency=agency,
        due_on=DUE,
        outcome_sought=outcome_sought,
        owner_user=owner_user,
        reason=PANEL,
    )


def _back(town: Town) -> tuple[ComingBack, ...]:
    with town.coordinator.act(Operation.CONSULT, Thing.AGENDA, reason=PANEL) as act:
        return action_lists.coming_back(act)


def test_an_action_says_what_is_sought_and_its_agency_takes_it_on_under_its_own_reference(town: Town) -> None:
    number = _add(town, outcome_sought="They sleep at home again")
    (asked,) = action_lists.listed(town.practitioner, PANEL, "asked")
    assert (asked.number, asked.outcome_sought, asked.accepted) == (number, "They sleep at home again", "asked")
    action_steps.accept(
        town.practitioner, number, owner_user="practitioner", owner_reference="JOB-77", words="this week", reason=PANEL
    )
    (mine,) = action_lists.listed(town.practitioner, PANEL, "mine")
    assert (mine.accepted, mine.owner_user, mine.owner_reference) == ("accepted", "practitioner", "JOB-77")
    assert action_lists.listed(town.practitioner, PANEL, "asked") == ()


def test_a_refused_action_comes_back_with_the_reason_until_somebody_else_has_it(town: Town) -> None:
    number = _add(town)
    with pytest.raises(InputRejected):
        action_steps.decline(town.practitioner, number, "no", reason=PANEL)
    action_steps.decline(town.practitioner, number, WHY, reason=PANEL)
    [back] = _back(town)
    assert (back.action, back.because) == (number, action_lists.DECLINED)
    (listed,) = action_lists.listed(town.coordinator, PANEL, "back")
    assert listed.declined_why == WHY
    with pytest.raises(Refused):
        action_steps.change(town.practitioner, number, owner_agency="WMFS", why=WHY, reason=PANEL)
    action_steps.change(town.coordinator, number, owner_agency="WMFS", why=WHY, reason=PANEL)
    assert _back(town) == ()
    shown = action_steps.read(town.coordinator, number, PANEL)
    assert (shown.action.owner_agency, shown.action.accepted, shown.action.declined_why) == ("WMFS", "asked", "")
    assert [each.step for each in shown.steps] == ["declined", "changed"]
    assert "Before: SCH, due 20 May 2026." in shown.steps[1].words


def test_what_is_overdue_or_left_undone_comes_back_by_itself_until_a_panel_had_it_again(town: Town) -> None:
    overdue, undone = _add(town), _add(town)
    actions.close(town.practitioner, undone, done=False, because="agency-did-not-act", reason=PANEL)
    assert [each.action for each in _back(town)] == [undone]
    town.later(timedelta(days=30))
    assert {each.action: each.because for each in _back(town)} == {
        overdue: action_lists.OVERDUE,
        undone: action_lists.DID_NOT_ACT,
    }
    with pytest.raises(Refused):
        action_steps.brought_back(town.practitioner, undone, "The next panel asks them again", reason=PANEL)
    action_steps.brought_back(town.coordinator, undone, "The next panel asks them again", reason=PANEL)
    actions.close(town.practitioner, overdue, done=False, because="circumstances-changed", reason=PANEL)
    assert _back(town) == ()


def test_only_the_owner_says_what_becomes_of_an_action_or_the_coordinator_for_them(town: Town) -> None:
    theirs = _add(town, "WMFS")
    with pytest.raises(Refused):
        action_steps.accept(town.practitioner, theirs, reason=PANEL)
    with pytest.raises(Refused):
        action_steps.progress(town.practitioner, theirs, "called", reason=PANEL)
    with pytest.raises(Refused):
        actions.close(town.practitioner, theirs, done=True, reason=PANEL)
    action_steps.progress(town.coordinator, theirs, "Smoke alarms were fitted", evidence=True, reason=PANEL)
    shown = action_steps.read(town.practitioner, theirs, PANEL)
    assert [(each.step, each.entered_for) for each in shown.steps] == [("accepted", "WMFS"), ("evidence", "WMFS")]
    assert shown.action.evidence == "Smoke alarms were fitted"


def test_an_answer_over_a_colleagues_is_noticed(town: Town) -> None:
    number = _add(town)
    action_steps.decline(town.practitioner, number, WHY, reason=PANEL)
    with pytest.raises(StaleRecord) as stale:
        action_steps.accept(town.coordinator, number, reason=PANEL)
    assert stale.value.fields[0].theirs == "refused"
    action_steps.accept(town.coordinator, number, reason=PANEL, over=stale.value.over)
    assert action_steps.read(town.coordinator, number, PANEL).action.accepted == "accepted"


def test_an_agencys_list_is_its_own_and_nothing_of_masked_people_is_on_any(town: Town) -> None:
    ours, theirs = _add(town), _add(town, "WMFS")
    assert [each.number for each in action_lists.listed(town.practitioner, PANEL)] == [ours]
    assert {each.number for each in action_lists.listed(town.practitioner, PANEL, "every")} == {ours, theirs}
    with town.coordinator.act(Operation.ALTER, Thing.PROFILE, reason=PANEL) as act:
        act.connection.exec_driver_sql("UPDATE opening SET closes = '2026-05-01'")
    assert action_lists.listed(town.practitioner, PANEL, "every") == ()
    assert _back(town) == ()


def test_a_person_named_as_owner_is_of_the_owning_agency(town: Town) -> None:
    with pytest.raises(InputRejected) as rejected:
        _add(town, "WMFS", owner_user="practitioner")
    assert rejected.value.problems == ("owner_user: belongs to another agency",)
