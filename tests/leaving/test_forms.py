"""Strangers' text in every form that leaves: read back as it was, and nothing in it acts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingshurst_tui.leaving import formula_guard, marks, pages
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.leaving.pages import Document, Facts, Grid, Listed, Section, Words, draw, plain

ADA = Recipient("Ada Éxample-Ñandú", "SCH", mark="7Q2M-9FTR-X4KD", keep_until=date(2026, 6, 1))
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %}",
    '=HYPERLINK("http://x","y")',
    "@SUM(1)",
    "\tindented",
    "-2+3+cmd|' /C calc'!A0",
    "Zoë Müller-Østergård, O’Brien, Łukasz, Nguyễn, Ωμέγα, Юлия",
    "a\x1b[2Jb\x00c\u202etxt.exe\u200b",
    "\ud800 half",
    "]]> &amp; &lt;b&gt; \"quoted\" 'single'",
    "\\x28 (brackets) \\) ET Tj endstream endobj",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


def document(words: str) -> Document:
    """Return a document with the words in every kind of slot."""
    blocks = (Words(words), Facts(((words, words),)), Listed((words,)), Grid(("A", words), ((words, words),)))
    return Document(words, (words,), (Section(words, blocks),))


class Read(HTMLParser):
    """What a browser makes of a page: its elements, and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "p", "h1", "h2", "section", "dl", "dt", "dd", "br", "ul", "li",
    "table", "thead", "tbody", "tr", "th", "td", "footer",
}  # fmt: skip


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(texts)
def test_a_page_holds_the_words_and_no_element_of_theirs(words: str) -> None:
    page = draw("html", document(words), ADA)
    read = Read()
    read.feed(page.decode())
    assert read.tags <= ELEMENTS
    assert read.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}
    assert squeezed(plain(words)) in squeezed(read.text)
    assert ADA.mark in read.text
    assert formula_guard.faults("html", page) == ""


@given(texts)
def test_plain_text_holds_the_words_and_nothing_that_steers(words: str) -> None:
    body = draw("txt", document(words), ADA)
    assert formula_guard.faults("txt", body) == ""
    assert squeezed(plain(words)) in squeezed(body.decode())


@given(texts)
def test_a_docx_opens_and_says_the_words(words: str) -> None:
    import docx

    body = draw("docx", document(words), ADA)
    package = docx.Document(io.BytesIO(body))
    told = "\n".join(each.text for each in package.paragraphs)
    assert squeezed(plain(words)) in squeezed(told)
    assert squeezed(package.tables[0].rows[1].cells[0].text) == squeezed(plain(words))
    assert ADA.mark in package.sections[0].header.paragraphs[0].text
    assert marks.is_in(ADA.mark, "docx", body)


