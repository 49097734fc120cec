"""Actions out as a table and a calendar and back again: no formula, nobody's name, the whole file or none of it."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from kingshurst_tui.casework import action_files, action_replies, action_steps, actions
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.leaving.gate import Recipient
from tests.casework.conftest import PANEL, WORDS
from tests.casework.test_actions import WHY, _add

if TYPE_CHECKING:
    from tests.casework.conftest import Town

HEADER = ",".join(action_files.REPLY)
NADIA = Recipient("Nadia Example", "SCH")
FOR = "So that the housing office plans its week."


def _table(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows]).encode()


def _out(town: Town, folder: Path, form: str) -> bytes:
    [copy] = action_files.release(
        town.coordinator, form, agency="SCH", recipients=[NADIA], why=FOR, into=folder, reason=PANEL
    )
    return copy.path.read_bytes()


def test_a_table_goes_out_without_formulas_and_comes_back_filled_in(town: Town, tmp_path: Path) -> None:
    number = _add(town, text="=HYPERLINK(1)", outcome_sought="-2+3")
    theirs = _add(town, "WMFS")
    rows = list(csv.DictReader(io.StringIO(_out(town, tmp_path, "csv").decode("utf-8-sig"))))
    assert [row["action"] for row in rows] == [str(number)]
    assert (rows[0]["what"], rows[0]["sought"]) == ("'=HYPERLINK(1)", "'-2+3")
    rows[0] |= {"answer": "in-hand", "words": "'=called twice\u202e", "your_reference": "JOB-77"}
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, action_files.TABLE, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    replies = action_replies.read_table(written.getvalue().encode("utf-16"))
    taken = action_replies.take_in(town.practitioner, replies, PANEL)
    assert (taken.changed, taken.unchanged) == ((number,), ())
    shown = action_steps.read(town.practitioner, number, PANEL)
    assert [(each.step, each.words) for each in shown.steps] == [("accepted", ""), ("progress", "=called twice")]
    assert shown.action.owner_reference == "JOB-77"
    assert action_replies.take_in(town.practitioner, replies, PANEL).unchanged == (number,)
    assert len(action_steps.read(town.practitioner, number, PANEL).steps) == 2
    assert action_steps.read(town.practitioner, theirs, PANEL).steps == ()


def test_a_calendar_names_nobody_and_says_nothing_of_what_is_to_be_done(town: Town, tmp_path: Path) -> None:
    number = _add(town, text="Talk to Doreen about the damp")
    body = _out(town, tmp_path, "ics").decode()
    assert "Doreen" not in body.replace("\r\n ", "")
    who = town.open_person()
    assert who.name
    assert who.name not in body
    calendar = Calendar.from_ical(body)
    assert [str(part["summary"]) for part in calendar.walk() if "summary" in part] == [
        f"Action {number} · {who.pseudonym}"
    ] * 2
    for part in calendar.walk("VTODO"):
        part["status"] = "COMPLETED"
    replies = action_replies.read_calendar(calendar.to_ical())
    action_replies.take_in(town.practitioner, replies, PANEL)
    assert action_steps.read(town.coordinator, number, PANEL).action.status == "done"


def test_everything_that_is_wrong_is_said_by_row_and_nothing_is_kept(town: Town) -> None:
    ours, theirs, closed = _add(town), _add(town, "WMFS"), _add(town)
    actions.close(town.practitioner, closed, done=True, reason=PANEL)
    replies = action_replies.read_table(
        _table(
            f"{ours},accepted,,,,",
            f"{theirs},in-hand,,called,,",
            f"{closed},in-hand,,called,,",
            "99,accepted,,,,",
        )
    )
    with pytest.raises(InputRejected) as rejected:
        action_replies.take_in(town.practitioner, replies, PANEL)
    assert rejected.value.problems == (
        f"row 3: action {theirs} is another agency's",
        f"row 4: action {closed} is closed already",
        "row 5: there is no open action 99",
    )
    assert action_steps.read(town.coordinator, ours, PANEL).steps == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,perhaps,,,,", "row 2: answer: one of"),
        ("one,done,,,,", "row 2: action: is no number"),
        ("1,not-done,,,,", "row 2: because: one of"),
        ("1,done,no-resource,,,", "row 2: because: is for what was not done"),
        ("1,declined,,no,,", "row 2: words: why it is refused"),
        ("1,accepted,,,a photograph,", "row 2: evidence: is for"),
        ("1,done,,,", "row 2: 5 cells, and 6 columns"),
        (f"1,in-hand,,called,,{'J' * 61}", "row 2: your_reference: at most 60"),
        ("1,done,,,,\r\n1,done,,,,", "row 3: action 1 stands there twice"),
    ],
)
def test_a_row_that_is_not_as_it_should_be(row: str, said: str) -> None:
    with pytest.raises(InputRejected) as rejected:
        action_replies.read_table(_table(row))
    assert any(problem.startswith(said) for problem in rejected.value.problems), rejected.value.problems


def test_columns_are_exactly_those_that_went_out() -> None:
    for header in ("action,answer", HEADER + ",score", HEADER.replace("words", "Words"), ""):
        with pytest.raises(InputRejected):
            action_replies.read_table(header.encode())
    assert action_replies.read_table(_table("1,,,,,", "", ",,,,,")) == ()


def test_a_file_of_another_store_is_noticed(town: Town) -> None:
    number = _add(town)
    action_steps.decline(town.practitioner, number, WHY, reason=PANEL)
    other = action_files.uid(number, "KH-AAAA-AAAA")
    body = f"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:{other}\r\nSTATUS:COMPLETED\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    with pytest.raises(InputRejected) as rejected:
        action_replies.take_in(town.practitioner, action_replies.read_calendar(body.encode()), WORDS)
    assert rejected.value.problems == (f"row 1: action {number} is about somebody else here",)


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_refused_in_words(data: bytes) -> None:
    table, calendar = _table("1,in-hand,,"), b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\n"
    for body in (data, table + data, calendar + data):
        with suppress(InputRejected):
            action_replies.read_table(body)
        with suppress(InputRejected):
            action_replies.read_calendar(body)
