"""The Board's report as it leaves: made by one command, no small number, nobody's name, in every form."""

from __future__ import annotations

import csv
import html
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kingshurst_tui.acts import Reason
from kingshurst_tui.cli import main
from kingshurst_tui.errors import Refused
from kingshurst_tui.learning.quarters import Quarter
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.leaving.maps import lines_across
from kingshurst_tui.leaving.pages import FORMS, draw
from kingshurst_tui.places.board_report import board_figures, document, release_board_report
from kingshurst_tui.places.board_words import plainly
from kingshurst_tui.vocabulary import ReasonCode

if TYPE_CHECKING:
    from pathlib import Path

    from kingshurst_tui.demo.build import DemoStore

WHO = Recipient("Ada Board (invented)", "SMBC", mark="AAAA-BBBB-CCCC")


def test_a_released_report_holds_no_small_number_and_nobodys_name(demo_copy: DemoStore, tmp_path: Path) -> None:
    place = tmp_path / "passphrase"
    place.touch(mode=0o600)
    place.write_text(demo_copy.passphrases["governance"])
    into = tmp_path / "out"
    into.mkdir()
    told = ["--into", str(into), "--to", "SMBC:Ada Board (invented)", "--reason", "For the Board of May."]
    given = ["--user", "governance", "--passphrase-file", str(place)]
    assert main(["places", "report", str(demo_copy.store), *told, *given]) == 0
    (file,) = into.glob("board-report-*.html")
    page = file.read_text("utf-8")
    assert "<script" not in page
    # Each map is a picture with words of its own, and every place on it says what is told of it.
    maps = re.findall(r'<svg [^>]*aria-labelledby="(map-\d+-title) (map-\d+-about)">(.*?)</svg>', page, re.S)
    assert maps
    for title, about, drawn in maps:
        assert f'<title id="{title}">' in drawn
        assert f'<desc id="{about}">' in drawn
        assert drawn.count("<path fill=") == drawn.count("<title>") == 24
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert "Approximate: no boundaries are held" in page
    text = html.unescape(re.sub(r"<[^>]+>", "\n", page))
    numbers = [int(each.replace(",", "")) for each in re.findall(r"about ([\d,]+)", text)]
    numbers += [int(each.replace(",", "")) for each in re.findall(r"<td>([\d,]+)</td>", page)]
    assert numbers
    assert all(each >= 10 and each % 5 == 0 for each in numbers), sorted(numbers)[:10]
    with (demo_copy.folder / "truth" / "people.csv").open(encoding="utf-8", newline="") as people:
        for row in csv.DictReader(people):
            assert f"{row['forename']} {row['surname']}" not in text
            assert row["postcode"] not in text
    assert not re.search(r"\bK-?[A-Z0-9]{4}-?[A-Z0-9]{4}\b", text)


def test_every_form_draws_it_and_a_practitioner_may_not_let_it_leave(demo_copy: DemoStore, tmp_path: Path) -> None:
    with demo_copy.signed_in("coordinator") as session:
        figures = board_figures(session)
        assert figures.as_at == date(2026, 5, 4)
        made = document(figures)
        for form in FORMS:
            assert draw(form, made, WHO)
    with demo_copy.signed_in("practitioner") as session, pytest.raises(Refused):
        release_board_report(
            session,
            form="html",
            into=tmp_path,
            recipients=[WHO],
            why="For the Board of May.",
            reason=Reason(ReasonCode.OVERSIGHT),
        )


def test_lines_across_a_shape_leave_out_its_hole() -> None:
    shape = tuple(tuple((x / 8, y / 8) for x, y in ring) for ring in (_box(0, 8), _box(2, 6)))
    whole, before, behind = (0.0, 1.0), (0.0, 0.25), (0.75, 1.0)
    drawn = [(begins[0], ends[0]) for begins, ends in lines_across(shape, 0, 0.3)]
    assert drawn == [whole, before, behind, before, behind, whole]


def _box(low: int, high: int) -> tuple[tuple[int, int], ...]:
    return (low, low), (high, low), (high, high), (low, high), (low, low)


def test_a_board_reads_months_and_not_quarters_of_which_a_financial_year_has_others() -> None:
    assert plainly("95 in 2026-Q2 to 2026-Q3, none in 2025-11 or 2025-Q4 to 2026-Q1; as at 2026-11-23") == (
        "95 in Apr to Sep 2026, none in Nov 2025 or Oct 2025 to Mar 2026; as at 2026-11-23"
    )


def test_quarters_follow_the_calendar() -> None:
    quarter = Quarter(date(2026, 1, 1))
    assert (quarter.title, quarter.last, quarter.before.title) == ("2026-Q1", date(2026, 3, 31), "2025-Q4")
