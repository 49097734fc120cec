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
from kingshurst_tui.leaving.pages import FORMS, draw
from kingshurst_tui.places.board_report import board_figures, document, release_board_report
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


def test_quarters_follow_the_calendar() -> None:
    quarter = Quarter(date(2026, 1, 1))
    assert (quarter.title, quarter.last, quarter.before.title) == ("2026-Q1", date(2026, 3, 31), "2025-Q4")
