"""Back to the partners in their own columns, and to the person in plain words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import db.agreements
import db.case_reading
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.casework import actions, approach, decisions
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.errors import InputRejected, Refused
from kingshurst_tui.leaving import columns_back, disclosed, formula_guard, letters, plain_words
from kingshurst_tui.leaving.columns_back import Item, written
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import PANEL, Town
from tests.leaving.conftest import WHY

FIELDS = {
    "lead_agency": "SCH",
    "why": "SECRET-REASON: the hospital told us of an overdose.",
    "why_not_first_contacted": "They met the person once.",
    "review_on": "2026-08-03",
    "review_trigger": "A move.",
}
LETTER = {
    "because": "The housing team know you best. You told us that you want to stay in your home.",
    "next_steps": "Sam from the housing team visits you next week.\nYou agree together what to do first.",
    "reply_to": "Sam Example, 0121 496 0000",
}


def known_to(town: Town, reference: str) -> tuple[PersonLine, str]:
    """Return an open, flagged adult whom a data set knows, and its reference for them."""
    for line in town.lines("flagged"):
        if line.is_open and line.under_18 is False and not line.do_not_approach:
            with town.coordinator.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL) as act:
                for row in act.read(db.case_reading.records, line.profile_id):
                    if row.agreement_ref == reference and row.partner_reference:
                        return line, row.partner_reference
    raise AssertionError("the town holds no such person")


def agreement_of(town: Town, reference: str) -> Agreement:
    return from_text(town.coordinator.look(db.agreements.versions, reference)[-1].document)


def decided(town: Town, pseudonym: str) -> int:
    form = decisions.open_form(town.coordinator, pseudonym, PANEL)
    marked = [name for name in DISCUSSED if name not in FIELDS]
    return decisions.sign(town.coordinator, pseudonym, FIELDS, marked, version=form.version, reason=PANEL).number


def test_a_partner_gets_its_own_columns_its_own_reference_and_its_own_form_of_dates(town: Town, out: Path) -> None:
    line, reference = known_to(town, "SCH-TENANTS")
    decided(town, line.pseudonym)
    actions.add(
        town.coordinator, line.pseudonym, "=Visit every week", owner_agency="SCH", due_on=date(2026, 6, 1), reason=PANEL
    )
    actions.add(
        town.coordinator, line.pseudonym, "Of another agency", owner_agency="WMP", due_on=date(2026, 6, 1), reason=PANEL
    )
    sent = columns_back.columns_back(
        town.coordinator,
        "SCH-TENANTS",
        Recipient("Data desk", "SCH"),
        panel=None,
        into=out,
        why=WHY,
        reason=PANEL,
    )
    (copy,) = sent.copies
    agreement = agreement_of(town, "SCH-TENANTS")
    header, rows = read_back(agreement, copy.path.read_bytes())
    assert header == [*agreement.columns, *columns_back.OURS]
    assert sent.rows == len(rows) == 2
    theirs = next(column for column, field in agreement.columns.items() if field == "person.reference")
    for row in rows:
        assert row[theirs] == reference
        assert row["Kingshurst copy"] == copy.recipient.mark
        assert "SECRET-REASON" not in " ".join(row.values())
    what = {row["Kingshurst item"].split()[0]: row for row in rows}
    assert what["decision"]["Due or reviewed on"] == date(2026, 8, 3).strftime(agreement.format.dates)
    assert formula_guard.uncell(what["action"]["What"]) == "=Visit every week"
    assert what["action"]["What"].startswith("'=")


def read_back(agreement: Agreement, body: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """Read a file as the partner's own system would."""
    if agreement.format.kind == "xlsx":
        from openpyxl import load_workbook

        found = [[str(value or "") for value in row] for row in load_workbook(io.BytesIO(body)).worksheets[0].values]
    else:
        encoding = "utf-8-sig" if agreement.format.encoding == "utf-8" else agreement.format.encoding
        text = io.StringIO(body.decode(encoding), newline="")
        found = list(csv.reader(text, delimiter=agreement.format.delimiter))
    return found[0], [dict(zip(found[0], row, strict=True)) for row in found[1:]]


def test_a_data_set_s_columns_go_to_its_own_agency_alone(town: Town, out: Path) -> None:
    with pytest.raises(Refused, match="data set of SCH"):
        columns_back.columns_back(
            town.coordinator, "SCH-TENANTS", Recipient("X", "WMP"), panel=None, into=out, why=WHY, reason=PANEL
        )


