"""Counts for areas: the newest word counts, the gate holds, small ones are hidden, gaps are named."""

from __future__ import annotations

from datetime import timedelta

from kingshurst_tui.places import measures
from tests.intake.conftest import AREA_COLUMNS, Town, agreement, csv_text

LSOA = agreement(reference="WMP-AREAS", form={"shape": "areas"})


def rows(**counts: int) -> str:
    return csv_text(
        list(AREA_COLUMNS), [["E01010108", month[1:].replace("_", "-"), "ASB", n] for month, n in counts.items()]
    )


def shown(town: Town) -> dict[str, str]:
    return {line.month: line.shown for line in measures.measures(town.session("practitioner"))}


def test_a_later_extract_states_a_place_and_month_anew_and_a_recall_brings_the_old_back(town: Town) -> None:
    town.sign(LSOA)
    town.bring(rows(m2026_01=20, m2026_02=30), "WMP-AREAS")
    later = town.bring(rows(m2026_02=40), "WMP-AREAS")
    assert shown(town) == {"2026-01": "20", "2026-02": "40"}
    town.recall(later.batch)
    assert shown(town) == {"2026-01": "20", "2026-02": "30"}


def test_small_counts_are_hidden_nought_too_and_others_rounded(town: Town) -> None:
    town.sign(LSOA)
    town.bring(rows(m2025_08=0, m2025_09=5, m2025_10=7, m2025_11=9, m2025_12=12, m2026_01=13), "WMP-AREAS")
    assert list(shown(town).values()) == ["hidden", "hidden", "hidden", "hidden", "10", "30", "15"]  # 30: the quarter


def test_a_lapsed_agreement_shows_no_counts(town: Town) -> None:
    town.sign(agreement(reference="WMP-AREAS", form={"shape": "areas"}, expires="@2026-05-04"))
    town.bring(rows(m2026_01=20), "WMP-AREAS")
    assert len(shown(town)) == 1
    town.clock.move(timedelta(days=1))
    assert shown(town) == {}


def test_an_incomplete_month_is_said(town: Town) -> None:
    town.sign(LSOA)
    town.bring(rows(m2025_10=200, m2025_11=210, m2025_12=60, m2026_01=205, m2026_02=190), "WMP-AREAS")
    lines = measures.totals(town.session("practitioner"), area="E01010108")
    assert [line.month for line in lines if not line.complete] == ["2025-12"]


def test_what_changes_no_cell_makes_no_new_publication(town: Town) -> None:
    town.sign(LSOA)
    town.bring(rows(m2026_01=20), "WMP-AREAS")
    assert shown(town) == {"2026-01": "20"}
    town.bring(rows(m2026_01=21), "WMP-AREAS")
    assert shown(town) == {"2026-01": "20"}
    assert town.ask("SELECT number FROM publication") == [(1,)]


def test_a_category_is_the_same_however_it_is_written(town: Town) -> None:
    codes = {"category": {"Violence & Sexual Offences": ["violence", "other"]}}
    town.sign(agreement(reference="WMP-AREAS", form={"shape": "areas"}, codes=codes))
    for name, count in (("Violence and sexual offences", 20), ("VIOLENCE AND SEXUAL-OFFENCES", 30)):
        town.bring(csv_text(list(AREA_COLUMNS), [["E01010108", "2026-01", name, count]]), "WMP-AREAS")
    found = measures.measures(town.session("practitioner"))
    assert [(line.category, line.shown) for line in found] == [("Violence & Sexual Offences", "30")]
