"""How many rows an extract held is told by role: whoever sees published cells alone could set it against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.counting import roughly
from kingshurst_tui.intake.batches import listed
from screens.data_set_words import quality_facts, rows_in_short

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore


def test_a_practitioner_reads_rows_of_their_own_agency_and_of_others_roughly(demo_store: DemoStore) -> None:
    with demo_store.signed_in("coordinator") as session:
        exact = {each.number: each for each in listed(session)}
        assert all(each.is_exact for each in exact.values())
        assert any(each.quality.get("coverage", {}).get("months") for each in exact.values())
    with demo_store.signed_in("practitioner") as session:
        for each in listed(session):
            true = exact[each.number]
            if each.data_set.startswith("SCH"):
                assert each == true
                continue
            assert not each.is_exact
            rows = (true.rows_read or 0, true.rows_accepted or 0)
            assert (each.rows_read, each.rows_accepted) == tuple(map(roughly, rows))
            said = " ".join(str(value) for _, value in quality_facts(each)).split()
            assert all(f"{number:,}" not in said for number in rows if number >= 100 and number % 10)
            assert "rows" not in each.quality
            assert "months" not in each.quality.get("coverage", {})
            assert rows_in_short(each).startswith(("~", "<")) or each.in_tens
