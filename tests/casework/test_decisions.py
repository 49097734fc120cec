"""Decisions: nothing prefilled, everything asked, signed and never edited; actions that say why they were not done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from db import triggers
from db.store import administering
from db.vault import open_slot, read_header
from kingshurst_tui.casework import (
    actions,
    consent_receiving,
    consent_withdrawal,
    decision_shown,
    decisions,
    home,
    profile_records,
    profiles,
    triage,
)
from kingshurst_tui.casework.decision_form import DISCUSSED, Facts, problems
from kingshurst_tui.casework.in_lines import decision_lines
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord, StoreUnavailable
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS

if TYPE_CHECKING:
    from tests.casework.conftest import Town

FIELDS: dict[str, Any] = {
    "lead_agency": "SCH",
    "why": "They see the person every week.",
    "why_not_first_contacted": "They met the person once, two years ago.",
    "review_on": "2026-07-01",
    "review_trigger": "A move, or another fire.",
    "options": [{"option": "Housing leads", "for": "known to the person", "against": ""}],
    "dissent": "Fire would rather lead themselves.",
}
MARKED = [name for name in DISCUSSED if name not in FIELDS]


def _sign(town: Town, pseudonym: str, version: int | None = None, **changed: Any) -> decision_shown.DecisionShown:
    if version is None:
        version = decisions.open_form(town.coordinator, pseudonym, PANEL).version
    return decisions.sign(town.coordinator, pseudonym, {**FIELDS, **changed}, MARKED, version=version, reason=PANEL)


def test_a_form_begins_empty_and_proposes_no_agency(town: Town) -> None:
    form = decisions.open_form(town.coordinator, town.open_person().pseudonym, PANEL)
    assert form.fields == {}
    assert form.not_discussed == ()
    assert [code for code, _ in form.agencies] == sorted(code for code, _ in form.agencies)
    assert form.problems


def test_a_signed_decision_is_kept_word_for_word_under_its_signature(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    signed = _sign(town, pseudonym)
    assert signed.signature_holds
    assert signed.fields["dissent"] == FIELDS["dissent"]
    profile = profiles.open_profile(town.coordinator, pseudonym, PANEL)
    assert isinstance(profile, profile_records.Profile)
    assert [each.number for each in profile.decisions] == [signed.number]


def test_a_signed_decision_is_superseded_and_never_edited(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    first = _sign(town, pseudonym)
    second = _sign(town, pseudonym, why="Because the person asked for them.")
    kept = {each.number: each for each in decisions.listed(town.coordinator, PANEL)}
    assert kept[first.number].status == "superseded"
    assert kept[first.number].fields == first.fields
    assert second.supersedes == first.number
    with (
        pytest.raises(StoreUnavailable),
        town.coordinator.act(Operation.ALTER, Thing.DECISION, reason=PANEL) as act,
    ):
        act.connection.exec_driver_sql("UPDATE decision SET lead_agency = 'WMP' WHERE id = ?", (second.number,))
    assert decisions.listed(town.coordinator, PANEL)[0].lead_agency == "SCH"


@pytest.mark.parametrize("forged", ["its words", "its signer", "its words, signed by somebody else"])
def test_a_decision_altered_with_the_data_key_does_not_hold(town: Town, forged: str) -> None:
    signed = _sign(town, town.open_person().pseudonym)
    header = read_header(town.demo.store)
    _, another, store_keys = open_slot(header, "practitioner", town.demo.passphrases["practitioner"])
    with administering(town.demo.store, header.generation, store_keys.data) as connection, connection.begin():
        for name in triggers.names():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        document, signer, signature = connection.exec_driver_sql(
            "SELECT document, signed_by, signature FROM decision WHERE id = ?", (signed.number,)
        ).one()
        if "words" in forged:
            assert "every week" in document
            document = document.replace("every week", "every day")
        if "somebody else" in forged:
            signature = another.sign(document.encode())
        if "signer" in forged:
            assert signer != "supervisor"
            signer = "supervisor"
        connection.exec_driver_sql(
            "UPDATE decision SET document = ?, signed_by = ?, signature = ? WHERE id = ?",
            (document, signer, signature, signed.number),
        )
    (shown,) = decisions.listed(town.coordinator, PANEL)
    assert shown.number == signed.number
    assert not shown.signature_holds


def test_a_draft_survives_and_is_its_writers_alone(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    form = decisions.open_form(town.coordinator, pseudonym, PANEL)
    decisions.save_draft(town.coordinator, form.profile_id, {"why": "Half a thou"}, ["options"], form.version)
    again = decisions.open_form(town.coordinator, pseudonym, PANEL)
    assert (again.fields, again.not_discussed, again.stale) == ({"why": "Half a thou"}, ("options",), False)
    assert decisions.open_form(town.practitioner, pseudonym, PANEL).fields == {}
    _sign(town, pseudonym)
    assert decisions.open_form(town.coordinator, pseudonym, PANEL).fields == {}


def test_signing_over_an_older_sight_of_the_profile_is_stopped(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    form = decisions.open_form(town.coordinator, pseudonym, PANEL)
    decisions.save_draft(town.coordinator, form.profile_id, FIELDS, MARKED, form.version)
    actions.add(town.practitioner, pseudonym, "Visit", owner_agency="SCH", due_on=date(2026, 5, 20), reason=PANEL)
    assert decisions.open_form(town.coordinator, pseudonym, PANEL).stale
    with pytest.raises(StaleRecord):
        _sign(town, pseudonym, form.version)
    assert decisions.listed(town.coordinator, PANEL) == ()


def test_nobody_is_decided_about_while_masked(town: Town) -> None:
    pseudonym = town.masked_adult().pseudonym
    with pytest.raises(Refused):
        decisions.open_form(town.coordinator, pseudonym, PANEL)
    with pytest.raises(Refused):
        _sign(town, pseudonym, 1)
    with pytest.raises(Refused):
        actions.add(town.coordinator, pseudonym, "Visit", owner_agency="SCH", due_on=date(2026, 5, 20), reason=PANEL)


def test_decisions_go_behind_the_mask_with_the_profile_and_are_kept(town: Town) -> None:
    person = town.masked_adult(known=True)
    received = consent_receiving.add(town.practitioner, person.consent(), CONSENT)
    signed = _sign(town, person.pseudonym)
    withdrawn = consent_withdrawal.withdraw(town.practitioner, received.number, "asked to", CONSENT)
    assert ("decision", signed.number) in {(each.thing, each.number) for each in withdrawn.rested_on_it}
    assert decisions.listed(town.coordinator, PANEL) == ()
    consent_receiving.add(town.practitioner, person.consent(given_on="2026-05-02"), CONSENT)
    assert [each.number for each in decisions.listed(town.coordinator, PANEL)] == [signed.number]


def test_an_action_says_what_came_of_it(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    due = date(2026, 5, 20)
    number = actions.add(town.coordinator, pseudonym, "Visit", owner_agency="SCH", due_on=due, reason=PANEL)
    with pytest.raises(InputRejected):
        actions.close(town.practitioner, number, done=False, reason=PANEL)
    actions.close(town.practitioner, number, done=False, because="agency-did-not-act", reason=PANEL)
    with pytest.raises(StaleRecord) as stale:
        actions.close(town.practitioner, number, done=True, reason=PANEL)
    assert stale.value.fields[0].theirs == "not done: the agency did not act"
    profile = profiles.open_profile(town.coordinator, pseudonym, WORDS)
    assert isinstance(profile, profile_records.Profile)
    assert [(each.status, each.because) for each in profile.actions] == [("not-done", "agency-did-not-act")]


_TODAY = date(2026, 5, 4)
_AGENCIES = {"WMP": "police", "SCH": "housing", "NHS": "nhs"}
_FACTS = Facts(_AGENCIES, ("WMP",), frozenset({"violence", "noise"}), _TODAY)
_IN_CRISIS = Facts(_AGENCIES, ("WMP",), frozenset({"mental-health", "concern-for-safety"}), _TODAY)


@pytest.mark.parametrize(
    ("changed", "marked", "facts", "said"),
    [
        ({"lead_agency": ""}, MARKED, _FACTS, "not chosen"),
        ({"lead_agency": "MI5"}, MARKED, _FACTS, "no partner agency"),
        ({"why": " "}, MARKED, _FACTS, "Why this agency: is missing"),
        ({"why_not_first_contacted": ""}, MARKED, _FACTS, "(WMP): is missing"),
        ({"review_on": "2026-05-04"}, MARKED, _FACTS, "after today"),
        ({"review_on": "soon"}, MARKED, _FACTS, "not a date"),
        ({"review_trigger": ""}, MARKED, _FACTS, "bring the review forward: is missing"),
        ({"dissent": ""}, MARKED, _FACTS, "mark it as not discussed"),
        ({}, [*MARKED, "dissent"], _FACTS, "filled in and marked"),
        ({}, [*MARKED, "why"], _FACTS, "cannot be marked"),
        ({"options": "both"}, MARKED, _FACTS, "is not a list"),
        ({"score": "7"}, MARKED, _FACTS, "no field of a decision"),
        ({"lead_agency": "WMP", "why_not_first_contacted": ""}, MARKED, _IN_CRISIS, "mental health alone"),
    ],
)
def test_what_stands_in_the_way_of_signing_is_said(
    changed: dict[str, Any], marked: list[str], facts: Facts, said: str
) -> None:
    assert any(said in problem for problem in problems({**FIELDS, **changed}, marked, facts))


def test_police_lead_on_mental_health_alone_only_with_a_health_member_and_a_reason() -> None:
    fields = {**FIELDS, "lead_agency": "WMP"}
    assert problems(fields, MARKED, _FACTS) == []
    assert len(problems(fields, MARKED, _IN_CRISIS)) == 2
    fields |= {"health_member": "The crisis team's nurse", "police_lead_why": "The person asked for the officer."}
    assert problems(fields, MARKED, _IN_CRISIS) == []
    assert problems({**FIELDS, "lead_agency": "SCH"}, MARKED, _IN_CRISIS) == []


def test_the_same_words_are_asked_whichever_agency_leads(town: Town) -> None:
    who = town.open_person().pseudonym
    for user, unseen in ((town.coordinator, False), (town.practitioner, True)):
        form = decisions.open_form(user, who, PANEL)
        for lead in (form.first_contacted[0], "EDU"):
            fields = {**FIELDS, "lead_agency": lead, "why_not_first_contacted": ""}
            fields |= {"health_member": "A nurse", "police_lead_why": "Asked for"} if form.police_lead_stopped else {}
            with pytest.raises(InputRejected) as rejected:
                decisions.sign(user, who, fields, MARKED, version=form.version, reason=PANEL)
            (problem,) = rejected.value.problems
            assert "why it and not another" in problem
            assert ("who was first is unknown without" in problem) == unseen
            assert ("(NHS)" in problem) == unseen


def _written(form: decisions.Form, **more: str) -> dict[str, Any]:
    police = {"health_member": "A nurse", "police_lead_why": "Asked for"} if form.police_lead_stopped else {}
    return {**FIELDS, **police, **more}


def test_superseding_somebody_elses_decision_needs_a_reason_and_is_told_until_it_is_seen(town: Town) -> None:
    who = town.open_person().pseudonym
    form = decisions.open_form(town.coordinator, who, PANEL)
    triage.set_triage(town.coordinator, who, "panel")
    panels = decisions.sign(town.coordinator, who, _written(form), MARKED, version=form.version, reason=PANEL)
    form = decisions.open_form(town.practitioner, who, PANEL)
    assert form.supersedes == "coordinator"
    for why in ("", "changed"):
        fields = _written(form, lead_agency="EDU", why_superseded=why)
        with pytest.raises(InputRejected) as rejected:
            decisions.sign(town.practitioner, who, fields, MARKED, version=form.version, reason=PANEL)
        assert [problem for problem in rejected.value.problems if "no longer holds (coordinator)" in problem]
    fields = _written(form, lead_agency="EDU", why_superseded="The person has moved to another school")
    decisions.sign(town.practitioner, who, fields, MARKED, version=form.version, reason=PANEL)

    def told(role: str) -> list[str]:
        sections = {section.code: section for section in home.what_waits(town.user(role))}
        return [item.words for item in sections["told"].items]

    [words] = told("coordinator")
    assert f"practitioner superseded the decision that stood, number {panels.number}" in words
    assert told("practitioner") == told("supervisor") == []
    profiles.open_profile(town.coordinator, who, WORDS)
    assert told("coordinator") == []
    # One's own decision is one's own to supersede.
    form = decisions.open_form(town.practitioner, who, PANEL)
    assert form.supersedes == ""
    decisions.sign(town.practitioner, who, _written(form), MARKED, version=form.version, reason=PANEL)


def test_an_agency_that_chooses_itself_without_the_panel_is_said_and_listed_for_supervisors(town: Town) -> None:
    who = town.open_person().pseudonym
    form = decisions.open_form(town.practitioner, who, PANEL)
    fields = _written(form, lead_agency="SCH")
    signed = decisions.sign(town.practitioner, who, fields, MARKED, version=form.version, reason=PANEL)
    assert "had not been triaged for the panel" in signed.remarks[0]
    assert any("had not been triaged" in line for line in decision_lines(signed))
    sections = {section.code: section for section in home.what_waits(town.supervisor)}
    [item] = sections["told"].items
    assert f"practitioner made their own agency lead, in decision {signed.number}" in item.words
    triage.set_triage(town.coordinator, who, "panel")
    form = decisions.open_form(town.practitioner, who, PANEL)
    fields = _written(form, lead_agency="SCH")
    signed = decisions.sign(town.practitioner, who, fields, MARKED, version=form.version, reason=PANEL)
    assert signed.remarks == ()


def test_who_was_contacted_first_says_what_the_reader_may_not_see(town: Town) -> None:
    pseudonym = town.open_person().pseudonym
    partnership = decisions.open_form(town.coordinator, pseudonym, PANEL)
    housing = decisions.open_form(town.practitioner, pseudonym, PANEL)
    hidden = [gap for gap in housing.first_unknown if "not shared with your agency" in gap]
    assert any("(NHS)" in gap for gap in hidden)
    assert not any("(NHS)" in gap and "not shared" in gap for gap in partnership.first_unknown)
