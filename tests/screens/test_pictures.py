"""Pictures made of text: counts by month, and what speaks for and against a link."""

from __future__ import annotations

from datetime import date

from rich.cells import cell_len

from kingshurst_tui.counting import some
from kingshurst_tui.dates import read_date, say_date, show_date
from screens.widgets.month_picture import MonthPicture, MonthRow
from screens.widgets.virtual_table import fit
from screens.widgets.waterfall import Piece, Waterfall


def test_months_show_counts_none_and_unknown_apart() -> None:
    picture = MonthPicture()
    picture._first = date(2026, 1, 1)
    picture._rows = [MonthRow("WMP", (0, 3, 12)), MonthRow("another agency", (None, None, 1))]
    years, letters, police, other = picture.lines(78)
    assert years.split() == ["'26"]
    assert letters.split() == ["J", "F", "M", "all"]
    assert police.split() == ["WMP", "·", "▂3", "█12", "15"]
    assert other.split()[2:4] == ["?", "?"]
    assert other.endswith("1+?")


def test_a_narrow_terminal_keeps_the_latest_months() -> None:
    picture = MonthPicture()
    picture._first = date(2024, 1, 1)
    picture._rows = [MonthRow("WMP", tuple(range(24)))]
    lines = picture.lines(60)
    assert all(cell_len(line) <= 60 for line in lines)
    assert lines[-1].rstrip().split()[-2].endswith("23")


def test_bars_stand_on_the_side_they_speak_for() -> None:
    waterfall = Waterfall()
    waterfall._pieces, waterfall._total = [Piece("surname: the same", 6.0), Piece("sex: differs", -3.0)], 3.0
    head, for_line, against, total = waterfall.lines(78)
    line = head.index("│")
    assert "█" in for_line[line:]
    assert "█" not in for_line[:line]
    assert "█" in against[:line]
    assert "█" not in against[line:]
    assert for_line.rstrip().endswith("+6.0")
    assert total.split()[-1] == "+3.0"


def test_words_fit_their_cells_even_when_letters_are_wide() -> None:
    for words in ("李小龙 was here", "short", "e\u0301" * 40):
        assert cell_len(fit(words, 9)) == 9


def test_days_are_read_as_the_british_write_them() -> None:
    for typed in ("3 May 2026", "3/5/2026", "3.5.26", "2026-05-03", " 3rd may 2026 "):
        assert read_date(typed) == date(2026, 5, 3)
    for typed in ("31/2/2026", "May", "5", "3 Ma 2026", "13/13/2026", ""):
        assert read_date(typed) is None
    assert show_date(date(2026, 5, 3)) == "3 May 2026"


def test_a_picture_from_december_names_one_year() -> None:
    picture = MonthPicture()
    picture.show_counts(date(2024, 12, 1), [MonthRow("SCH", (1,) * 14)])
    assert "'24'25" not in picture.lines(80)[0]
    assert "'25" in picture.lines(80)[0]


def test_numbers_and_words_agree() -> None:
    assert some(1, "source") == "1 source"
    assert some(1024, "person is", "people are") == "1,024 people are"
    assert say_date(date(2026, 11, 10)) == "10 November 2026"
