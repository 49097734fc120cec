"""The demonstration's panels: held by the same functions as real ones, days apart, and nothing of it out of order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

import db.audit
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import action_lists, dissents
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore, build
from kingshurst_tui.demo.panels import HELD, NEXT
from kingshurst_tui.oversight.trail import verify_trail
from kingshurst_tui.panels import manifest, meetings, minutes_shown
from kingshurst_tui.places import forecast_record
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.vocabulary import ReasonCode

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PANEL = Reason(ReasonCode.PANEL)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> DemoStore:
    return build(tmp_path_factory.mktemp("panels") / "town", people=400, seed=7, clock=FixedClock(NOW), panels=True)


def test_three_were_held_and_one_is_to_come(held: DemoStore) -> None:
    with held.signed_in("coordinator") as session:
        lines = meetings.panels(session)
        days = {(line.panel.held_on - NOW.date()).days: line for line in lines}
        assert sorted(days) == sorted([*(-each for each in HELD), NEXT])
        assert [days[-each].panel.status for each in HELD] == ["closed"] * 3
        assert days[NEXT].panel.status == "preparing"
        assert all(days[-each].discussed for each in HELD)
        for each in HELD:
            shown = manifest.read(session, days[-each].panel.number, PANEL)
            assert shown is not None
            assert not shown.problems
            assert len(shown.decisions) == days[-each].discussed
            assert shown.signatures
            assert shown.unsigned
        assert minutes_shown.read(session, days[-HELD[0]].panel.number, PANEL).status == "approved"
        assert minutes_shown.read(session, days[-HELD[-1]].panel.number, PANEL).status == "draft"
        closed = action_lists.listed(session, PANEL, "all-closed")
        assert {each.because for each in closed if each.status == "not-done"} == {
            "circumstances-changed",
            "agency-did-not-act",
        }
        assert [each.status for each in dissents.listed(session, PANEL)] == ["open"]


def test_the_trail_runs_in_the_order_of_the_days_and_everything_adds_up(held: DemoStore) -> None:
    with held.signed_in("supervisor") as session:
        found = verify_trail(session)
        assert found.holds, found.problem
        bodies = session.look(lambda connection: [json.loads(each.body) for each in db.audit.entries(connection)])
        times = [datetime.fromisoformat(body["time"]) for body in bodies]
        assert times == sorted(times)
        assert times[0] == NOW - timedelta(days=14)
        assert not any("clock" in fact for body in bodies for fact in body["facts"])
        assert check(session).whole


def test_what_was_expected_of_places_has_come_since_and_stands_beside_what_is_expected_now(held: DemoStore) -> None:
    with held.signed_in("coordinator") as session:
        record = forecast_record.of_all(session)
    assert {each.month for each in record.past} == {"2026-01", "2026-02", "2026-03"}
    assert all(each.known_to == "2025-12" for each in record.past)
    assert record.told > 0