@given(
    st.sampled_from(["csv", "xlsx"]),
    st.sampled_from(["utf-8", "utf-16", "windows-1252", "latin-1"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.text(max_size=40),
)
def test_whatever_was_typed_stays_text_in_their_form(
    town_agreement: Agreement, kind: str, encoding: str, delimiter: str, words: str
) -> None:
    form = replace(town_agreement.format, kind=kind, encoding=encoding, delimiter=delimiter)
    agreement = replace(town_agreement, format=form)
    item = Item(f"T-{words}", "KH-AAAA-AAAA", "action 1", date(2026, 5, 4), words, "SCH", date(2026, 6, 1))
    body = written(agreement, (item,), "7Q2M-9FTR-X4KD")
    assert formula_guard.faults(kind, body) == ""
    header, (row,) = read_back(agreement, body)
    assert header == [formula_guard.cell(each) for each in (*agreement.columns, *columns_back.OURS)]
    if kind == "xlsx" or encoding.startswith("utf"):
        assert row["What"] == formula_guard.cell(words)


@pytest.fixture(scope="session")
def town_agreement(demo_store: object) -> Agreement:
    from kingshurst_tui.demo.build import DemoStore

    assert isinstance(demo_store, DemoStore)
    with demo_store.signed_in("coordinator") as session:
        return from_text(session.look(db.agreements.versions, "SCH-TENANTS")[-1].document)


def send(town: Town, out: Path, pseudonym: str, kind: str = "letter", **changed: str) -> str:
    (copy,) = letters.letter(
        town.coordinator, pseudonym, LETTER | changed, kind=kind, form="txt", into=out, why=WHY, reason=PANEL
    )
    return copy.path.read_text()


def someone(town: Town) -> str:
    line, _ = known_to(town, "SCH-TENANTS")
    decided(town, line.pseudonym)
    return line.pseudonym


def test_a_letter_says_who_leads_why_what_next_and_how_to_object_and_nothing_of_the_record(
    town: Town, out: Path
) -> None:
    pseudonym = someone(town)
    for kind in letters.KINDS:
        text = send(town, out, pseudonym, kind)
        said = " ".join(text.split())
        for words in ("now leads", "know you best", "visits you next week", "3 August 2026", "object", "0121 496 0000"):
            assert words in said
        for words in ("SECRET-REASON", "overdose", pseudonym):
            assert words not in text
        one = disclosed.listed(town.supervisor, PANEL)[0]
        assert (one.kind, one.copies[0].name, one.data_sets) == (kind, "the person", ())


def test_a_letter_is_short_and_plain(town: Town, out: Path) -> None:
    text = send(town, out, someone(town))
    # The mark at the foot is for whoever finds it.
    body = text[: text.rindex("Copy ")]
    lines = " ".join(each for each in body.replace("- ", "").split("\n") if not set(each) <= {"-"})
    assert max(len(each.split()) for each in plain_words.sentences(lines)) <= 30
    assert plain_words.grade(lines) <= 7


NOT_FOR_A_PERSON = (
    "Your profile was flagged.",
    "The multi-agency panel triaged you.",
    "The hospital told us about your diagnosis.",
    "You drink, and your mental health is poor.",
    " ".join(["word"] * 25) + ".",
    "",
)


def test_words_of_the_trade_health_and_long_sentences_do_not_go_to_a_person(town: Town, out: Path) -> None:
    pseudonym = someone(town)
    for because in NOT_FOR_A_PERSON:
        with pytest.raises(InputRejected):
            send(town, out, pseudonym, because=because)
    assert list(out.iterdir()) == []


def test_nobody_is_written_to_who_is_not_to_be_approached(town: Town, out: Path) -> None:
    pseudonym = someone(town)
    approach.say(town.coordinator, pseudonym, do_not_approach=True, safe_contact="By telephone", reason=PANEL)
    with pytest.raises(Refused, match="not to be approached"):
        send(town, out, pseudonym)


def test_nobody_is_written_to_before_anything_is_decided(town: Town, out: Path) -> None:
    line, _ = known_to(town, "SCH-TENANTS")
    with pytest.raises(Refused, match="No decision"):
        send(town, out, line.pseudonym)
