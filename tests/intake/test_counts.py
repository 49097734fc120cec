"""Extracts of counts that cannot be right are refused whole: which of their other counts are, nobody knows."""

from __future__ import annotations

import pytest

from kingshurst_tui.errors import InputRejected
from tests.intake.conftest import AREA_COLUMNS, NOTHING, Town, agreement, csv_text

COUNTED = [["E01010108", "2026-03", "ASB", "12"], ["E01010108", "2026-03", "Drugs", "3"]]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["E01010108", "2026-03", "ASB", "13"], "of an earlier row, with another count"),
        (["E01010108", "2026-04", "ASB", "-1"], "a count below nought"),
        (["E01010108", "2026-04", "ASB", "99999999999"], "a count of more than a million"),
        (["E01010108", "2026-03", "Total", "14"], "a total that is not the sum of its parts"),
    ],
)
def test_counts_that_contradict_themselves_are_refused_whole_however_few(town: Town, row: list[str], said: str) -> None:
    town.sign(agreement(form={"shape": "areas"}, tolerance_percent=90.0))
    with pytest.raises(InputRejected) as refused:
        town.bring(csv_text(list(AREA_COLUMNS), [*COUNTED, row]))
    assert said in refused.value.problems[0]
    assert town.check(csv_text(list(AREA_COLUMNS), [*COUNTED, row])).status == "too-many-rejected"
    assert town.stored() == NOTHING


def test_a_total_that_is_the_sum_of_its_parts_is_not_counted_beside_them(town: Town) -> None:
    town.sign(agreement(form={"shape": "areas"}))
    town.bring(csv_text(list(AREA_COLUMNS), [*COUNTED, ["E01010108", "2026-03", "TOTAL", "15"]]))
    assert town.ask("SELECT sum(count) FROM area_measure") == [(15,)]


def test_a_rate_is_turned_into_a_count_by_its_denominator_and_refused_without(town: Town) -> None:
    columns = {"LSOA": "area.code", "Month": "area.month", "Kind": "area.category", "Rate": "area.rate"}
    with pytest.raises(InputRejected) as unsigned:
        town.sign(agreement(columns, form={"shape": "areas"}))
    assert "area.rate without area.denominator" in " ".join(unsigned.value.problems)
    columns["Pupils"] = "area.denominator"
    town.sign(agreement(columns, form={"shape": "areas"}, constants={"area.per": "100"}))
    rows = [["E01010108", "2026-03", "Absent", "8.3 %", "1,204"], ["E01010109", "2026-03", "Absent", "2.0", ""]]
    with pytest.raises(InputRejected) as refused:
        town.bring(csv_text(list(columns), rows))
    assert refused.value.problems == ("1 row holds a rate without the number that it is a rate of (row 3).",)
    town.bring(csv_text(list(columns), rows[:1]))
    assert town.ask("SELECT count FROM area_measure WHERE area_code = 'E01010108'") == [(100,)]
