"""An agency disagrees: signed words, the chair's answer, a ladder with clocks, an end that is somebody's word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui.casework import dissent_shown, dissents, home, home_parts
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.panels import settings
from kingshurst_tui.vocabulary import Operation, Thing
from kingshurst_tui.working_days import add_working_days, is_working_day
from tests.casework.conftest import PANEL
from tests.panels.deciding import begin, decide

if TYPE_CHECKING:
    from kingshurst_tui.casework.dissent_shown import DissentShown
    from kingshurst_tui.session import Session
    from tests.panels.conftest import Meeting

WORDS: dict[str, str] = {
    "position": "Housing should not lead here.",
    "grounds": "The tenancy ends in two weeks anyway.",
    "missing": "What the school knows.",
    "alternative": "The council leads until the move.",
}
ANSWER = "The panel knew of the move and weighed it."


def _dissent(meeting: Meeting, decision: int, **changed: Any) -> DissentShown:
    return dissents.dissent(meeting.town.practitioner, decision, **{**WORDS, **changed}, reason=PANEL)


def _on_home(meeting: Meeting, name: str) -> tuple[home_parts.HomeItem, ...]:
    sections = home.what_waits(meeting.town.user(name))
    return next(each for each in sections if each.code == "dissents").items


@pytest.fixture
def decision(meeting: Meeting) -> int:
    begin(meeting)
    return decide(meeting).number


def test_a_dissent_is_signed_and_the_chair_has_a_day(meeting: Meeting, decision: int) -> None:
    made = _dissent(meeting, decision)
    assert (made.agency, made.level_name, made.status) == ("SCH", "the chair", "open")
    assert made.signature_holds
    assert made.due_at == datetime(2026, 5, 5, 11, 0, tzinfo=UTC)
    assert not made.overdue
    with pytest.raises(Refused, match="already"):
        _dissent(meeting, decision)


@pytest.mark.parametrize("field", list(WORDS))
def test_a_dissent_says_all_that_is_asked(meeting: Meeting, decision: int, field: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _dissent(meeting, decision, **{field: " "})
    assert refused.value.problems[0].startswith(dissent_shown.FIELDS[field])
    with pytest.raises(NotFound):
        _dissent(meeting, 999)


def test_the_chair_answers_and_nobody_else(meeting: Meeting, decision: int) -> None:
    made = _dissent(meeting, decision)
    for session in (meeting.town.practitioner, meeting.town.coordinator):
        with pytest.raises(Refused, match="chair"):
            dissents.answer(session, made.number, ANSWER, version=made.version, reason=PANEL)
    # A supervisor writes no dissent of their own, yet one who chairs answers.
    answered = dissents.answer(meeting.town.supervisor, made.number, ANSWER, version=made.version, reason=PANEL)
    assert (answered.answer, answered.status, answered.is_answered) == (ANSWER, "open", True)
    session = meeting.town.supervisor
    assert isinstance(session.clock, FixedClock)
    session.clock.move(timedelta(hours=25))
    # It stays on home, and is late no more: its agency says whether that settles it.
    assert [item.warning for item in _on_home(meeting, "practitioner")] == [""]
    with pytest.raises(StaleRecord):
        dissents.escalate(
            meeting.town.practitioner, made.number, "Not weighed at all.", version=made.version, reason=PANEL
        )


def test_it_goes_up_with_a_clock_at_each_level_and_ends_by_somebodys_word(meeting: Meeting, decision: int) -> None:
    made = _dissent(meeting, decision)
    up = dissents.escalate(
        meeting.town.practitioner, made.number, "Nobody answered us.", version=made.version, reason=PANEL
    )
    # Monday 4 May 2026 is a bank holiday; five working days after it is Monday 11 May.
    assert (up.level, up.due_at.date()) == (1, date(2026, 5, 11))
    top = dissents.escalate(
        meeting.town.practitioner, made.number, "The managers differ.", version=up.version, reason=PANEL
    )
    # Spring bank holiday, 25 May, counts no day.
    assert (top.level, top.due_at.date()) == (2, date(2026, 5, 22))
    with pytest.raises(Refused, match="nobody is above"):
        dissents.escalate(
            meeting.town.practitioner, made.number, "Somebody above them should say.", version=top.version, reason=PANEL
        )
    with pytest.raises(InputRejected):
        dissents.close(meeting.town.practitioner, made.number, "resolved", "ok", version=top.version, reason=PANEL)
    ended = dissents.close(
        meeting.town.practitioner, made.number, "resolved", "The council leads now.", version=top.version, reason=PANEL
    )
    assert (ended.status, ended.overdue) == ("resolved", False)
    assert [step.step for step in ended.steps] == ["escalated", "escalated", "resolved"]
    assert dissents.listed(meeting.town.coordinator, PANEL) == ()
    assert len(dissents.listed(meeting.town.coordinator, PANEL, with_closed=True)) == 1


def test_an_open_dissent_stays_on_home_and_turns_overdue(meeting: Meeting, decision: int) -> None:
    made = _dissent(meeting, decision)
    for name in ("supervisor", "practitioner", "coordinator"):
        assert [item.warning for item in _on_home(meeting, name)] == [""]
    session = meeting.town.supervisor
    assert isinstance(session.clock, FixedClock)
    session.clock.move(timedelta(hours=25))
    assert [item.warning for item in _on_home(meeting, "supervisor")] == ["Overdue"]
    dissents.close(
        meeting.town.practitioner, made.number, "withdrawn", "We were mistaken.", version=made.version, reason=PANEL
    )
    assert _on_home(meeting, "supervisor") == ()


def test_the_partnership_sets_the_clocks(meeting: Meeting, decision: int) -> None:
    settings.change(meeting.town.coordinator, "panel.dissent-chair", 48, "The board's decision of April.")
    assert _dissent(meeting, decision).due_at == datetime(2026, 5, 6, 11, 0, tzinfo=UTC)


def test_a_coordinator_enters_one_for_a_member_without_an_account(meeting: Meeting, decision: int) -> None:
    with pytest.raises(Refused):
        _dissent(meeting, decision, agency="NHS", entered_for="Invented Nurse")
    made = dissents.dissent(
        meeting.town.coordinator, decision, **WORDS, reason=PANEL, agency="NHS", entered_for="Invented Nurse"
    )
    assert (made.agency, made.made_by, made.entered_for) == ("NHS", "coordinator", "Invented Nurse")


def test_a_dissent_altered_afterwards_does_not_hold(meeting: Meeting, decision: int) -> None:
    _dissent(meeting, decision)
    meeting.town.coordinator.stage(
        Operation.ALTER,
        Thing.DISSENT,
        lambda connection: connection.exec_driver_sql("UPDATE dissent SET agency_code = 'WMP'"),
    )
    assert not dissents.listed(meeting.town.coordinator, PANEL)[0].signature_holds


def test_working_days_leave_out_weekends_and_englands_bank_holidays() -> None:
    assert [is_working_day(date(2026, 12, day)) for day in (24, 25, 26, 28, 29)] == [True, False, False, False, True]
    assert add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert add_working_days(date(2026, 5, 5), -1) == date(2026, 5, 1)


def test_whoever_answers_a_dissent_does_not_end_it_before_its_agency_could_take_it_further(
    meeting: Meeting, decision: int
) -> None:
    chair, own = meeting.town.supervisor, meeting.town.practitioner

    def stands(version: int, session: Session = chair) -> DissentShown:
        return dissents.close(session, made.number, "stands", "We agree to differ.", version=version, reason=PANEL)

    made = _dissent(meeting, decision)
    with pytest.raises(Refused, match="yet"):
        stands(made.version)
    answered = dissents.answer(chair, made.number, ANSWER, version=made.version, reason=PANEL)
    with pytest.raises(Refused) as refused:
        stands(answered.version)
    assert "SCH may take it further until 5 May 2026" in refused.value.detail
    up = dissents.escalate(own, made.number, "Not weighed at all.", version=answered.version, reason=PANEL)
    assert isinstance(chair.clock, FixedClock)
    chair.clock.move(timedelta(days=9))
    # Late as it is: nobody answered it there.
    with pytest.raises(Refused, match="yet"):
        stands(up.version)
    heard = dissents.answer(chair, made.number, ANSWER, version=up.version, reason=PANEL)
    chair.clock.move(timedelta(days=9))
    assert stands(heard.version).status == "stands"
    again = _dissent(meeting, decision)
    ended = dissents.close(own, again.number, "stands", "We agree to differ.", version=again.version, reason=PANEL)
    assert (ended.level, ended.status) == (0, "stands")
