"""Actions, cases and referrals from the command line: the same rooms, one JSON object each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.casework.test_cases import HANDOVER, WHY, _decided

if TYPE_CHECKING:
    from tests.casework.conftest import Town


def test_an_action_from_asking_to_its_table_and_back(town: Town, line: Any, tmp_path: Path) -> None:
    store, who = str(town.demo.store), town.open_person().pseudonym
    words = ("--text", "Visit", "--sought", "They sleep at home", "--agency", "SCH", "--due", "2026-05-20")
    number = line("action", "add", store, who, *words)["action"]
    line("action", "accept", store, str(number), "--reference", "JOB-7", user="practitioner")
    line("action", "decline", store, str(number), "--why", WHY, code=4)
    line("action", "progress", store, str(number), "--note", "called twice", user="practitioner")
    [listed] = line("action", "list", store, user="practitioner")["actions"]
    assert (listed["number"], listed["owner_reference"], listed["due_on"]) == (number, "JOB-7", "2026-05-20")
    out = ("--agency", "SCH", "--for", "Nadia Example", "--why", "So that they plan their week.")
    [copy] = line("action", "export", store, str(tmp_path), *out)["copies"]
    assert Path(copy["file"]).read_bytes().startswith(b"\xef\xbb\xbf")
    reply = tmp_path / "reply.csv"
    reply.write_text(f"action,answer,because,words,evidence,your_reference\n{number},done,,,a photograph,\n")
    assert not line("action", "import", store, str(reply), "--check", user="practitioner")["kept"]
    assert line("action", "import", store, str(reply), user="practitioner")["changed"] == [number]
    shown = line("action", "show", store, str(number))
    assert [each["step"] for each in shown["steps"]] == ["accepted", "progress", "evidence", "done"]


def test_a_case_handed_over_and_restricted(town: Town, line: Any) -> None:
    store, who = str(town.demo.store), _decided(town, "EDU")
    line("case", "state", store, who, "reopened", "--why", "The panel asked us to begin.", code=4)
    line("case", "state", store, who, "monitoring", "--why", "Nothing is to be done for now.")
    words = ("--to", "SCH", "--why", WHY, "--handover", HANDOVER)
    number = line("case", "hand-over", store, who, *words)["handover"]
    [waiting] = line("case", "handovers", store, user="practitioner")["handovers"]
    assert waiting["number"] == number
    line("case", "take-over", store, str(number), user="practitioner")
    shown = line("case", "show", store, who)["case"]
    assert (shown["lead"]["agency"], shown["states"][0]["state"]) == ("SCH", "monitoring")
    line("case", "restrict", store, who, "--why", WHY)
    [masked] = line("case", "list", store, user="practitioner")["cases"]
    assert (masked["is_open"], masked["lead"], masked["states"][0]["why"]) == (False, None, "")
    line("case", "let-in", store, who, "practitioner", "--why", "They visit the person every week")
    line("case", "take-off", store, who, "practitioner")
    [restricted] = line("case", "restricted", store)["restricted"]
    assert [each["user_name"] for each in restricted["on_list"]] == ["coordinator"]
    line("case", "unrestrict", store, who, "--why", "The colleague has moved away.")


def test_a_referral_sent_reconciled_and_answered(town: Town, line: Any) -> None:
    store, person = str(town.demo.store), town.masked_adult()
    words = (
        "--to", "panel", "--forename", person.forename, "--surname", person.surname, "--date-of-birth", person.born,
        "--why", WHY, "--asked", "Somebody who talks to them.", "--person-knows", "told", "--urgency", "soon",
        "--lawful-basis", "Care Act 2014 s.42",
    )  # fmt: skip
    number = line("referral", "send", store, *words, user="practitioner")["referral"]
    [waiting] = line("referral", "waiting", store)["waiting"]
    assert person.pseudonym in {each["pseudonym"] for each in waiting["candidates"]}
    line("referral", "waiting", store, user="practitioner", code=3)
    line("referral", "settle", store, str(number), "--profile", person.pseudonym)
    line("referral", "accept", store, str(number), "--feedback-by", "2026-05-18")
    line("referral", "done", store, str(number), "--note", "The panel has asked housing to visit.")
    [listed] = line("referral", "list", store, user="practitioner")["referrals"]
    assert (listed["status"], listed["feedback"]) == ("done", "The panel has asked housing to visit.")
    assert person.pseudonym not in str(listed)
