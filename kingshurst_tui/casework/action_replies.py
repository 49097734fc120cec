"""What a partner sends back of its actions, as a table or a calendar: read strictly, taken whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import db.actions
import db.case_reading
import db.decisions
from kingshurst_tui.casework import action_steps, actions
from kingshurst_tui.casework.action_files import ANSWERS, REPLY, TABLE, UID_DOMAIN, uid
from kingshurst_tui.casework.action_shown import NOT_DONE_BECAUSE
from kingshurst_tui.casework.actions import LONGEST
from kingshurst_tui.casework.words_needed import is_a_reason
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.permissions import SPEAKS_FOR_EVERY_AGENCY
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.decisions import ActionRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

MOST_BYTES = 1_000_000
MOST_ROWS = 500
"""Rows that are taken in one transaction, and so in one file: no writer waits longer (docs/architecture.md)."""

_NOTHING = "Nothing was changed."
_UID = re.compile(rf"action-(\d{{1,15}})-[0-9a-f]{{16}}@{UID_DOMAIN}")
_OF_A_TASK = {"IN-PROCESS": "in-hand", "COMPLETED": "done", "CANCELLED": "declined"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What one row says of one action.

    Attributes:
        row: where it stands in the file, for errors.
        pseudonym: about whom the row says that the action is; empty where it does not say.
        name: what a calendar calls it; empty in a table.
        answer: one of ANSWERS.
    """

    row: int
    action: int
    pseudonym: str
    name: str
    answer: str
    because: str
    words: str
    evidence: str
    own_reference: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file came to.

    Attributes:
        rows: that say something.
        changed: actions of which something new was said.
        unchanged: actions that stood so already.
    """

    rows: int
    changed: tuple[int, ...]
    unchanged: tuple[int, ...]


def read_file(path: Path) -> tuple[Reply, ...]:
    """Return what a file says, by its ending: ``.ics`` a calendar, all else a table. Raises: InputRejected."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as failed:
        raise InputRejected("The file cannot be read.", f"{path}. {_NOTHING}", "Check the path.") from failed
    return read_calendar(data) if path.suffix.lower() == ".ics" else read_table(data)


def read_table(data: bytes) -> tuple[Reply, ...]:
    """Return what a table says; rows whose answers are all empty say nothing.

    Args:
        data: CSV in UTF-8, or UTF-16 with its mark, comma or semicolon; the columns are REPLY's or TABLE's, in order.

    Raises: InputRejected with every problem by its row.
    """
    rows = _rows(_text(data))
    header = tuple(clean(name) for name in next(rows, []))
    if header not in (REPLY, TABLE):
        raise InputRejected(
            "The columns are not those of a table of actions.",
            f"{_NOTHING} There: {', '.join(header)[:200] or 'none'}.",
            f"Exactly: {', '.join(REPLY)}; or the table as it went out, its answers filled in.",
        )
    found: list[Reply] = []
    wrong: list[str] = []
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            wrong.append(f"more than {MOST_ROWS} rows: send it in parts")
            break
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            wrong.append(f"row {number}: {len(cells)} cells, and {len(header)} columns")
            continue
        row = dict(zip(header, (_cell(cell) for cell in cells), strict=True))
        if not any(row[name] for name in REPLY[1:-1]):
            continue
        reply, problems = _reply(number, row)
        wrong += [f"row {number}: {problem}" for problem in problems]
        if reply is not None:
            found.append(reply)
    _all_or_nothing(found, wrong)
    return tuple(found)


