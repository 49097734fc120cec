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


def test_all_that_is_wrong_is_said_at_once_with_its_rows(town: Town) -> None:
    town.sign(agreement(form={"shape": "areas"}, tolerance_percent=1.0))
    wrong = [
        ["E01010118", "2026-03", "ASB", "-4"],
        ["E05001290", "2026-13", "", "x"],
        ["E01010108", "2026-03", "ASB", "13"],
        ["B37 6XX", "2026-03", "ASB", "3"],
        ["E01010108", "2026-03", "Total", "99"],
    ]
    content = csv_text(list(AREA_COLUMNS), [*COUNTED, *wrong])
    with pytest.raises(InputRejected) as refused:
        town.bring(content)
    said = "\n".join(refused.value.problems)
    for words in (
        "a count below nought (row 4)",
        "none of the agreement's level (row 5)",
        "not a month in the agreement's form (row 5)",
        "no category (row 5)",
        "not a number (row 5)",
        "with another count (row 6)",
        "finer area than the agreement allows (row 7)",
        "not the sum of its parts (row 8)",
    ):
        assert words in said
    assert town.stored() == NOTHING
    # A missing column does not hide what is wrong with the rows.
    with pytest.raises(InputRejected) as short:
        town.bring(csv_text(list(AREA_COLUMNS)[:3], [row[:3] for row in wrong]))
    assert short.value.problems[0] == "Column 'Count' is missing."
    assert "not a month in the agreement's form (row 3)" in "\n".join(short.value.problems)


def test_an_extract_without_a_row_says_so(town: Town) -> None:
    town.sign(agreement(form={"shape": "areas"}))
    for rows in ([], [["", "", "", ""]]):
        for way in (town.bring, town.check):
            with pytest.raises(InputRejected, match="column names, but no row") as refused:
                way(csv_text(list(AREA_COLUMNS), rows))
            assert "noughts would stand there as rows" in refused.value.detail


def test_a_part_is_no_larger_than_its_whole_and_a_measure_needs_a_count(town: Town) -> None:
    columns = {"URN": "area.code", "Year": "area.month", "Kind": "area.category", "Late": "area.count"}
    form = {"shape": "areas", "span": "academic-year"}
    terms = agreement(columns, form=form, granularity="school") + '[measures]\nAll = { name = "All", is = "whole" }\n'
    town.sign(terms)
    rows = [["104038", "2019-20", "x", "12", "991.5"], ["104039", "201920", "x", "12", "11"]]
    header = [*columns, "All"]
    with pytest.raises(InputRejected) as refused:
        town.bring(csv_text(header, rows))
    assert "a part that is larger than the whole it is of (row 3)" in refused.value.problems[0]
    town.bring(csv_text(header, rows[:1]))
    stored = town.ask("SELECT month, category, count FROM area_measure ORDER BY category")
    assert stored == [("2019/20", "x", 12), ("2019/20", "x / All", 992)]
    for wrong in ("2019-21", "2019", "2031-32"):
        with pytest.raises(InputRejected):
            town.bring(csv_text(header, [["104038", wrong, "x", "12", "20"]]))
    with pytest.raises(InputRejected) as unsigned:
        town.sign(terms.replace('"area.count"', '"area.rate"').replace("WMP-TEST", "OTHER"))
    assert "[measures] are further numbers beside area.count" in "\n".join(unsigned.value.problems)
