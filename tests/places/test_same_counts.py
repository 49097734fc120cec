"""An agreement that another reference replaced: the same rows tell no more than they did."""

from __future__ import annotations

import numpy as np

from kingshurst_tui.agreements import gates
from kingshurst_tui.places.geography import geography
from kingshurst_tui.places.published import codes_shown, shown
from kingshurst_tui.places.vocabulary import HIDDEN, Level
from tests.intake.conftest import AREA_COLUMNS, REASON, Town, agreement, csv_text


def test_the_same_rows_under_a_new_reference_show_what_was_shown_and_hide_what_was_hidden(grounded: Town) -> None:
    dice = np.random.default_rng(5)
    session = grounded.session()
    codes = geography(session).codes(Level.LSOA)
    months = ("2025-07", "2025-08", "2025-09")
    rows = {
        month: [
            [code, month, f"kind {kind}", int(dice.poisson(6 + 3 * kind))]
            for code in codes
            for kind in range(3)
        ]
        for month in months
    }  # fmt: skip
    shape = {"shape": "areas"}
    grounded.sign(agreement(reference="WMP-OLD", form=shape, coverage_from="@2025-07-01"))
    for month in months:
        grounded.bring(csv_text(list(AREA_COLUMNS), rows[month]), "WMP-OLD")
        (old,) = shown(session, codes_shown(session))
    gates.suspend(grounded.session("governance"), "WMP-OLD", why="Another agreement replaced it", reason=REASON)
    assert shown(session, codes) == []
    grounded.sign(agreement(reference="WMP-NEW", form=shape, suppress_under=3, coverage_from="@2025-07-01"))
    grounded.bring(csv_text(list(AREA_COLUMNS), [row for month in months for row in rows[month]]), "WMP-NEW")
    (new,) = shown(session, codes_shown(session))
    assert new.agreement_ref == "WMP-NEW"
    cells = [
        (old.cell(code, period, category), new.cell(code, period, category))
        for code in old.places
        for period in old.periods
        for category in old.categories
    ]
    assert any(each == HIDDEN for each, _ in cells)
    assert any(each >= 10 for each, _ in cells)
    assert all(before == after for before, after in cells)
