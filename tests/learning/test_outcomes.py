"""Outcomes on a real store: what is due, what is recorded, what somebody else recorded meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui.casework import home
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import InputRejected, NotFound, Refused, StaleRecord
from kingshurst_tui.learning import outcomes
from kingshurst_tui.learning.outcomes import month_after
from kingshurst_tui.learning.rates import REGRESSION
from kingshurst_tui.vocabulary import Domain, Effect
from tests.casework.conftest import PANEL
from tests.casework.test_decisions import _sign as sign

if TYPE_CHECKING:
    from tests.casework.conftest import Town

SAID: dict[str, Any] = {
    "baseline": "9 nights in temporary housing",
    "now": "a tenancy since March",
    "person_view": "glad of the flat",
    "source": "housing officer",
}


def record(town: Town, decision: int, **changed: Any) -> int:
    given = {"measured_on": town.coordinator.clock.today(), "reason": PANEL, **SAID, **changed}
    effect = given.pop("effect", Effect.BETTER)
    return outcomes.record(town.coordinator, decision, Domain.HOUSING, 3, effect, **given)


def test_months_after_a_day_end_with_the_month() -> None:
    assert month_after(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert month_after(date(2026, 5, 4), 12) == date(2027, 5, 4)


def test_an_outcome_is_due_until_it_is_recorded_and_stays_on_record_when_it_is_said_anew(town: Town) -> None:
    signed = sign(town, town.open_person().pseudonym)
    before = outcomes.of_person(town.coordinator, signed.pseudonym, PANEL)
    mine = [each for each in before.due if each.decision == signed.number]
    assert [each.months for each in mine] == [3, 6, 12]
    assert [each.due_on for each in mine] == [date(2026, 8, 4), date(2026, 11, 4), date(2027, 5, 4)]
    assert REGRESSION in before.since[0][2].words or before.since[0][2].words[0].startswith("Unknown")

    record(town, signed.number)
    record(town, signed.number, effect=Effect.NONE, now="the tenancy ended", version=1)
    after = outcomes.of_person(town.coordinator, signed.pseudonym, PANEL)
    assert [each.months for each in after.due if each.decision == signed.number] == [6, 12]
    assert [(each.effect, each.now, each.version) for each in after.outcomes] == [("no-effect", "the tenancy ended", 2)]


def test_two_people_who_record_at_once_are_shown_what_differs(town: Town) -> None:
    signed = sign(town, town.open_person().pseudonym)
    record(town, signed.number)
    with pytest.raises(StaleRecord) as stale:
        record(town, signed.number, effect=Effect.WORSE)
    assert {each.name for each in stale.value.fields} == {"effect"}
    record(town, signed.number, effect=Effect.WORSE, version=stale.value.over)


def test_unknown_is_an_answer_and_a_measure_without_a_source_is_none(town: Town) -> None:
    signed = sign(town, town.open_person().pseudonym)
    with pytest.raises(InputRejected) as rejected:
        record(town, signed.number, source="", person_view="")
    assert len(rejected.value.problems) == 2
    with pytest.raises(InputRejected, match="before the decision"):
        record(town, signed.number, measured_on=town.coordinator.clock.today() - timedelta(1))
    record(town, signed.number, effect=Effect.UNKNOWN, baseline="", now="", source="", person_view="not asked")
    with pytest.raises(NotFound):
        record(town, 10**9)


def test_who_reads_no_decisions_records_and_reads_no_outcome(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    with pytest.raises(Refused):
        outcomes.of_person(town.user("governance"), pseudonym, PANEL)
    assert "outcomes" not in {each.code for each in home.what_waits(town.user("governance"))}


def test_home_says_when_an_outcome_falls_due(town: Town) -> None:
    signed = sign(town, town.open_person().pseudonym)

    def waiting() -> set[str]:
        sections = {each.code: each for each in home.what_waits(town.coordinator)}
        return {item.words for item in sections["outcomes"].items}

    words = f"what came of decision {signed.number} after 3 months"
    assert words not in waiting()
    clock = town.demo.clock
    assert isinstance(clock, FixedClock)
    clock.move(timedelta(days=85))
    assert words in waiting()
