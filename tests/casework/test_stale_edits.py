"""Two people change the same thing: the second is told what changed, field by field, and nothing is lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kingshurst_tui import cli, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements import gates, standing_today
from kingshurst_tui.casework import (
    actions,
    agenda,
    consent_review,
    decision_shown,
    decisions,
    drafts,
    grounds,
    rulebook,
    triage,
)
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.errors import ExitCode, StaleRecord
from kingshurst_tui.granting import grants
from kingshurst_tui.keyholding import users
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.casework.conftest import CONSENT, PANEL, Town

FIELDS = {
    "lead_agency": "SCH",
    "why": "A housing officer sees them weekly",
    "why_not_first_contacted": "They were met once",
    "review_on": "2026-08-01",
    "review_trigger": "Any new incident",
}
MARKED = list(DISCUSSED)
OVERSIGHT = Reason(ReasonCode.OVERSIGHT)


def _stale(raised: pytest.ExceptionInfo[StaleRecord]) -> dict[str, tuple[str, str, str]]:
    return {each.name: (each.began, each.theirs, each.mine) for each in raised.value.fields}


def _sign(session: Session, who: str, version: int, **changed: str) -> decision_shown.DecisionShown:
    fields = {**FIELDS, **changed}
    return decisions.sign(session, who, fields, MARKED, version=version, reason=PANEL)


def test_a_decision_signed_meanwhile_is_told_with_what_it_was_begun_from(town: Town) -> None:
    who = town.open_person().pseudonym
    first = decisions.open_form(town.coordinator, who, PANEL)
    _sign(town.coordinator, who, first.version)
    mine, theirs = (decisions.open_form(each, who, PANEL) for each in (town.coordinator, town.practitioner))
    assert mine.version == theirs.version
    _sign(town.practitioner, who, theirs.version, why="The landlord moves them", why_superseded="They are being moved")
    with pytest.raises(StaleRecord) as stale:
        _sign(town.coordinator, who, mine.version, why="A nurse sees them daily")
    assert _stale(stale) == {
        "why": ("A housing officer sees them weekly", "The landlord moves them", "A nurse sees them daily"),
        "why_superseded": ("", "They are being moved", ""),
    }
    assert (stale.value.by, stale.value.over) == ("practitioner", mine.version + 1)
    over = stale.value.over
    assert isinstance(over, int)
    _sign(town.coordinator, who, over, why="A nurse sees them daily", why_superseded="She will be there longer")
    kept = {each.fields["why"]: each.status for each in decisions.listed(town.coordinator, PANEL)}
    assert kept["The landlord moves them"] == kept["A housing officer sees them weekly"] == "superseded"


def test_what_came_of_an_action_is_said_beside_what_was_said_before(town: Town) -> None:
    who = town.open_person().pseudonym
    due = date(2026, 5, 20)
    number = actions.add(town.coordinator, who, "Visit", owner_agency="SCH", due_on=due, reason=PANEL)
    actions.close(town.practitioner, number, done=False, because="no-resource", note="nobody free", reason=PANEL)
    with pytest.raises(StaleRecord) as stale:
        actions.close(town.coordinator, number, done=True, note="I went myself", reason=PANEL)
    assert _stale(stale) == {
        "outcome": ("open", "not done: there was no resource", "done"),
        "note": ("", "nobody free", "I went myself"),
    }
    actions.close(town.coordinator, number, done=True, note="I went myself", reason=PANEL, over=stale.value.over)
    with town.coordinator.act(Operation.CONSULT, Thing.ACTION, reason=PANEL) as act:
        (note,) = act.connection.exec_driver_sql("SELECT closing_note FROM open_action WHERE id = ?", (number,)).one()
    assert note == "I went myself\nBefore, by practitioner: not done: there was no resource: nobody free"


def test_a_triage_says_how_it_was_triaged_meanwhile(town: Town) -> None:
    row = next(row for row in agenda.open_agenda(town.coordinator).rows if row.is_open)
    why = "Housing deals with it alone"
    with town.demo.signed_in("coordinator") as elsewhere:
        triage.set_triage(elsewhere, row.pseudonym, "single-agency", why, version=row.version)
    with pytest.raises(StaleRecord) as stale:
        triage.set_triage(town.coordinator, row.pseudonym, "panel", version=row.version)
    assert _stale(stale)["triage"] == ("", "for a single agency", "for the panel")
    assert _stale(stale)["why"][1] == "Housing deals with it alone"
    assert isinstance(stale.value.over, int)
    triage.set_triage(town.coordinator, row.pseudonym, "panel", version=stale.value.over)


def test_a_ground_settled_by_somebody_else_says_so(town: Town) -> None:
    who = town.masked_adult().pseudonym
    why = "A child may be at risk tonight"
    ground = grounds.propose(town.coordinator, who, "safeguarding", why, date(2026, 6, 1), CONSENT)
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    for late in (grounds.confirm, grounds.refuse):
        with pytest.raises(StaleRecord) as stale:
            late(town.user("governance"), ground.number, CONSENT)
        assert (stale.value.by, stale.value.fields[0].theirs) == ("supervisor", "supervisor agreed")


def test_a_consent_settled_by_somebody_else_says_so(town: Town) -> None:
    person = town.masked_adult(sensitive=False)
    number = town.agreed(person.consent())
    with pytest.raises(StaleRecord, match="settled"):
        consent_review.settle(town.supervisor, number, None, "not here", CONSENT)


def test_who_suspends_a_second_time_stands_beside_the_first(town: Town) -> None:
    governance, supervisor = town.user("governance"), town.supervisor
    gates.suspend(governance, "SCH-TENANTS", "the lease ended", reason=OVERSIGHT)
    with pytest.raises(StaleRecord) as stale:
        gates.suspend(supervisor, "SCH-TENANTS", "a complaint", reason=OVERSIGHT)
    assert stale.value.fields[0].theirs == "suspended by governance: the lease ended"
    gates.suspend(supervisor, "SCH-TENANTS", "a complaint", reason=OVERSIGHT, over=stale.value.over)
    why = standing_today.show(governance, "SCH-TENANTS").row.status_why
    assert why == "suspended by governance: the lease ended; suspended by supervisor: a complaint"


def test_a_rule_edited_by_two_is_told_line_by_line(town: Town) -> None:
    governance, supervisor = town.user("governance"), town.supervisor
    document = json.loads(rulebook.show(governance, "repeat-contact").document)
    rulebook.edit(supervisor, {**document, "tell": "Ask the landlord first."})
    with pytest.raises(StaleRecord) as stale:
        rulebook.edit(governance, {**document, "tell": "Ask the school first."})
    assert _stale(stale) == {"tell": (document["tell"], "Ask the landlord first.", "Ask the school first.")}
    read = rulebook.rule_set(governance).version
    rulebook.edit(governance, {**document, "tell": "Ask the school first."}, over=stale.value.over)
    with pytest.raises(StaleRecord, match="not the one that you read"):
        rulebook.approve(supervisor, over=read)


def test_two_terminals_of_one_person_keep_both_drafts_until_they_choose(town: Town) -> None:
    who = town.open_person().pseudonym
    here = town.coordinator
    form = decisions.open_form(here, who, PANEL)
    with town.demo.signed_in("coordinator") as there:
        assert decisions.save_draft(here, form.profile_id, {"why": "From the office"}, [], form.version) == ()
        (other,) = decisions.save_draft(there, form.profile_id, {"why": "From the car"}, [], form.version)
        assert other.written["fields"] == {"why": "From the office"}
        both = decisions.open_form(there, who, PANEL)
        assert {each.written["fields"]["why"] for each in both.drafts} == {"From the office", "From the car"}
        begun, others = drafts.parted(both.drafts)
        assert len(begun) == len(others) == 1
        # What stood for both is let go of; what was written on meanwhile is not.
        decisions.save_draft(here, form.profile_id, {"why": "From the office, later"}, [], form.version)
        (kept,) = decisions.save_draft(there, form.profile_id, {"why": "Both"}, [], form.version, both.drafts)
        assert kept.written["fields"] == {"why": "From the office, later"}
        decisions.discard_draft(there, form.profile_id)
    assert decisions.open_form(here, who, PANEL).fields == {"why": "From the office, later"}


def test_a_terminal_that_was_killed_leaves_its_draft_to_the_next(town: Town) -> None:
    who = town.open_person().pseudonym
    form = decisions.open_form(town.coordinator, who, PANEL)
    decisions.save_draft(town.coordinator, form.profile_id, {"why": "Before the power went"}, [], form.version)
    with town.demo.signed_in("coordinator") as again:
        found = decisions.open_form(again, who, PANEL)
        assert found.fields == {"why": "Before the power went"}
        assert decisions.save_draft(again, form.profile_id, {"why": "After"}, [], form.version, found.drafts) == ()
        assert len(decisions.open_form(again, who, PANEL).drafts) == 1


@contextmanager
def _printed(capsys: pytest.CaptureFixture[str]) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}
    capsys.readouterr()
    yield found
    out, err = capsys.readouterr()
    found.update(json.loads(out) if out.startswith("{") else {})
    found["said"] = err


def test_the_command_line_lists_the_fields_and_goes_on_over_them(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["kingshurst"])
    passphrases = Path(town.demo.folder) / "passphrases"

    def run(user: str, *command: str) -> int:
        signed_in = ["--user", user, "--passphrase-file", str(passphrases / user), "--json"]
        return cli.main([*command[:2], str(town.demo.store), *command[2:], *signed_in])

    why = ("--reason", "a complaint")
    assert run("governance", "agreement", "suspend", "SCH-TENANTS", *why) == ExitCode.DONE
    with _printed(capsys) as found:
        assert run("supervisor", "agreement", "suspend", "SCH-TENANTS", *why) == ExitCode.REJECTED
    error = found["error"]
    assert error["code"] == "stale"
    assert [(each["title"], each["mine"]) for each in error["fields"]] == [("Why", "a complaint")]
    assert "--over" in found["said"]
    assert run("supervisor", "agreement", "suspend", "SCH-TENANTS", *why, "--over", error["over"]) == ExitCode.DONE


def test_the_command_line_goes_over_nobody_elses_triage_unseen(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["kingshurst"])
    town.demo.passphrases["second"] = words = "another lantern wet ferry hill"
    users.add_user(town.user("administrator"), "second", "Second", "KTP", Role.COORDINATOR, words)
    grants.confirm(town.user("governance"), "second")
    passphrases = Path(town.demo.folder) / "passphrases"
    (passphrases / "second").write_text(words)
    (passphrases / "second").chmod(0o600)
    row = next(row for row in agenda.open_agenda(town.coordinator).rows if row.is_open)
    triage.set_triage(
        town.coordinator, row.pseudonym, "not-now", "in hospital", until=town.demo.clock.today() + timedelta(days=30)
    )

    def run(user: str, *command: str) -> int:
        signed_in = ["--user", user, "--passphrase-file", str(passphrases / user), "--json"]
        place = ["agenda", str(town.demo.store), "--set", row.pseudonym, "--triage"]
        return cli.main([*place, *command, *signed_in])

    # The command line keeps the machine's own time; by then it would have come back, so the day is the town's.
    real = vaults.open_session
    clock = {"clock": town.demo.clock}
    monkeypatch.setattr(vaults, "open_session", lambda *args, **options: real(*args, **options | clock))
    with _printed(capsys) as found:
        assert run("second", "panel") == ExitCode.REJECTED
    error = found["error"]
    assert (error["code"], error["by"]) == ("stale", "coordinator")
    assert {each["name"]: (each["theirs"], each["mine"]) for each in error["fields"]} == {
        "triage": ("not now", "for the panel"),
        "why": ("in hospital", ""),
        "until": ("2026-06-03", ""),
    }
    assert "3 June 2026" in found["said"]
    with town.demo.signed_in("coordinator") as session:
        assert [each.triage for each in agenda.open_agenda(session).rows if each.pseudonym == row.pseudonym] == [
            "not-now"
        ]
    assert run("coordinator", "panel") == ExitCode.DONE, "one's own needs no asking"
    with _printed(capsys) as found:
        assert run("second", "untriaged") == ExitCode.REJECTED
    assert run("second", "untriaged", "--over", str(found["error"]["over"])) == ExitCode.DONE
