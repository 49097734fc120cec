"""Small numbers cannot be had: not by reading, not by subtraction, not by everything at once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

import db.agreements
from kingshurst_tui.leaving.suppression import (
    BASE,
    HIDDEN,
    TOTAL,
    UNDER,
    Cell,
    Suppressed,
    rounded,
    share,
    suppressed,
    suppressed_list,
)
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL, Town

numbers = st.one_of(st.integers(0, 14), st.integers(0, 300))


@st.composite
def tables(draw: st.DrawFn) -> dict[Cell, int]:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return {(f"r{row}", f"c{column}"): draw(numbers) for row in range(rows) for column in range(columns)}


def truth(counts: Mapping[Cell, int]) -> dict[Cell, int]:
    whole = dict(counts)
    for (row, column), count in counts.items():
        for cell in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            whole[cell] = whole.get(cell, 0) + count
    return whole


@given(tables())
def test_nothing_under_ten_is_shown_and_the_rest_is_rounded(counts: dict[Cell, int]) -> None:
    shown = suppressed(counts)
    for cell, count in truth(counts).items():
        if count < UNDER:
            assert shown.value(*cell) is None
        assert shown.value(*cell) in (None, rounded(count))


def attacked(shown: Suppressed, cell: Cell) -> tuple[float, float]:
    """Return between what an attacker can place a cell: exact bounds over whole numbers near what is shown."""
    from scipy.optimize import linprog

    inner = [(row, column) for row in shown.rows for column in shown.columns]

    def over(row: str, column: str) -> list[float]:
        return [float((not row or r == row) and (not column or c == column)) for r, c in inner]

    most, limits = [], []
    for (row, column), number in shown.shown.items():
        most += [over(row, column), [-each for each in over(row, column)]]
        limits += [number + BASE // 2, -(number - BASE // 2)]
    ends = []
    for sign in (1.0, -1.0):
        found = linprog([sign * each for each in over(*cell)], A_ub=most or None, b_ub=limits or None)
        ends.append(sign * found.fun if found.success else float("inf"))
    return ends[0], ends[1]


@settings(max_examples=40)
@given(tables())
def test_no_small_number_can_be_narrowed_by_everything_that_is_shown(counts: dict[Cell, int]) -> None:
    shown = suppressed(counts)
    for cell, count in truth(counts).items():
        if count < UNDER:
            least, most = attacked(shown, cell)
            assert least <= 0.5
            assert most >= UNDER - 1.5


def test_a_single_hidden_cell_takes_another_with_it() -> None:
    shown = suppressed({("a", "x"): 3, ("a", "y"): 40, ("b", "x"): 50, ("b", "y"): 60})
    assert shown.cell("a", "x") == HIDDEN
    for line in ([("a", "y"), ("a", TOTAL)], [("b", "x"), (TOTAL, "x")]):
        assert any(shown.value(*cell) is None for cell in line)


def test_two_tiny_cells_do_not_tell_each_other() -> None:
    shown = suppressed_list({"none": 0, "one": 1, "many": 60})
    assert (shown["none"], shown["one"]) == (HIDDEN, HIDDEN)
    assert HIDDEN in (shown["many"], shown[TOTAL])


def test_a_table_without_small_numbers_is_only_rounded() -> None:
    shown = suppressed({("a", "x"): 12, ("a", "y"): 43, ("b", "x"): 58, ("b", "y"): 1_261})
    assert [shown.cell("a", "x"), shown.cell("a", "y"), shown.cell("b", "x")] == ["10", "45", "60"]
    assert (shown.cell("b", "y"), shown.total) == ("1,260", "1,375")


def test_an_agreement_may_ask_for_other_numbers() -> None:
    assert suppressed_list({"a": 7, "b": 30}, under=5, base=10)["a"] == "10"
    assert suppressed_list({"a": 19, "b": 300}, under=20)["a"] == HIDDEN


def test_an_empty_table_shows_nothing() -> None:
    assert suppressed({}).total == HIDDEN


def test_a_table_too_large_to_audit_shows_its_grand_total_alone() -> None:
    shown = suppressed({(f"r{row}", f"c{column}"): 50 for row in range(21) for column in range(20)})
    assert dict(shown.shown) == {(TOTAL, TOTAL): 21_000}


def test_negative_counts_and_nameless_rows_are_mistakes() -> None:
    with pytest.raises(ValueError, match="negative"):
        suppressed({("a", "x"): -1})
    with pytest.raises(ValueError, match="labels"):
        suppressed({("", "x"): 12})


def test_shares_are_hidden_at_both_ends() -> None:
    assert share(5, 50) == share(45, 50) == HIDDEN
    assert share(20, 40) == "about 50%"


def test_the_strictest_agreement_behind_the_figures_is_kept_to(town: Town) -> None:
    from kingshurst_tui.leaving.suppression_terms import terms_of

    def asking(reference: str, **asked: int) -> None:
        row = next(each for each in town.coordinator.look(db.agreements.every) if each.reference == reference)
        lines = "".join(f"{name} = {value}\n" for name, value in asked.items())
        text = row.document.replace("[agreement]\n", f"[agreement]\n{lines}", 1)

        def put(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE agreement SET document = ? WHERE id = ?", (text, row.id))

        town.user("governance").stage(Operation.ADMINISTER, Thing.AGREEMENT, put)

    def terms(*references: str) -> tuple[int, int]:
        with town.coordinator.act(Operation.CONSULT, Thing.AGREEMENT, reason=PANEL) as act:
            return tuple(terms_of(act, references or None))  # type: ignore[return-value]

    assert terms() == (10, 5)
    asking("SCH-TENANTS", suppress_under=5, round_to=1)
    assert terms("SCH-TENANTS") == (5, 1)
    assert terms() == (10, 5), "the others still ask for the usual"
    asking("SCH-TENANCY", suppress_under=20, round_to=10)
    assert terms() == (20, 10)


def test_which_number_is_hidden_beside_a_small_one_is_drawn_with_the_stores_own_secret() -> None:
    """Were it always the smaller, a 9 beside a hidden 12 and a shown 12 could be told exactly."""
    counts = {"a": 9, "b": 12, "c": 12}
    hidden = {name for key in range(20) for name in "bc" if suppressed_list(counts, key=bytes([key]))[name] == HIDDEN}
    assert hidden == {"b", "c"}
    assert suppressed_list(counts, key=b"one") == suppressed_list(counts, key=b"one")
    assert all(suppressed_list({"a": 9, "b": 12, "c": 900}, key=bytes([key]))["a"] == HIDDEN for key in range(5))
