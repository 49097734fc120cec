"""The report: what it draws in each form, and that no small number leaves with it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from kingshurst_tui.learning.misses import Referred, UnflaggedSample
from kingshurst_tui.learning.report import document
from kingshurst_tui.learning.usefulness import RuleRecord
from kingshurst_tui.learning.what_works import Row, WhatWorks
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.leaving.pages import FORMS, draw
from kingshurst_tui.linkage.evaluation import Share

ROW = Row("SCH", 40, 90, 1.2, 0.7, 1.1, 1.0, 0.64, 0.45, 0.91, "40 people: fewer than theirs.")
WORKS = WhatWorks(40, 40, ROW, (ROW, Row("WMP")), (), (), ("It does not show <b>cause</b>.",))
RULES = (
    RuleRecord("few", 1, "A rule of few", 9, Share(7, 8), 0, False, None),
    RuleRecord("many", 1, "A rule of many", 90, Share(40, 60), 0, False, None),
)
SAMPLE = UnflaggedSample(1, "00", 900, "supervisor", "2026-05-04", 20, 0, Share(3, 20), 0)
MADE = document(WORKS, RULES, Referred(None, "hidden"), (SAMPLE,), date(2026, 5, 4))
WHO = Recipient("Ada Board (invented)", "SMBC", mark="AAAA-BBBB-CCCC")


def test_a_page_draws_intervals_as_pictures_and_escapes_every_word() -> None:
    page = draw("html", MADE, WHO).decode()
    assert page.count("<svg") == 6  # what the ends of the lines mean stands once over each picture
    assert page.count("<circle") == 3
    assert "&lt;b&gt;cause&lt;/b&gt;" in page
    assert not re.search(r"(?:src|href)=", page)


@pytest.mark.parametrize("form", FORMS)
def test_no_small_number_leaves_in_any_form(form: str) -> None:
    body = draw(form, MADE, WHO)
    assert body
    text = draw("txt", MADE, WHO).decode()
    assert "A rule of many" in text
    assert not re.search(r"\b(7|8|3) of (8|20)\b|\b9 flags\b", text)
    assert "├" in text