def read_calendar(data: bytes) -> tuple[Reply, ...]:
    """Return what a calendar's tasks say: in process, completed, or cancelled (refused, its comment says why).

    Raises: InputRejected with every problem by the task's place.
    """
    _bounded(data)
    from icalendar import Calendar

    try:
        tasks = list(Calendar.from_ical(data).walk("VTODO"))
    # Whatever a stranger's bytes make of the library: it is no calendar.
    except Exception as failed:
        raise InputRejected("The file is no calendar.", _NOTHING, "An iCalendar file with tasks.") from failed
    found: list[Reply] = []
    wrong: list[str] = []
    if len(tasks) > MOST_ROWS:
        wrong.append(f"more than {MOST_ROWS} tasks: send it in parts")
    for number, task in enumerate(tasks[:MOST_ROWS], start=1):
        answer = _OF_A_TASK.get(_said(task, "status").upper())
        named = _UID.fullmatch(_said(task, "uid"))
        if named is None:
            wrong.append(f"task {number}: is no action of ours")
            continue
        if answer is None:
            continue
        # What went out said "Copy …"; that is not the partner's word.
        words = clean(re.sub(r"Copy [0-9A-Z-]{4,20}", "", _said(task, "comment")))
        row = {"action": named[1], "answer": answer, "because": "", "words": words}
        if answer == "in-hand" and not words:
            row["words"] = "in hand, as their calendar says"
        reply, problems = _reply(number, row, name=named[0])
        wrong += [f"task {number}: {problem}" for problem in problems]
        if reply is not None:
            found.append(reply)
    _all_or_nothing(found, wrong)
    return tuple(found)


def take_in(session: Session, replies: Sequence[Reply], reason: Reason, *, check: bool = False) -> Taken:
    """Keep what a partner says of its actions: every row, or none and every problem said.

    Args:
        session: somebody of the agency whose actions these are, or a coordinator.
        replies: as read.
        reason: why one acts.
        check: say what it would come to, and keep nothing.

    Raises: InputRejected with every problem by its row, Refused.
    """
    with session.act(Operation.ALTER, Thing.ACTION, reason=reason) as act:
        rows = {each.action: act.read(db.decisions.action_by_id, each.action) for each in replies}
        people = act.read(db.case_reading.by_ids, {row.profile_id for row in rows.values() if row is not None})
        wrong = []
        for each in replies:
            row = rows[each.action]
            whose = people[row.profile_id].pseudonym if row is not None and row.profile_id in people else ""
            wrong += [f"row {each.row}: {problem}" for problem in _against(act, each, row, whose)]
        _all_or_nothing(replies, wrong)
        new = [each for each in replies if not _stands_so(act, each, rows[each.action])]
        for each in () if check else new:
            _keep(act, each, rows[each.action])
        act.note(rows=len(replies), changed=0 if check else len(new), step="check" if check else "taken-in")
    changed = {each.action for each in new}
    return Taken(len(replies), tuple(sorted(changed)), tuple(sorted({each.action for each in replies} - changed)))


def _against(act: Act, each: Reply, row: ActionRow | None, whose: str) -> list[str]:
    if row is None or not whose:
        return [f"there is no open action {each.action}"]
    user = act.session.user
    if user.agency != row.owner_agency and user.role not in SPEAKS_FOR_EVERY_AGENCY:
        return [f"action {each.action} is another agency's"]
    if (each.pseudonym and each.pseudonym != whose) or (each.name and each.name != uid(row.id, whose)):
        return [f"action {each.action} is about somebody else here"]
    if row.status != "open" and not _stands_so(act, each, row):
        return [f"action {each.action} is closed already"]
    return []


def _stands_so(act: Act, each: Reply, row: ActionRow | None) -> bool:
    """Say whether a row says nothing new: the same file may come twice."""
    if row is None:
        return False
    if each.answer in ("done", "not-done"):
        return row.status == each.answer and (row.not_done_because or "") == each.because
    if row.status != "open":
        return False
    if each.answer == "accepted":
        return row.accepted == "accepted" and each.own_reference in ("", row.owner_reference)
    said = [step for step in act.read(db.actions.steps, [row.id]) if step.step == _STEP_OF[each.answer]]
    return bool(said) and said[-1].words == each.words and (each.answer != "declined" or row.accepted == "declined")


_STEP_OF = {"declined": "declined", "in-hand": "progress"}