def told_by(body: bytes) -> str:
    """Return the text of a PDF by its own tables, in the order of its lines."""
    numbers: dict[int, str] = {}
    for mapped in re.findall(rb"beginbfchar(.*?)endbfchar", body, re.S):
        for glyph, letters in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", mapped):
            numbers[int(glyph, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    said = ""
    for raw in re.findall(rb"\(((?:[^\\()]|\\.)*)\)\s*Tj", body, re.S):
        glyphs = re.sub(rb"\\(.)", lambda found: {b"r": b"\r", b"n": b"\n"}.get(found[1], found[1]), raw, flags=re.S)
        said += "".join(numbers[int.from_bytes(glyphs[at : at + 2], "big")] for at in range(0, len(glyphs), 2)) + "\n"
    return said


@given(texts)
def test_a_pdf_says_the_words_and_what_its_font_lacks_by_number(words: str) -> None:
    from kingshurst_tui.leaving.pdf_pages import LACKING, drawable

    body = draw("pdf", document(words), ADA)
    told = squeezed(told_by(body))
    assert squeezed(drawable(words)) in told
    assert (squeezed(LACKING) in told) == ("[U+" in drawable(words))
    assert marks.is_in(ADA.mark, "pdf", body)


def test_a_table_that_runs_over_pages_says_its_columns_on_each_and_cuts_no_word() -> None:
    words = "temporary accommodation for Zoë Müller-Østergård and an unpronounceableness of counterarguments"
    rows = tuple((f"Action {number}", words * (1 + number % 3), "SCH, Jo Marsh\n3 May 2026") for number in range(60))
    endless = ("Action 60", " ".join([words] * 200), "nobody")
    table = Grid(("Action", "What is sought", "By whom"), (*rows, endless))
    body = draw("pdf", Document("Minutes", (), (Section("Actions", (table, Words("The end."))),)), ADA)
    told = told_by(body)
    pages_drawn = len(re.findall(rb"/Type /Page\b", body))
    assert told.count("What is sought\n") == pages_drawn > 5
    said = told.partition("By whom\n")[2].partition("The end.")[0]
    said = "\n".join(line for line in said.split("\n") if ADA.mark not in line and line not in table.header)
    assert Counter(said.split()) == Counter(word for row in table.rows for cell in row for word in cell.split())


def test_a_table_with_a_word_as_wide_as_a_page_stands_in_lines() -> None:
    body = draw("pdf", Document("Minutes", (), (Section("A", (Grid(("What", "By"), (("x" * 150, "SCH"),)),)),)), ADA)
    assert "By: SCH" in told_by(body)


def test_names_with_accents_are_drawn_and_others_given_by_number() -> None:
    from kingshurst_tui.leaving.pdf_pages import drawable

    for name in ("Zoë Müller-Østergård", "Łukasz Żółć", "Nguyễn Thị", "O’Brien", "Ωμέγα", "Юлия", "Çağlar İnce"):
        assert drawable(name) == name
    assert drawable("مريم") == "[U+0645][U+0631][U+064A][U+0645]"


def test_files_say_nothing_of_who_made_them_or_where_and_are_the_same_every_time() -> None:
    for form in pages.FORMS:
        assert draw(form, document("Elm Road"), ADA) == draw(form, document("Elm Road"), ADA), form
    pdf = draw("pdf", document("Elm Road"), ADA)
    assert "Elm Road" in told_by(pdf), "its text is not compressed: anybody may look for what hides in it"
    for word in (b"fpdf", b"/Author", b"/JavaScript", b"/URI", b"/Launch"):
        assert word not in pdf, word
    with zipfile.ZipFile(io.BytesIO(draw("docx", document("Elm Road"), ADA))) as package:
        about = package.read("docProps/core.xml").decode()
        everything = b"".join(package.read(name) for name in package.namelist())
    assert "python-docx" not in about
    assert b'TargetMode="External"' not in everything
    assert {each.date_time for each in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}


@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from([",", ";", "\t", "|"]))
def test_no_cell_is_a_formula_under_any_country_s_settings(words: list[str], delimiter: str) -> None:
    body = formula_guard.csv_bytes(["a"] * len(words), [words, words], delimiter=delimiter)
    assert formula_guard.faults("csv", body) == ""
    text = body.decode("utf-8-sig")
    for parted in ",;|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=parted):
            assert not any(each.lstrip('"').startswith(("=", "+", "-", "@", "\t", "\r")) for each in row)
    back = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1]
    assert len(back) == len(words)


@given(texts)
def test_a_guarded_cell_comes_back_as_it_was(words: str) -> None:
    once = formula_guard.cell(words)
    assert formula_guard.uncell(once).replace(" ", "") == plain(words).replace("\n", " ").strip().replace(" ", "")
    assert formula_guard.cell(formula_guard.uncell(once)) == once


@pytest.mark.parametrize("text", ['"a","=1"\r\n', "a;+1\n", '"a"\n"\t=1"\n', "a,\uff1d1\n"])
def test_a_file_with_a_formula_does_not_pass(text: str) -> None:
    assert formula_guard.faults("csv", text.encode())
