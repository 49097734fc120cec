"""Working days are those of the library, and one country of it is enough to load."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

from kingshurst_tui.working_days import add_working_days, is_working_day
from tests.conftest import ROOT


def test_a_day_is_a_working_day_where_the_whole_library_says_so() -> None:
    from holidays import country_holidays

    theirs = country_holidays("GB", subdiv="ENG", years=range(2020, 2031))
    days = [date(2020, 1, 1) + timedelta(days) for days in range(11 * 365)]
    assert [is_working_day(day) for day in days] == [day.weekday() < 5 and day not in theirs for day in days]


def _said(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_home_does_not_wait_for_the_holidays_of_every_country() -> None:
    program = """
import datetime, sys
from kingshurst_tui.working_days import add_working_days
print(add_working_days(datetime.date(2026, 12, 24), 1), sum(m.startswith("holidays.countries.") for m in sys.modules))
"""
    assert _said(program).split() == [str(add_working_days(date(2026, 12, 24), 1)), "1"]


def test_the_library_is_whole_for_whoever_asks_it_afterwards() -> None:
    program = """
import datetime, holidays
from kingshurst_tui.working_days import is_working_day
print(is_working_day(datetime.date(2026, 5, 4)), datetime.date(2026, 7, 14) in holidays.country_holidays("FR"))
"""
    assert _said(program).split() == ["False", "True"]
