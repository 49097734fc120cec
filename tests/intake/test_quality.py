"""The report of a batch: what is complete, valid, late, doubtful, and which months are no falls but gaps."""

from __future__ import annotations

import json
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.intake.quality import incomplete_months
from tests.intake.conftest import CONTACT_COLUMNS, Town, agreement, incident

FULL = {f"{2024 + month // 12}-{month % 12 + 1:02d}": 100 for month in range(16)}


def test_a_month_far_below_its_neighbours_is_incomplete_and_one_without_rows_missing() -> None:
    months = FULL | {"2024-05": 45, "2024-06": 50, "2024-07": 48}
    del months["2024-11"]
    assert incomplete_months(months) == {
        "2024-05": "incomplete",
        "2024-06": "incomplete",
        "2024-07": "incomplete",
        "2024-11": "missing",
    }


def test_a_steady_fall_and_small_numbers_are_not_called_gaps() -> None:
    falling = {month: 200 - 8 * place for place, month in enumerate(FULL)}
    few = dict(zip(FULL, [2, 5, 3, 4, 1, 6, 2, 3, 5, 4, 2, 7, 3, 1, 4, 2], strict=True))
    assert incomplete_months(falling) == {}
    assert incomplete_months(few) == {}


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.integers(0, 10_000)))
def test_every_month_between_the_first_and_the_last_is_judged(months: dict[str, int]) -> None:
    found = incomplete_months(months)
    assert {month for month, count in months.items() if count == 0} <= set(found)
    assert set(found.values()) <= {"missing", "incomplete"}


def test_the_report_is_kept_with_the_batch(town: Town) -> None:
    columns = dict(CONTACT_COLUMNS) | {"Told": "contact.reported"}
    town.sign(agreement(columns))
    lines = [",".join(columns)]
    day = date(2025, 1, 1)
    for number in range(300):
        when = day + timedelta(days=number)
        told = when + timedelta(days=number % 5)
        row = incident(
            number, Date=when.strftime("%d/%m/%Y"), NHS="9434765919" if number % 2 else "", Nominal=f"N{number % 30}"
        )
        lines.append(",".join([*row, told.strftime("%d/%m/%Y")]))
    lines.append(",".join([*incident(900, Date="01/02/1979", DOB="01/01/1980"), ""]))
    lines.append(",".join([*incident(901, Date="01/02/2025", DOB="01/03/2025"), "31/01/2025"]))
    done = town.bring("\n".join(lines) + "\n")
    quality = json.loads(
        town.session().look(lambda c: c.exec_driver_sql("SELECT quality FROM import_batch").scalar() or "")
    )
    assert quality == done.quality
    given_fields = {each["field"]: each["percent"] for each in quality["completeness"]}
    assert given_fields["person.surname"] == 100.0
    assert given_fields["person.nhs_number"] == 49.8
    assert quality["uniqueness"]["persons"] == 31
    assert quality["timeliness"] == {
        "first_day": "2025-01-01",
        "last_day": "2025-10-27",
        "days_since_last": 189,
        "refresh_days": 31,
        "stale": True,
        "median_days_to_report": 2,
        "nine_in_ten_reported_within_days": 4,
    }
    assert {each["what"]: each["rows"] for each in quality["consistency"]} == {
        "events dated before the person's birth": 1,
        "events reported before they happened": 1,
    }
    assert [each["state"] for each in quality["coverage"]["months"]] == ["complete"] * 10
    assert quality["coverage"]["promised_from"] == "2024-05-01"