def _keep(act: Act, each: Reply, row: ActionRow | None) -> None:
    if each.own_reference and row is not None:
        act.write(db.actions.answer, each.action, row.accepted, row.owner_user, each.own_reference)
    if each.answer == "accepted":
        action_steps.accept_in(act, each.action, words=each.words)
    elif each.answer == "declined":
        action_steps.decline_in(act, each.action, each.words)
    elif each.answer == "in-hand":
        action_steps.progress_in(act, each.action, each.words)
    else:
        actions.close_in(
            act,
            each.action,
            done=each.answer == "done",
            because=each.because,
            note=each.words,
            evidence=each.evidence,
        )
    if each.evidence and each.answer == "in-hand":
        action_steps.progress_in(act, each.action, each.evidence, evidence=True)


def _reply(number: int, row: Mapping[str, str], *, name: str = "") -> tuple[Reply | None, list[str]]:
    wrong = []
    action = row["action"]
    if not (action.isascii() and action.isdigit() and len(action) <= 15):
        wrong.append("action: is no number of an action")
    answer, because, words = row["answer"].lower(), row["because"].lower(), row["words"]
    evidence, reference = row.get("evidence", ""), row.get("your_reference", "")
    if answer not in ANSWERS:
        wrong.append(f"answer: one of {', '.join(ANSWERS)}")
    if answer == "not-done" and because not in NOT_DONE_BECAUSE:
        wrong.append(f"because: one of {', '.join(NOT_DONE_BECAUSE)}")
    if answer != "not-done" and because:
        wrong.append("because: is for what was not done")
    if answer == "declined" and not is_a_reason(words):
        wrong.append("words: why it is refused, so that somebody else can weigh it")
    if answer == "in-hand" and not (words or evidence):
        wrong.append("words: how far it has come")
    if evidence and answer not in ("in-hand", "done", "not-done"):
        wrong.append("evidence: is for what is in hand or over")
    if len(words) > LONGEST or len(evidence) > LONGEST:
        wrong.append(f"words and evidence: at most {LONGEST} letters each")
    if len(reference) > action_steps.LONGEST_REFERENCE:
        wrong.append(f"your_reference: at most {action_steps.LONGEST_REFERENCE} letters")
    if wrong:
        return None, wrong
    said = words or evidence if answer == "in-hand" else words
    rest = "" if answer == "in-hand" and not words else evidence
    return Reply(number, int(action), row.get("person", ""), name, answer, because, said, rest, reference), []


def _cell(text: str) -> str:
    from kingshurst_tui.leaving import formula_guard

    return clean(formula_guard.uncell(text.strip()))


def _bounded(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise InputRejected("The file is too long.", _NOTHING, f"At most {MOST_BYTES // 1_000_000} MB.")


def _text(data: bytes) -> str:
    _bounded(data)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as failed:
        raise InputRejected("The file is no text in UTF-8.", _NOTHING, "Save it as CSV in UTF-8.") from failed
    if "\x00" in text:
        raise InputRejected("The file holds NUL characters.", _NOTHING, "Save it as CSV in UTF-8.")
    return text


def _rows(text: str) -> Iterator[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as failed:
        raise InputRejected(
            "The table is broken: a quote is opened and not closed, or a cell is too long.",
            _NOTHING,
            "Save it again as CSV.",
        ) from failed


def _all_or_nothing(replies: Sequence[Reply], wrong: Sequence[str]) -> None:
    problems = list(wrong)
    seen: set[int] = set()
    for each in replies:
        if each.action in seen:
            problems.append(f"row {each.row}: action {each.action} stands there twice")
        seen.add(each.action)
    if problems:
        raise InputRejected(
            "The file was not taken in.", f"{_NOTHING}\n" + "\n".join(problems), "Correct these.", tuple(problems)
        )


def _said(task: Any, name: str) -> str:
    value = task.get(name)
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return "" if value is None else str(value)
