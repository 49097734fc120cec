"""What was expected is kept once as it was shown, and stands beside what came."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import db.expected
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import Refused
from kingshurst_tui.places import forecast_approval, forecast_record, looking_ahead
from kingshurst_tui.places.published import shown
from kingshurst_tui.places.vocabulary import HIDDEN

CRIME = "WMP-CRIME-LSOA"


def test_what_is_expected_is_approved_kept_once_and_held_against_what_came(
    demo_copy: DemoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo_copy.signed_in("practitioner") as practitioner, pytest.raises(Refused):
        looking_ahead.expect(practitioner, CRIME)
    with demo_copy.signed_in("coordinator") as coordinator:
        with monkeypatch.context() as another:
            another.setattr(
                forecast_approval, "ANSWERED", replace(forecast_approval.ANSWERED, version="seasonal-counts-2")
            )
            with pytest.raises(Refused, match="not approved"):
                looking_ahead.expect(coordinator, CRIME)
            assert forecast_record.of_all(coordinator).said == (forecast_record.NOT_APPROVED,)

        (found,) = looking_ahead.expect(coordinator, CRIME)
        (again,) = looking_ahead.expect(coordinator, CRIME)
        assert found.kept == len(found.expected) > 0
        assert (again.expected, again.kept) == (found.expected, 0)
        one = next(each for each in found.expected if each.beats)
        record = forecast_record.of_place(coordinator, one.code)
        assert not record.past
        kept = next(each for each in record.ahead if (each.category, each.month) == (one.category, one.month))
        assert (kept.expected, kept.low, kept.high) == (one.expected, one.low, one.high)
        assert "beats both plain figures" in kept.account[0]

        # What was expected of a month that has come since, from months before it.
        rows = coordinator.look(
            db.expected.forecasts,
            coordinator.purpose,
            coordinator.clock.today().isoformat(),
            "KTP",
            one.code,
        )
        row = next(each for each in rows if each.beats and not each.category)
        (published,) = shown(coordinator, [row.code], agreement=CRIME)
        came = published.cell(row.code, row.known_to)
        assert came != HIDDEN
        json.loads(row.record, parse_constant=pytest.fail)
        earlier = row._replace(month=row.known_to, known_to="2026-03")
        past = [
            earlier._replace(low=came - 5, high=came + 5),
            earlier._replace(low=HIDDEN, high=came - 5),
            earlier._replace(low=came, high=came + 5),  # it may have been one or two fewer than what is shown
            earlier._replace(beats=0, low=-2, high=-2, method="same as last year"),
        ]
        beside = forecast_record.record_of(past, {CRIME: published})
        assert [each.inside for each in beside.past] == [True, False, None, None]
        assert (beside.told, beside.held) == (2, 1)
        assert "came" in beside.past[0].words
