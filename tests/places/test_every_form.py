"""No form of the Board's report carries a number that is not in its words: not in pictures, nor in what lies behind."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from docx import Document

from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.leaving.pages import Interval, draw
from kingshurst_tui.places.board_report import board_figures, document

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

WHO = Recipient("Ada Board (invented)", "SMBC", mark="AAAA-BBBB-CCCC")
DRAWN = re.compile(r"<style>.*?</style>|<(?:path|circle|line|rect|text|g|svg|polygon)\b[^>]*>", re.S)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def test_no_form_carries_a_number_that_is_not_in_the_words(demo_store: DemoStore) -> None:
    with demo_store.signed_in("coordinator") as session:
        made = document(board_figures(session))
    page = draw("html", made, WHO).decode()
    drawn = DRAWN.findall(page)
    said = re.findall(r'aria-label="([^"]*)"', page)
    words = re.sub(r"<[^>]+>", " ", DRAWN.sub(" ", page))
    assert not re.search(r"data-\w+=|<!--|<script|<template", page)
    assert numbers(" ".join(said)) <= numbers(words)
    assert drawn

    package = zipfile.ZipFile(io.BytesIO(draw("docx", made, WHO)))
    empty = io.BytesIO()
    Document().save(empty)
    usual = set(zipfile.ZipFile(empty).namelist())
    more = {name for name in package.namelist() if name not in usual and not re.search(r"word/(foot|head)er", name)}
    assert all(re.fullmatch(r"word/media/image\d+\.(png|svg)|word/_rels/.*", name) for name in more), more
    content = package.read("word/document.xml").decode()
    text = " ".join(re.findall(r"<w:t[ >][^<]*", content)).replace("<w:t", "")
    described = " ".join(re.findall(r'(?:descr|title)="([^"]*)"', content))
    assert numbers(described) <= numbers(text)
    for name in ("docProps/core.xml", "docProps/app.xml"):
        if name in package.namelist():
            about = re.sub(r"<[^>]+>", " ", package.read(name).decode())
            assert not re.search(r"\b\d{2,3}\b(?!\S)", re.sub(r"\d{4}-\d\d-\d\dT\S+", "", about)), about

    pdf = draw("pdf", made, WHO)
    assert not re.search(rb"/EmbeddedFile|/JavaScript|/JS\b|/AcroForm", pdf)


def test_a_picture_can_be_measured_and_tells_no_more_than_its_words() -> None:
    one, other = (Interval("", value, 0.2, 0.6, "38 % (20 % to 60 %)") for value in (0.3801, 0.3842))
    assert one.along("share") == other.along("share") == (0.2, 0.38, 0.6)
    assert one.along("ratio") == other.along("ratio")
